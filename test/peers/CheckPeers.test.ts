/**
 * Other people's servers, checked from outside: what each keeps, what each breaks, as it was seen.
 *
 * The lists are complete: a fault that is not found any more is as much a change as one that is found for the first time.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkIssuer, type IssuerOptions } from "../../properties/kit/issuer/checkIssuer.ts"
import { judged } from "../../properties/kit/judging/Judge.ts"
import type { KitReport } from "../../properties/kit/Report.ts"
import { startFastmcp, startOidcProvider, type Peer } from "./Peer.ts"

const isPromise = (name: string): boolean => judged.some((promise) => promise.name === name)

/** What is broken, in the order of the report: promises by the story that shows it, rules by their id. */
const brokenIn = ({ results }: KitReport) => {
  const broken = results.filter(({ verdict }) => verdict === "broken")
  return {
    promises: Object.fromEntries(
      broken
        .filter(({ promise }) => isPromise(promise))
        .map(({ promise, counterexample }) => [promise, counterexample!.path]),
    ),
    rules: broken.map(({ promise }) => promise).filter((name) => !isPromise(name)),
  }
}

const notTriedIn = ({ results }: KitReport): ReadonlyArray<string> =>
  results.filter(({ verdict }) => verdict === "not tried").map(({ promise }) => promise)

/** What takes a clock to turn, a choice that is the server's, or a look into its store. */
const outOfReach = [
  "LifetimeNeverGrows",
  "RequestIsAnsweredOnce",
  "ClientIdIsCreatedOnce",
  "NoSecretIsStored",
  "OutsidersCannotGrowTheLog",
  "RebuiltEqualsServed",
  "StateIsBounded",
]

const checked = (start: () => Promise<Peer>, optionsFor: (peer: Peer) => IssuerOptions) => {
  let peer: Peer
  let report: KitReport
  beforeAll(async () => {
    peer = await start()
    report = await checkIssuer(peer.issuer, optionsFor(peer))
  })
  afterAll(() => peer?.stop())
  return () => report
}

const resources = ["http://127.0.0.1:9998/mcp", "http://127.0.0.1:9999/mcp"]

describe("oidc-provider, its storage in memory", () => {
  const report = checked(startOidcProvider, () => ({ resources }))

  it("keeps every promise that can be tried, and registers redirect URIs that anybody on the way can read", () => {
    expect(brokenIn(report())).toEqual({ promises: {}, rules: ["RFC9700-2.6-http-redirect-forbidden"] })
  })

  it("ends the session with an access token that is revoked, so that there is no reading a dead one of a live grant", () => {
    expect(notTriedIn(report()).toSorted()).toEqual([...outOfReach, "ExpiryIsExact", "ReadsChangeNothing"].toSorted())
  })
})

describe("oidc-provider, its storage a turn of the loop away", () => {
  const report = checked(
    () => startOidcProvider({ storage: "awaited" }),
    () => ({ resources }),
  )

  it("redeems a code more than once at a time, and gives one refresh token several successors", () => {
    const broken = brokenIn(report()).promises
    expect(broken).toMatchObject({
      CodeIsSingleUse: "redeem-8-at-once",
      RotationIsLinear: "redeem-8-at-once",
      RetryIsIdempotent: "refresh-4-at-once",
    })
    // Whether a redemption that loses leaves the winners alive, and a refresh beside a revocation falls over its own
    // feet, is for chance to decide.
    const { CodeIsSingleUse, RotationIsLinear, RetryIsIdempotent, ...others } = broken
    for (const name of Object.keys(others)) expect(["ReplayKillsGrant", "EveryCallIsAnswered"]).toContain(name)
    const { counterexample } = report().results.find(({ promise }) => promise === "CodeIsSingleUse")!
    const redeemed = counterexample!.steps.filter(({ reply }) => reply?._tag === "Tokens")
    expect(redeemed.length).toBeGreaterThanOrEqual(2)
  })
})

describe("FastMCP in memory", () => {
  const report = checked(
    () => startFastmcp({ accessTokenSeconds: 2 }),
    ({ issuer }) => ({ resourceUrl: `${issuer}/mcp` }),
  )

  it("leaves alive what a replay or a reuse should have ended, and logs out who looks at an expired token", () => {
    expect(brokenIn(report()).promises).toEqual({
      ReplayKillsGrant: "code-replay",
      ReuseKillsGrant: "reuse",
      ReadsChangeNothing: "reading-expired",
    })
  })

  it("answers with other codes than RFC 6749 has, and takes redirect URIs and verifiers that are none", () => {
    expect(brokenIn(report()).rules).toEqual([
      "OAUTH21-2.3.1-exact-redirect-match",
      "OAUTH21-8.4.2-loopback-any-port",
      "OAUTH21-2.3-redirect-keep-query",
      "RFC7591-5-redirect-restrictions",
      "OAUTH21-2.3-redirect-no-fragment",
      "RFC9700-2.6-http-redirect-forbidden",
      "OAUTH21-4.1.2.1-unsupported-method",
      "RFC7636-4.1-verifier-format",
      "RFC7009-2-revoke-refresh",
      "RFC6749-5.2-error-codes",
      "OAUTH21-3.1-no-duplicate-params",
      "OAUTH21-3.2.4-401-for-header-auth",
      "OAUTH21-2.4-one-auth-method",
      "RFC7009-2.2-unknown-is-200",
    ])
  })

  it("has neither resources nor introspection, nor says who answers", () => {
    const missing = ["AudienceNeverGrows", "RFC9207-2-iss-in-all-responses", "RFC7662-2.1-caller-auth"]
    expect(notTriedIn(report()).toSorted()).toEqual([...outOfReach, ...missing].toSorted())
  })
})
