/** The parts of moving a log: what is copied, in which order, what stays, and what is held against what in the end. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  copyEntries,
  copyLedger,
  copyPlace,
  copySideTables,
  foldAndCompare,
  isSameBeginning,
} from "../../src/cli/Moving.ts"
import {
  StoreFault,
  memoryPlace,
  nodeHash,
  rootOf,
  type EventLog,
  type Importer,
  type Row,
} from "../../src/log/index.ts"
import { subjectKeyTable, type ForgetLedger, type ServerStore } from "../../src/provider/index.ts"

const run = Effect.runPromise

/** How it ends: what it gives, or what it says. */
const ended = <A>(effect: Effect.Effect<A, { readonly message: string }>): Promise<A | string> =>
  run(Effect.match(effect, { onSuccess: (value) => value, onFailure: ({ message }) => message }))

/** Takes what comes, and keeps it. */
const keeping = () => {
  const entries: Array<ReadonlyArray<unknown>> = []
  const tables: Array<readonly [string, ReadonlyArray<Row>]> = []
  const importer: Importer = {
    entries: (stored) => Effect.sync(() => void entries.push(stored)),
    side: (table, rows) => Effect.sync(() => void tables.push([table.name, rows])),
    close: Effect.void,
  }
  return { entries, tables, importer }
}

describe("entries", () => {
  const copied = async (presentCount: number, size: number, storedCount = size) => {
    const asked: Array<readonly [number, number | undefined]> = []
    const told: Array<readonly [number, number]> = []
    const readStored = (position: number, limit?: number) => {
      asked.push([position, limit])
      const end = Math.min(position + (limit ?? 0), storedCount)
      return Effect.succeed(Array.from({ length: end - position }, (_, index) => position + index) as never)
    }
    const { entries, importer } = keeping()
    const how = await ended(
      copyEntries({ readStored }, importer, { size, presentCount }, (count, of) => told.push([count, of])),
    )
    return { asked, told, how, entries: entries.flat(), pageCount: entries.length }
  }

  it("go a page at a time from where it ended, and each is there once", async () => {
    const { asked, told, how, entries } = await copied(3, 1030)
    expect(asked).toEqual([
      [3, 512],
      [515, 512],
      [1027, 3],
    ])
    expect(told).toEqual([
      [515, 1030],
      [1027, 1030],
      [1030, 1030],
    ])
    expect(entries).toEqual(Array.from({ length: 1027 }, (_, index) => index + 3))
    expect(how).toBeUndefined()
  })

  it("that are all there are not asked for", async () => {
    expect(await copied(5, 5)).toMatchObject({ asked: [], told: [], pageCount: 0 })
  })

  it("that are missing end it", async () => {
    const { how, entries } = await copied(0, 4, 2)
    expect(entries).toEqual([0, 1])
    expect(how).toBe("entry 2 is missing: run grantlog verify")
  })
})

it("tables beside the log go as a whole, and are counted by their names", async () => {
  const { tables, importer } = keeping()
  const dump: ServerStore["dump"] = ({ name }) => Effect.succeed(name === "claims" ? [{ key: "a" }, { key: "b" }] : [])
  const names = [
    "archives",
    "archived_streams",
    "accounts",
    "sessions",
    "passkeys",
    "device_requests",
    "bookmarks",
    "claims",
  ]
  const counts = await run(copySideTables({ dump }, importer))
  expect(Object.keys(counts)).toEqual(tables.map(([name]) => name))
  expect(tables.map(([name]) => name)).toEqual(names)
  expect(counts).toEqual({ ...Object.fromEntries(names.map((name) => [name, 0])), claims: 2 })
  expect(tables.at(-1)).toEqual(["claims", [{ key: "a" }, { key: "b" }]])
})

describe("a place", () => {
  const row = (id: number, wrapped: string | null): Row => ({
    subject_id: `sub_${String(id).padStart(4, "0")}`,
    key_id: "k",
    wrapped,
  })
  const placeWith = async (rows: ReadonlyArray<Row>) => {
    const place = memoryPlace(subjectKeyTable)
    await run(place.exchange(rows.map((after) => ({ after }))))
    return place
  }

  it("is copied whole, page by page, over what is there unless that stays", async () => {
    const from = await placeWith(Array.from({ length: 1100 }, (_, index) => row(index, "new")))
    const to = await placeWith([row(1, null), row(2, "old")])
    const asked: Array<unknown> = []
    const list: typeof from.list = (listing) => {
      asked.push(listing)
      return from.list(listing)
    }
    const stays = (there: Row | undefined) => there?.["wrapped"] === null
    expect(await run(copyPlace(subjectKeyTable, { ...from, list }, to, stays))).toBe(1100)
    const rows = await run(to.list({}))
    expect(rows.map((one) => one["wrapped"])).toEqual(
      Array.from({ length: 1100 }, (_, index) => (index === 1 ? null : "new")),
    )
    expect(asked).toEqual([
      { limit: 512 },
      { limit: 512, after: ["sub_0511"] },
      { limit: 512, after: ["sub_1023"] },
      { limit: 512, after: ["sub_1099"] },
    ])
  })

  it("in which somebody writes meanwhile is looked at again", async () => {
    const from = await placeWith([row(1, "new")])
    const to = await placeWith([])
    let count = 0
    const exchange: typeof to.exchange = (exchanges) =>
      count++ === 0 ? Effect.as(to.exchange([{ after: row(1, "theirs") }]), false) : to.exchange(exchanges)
    await run(copyPlace(subjectKeyTable, from, { ...to, exchange }, () => false))
    expect([count, await run(to.list({}))]).toEqual([2, [row(1, "new")]])
  })
})

