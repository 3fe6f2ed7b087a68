/** Whether it is said of an entry that its origin is sealed: once an append, whichever of its entries somebody reads. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { eventLinesOf } from "../../../src/audit/index.ts"
import { requestOriginEntryOf } from "../../../src/audit/explain/EventLines.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"

const run = Effect.runPromise

/** `first` names the entry that caused it; an entry is numbered by its version. */
const entryOf = (stream: string, version: number, first: number | null, sealed: string | null) =>
  ({
    id: `${stream} ${version}`,
    stream,
    version,
    causationId: first === null ? null : `${stream} ${first}`,
    sealed,
    actor: null,
    event: { _tag: "GrantRevoked", reason: "operator" },
  }) as unknown as Recorded

const logOf = (entries: ReadonlyArray<Recorded>) => ({
  ...memoryStore(),
  readStream: (stream: string, behind = 0, limit = entries.length) =>
    Effect.succeed(entries.filter((one) => one.stream === stream && one.version > behind).slice(0, limit)),
})

/** Which of the entries that are read are said to have an origin. */
const sealedOf = async (all: ReadonlyArray<Recorded>, read: ReadonlyArray<Recorded> = all) => {
  const lineOf = await run(eventLinesOf(logOf(all), read))
  return read.filter((one) => lineOf(one).isRequestOriginSealed).map(({ id }) => id)
}

/** An append of three, and one that nobody from outside asked for. */
const stream = [
  entryOf("a", 1, null, "origin"),
  entryOf("a", 2, 1, null),
  entryOf("a", 3, 1, null),
  entryOf("a", 4, null, null),
  entryOf("a", 5, 4, null),
]

describe("an entry that another one caused", () => {
  it("has the origin of that one, in whichever order they are read", async () => {
    expect(await sealedOf(stream)).toEqual(["a 1", "a 2", "a 3"])
    expect(await sealedOf(stream, stream.toReversed())).toEqual(["a 3", "a 2", "a 1"])
  })

  it("has it where what is read begins in the middle of an append", async () => {
    expect(await sealedOf(stream, stream.slice(1))).toEqual(["a 2", "a 3"])
    expect(await sealedOf(stream, stream.slice(2))).toEqual(["a 3"])
    expect(await sealedOf(stream, [stream[4]!])).toEqual([])
  })

  it("has its own in a log from before, and none where none was recorded", async () => {
    const before = [entryOf("a", 1, null, "one"), entryOf("a", 2, 1, "another")]
    expect(await sealedOf(before)).toEqual(["a 1", "a 2"])
    expect(await sealedOf(before, [before[1]!])).toEqual(["a 2"])
    expect(await sealedOf([entryOf("a", 1, null, null), entryOf("a", 2, 1, null)])).toEqual([])
  })

  it("has nothing of another stream, nor of what is not there", async () => {
    const foreign = { ...entryOf("b", 2, 1, null), causationId: "a 1" }
    const all = [...stream, entryOf("b", 1, null, null), foreign]
    expect(await sealedOf(all)).toEqual(["a 1", "a 2", "a 3"])
    expect(await sealedOf(all, [foreign])).toEqual([])
    expect(await sealedOf([entryOf("a", 2, 1, null), entryOf("a", 3, 1, null)])).toEqual([])
  })
})

describe("the entry that would hold an origin", () => {
  /** Whose it is, and which entries were read to find it. */
  const found = async (all: ReadonlyArray<Recorded>, entry: Recorded) => {
    const read: Array<number> = []
    const log = {
      readStream: (name: string, behind = 0) =>
        Effect.sync(() => {
          read.push(behind + 1)
          return all.filter((one) => one.stream === name && one.version === behind + 1)
        }),
    }
    return [(await run(requestOriginEntryOf(log, entry))).id, read]
  }

  it("is itself where it has one or nothing caused it, for which nothing is read", async () => {
    const all = [entryOf("a", 1, null, "one"), entryOf("a", 2, 1, "another"), entryOf("a", 3, null, null)]
    expect(await found(all, all[1]!)).toEqual(["a 2", []])
    expect(await found(all, all[2]!)).toEqual(["a 3", []])
  })

  it("is the first of its append, which is read for from there back", async () => {
    expect(await found(stream, stream[2]!)).toEqual(["a 1", [2, 1]])
    expect(await found(stream, stream[4]!)).toEqual(["a 4", [4]])
  })

  it("is itself where the first is not there, or something else stands in between", async () => {
    const lacking = [entryOf("a", 2, 7, null), entryOf("a", 3, 7, null)]
    expect(await found(lacking, lacking[1]!)).toEqual(["a 3", [2, 1]])
    const whole = [entryOf("a", 1, 7, null), ...lacking]
    expect(await found(whole, lacking[1]!)).toEqual(["a 3", [2, 1]])
    const between = [entryOf("a", 1, null, "origin"), entryOf("a", 2, null, null), entryOf("a", 3, 1, null)]
    expect(await found(between, between[2]!)).toEqual(["a 3", [2]])
    expect(await found(between.slice(2), between[2]!)).toEqual(["a 3", [2]])
  })

  it("is not read for where it is among those that are at hand", async () => {
    const log = { ...logOf(stream), readStream: () => Effect.die(new Error("it was read")) }
    expect((await run(eventLinesOf(log, stream)))(stream[1]!).isRequestOriginSealed).toBe(true)
  })
})
