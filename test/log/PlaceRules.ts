/** What every place beside the log promises, to whoever shares it: rows are exchanged for what was read, or not at all. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Place, Row, Table } from "../../src/log/index.ts"

export const samplePlaceTable: Table = {
  name: "samples",
  columns: { name: "TEXT", part: "INTEGER", says: "TEXT" },
  key: ["name", "part"],
  indexes: [["says"]],
}

const run = Effect.runPromise
const row = (name: string, part: number, says: string | null = null): Row => ({ name, part, says })

/** Two who share a new and empty place. */
export type OpenShared = () => Promise<readonly [first: Place, second: Place]>

export const placeRules = (openShared: OpenShared): void => {
  describe("a row", () => {
    it("that was put there is found by its key and by its columns, in the order asked for", async () => {
      const [first, second] = await openShared()
      expect(await run(second.get(["a", 1]))).toBeUndefined()
      expect(await run(second.list({}))).toEqual([])
      const rows = [row("b", 1, "x"), row("a", 10, "y"), row("a", 9, "x")]
      for (const after of rows) expect(await run(first.exchange([{ after }]))).toBe(true)
      expect(await run(second.get(["a", 9]))).toEqual(row("a", 9, "x"))
      expect(await run(second.list({}))).toEqual([row("a", 9, "x"), row("a", 10, "y"), row("b", 1, "x")])
      expect(await run(second.list({ where: { says: "x" }, limit: 1 }))).toEqual([row("a", 9, "x")])
      expect(await run(second.list({ after: ["a", 9], columns: ["part"] }))).toEqual([{ part: 10 }, { part: 1 }])
      expect(await run(second.list({ orderBy: ["says", "part"], limit: 2 }))).toEqual([
        row("b", 1, "x"),
        row("a", 9, "x"),
      ])
    })

    it("is put only where none stands: whoever comes second has it as the first put it", async () => {
      const [first, second] = await openShared()
      expect(await run(first.exchange([{ after: row("a", 1, "first") }]))).toBe(true)
      expect(await run(second.exchange([{ after: row("a", 1, "second") }]))).toBe(false)
      expect(await run(second.get(["a", 1]))).toEqual(row("a", 1, "first"))
    })

    it("gives way only for who knows it as it is, a column without a value included", async () => {
      const [first, second] = await openShared()
      await run(first.exchange([{ after: row("a", 1) }]))
      expect(await run(second.exchange([{ before: row("a", 1, ""), after: row("a", 1, "x") }]))).toBe(false)
      expect(await run(second.exchange([{ before: row("a", 1), after: row("a", 1, "x") }]))).toBe(true)
      expect(await run(first.exchange([{ before: row("a", 1), after: row("a", 1, "y") }]))).toBe(false)
      expect(await run(first.exchange([{ before: row("a", 1) }]))).toBe(false)
      expect(await run(first.exchange([{ before: row("a", 1, "x") }]))).toBe(true)
      expect(await run(second.get(["a", 1]))).toBeUndefined()
      expect(await run(second.exchange([{ before: row("a", 1, "x"), after: row("a", 1, "z") }]))).toBe(false)
    })

    it("is exchanged with all of the others, or none is", async () => {
      const [first, second] = await openShared()
      await run(first.exchange([{ after: row("a", 1) }, { after: row("b", 1) }]))
      const wrong = { before: row("b", 1, "wrong"), after: row("b", 1, "x") }
      expect(await run(second.exchange([{ before: row("a", 1) }, { after: row("c", 1) }, wrong]))).toBe(false)
      expect(await run(first.list({}))).toEqual([row("a", 1), row("b", 1)])
      expect(await run(second.exchange([{ before: row("a", 1) }, { after: row("c", 1) }]))).toBe(true)
      expect(await run(first.list({}))).toEqual([row("b", 1), row("c", 1)])
    })

    it("of many who exchange it at once, one does", async () => {
      const [first, second] = await openShared()
      await run(first.exchange([{ after: row("a", 1) }]))
      const tries = Array.from({ length: 8 }, (_, index) =>
        run((index % 2 === 0 ? first : second).exchange([{ before: row("a", 1), after: row("a", 1, `${index}`) }])),
      )
      expect((await Promise.all(tries)).filter((isDone) => isDone)).toHaveLength(1)
    })
  })

  it("what somebody else wrote since is noticed", async () => {
    const [first, second] = await openShared()
    await run(first.exchange([{ after: row("a", 1) }]))
    expect(await run(first.mayHaveChanged)).toBe(true)
    await run(second.exchange([{ after: row("b", 1) }]))
    expect(await run(first.mayHaveChanged)).toBe(true)
  })

  it("a place that is closed says so, however often it is told to be", async () => {
    const [first] = await openShared()
    await run(Effect.andThen(first.close, first.close))
    const asked = [first.get(["a", 1]), first.list({}), first.exchange([{ after: row("a", 1) }]), first.mayHaveChanged]
    for (const one of asked)
      expect(await run(Effect.flip<unknown, { readonly reason: string }, never>(one))).toMatchObject({
        reason: "closed",
      })
  })
}
