/** Which hosts are public, which lie in a private network, and which are this machine, however they are written. */
import { expect, test } from "vitest"
import { kindOfHost } from "../../src/outbound/index.ts"

/** As a URL has it: the parser makes one of all forms of IPv4. */
const kindOf = (host: string) => kindOfHost(new URL(`http://${host}/`).hostname)

test.each([
  ...["localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.localhost.", "127.0.0.1", "127.255.255.254", "127.1"],
  ...["0x7f000001", "0177.0.0.1", "2130706433", "127.0.0.1.", "0", "0.0.0.0", "0.1.2.3", "[::]", "[::1]"],
  ...["[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]"],
  ...["[2002:7f00:1::]", "[2001::1]", "169.254.169.254", "[fe80::1]", "[fec0::1]", "[::ffff:169.254.169.254]"],
  ...["224.0.0.1", "[ff02::1]", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "[2001:db8::1]"],
])("%s counts as this machine", (host) => {
  expect(kindOf(host)).toBe("local")
})

test.each([
  ...["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"],
  ...["[fc00::1]", "[fdff::1]", "[::10.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]"],
])("%s lies in a private network", (host) => {
  expect(kindOf(host)).toBe("private")
})

test.each([
  ...["8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "128.0.0.1", "[2606:4700::1111]"],
  ...["[::8.8.8.8]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]"],
])("%s is public", (host) => {
  expect(kindOf(host)).toBe("public")
})

test.each(["example.com", "notlocalhost", "localhost.example.com", "127.0.0.1.example.com", "1.2.3.4.com"])(
  "%s is a name, and has to be resolved",
  (host) => {
    expect(kindOf(host)).toBeUndefined()
  },
)
