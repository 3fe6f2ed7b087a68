/** The rule of resources here is the one that grants are made by: the two are written twice and must not drift apart. */
import { expect, test } from "vitest"
import { includesResource, type Resource } from "../../src/core/index.ts"
import { isMeantFor } from "../../src/resource/index.ts"

const spellings = [
  "https://api.example.com",
  "https://api.example.com/",
  "HTTPS://API.example.com",
  "https://api.example.com/mcp",
  "https://api.example.com/MCP",
  "https://api.example.com/mcp/",
  "https://api.example.com:443/mcp",
  "https://api.example.com/mcp?v=1",
  "https://api.example.com/?v=1",
  "https://api.example.com?v=1",
  "https://api.example.com/m%63p",
  "https://other.example.com/mcp",
  "http://localhost:9999/mcp",
  "http://LOCALHOST:9999/mcp",
  "urn:example:notes",
  "URN:example:notes",
  "urn:example:Notes",
]

test("two resources are the same to a resource server exactly if they are to the grants", () => {
  const pairs = spellings.flatMap((left) => spellings.map((right) => [left, right] as const))
  const same = pairs.filter(([left, right]) => isMeantFor([left], right))
  expect(same).toEqual(pairs.filter(([left, right]) => includesResource([left as Resource], right as Resource)))
  expect(same.length).toBeGreaterThan(spellings.length)
  expect(same.length).toBeLessThan(pairs.length)
})

test("a token for several resources is meant for each of them, and one for none is meant for none", () => {
  const resource = "https://api.example.com/mcp"
  expect(isMeantFor(["https://other.example.com", resource], resource)).toBe(true)
  expect(isMeantFor([], resource)).toBe(false)
  expect(isMeantFor([""], resource)).toBe(false)
})

test("an audience that is no URI is compared as it is", () => {
  expect(isMeantFor(["my-api"], "my-api")).toBe(true)
  expect(isMeantFor(["my-api"], "My-api")).toBe(false)
  expect(isMeantFor(["my-api"], "another-api")).toBe(false)
  expect(isMeantFor(["not https://api.example.com/mcp"], "https://api.example.com/mcp")).toBe(false)
})
