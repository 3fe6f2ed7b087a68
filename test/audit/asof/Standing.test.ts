/** How a thing stands, and why: each end by its own rule, since when, and by which entries; told of the events alone. */
import { describe, expect, it } from "vitest"
import { causesOfGrant, causesOfToken } from "../../../src/audit/asof/Causes.ts"
import {
  aliveOf,
  liveOrSuspendedOf,
  standingOfClient,
  standingOfGrant,
  standingOfSubject,
  standingOfToken,
  type Standing,
} from "../../../src/audit/asof/Standing.ts"
import type { StateAt } from "../../../src/audit/asof/StateAt.ts"
import type { Command, EpochMillis } from "../../../src/core/index.ts"
import { after, positionOf } from "../Story.ts"
import {
  actForItself,
  app,
  at,
  denyDevice,
  digest,
  initialize,
  login,
  older,
  opened,
  raiseEpoch,
  redeem,
  redeemed,
  refresh,
  refuseConsent,
  register,
  registerDevice,
  registerService,
  revoke,
  revokeGrant,
  rotated,
  standing,
  toClient,
  toSubject,
  update,
} from "../../core/support/Facts.ts"

const brief = ({ status, until, cause, others }: Standing) => ({
  status,
  until,
  rule: cause?.rule,
  since: cause?.since,
  others: others.map(({ rule }) => rule),
})
const alive = (until: EpochMillis | null) => ({ status: "alive", until, rule: undefined, since: undefined, others: [] })
const dead = (rule: string, since: EpochMillis, ...others: ReadonlyArray<string>) => ({
  status: "dead",
  until: null,
  rule,
  since,
  others,
})

const token = (stateAt: StateAt, name: string) => brief(standingOfToken(stateAt, digest(name)))
const grant = (stateAt: StateAt) => brief(standingOfGrant(stateAt))
const positions = ({ cause }: Standing) => cause?.positions

describe("what came of a login", () => {
  it("is alive until just before it expires, each for itself, and then dead since then", () => {
    const one = (name: string, story: ReadonlyArray<Command>, end: EpochMillis, rule: string) => {
      const before = (end - 1) as EpochMillis
      expect([name, token(after(story, before), name)]).toEqual([name, alive(end)])
      expect([name, token(after(story, end), name)]).toEqual([name, dead(rule, end)])
      expect(standingOfToken(after(story, end), digest(name)).cause!.positions).toEqual([])
    }
    one("code", opened, at(1), "code-expired")
    one("access-1", redeemed, at(10), "access-token-expired")
    one("refresh-1", redeemed, at(60), "refresh-token-expired")
    one("refresh-2", rotated, at(61), "refresh-token-expired")
    const story = [...redeemed, refresh(1, { at: at(59) })]
    expect(grant(after(story, at(299, 59_999)))).toEqual(alive(at(300)))
    expect(grant(after(story, at(300)))).toEqual(dead("grant-expired", at(300)))
    expect(token(after(story, at(300)), "access-2")).toEqual(dead("access-token-expired", at(69), "grant-expired"))
  })

  it("is spent when something else took its place", () => {
    const stateAt = after(rotated, at(2))
    const [code, first] = [standingOfToken(stateAt, digest("code")), standingOfToken(stateAt, digest("refresh-1"))]
    expect(brief(code)).toEqual(dead("redeemed", at(0), "code-expired"))
    expect(positions(code)).toEqual([positionOf(stateAt, "AuthorizationCodeRedeemed")])
    expect(token(after(rotated, at(0, 59_999)), "code")).toEqual(dead("redeemed", at(0)))
    expect(aliveOf(after(redeemed, at(0))).map(({ kind }) => kind)).toEqual(["refresh token", "access token"])
    expect(brief(first)).toEqual(dead("rotated", at(1)))
    expect(positions(first)).toEqual([positionOf(stateAt, "RefreshTokenRotated")])
    expect(token(stateAt, "refresh-2")).toEqual(alive(at(61)))
    expect(token(stateAt, "access-1")).toEqual(alive(at(10)))
  })

  it("is what can be presented, and nothing of it once the grant ended", () => {
    const kinds = (stateAt: StateAt) => aliveOf(stateAt).map(({ kind, expiresAt }) => [kind, expiresAt])
    expect(kinds(after(opened, at(0)))).toEqual([["code", at(1)]])
    expect(kinds(after(redeemed, at(9)))).toEqual([
      ["refresh token", at(60)],
      ["access token", at(10)],
    ])
    expect(kinds(after(redeemed, at(10)))).toEqual([["refresh token", at(60)]])
    expect(kinds(after([...redeemed, revokeGrant()], at(2)))).toEqual([])
    expect(kinds(after(standing, at(2)))).toEqual([])
    const suspended = after([...redeemed, toClient("DisableClient")], at(2))
    expect(kinds(suspended)).toEqual([])
    expect(liveOrSuspendedOf(suspended).map(({ digest: one }) => one)).toEqual([
      digest("refresh-1"),
      digest("access-1"),
    ])
    const own = after([initialize(), registerService(), actForItself()], at(2))
    expect(kinds(own)).toEqual([["access token", at(10)]])
  })

  it("of an access token ends alone where its client revoked it, or where a younger one took its room", () => {
    const revoked = after([...redeemed, revoke()], at(2))
    expect(token(revoked, "access-1")).toEqual(dead("access-token-revoked", at(1)))
    expect(positions(standingOfToken(revoked, digest("access-1")))).toEqual([positionOf(revoked, "AccessTokenRevoked")])
    expect(grant(revoked)).toEqual(alive(at(300)))
    const later = after([...rotated, revoke()], at(11))
    expect(token(later, "access-2")).toEqual(dead("access-token-expired", at(11)))
    const refreshes = Array.from({ length: 64 }, (_, index) => refresh(index + 1))
    const crowded = after([...redeemed, ...refreshes], at(2))
    expect(token(crowded, "access-1")).toEqual(dead("too-many-access-tokens", at(1)))
    expect(token(crowded, "access-2")).toEqual(alive(at(11)))
  })
})

