/** What an append promises: expected versions, checks, claims, time, and an answer of one's own in a shared commit. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { ClientMetadata, Event, RedirectUri } from "../../src/core/index.ts"
import { ClientId } from "../../src/core/index.ts"
import { MAX_ENTRY_CHARACTERS, NoStream, toStored } from "../../src/log/index.ts"
import type { OpenEmpty } from "./LogSuite.ts"
import {
  append,
  appendOne,
  appending,
  at,
  epochRaised,
  fill,
  poison,
  proposed,
  signedOut,
  tallyTable,
  type TestStore,
} from "./Samples.ts"

const run = Effect.runPromise

const metadata: ClientMetadata = {
  redirect_uris: Array.from({ length: 32 }, () => `https://app.example/${"x".repeat(2020)}` as RedirectUri),
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code"],
  response_types: ["code"],
}

/** Larger than an entry may be, though every member of it is as it should be. */
const oversized: Event = { _tag: "ClientUpdated", clientId: ClientId.make("app"), metadata, updatedAt: at(0) }

const entriesOf = async (log: TestStore) => {
  const entries = await run(log.readAll(0, 10_000))
  return entries.map(({ position, stream, version }) => `${position} ${stream} ${version}`)
}

export const appendRules = (openEmpty: OpenEmpty): void => {
  describe("an expected version", () => {
    it("that is the stream's is accepted, and the answer says where the last event stands", async () => {
      const log = openEmpty()
      const first = await appendOne(log, appending(NoStream, [signedOut("alice"), signedOut("alice")]))
      expect(first).toEqual({ _tag: "Appended", position: 1, version: 2 })
      const second = await appendOne(log, appending(2, [signedOut("alice")]))
      expect(second).toEqual({ _tag: "Appended", position: 2, version: 3 })
    })

    it("that is not is refused with the version the stream has, and nothing is written", async () => {
      const log = openEmpty()
      await append(log, appending(NoStream, [signedOut("alice")]))
      for (const expected of [0, 2]) {
        const outcome = await appendOne(log, appending(expected, [signedOut("alice")]))
        expect(outcome).toEqual({ _tag: "WrongExpectedVersion", actual: 1 })
      }
      expect(await entriesOf(log)).toEqual(["0 subject-sub_alice 1"])
    })

    it("is of one stream: another's events do not matter", async () => {
      const log = openEmpty()
      await append(log, appending(NoStream, [signedOut("alice")]))
      expect(await appendOne(log, appending(NoStream, [signedOut("bob")]))).toMatchObject({ version: 1, position: 1 })
    })
  })

  describe("an append", () => {
    it("for rows of another projection is refused, and says what to do", async () => {
      const log = openEmpty()
      const outcome = await appendOne(log, appending(NoStream, [signedOut("alice")], { projection: "older" }))
      const message = expect.stringContaining("start this process again, or upgrade it")
      expect(outcome).toMatchObject({ _tag: "Rejected", reason: "newer", message })
      expect(await entriesOf(log)).toEqual([])
      expect(await run(log.dump(tallyTable))).toEqual([])
    })
  })

  describe("a check", () => {
    it("holds while the other stream is at that version, and fails once it moved on", async () => {
      const log = openEmpty()
      await append(log, appending(NoStream, [signedOut("alice")]))
      const checks = [
        { stream: "subject-sub_alice", version: 1 },
        { stream: "issuer", version: 0 },
      ]
      expect(await appendOne(log, appending(0, [signedOut("bob")], { checks }))).toMatchObject({ _tag: "Appended" })
      await append(log, appending(1, [signedOut("alice")]))
      const late = await appendOne(log, appending(1, [signedOut("bob")], { checks }))
      expect(late).toEqual({ _tag: "CheckFailed", stream: "subject-sub_alice" })
      expect(await entriesOf(log)).toHaveLength(3)
    })

    it("fails on what an append before it in the same batch did", async () => {
      const log = openEmpty()
      const checks = [{ stream: "subject-sub_alice", version: 0 }]
      const outcomes = await append(
        log,
        appending(0, [signedOut("alice")]),
        appending(0, [signedOut("bob")], { checks }),
        appending(0, [signedOut("carol")]),
      )
      expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Appended", "CheckFailed", "Appended"])
    })
  })

  describe("a claim", () => {
    const claims = [{ key: "jti-1", until: at(1000) }]

    it("is taken once, with events or without", async () => {
      const log = openEmpty()
      expect(await appendOne(log, appending(0, [], { claims }))).toEqual({
        _tag: "Appended",
        position: -1,
        version: 0,
      })
      const again = await appendOne(log, appending(0, [signedOut("alice")], { claims }))
      expect(again).toEqual({ _tag: "ClaimTaken", key: "jti-1" })
      expect(await entriesOf(log)).toEqual([])
    })

    it("is given to one caller of a batch, and not twice to one that asks twice", async () => {
      const log = openEmpty()
      const twice = [
        { key: "jti-2", until: at(0) },
        { key: "jti-2", until: at(0) },
      ]
      const outcomes = await append(
        log,
        appending(0, [signedOut("alice")], { claims }),
        appending(0, [signedOut("bob")], { claims }),
        appending(0, [signedOut("carol")], { claims: twice }),
      )
      expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Appended", "ClaimTaken", "ClaimTaken"])
    })

    it("is not taken by an append that is refused or fails", async () => {
      const log = openEmpty()
      await append(
        log,
        appending(7, [signedOut("alice")], { claims }),
        appending(0, [signedOut("poison")], { ...poison, claims }),
        appending(0, [oversized], { claims }),
      )
      expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Appended" })
    })

    it("is pruned at its end and not before, and stays through a rebuild", async () => {
      const log = openEmpty()
      await append(log, appending(0, [], { claims }))
      await run(log.prune(at(999)))
      await run(log.rebuild())
      expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "ClaimTaken" })
      await run(log.prune(at(1000)))
      expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Appended" })
    })
  })

  describe("the time an entry is recorded at", () => {
    const recordedAts = async (log: TestStore) => (await run(log.readAll(0))).map((entry) => entry.recordedAt)

    it("is the command's, or the newest entry's if that is later", async () => {
      const log = openEmpty()
      for (const [version, millis] of [0, 7000, 2000, 6999, 7001].entries()) {
        const outcome = await appendOne(log, appending(version, [signedOut("alice")], { at: at(millis) }))
        expect(outcome).toMatchObject({ _tag: "Appended" })
      }
      expect(await recordedAts(log)).toEqual([at(0), at(7000), at(7000), at(7000), at(7001)])
      expect(await run(log.head)).toEqual({ size: 5, recordedAt: at(7001) })
    })

    it("is nobody's whose clock is more than 5 s behind: that append is refused, and says so", async () => {
      const log = openEmpty()
      const outcomes = await append(
        log,
        appending(0, [signedOut("alice")], { at: at(5001) }),
        appending(1, [signedOut("alice")], { at: at(0) }),
        appending(0, [], { at: at(0), claims: [{ key: "jti", until: at(9) }] }),
        appending(1, [signedOut("alice")], { at: at(1) }),
      )
      expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Appended", "Rejected", "Rejected", "Appended"])
      expect(outcomes[1]).toMatchObject({ reason: "clock", message: expect.stringMatching(/5001 ms behind.*: set/) })
    })
  })

  describe("a batch", () => {
    it("is one commit, in arrival order, and each caller sees what those before it did", async () => {
      const commits: Array<number> = []
      const log = openEmpty({ onCommit: (count) => commits.push(count) })
      const outcomes = await append(
        log,
        appending(0, [signedOut("alice")]),
        appending(0, [signedOut("alice")]),
        appending(1, [signedOut("alice"), signedOut("alice")]),
        appending(0, [signedOut("bob")]),
      )
      expect(outcomes).toEqual([
        { _tag: "Appended", position: 0, version: 1 },
        { _tag: "WrongExpectedVersion", actual: 1 },
        { _tag: "Appended", position: 2, version: 3 },
        { _tag: "Appended", position: 3, version: 1 },
      ])
      expect(commits).toEqual([3])
    })

    it("is not spoilt by one caller: what is oversized, cannot be folded or has one id twice fails alone", async () => {
      const log = openEmpty()
      const once = proposed(signedOut("dave"))
      const outcomes = await append(
        log,
        appending(0, [signedOut("alice")]),
        appending(0, [oversized]),
        appending(0, [signedOut("poison")], poison),
        appending(0, [epochRaised("\ud800")]),
        appending(0, [signedOut("bob")], { at: Number.NaN }),
        appending(0, [], { stream: "subject-sub_dave", events: [proposed(signedOut("dave")), once, once] }),
        appending(0, [signedOut("carol")]),
      )
      expect(outcomes.map((outcome) => outcome._tag)).toEqual([
        "Appended",
        ...Array.from({ length: 5 }, () => "Rejected"),
        "Appended",
      ])
      expect(outcomes[1]).toMatchObject({ reason: "too-large", message: expect.stringContaining("shorten") })
      expect(outcomes[5]).toMatchObject({ message: expect.stringContaining(`have the id \`${once.id}\``) })
      expect(await entriesOf(log)).toEqual(["0 subject-sub_alice 1", "1 subject-sub_carol 1"])
      expect((await run(log.dump(tallyTable))).map((row) => row["stream"])).toEqual([
        "subject-sub_alice",
        "subject-sub_carol",
      ])
    })

    it("in which nothing is appended is told to nobody", async () => {
      const commits: Array<number> = []
      const log = openEmpty({ onCommit: (count) => commits.push(count) })
      await append(log, appending(3, [signedOut("alice")]), appending(0, [signedOut("poison")], poison))
      expect(commits).toEqual([])
      await append(log, appending(3, [signedOut("alice")]), appending(0, [signedOut("bob")]))
      expect(commits).toEqual([1])
    })

    it("may hold an entry of the largest size, and none that is larger by a character", async () => {
      const log = openEmpty()
      const sized = (length: number) =>
        proposed(epochRaised("large"), { id: "event-of-a-size", correlationId: "x".repeat(length) })
      const place = { position: 0, stream: "issuer", version: 1, recordedAt: at(0) }
      const longest = MAX_ENTRY_CHARACTERS - toStored({ ...sized(0), ...place }).bytes.length
      const appended = (length: number) => appendOne(log, appending(0, [], { events: [sized(length)] }))
      expect(await appended(longest + 1)).toMatchObject({ _tag: "Rejected", reason: "too-large" })
      expect(await appended(longest)).toMatchObject({ _tag: "Appended", position: 0 })
    })

    it("takes an event once: one id twice in an append is refused, and neither is written", async () => {
      const log = openEmpty()
      const [once, other] = [proposed(signedOut("alice")), proposed(signedOut("alice"))]
      const stream = "subject-sub_alice"
      for (const events of [
        [once, once],
        [other, once, once],
        [once, other, once],
      ]) {
        expect(await appendOne(log, appending(0, [], { stream, events }))).toMatchObject({
          _tag: "Rejected",
          reason: "other",
          message: expect.stringContaining(`two events of one append have the id \`${once.id}\``),
        })
      }
      expect(await entriesOf(log)).toEqual([])
      expect(await run(log.dump(tallyTable))).toEqual([])
      expect(await appendOne(log, appending(0, [], { stream, events: [once, other] }))).toMatchObject({ version: 2 })
    })

    it("holds 8 appends or more on average when 64 callers append at a time", async () => {
      const commits: Array<number> = []
      const log = openEmpty({ onCommit: (count) => commits.push(count) })
      const rounds = Array.from({ length: 10 }, (_, round) => round)
      const caller = (name: number) =>
        Effect.forEach(rounds, (round) => log.append(appending(round, [signedOut(`caller-${name}`)])))
      const outcomes = await run(
        Effect.forEach(
          Array.from({ length: 64 }, (_, name) => name),
          caller,
          { concurrency: "unbounded" },
        ),
      )
      expect(outcomes.flat().every((outcome) => outcome._tag === "Appended")).toBe(true)
      expect(commits.reduce((sum, count) => sum + count, 0)).toBe(640)
      expect(640 / commits.length).toBeGreaterThanOrEqual(8)
    })

    it("leaves positions without gap, each stream's versions without gap, times in order", async () => {
      const log = openEmpty()
      await fill(log, "first", 150)
      await fill(log, "first", 10)
      const entries = await run(log.readAll(0, 1000))
      expect(entries.map((entry) => entry.position)).toEqual(entries.map((_, index) => index))
      expect(entries.map((entry) => entry.stream)).toEqual(entries.map((_, index) => `subject-sub_first-${index}`))
      expect(await run(log.head)).toMatchObject({ size: 150 })
    })
  })
}
