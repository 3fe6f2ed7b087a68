/**
 * Servers with one fault each, and sound ones with a policy of their own, checked from outside: the report that each earns.
 *
 * What a fault breaks is listed whole, and nothing else is broken; a policy breaks nothing.
 */
import { describe, expect, it } from "vitest"
import { checkIssuer, type IssuerOptions } from "../../properties/kit/issuer/checkIssuer.ts"
import { rules } from "../../properties/kit/issuer/rules/index.ts"
import type { KitReport, PromiseResult } from "../../properties/kit/Report.ts"
import { ISSUER } from "../support/TestServer.ts"
import { RESOURCES, serverWith, type Twist } from "./FaultyServers.ts"
import * as faults from "./ServerFaults.ts"
import * as policies from "./ServerPolicies.ts"
import { someOf } from "../support/Breadth.ts"

const checked = async (twists: ReadonlyArray<Twist>, options: IssuerOptions = {}, url = ISSUER): Promise<KitReport> =>
  checkIssuer(url, { fetch: await serverWith(...twists), resources: RESOURCES, ...options })

const brokenIn = ({ results }: KitReport): ReadonlyArray<string> =>
  results.filter(({ verdict }) => verdict === "broken").map(({ promise }) => promise)

const resultOf = ({ results }: KitReport, name: string): PromiseResult =>
  results.find(({ promise }) => promise === name)!

/** What is wrong, in the report's words. */
const reasonOf = (report: KitReport, name: string): string => resultOf(report, name).reason ?? ""

/** Every rule, and the promises that these faults are near: those about races take long, and see none of them. */
const only = [...rules.map(({ id }) => id), "BoundMeansBound", "ScopeNeverGrows", "RevocationIsFinal"]

describe("a server with one fault", () => {
  const table: ReadonlyArray<readonly [fault: string, twist: Twist, broken: ReadonlyArray<string>]> = [
    ["takes Basic only beside a client_id", faults.basicWantsClientId(), ["RFC6749-2.3.1-basic-suffices"]],
    [
      "takes Basic for revocation only beside a client_id",
      faults.basicWantsClientId("/revoke"),
      ["RFC6749-2.3.1-basic-suffices", "RFC7009-2-revoke-refresh", "RFC7009-2.2-unknown-is-200"],
    ],
    ["knows Basic in one spelling", faults.basicIsSpelledOneWay, ["RFC6749-2.3.1-basic-suffices"]],
    ["revokes nothing without a hint", faults.revokesNothingWithoutHint, ["RFC7009-2-revoke-refresh"]],
    ["revokes nothing by a wrong hint", faults.revokesNothingByWrongHint, ["RFC7009-2-revoke-refresh"]],
    ["lets strangers revoke without a hint", faults.strangersRevokeWithoutHint, ["RFC7009-2.1-owner-only"]],
    [
      "never replaces a public client's refresh token",
      faults.publicClientsNeverRotate(),
      ["OAUTH21-4.3.1-rt-replay-detection"],
    ],
    ["replaces it once, and then never", faults.publicClientsNeverRotate(1), ["OAUTH21-4.3.1-rt-replay-detection"]],
    [
      "refreshes with any secret",
      faults.anySecretRefreshes,
      ["BoundMeansBound", "OAUTH21-3.2.2-confidential-must-auth"],
    ],
    [
      "refreshes without a secret",
      faults.noSecretRefreshes,
      ["BoundMeansBound", "OAUTH21-3.2.2-confidential-must-auth"],
    ],
    [
      "redeems with any secret",
      faults.anySecretRedeems,
      [
        "BoundMeansBound",
        "OAUTH21-3.2.2-confidential-must-auth",
        "OAUTH21-3.2.4-401-for-header-auth",
        "OAUTH21-2.4-one-auth-method",
      ],
    ],
    [
      "redeems with any secret in the body",
      faults.anySecretInBodyRedeems,
      ["OAUTH21-3.2.2-confidential-must-auth", "OAUTH21-2.4-one-auth-method"],
    ],
    ["refreshes for any scope", faults.refreshesForAnyScope, ["ScopeNeverGrows"]],
    ["tells anybody about every token", faults.tellsAnybody, ["RFC7662-2.1-caller-auth"]],
    ["refuses a wrong secret with 400", faults.refusesWithoutChallenge, ["OAUTH21-3.2.4-401-for-header-auth"]],
  ]
  it.each(someOf(table))("that %s earns that report and no other", async (_, twist, broken) => {
    const report = await checked([twist], { only })
    expect(brokenIn(report)).toEqual(broken)
  })
})

