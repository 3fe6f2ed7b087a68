/** Streams and grants as of a moment: of long ones no more is read than shows what their whole streams show. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { grantAt, type TokenIndex } from "../../../src/audit/asof/GrantAt.ts"
import { statesAt } from "../../../src/audit/asof/StateAt.ts"
import { aliveOf, standingOfGrant, standingOfToken } from "../../../src/audit/asof/Standing.ts"
import {
  brief,
  foldOf,
  inOrder,
  readEnds,
  streamAt,
  versionAt,
  walkBack,
  walkStream,
} from "../../../src/audit/asof/StreamAt.ts"
import { issuedDigest, type Command } from "../../../src/core/index.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { after, storyLog } from "../Story.ts"
import {
  alice,
  app,
  at,
  digest,
  login,
  older,
  raiseEpoch,
  redeemed,
  refresh,
  refuseConsent,
  revoke,
  revokeGrant,
  standing,
  toClient,
  toSubject,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise
const GRANT = `grant-${login}`
const SUBJECT = `subject-${alice}`

/** Refreshes up to this generation, each a minute after the one before. */
const refreshes = (count: number): ReadonlyArray<Command> =>
  Array.from({ length: count - 1 }, (_, index) => refresh(index + 1, { at: at(1 + Math.floor(index / 10)) }))
const ends = (count: number): ReadonlyArray<Command> =>
  Array.from({ length: count }, () => toSubject("RevokeSubjectSessions"))

/** An index that knows the first `size` entries. */
const indexOf = (all: ReadonlyArray<Recorded>, size: number): TokenIndex => {
  const known = all.slice(0, size)
  return {
    size: Effect.succeed(size),
    issuesOf: (digests: ReadonlyArray<string>) =>
      Effect.succeed(known.filter(({ event }) => digests.includes(issuedDigest(event) ?? ""))),
    endsOf: (digests: ReadonlyArray<string>) =>
      Effect.succeed(
        known.flatMap(({ event, position }) =>
          event._tag === "AccessTokenRevoked" && digests.includes(event.digest) ? [position] : [],
        ),
      ),
  } as unknown as TokenIndex
}

