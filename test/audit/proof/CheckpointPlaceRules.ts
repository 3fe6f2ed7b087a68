/** What every place for checkpoints promises: one line of heads under one key, whoever signs, and no fork of it ever. */
import { Deferred, Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import {
  checkpointNow,
  contradictionNow,
  keptHeads,
  type CheckpointPlace,
} from "../../../src/audit/proof/Checkpoints.ts"
import { openCheckpoint, type EventLog } from "../../../src/log/index.ts"
import { liveRandomness, memoryStore } from "../../../src/provider/index.ts"
import { memoryCheckpoints } from "./MemoryCheckpoints.ts"
import { cosigner } from "../../support/Witness.ts"
import { serverOver } from "../../support/TestServer.ts"

const run = Effect.runPromise
const ISSUER = "https://id.example.com"

/** Two who sign at one place that is new. */
export type OpenSigners = () => Promise<readonly [first: CheckpointPlace, second: CheckpointPlace]>

const logs = async () => {
  const log = memoryStore()
  const { native } = await serverOver({ store: log })
  const add = async () => void (await run(native.addClient({ metadata: { redirect_uris: ["http://127.0.0.1/"] } })))
  await add()
  return { log, add }
}

/** The log, whose tree nobody has before `count` have asked for it: each has read what is kept by then. */
const together = (count: number): ((log: EventLog) => EventLog) => {
  const all = Deferred.makeUnsafe<void>()
  let askedCount = 0
  return (log) => ({
    ...log,
    readTree: (body) =>
      Effect.suspend(() => {
        if (++askedCount >= count) Deferred.doneUnsafe(all, Effect.void)
        return Effect.andThen(Deferred.await(all), log.readTree(body))
      }),
  })
}

export const checkpointPlaceRules = (openSigners: OpenSigners): void => {
  describe("of several who sign at one place", () => {
    it("each has the one key", async () => {
      const places = await openSigners()
      const keys = await Promise.all(places.map((place) => run(place.openKey(ISSUER, liveRandomness))))
      expect(new Set(keys.map(({ id }) => id)).size).toBe(1)
      expect((await run(places[1].readKey)).id).toBe(keys[0]!.id)
    })

    it("each signs the log as it is, and the longest head is kept", async () => {
      const places = await openSigners()
      const key = await run(places[0].openKey(ISSUER, liveRandomness))
      const { log, add } = await logs()
      for (let round = 0; round < 3; round++) {
        await add()
        const asked = together(2)
        const signed = await Promise.all(places.map((place) => run(checkpointNow(asked(log), key, place))))
        const [{ size } = expect.fail("nothing is kept")] = await run(keptHeads(places[0], key))
        expect(signed.map((head) => head.size)).toEqual([size, size])
      }
    })

    it("one signs where their logs contradict each other, and the other is refused: no fork is ever given out", async () => {
      const places = await openSigners()
      const key = await run(places[0].openKey(ISSUER, liveRandomness))
      const forks = [await logs(), await logs()]
      const asked = together(2)
      const outcomes = await Promise.all(
        places.map((place, index) => run(Effect.result(checkpointNow(asked(forks[index]!.log), key, place)))),
      )
      const signed = outcomes.filter(Result.isSuccess)
      expect(signed).toHaveLength(1)
      expect(outcomes.find(Result.isFailure)!.failure).toMatchObject({ reason: "inconsistent" })
      expect(await run(places[1].read)).toEqual([signed[0]!.success.checkpoint])
    })
  })

  it("what is set aside vouches for nothing any more, and its key signs nothing", async () => {
    const [first, second] = await openSigners()
    const old = await run(first.openKey(ISSUER, liveRandomness))
    const [{ log }, other] = [await logs(), await logs()]
    const { checkpoint, size } = await run(checkpointNow(log, old, first))
    await expect(run(contradictionNow(other.log, second.readKey, second))).rejects.toThrow("the log was rewritten")
    await run(second.setAside(size))
    expect(await run(first.read)).toEqual([])
    const key = await run(second.openKey(ISSUER, liveRandomness))
    expect(key.id).not.toBe(old.id)
    await expect(run(checkpointNow(log, old, first))).rejects.toThrow("another checkpoint key was put")
    const anew = await run(checkpointNow(other.log, key, second))
    expect(Result.isSuccess(openCheckpoint(anew.checkpoint, key))).toBe(true)
    expect(await run(first.read)).toEqual([anew.checkpoint])
    expect(anew.checkpoint).not.toBe(checkpoint)
  })

  describe("of what witnesses cosigned", () => {
    const signed = async () => {
      const [first, second] = await openSigners()
      const key = await run(first.openKey(ISSUER, liveRandomness))
      const { log, add } = await logs()
      const heads = [await run(checkpointNow(log, key, first))]
      await add()
      heads.push(await run(checkpointNow(log, key, first)))
      return { first, second, key, log, heads }
    }

    it("the longest head is kept beside the last, whoever keeps it", async () => {
      const { first, second, key, heads } = await signed()
      const [shorter, longer] = heads.map(({ checkpoint }) => checkpoint)
      expect(await run(second.readWitnessed)).toEqual([])
      await run(first.keepWitnessed(shorter!, key))
      expect(await run(second.readWitnessed)).toEqual([shorter])
      await run(second.keepWitnessed(longer!, key))
      await run(first.keepWitnessed(shorter!, key))
      expect(await run(second.readWitnessed)).toEqual([longer])
      expect((await run(keptHeads(first, key))).map(({ size }) => size)).toEqual(heads.map(() => heads[1]!.size))
    })

    it("a log that contradicts it is refused, though the last checkpoint says otherwise", async () => {
      const { first, second, key, log } = await signed()
      const other = await logs()
      for (let round = 0; round < 3; round++) await other.add()
      await run(second.keepWitnessed((await run(checkpointNow(other.log, key, memoryCheckpoints()))).checkpoint, key))
      await expect(run(contradictionNow(log, first.readKey, first))).rejects.toThrow("it was cut or restored")
      await expect(run(checkpointNow(log, key, first))).rejects.toMatchObject({ reason: "inconsistent" })
    })

    it("it is set aside with the key that signed it, and another key keeps nothing", async () => {
      const { first, second, key, heads } = await signed()
      await run(first.keepWitnessed(heads[1]!.checkpoint, key))
      await run(second.setAside(heads[1]!.size))
      expect(await run(first.readWitnessed)).toEqual([])
      await run(first.openKey(ISSUER, liveRandomness))
      await expect(run(first.keepWitnessed(heads[1]!.checkpoint, key))).rejects.toMatchObject({ reason: "no-key" })
    })
  })

  it("nothing is signed where the key is gone", async () => {
    const [first, second] = await openSigners()
    const key = await run(first.openKey(ISSUER, liveRandomness))
    const { log } = await logs()
    await run(second.setAside(0))
    await expect(run(checkpointNow(log, key, first))).rejects.toMatchObject({ reason: "no-key" })
  })

  it("something is replaced only where it is what was read, and by the key that is there", async () => {
    const [first, second] = await openSigners()
    const key = await run(first.openKey(ISSUER, liveRandomness))
    expect(await run(first.replace([], "one", key))).toBe(true)
    for (const before of [[], ["another"], ["one", "one"]]) {
      expect(await run(second.replace(before, "two", key))).toBe(false)
      expect(await run(first.read)).toEqual(["one"])
    }
    expect(await run(second.replace(["one"], "two", key))).toBe(true)
    // Beside what it signed a key is found again, and none is made.
    expect((await run(second.openKey(ISSUER, liveRandomness))).id).toBe(key.id)
    const other = await run((await openSigners())[0].openKey(ISSUER, liveRandomness))
    await expect(run(first.replace(["two"], "three", other))).rejects.toMatchObject({ reason: "no-key" })
    await expect(run(first.keepWitnessed("three", other))).rejects.toMatchObject({ reason: "no-key" })
  })

  it("a key is taken along to another place, where it takes that of nobody", async () => {
    const [[first], [there, again], [taken]] = [await openSigners(), await openSigners(), await openSigners()]
    expect(await run(first.readKeyText)).toBeUndefined()
    const key = await run(first.openKey(ISSUER, liveRandomness))
    const text = (await run(first.readKeyText))!
    await run(there.takeKey(text))
    expect((await run(again.readKey)).id).toBe(key.id)
    await run(again.takeKey(text))
    await expect(run(again.takeKey("{}"))).rejects.toMatchObject({ reason: "no-key" })
    const own = await run(taken.openKey(ISSUER, liveRandomness))
    await expect(run(taken.takeKey(text))).rejects.toThrow(/^another checkpoint key was put at .*: start this process/)
    expect((await run(taken.readKey)).id).toBe(own.id)
  })

  it("where there is no key nothing is read, replaced or kept under it", async () => {
    const [[gone], [first, second]] = [await openSigners(), await openSigners()]
    const key = await run(gone.openKey(ISSUER, liveRandomness))
    for (const effect of [first.readKey, first.replace([], "one", key), first.keepWitnessed("one", key)]) {
      await expect(run(effect as typeof first.readKey)).rejects.toMatchObject({
        _tag: "CheckpointFault",
        reason: "no-key",
      })
    }
    // Where nothing was signed, nothing is to be held against the log, and no key is looked for.
    expect(await run(contradictionNow((await logs()).log, first.readKey, first))).toBeUndefined()
    await run(first.setAside(7))
    expect([await run(second.read), await run(second.readWitnessed)]).toEqual([[], []])
    expect((await run(second.openKey(ISSUER, liveRandomness))).id).not.toBe(key.id)
  })

  it("what is no checkpoint of the key gives way to one that witnesses cosigned", async () => {
    const [first, second] = await openSigners()
    const key = await run(first.openKey(ISSUER, liveRandomness))
    const { checkpoint } = await run(checkpointNow((await logs()).log, key, first))
    await run(first.keepWitnessed("no note", key))
    expect(await run(second.readWitnessed)).toEqual(["no note"])
    await run(second.keepWitnessed(checkpoint, key))
    expect(await run(first.readWitnessed)).toEqual([checkpoint])
  })

  it("of what witnesses cosigned of one size the last is kept", async () => {
    const [first, second] = await openSigners()
    const key = await run(first.openKey(ISSUER, liveRandomness))
    const { log } = await logs()
    const { checkpoint } = await run(checkpointNow(log, key, first))
    await run(first.keepWitnessed(checkpoint, key))
    const cosigned =
      checkpoint + cosigner("w.example", "ed25519").sign(checkpoint.slice(0, checkpoint.indexOf("\n\n") + 1))
    await run(second.keepWitnessed(cosigned, key))
    expect(await run(first.readWitnessed)).toEqual([cosigned])
    await expect(run(second.keepWitnessed("no note", key))).resolves.toBeUndefined()
    expect(await run(first.readWitnessed)).toEqual([cosigned])
  })
}