describe("a grant that ended", () => {
  it.each([
    ["its client", revoke({ cascade: true }), "revoked-by-client"],
    ["its subject", revokeGrant(), "revoked-by-subject"],
    ["the operator", revokeGrant({ subjectId: null }), "revoked-by-operator"],
  ])("by %s says so, with the entry that ended it", (_, command, rule) => {
    const stateAt = after([...redeemed, command], at(2))
    const found = standingOfGrant(stateAt)
    expect(brief(found)).toEqual(dead(rule, at(1)))
    expect(positions(found)).toEqual([positionOf(stateAt, "GrantRevoked")])
    expect(found.cause).toMatchObject({ isTheft: false })
    expect(token(stateAt, "access-1")).toEqual(dead(rule, at(1)))
  })

  it("by a code that came twice names both presentations and the end", () => {
    const stateAt = after([...redeemed, redeem({ at: at(1) })], at(2))
    const found = standingOfGrant(stateAt)
    expect(brief(found)).toEqual(dead("code-replayed", at(1)))
    expect(found.cause).toMatchObject({ isTheft: true })
    expect(positions(found)).toEqual(
      (["AuthorizationCodeRedeemed", "AuthorizationCodeReplayed", "GrantRevoked"] as const).map((tag) =>
        positionOf(stateAt, tag),
      ),
    )
  })

  it("by a spent refresh token names where that one was spent, the reuse and the end", () => {
    const stateAt = after(
      [...rotated, refresh(2, { at: at(2) }), refresh(3, { at: at(3) }), older(2, { at: at(9) })],
      at(9),
    )
    const found = standingOfGrant(stateAt)
    expect(brief(found)).toEqual(dead("refresh-token-reused", at(9)))
    const spent = stateAt.entries.grant.find(
      ({ event }) => event._tag === "RefreshTokenRotated" && event.parent === digest("refresh-2"),
    )!
    expect(positions(found)).toEqual([
      spent.position,
      positionOf(stateAt, "RefreshTokenReused"),
      positionOf(stateAt, "GrantRevoked"),
    ])
    expect(token(stateAt, "refresh-2")).toEqual(dead("rotated", at(2), "refresh-token-reused"))
    // Of a long stream the entry that spent it may not be at hand.
    const grant = stateAt.entries.grant.filter((entry) => entry !== spent)
    const known = standingOfGrant({ ...stateAt, entries: { ...stateAt.entries, grant } })
    expect(positions(known)).toEqual(positions(found)!.slice(1))
  })

  it.each([
    ["", [...standing, refuseConsent()]],
    [" on a device", [initialize(), registerDevice(), denyDevice()]],
  ])("before it began, where it was denied%s, says so", (_, story) => {
    const stateAt = after(story, at(1))
    expect(grant(stateAt)).toEqual(dead("denied", at(0)))
    expect(positions(standingOfGrant(stateAt))).toEqual([positionOf(stateAt, "GrantDenied")])
  })

  it.each([
    ["issuer-epoch-raised", raiseEpoch(), "IssuerEpochRaised"],
    ["client-deleted", toClient("DeleteClient"), "ClientDeleted"],
    ["subject-sessions-revoked", toSubject("RevokeSubjectSessions"), "SubjectSessionsRevoked"],
    ["subject-disabled", toSubject("DisableSubject"), "SubjectDisabled"],
    ["subject-forgotten", toSubject("ForgetSubject"), "SubjectForgotten"],
  ] as const)("with what it depended on says so: %s", (rule, command, tag) => {
    const stateAt = after([...redeemed, command], at(2))
    const found = standingOfGrant(stateAt)
    expect(brief(found)).toEqual(dead(rule, at(1)))
    expect(positions(found)).toEqual([positionOf(stateAt, tag)])
    expect(token(stateAt, "refresh-1")).toEqual(dead(rule, at(1)))
  })

  it("more than once names the first end, then the others as they came", () => {
    const story = [...redeemed, toSubject("DisableSubject", { at: at(5) }), raiseEpoch({ at: at(3) })]
    expect(grant(after(story, at(300)))).toEqual(
      dead("issuer-epoch-raised", at(3), "subject-disabled", "grant-expired"),
    )
    // At one time by the log's order, and what only the clock did comes last.
    const together = [...redeemed, toSubject("DisableSubject", { at: at(10) }), raiseEpoch({ at: at(10) })]
    expect(token(after(together, at(10)), "access-1")).toEqual(
      dead("subject-disabled", at(10), "issuer-epoch-raised", "access-token-expired"),
    )
  })
})

