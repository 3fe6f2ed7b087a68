/** Of a stream that the core would never write it is said which promise it breaks, at which entry; of its own, nothing. */
import { describe, expect, it } from "vitest"
import { breachesOf } from "../../../src/audit/proof/Breaches.ts"
import { decide, evolve, initial, streamOf, type Command, type Event } from "../../../src/core/index.ts"
import type { Recorded } from "../../../src/log/index.ts"
import {
  actForItself,
  again,
  at,
  denyDevice,
  digest,
  grantId,
  initialize,
  login,
  older,
  raiseEpoch,
  redeem,
  redeemed,
  refresh,
  refuseConsent,
  register,
  registerDevice,
  registerService,
  resources,
  revokeGrant,
  rotated,
  scopes,
  standing,
  toClient,
  toSubject,
} from "../../core/support/Facts.ts"

/** The events of a story that are of one stream. */
const eventsOf = (stream: string, ...commands: ReadonlyArray<Command>): ReadonlyArray<Event> => {
  const all: Array<Event> = []
  let state = initial
  for (const command of commands) {
    const { events } = decide(state, command)
    all.push(...events)
    state = events.reduce(evolve, state)
  }
  return all.filter((event) => streamOf(event) === stream)
}
const LOGIN = `grant-${login}`

const recorded = (events: ReadonlyArray<Event>, stream: string): ReadonlyArray<Recorded> =>
  events.map((event, index) => ({ event, stream, position: 10 * index, version: index + 1 }) as unknown as Recorded)

/** Which promise is broken at which of these events, and how it is told. */
const broken = (events: ReadonlyArray<Event>, stream = LOGIN) =>
  breachesOf(recorded(events, stream)).map(({ promise, position, message }) => [promise, position / 10, message])

/** The last event of this type. */
const the = <Tag extends Event["_tag"]>(events: ReadonlyArray<Event>, tag: Tag): Extract<Event, { _tag: Tag }> =>
  events.findLast(({ _tag }) => _tag === tag) as Extract<Event, { _tag: Tag }>

const first = eventsOf(LOGIN, ...redeemed)
const second = eventsOf(LOGIN, ...rotated)
const revoked = eventsOf(LOGIN, ...redeemed, revokeGrant())
const denied = eventsOf(LOGIN, ...standing, refuseConsent())

describe("a stream that the core wrote breaks nothing", () => {
  it.each([
    ["a login that was refreshed", [...rotated, again("access-2"), refresh(2, { at: at(2) })]],
    ["a theft", [...rotated, refresh(2), older(1, { at: at(9) })]],
    ["a code that came twice", [...redeemed, redeem({ at: at(1) })]],
    ["a revoked grant", [...redeemed, revokeGrant()]],
    ["a denied one", [...standing, refuseConsent()]],
    ["a denied one of a device", [initialize(), registerDevice(), denyDevice()]],
    ["a client's own", [initialize(), registerService(), actForItself()]],
  ])("%s", (_, commands) => {
    const events = eventsOf(LOGIN, ...commands)
    expect(events.length).toBeGreaterThan(0)
    expect(broken(events)).toEqual([])
  })

  it("the issuer's, a client's and a subject's", () => {
    const story = [initialize(), raiseEpoch(), raiseEpoch(), register(), toClient("DisableClient")]
    const subject = [toSubject("DisableSubject"), toSubject("ForgetSubject")]
    for (const stream of ["issuer", "client-app", "subject-sub_alice"]) {
      const events = eventsOf(stream, ...story, ...subject)
      expect(events.length, stream).toBeGreaterThan(1)
      expect(broken(events, stream), stream).toEqual([])
    }
  })
})