describe("a stream", () => {
  it("has as many entries at a size of the log as were recorded by then", async () => {
    const { log, all, of } = storyLog([...redeemed, ...refreshes(30), toSubject("DisableSubject")])
    for (const stream of ["issuer", "client-app", SUBJECT, GRANT]) {
      for (let size = 0; size <= all.length + 1; size++) {
        const count = of(stream).filter(({ position }) => position < size).length
        expect([stream, size, await run(versionAt(log, stream, size))]).toEqual([stream, size, count])
      }
    }
    expect(await run(versionAt(log, "client-none", 9))).toBe(0)
  })

  it("that is short is read whole, and of a longer one both ends", async () => {
    const { log, of } = storyLog([...standing, ...ends(40)])
    const versions = async (count: number, extent = { whole: 8, first: 2, last: 3 }) =>
      (await run(readEnds(log, SUBJECT, count, extent))).map(({ version }) => version)
    expect(await versions(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await versions(9)).toEqual([1, 2, 7, 8, 9])
    expect(await versions(33, brief)).toEqual([1, 33])
    expect(await run(readEnds(log, SUBJECT, 40))).toEqual(of(SUBJECT))
    const [one, two, three] = of(SUBJECT)
    expect(inOrder([three!, one!, two!, { ...one! }, three!])).toEqual([one, two, three])
  })

  it("is walked in pages, forth and back, until somebody has enough or it ends", async () => {
    const { log, read } = storyLog([...standing, ...ends(400)])
    const walked = async (walk: typeof walkStream, behind: number, count: number, enough?: number) => {
      const met: Array<number> = []
      await run(
        walk(log, SUBJECT, behind, count, ({ version }) => {
          met.push(version)
          return version === enough ? "enough" : undefined
        }),
      )
      return met
    }
    const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
    expect(await walked(walkStream, 3, 390)).toEqual(numbers(4, 390))
    expect(await walked(walkStream, 3, 390, 200)).toEqual(numbers(4, 200))
    expect(await walked(walkStream, 400, 400)).toEqual([])
    // It is shorter than somebody thought.
    expect(await walked(walkStream, 390, 500)).toEqual(numbers(391, 400))
    expect(await walked(walkBack, 3, 390)).toEqual(numbers(4, 390).toReversed())
    expect(await walked(walkBack, 3, 390, 200)).toEqual(numbers(200, 390).toReversed())
    expect(read.most).toBe(128)
  })

  it.each([false, true])(
    "that is long has state and ends, and its raised epochs are found (rows stale: %s)",
    async (isStale) => {
      const story = [...standing, ...ends(500), toSubject("DisableSubject"), ...ends(400)]
      const { log, of } = storyLog(story, { isStale })
      const entries = of(SUBJECT)
      for (const count of [511, 512, 513, entries.length]) {
        const found = await run(streamAt(log, "subject", alice, entries[count - 1]!.position + 1))
        expect(found.count).toBe(count)
        expect(found.state.subject).toEqual(foldOf(entries.slice(0, count)).subject)
        expect(found.entries.length).toBe(count <= 512 ? count : count < 600 ? 384 : 385)
        expect(found.entries.at(-1)).toEqual(entries[count - 1])
        expect(found.entries.map(({ event }) => event._tag)).toContain("SubjectDisabled")
        for (const epoch of [0, 1, 499, 500, count - 1, count]) {
          const raised = await run(found.raisedFrom(epoch))
          expect([count, epoch, raised?.position]).toEqual([count, epoch, entries.slice(0, count)[epoch]?.position])
        }
      }
    },
  )

  it("of a client or the issuer that is long is suspended and raised by its own events", async () => {
    const updates: ReadonlyArray<Command> = Array.from({ length: 300 }, () => [
      toClient("EnableClient"),
      toClient("DisableClient"),
    ]).flat()
    const raises = Array.from({ length: 600 }, () => raiseEpoch())
    const { log, of, all } = storyLog([...standing, toClient("DisableClient"), ...updates, ...raises])
    const client = await run(streamAt(log, "client", app, all.length))
    expect(client).toMatchObject({ count: 602, state: { client: { status: "disabled" } } })
    expect(await run(client.raisedFrom(0))).toBeUndefined()
    const issuer = await run(streamAt(log, "issuer", "", all.length))
    expect(issuer.state.issuer).toMatchObject({ epoch: 600 })
    expect((await run(issuer.raisedFrom(70)))!.position).toBe(of("issuer")[71]!.position)
    const deleted = storyLog([...standing, toClient("DisableClient"), ...updates, toClient("DeleteClient")])
    const gone = await run(streamAt(deleted.log, "client", app, deleted.all.length))
    expect((await run(gone.raisedFrom(0)))!.event._tag).toBe("ClientDeleted")
    expect(await run(gone.raisedFrom(1))).toBeUndefined()
  })
})

describe("a grant that was refreshed for long", () => {
  // One access token ends at once, one long after it was issued.
  const story = [
    ...redeemed,
    ...refreshes(300),
    revoke({ presented: { _tag: "AccessToken", digest: digest("access-299") }, at: at(30) }),
    ...Array.from({ length: 300 }, (_, index) => refresh(300 + index, { at: at(31 + Math.floor(index / 60)) })),
    revoke({ presented: { _tag: "AccessToken", digest: digest("access-560") }, at: at(36) }),
  ]
  const whole = after(story, at(36))
  const names = [
    "code",
    ...[1, 2, 34, 150, 299, 300, 301, 560, 600].flatMap((one) => [`refresh-${one}`, `access-${one}`]),
  ]

  it.each([
    ["no index", undefined, false],
    ["an index up to date", Infinity, false],
    ["an index that is behind", 700, false],
    ["stale rows", Infinity, true],
  ])("stands as its whole stream says, by %s", async (_, known, isStale) => {
    const { log, all, read } = storyLog(story, { isStale })
    const index = known === undefined ? undefined : indexOf(all, Math.min(known, all.length))
    const readStateAt = statesAt(log, { size: all.length, at: at(36) }, index)
    const grant = await run(readStateAt({ grantId: login }))
    expect(grant.state).toEqual(whole.state)
    expect(standingOfGrant(grant)).toEqual(standingOfGrant(whole))
    expect(grant.counts).toMatchObject({ grant: whole.entries.grant.length, client: 1, issuer: 1, subject: 0 })
    for (const name of names) {
      const one = await run(readStateAt({ grantId: login, digest: digest(name) }))
      expect([name, standingOfToken(one, digest(name))]).toEqual([name, standingOfToken(whole, digest(name))])
      expect(one.entries.grant.map(({ event }) => issuedDigest(event))).toContain(digest(name))
      expect(one.entries.grant.length).toBeLessThan(700)
    }
    expect(read.most).toBeLessThanOrEqual(320)
  })

  it.each([true, false])(
    "is read to no more than its ends and what is alive, where only that matters (index: %s)",
    async (isIndexed) => {
      const { log, all, read } = storyLog(story)
      const index = isIndexed ? indexOf(all, all.length) : undefined
      const stateAt = await run(
        statesAt(log, { size: all.length, at: at(36) }, index)({ grantId: login, isBrief: true }),
      )
      const alive = aliveOf(whole).map((one) => one.digest)
      expect(aliveOf(stateAt)).toEqual(aliveOf(whole))
      expect(alive.length).toBeGreaterThan(50)
      const issued: ReadonlyArray<string | undefined> = stateAt.entries.grant.map(({ event }) => issuedDigest(event))
      expect(alive.filter((one) => !issued.includes(one))).toEqual([])
      expect(issued.length).toBeLessThanOrEqual(alive.length + 2)
      expect(read.entryCount).toBeLessThan(isIndexed ? alive.length + 40 : 300)
    },
  )

  it("takes nothing from an index that is of another grant, or from behind the moment", async () => {
    const { log, all, of } = storyLog(story)
    const foreign = { ...of(GRANT)[300]!, stream: "grant-other" }
    const late = of(GRANT).at(-2)!
    const index = { ...indexOf(all, all.length), issuesOf: () => Effect.succeed([foreign, late]) }
    for (const name of [foreign, late].map(({ event }) => issuedDigest(event))) {
      const { entries } = await run(grantAt(log, login, late.position, { asked: name, index }))
      expect(entries.filter((one) => one.stream !== GRANT || one.position >= late.position)).toEqual([])
    }
  })

  it("as of a size of the log knows nothing from behind it", async () => {
    const { log, all } = storyLog(story)
    const size = all.findIndex(({ event }) => "generation" in event && event.generation === 301)
    const index = indexOf(all, all.length)
    const then = await run(grantAt(log, login, size, { asked: digest("access-299"), index }))
    expect(then.entries.at(-1)!.position).toBeLessThan(size)
    expect(then.count).toBe(all.slice(0, size).filter(({ stream }) => stream === GRANT).length)
    expect(then.grant).toEqual(foldOf(all.slice(0, size).filter(({ stream }) => stream === GRANT)).grant)
    const later = await run(grantAt(log, login, size, { asked: digest("refresh-560"), index }))
    expect(later.entries.map(({ event }) => issuedDigest(event))).not.toContain(digest("refresh-560"))
  })

  it("that was stolen shows the theft and what was spent, wherever in it that was", async () => {
    const theft = [...story, older(200, { at: at(37) })]
    const stolen = after(theft, at(38))
    const { log, all } = storyLog(theft)
    for (const index of [undefined, indexOf(all, all.length)]) {
      const stateAt = await run(statesAt(log, { size: all.length, at: at(38) }, index)({ grantId: login }))
      const found = standingOfGrant(stateAt)
      expect(found).toEqual(standingOfGrant(stolen))
      expect(found.cause!.positions).toHaveLength(3)
      expect(stateAt.state.grant).toEqual(stolen.state.grant)
    }
  })

  it("that ended is told without folding it", async () => {
    const { log, all, read } = storyLog([...story, revokeGrant({ at: at(37) })], { isStale: true })
    const stateAt = await run(statesAt(log, { size: all.length, at: at(38) })({ grantId: login }))
    expect(standingOfGrant(stateAt)).toMatchObject({ status: "dead", cause: { rule: "revoked-by-subject" } })
    expect(read.entryCount).toBeLessThan(450)
  })
})

describe("the state as of a moment", () => {
  it("has client and subject of a grant without their being named, and what ended what it depends on", async () => {
    const story = [...redeemed, toSubject("DisableSubject"), toClient("DisableClient")]
    const { log, all } = storyLog(story)
    const stateAt = await run(statesAt(log, { size: all.length, at: at(2) })({ grantId: login }))
    const whole = after(story, at(2))
    expect(stateAt).toMatchObject({ state: whole.state, entries: whole.entries, opened: whole.opened, ancestors: [] })
    expect(stateAt.raised).toEqual(whole.raised)
    expect(stateAt.raised.subject!.event._tag).toBe("SubjectDisabled")
  })

  it("of a denied grant has the client and the subject that denied it; of none has what is named", async () => {
    const denied = storyLog([...standing, refuseConsent(), toSubject("DisableSubject"), toClient("DisableClient")])
    const moment = { size: denied.all.length, at: at(2) }
    const of = (about: object) => run(statesAt(denied.log, moment)(about))
    for (const about of [{ grantId: login }, { clientId: app, subjectId: alice }]) {
      const { state, opened, raised } = await of(about)
      expect([state.client, state.subject]).toMatchObject([{ status: "disabled" }, { status: "disabled" }])
      expect([opened, raised]).toEqual([undefined, { issuer: undefined, client: undefined, subject: undefined }])
    }
    const nothing = await of({})
    expect(nothing.state).toMatchObject({ client: { _tag: "Absent" }, grant: { _tag: "Absent" } })
    expect([nothing.entries.grant, nothing.entries.client, nothing.counts.grant]).toEqual([[], [], 0])
    expect(nothing.state.issuer).toMatchObject({ _tag: "Initialized" })
  })

  it("reads issuer, client and subject once for many grants", async () => {
    const { log, all, read } = storyLog([...redeemed, ...ends(300)])
    const readStateAt = statesAt(log, { size: all.length, at: at(2) })
    await run(readStateAt({ grantId: login }))
    const once = read.entryCount
    await run(readStateAt({ grantId: login }))
    expect(read.entryCount - once).toBeLessThan(20)
    expect(once).toBeGreaterThan(300)
  })
})
