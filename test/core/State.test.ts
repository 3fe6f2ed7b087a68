/** State: each event belongs to one lifecycle and one stream, and folds into its own part alone. */
import { describe, expect, it } from "vitest"
import { given, type Fact } from "../../properties/Scenario.ts"
import { Generation, evolve, initial, lifecycleOf, streamOf, type Event, type State } from "../../src/core/index.ts"
import {
  CALLBACK,
  actForItself,
  again,
  alice,
  app,
  at,
  digest,
  initialize,
  login,
  metadata,
  raiseEpoch,
  redeem,
  redeemed,
  redirectUri as uriOf,
  refuseConsent,
  register,
  registerService,
  revokeGrant,
  rotated,
  standing,
  toClient,
  toSubject,
  update,
} from "./support/Facts.ts"

const history = given(
  ...rotated,
  again("access-2"),
  revokeGrant(),
  toClient("DisableClient"),
  toSubject("DisableSubject"),
).history

describe("an event", () => {
  it("is appended to the stream of what it is about", () => {
    const streams = { issuer: "issuer", client: "client-app", subject: "subject-sub_alice", grant: `grant-${login}` }
    for (const event of history) expect(streamOf(event)).toBe(streams[lifecycleOf(event)])
    expect(new Set(history.map(lifecycleOf)).size).toBe(4)
  })

  it("changes its own lifecycle and leaves the others as they are, to the reference", () => {
    history.reduce((state, event) => {
      const next = evolve(state, event)
      for (const part of ["issuer", "client", "subject", "grant"] as const) {
        if (part !== lifecycleOf(event)) expect(next[part]).toBe(state[part])
      }
      return next
    }, initial)
  })
})

describe("the fold of a client", () => {
  const again = { ...register({ metadata: { ...metadata, client_name: "another" } }), at: at(5) }
  const [registration] = given(again).history as [Event]

  it.each<readonly [string, ReadonlyArray<Fact>]>([
    ["registered", []],
    ["updated", [update({ metadata: { ...metadata, client_name: "renamed" } })]],
    ["disabled", [toClient("DisableClient")]],
    ["deleted", [toClient("DeleteClient")]],
  ])("takes a registration once: not when it is %s", (_, facts) => {
    const { client } = given(register(), ...facts).history.reduce(evolve, initial)
    expect(evolve({ ...initial, client }, registration).client).toBe(client)
  })
})

describe("the fold of an issuer", () => {
  it("takes an initialization once: neither its name nor its epoch is reset", () => {
    const [initialized] = given(initialize({ issuer: "https://other.example" })).history as [Event]
    for (const facts of [[], [raiseEpoch()]]) {
      const { issuer } = given(initialize(), ...facts).history.reduce(evolve, initial)
      expect(issuer).toMatchObject({ issuer: "https://auth.example", epoch: facts.length })
      expect(evolve({ ...initial, issuer }, initialized).issuer).toBe(issuer)
    }
  })

  it("has no epoch to raise before it is initialized", () => {
    const raised = given(initialize(), raiseEpoch()).history.at(-1)!
    expect(evolve(initial, raised)).toEqual(initial)
  })
})

describe("the fold of a grant", () => {
  const redirectUri = uriOf(CALLBACK)
  const reused = digest("refresh-1")
  const firstOne = Generation.make(1)
  const retried = {
    _tag: "RefreshTokenRetried",
    grantId: login,
    generation: firstOne,
    accessToken: reused,
    retriedAt: at(1),
  } as const
  const grantOf = ({ grant }: State) => {
    if (grant._tag !== "Open") throw new Error("the grant is not open")
    return grant
  }
  const [opened, ...rest] = history.filter((event) => lifecycleOf(event) === "grant") as [Event, ...Array<Event>]

  it("begins with the opening: what comes before it changes nothing", () => {
    for (const event of rest) expect(evolve(initial, event)).toEqual(initial)
  })

  it("takes an opening once", () => {
    const state = rest.slice(0, 3).reduce(evolve, evolve(initial, opened))
    expect(evolve(state, opened)).toEqual(state)
  })

  it.each([
    ["revoked", [...rotated, revokeGrant()]],
    ["denied", [...standing, refuseConsent()]],
  ])("ends for good once it is %s", (_, facts) => {
    const ended = given(...facts).history.reduce(evolve, initial)
    for (const event of [opened, ...rest]) expect(evolve(ended, event).grant).toBe(ended.grant)
  })

  it.each<readonly [string, Event]>([
    [
      "a refusal",
      { _tag: "GrantDenied", grantId: login, clientId: app, subjectId: alice, redirectUri, deniedAt: at(1) },
    ],
    ["a replay", { _tag: "AuthorizationCodeReplayed", grantId: login, replayedAt: at(1) }],
    ["a reuse", { _tag: "RefreshTokenReused", grantId: login, digest: reused, generation: firstOne, reusedAt: at(1) }],
  ])("is not changed by the record of %s, but by what follows from it", (_, event) => {
    const state = given(...rotated).history.reduce(evolve, initial)
    expect(evolve(state, event).grant).toBe(state.grant)
  })

  it("has no attempts at a code, and no retries, where there is no code and no refresh token", () => {
    const state = given(initialize(), registerService(), actForItself()).history.reduce(evolve, initial)
    const events: ReadonlyArray<Event> = [
      { _tag: "AuthorizationCodeAttemptRefused", grantId: login, fault: "key_wrong", refusedAt: at(1) },
      { _tag: "AuthorizationCodeRedeemed", grantId: login, redeemedAt: at(1) },
      retried,
      given(...rotated).history.find(({ _tag }) => _tag === "RefreshTokenRotated")!,
    ]
    for (const event of events) expect(evolve(state, event).grant).toBe(state.grant)
  })

  it("has no retries of a refresh token that was never rotated", () => {
    const state = given(...redeemed).history.reduce(evolve, initial)
    expect(evolve(state, retried).grant).toBe(state.grant)
  })

  it.each([
    ["before the first rotation", redeemed],
    ["after one, from something else than the spent token", rotated],
  ])("takes an access token that is issued %s for no answer to a retry", (_, facts) => {
    const { history: told } = given(...facts)
    const issued = told.find((event) => event._tag === "AccessTokenIssued")!
    const state = told.reduce(evolve, initial)
    const before = grantOf(state)
    const after = grantOf(evolve(state, { ...issued, digest: digest("another"), parent: digest("elsewhere") }))
    expect(after.refresh).toBe(before.refresh)
    expect(after.accessTokens).toHaveLength(before.accessTokens.length + 1)
  })

  it("keeps no more of a revoked grant than who it was and why it ended", () => {
    const { grant } = given(...rotated, revokeGrant()).history.reduce(evolve, initial)
    expect(grant).toEqual({
      _tag: "Revoked",
      grantId: login,
      clientId: redeem().clientId,
      subjectId: "sub_alice",
      reason: "subject",
      revokedAt: at(1),
    })
  })
})