describe("a stream breaks", () => {
  const issued = the(first, "AccessTokenIssued")
  const refreshToken = the(first, "RefreshTokenIssued")

  it("CodeIsSingleUse where a code is redeemed twice", () => {
    const redemption = the(first, "AuthorizationCodeRedeemed")
    const message = "the code is redeemed a second time"
    expect(broken([...first, redemption])).toEqual([["CodeIsSingleUse", first.length, message]])
    // A grant without a code has none that was spent.
    const own = eventsOf(LOGIN, initialize(), registerService(), actForItself())
    expect(broken([...own, redemption])).toEqual([])
  })

  it("RotationIsLinear where a spent token is followed by another, or a second one is begun", () => {
    const fork = { ...the(second, "RefreshTokenRotated"), digest: digest("fork") }
    expect(broken([...second, fork])).toEqual([
      ["RotationIsLinear", second.length, "a refresh token takes the place of one that is not the unspent one"],
    ])
    const other = { ...refreshToken, digest: digest("other") }
    expect(broken([...first, other])).toEqual([
      ["RotationIsLinear", first.length, "a refresh token is issued while the grant has an unspent one"],
    ])
  })

  it("RevocationIsFinal by whatever is given after the grant ended", () => {
    const [later] = eventsOf(LOGIN, ...rotated, again("access-2")).slice(second.length)
    const given: ReadonlyArray<Event> = [
      the(first, "AuthorizationCodeIssued"),
      the(first, "AuthorizationCodeRedeemed"),
      issued,
      refreshToken,
      the(second, "RefreshTokenRotated"),
      later!,
    ]
    expect(new Set(given.map(({ _tag }) => _tag)).size).toBe(6)
    for (const event of given) {
      for (const [ended, how] of [
        [revoked, "revoked"],
        [denied, "denied"],
      ] as const) {
        const breaches = breachesOf(recorded([...ended, event], LOGIN))
        expect(breaches, event._tag).toContainEqual({
          promise: "RevocationIsFinal",
          position: 10 * ended.length,
          isBehind: false,
          message: `something is given after the grant was ${how}`,
        })
      }
    }
  })

  it("ConsentComesFirst by what is given before anybody approved", () => {
    expect(broken([issued])).toEqual([["ConsentComesFirst", 0, "something is given that nobody approved"]])
    expect(broken([the(revoked, "GrantRevoked")])).toEqual([])
  })

  it("RequestIsAnsweredOnce where it is approved or denied after it was", () => {
    const [approval, denial] = [the(first, "GrantOpened"), the(denied, "GrantDenied")]
    for (const [events, answer] of [
      [first, approval],
      [first, denial],
      [denied, approval],
      [denied, denial],
    ] as const) {
      const message = "the request was answered before"
      expect(broken([...events, answer])[0]).toEqual(["RequestIsAnsweredOnce", events.length, message])
    }
  })

  it("ScopeNeverGrows, AudienceNeverGrows and LifetimeNeverGrows by a token beyond its grant", () => {
    const token = { ...issued, digest: digest("wide") }
    const { expiresAt } = the(first, "GrantOpened")
    const late = (expiresAt + 1) as typeof expiresAt
    expect(broken([...first, { ...token, scopes: scopes("read write") }])).toEqual([])
    expect(broken([...first, { ...token, scopes: scopes("read admin") }])).toEqual([
      ["ScopeNeverGrows", first.length, "a token is for a scope that was not granted"],
    ])
    expect(broken([...first, { ...token, resources: resources("https://elsewhere.example/") }])).toEqual([
      ["AudienceNeverGrows", first.length, "a token is for a resource that was not granted"],
    ])
    expect(broken([...first, { ...token, expiresAt }])).toEqual([])
    const rotation = the(second, "RefreshTokenRotated")
    const begun = first.filter(({ _tag }) => _tag !== "RefreshTokenIssued")
    for (const [events, event] of [
      [first, token],
      [first, rotation],
      [begun, refreshToken],
    ] as const) {
      expect(broken([...events, { ...event, expiresAt: late }])).toEqual([
        ["LifetimeNeverGrows", events.length, "a token outlives its grant"],
      ])
    }
    // A code may: it gives nothing that does.
    const [approval, code] = [the(first, "GrantOpened"), the(first, "AuthorizationCodeIssued")]
    expect(broken([approval, { ...code, expiresAt: late }])).toEqual([])
  })

  it("ClientIdIsCreatedOnce where a client is registered again, also after it was deleted", () => {
    const client = eventsOf("client-app", register(), toClient("DeleteClient"))
    expect(broken([...client, client[0]!], "client-app")).toEqual([
      ["ClientIdIsCreatedOnce", 2, "the client id was registered before"],
    ])
  })

  it("ReplayKillsGrant and ReuseKillsGrant where the grant lives on, at the proof, by what is missing behind it", () => {
    const replay = eventsOf(LOGIN, ...redeemed, redeem({ at: at(1) }))
    const reuse = eventsOf(LOGIN, ...rotated, refresh(2), older(1, { at: at(9) }))
    for (const [promise, events, tag] of [
      ["ReplayKillsGrant", replay, "AuthorizationCodeReplayed"],
      ["ReuseKillsGrant", reuse, "RefreshTokenReused"],
    ] as const) {
      expect(events.at(-1)!._tag).toBe("GrantRevoked")
      const position = 10 * events.findIndex(({ _tag }) => _tag === tag)
      const message = "the grant lives on after what should have ended it"
      const [breach] = breachesOf(recorded(events.slice(0, -1), LOGIN))
      expect(breach).toEqual({ promise, position, isBehind: true, message })
    }
  })

  it("HistoryIsAppendOnly by an order that the core never writes, and by an event of another stream", () => {
    const client = eventsOf("client-app", register(), toClient("DisableClient"))
    const issuer = eventsOf("issuer", initialize(), raiseEpoch())
    expect(broken(client.slice(1), "client-app")).toEqual([
      ["HistoryIsAppendOnly", 0, "something happens to a client that was never registered"],
    ])
    const twice = "the issuer is initialized twice, or something happens to it before"
    expect(broken(issuer.slice(1), "issuer")).toEqual([["HistoryIsAppendOnly", 0, twice]])
    expect(broken([...issuer, issuer[0]!], "issuer")).toEqual([["HistoryIsAppendOnly", 2, twice]])
    const other = `grant-${grantId("other")}`
    const told = breachesOf(recorded(first, other))
    expect(told).toHaveLength(first.length)
    const message = `the event is of the stream ${LOGIN}`
    expect(told[0]).toEqual({ promise: "HistoryIsAppendOnly", position: 0, isBehind: false, message })
  })
})
