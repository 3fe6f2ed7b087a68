/** How a well-known location is made of an address. */
import { expect, test } from "vitest"
import { insertedWellKnown, pathOf } from "../../../src/client/discovery/WellKnownUri.ts"

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
