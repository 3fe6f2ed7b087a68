/** Resource indicators: which are sound, and when two are the same. */
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import {
  Resource,
  Resources,
  distinctResources,
  includesResource,
  isOrigin,
  isResourceSubset,
  isSameResources,
  resourceMeant,
} from "../../src/core/index.ts"
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

describe("a resource that is asked for", () => {
  const known = [
    "https://files.example/mcp",
    "https://mail.example:8443/mcp",
    "https://a.example/1",
    "https://a.example/2",
  ]

  it.each([
    ["https://files.example/mcp", known[0]],
    ["HTTPS://files.example/mcp", known[0]],
    ["https://files.example", known[0]],
    ["https://FILES.example/", known[0]],
    ["https://files.example:443", known[0]],
    ["https://mail.example:8443/", known[1]],
    ["https://mail.example", undefined],
    ["http://files.example", undefined],
    ["https://files.example/m", undefined],
    ["https://files.example?", undefined],
    ["https://files.example/?", undefined],
    ["https://a.example", undefined],
    ["https://b.example", undefined],
    ["https://files.example:99999", undefined],
    ["urn:example:files", undefined],
  ])("by %s is meant %s", (asked, meant) => {
    expect(resourceMeant(asked, known)).toBe(meant)
  })

  it("is itself before it is an origin, and what is no URI has none", () => {
    expect(resourceMeant("https://files.example/", ["https://files.example/mcp", "https://files.example"])).toBe(
      "https://files.example",
    )
    expect(resourceMeant("https://files.example:99999", ["no uri"])).toBeUndefined()
    expect(resourceMeant("https://files.example", ["no uri", "urn:files", known[0]!])).toBe(known[0])
  })

  it.each([
    ["https://a.example", true],
    ["HTTP://a.example:1/", true],
    ["https:///", false],
    ["https://a.example/x", false],
    ["https://a.example?", false],
    ["https://a.example#", false],
    ["mcp://a.example", false],
    ["x https://a.example", false],
  ])("is an origin or not: %s, %s", (uri, isOne) => {
    expect(isOrigin(uri)).toBe(isOne)
  })
})

describe("resources", () => {
  it("that are spelled in two ways are one, as it was spelled first", () => {
    const all = resources("https://a.example", "https://b.example", "https://A.example/", "https://b.example")
    expect(distinctResources(all)).toEqual(["https://a.example", "https://b.example"])
  })

  it("are compared as sets", () => {
    const both = resources("https://a.example", "https://b.example")
    expect(isSameResources(both, resources("https://b.example", "https://a.example/"))).toBe(true)
    expect(isSameResources(both, resources("https://a.example", "https://a.example/"))).toBe(false)
    expect(isResourceSubset(resources("https://a.example"), both)).toBe(true)
    expect(isResourceSubset(both, resources("https://a.example"))).toBe(false)
    expect(isResourceSubset([], both)).toBe(true)
  })
})
