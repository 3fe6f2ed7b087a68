/** Where a token came from and what came of it: what is above it, below it and beside it, and who presented it when. */
import { describe, expect, it } from "vitest"
import { ancestryOf, generationsOf, presentationsOf, relativesOf } from "../../../src/audit/explain/Lineage.ts"
import type { StateAt } from "../../../src/audit/asof/StateAt.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { after, positionOf } from "../Story.ts"
import {
  actForItself,
  again,
  at,
  digest,
  initialize,
  older,
  redeem,
  redeemed,
  refresh,
  registerService,
  revoke,
  revokeGrant,
  rotated,
} from "../../core/support/Facts.ts"

const types = (entries: ReadonlyArray<Recorded>) =>
  entries.map(({ event }) => ("generation" in event ? `${event._tag} ${event.generation}` : event._tag))
const ancestry = (stateAt: StateAt, name: string) => {
  const { entries, untoldCount } = ancestryOf(stateAt, digest(name))
  return [types(entries), untoldCount]
}
const REFRESHES = Array.from({ length: 20 }, (_, index) => refresh(index + 1))

describe("the ancestry of a token", () => {
  const begun = ["GrantOpened", "AuthorizationCodeIssued", "AuthorizationCodeRedeemed"]

  it("is the approval, the code, its redemption, the generations before it, and itself", () => {
    const stateAt = after([...rotated, refresh(2)], at(2))
    expect(ancestry(stateAt, "code")).toEqual([begun.slice(0, 2), 0])
    expect(ancestry(stateAt, "access-1")).toEqual([[...begun, "AccessTokenIssued 1"], 0])
    expect(ancestry(stateAt, "refresh-1")).toEqual([[...begun, "RefreshTokenIssued 1"], 0])
    expect(ancestry(stateAt, "refresh-3")).toEqual([
      [...begun, "RefreshTokenIssued 1", "RefreshTokenRotated 2", "RefreshTokenRotated 3"],
      0,
    ])
    expect(ancestry(stateAt, "access-2")).toEqual([[...begun, "RefreshTokenIssued 1", "AccessTokenIssued 2"], 0])
    expect(ancestry(stateAt, "nobodys")).toEqual([[], 0])
  })

  it("of a client's own token is its grant alone", () => {
    const stateAt = after([initialize(), registerService(), actForItself()], at(1))
    const [entries, untoldCount] = ancestry(stateAt, "access-1")
    expect(entries).toEqual(["GrantOpened", expect.stringMatching(/^AccessTokenIssued/)])
    expect(untoldCount).toBe(0)
  })

  it("that is long is told by its first and last four generations, and the number of those between", () => {
    const stateAt = after([...redeemed, ...REFRESHES], at(2))
    for (const [generation, untold] of [
      [8, 0],
      [9, 1],
      [21, 13],
    ] as const) {
      const { entries, untoldCount } = ancestryOf(stateAt, digest(`refresh-${generation}`))
      const told = entries.flatMap(({ event }) =>
        event._tag === "RefreshTokenIssued" || event._tag === "RefreshTokenRotated" ? [event.generation] : [],
      )
      expect([generation, untoldCount]).toEqual([generation, untold])
      expect(told).toEqual([...new Set([1, 2, 3, ...[4, 3, 2, 1, 0].map((back) => generation - back)])])
    }
  })

  it("whose beginning is not known counts from the first generation that is", () => {
    const whole = after([...redeemed, ...REFRESHES], at(2))
    const known = whole.entries.grant.filter(({ event }) => !("generation" in event) || event.generation > 5)
    const grant = known.filter(({ event }) => event._tag !== "AuthorizationCodeIssued")
    const { untoldCount } = ancestryOf({ ...whole, entries: { ...whole.entries, grant } }, digest("refresh-20"))
    expect(untoldCount).toBe(20 - 6 - 8)
  })
})

