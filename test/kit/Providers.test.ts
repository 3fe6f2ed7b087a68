/**
 * What the kit says of the example providers: the report that each earns.
 *
 * What they are at fault for is asserted without the kit beside them; here is that the kit finds it, and nothing else.
 */
import { describe, expect, it } from "vitest"
import { checkProvider, isKept, type KitReport, type ProviderFactory } from "../../properties/index.ts"
import { inMemoryProvider } from "../../src/provider/index.ts"
import { toOAuthProvider } from "../../src/entry/grantlog.ts"
import correctSql from "../examples/providers/correctSql.ts"
import fastmcpInMemory from "../examples/providers/fastmcpInMemory.ts"
import keyValue from "../examples/providers/keyValue.ts"
import map from "../examples/providers/map.ts"
import { soundMemory } from "../examples/providers/oneFault.ts"
import sqlCheckThenSet from "../examples/providers/sqlCheckThenSet.ts"
import { serverBy } from "./OurServer.ts"
import * as policies from "./SoundPolicies.ts"
import * as faults from "./SubtleFaults.ts"
import { someOf } from "../support/Breadth.ts"
import { inStillTime } from "./StillTime.ts"

/** Where it makes no difference to the verdict what random calls find beside the trials. */
const quick = { seedCount: 0 }

inStillTime()

const brokenIn = ({ results }: KitReport) =>
  results.filter(({ verdict }) => verdict === "broken").map(({ promise }) => promise)
const reasonsIn = ({ results }: KitReport) =>
  Object.fromEntries(
    results.flatMap(({ promise, verdict, reason }) => (verdict === "not tried" ? [[promise, reason]] : [])),
  )

/** The calls of a story, without registrations and as they are told. */
const story = (report: KitReport, promise: string) =>
  report.results
    .find((result) => result.promise === promise)!
    .counterexample!.steps.filter(({ operation }) => operation?._tag !== "Register")
const told = (report: KitReport, promise: string) => story(report, promise).map(({ text }) => text)

const needsStore = {
  NoSecretIsStored: "needs a store to look into",
  OutsidersCannotGrowTheLog: "needs a store to look into",
  RebuiltEqualsServed: "needs a store to look into",
  StateIsBounded: "needs a store to look into",
  RequestIsAnsweredOnce: "the ten methods know no request that could be answered twice",
  AncestorsBound: "the ten methods exchange no tokens",
  LifetimeNeverGrows: "nothing says when a grant ends",
}

const racing = ["CodeIsSingleUse", "RotationIsLinear", "RetryIsIdempotent"]

describe.each<readonly [string, ProviderFactory, ReadonlyArray<string>]>([
  ["map", map, [...racing, "ClientIdIsCreatedOnce", "ReplayKillsGrant", "ReuseKillsGrant", "RevocationIsFinal"]],
  ["sqlCheckThenSet", sqlCheckThenSet, racing],
  [
    "keyValue",
    keyValue,
    [
      ...racing,
      "BoundMeansBound",
      "ClientIdIsCreatedOnce",
      "OnlyTheOwnerCanHarm",
      "ReplayKillsGrant",
      "RevocationIsFinal",
      "ScopeNeverGrows",
    ],
  ],
  [
    "fastmcpInMemory",
    fastmcpInMemory,
    [
      "BoundMeansBound",
      "ReplayKillsGrant",
      "RefreshKeepsTheGrant",
      "RevocationIsFinal",
      "OnlyTheOwnerCanHarm",
      "RotationIsLinear",
      "RetryIsIdempotent",
      "ReuseKillsGrant",
      "ReadsChangeNothing",
      "ExpiryIsExact",
      "ClientIdIsCreatedOnce",
    ],
  ],
])("%s", (_, factory, broken) => {
  it("is caught for what it is at fault for, each in at most six calls", async () => {
    const report = await checkProvider(factory)
    expect(brokenIn(report).toSorted()).toEqual(broken.toSorted())
    for (const promise of broken) expect(story(report, promise).length, promise).toBeLessThanOrEqual(6)
  })
})

