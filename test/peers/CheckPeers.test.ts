/**
 * Other people's servers, checked from outside: what each keeps, what each breaks, as it was seen.
 *
 * The lists are complete: a fault that is not found any more is as much a change as one that is found for the first time.
 * They are the table in `properties/PEERS.md`, which this writes when it is run with `--update`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkIssuer, type IssuerOptions } from "../../properties/kit/issuer/checkIssuer.ts"
import type { KitReport } from "../../properties/kit/Report.ts"
import { byHand } from "./ByHand.ts"
import { brokenIn, isPromise, peersPage, type Checked } from "./PeersPage.ts"
import { startAuthlib, startFastmcp, startGoOauth2, startOidcProvider, type Peer } from "./Peer.ts"
import { startSdkDemo } from "./sdkDemo.ts"

/** Rules of what these servers do not say that they have. */
const isOfAbsentFeature = (id: string): boolean => /^(?:CIMD|RFC8628|RFC9068)-/.test(id)

const notTriedIn = ({ results }: KitReport): ReadonlyArray<string> =>
  results
    .filter(({ promise, verdict }) => verdict === "not tried" && !isOfAbsentFeature(promise))
    .map(({ promise }) => promise)

/** What takes a clock to turn, a choice that is the server's, or a look into its store. */
const outOfReach = [
  "LifetimeNeverGrows",
  "AncestorsBound",
  "RequestIsAnsweredOnce",
  "ClientIdIsCreatedOnce",
  "NoSecretIsStored",
  "OutsidersCannotGrowTheLog",
  "RebuiltEqualsServed",
  "StateIsBounded",
]

const reports: Array<Checked> = []

/** `sometimes`: what chance decides on a server whose calls fall over one another. */
const checked = (
  start: () => Promise<Peer>,
  optionsFor: (peer: Peer) => IssuerOptions,
  sometimes: ReadonlyArray<string> = [],
) => {
  let peer: Peer
  let report: KitReport
  beforeAll(async () => {
    peer = await start()
    report = await checkIssuer(peer.issuer, optionsFor(peer))
    reports.push({ name: peer.name, report, sometimes })
  })
  afterAll(() => peer?.stop())
  return () => report
}

const broken = (report: KitReport): ReadonlyArray<string> => brokenIn(report).map(({ promise }) => promise)
const brokenPromises = (report: KitReport) =>
  Object.fromEntries(
    brokenIn(report)
      .filter(({ promise }) => isPromise(promise))
      .map(({ promise, counterexample }) => [promise, counterexample!.path]),
  )

const resources = ["http://127.0.0.1:9998/mcp", "http://127.0.0.1:9999/mcp"]

describe.each([{}, { isPushed: true }])("oidc-provider, its storage in memory: %o", (options) => {
  const report = checked(
    () => startOidcProvider(options),
    () => ({ resources }),
  )

  it("keeps every promise that can be tried, and registers redirect URIs that anybody on the way can read", () => {
    expect(broken(report())).toEqual(["RFC9700-2.6-http-redirect-forbidden"])
  })

  it("ends the session with an access token that is revoked, so that there is no reading a dead one of a live grant", () => {
    expect(notTriedIn(report()).toSorted()).toEqual([...outOfReach, "ExpiryIsExact", "ReadsChangeNothing"].toSorted())
  })
})

describe("oidc-provider, its storage a turn of the loop away", () => {
  // Whether a redemption that loses leaves the winners alive, a pushed request is answered twice at once, and a refresh
  // beside a revocation falls over its own feet, is for chance to decide.
  const sometimes = ["ReplayKillsGrant", "EveryCallIsAnswered", "RFC9126-4-one-time"]
  const report = checked(
    () => startOidcProvider({ storage: "awaited" }),
    () => ({ resources }),
    sometimes,
  )

  it("redeems a code more than once at a time, and gives one refresh token several successors", () => {
    const { CodeIsSingleUse, RotationIsLinear, RetryIsIdempotent, ...others } = brokenPromises(report())
    expect([CodeIsSingleUse, RotationIsLinear, RetryIsIdempotent]).toEqual([
      "redeem-8-at-once",
      "redeem-8-at-once",
      "refresh-4-at-once",
    ])
    for (const name of Object.keys(others)) expect(sometimes).toContain(name)
    const { counterexample } = report().results.find(({ promise }) => promise === "CodeIsSingleUse")!
    const redeemed = counterexample!.steps.filter(({ reply }) => reply?._tag === "Tokens")
    expect(redeemed).toHaveLength(2)
  })
})

