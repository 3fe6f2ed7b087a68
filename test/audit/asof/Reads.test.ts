/** How much of a long stream is read: no more than shows what it is asked for, whatever the index and the rows know. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { grantAt, type TokenIndex } from "../../../src/audit/asof/GrantAt.ts"
import { statesAt } from "../../../src/audit/asof/StateAt.ts"
import { streamAt } from "../../../src/audit/asof/StreamAt.ts"
import { issuedDigest, type Command, type Event } from "../../../src/core/index.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { storyLog } from "../Story.ts"
import {
  alice,
  app,
  at,
  digest,
  initialize,
  login,
  opened,
  raiseEpoch,
  redeemed,
  refresh,
  revoke,
  standing,
  toClient,
  toSubject,
  update,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise
const GRANT = `grant-${login}`
const times = (count: number, ...commands: ReadonlyArray<Command>): ReadonlyArray<Command> =>
  Array.from({ length: count }, () => commands).flat()
const types = (entries: ReadonlyArray<Recorded>, tag: Event["_tag"]) =>
  entries.filter(({ event }) => event._tag === tag).map(({ version }) => version)

describe("a long stream of a client, a subject or the issuer", () => {
  // Both ends, and one entry to see how long it is.
  const ENDS = 64 + 320
  const read = async (owner: "client" | "subject" | "issuer", id: string, ...commands: ReadonlyArray<Command>) => {
    const { log, all, read: counted } = storyLog(commands)
    const found = await run(streamAt(log, owner, id, all.length))
    const entryCount = counted.entryCount
    const raisedFrom = async (epoch: number) => {
      const before = counted.entryCount
      const raised = await run(found.raisedFrom(epoch))
      return [raised?.version, counted.entryCount - before]
    }
    return { ...found, entryCount, raisedFrom }
  }

  it("is read to its ends, where the rows are as new, and for an epoch that has not ended no further", async () => {
    const client = await read("client", app, ...standing, ...times(900, update()))
    expect([client.count, client.entries.length, client.entryCount]).toEqual([901, ENDS, ENDS + 1])
    expect(await client.raisedFrom(0)).toEqual([undefined, 0])
    const gone = await read("client", app, ...standing, ...times(900, update()), toClient("DeleteClient"))
    expect([gone.entries.length, gone.entryCount]).toEqual([ENDS, ENDS + 1])
    expect(await gone.raisedFrom(1)).toEqual([undefined, 0])
    expect((await gone.raisedFrom(0))[0]).toBe(902)
    const subject = await read("subject", alice, ...standing, ...times(900, toSubject("RevokeSubjectSessions")))
    expect([subject.entries.length, subject.entryCount]).toEqual([ENDS, ENDS + 1])
    expect(await subject.raisedFrom(900)).toEqual([undefined, 0])
    expect(await subject.raisedFrom(100)).toEqual([101, 128])
    expect((await subject.raisedFrom(899))[0]).toBe(900)
    const issuer = await read("issuer", "", initialize(), ...times(900, raiseEpoch()))
    expect([issuer.entries.length, issuer.entryCount]).toEqual([ENDS, ENDS + 1])
    expect(await issuer.raisedFrom(900)).toEqual([undefined, 0])
  })

  it("has besides what suspends its owner, the newest, and nothing where it is not suspended", async () => {
    const [off, on] = [toClient("DisableClient"), toClient("EnableClient")]
    const changes = times(100, update())
    const many = times(450, update())
    const suspended = await read("client", app, ...standing, ...changes, off, on, off, ...many)
    expect([types(suspended.entries, "ClientDisabled"), suspended.entries.length]).toEqual([[104], ENDS + 1])
    const resumed = await read("client", app, ...standing, ...changes, off, on, ...many)
    expect([types(resumed.entries, "ClientDisabled"), resumed.entryCount]).toEqual([[], ENDS + 1])
    // It is at hand already.
    const late = await read("client", app, ...standing, ...changes, ...many, off)
    expect([types(late.entries, "ClientDisabled"), late.entryCount]).toEqual([[552], ENDS + 1])
  })

  it("of a subject has likewise what suspends it", async () => {
    const ends = (count: number) => times(count, toSubject("RevokeSubjectSessions"))
    const [off, on] = [toSubject("DisableSubject"), toSubject("EnableSubject")]
    const suspended = await read("subject", alice, ...standing, ...ends(100), off, on, off, ...ends(450))
    expect([types(suspended.entries, "SubjectDisabled"), suspended.entries.length]).toEqual([[103], ENDS + 1])
    const resumed = await read("subject", alice, ...standing, ...ends(100), off, on, ...ends(450))
    expect([types(resumed.entries, "SubjectDisabled"), resumed.entryCount]).toEqual([[], ENDS + 1])
  })

  it("about which alone is asked has no epoch that ended", async () => {
    const { log, all } = storyLog([...standing, ...times(600, toSubject("RevokeSubjectSessions"))])
    const { raised } = await run(statesAt(log, { size: all.length, at: at(2) })({ subjectId: alice, clientId: app }))
    expect(raised).toEqual({ issuer: undefined, client: undefined, subject: undefined })
  })
})

describe("a long grant", () => {
  const refreshes = (from: number, to: number, minute: number) =>
    Array.from({ length: to - from }, (_, index) => refresh(from + index, { at: at(minute + Math.floor(index / 60)) }))
  // Of generation 300 the access token was ended; the last few generations are alive.
  const story = [
    ...redeemed,
    ...refreshes(1, 301, 1),
    revoke({ presented: { _tag: "AccessToken", digest: digest("access-300") }, at: at(6) }),
    ...refreshes(301, 601, 31),
  ]
  const { log, all, of, read } = storyLog(story)
  const count = of(GRANT).length
  const versionOf = (name: string) => of(GRANT).find(({ event }) => issuedDigest(event) === digest(name))!.version
  const revocation = all.find(({ event }) => event._tag === "AccessTokenRevoked" && event.reason === "client")!

  /** An index of the first `size` entries, and what it was asked for. */
  const indexOf = (size = all.length) => {
    const asked: Array<ReadonlyArray<string>> = []
    const known = all.slice(0, size)
    const index = {
      size: Effect.succeed(size),
      issuesOf: (digests: ReadonlyArray<string>) =>
        Effect.sync(() => {
          asked.push(digests)
          return known.filter(({ event }) => digests.includes(issuedDigest(event) ?? ""))
        }),
      endsOf: (digests: ReadonlyArray<string>) =>
        Effect.succeed(
          revocation.position < size && digests.includes(digest("access-300")) ? [revocation.position] : [],
        ),
    } as unknown as TokenIndex
    return { index, asked }
  }
  const reading = async (asked: string | undefined, index?: TokenIndex, size = all.length) => {
    const before = read.entryCount
    const found = await run(
      grantAt(log, login, size, { asked: asked === undefined ? undefined : digest(asked), index }),
    )
    return { ...found, entryCount: read.entryCount - before }
  }
  const ENDS = 64 + 320
  const AROUND = 128 + 1 + 64

  it("is read to its ends, and what is alive is asked of the index but for what is there", async () => {
    const { index, asked } = indexOf()
    const found = await reading(undefined, index)
    expect([found.count, found.entries.length]).toEqual([count, ENDS])
    expect(asked).toEqual([[], []])
    expect(found.entryCount).toBeLessThan(ENDS + 10)
  })

  it("is read around what is asked about, where that is not at hand, and no further", async () => {
    const { index, asked } = indexOf()
    const version = versionOf("refresh-200")
    const found = await reading("refresh-200", index)
    expect(asked[0]).toEqual([digest("refresh-200")])
    const around = Array.from({ length: AROUND }, (_, at) => version - 128 + at)
    const versions = found.entries.map((entry) => entry.version)
    expect(versions.filter((one) => one > 64 && one <= count - 320)).toEqual(around)
    expect(found.entryCount).toBeLessThan(ENDS + AROUND + 10)
    const there = await reading("refresh-600", index)
    expect([asked[2], there.entries.length]).toEqual([[], ENDS])
    // Near the beginning what is around it begins with the stream.
    const early = await reading("refresh-34", index)
    expect(early.entries.map((entry) => entry.version).slice(0, 65)).toEqual(
      Array.from({ length: 65 }, (_, at) => at + 1),
    )
  })

  it("is not walked for what an index that is as new does not know, nor for the end of what it knows", async () => {
    const { index } = indexOf()
    expect((await reading("nobodys", index)).entryCount).toBeLessThan(ENDS + 10)
    const alive = await reading("access-200", index)
    expect(alive.entryCount).toBeLessThan(ENDS + AROUND + 10)
    const ended = await reading("access-300", index)
    expect(ended.entries).toContainEqual(revocation)
    expect(ended.entryCount).toBeLessThan(ENDS + AROUND + 10)
  })

  it("is walked behind the index, and not for what that knows", async () => {
    const behind = indexOf(revocation.position + 100)
    const known = await reading("refresh-200", behind.index)
    expect(known.entryCount).toBeLessThan(ENDS + AROUND + 30)
    const unknown = await reading("refresh-400", behind.index)
    expect(unknown.entries.map(({ version }) => version)).toContain(versionOf("refresh-400"))
    expect(unknown.entryCount).toBeGreaterThan(ENDS + AROUND + 100)
  })

  it("as of a moment has no end from right behind it", async () => {
    const { index } = indexOf()
    const before = await reading("access-300", index, revocation.position)
    expect(before.entries).not.toContainEqual(revocation)
    const after = await reading("access-300", index, revocation.position + 1)
    expect(after.entries).toContainEqual(revocation)
  })
})

it("a code that was presented wrongly for long is what is alive of its grant, and is at hand", async () => {
  const wrong = { _tag: "AuthorizationCodeAttemptRefused", grantId: login, fault: "verifier", refusedAt: at(0) }
  const { log, all } = storyLog(opened, {
    more: Array.from({ length: 600 }, () => wrong) as unknown as ReadonlyArray<Event>,
  })
  for (const isBrief of [true, false]) {
    const { entries, grant, count } = await run(grantAt(log, login, all.length, { isBrief }))
    expect([count, grant]).toMatchObject([602, { _tag: "Open", code: { digest: digest("code"), redeemedAt: null } }])
    expect(types(entries, "AuthorizationCodeIssued")).toEqual([2])
    expect(entries.length).toBe(isBrief ? 3 : 64 + 320)
  }
})
