/** Where secrets may travel, and how a well-known location is made of an address. */
import { expect, test } from "vitest"
import { insertedWellKnown, isLoopback, isSecure, pathOf, secureUrl } from "../../src/client/Endpoint.ts"

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
  expect(isLoopback(new URL(address))).toBe(isHere)
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

test.each([
  ["https://a.example", "", "https://a.example/.well-known/x"],
  ["https://a.example/", "", "https://a.example/.well-known/x"],
  ["https://a.example/b", "/b", "https://a.example/.well-known/x/b"],
  ["https://a.example/b/", "/b", "https://a.example/.well-known/x/b"],
  ["https://a.example/b/c?d=e", "/b/c", "https://a.example/.well-known/x/b/c?d=e"],
])("the path of %s is `%s`, and the well-known segment goes before it", (address, path, place) => {
  expect(pathOf(new URL(address))).toBe(path)
  expect(insertedWellKnown(new URL(address), "x")).toBe(place)
})
