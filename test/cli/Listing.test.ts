/** A list that may be long: which rows are on a page, on which sides there is more, and how that is told. */
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import {
  MAX_LISTED,
  pageFlags,
  pageIn,
  pageOf,
  printPage,
  tellMore,
  type Asked,
  type Reading,
} from "../../src/cli/Listing.ts"
import { gotOf, saidOf } from "./FlagsHere.ts"
import { saidBy, saidIn } from "./SaidHere.ts"

const ids = ["a", "b", "c", "d", "e"]

/** A list of these, which says how it is read. */
const listOf = (all: ReadonlyArray<string>) => {
  const asked: Array<Reading> = []
  const read = (reading: Reading) => {
    asked.push(reading)
    const inOrder = reading.isReversed ? all.toReversed() : all
    const from = reading.after === undefined ? 0 : inOrder.indexOf(reading.after) + 1
    return Effect.succeed(inOrder.slice(from, from + reading.limit))
  }
  return { asked, page: (which: Asked) => Effect.runPromise(pageOf(which, (id) => id, read)) }
}

describe("a page", () => {
  it.each<readonly [Asked, string, string | null, string | null]>([
    [{}, "abcde", null, null],
    [{ limit: 5 }, "abcde", null, null],
    [{ limit: 2 }, "ab", null, "b"],
    [{ limit: 2, after: "b" }, "cd", "c", "d"],
    [{ limit: 3, after: "b" }, "cde", "c", null],
    [{ limit: 9, after: "d" }, "e", "e", null],
    [{ limit: 2, before: "d" }, "bc", "b", "c"],
    [{ limit: 3, before: "d" }, "abc", null, "c"],
    [{ limit: 2, reverse: true }, "ed", null, "d"],
    [{ limit: 2, reverse: true, after: "d" }, "cb", "c", "b"],
    [{ limit: 9, reverse: true, after: "d" }, "cba", "c", null],
    [{ limit: 2, reverse: true, before: "b" }, "dc", "d", "c"],
    [{ limit: 9, after: "e" }, "", null, null],
    [{ limit: 9, before: "a" }, "", null, null],
  ])("for %j has %s, before %j and after %j", async (which, rows, before, after) => {
    expect(await listOf(ids).page(which)).toEqual({ rows: [...rows], before, after })
  })

  it("of an empty list is empty", async () => {
    expect(await listOf([]).page({ limit: 1 })).toEqual({ rows: [], before: null, after: null })
  })

  it("is read once, with one row more, and the other side only behind a cursor", async () => {
    const { asked, page } = listOf(ids)
    await page({})
    await page({ limit: 2, before: "d" })
    await page({ limit: 2, after: "e" })
    expect(asked).toStrictEqual([
      { isReversed: false, limit: 101 },
      { after: "d", isReversed: true, limit: 3 },
      { after: "c", isReversed: false, limit: 1 },
      { after: "e", isReversed: false, limit: 3 },
    ])
  })

  it("that goes back and on is refused", async () => {
    await expect(listOf(ids).page({ before: "b", after: "b" })).rejects.toMatchObject({
      _tag: "UsageFault",
      message: "--before goes back and --after goes on: give one of them",
    })
  })

  it("is asked for by flags, of which the help says what they are", async () => {
    const flags = pageFlags("the oldest first")
    const none = Option.none()
    expect(await saidOf(flags)).toEqual({
      reverse: "the oldest first",
      before: "go back: what comes before this one, the first of a page",
      after: "go on: what comes behind this one, the last of a page",
      limit: "how many at most",
    })
    expect(await gotOf(flags)).toEqual({ reverse: false, before: none, after: none, limit: 100 })
    expect(await gotOf(flags, "--reverse", "--before", "b", "--after", "a", "--limit", String(MAX_LISTED))).toEqual({
      reverse: true,
      before: Option.some("b"),
      after: Option.some("a"),
      limit: 10_000,
    })
    for (const limit of [0, 1.5, MAX_LISTED + 1]) expect(await gotOf(flags, `--limit=${limit}`)).toBeUndefined()
    expect(await gotOf(flags, "--limit=1")).toMatchObject({ limit: 1 })
  })

  it("is what flags say, and nothing that they do not", () => {
    const none = Option.none<string>()
    expect(pageIn({ reverse: true, before: none, after: Option.some("x"), limit: 3 })).toEqual({
      reverse: true,
      after: "x",
      limit: 3,
    })
    expect(pageIn({ reverse: false, before: Option.some("x"), after: none, limit: 1 })).toEqual({
      reverse: false,
      before: "x",
      limit: 1,
    })
  })
})

describe("what is left out", () => {
  it.each([
    [null, null, ""],
    ["a", null, "there is more: --before a\n"],
    [null, 7, "there is more: --after 7\n"],
    ["a", "b", "there is more: --before a, --after b\n"],
  ])("before %j and after %j is told by the flags that lead there", async (before, after, stderr) => {
    expect(await saidBy(() => tellMore({ before, after }))).toEqual({ stdout: "", stderr })
  })

  it("is told beside the rows, to people and to programs", async () => {
    const page = { rows: [{ id: "b" }], before: null, after: "b" }
    const printed = (isJson: boolean, rows = page.rows) =>
      saidIn(printPage({ ...page, rows }, { name: "clients", none: "no clients", isJson }))
    expect(await printed(false)).toEqual({ stdout: "id\nb\n", stderr: "there is more: --after b\n" })
    expect(await printed(false, [])).toEqual({ stdout: "no clients\n", stderr: "there is more: --after b\n" })
    const { stdout, stderr } = await printed(true)
    expect([JSON.parse(stdout), stderr]).toEqual([{ clients: page.rows, before: null, after: "b" }, ""])
  })
})
