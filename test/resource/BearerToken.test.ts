/** The rules of where a token may stand and what it may look like. */
import { expect, test } from "vitest"
import { presentedToken } from "../../src/resource/BearerToken.ts"

test.each([
  ["Bearer abc-._~+/123==", { _tag: "Token", token: "abc-._~+/123==" }],
  ["bearer abc", { _tag: "Token", token: "abc" }],
  ["BEARER   abc", { _tag: "Token", token: "abc" }],
  ["  Bearer abc\t", { _tag: "Token", token: "abc" }],
  ["DPoP abc", { _tag: "BoundToken", token: "abc" }],
  ["dpop  abc", { _tag: "BoundToken", token: "abc" }],
  ["DPoP", { _tag: "Malformed" }],
  ["DPoP abc, Bearer abc", { _tag: "Malformed" }],
  ["Basic abc", { _tag: "Absent" }],
  ["Basic Bearer abc", { _tag: "Absent" }],
  ["Bearer abc\ndef", { _tag: "Malformed" }],
  ["Bearer abc=def", { _tag: "NoToken" }],
  ['Bearer abc"', { _tag: "NoToken" }],
  ["", { _tag: "Absent" }],
  ["Bearerabc", { _tag: "Absent" }],
  ["Bearer", { _tag: "Malformed" }],
  ["Bearer ", { _tag: "Malformed" }],
  ["Bearer abc def", { _tag: "Malformed" }],
  ["Bearer abc, Bearer def", { _tag: "Malformed" }],
  ["Bearer abc,def", { _tag: "Malformed" }],
  ["Bearer a\tb", { _tag: "Malformed" }],
  ['Bearer "abc"', { _tag: "NoToken" }],
  ["Bearer =abc", { _tag: "NoToken" }],
  ["Bearer äöü", { _tag: "NoToken" }],
])("`%s` is read as %o", (value, presented) => {
  expect(presentedToken([value])).toEqual(presented)
})

test("no header is no token, and two headers are one too many", () => {
  expect(presentedToken([])).toEqual({ _tag: "Absent" })
  expect(presentedToken(["Bearer abc", "Bearer abc"])).toEqual({ _tag: "Malformed" })
})

test("a token is bounded", () => {
  const longest = "a".repeat(8192)
  expect(presentedToken([`Bearer ${longest}`])).toEqual({ _tag: "Token", token: longest })
  expect(presentedToken([`Bearer ${longest}a`])).toEqual({ _tag: "NoToken" })
})
