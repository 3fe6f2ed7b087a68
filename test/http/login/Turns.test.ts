/** Whose turn it is among those who wait for a look at a password. */
import { Effect, Fiber, Option } from "effect"
import { describe, expect, test } from "vitest"
import { makeTurns } from "../../../src/http/login/Turns.ts"

/** Turns in which work goes on until it is told to end; `ends` one of what is at work, the oldest. */
const heldTurns = () => {
  const turns = makeTurns()
  const atWork: Array<{ readonly name: string; readonly end: () => void }> = []
  const begun: Array<string> = []
  const work = (name: string) =>
    Effect.callback<string>((resume) => {
      begun.push(name)
      atWork.push({ name, end: () => resume(Effect.succeed(name)) })
    })
  const come = (source: string, name = source) => Effect.runFork(turns.take(source, work(name)))
  const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  return {
    turns,
    begun,
    come,
    settled,
    atWorkCount: () => atWork.length,
    /** Whether there is room for this source now. */
    isLetIn: async (source: string) => {
      const fiber = come(source)
      await settled()
      return fiber.pollUnsafe() === undefined
    },
    end: async () => {
      atWork.shift()?.end()
      await settled()
    },
  }
}

const address = (index: number): string => `10.0.${Math.floor(index / 256)}.${index % 256}`

describe("of those who wait", () => {
  test("three are at work at a time, and the next as soon as one is done", async () => {
    const { come, settled, begun, end } = heldTurns()
    for (const name of ["one", "two", "three", "four"]) come(address(1), name)
    await settled()
    expect(begun).toEqual(["one", "two", "three"])
    await end()
    expect(begun).toEqual(["one", "two", "three", "four"])
  })

  test("each source is next once in a round, in the order in which its own came", async () => {
    const { come, settled, begun, end } = heldTurns()
    for (let count = 0; count < 8; count++) come("192.0.2.1", `a${count}`)
    for (let count = 0; count < 3; count++) come("192.0.2.2", `b${count}`)
    come("192.0.2.3", "c0")
    await settled()
    while (begun.length < 12) await end()
    expect(begun).toEqual(["a0", "a1", "a2", "a3", "b0", "c0", "a4", "b1", "a5", "b2", "a6", "a7"])
  })

  test("an IPv6 subscriber is one source, whatever addresses it uses, and so is whoever is not known", async () => {
    const { come, settled, begun, end } = heldTurns()
    for (let count = 0; count < 6; count++) come(`2001:db8:0:1::${count}`, `a${count}`)
    for (let count = 0; count < 3; count++) come("", `b${count}`)
    come("2001:db8:0:2::1", "c0")
    await settled()
    while (begun.length < 10) await end()
    expect(begun).toEqual(["a0", "a1", "a2", "a3", "b0", "c0", "a4", "b1", "a5", "b2"])
  })
})

describe("there is room", () => {
  test("for fifteen of one source when nobody else is there, and then for others only", async () => {
    const { isLetIn } = heldTurns()
    const letIn: Array<boolean> = []
    for (let count = 0; count < 20; count++) letIn.push(await isLetIn("192.0.2.1"))
    // Each of them leaves a little less of what is shared.
    expect(letIn.filter(Boolean)).toHaveLength(15)
    expect(letIn.indexOf(false)).toBe(15)
    expect(await isLetIn("192.0.2.2")).toBe(true)
  })

  test("for one of each source however many sources send all they can, up to 256", async () => {
    const { isLetIn } = heldTurns()
    const greedy = Array.from({ length: 40 }, (_, index) => address(index))
    for (let round = 0; round < 20; round++) for (const source of greedy) await isLetIn(source)
    const others = Array.from({ length: 300 }, (_, index) => address(1000 + index))
    const letIn: Array<boolean> = []
    for (const source of others) letIn.push(await isLetIn(source))
    const count = letIn.indexOf(false)
    expect(count).toBeGreaterThan(50)
    expect(letIn.slice(count).some(Boolean)).toBe(false)
  })

  test("for sixty-four of one wider network of IPv6, whatever subscribers it has, and for the next network", async () => {
    const { isLetIn } = heldTurns()
    const letIn: Array<boolean> = []
    for (let index = 0; index < 80; index++) letIn.push(await isLetIn(`2001:db8:1:${index.toString(16)}::1`))
    expect(letIn.filter(Boolean)).toHaveLength(64)
    expect(await isLetIn("2001:db8:2::1")).toBe(true)
    expect(await isLetIn("192.0.2.1")).toBe(true)
  })

  test("again when those who were in are done", async () => {
    const { isLetIn, end, atWorkCount, settled } = heldTurns()
    const network = (index: number) => `2001:db8:1:${index.toString(16)}::1`
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 64; index++) expect(await isLetIn(network(index))).toBe(true)
      expect(await isLetIn(network(99))).toBe(false)
      while (atWorkCount() > 0) await end()
      await settled()
    }
  })
})

describe("a place is free again", () => {
  const failing: ReadonlyArray<readonly [string, Effect.Effect<never, string>]> = [
    ["fails", Effect.fail("no store")],
    ["dies", Effect.die(new Error("no memory"))],
    ["is interrupted", Effect.interrupt],
  ]
  test.each(failing)("when the work %s, however often", async (_, work) => {
    const turns = makeTurns()
    for (let count = 0; count < 300; count++) {
      const exit = await Effect.runPromise(Effect.exit(turns.take("192.0.2.1", work)))
      expect(exit._tag).toBe("Failure")
    }
    expect(await Effect.runPromise(turns.take("192.0.2.1", Effect.succeed(1)))).toEqual(Option.some(1))
  })

  test("when who waits for it gives up", async () => {
    const { come, settled, isLetIn, begun, end, atWorkCount } = heldTurns()
    for (let count = 0; count < 3; count++) come("192.0.2.9", "busy")
    await settled()
    for (let count = 0; count < 300; count++) {
      const fiber = come("192.0.2.1", "gave up")
      await settled()
      await Effect.runPromise(Fiber.interrupt(fiber))
    }
    expect(await isLetIn("192.0.2.1")).toBe(true)
    while (atWorkCount() > 0) await end()
    expect(begun).toEqual(["busy", "busy", "busy", "192.0.2.1"])
  })
})
