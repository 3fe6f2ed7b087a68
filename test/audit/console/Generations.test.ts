/** The generations of a grant: which thing is of which, in which order, and how each stands. */
import { describe, expect, it } from "vitest"
import { grantLineageOf } from "../../../src/audit/console/GrantLineage.ts"
import type { StateAt } from "../../../src/audit/asof/StateAt.ts"
import type { Event } from "../../../src/core/index.ts"
import { after, positionOf } from "../Story.ts"
import {
  actForItself,
  at,
  digest,
  initialize,
  login,
  older,
  redeem,
  redeemed,
  refresh,
  refuseConsent,
  registerService,
  revokeGrant,
  rotated,
  standing,
  toClient,
} from "../../core/support/Facts.ts"

const lineage = (stateAt: StateAt) => grantLineageOf(stateAt, login)!
const told = (stateAt: StateAt) =>
  lineage(stateAt).generations.map(({ generation, members }) => [
    generation,
    ...members.map(({ kind, digest: one, status }) => `${kind} ${one.replaceAll("_", "")} ${status}`),
  ])

const REFRESHES = Array.from({ length: 20 }, (_, index) => refresh(index + 1))

describe("a lineage", () => {
  it("has the code as its beginning, and of each generation the refresh token before its access tokens", () => {
    const stateAt = after(rotated, at(2))
    expect(told(stateAt)).toEqual([
      [0, "code code spent"],
      [1, "refresh token refresh-1 spent", "access token access-1 live"],
      [2, "refresh token refresh-2 live", "access token access-2 live"],
    ])
    expect(lineage(stateAt)).toMatchObject({ grantId: login, status: "live", standing: { status: "alive" } })
    expect(lineage(stateAt).unnamed).toEqual({ generationCount: 0, after: 2 })
    const [code] = lineage(stateAt).generations[0]!.members
    expect(code!.position).toBe(positionOf(stateAt, "AuthorizationCodeIssued"))
  })

  it("says what is dead, and of a theft which token was stolen and what only ended with it", () => {
    expect(told(after([...redeemed, revokeGrant()], at(2)))).toEqual([
      [0, "code code spent"],
      [1, "refresh token refresh-1 dead", "access token access-1 dead"],
    ])
    const reused = after([...rotated, refresh(2), older(1, { at: at(9) })], at(9))
    expect(lineage(reused).status).toBe("stolen")
    expect(told(reused).slice(0, 3)).toEqual([
      [0, "code code spent"],
      [1, "refresh token refresh-1 stolen", "access token access-1 dead"],
      [2, "refresh token refresh-2 spent", "access token access-2 dead"],
    ])
    expect(told(after([...redeemed, redeem({ at: at(1) })], at(2)))).toEqual([
      [0, "code code stolen"],
      [1, "refresh token refresh-1 dead", "access token access-1 dead"],
    ])
    // Also from the middle of a long one, which is named for that.
    const long = after([...redeemed, ...REFRESHES, older(5, { at: at(9) })], at(9))
    expect(told(long)[2]).toEqual([5, "refresh token refresh-5 stolen", "access token access-5 dead"])
    expect(lineage(long).unnamed.generationCount).toBe(9)
    expect(told(after([...redeemed, toClient("DisableClient")], at(2)))[1]).toEqual([
      1,
      "refresh token refresh-1 suspended",
      "access token access-1 suspended",
    ])
  })

  it("of twelve generations is told whole, and of one more the third is only counted", () => {
    for (const [count, unnamed] of [
      [10, 0],
      [11, 0],
      [12, 1],
      [20, 9],
    ] as const) {
      const { generations, unnamed: left } = lineage(after([...redeemed, ...REFRESHES.slice(0, count - 1)], at(2)))
      expect([count, left.generationCount]).toEqual([count, unnamed])
      expect(generations.map(({ generation }) => generation)).toEqual(
        Array.from({ length: count + 1 }, (_, index) => index).filter((one) => one < 2 || one > count - 10),
      )
    }
  })

  it("of a generation with many access tokens names the last eight things, and counts the others", () => {
    const issued = after(redeemed, at(1)).entries.grant.find(({ event }) => event._tag === "AccessTokenIssued")!.event
    const more = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...issued, digest: digest(`more-${index}`) }) as Event)
    for (const [count, unnamedCount] of [
      [6, 0],
      [7, 1],
      [9, 3],
    ] as const) {
      const [, first] = lineage(after(redeemed, at(1), more(count))).generations
      expect([count, first!.unnamedCount, first!.members.length]).toEqual([count, unnamedCount, 8])
      const names = ["access-1", "refresh-1", ...Array.from({ length: count }, (_, index) => `more-${index}`)].slice(-8)
      const inOrder = names.toSorted((left, right) => Number(right === "refresh-1") - Number(left === "refresh-1"))
      expect(first!.members.map((one) => one.digest)).toEqual(inOrder.map((name) => digest(name)))
    }
  })

  it("of a client's own grant is its access token, and of one that was denied nothing", () => {
    expect(told(after([initialize(), registerService(), actForItself()], at(1)))).toEqual([
      [expect.any(Number), "access token access-1 live"],
    ])
    const denied = after([...standing, refuseConsent()], at(1))
    expect(lineage(denied)).toMatchObject({ status: "dead", generations: [], unnamed: { generationCount: 0 } })
  })

  it("is told in the order of the log, in whichever order its entries come", () => {
    const issued = after(redeemed, at(1)).entries.grant.find(({ event }) => event._tag === "AccessTokenIssued")!.event
    const more = [1, 2, 3].map((index) => ({ ...issued, digest: digest(`more-${index}`) }) as Event)
    for (const whole of [after([...redeemed, ...REFRESHES], at(2)), after(redeemed, at(1), more)]) {
      const mixed = { ...whole, entries: { ...whole.entries, grant: whole.entries.grant.toReversed() } }
      expect(told(mixed)).toEqual(told(whole))
    }
  })

  it("whose beginning is not known is counted from the first generation that is", () => {
    const whole = after([...redeemed, ...REFRESHES], at(2))
    const generation = ({ event }: StateAt["entries"]["grant"][number]) =>
      "generation" in event ? event.generation : 0
    const grant = whole.entries.grant.filter((entry) => generation(entry) > 5)
    const known = lineage({ ...whole, entries: { ...whole.entries, grant } })
    expect(known.generations.map((one) => one.generation)).toEqual([6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21])
    expect(known.unnamed.generationCount).toBe(4)
  })
})
