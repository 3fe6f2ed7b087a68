/** Moments of a log: what had been recorded by a time, at a position, and now. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { momentAtPosition, momentAtTime, momentNow, positionSince } from "../../../src/audit/asof/Moment.ts"
import type { EventLog } from "../../../src/log/index.ts"

const run = Effect.runPromise

/** A log whose entries were recorded at these times, and how often one was read. */
const logOf = (...times: ReadonlyArray<number>) => {
  let readCount = 0
  const log = {
    head: Effect.sync(() => ({ size: times.length, recordedAt: times.at(-1) ?? 0 })),
    readStored: (position: number, limit: number) =>
      Effect.sync(() => {
        readCount++
        return times
          .slice(position, position + limit)
          .map((recordedAt, at) => ({ position: position + at, recordedAt }))
      }),
  } as unknown as EventLog
  return { log, readCount: () => readCount }
}

describe("a moment of a log", () => {
  it("by its time has everything that was recorded until then, and nothing later", async () => {
    const times = [10, 20, 20, 20, 30]
    const { log } = logOf(...times)
    for (const at of [0, 9, 10, 11, 19, 20, 21, 29, 30, 31]) {
      const [until, before] = [times.filter((one) => one <= at).length, times.filter((one) => one < at).length]
      expect(await run(momentAtTime(log, at))).toEqual({ size: until, at })
      expect([at, await run(positionSince(log, at))]).toEqual([at, before])
    }
    expect(await run(momentAtTime(logOf().log, 5))).toEqual({ size: 0, at: 5 })
  })

  it("is found by halving", async () => {
    const { log, readCount } = logOf(...Array.from({ length: 1024 }, (_, index) => index))
    expect(await run(positionSince(log, 700))).toBe(700)
    expect(readCount()).toBeLessThanOrEqual(11)
  })

  it("that lies behind what could be read is before that", async () => {
    const { log } = logOf(10, 20)
    const longer = { ...log, head: Effect.succeed({ size: 4, recordedAt: 20 }) } as unknown as EventLog
    expect(await run(momentAtTime(longer, 100))).toEqual({ size: 2, at: 100 })
  })

  it("by a position is right behind its entry, when that was recorded", async () => {
    const { log } = logOf(10, 20, 30)
    expect(await run(momentAtPosition(log, 1))).toEqual({ size: 2, at: 20 })
    expect(await run(momentAtPosition(log, 3))).toBeUndefined()
    const shifted = { ...log, readStored: () => Effect.succeed([{ position: 2, recordedAt: 30 }]) }
    expect(await run(momentAtPosition(shifted as unknown as EventLog, 1))).toBeUndefined()
  })

  it("now is the time given, or that of the newest entry where a clock is behind", async () => {
    const { log } = logOf(10, 20)
    expect(await run(momentNow(log, 25))).toEqual({ size: 2, at: 25 })
    expect(await run(momentNow(log, 15))).toEqual({ size: 2, at: 20 })
  })
})
