/** What is written into `WWW-Authenticate`, what other servers write there, and what is read from it. */
import { expect, test } from "vitest"
import { bearerChallenge, formatChallenge } from "../../src/protocol/index.ts"

test.each([
  [null, undefined],
  ["", undefined],
  ["Basic", undefined],
  ['Basic realm="x"', undefined],
  ["Bearer", {}],
  ["bearer", {}],
  ['Bearer scope="read write"', { scopes: ["read", "write"] }],
  ['Bearer scope=""', {}],
  ["Bearer error=invalid_token", { error: "invalid_token" }],
  ['Bearer realm="a, Basic b", scope="read"', { scopes: ["read"] }],
  ['Basic realm="x", Bearer scope="read"', { scopes: ["read"] }],
  ['Negotiate abc==, Bearer error="insufficient_scope", scope="w"', { error: "insufficient_scope", scopes: ["w"] }],
  ['Bearer scope="a", Basic scope="b"', { scopes: ["a"] }],
  ['Bearer scope="a", scope="b"', { scopes: ["a"] }],
  ['Bearer SCOPE = "a"', { scopes: ["a"] }],
  ['Bearer error="say \\"no\\""', { error: 'say "no"' }],
  [
    'Bearer resource_metadata="https://mcp.example/.well-known/oauth-protected-resource?a=1,2", error="invalid_token"',
    {
      error: "invalid_token",
      resourceMetadata: "https://mcp.example/.well-known/oauth-protected-resource?a=1,2",
    },
  ],
  ["Bearer resource_metadata=https://mcp.example/x", { resourceMetadata: "https://mcp.example/x" }],
  [
    'Bearer error="invalid_token" resource_metadata="https://mcp.example/x"',
    { error: "invalid_token", resourceMetadata: "https://mcp.example/x" },
  ],
  [
    'Bearer error="invalid_token"; resource_metadata="https://mcp.example/x"; scope="a b"',
    { error: "invalid_token", resourceMetadata: "https://mcp.example/x", scopes: ["a", "b"] },
  ],
  [
    "Bearer resource_metadata=https://mcp.example/x scope=a",
    { resourceMetadata: "https://mcp.example/x", scopes: ["a"] },
  ],
  [
    "Bearer resource_metadata='https://mcp.example/x', scope=a",
    { resourceMetadata: "'https://mcp.example/x'", scopes: ["a"] },
  ],
  [
    'Bearer resource_metadata="https://mcp.example/x, scope="a"',
    { resourceMetadata: '"https://mcp.example/x', scopes: ["a"] },
  ],
  ["Bearer resource_metadata=/x", { resourceMetadata: "/x" }],
  ['Bearer resource_metadata="\\"https://mcp.example/x\\""', { resourceMetadata: '"https://mcp.example/x"' }],
  ['Bearer scope="a" Basic realm="b"', {}],
  ['Bearer scope="  a   b  "', { scopes: ["a", "b"] }],
  ['Negotiate ab/c+d, Bearer scope="a"', { scopes: ["a"] }],
  ['Negotiate   ab/c+d, Bearer scope="a"', { scopes: ["a"] }],
  ['Negotiate bearer, Basic realm="x"', undefined],
] as const)("%s", (header, challenge) => {
  expect(bearerChallenge(header)).toStrictEqual(challenge)
})

test("of a header longer than any that Node reads, the rest is not read", () => {
  const header = (length: number) => `Basic realm="${"x".repeat(length)}", Bearer scope="a"`
  const fits = 16_384 - header(0).length
  expect(bearerChallenge(header(fits))).toEqual({ scopes: ["a"] })
  expect(bearerChallenge(header(16_384))).toBeUndefined()
})

test("any text is read to an end", () => {
  for (const text of [
    ",,,",
    "=",
    '"',
    'Bearer "',
    "Bearer =",
    "Bearer a",
    "Bearer a b c, d",
    `Bearer ${"a=b,".repeat(5000)}`,
  ]) {
    expect(() => bearerChallenge(text)).not.toThrow()
  }
})

test("a challenge names where the metadata is, every scope, and what is wrong, and reads as what was written", () => {
  const resourceMetadata = "https://mcp.example/.well-known/oauth-protected-resource?a=1,2"
  const challenge = { resourceMetadata, scopes: ["read", "write"], error: 'say "no" \\ never' }
  const header = formatChallenge({ ...challenge, description: "ask again" })
  expect(header).toBe(
    `Bearer resource_metadata="${resourceMetadata}", scope="read write", error="say \\"no\\" \\\\ never", error_description="ask again"`,
  )
  expect(bearerChallenge(header)).toStrictEqual(challenge)
  expect(formatChallenge({ resourceMetadata: "https://a.example/", scopes: [] })).toBe(
    'Bearer resource_metadata="https://a.example/"',
  )
})
