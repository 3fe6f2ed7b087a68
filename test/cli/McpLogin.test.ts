/** What the client tells a program in the words of its options, the command tells in the words of its flags. */
import { expect, test } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"
import { inFlags, optionFlags } from "../../src/cli/McpLogin.ts"

/** An option that the command never sets, so that no message tells of it there. */
const NEVER_SET = ["additionalClientMetadata"]

test("every option that a message of the client names as a way out has a flag in the command", () => {
  const sources = sourceTexts("src/client").map(({ text }) => text)
  const [, known = ""] = /const KNOWN[^[]*\[([^\]]*)\]/.exec(sources.join("\n"))!
  const options = [...known.matchAll(/"(\w+)"/g)].map(([, name]) => name!)
  // In a message, an option stands between escaped backquotes.
  const named = options.filter((name) => sources.some((text) => text.includes(`\\\`${name}\\\``)))
  expect(named).toEqual(expect.arrayContaining(["clientId", "clientIssuer", "endpointOrigins", "callbackPort"]))
  expect(named.filter((name) => !(name in optionFlags))).toEqual(NEVER_SET.filter((name) => named.includes(name)))
})

test.each([
  ["add `https://a` to `endpointOrigins`", "add `https://a` to `--endpoint-origins`"],
  ["give `clientId` or `clientIssuer`", "give `--client-id` or `--client-issuer`"],
  ["leave out `callbackPort`", "leave out `--callback-port`"],
  ["OAuth: endpointOrigins has `x`", "--endpoint-origins has `x`"],
  ["OAuth: callbackPort `0` is no port", "--callback-port `0` is no port"],
  ["OAuth: mcpUrl `x` is no https address", "OAuth: mcpUrl `x` is no https address"],
  ["the server says endpointOrigins", "the server says endpointOrigins"],
  ["give `toString`", "give `toString`"],
])("%s is told as: %s", (message, told) => {
  expect(inFlags(message)).toBe(told)
})
