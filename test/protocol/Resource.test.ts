/** Resource indicators: which are sound, and when two are the same. */
import { describe, expect, it } from "vitest"
import {
  distinctResources,
  includesResource,
  isOrigin,
  isResource,
  isResourceSubset,
  isSameResources,
  resourceMeant,
} from "../../src/protocol/index.ts"

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
    expect(isResource(uri)).toBe(true)
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
    expect(isResource(uri)).toBe(false)
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
    expect(isResource(uri)).toBe(false)
  })

  it.each([
    ["https://files.example/mcp", "HTTPS://Files.Example/mcp"],
    ["https://files.example", "https://files.example/"],
    ["http://localhost:8080", "http://LOCALHOST:8080/"],
    ["urn:example:files", "URN:example:files"],
  ])("is the same in another case of scheme and host, or with the lone slash: %s, %s", (left, right) => {
    expect(isSameResources([left], [right])).toBe(true)
    expect(includesResource([left], right)).toBe(true)
    expect(includesResource([right], left)).toBe(true)
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
    expect(isSameResources([left], [right])).toBe(false)
    expect(includesResource([left], right)).toBe(false)
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
    const all = ["https://a.example", "https://b.example", "https://A.example/", "https://b.example"]
    expect(distinctResources(all)).toEqual(["https://a.example", "https://b.example"])
  })

  it("are compared as sets", () => {
    const both = ["https://a.example", "https://b.example"]
    expect(isSameResources(both, ["https://b.example", "https://a.example/"])).toBe(true)
    expect(isSameResources(both, ["https://a.example", "https://a.example/"])).toBe(false)
    expect(isResourceSubset(["https://a.example"], both)).toBe(true)
    expect(isResourceSubset(both, ["https://a.example"])).toBe(false)
    expect(isResourceSubset([], both)).toBe(true)
  })

  it("include what is meant for one of several, nothing for none, and what is no URI as it is spelled", () => {
    const resource = "https://api.example.com/mcp"
    expect(includesResource(["https://other.example.com", resource], resource)).toBe(true)
    expect(includesResource([], resource)).toBe(false)
    expect(includesResource([""], resource)).toBe(false)
    expect(includesResource(["my-api"], "my-api")).toBe(true)
    expect(includesResource(["my-api"], "My-api")).toBe(false)
    expect(includesResource(["my-api"], "another-api")).toBe(false)
    expect(includesResource([`not ${resource}`], resource)).toBe(false)
  })
})
