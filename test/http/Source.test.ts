/** Whose word on the source of a request is taken. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { nodeListener } from "../../src/http/index.ts"
import { sourceGroup, sourceResolver } from "../../src/http/Source.ts"
import { serverOver } from "../support/TestServer.ts"

const behindOne = sourceResolver(["10.0.0.0/8", "::1"])

test.each([
  ["no header", "10.1.1.1", undefined, "10.1.1.1"],
  ["one hop", "10.1.1.1", "192.0.2.7", "192.0.2.7"],
  ["two trusted hops", "10.1.1.1", "192.0.2.7, 10.2.2.2", "192.0.2.7"],
  ["an address planted in front", "10.1.1.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"],
  ["a mapped peer", "::ffff:10.1.1.1", "192.0.2.7", "192.0.2.7"],
  ["an IPv6 peer", "::1", "2001:db8::7", "2001:db8::7"],
  ["only trusted hops", "10.1.1.1", "10.3.3.3", "10.3.3.3"],
  ["no address", "10.1.1.1", "unknown", "10.1.1.1"],
  ["an address in octal", "10.1.1.1", "012.1.1.1", "10.1.1.1"],
  ["a peer without an address, such as a socket in the file system", "", "192.0.2.7", ""],
])("behind a trusted proxy the source is the first address that is none of it: %s", (_, peer, header, source) => {
  expect(behindOne(peer, header)).toBe(source)
})

//= RFC9700-4.13-proxy-headers
//= A52
test("from anybody else the header changes nothing", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.string(), (peer, header) => {
      fc.pre(!peer.startsWith("10."))
      expect(behindOne(peer, header)).toBe(peer)
      expect(sourceResolver([])("10.1.1.1", header)).toBe("10.1.1.1")
    }),
  )
})

test("a network that is none is refused with a sentence", () => {
  expect(() => sourceResolver(["everybody"])).toThrow("`everybody`")
})

test("one subscriber is one source, whichever of their addresses they use", () => {
  expect(sourceGroup("2001:db8:1:2:3:4:5:6")).toBe(sourceGroup("2001:db8:1:2:ffff::1"))
  expect(sourceGroup("2001:db8:1:2::1")).not.toBe(sourceGroup("2001:db8:1:3::1"))
  expect(sourceGroup("2001:db8:1:23::1")).not.toBe(sourceGroup("2001:db8:12:3::1"))
  expect(sourceGroup("::ffff:192.0.2.1")).toBe("192.0.2.1")
  expect(sourceGroup("")).toBe("")
})

test("the listener takes the word of the proxies it was told of, and of nobody else", async () => {
  const { native } = await serverOver()
  const limits = { registrationsPerMinute: 1, failedAuthenticationsPerMinute: 1, loginsPerMinute: 1 }
  const statuses = async (trustedProxies: ReadonlyArray<string>) => {
    const http = createServer(nodeListener(native, { limits, trustedProxies }))
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void http.close())
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/register`
    const register = async (source: string) => {
      const headers = { "content-type": "application/json", "x-forwarded-for": source }
      const body = JSON.stringify({ redirect_uris: ["http://127.0.0.1/"] })
      return (await fetch(url, { method: "POST", headers, body })).status
    }
    return [await register("192.0.2.1"), await register("192.0.2.2")]
  }
  expect(await statuses(["127.0.0.1"])).toEqual([201, 201])
  expect(await statuses([])).toEqual([201, 429])
})