describe("FastMCP in memory, by the URL of its MCP server", () => {
  const report = checked(
    async () => {
      // As long as a check waits for the end of one at most, so that none ends in the middle of anything else.
      const peer = await startFastmcp({ accessTokenSeconds: 4 })
      return { ...peer, issuer: `${peer.issuer}/mcp` }
    },
    () => ({}),
  )

  it("leaves alive what a replay or a reuse should have ended, and logs out who looks at an expired token", () => {
    expect(brokenPromises(report())).toEqual({
      ReplayKillsGrant: "code-replay",
      ReuseKillsGrant: "reuse",
      ReadsChangeNothing: "reading-expired",
      RefreshKeepsTheGrant: "narrowing",
    })
  })

  it("takes Basic only beside a client_id, and only in one spelling", () => {
    expect(broken(report())).toContain("RFC6749-2.3.1-basic-suffices")
  })
})

describe("the demo of the MCP TypeScript SDK", () => {
  const report = checked(startSdkDemo, () => ({}))

  it("gives no refresh tokens, so that nothing about them is judged", () => {
    const names = notTriedIn(report())
    for (const name of ["RotationIsLinear", "RetryIsIdempotent", "ReuseKillsGrant"]) expect(names).toContain(name)
    expect(brokenPromises(report())).toEqual({
      BoundMeansBound: "wrong-context",
      EveryCallIsAnswered: "code-replay",
    })
  })
})

const known = { clientId: "app", clientSecret: "secret-of-app", otherClientId: "other", scopes: ["read", "write"] }

describe("Authlib's example", () => {
  const report = checked(startAuthlib, ({ issuer }) => ({
    ...known,
    resourceUrl: `${issuer}/api/me`,
    endpoints: {
      authorization: `${issuer}/oauth/authorize`,
      token: `${issuer}/oauth/token`,
      revocation: `${issuer}/oauth/revoke`,
    },
  }))

  it("leaves an access token alive whose refresh token is revoked", () => {
    expect(brokenPromises(report())).toEqual({
      ReplayKillsGrant: "code-replay",
      RevocationIsFinal: "revoked-by-refresh-token",
    })
  })
})

describe("go-oauth2", () => {
  const report = checked(
    startGoOauth2,
    ({ issuer }) => ({
      ...known,
      resourceUrl: `${issuer}/resource`,
      endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token` },
    }),
    // Its store is read and then written to: whether two redemptions, or two refreshes, meet in between is for chance.
    ["CodeIsSingleUse", "RotationIsLinear", "RetryIsIdempotent"],
  )

  it("refreshes for anybody, with any secret or none, and for scopes that nobody granted", () => {
    expect(brokenPromises(report())).toMatchObject({
      BoundMeansBound: "another-client-refreshes",
      OnlyTheOwnerCanHarm: "another-client-refreshes",
      ScopeNeverGrows: "widening",
    })
    expect(broken(report())).toContain("OAUTH21-3.2.2-confidential-must-auth")
  })
})

describe("the table of all of them", () => {
  it("is the one in properties/PEERS.md, and each broken line was seen by hand", async () => {
    const unseen = reports.flatMap(({ name, report, sometimes }) =>
      [...broken(report), ...sometimes]
        .filter((promise) => byHand[name]?.[promise] === undefined)
        .map((promise) => `${name}: ${promise}`),
    )
    expect(unseen).toEqual([])
    await expect(peersPage(reports)).toMatchFileSnapshot("../../properties/PEERS.md")
  })
})
