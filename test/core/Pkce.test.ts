/** Proof keys: what a verifier and a challenge look like. */
import { createHash } from "node:crypto"
import { Schema } from "effect"
import { expect, it } from "vitest"
import { CodeChallenge, isWellFormedVerifier } from "../../src/core/index.ts"
import { vectors } from "../../spec/requirements/Vectors.ts"
import { given } from "../../properties/Scenario.ts"
import { open, redeem, standing } from "./support/Facts.ts"

const [{ verifier, challengeS256 }] = vectors

//= OAUTH21-4.1.1-pkce-supported
//= PKCE-B
it("the verifier of RFC 7636, appendix B redeems a code with its challenge", () => {
  const computed = CodeChallenge.make(createHash("sha256").update(verifier).digest("base64url"))
  expect(computed).toBe(challengeS256)
  given(...standing, open({ request: { ...open().request, codeChallenge: CodeChallenge.make(challengeS256) } }))
    .when(redeem({ verifier: { wellFormed: isWellFormedVerifier(verifier), challenge: computed } }))
    .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued")
})

//= RFC7636-4.1-verifier-format
it.each(["a".repeat(43), "a".repeat(128), "AZaz09-._~".repeat(5)])("a verifier is well-formed: %s", (text) => {
  expect(isWellFormedVerifier(text)).toBe(true)
})

it.each([
  "",
  "a",
  "a".repeat(42),
  "a".repeat(129),
  `${"a".repeat(43)}\n`,
  ..."+/= %é".split("").map((c) => c.repeat(43)),
])("a verifier is ill-formed: %j", (text) => {
  expect(isWellFormedVerifier(text)).toBe(false)
})

it("a challenge is 43 characters of base64url", () => {
  const isChallenge = Schema.is(CodeChallenge)
  expect([challengeS256, "-_".padEnd(43, "a")].filter(isChallenge)).toHaveLength(2)
  expect(["", "a".repeat(42), "a".repeat(44), `${"a".repeat(42)}=`, `${"a".repeat(43)}\n`].filter(isChallenge)).toEqual(
    [],
  )
})
