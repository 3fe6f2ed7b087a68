/** Resource indicators: which are sound, and when two are the same. */
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Resource, Resources, includesResource, isResourceSubset, isSameResources } from "../../src/core/index.ts"
import { resources } from "./support/Facts.ts"

const one = (uri: string) => Resource.make(uri)

describe("a resource", () => {
  it.each([
    "https://files.example",
    "https://files.example/mcp?tenant=1",
    "http://localhost:8080/mcp",
    "http://a/mcp",
    "HTTPS://FILES.example/mcp",
    "https://files.example/@alice/mcp",
    "https://files.example?user=alice@files.example",
    "urn:example:files",
    "urn:example:alice@files",
  ])("is an absolute URI: %s", (uri) => {
    expect(Schema.is(Resource)(uri)).toBe(true)
  })

  it.each([
    "",
    "/mcp",
    "files.example/mcp",
    "//files.example/mcp",
    "https://files.example/#x",
    "https://files.example/#",
    "https://files.example/a b",
    "https://",
    "https://files.example:99999",
    "https:",
    "urn:",
    "http:files.example",
    "https:/files.example",
    `https://files.example/${"a".repeat(2048)}`,
  ])("is not relative, ill-formed or too long, and has no fragment: %s", (uri) => {
    expect(Schema.is(Resource)(uri)).toBe(false)
  })

  it.each([
    "https://alice@files.example/mcp",
    "https://alice:word@files.example/mcp",
    "https://alice:@files.example",
    "https://:word@files.example?x",
    "https://@files.example/mcp",
    "https://files.example@evil.example/mcp",
    "HTTP://alice@localhost:8080",
    "mcp://alice@files.example",
    "mcp://:word@files.example",
  ])("has no user information: %s", (uri) => {
    expect(Schema.is(Resource)(uri)).toBe(false)
  })

  it("stands in a list of at most 16", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `https://files.example/${index}`)
    expect(Schema.is(Resources)(many(16))).toBe(true)
    expect(Schema.is(Resources)(many(17))).toBe(false)
  })

  it.each([
    ["https://files.example/mcp", "HTTPS://Files.Example/mcp"],
    ["https://files.example", "https://files.example/"],
    ["http://localhost:8080", "http://LOCALHOST:8080/"],
    ["urn:example:files", "URN:example:files"],
  ])("is the same in another case of scheme and host, or with the lone slash: %s, %s", (left, right) => {
    expect(isSameResources([one(left)], [one(right)])).toBe(true)
    expect(includesResource([one(left)], one(right))).toBe(true)
    expect(includesResource([one(right)], one(left))).toBe(true)
  })

  it.each([
    ["https://files.example/mcp", "https://files.example/MCP"],
    ["https://files.example/mcp", "https://files.example/mcp/"],
    ["https://files.example/mcp", "https://files.example"],
    ["https://files.example", "https://files.example/mcp"],
    ["https://files.example", "https://files.example.evil.example"],
    ["https://files.example", "http://files.example"],
    ["https://files.example", "https://files.example:444"],
    ["https://files.example?x", "https://files.example?X"],
    ["urn:example:files", "urn:example:FILES"],
  ])("is another one in any other respect: %s, %s", (left, right) => {
    expect(isSameResources([one(left)], [one(right)])).toBe(false)
    expect(includesResource([one(left)], one(right))).toBe(false)
  })
})

describe("resources", () => {
  it("are compared as sets", () => {
    const both = resources("https://a.example", "https://b.example")
    expect(isSameResources(both, resources("https://b.example", "https://a.example/"))).toBe(true)
    expect(isSameResources(both, resources("https://a.example", "https://a.example/"))).toBe(false)
    expect(isResourceSubset(resources("https://a.example"), both)).toBe(true)
    expect(isResourceSubset(both, resources("https://a.example"))).toBe(false)
    expect(isResourceSubset([], both)).toBe(true)
  })
})