describe("a known fault is told as a story of its own", () => {
  it.each<readonly [string, ProviderFactory, string, ReadonlyArray<string>]>([
    [
      "requests that arrive together redeem one code",
      sqlCheckThenSet,
      "CodeIsSingleUse",
      ["subject 0 approves request 0 of client 0, scopes read", "client 0 redeems code 0", "client 0 redeems code 0"],
    ],
    [
      "a replayed code ends nothing",
      map,
      "ReplayKillsGrant",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "client 0 redeems code 0",
        "a resource server is shown access token 0",
      ],
    ],
    [
      "looking at an expired access token ends the session",
      fastmcpInMemory,
      "ReadsChangeNothing",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "3601 s pass",
        "a resource server is shown access token 0",
        "client 0 refreshes with refresh token 0",
      ],
    ],
    [
      "another client ends the session with a spent token",
      keyValue,
      "OnlyTheOwnerCanHarm",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "client 0 refreshes with refresh token 0",
        "client 0 refreshes with refresh token 1",
        "client 1 refreshes with refresh token 0",
        "a resource server is shown access token 2",
      ],
    ],
    [
      "a refresh on its way undoes a revocation",
      keyValue,
      "RevocationIsFinal",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "client 0 refreshes with refresh token 0",
        "client 0 revokes refresh token 0, cascading",
        "client 0 refreshes with refresh token 1",
      ],
    ],
  ])("%s", async (_, factory, promise, expected) => {
    const report = await checkProvider(factory, { ...quick, only: [promise] })
    expect(told(report, promise)).toEqual(expected)
  })
})

it("what a trial only came by is found again by its seed and path", async () => {
  const stumbling: ProviderFactory = async (world) => {
    const provider = await soundMemory(world)
    const revokeToken: typeof provider.revokeToken = async (token) => {
      await provider.revokeToken(token)
      throw new TypeError("cannot read properties of undefined")
    }
    return { ...provider, revokeToken }
  }
  const report = await checkProvider(stumbling, { ...quick, only: ["EveryCallIsAnswered", "RevocationIsFinal"] })
  expect(brokenIn(report)).toEqual(["EveryCallIsAnswered"])
  const { seed, path } = report.results.find(({ verdict }) => verdict === "broken")!.counterexample!
  const again = await checkProvider(stumbling, { ...quick, seed, path, only: ["EveryCallIsAnswered"] })
  expect(brokenIn(again)).toEqual(["EveryCallIsAnswered"])
})

describe("a subtle fault in a provider that has no other", () => {
  const expected: Readonly<Record<keyof typeof faults, string>> = {
    reuseBeforeOwnership: "OnlyTheOwnerCanHarm",
    revocationUndone: "RevocationIsFinal",
    scopeOfRegistration: "ScopeNeverGrows",
    endsByTheClockAlone: "ExpiryIsExact",
  }
  it.each(someOf(Object.entries(faults)))("%s is found, and nothing else", async (name, fault) => {
    const report = await checkProvider(async (world) => fault(await correctSql(world), world.now), quick)
    expect(brokenIn(report)).toEqual([expected[name as keyof typeof faults]])
  })
})

const ours: ProviderFactory = async (world) =>
  toOAuthProvider(await serverBy(world, { issuer: "http://localhost:4000", scopes: ["read", "write", "admin"] }), {
    approve: () => "alice",
  })

describe("a provider without fault keeps everything that can be tried", () => {
  it("our server, with a retry window", async () => {
    const report = await checkProvider(ours)
    expect(brokenIn(report)).toEqual([])
    expect(reasonsIn(report)).toEqual(needsStore)
    expect(report.capabilities).toMatchObject({ retry: "answered with the same successor", refresh: "rotating" })
  })

  it("our provider in memory, which has a clock of its own", async () => {
    const report = await checkProvider(() => inMemoryProvider(), quick)
    expect(brokenIn(report)).toEqual([])
    expect(reasonsIn(report)).toEqual({
      ...needsStore,
      LifetimeNeverGrows: "the provider ignores the clock",
      ReadsChangeNothing: "the provider ignores the clock",
      ExpiryIsExact: "the provider ignores the clock",
    })
  })

  it("a provider over SQL, without retry window", async () => {
    const report = await checkProvider(correctSql)
    expect(brokenIn(report)).toEqual([])
    expect(reasonsIn(report)).toEqual({
      ...needsStore,
      RetryIsIdempotent: "no retry window: a spent refresh token is refused at once",
    })
  })
})

const noRefresh = "no refresh tokens"
const noRotation = "refresh tokens are not rotated"
const lacking: Partial<Record<keyof typeof policies, Readonly<Record<string, string>>>> = {
  noRefreshTokens: {
    RotationIsLinear: noRefresh,
    RetryIsIdempotent: noRefresh,
    ReuseKillsGrant: noRefresh,
    ScopeNeverGrows: noRefresh,
  },
  noRotation: { RotationIsLinear: noRotation, RetryIsIdempotent: noRotation, ReuseKillsGrant: noRotation },
}

describe("a policy is not a fault, and what it lacks is not tried, never kept", () => {
  it.each(someOf(Object.entries(policies)))("%s", async (name, policy) => {
    // The other ends everything of a grant, however it is asked.
    const sound: ProviderFactory = policy === policies.halfRevocation ? correctSql : soundMemory
    const report = await checkProvider(async (world) => policy(await sound(world)), quick)
    expect(isKept(report), brokenIn(report).join()).toBe(true)
    expect(reasonsIn(report)).toMatchObject(lacking[name as keyof typeof policies] ?? {})
  })
})
