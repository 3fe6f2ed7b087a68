/** The chain of an exchanged token, both ways: all that it came of, and what is alive that came of it. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { allRelativesOf, ancestryOfGrant, wholeAncestryOf } from "../../../src/audit/explain/Exchanged.ts"
import type { AuditIndex } from "../../../src/audit/index.ts"
import { statesAt, type About, type StateAt } from "../../../src/audit/asof/StateAt.ts"
import type { Event } from "../../../src/core/index.ts"
import { after, storyLog } from "../Story.ts"
import { eventsOf } from "../StoredLog.ts"
import {
  actForItself,
  at,
  digest,
  grantId,
  initialize,
  login,
  redeemed,
  refresh,
  registerService,
  revokeGrant,
  rotated,
  service,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise
const exchanged = grantId("exchanged")

/** What came of the last token of a story, by exchange. */
const exchangedAfter = async (refreshCount: number): Promise<StateAt> => {
  const story = [...redeemed, ...Array.from({ length: refreshCount }, (_, index) => refresh(index + 1))]
  const [opening, issuing] = ["GrantOpened", "AccessTokenIssued"].map((tag) =>
    eventsOf(...redeemed).find(({ _tag }) => _tag === tag)!,
  )
  const ancestors = [{ grantId: login, digest: digest(`access-${refreshCount + 1}`) }]
  const own = { ...opening, grantId: exchanged, clientId: service, descent: { ancestors, actors: [], mayAct: null } }
  const { log, all } = storyLog(story, {
    more: [own, { ...issuing, grantId: exchanged, digest: digest("access-x") }] as unknown as ReadonlyArray<Event>,
  })
  return run(statesAt(log, { size: all.length, at: at(2) })({ grantId: exchanged }))
}

describe("what a token came of", () => {
  const types = ({ entries }: ReturnType<typeof wholeAncestryOf>) => entries.map(({ event }) => event._tag)
  const above = ["GrantOpened", "AuthorizationCodeIssued", "AuthorizationCodeRedeemed", "AccessTokenIssued"]

  it("is told through every grant on the way, the oldest first", async () => {
    const stateAt = await exchangedAfter(0)
    const whole = wholeAncestryOf(stateAt, digest("access-x"))
    expect(types(whole)).toEqual([...above, "GrantOpened", "AccessTokenIssued"])
    expect(whole.entries.map(({ position }) => position)).toEqual([2, 3, 4, 5, 7, 8])
    expect(whole.untoldCount).toBe(0)
    const opening = stateAt.entries.grant[0]!
    expect(types(ancestryOfGrant(stateAt, opening))).toEqual([...above, "GrantOpened"])
    expect(ancestryOfGrant(stateAt, opening)).toMatchObject({ untoldCount: 0 })
  })

  it("is told once, whatever order it is found in, with the number of generations that are left out", async () => {
    const stateAt = await exchangedAfter(20)
    const whole = wholeAncestryOf(stateAt, digest("access-x"))
    expect(whole.untoldCount).toBe(13)
    const twice = wholeAncestryOf(
      { ...stateAt, ancestors: [...stateAt.ancestors, ...stateAt.ancestors] },
      digest("access-x"),
    )
    expect(twice.entries).toEqual(whole.entries)
    expect(twice.untoldCount).toBe(26)
  })

  it("is told in the order of the log, though what is nearest comes first", async () => {
    const stateAt = await exchangedAfter(0)
    const nearest = {
      named: { grantId: exchanged, digest: digest("access-x") },
      stateAt,
    } as StateAt["ancestors"][number]
    const { entries } = wholeAncestryOf({ ...stateAt, ancestors: [nearest, ...stateAt.ancestors] }, digest("nobodys"))
    expect(entries.map(({ position }) => position)).toEqual([2, 3, 4, 5, 7, 8])
  })
})

