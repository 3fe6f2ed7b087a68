/** What an assertion says is judged member by member; what is wrong is told, as far as it is the caller's own. */
import { describe, expect, it } from "vitest"
import {
  CLOCK_SKEW_SECONDS,
  MAX_LIFETIME_SECONDS,
  readAssertion,
} from "../../../../src/provider/features/authentication/ClientAssertion.ts"
import { OAuthError } from "../../../../src/provider/index.ts"
import { ISSUER } from "../../../support/TestServer.ts"

const NOW = 1_800_000_000
const terms = { issuer: ISSUER, now: NOW * 1000, algorithms: ["ES256", "PS256"], isAudienceString: false }

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

const usual = { iss: "app", sub: "app", aud: ISSUER, jti: "1", iat: NOW, exp: NOW + 60 }

/** Nothing here looks at the signature. */
const assertion = (
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): string => `${part({ alg: "ES256", ...header })}.${part({ ...usual, ...claims })}.c2ln`

const judge = (jwt: string, over: Partial<typeof terms> = {}) => {
  const read = readAssertion(jwt, { ...terms, ...over })
  return read instanceof OAuthError ? `${read.error}: ${read.description}` : read
}

describe("an assertion", () => {
  //= RFC7523-3-jwt-claims
  it("says which client it is of, what is used up by it, and how long it is good", () => {
    expect(judge(assertion())).toEqual({
      clientId: "app",
      jti: "1",
      algorithm: "ES256",
      usableUntil: NOW + 60 + CLOCK_SKEW_SECONDS,
    })
  })

  //= RFC7523-3-jwt-claims
  it.each(["", "a.b.c", `${part({ alg: "ES256" })}.no`, "none"])("that is no JWT is refused: %j", (text) => {
    expect(judge(text)).toBe("invalid_client: the client assertion is no signed JWT")
  })

  //= RFC7523-3-jwt-claims
  it.each([
    ["no iss", { iss: undefined }],
    ["no sub", { sub: undefined }],
    ["another sub than iss", { sub: "another" }],
    ["an iss that is no text", { iss: 1, sub: 1 }],
    ["an empty iss", { iss: "", sub: "" }],
    ["no exp", { exp: undefined }],
    ["an exp that is a text", { exp: String(NOW + 60) }],
    ["an iat that is a text", { iat: String(NOW) }],
    ["an nbf that is null", { nbf: null }],
    ["no jti", { jti: undefined }],
    ["an empty jti", { jti: "" }],
    ["a jti that is a number", { jti: 1 }],
    ["a jti of more than 256 characters", { jti: "j".repeat(257) }],
  ])("with %s is refused", (_what, claims) => {
    expect(judge(assertion(claims))).toMatch(/^invalid_client: the client assertion /)
  })

  //= RFC10070-4-aud-issuer-only
  it.each([
    ["no aud", undefined],
    ["the token endpoint", `${ISSUER}/token`],
    ["the endpoint of pushed requests", `${ISSUER}/par`],
    ["the issuer with a slash", `${ISSUER}/`],
    ["the issuer in large letters", ISSUER.toUpperCase()],
    ["the issuer and somebody else", [ISSUER, "https://other.example"]],
    ["the issuer twice", [ISSUER, ISSUER]],
    ["nobody", []],
    ["a list in a list", [[ISSUER]]],
    ["an object", { 0: ISSUER, length: 1 }],
  ])("for %s is refused", (_what, aud) => {
    expect(judge(assertion({ aud }))).toBe(
      `invalid_client: the client assertion does not have the issuer \`${ISSUER}\` alone as aud`,
    )
  })

  //= OAUTH21-2.4-aud-follows-rfc10070
  it("is for the issuer as a text or as a list of it alone; where that is asked, as a text alone", () => {
    expect(judge(assertion({ aud: [ISSUER] }))).toMatchObject({ clientId: "app" })
    expect(judge(assertion({ aud: [ISSUER] }), { isAudienceString: true })).toBe(
      `invalid_client: the client assertion does not have the issuer \`${ISSUER}\` as a string as aud`,
    )
    expect(judge(assertion(), { isAudienceString: true })).toMatchObject({ clientId: "app" })
  })

  //= FAPI2-5.3.2-clock-skew
  it("may be from a clock that is ahead by ten seconds and more, and not by sixty", () => {
    for (const member of ["iat", "nbf"]) {
      expect(judge(assertion({ [member]: NOW + 10 }))).toMatchObject({ clientId: "app" })
      expect(judge(assertion({ [member]: NOW + CLOCK_SKEW_SECONDS }))).toMatchObject({ clientId: "app" })
      for (const seconds of [CLOCK_SKEW_SECONDS + 1, 60]) {
        expect(judge(assertion({ [member]: NOW + seconds, exp: NOW + 120 }))).toBe(
          "invalid_client: the client assertion is from the future by its iat or nbf: set the clock",
        )
      }
    }
  })

  it("ends with its exp, but for as much as clocks may be apart", () => {
    const late = { iat: NOW - 100 }
    expect(judge(assertion({ ...late, exp: NOW - CLOCK_SKEW_SECONDS + 1 }))).toMatchObject({ usableUntil: NOW + 1 })
    expect(judge(assertion({ ...late, exp: NOW - CLOCK_SKEW_SECONDS }))).toBe(
      "invalid_client: the client assertion has expired: make a new one for every request",
    )
  })

  it("lives an hour at most, counted from now and from its iat", () => {
    const longest = MAX_LIFETIME_SECONDS
    expect(judge(assertion({ exp: NOW + longest }))).toMatchObject({ clientId: "app" })
    expect(judge(assertion({ iat: undefined, exp: NOW + longest + CLOCK_SKEW_SECONDS + 1 }))).toMatch(/lives longer/)
    expect(judge(assertion({ iat: NOW - 1, exp: NOW + longest }))).toMatch(/lives longer/)
    expect(judge(assertion({ exp: Number.MAX_VALUE }))).toMatch(/lives longer/)
  })

  it("needs neither iat nor nbf", () => {
    expect(judge(assertion({ iat: undefined }))).toMatchObject({ clientId: "app" })
  })

  //= RFC8725-3.1-alg-allowlist
  it.each(["none", "HS256", "RS256", "es256", "", undefined])(
    "signed by %s is refused where that is not taken",
    (alg) => {
      expect(judge(assertion({}, { alg }))).toMatch(
        /^invalid_client: the client assertion (has another alg|is no signed)/,
      )
    },
  )

  //= RFC8725-3.12-exclusive-validation
  it("has its own type, that of any JWT, or none; that of another kind is refused", () => {
    for (const typ of ["client-authentication+jwt", "application/client-authentication+jwt", "JWT", "jwt", undefined]) {
      expect(judge(assertion({}, { typ }))).toMatchObject({ clientId: "app" })
    }
    const others = [
      "at+jwt",
      "dpop+jwt",
      "oauth-authz-req+jwt",
      "oauth-id-jag+jwt",
      "token-introspection+jwt",
      "",
      null,
      1,
    ]
    for (const typ of others) expect(judge(assertion({}, { typ }))).toMatch(/the typ of another kind of JWT/)
  })

  it.each([
    "",
    "x",
    "a.b",
    "a.b.c",
    "a.b.c.d.e",
    `${part({ alg: "ES256" })}.${part([])}.c2ln`,
    `${part(null)}.${part({})}.`,
  ])("that is no JWT (%j) is refused", (text) => {
    expect(judge(text)).toBe("invalid_client: the client assertion is no signed JWT")
  })
})
