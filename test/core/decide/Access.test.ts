/** What an access token may be for: one key for one subset, and nothing that was not granted. */
import { expect, it } from "vitest"
import { accessKey, narrowed } from "../../../src/core/index.ts"
import { FILES, MAIL, resources, scopes } from "../support/Facts.ts"

const granted = { scopes: scopes("read write"), resources: resources(FILES, MAIL) }
const all = { scopes: null, resources: null }

it("who asks for nothing in particular gets all that was granted, in its order", () => {
  expect(narrowed(granted, all)).toEqual(granted)
  expect(narrowed(granted, { scopes: scopes("write read"), resources: resources(MAIL, FILES) })).toEqual(granted)
})

it("who names an empty list names nothing, and gets all that was granted", () => {
  expect(narrowed(granted, { scopes: [], resources: [] })).toEqual(granted)
  expect(narrowed(granted, { scopes: [], resources: resources(FILES) })).toEqual({
    ...granted,
    resources: resources(FILES),
  })
  expect(narrowed(granted, { scopes: scopes("read read"), resources: [] })).toEqual({
    ...granted,
    scopes: scopes("read"),
  })
})

it("what was not granted is refused", () => {
  expect(narrowed(granted, { ...all, scopes: scopes("admin") })).toMatchObject({ reason: "scope-exceeds-grant" })
  expect(narrowed(granted, { ...all, resources: resources("https://x.example") })).toMatchObject({
    reason: "resource-exceeds-grant",
  })
})

it("an origin stands for the only resource that was granted there", () => {
  const asked = (...uris: ReadonlyArray<string>) => narrowed(granted, { ...all, resources: resources(...uris) })
  expect(asked("https://files.example")).toEqual({ ...granted, resources: resources(FILES) })
  expect(asked("https://MAIL.example/", FILES)).toEqual(granted)
  const two = { ...granted, resources: resources(FILES, "https://files.example/other") }
  for (const one of ["https://files.example", "https://files.example/"]) {
    expect(narrowed(two, { ...all, resources: resources(one) })).toMatchObject({ reason: "resource-exceeds-grant" })
  }
})

it("one subset has one key, in whatever order, case or form it is asked for", () => {
  const key = accessKey(granted)
  expect(accessKey({ scopes: scopes("write read"), resources: resources(MAIL, FILES) })).toBe(key)
  expect(accessKey({ ...granted, resources: resources("HTTPS://FILES.example/mcp", MAIL) })).toBe(key)
})

it("different subsets have different keys, wherever the words stand", () => {
  const keys = [
    granted,
    { scopes: scopes("read"), resources: resources(FILES, MAIL) },
    { scopes: scopes("read write"), resources: resources(FILES) },
    { scopes: [], resources: [] },
    { scopes: scopes("readwrite"), resources: resources(FILES, MAIL) },
    { scopes: scopes(FILES), resources: [] },
    { scopes: [], resources: resources(FILES) },
  ].map(accessKey)
  expect(new Set(keys).size).toBe(keys.length)
})
