/** A JWT that is read and not believed: what is one, what it says, and how that stands to what the log says. */
import { describe, expect, it } from "vitest"
import { checkJwt, isCredible, jwtSentence, readPresentedJwt } from "../../../src/audit/asof/PresentedJwt.ts"
import type { Event } from "../../../src/core/index.ts"
import { after } from "../Story.ts"
import {
  actForItself,
  alice,
  app,
  at,
  initialize,
  redeemed,
  registerService,
  standing,
} from "../../core/support/Facts.ts"

const GRANT = "3yWzUkQ0cWq5tPzvBxN7aB"
const DIGEST = "Qm9yZWFsaXMtYWNjZXNzLXRva2VuLWRpZ2VzdC0wMDE"
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const jti = `${GRANT}.${DIGEST}`
const header = { alg: "ES256", kid: "key-1" }

describe("what is read as a JWT", () => {
  it("names the token of its jti, and has its claims in one order", () => {
    const claims = { jti, aud: ["a", "b"], cnf: { b: 1, a: { d: 1, c: 2 } }, iat: 5, other: "x" }
    const read = readPresentedJwt(`${encoded(header)}.${encoded(claims)}.sig`)!
    expect(read).toMatchObject({ named: { grantId: GRANT, digest: DIGEST }, kid: "key-1", signature: "not checked" })
    expect(read.claims).toMatchObject({ aud: '["a","b"]', cnf: '{"a":{"c":2,"d":1},"b":1}', iat: "5" })
    expect(Object.keys(read.claims)).toEqual([
      "iss",
      "sub",
      "client_id",
      "aud",
      "iat",
      "exp",
      "scope",
      "authorization_details",
      "cnf",
      "act",
      "may_act",
    ])
    expect(read.claims["sub"]).toBeUndefined()
    const other = { ...claims, cnf: { a: { c: 2, d: 1 }, b: 1 } }
    expect(readPresentedJwt(`${encoded(header)}.${encoded(other)}.sig`)!.claims).toEqual(read.claims)
    expect(readPresentedJwt(`${encoded({ alg: "none", kid: 7 })}.${encoded({ jti })}.`)).toMatchObject({ kid: null })
  })

  it.each([
    ["two parts", `${encoded(header)}.${encoded({ jti })}`],
    ["four parts", `${encoded(header)}.${encoded({ jti })}.sig.more`],
    ["a header that is no JSON", `xxxx.${encoded({ jti })}.sig`],
    ["a header that is a list", `${encoded([1])}.${encoded({ jti })}.sig`],
    ["a header that is null", `${encoded(null)}.${encoded({ jti })}.sig`],
    ["a header that is a number", `${encoded(7)}.${encoded({ jti })}.sig`],
    ["claims that are no JSON", `${encoded(header)}.xxxx.sig`],
    ["claims that are a list", `${encoded(header)}.${encoded([{ jti }])}.sig`],
    ["no jti", `${encoded(header)}.${encoded({})}.sig`],
    ["another jti", `${encoded(header)}.${encoded({ jti: "x" })}.sig`],
    ["a jti that begins before", `${encoded(header)}.${encoded({ jti: `0${jti}` })}.sig`],
    ["a jti that goes on", `${encoded(header)}.${encoded({ jti: `${jti}0` })}.sig`],
    ["a jti without its point", `${encoded(header)}.${encoded({ jti: jti.replace(".", "-") })}.sig`],
    ["nothing", ""],
  ])("is none with %s", (_, text) => {
    expect(readPresentedJwt(text)).toBeUndefined()
  })
})

describe("what a JWT says", () => {
  const stateAt = after(redeemed, at(1))
  const issued = stateAt.entries.grant.find(({ event }) => event._tag === "AccessTokenIssued")!.event
  const claimsOf = (event: Event) => {
    if (event._tag !== "AccessTokenIssued") return expect.fail("no access token")
    return {
      jti,
      iss: "https://auth.example",
      sub: alice,
      client_id: app,
      aud: event.resources,
      iat: event.issuedAt / 1000,
      exp: event.expiresAt / 1000,
      scope: event.scopes.join(" "),
    }
  }
  const checked = (claims: object, of = stateAt, event = issued) =>
    checkJwt(of, event, readPresentedJwt(`${encoded(header)}.${encoded(claims)}.sig`)!)

  it("is what the log says of its token, or differs by name", () => {
    const claims = claimsOf(issued)
    expect(checked(claims)).toEqual({ kid: "key-1", signature: "not checked", differing: [] })
    expect(checked({ ...claims, exp: 1, sub: "sub_bob" })!.differing).toEqual(["sub", "exp"])
    expect(checked({ ...claims, act: { sub: "robot" } })!.differing).toEqual(["act"])
    const { scope, ...less } = claims
    expect([scope, checked(less)!.differing]).toEqual(["read write", ["scope"]])
  })

  it("of a client's own token has the client as its subject", () => {
    const own = after([initialize(), registerService(), actForItself()], at(1))
    const event = own.entries.grant.find((entry) => entry.event._tag === "AccessTokenIssued")!.event
    const { client_id: _, ...claims } = claimsOf(event)
    expect(checked({ ...claims, client_id: "service", sub: "service" }, own, event)!.differing).not.toContain("sub")
    expect(checked({ ...claims, client_id: "service" }, own, event)!.differing).toContain("sub")
  })

  it("is held against nothing where the log has no such access token", () => {
    const code = stateAt.entries.grant.find(({ event }) => event._tag === "AuthorizationCodeIssued")!.event
    expect(checked(claimsOf(issued), stateAt, code)).toBeUndefined()
    expect(checked(claimsOf(issued), { ...stateAt, opened: undefined })).toBeUndefined()
    const nobodys = after([], at(1))
    expect(
      checked(claimsOf(issued), { ...stateAt, state: { ...stateAt.state, issuer: nobodys.state.issuer } }),
    ).toBeUndefined()
    expect(after(standing, at(1)).opened).toBeUndefined()
  })
})

describe("a JWT that was checked", () => {
  it("is credible where nothing speaks against it", () => {
    const kid = "key-1"
    for (const signature of ["verified", "not checked", "by a compromised key"] as const) {
      expect(isCredible({ kid, signature, differing: [] })).toBe(true)
      expect(isCredible({ kid, signature, differing: ["sub"] })).toBe(false)
    }
    expect(isCredible({ kid, signature: "wrong", differing: [] })).toBe(false)
  })

  it.each([
    ["verified", "a JWT: it was signed by the key k of this server; what it says is what the log says"],
    ["wrong", "a JWT: its signature is not by the key k of this server; what it says is what the log says"],
    [
      "by a compromised key",
      "a JWT: it was signed by the key k, which is compromised, so that it is refused whatever the log says of its token; what it says is what the log says",
    ],
    [
      "not checked",
      "a JWT: its signature was not checked, for the key k is not at hand; what it says is what the log says",
    ],
  ] as const)("is told so: %s", (signature, sentence) => {
    expect(jwtSentence({ kid: "k", signature, differing: [] })).toBe(sentence)
  })

  it("is told by what differs, and without a key where it names none", () => {
    expect(jwtSentence({ kid: null, signature: "not checked", differing: ["sub", "exp"] })).toBe(
      "a JWT: its signature was not checked, for no key that it names is not at hand; it says otherwise than the log of sub, exp",
    )
  })
})