it("who is to be forgotten is so there too, as far as it had come, and nobody twice", async () => {
  type Forgetting = Effect.Success<ForgetLedger["read"]>[number]
  const done: Array<string> = []
  const ledger = (all: Readonly<Record<string, boolean>>): ForgetLedger => ({
    read: Effect.succeed(
      Object.entries(all).map(([subjectId, isFinished]) => ({ subjectId, isFinished }) as unknown as Forgetting),
    ),
    intend: (subjectId) => Effect.sync(() => void done.push(`intend ${subjectId}`)),
    finish: (subjectId) => Effect.sync(() => void done.push(`finish ${subjectId}`)),
  })
  const from = ledger({ begun: false, done: true, begunThere: false, doneHere: true, doneThere: true })
  const to = ledger({ begunThere: false, doneHere: false, doneThere: true, other: false })
  expect(await run(copyLedger(from, to))).toBe(5)
  expect(done).toEqual(["intend begun", "intend done", "finish done", "finish doneHere"])
})

describe("two logs", () => {
  const hash = (letter: string) => Buffer.alloc(32, letter).toString("base64")
  const logOf = (letters: string) => {
    const leaf = (index: number): string => {
      if (letters[index] === undefined) throw new Error(`entry ${index} is missing`)
      return hash(letters[index])
    }
    const hashOf = (level: number, index: number): string =>
      level === 0 ? leaf(index) : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
    const tree = { size: letters.length, hashOf }
    return {
      head: Effect.succeed({ size: letters.length }),
      readTree: (body: (given: typeof tree) => unknown) => Effect.sync(() => body(tree)),
    } as unknown as EventLog
  }
  /** A store that folds, and finds this when it compares. */
  const storeOf = (letters: string, found: object = {}) => {
    const asked: Array<string> = []
    const judged = (what: string) => (judging: { readonly now: number }) =>
      Effect.sync(() => {
        asked.push(`${what} ${Math.abs(judging.now - Date.now()) < 60_000}`)
        return { differingRowCount: 0, firstDiffering: undefined, faults: [], ...found }
      })
    const store = { ...logOf(letters), rebuild: judged("fold"), compareRows: judged("compare") }
    return { store: store as unknown as ServerStore, asked }
  }

  it("begin alike where the shorter is how the longer begins", async () => {
    const alike = (left: string, right: string) => run(isSameBeginning(logOf(left), logOf(right)))
    expect(await alike("abc", "abcde")).toBe(true)
    expect(await alike("abcde", "abc")).toBe(true)
    expect(await alike("abd", "abcde")).toBe(false)
    expect(await alike("abcde", "xbc")).toBe(false)
    expect(await alike("", "abc")).toBe(true)
    expect(await alike("abc", "")).toBe(true)
  })

  it("are the same when they have the same root and the rows are those of the log", async () => {
    const { store, asked } = storeOf("abcd")
    const from = logOf("abc")
    expect(await ended(foldAndCompare(from, store, 3))).toBe(
      await run(from.readTree(({ hashOf }) => rootOf(hashOf, 3))),
    )
    expect(asked).toEqual(["fold true", "compare true"])
  })

  const ANOTHER = "what is there now is not what was moved: keep both, and report it"
  it.each([
    ["ab", {}, ANOTHER],
    ["abx", {}, ANOTHER],
    ["abc", { faults: ["entry 1 is damaged"], differingRowCount: 2 }, "entry 1 is damaged"],
    [
      "abc",
      { differingRowCount: 2, firstDiffering: "clients a" },
      "2 rows are not what the log folds to, first `clients a`",
    ],
  ])("are not the same: %s with %j", async (letters, found, message) => {
    expect(await ended(foldAndCompare(logOf("abc"), storeOf(letters, found).store, 3))).toBe(message)
  })

  it("of which one cannot be read are not the same", async () => {
    const fault = new StoreFault({ reason: "corrupt", message: "broken" })
    const broken = { ...logOf("abc"), readTree: () => Effect.fail(fault) } as unknown as EventLog
    expect(await ended(foldAndCompare(broken, storeOf("abc").store, 3))).toBe("broken")
  })
})