describe("what is alive that came of a grant by exchanges", () => {
  const grants = {
    "of-code": after([initialize(), registerService(), actForItself({ accessToken: digest("x-1") })], at(2)),
    "of-access": after([initialize(), registerService(), actForItself({ accessToken: digest("x-2") })], at(2)),
    "of-refreshed": after(
      [
        ...redeemed,
        refresh(1, {
          presented: {
            _tag: "Current",
            successor: { refreshToken: digest("x-3"), accessToken: digest("x-4"), keyId: "key-1" as never },
          },
        }),
      ],
      at(2),
    ),
    dead: after([...redeemed, revokeGrant()], at(2)),
  }
  const own = after(rotated, at(2))
  const found = (name: string, of: string) => ({ grant: { grantId: name, clientId: `${name}'s` }, digest: digest(of) })

  const relatives = async (asked: string | undefined, came: ReadonlyArray<ReturnType<typeof found>>) => {
    const read: Array<About> = []
    const index = { exchangedFrom: (id: string) => Effect.succeed(id === login ? came : []) } as unknown as AuditIndex
    const readStateAt = (about: About) =>
      Effect.sync(() => {
        read.push(about)
        return grants[about.grantId as keyof typeof grants]
      })
    const { descendants, siblings } = await run(
      allRelativesOf(index, readStateAt, own, login, asked === undefined ? undefined : digest(asked)),
    )
    const brief = (all: typeof descendants) =>
      all.map((one) => [one.digest.replaceAll("_", ""), one.generation, one.position, one.grantId, one.clientId])
    return { descendants: brief(descendants), siblings: brief(siblings), read }
  }

  /** The grant's own, as it was issued. */
  const ownAlive = {
    "access-1": ["access-1", 1, 5, undefined, undefined],
    "refresh-2": ["refresh-2", 2, 7, undefined, undefined],
    "access-2": ["access-2", 2, 8, undefined, undefined],
  }
  const x1 = ["x-1", 0, 3, "of-code", "of-code's"]
  const x2 = ["x-2", 0, 3, "of-access", "of-access's"]
  const ofRefreshed = [
    ["x-3", 2, 7, "of-refreshed", "of-refreshed's"],
    ["access-1", 1, 5, "of-refreshed", "of-refreshed's"],
    ["x-4", 2, 8, "of-refreshed", "of-refreshed's"],
  ]
  const came = [found("of-access", "access-1"), found("of-refreshed", "access-2"), found("dead", "access-2")]

  it("comes of the grant as a whole, and only what lives is read of it, once", async () => {
    const { descendants, siblings, read } = await relatives(undefined, [...came, found("of-access", "access-2")])
    expect(descendants).toEqual([ownAlive["refresh-2"], ownAlive["access-1"], ownAlive["access-2"], x2, ...ofRefreshed])
    expect(siblings).toEqual([])
    expect(read).toEqual(["of-access", "of-refreshed", "dead"].map((grantId) => ({ grantId, isBrief: true })))
  })

  it.each<readonly [string, ReadonlyArray<unknown>, ReadonlyArray<unknown>]>([
    // All that came of the code.
    ["code", [ownAlive["refresh-2"], ownAlive["access-1"], ownAlive["access-2"], x2, ...ofRefreshed], []],
    // What came of a refresh token came of those that took its place, and not of what came beside it.
    ["refresh-1", [ownAlive["refresh-2"], ownAlive["access-2"], ...ofRefreshed], [ownAlive["access-1"], x2]],
    ["refresh-2", [], [ownAlive["access-1"], ownAlive["access-2"], x2, ...ofRefreshed]],
    // An access token is spent for nothing but what it was exchanged for.
    ["access-1", [x2], [ownAlive["refresh-2"], ownAlive["access-2"], ...ofRefreshed]],
    ["nobodys", [], [ownAlive["refresh-2"], ownAlive["access-1"], ownAlive["access-2"], x2, ...ofRefreshed]],
  ])("is below or beside %s", async (asked, below, beside) => {
    const { descendants, siblings } = await relatives(asked, came)
    expect([descendants, siblings]).toEqual([below, beside])
  })

  it("is beside where it came of a token that is not at hand, or of what was asked about and nothing is known of", async () => {
    const lost = [found("of-code", "nobodys")]
    expect((await relatives("refresh-1", lost)).siblings).toEqual([ownAlive["access-1"], x1])
    expect((await relatives("code", lost)).siblings).toEqual([x1])
    expect((await relatives("nobodys", lost)).descendants).toEqual([x1])
  })

  it("is looked for in a hundred grants", async () => {
    const many = Array.from({ length: 150 }, (_, index) => found(index < 99 ? `of-code` : "of-access", `${index}`))
    const distinct = many.map((one, index) => ({ ...one, grant: { ...one.grant, grantId: `${index}` } }))
    const read: Array<string | undefined> = []
    const index = { exchangedFrom: () => Effect.succeed(distinct) } as unknown as AuditIndex
    const readStateAt = ({ grantId: id }: About) =>
      Effect.sync(() => {
        read.push(id)
        return grants.dead
      })
    await run(allRelativesOf(index, readStateAt, own, login, undefined))
    expect(read).toEqual(Array.from({ length: 100 }, (_, at) => `${at}`))
  })

  it("is left out where the entry that issued it is not at hand", async () => {
    const there = grants["of-access"]
    const index = { exchangedFrom: () => Effect.succeed([found("of-access", "access-1")]) } as unknown as AuditIndex
    const without = { ...there, entries: { ...there.entries, grant: there.entries.grant.slice(0, 1) } }
    const { descendants } = await run(allRelativesOf(index, () => Effect.succeed(without), own, login, undefined))
    expect(descendants.map((one) => one.grantId)).toEqual([undefined, undefined, undefined])
  })
})