describe("what is alive", () => {
  const relatives = (stateAt: StateAt, name?: string) => {
    const { descendants, siblings } = relativesOf(stateAt, name === undefined ? undefined : digest(name))
    const names = (some: typeof siblings) => some.map((one) => `${one.digest.replaceAll("_", "")} ${one.generation}`)
    return [names(descendants), names(siblings)]
  }

  it("below a refresh token or a code came after it, and nothing comes of an access token", () => {
    const stateAt = after(rotated, at(2))
    const all = ["refresh-2 2", "access-1 1", "access-2 2"]
    expect(relatives(stateAt)).toEqual([all, []])
    expect(relatives(stateAt, "code")).toEqual([all, []])
    expect(relatives(stateAt, "refresh-1")).toEqual([["refresh-2 2", "access-2 2"], ["access-1 1"]])
    expect(relatives(stateAt, "refresh-2")).toEqual([[], ["access-1 1", "access-2 2"]])
    expect(relatives(stateAt, "access-1")).toEqual([[], ["refresh-2 2", "access-2 2"]])
    expect(relatives(stateAt, "nobodys")).toEqual([[], all])
    expect(relatives(after([...rotated, revokeGrant()], at(2)), "code")).toEqual([[], []])
  })

  it("stands where it was issued", () => {
    const stateAt = after(redeemed, at(2))
    const { descendants } = relativesOf(stateAt, digest("code"))
    expect(descendants.map(({ kind, position }) => [kind, position])).toEqual([
      ["refresh token", positionOf(stateAt, "RefreshTokenIssued")],
      ["access token", positionOf(stateAt, "AccessTokenIssued")],
    ])
    expect([...generationsOf(stateAt)]).toEqual(
      [
        ["code", 0, "AuthorizationCodeIssued", true],
        ["access-1", 1, "AccessTokenIssued", false],
        ["refresh-1", 1, "RefreshTokenIssued", true],
      ].map(([name, generation, tag, isTrunk]) => [
        digest(name as string),
        { generation, position: positionOf(stateAt, tag as "AccessTokenIssued"), isTrunk },
      ]),
    )
  })

  it("of what the entries at hand did not issue is not told", () => {
    const whole = after(redeemed, at(2))
    const grant = whole.entries.grant.filter(({ event }) => event._tag !== "AccessTokenIssued")
    expect(relatives({ ...whole, entries: { ...whole.entries, grant } })).toEqual([["refresh-1 1"], []])
  })
})

describe("presented", () => {
  const presented = (stateAt: StateAt, name: string) => types(presentationsOf(stateAt, digest(name)))

  it("was a code where it was redeemed, refused or replayed, until its grant ended", () => {
    const wrong = redeem({ verifier: { wellFormed: false } as never })
    const stateAt = after([...redeemed, redeem({ at: at(1) })], at(2))
    expect(presented(stateAt, "code")).toEqual([
      "AuthorizationCodeRedeemed",
      "AuthorizationCodeReplayed",
      "GrantRevoked",
    ])
    expect(presented(stateAt, "access-1")).toEqual(["GrantRevoked"])
    expect(presented(stateAt, "refresh-1")).toEqual(["GrantRevoked"])
    const refused = after([...redeemed.slice(0, -1), wrong], at(1))
    expect(presented(refused, "code")).toEqual(["AuthorizationCodeAttemptRefused"])
  })

  it("was a refresh token where it was spent, retried and reused", () => {
    const story = [...rotated, again("access-2"), refresh(2, { at: at(2) }), again("access-3", { at: at(2) })]
    const stateAt = after([...story, older(1, { at: at(9) })], at(9))
    expect(presented(stateAt, "refresh-1")).toEqual([
      "RefreshTokenRotated 2",
      "RefreshTokenRetried 1",
      "RefreshTokenReused 1",
      "GrantRevoked",
    ])
    expect(presented(stateAt, "refresh-2")).toEqual(["RefreshTokenRotated 3", "RefreshTokenRetried 2", "GrantRevoked"])
    // Given again as an answer, it was presented by nobody.
    expect(presented(stateAt, "access-2")).toEqual(["RefreshTokenRetried 1", "GrantRevoked"])
    expect(presented(stateAt, "access-1")).toEqual(["GrantRevoked"])
    expect(presented(stateAt, "code")).toEqual(["AuthorizationCodeRedeemed", "GrantRevoked"])
  })

  it("was an access token where it was revoked", () => {
    const stateAt = after([...rotated, revoke()], at(2))
    expect(presented(stateAt, "access-1")).toEqual(["AccessTokenRevoked"])
    expect(presented(stateAt, "access-2")).toEqual([])
    expect(presented(stateAt, "refresh-2")).toEqual([])
    expect(presented(stateAt, "nobodys")).toEqual([])
  })
})
