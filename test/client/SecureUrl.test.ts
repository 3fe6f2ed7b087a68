/** Where secrets may travel. */
import { expect, test } from "vitest"
import { isSecure, secureUrl } from "../../src/client/SecureUrl.ts"

test.each([
  ["http://localhost/", true],
  ["http://127.0.0.1/", true],
  ["http://127.10.200.30:80/", true],
  ["http://[::1]/", true],
  ["http://127.0.0.1.example.com/", false],
  ["http://localhost.example.com/", false],
  ["http://128.0.0.1/", false],
  ["http://[::2]/", false],
])("%s is this machine: %s", (address, isHere) => {
  expect(isSecure(new URL(address))).toBe(isHere)
})

test.each(["ftp://localhost/", "ws://127.0.0.1/", "custom://localhost/"])("nothing secret goes to %s", (address) => {
  expect(isSecure(new URL(address))).toBe(false)
})

test.each(["https://user@a.example/", "https://:password@a.example/", "https://a.example/#a", "a.example"])(
  "%s is no address to send something to",
  (address) => {
    expect(secureUrl(address)).toBeUndefined()
  },
)