describe("a sound server", () => {
  it.each<readonly [policy: string, twists: ReadonlyArray<Twist>, options: IssuerOptions]>([
    ["is as this project's own", [], {}],
    ["names no scope where it is the one that was asked for", [policies.unsaidScopes], {}],
    ["looks at a made-up token before it looks at the client", [policies.looksAtTokenFirst], {}],
    ["answers scripts with JSON and browsers with a redirect", [policies.answersScriptsWithJson], {}],
    ["wants every request pushed", [policies.pushedOnly], {}],
    ["binds every token to a key", [policies.proofsOnly], {}],
  ])("%s: nothing is broken, and all that can be tried is", async (_, twists, options) => {
    const report = await checked(twists, options)
    expect(report.results.filter(({ verdict }) => verdict === "broken")).toEqual([])
    expect(resultOf(report, "ReplayKillsGrant").verdict).toBe("kept")
    expect(resultOf(report, "RotationIsLinear").verdict).toBe("kept")
  })

  it("without refresh tokens neither keeps nor breaks what is about them, and all else is tried", async () => {
    const report = await checked([policies.noRefreshTokens])
    expect(brokenIn(report)).toEqual([])
    const reason = "the server gives no refresh token"
    for (const name of ["RotationIsLinear", "RetryIsIdempotent", "ReuseKillsGrant"]) {
      expect(resultOf(report, name)).toMatchObject({ verdict: "not tried", reason })
    }
    for (const name of ["CodeIsSingleUse", "ReplayKillsGrant", "RevocationIsFinal", "OnlyTheOwnerCanHarm"]) {
      expect(resultOf(report, name).verdict).toBe("kept")
    }
  })

  it("whose introspection knows no JWTs is judged by what the resource says of them", async () => {
    const options = { resourceUrl: `${ISSUER}/mcp` }
    const report = await checked([policies.jwtAccessTokens(true)], options)
    expect(brokenIn(report)).toEqual([])
    expect(report.capabilities["access tokens"]).toContain("GET http://localhost:4000/mcp")
  })

  it("whose JWTs live until they expire is not held to ending them, and the report says that they do", async () => {
    const report = await checked([policies.jwtAccessTokens(false)], { resourceUrl: `${ISSUER}/mcp` })
    expect(brokenIn(report)).toEqual([])
    expect(resultOf(report, "ReplayKillsGrant").verdict).toBe("kept")
    expect(report.capabilities["access tokens"]).toMatch(
      /^judged by themselves alone, so that they live until they expire/,
    )
  })

  it("whose JWTs nobody can look at is judged by its refresh tokens, and never kept for not having looked", async () => {
    const report = await checked([policies.jwtAccessTokens(false)])
    expect(brokenIn(report)).toEqual([])
    expect(resultOf(report, "ReplayKillsGrant")).toMatchObject({ verdict: "not tried" })
    expect(resultOf(report, "CodeIsSingleUse").verdict).toBe("kept")
  })
})

describe("a server that asks to come again", () => {
  it("is asked again when it says so, and that is no refusal and no sign of life", async () => {
    let askedCount = 0
    const waits: Array<number> = []
    const wait = (millis: number) => Promise.resolve(waits.push(millis))
    const report = await checked([policies.asksToComeAgain(() => (askedCount += 1))], { wait })
    expect(brokenIn(report)).toEqual([])
    expect(resultOf(report, "CodeIsSingleUse").verdict).toBe("kept")
    expect(new Set(waits)).toEqual(new Set([1000]))
    expect(waits.length).toBeGreaterThan(100)
    expect(report.capabilities["patience"]).toBe(`asked to come again ${waits.length} times, and was waited for`)
    expect(askedCount).toBeGreaterThanOrEqual(waits.length)
  })

  it("for ever is not judged on what it did not answer", async () => {
    const report = await checked([policies.tiresAfter(60)], {
      wait: () => Promise.reject(new Error("it was waited for")),
    })
    expect(brokenIn(report)).toEqual([])
    const untried = report.results.filter(({ verdict }) => verdict === "not tried")
    expect(untried.map(({ reason }) => reason)).toContain("the server asks to come again: 429")
    expect(reasonOf(report, "RFC6749-5.2-error-codes")).toBe("the server did not answer it now")
  })

  it("before a client could register is no server that registers nobody", async () => {
    await expect(checked([policies.tiresAfter(1)])).rejects.toThrow(
      "no client could be registered: the server registers nobody now: 429",
    )
  })
})