describe("with its client disabled", () => {
  const disabled = [...redeemed, toClient("DisableClient", { at: at(2) })]

  it("what is alive is suspended, and says until when", () => {
    const stateAt = after(disabled, at(3))
    const found = standingOfGrant(stateAt)
    const suspended = (until: EpochMillis) => ({
      ...alive(until),
      status: "suspended",
      rule: "client-disabled",
      since: at(2),
    })
    expect(brief(found)).toEqual(suspended(at(300)))
    expect(positions(found)).toEqual([positionOf(stateAt, "ClientDisabled")])
    expect(token(stateAt, "access-1")).toEqual(suspended(at(10)))
    expect(token(after([...disabled, toClient("EnableClient", { at: at(4) })], at(4)), "access-1")).toEqual(
      alive(at(10)),
    )
  })

  it("what is dead besides stays dead, by what ended it, whatever came first", () => {
    expect(token(after(disabled, at(10)), "access-1")).toEqual(dead("access-token-expired", at(10), "client-disabled"))
    const again = [...disabled, toClient("EnableClient", { at: at(4) }), toClient("DisableClient", { at: at(5) })]
    expect(standingOfGrant(after(again, at(6))).cause).toMatchObject({ since: at(5) })
  })
})

it("what came of a token that ended has ended with it, and says by what", () => {
  const ancestor = after([...redeemed, revokeGrant()], at(2))
  const named = { grantId: login, digest: digest("access-1"), clientId: app, subjectId: null }
  const own = { ...after([...redeemed, toClient("DisableClient")], at(2)), ancestors: [{ named, stateAt: ancestor }] }
  const causes = causesOfGrant(own as unknown as StateAt)
  expect(causes.map(({ rule, isPassing }) => [rule, isPassing])).toEqual([
    ["ancestor-ended", false],
    ["client-disabled", true],
  ])
  expect(causes[0]).toMatchObject({
    sentence: "a token that it came of is not alive any more: whoever approved it took that back",
    since: at(1),
    positions: [positionOf(ancestor, "GrantRevoked")],
  })
  const suspending = { ...own, ancestors: [{ named, stateAt: after([...redeemed, toClient("DisableClient")], at(2)) }] }
  expect(causesOfGrant(suspending as unknown as StateAt)[0]).toMatchObject({ rule: "ancestor-ended", isPassing: true })
})

describe("a client and a subject", () => {
  const client = (...commands: ReadonlyArray<Command>) =>
    standingOfClient(after([initialize(), register(), ...commands], at(9)))
  const subject = (...commands: ReadonlyArray<Command>) => standingOfSubject(after([initialize(), ...commands], at(9)))

  it("are alive for good until they are disabled, and again when they are enabled", () => {
    expect(brief(client())).toEqual(alive(null))
    expect(brief(client(toClient("DisableClient"), toClient("EnableClient", { at: at(2) })))).toEqual(alive(null))
    expect(brief(subject())).toEqual(alive(null))
    expect(brief(subject(toSubject("DisableSubject"), toSubject("EnableSubject", { at: at(2) })))).toEqual(alive(null))
  })

  it("are suspended while they are disabled, and dead once they are deleted or forgotten", () => {
    const suspended = { ...dead("disabled", at(1)), status: "suspended" }
    const [one, two] = [client(toClient("DisableClient")), subject(toSubject("DisableSubject"))]
    expect([brief(one), positions(one)]).toEqual([suspended, [2]])
    expect([brief(two), positions(two)]).toEqual([suspended, [1]])
    expect([one, two].map(({ cause }) => cause!.sentence.slice(0, 11))).toEqual(["the client ", "the subject"])
    const changed = client(toClient("DisableClient"), update({ at: at(3) }))
    expect([brief(changed), positions(changed)]).toEqual([suspended, [2]])
    const [gone, forgotten] = [client(toClient("DeleteClient")), subject(toSubject("ForgetSubject"))]
    expect([brief(gone), positions(gone)]).toEqual([dead("deleted", at(1)), [2]])
    expect([brief(forgotten), positions(forgotten)]).toEqual([dead("forgotten", at(1)), [1]])
  })
})

it("a grant that never was, and a token of no grant, have no cause, and are not alive", () => {
  const nothing = after(standing, at(1))
  expect(brief(standingOfGrant(nothing))).toMatchObject({ status: "dead", until: null, rule: undefined })
  expect(causesOfToken(after(redeemed, at(1)), digest("nobody"))).toEqual([])
  expect(standingOfToken(after(redeemed, at(1)), digest("nobody"))).toMatchObject({ status: "dead", cause: null })
})