describe("the URL of an MCP server", () => {
  it.each<readonly [string, Parameters<typeof policies.mcpResource>]>([
    ["that names its metadata", ["/mcp"]],
    ["whose metadata lies at the well-known place", ["/mcp", { isSaid: false }]],
    ["that is asked by POST only", ["/mcp", { method: "POST" }]],
  ])("%s is enough: its issuer is checked, and it says whether a token lives", async (_, how) => {
    const url = `${ISSUER}/mcp`
    const fetch = await serverWith(policies.mcpResource(...how), policies.noIntrospection)
    const report = await checkIssuer(url, { fetch })
    expect(brokenIn(report)).toEqual([])
    expect(report.subject).toBe(url)
    expect(report.capabilities).toMatchObject({ issuer: ISSUER, resources: url, scopes: "read" })
    expect(report.capabilities["access tokens"]).toMatch(/^looked at: (GET|POST) http:\/\/localhost:4000\/mcp$/)
    expect(resultOf(report, "ReplayKillsGrant").verdict).toBe("kept")
  })

  it("whose issuer is elsewhere leads nowhere, and says what to check instead", async () => {
    const fetch = () =>
      Promise.resolve(Response.json({ authorization_servers: ["https://id.example"] }, { status: 401 }))
    await expect(checkIssuer(`${ISSUER}/mcp`, { fetch })).rejects.toThrow(/has no metadata/)
  })
})

describe("a verdict", () => {
  it("names the request, the answer and the clause", async () => {
    const report = await checked([faults.anySecretRefreshes], { only: ["OAUTH21-3.2.2-confidential-must-auth"] })
    expect(reasonOf(report, "OAUTH21-3.2.2-confidential-must-auth")).toContain(
      "a confidential client refreshes with a wrong secret in Basic; POST /token (Basic, client_id=…, grant_type=refresh_token, refresh_token=…): 200 with tokens",
    )
    expect(reasonOf(report, "OAUTH21-3.2.2-confidential-must-auth")).toMatch(
      /; and 2 more \(OAuth 2\.1 3\.2\.1\/3\.2\.2\)$/,
    )
  })

  it("tells of a promise only what it takes, and shows nothing that opens anything", async () => {
    const report = await checked([faults.refreshesForAnyScope], { only: ["ScopeNeverGrows"] })
    const { counterexample } = resultOf(report, "ScopeNeverGrows")
    expect(counterexample!.steps.map(({ text }) => text)).toEqual([
      "client 0 registers as confidential",
      "subject 0 approves request 0 of client 0, scopes read",
      "client 0 redeems code 0",
      "client 0 refreshes with refresh token 0, scopes read write",
    ])
    expect(counterexample!.objection).toContain(
      "POST /token (Basic, grant_type=refresh_token, refresh_token=…, scope=read write): 200 with tokens",
    )
    expect(JSON.stringify(report)).not.toMatch(/gl[acr]_|made-up-/)
  })
})

describe("a server that says nothing of itself", () => {
  it("is checked by the endpoints that are named", async () => {
    const at = (path: string) => `${ISSUER}/${path}`
    const endpoints = {
      authorization: at("authorize"),
      token: at("token"),
      registration: at("register"),
      revocation: at("revoke"),
      introspection: at("introspect"),
    }
    const report = await checked([policies.noMetadata], { endpoints, scopes: ["read", "write"] })
    expect(brokenIn(report)).toEqual([])
    expect(resultOf(report, "ScopeNeverGrows").verdict).toBe("kept")
    expect(resultOf(report, "RFC8414-2-required-members")).toMatchObject({
      verdict: "not tried",
      reason: "the server has no metadata",
    })
    await expect(checked([policies.noMetadata])).rejects.toThrow("--authorization-endpoint and --token-endpoint")
  })
})
