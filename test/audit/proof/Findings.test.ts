/** What verification makes of what it is shown: each fault by its name and place, the first ones first, and nothing else. */
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { MAX_FINDINGS, verifyLog, type VerifyOptions } from "../../../src/audit/proof/Verify.ts"
import {
  bytesOfHash,
  canonicalText,
  emptyRoot,
  leafHash,
  rollingTree,
  type LogInspector,
  type Rebuilt,
  type Recorded,
} from "../../../src/log/index.ts"
import { at, redeem, redeemed } from "../../core/support/Facts.ts"
import { after } from "../Story.ts"

const run = Effect.runPromise
type Store = Parameters<typeof verifyLog>[0]
const tree = rollingTree()
/** The roots of the first so many leaves. */
const roots = [emptyRoot]
for (let position = 0; position < 8; position++) {
  tree.push(leafHash(`leaf ${position}`))
  roots.push(tree.root())
}
const headAt = (size: number, root = roots[size]!) => ({ origin: "test", size, root })

/** Shows leaves of these times. */
const leaves =
  (...times: ReadonlyArray<number>) =>
  ({ onLeaf }: LogInspector): void => {
    const own = rollingTree()
    times.forEach((recordedAt, position) => {
      const leaf = leafHash(`leaf ${position}`)
      onLeaf({ position, leaf, recordedAt } as Parameters<typeof onLeaf>[0], own.push(leaf), own)
    })
  }
const four = leaves(1, 2, 2, 3)

/** What is found of a log of four entries that is shown so. */
const verified = (
  show: (inspector: LogInspector) => void = four,
  { size = 4, ...options }: Partial<VerifyOptions> & { readonly size?: number } = {},
  judged: Partial<Rebuilt> = {},
) => {
  const store = {
    head: Effect.succeed({ size, recordedAt: 3 }),
    beside: ["accounts"],
    dump: () => Effect.succeed([]),
    compareRows: ({ inspector, onProgress }: NonNullable<Parameters<Store["compareRows"]>[0]>) =>
      Effect.sync(() => {
        show(inspector!)
        onProgress!(3)
        const none = { entryCount: 4, rowCount: 7, differingRowCount: 0, firstDiffering: undefined, faults: [] }
        return { ...none, ...judged }
      }),
  } as unknown as Store
  return run(verifyLog(store, { checkpoints: [], ...options }))
}
const found = async (...args: Parameters<typeof verified>) => (await verified(...args)).findings

describe("a log in which nothing is wrong", () => {
  it("is told by its size, its root and what is beside it", async () => {
    const told: Array<ReadonlyArray<number>> = []
    const checkpoints = [headAt(4), headAt(0), headAt(2)]
    const result = await verified(four, { checkpoints, onProgress: (...progress) => told.push(progress) })
    expect(result).toEqual({
      size: 4,
      root: roots[4],
      streamCount: 0,
      rowCount: 7,
      findings: [],
      uncoveredFrom: undefined,
      archived: { entryCount: 0, readCount: 0 },
      notCovered: ["accounts", "audit index", "key ring", "retry secrets", "subject keys", "list of who is forgotten"],
    })
    expect(told).toEqual([[3, 4]])
  })

  it("is covered as far as the largest checkpoint that covers", async () => {
    const uncoveredFrom = async (options: Partial<VerifyOptions>) => (await verified(four, options)).uncoveredFrom
    expect(await uncoveredFrom({})).toBe(0)
    expect(await uncoveredFrom({ checkpoints: [headAt(3), headAt(1)] })).toBe(3)
    expect(await uncoveredFrom({ checkpoints: [headAt(4)], covering: [] })).toBe(0)
    expect(await uncoveredFrom({ checkpoints: [headAt(4), headAt(2)], covering: [headAt(2)] })).toBe(2)
    const empty = await verified(() => {}, { size: 0 }, { entryCount: 0 })
    expect(empty).toMatchObject({ size: 0, root: emptyRoot, uncoveredFrom: undefined, findings: [] })
    expect(await verified(four, { size: 6 })).toMatchObject({ size: 6 })
  })
})

describe("of its checkpoints it is found", () => {
  it("which entries are not those of one, from the one before it on", async () => {
    const x = leafHash("x")
    expect(await found(four, { checkpoints: [headAt(4, x), headAt(2)] })).toEqual([
      {
        entries: [2, 3],
        message: "the first 4 entries are not those of the checkpoint: one from entry 2 on is not what it was",
      },
    ])
    expect(await found(four, { checkpoints: [headAt(2, x)] })).toEqual([
      {
        entries: [0, 1],
        message: "the first 2 entries are not those of the checkpoint: one from entry 0 on is not what it was",
      },
    ])
    expect(await found(four, { checkpoints: [headAt(2), headAt(2, x)] })).toHaveLength(1)
    expect(await found(four, { checkpoints: [headAt(0, x)] })).toHaveLength(1)
  })

  it("that one is of more entries than there are", async () => {
    expect(await found(four, { checkpoints: [headAt(7), headAt(6)] })).toEqual([
      {
        entries: [4, 5],
        message: "the log has 4 entries, a checkpoint 6: entry 4 and what came after it is missing",
      },
    ])
    expect(await found(leaves(1, 1, 1, 1, 1, 1), { checkpoints: [headAt(6)] }, { entryCount: 6 })).toEqual([])
  })
})

describe("of its entries it is found", () => {
  it("that one was recorded before the one in front of it, is missing, or is under another hash", async () => {
    expect(await found(leaves(5, 5, 4, 6))).toEqual([
      { entries: [2, 2], message: "entry 2 was recorded before the one in front of it" },
    ])
    expect(await found(({ onMissing }) => onMissing(3, 4))).toEqual([
      { entries: [3, 3], message: "entry 3 is missing" },
    ])
    const subtree = { level: 2, index: 3, hash: leafHash("a") }
    expect(await found(({ onSubtree }) => onSubtree(subtree, bytesOfHash(leafHash("b"))))).toEqual([
      {
        entries: [12, 15],
        message: "one of the entries 12 to 15 is not what it was: the hash kept over them is another",
      },
    ])
    for (const kept of [bytesOfHash(leafHash("a")), undefined, null]) {
      expect(await found(({ onSubtree }) => onSubtree(subtree, kept as never))).toEqual([])
    }
  })

  it("that one cannot be read, or is spelled as no log spells it", async () => {
    const said = { b: 1, a: [] }
    const show =
      (bytes: string, read: Result.Result<unknown, string>) =>
      ({ onEntry }: LogInspector) =>
        onEntry({ position: 2, bytes } as never, read as never)
    expect(await found(show("{", Result.fail("entry 2 is not what was recorded")))).toEqual([
      { entries: [2, 2], message: "entry 2 is not what was recorded" },
    ])
    expect(await found(show(canonicalText(said), Result.succeed({ said })))).toEqual([])
    expect(await found(show(JSON.stringify(said), Result.succeed({ said })))).toEqual([
      { entries: [2, 2], message: "entry 2 is not as a log writes one: others might read it otherwise" },
    ])
  })
})

describe("of its streams it is found", () => {
  const login = after(redeemed, at(1)).entries.grant
  const stream = (entries: ReadonlyArray<Recorded>, over: object = {}) =>
    ({
      name: entries[0]!.stream,
      position: entries[0]!.position,
      entryCount: entries.length,
      entries,
      gapBefore: undefined,
      ...over,
    }) as Parameters<LogInspector["onStream"]>[0]
  const showing =
    (...streams: ReadonlyArray<ReturnType<typeof stream>>) =>
    (inspector: LogInspector) => {
      four(inspector)
      for (const one of streams) inspector.onStream(one)
    }

  it("nothing where they are in order, and how many there are", async () => {
    expect(await verified(showing(stream(login), stream(login)))).toMatchObject({ findings: [], streamCount: 2 })
  })

  it("which entry is out of order, and which promise is broken at which", async () => {
    const [first, second, ...rest] = login
    const swapped = [first!, { ...second!, position: first!.position }, ...rest]
    expect(await found(showing(stream(swapped)))).toEqual([
      {
        entries: [first!.position, first!.position],
        message: `entry ${first!.position} is out of the order of its stream`,
      },
    ])
    const redemption = login.find(({ event }) => event._tag === "AuthorizationCodeRedeemed")!
    const again = { ...redemption, position: 40 }
    expect(await found(showing(stream([...login, again])))).toEqual([
      { entries: [40, 40], message: "entry 40 breaks CodeIsSingleUse: the code is redeemed a second time" },
    ])
    const replayed = after([...redeemed, redeem({ at: at(1) })], at(1)).entries.grant.slice(0, -1)
    const { position } = replayed.at(-1)!
    expect(await found(showing(stream(replayed)))).toEqual([
      {
        entries: [position, 4],
        message: `entry ${position} breaks ReplayKillsGrant: the grant lives on after what should have ended it`,
      },
    ])
  })

  it("that one cannot be judged where an entry could not be read, which was told of it", async () => {
    const redemption = login.find(({ event }) => event._tag === "AuthorizationCodeRedeemed")!
    expect(await found(showing(stream([...login, redemption], { entryCount: login.length + 2 })))).toEqual([])
  })

  it("that one has a gap, or no beginning, where no entry was found to be wrong", async () => {
    const gap = stream(login, { gapBefore: login[2]!.position })
    const orphan = stream(login, { gapBefore: login[0]!.position })
    const [told] = await found(showing(gap))
    expect(told).toMatchObject({ entries: [login[0]!.position, login[0]!.position] })
    expect(told!.message).toMatch(/^stream `grant-login0+`: .*before entry \d/)
    expect(await found(showing(orphan, orphan))).toEqual([
      { entries: undefined, message: `${2 * login.length} entries belong to streams that have no beginning` },
    ])
    expect(await found(showing(gap, orphan))).toEqual([told])
    expect(await verified(showing(gap, orphan))).toMatchObject({ streamCount: 1 })
    const missing = (inspector: LogInspector) => {
      showing(gap, orphan)(inspector)
      inspector.onMissing(3, 4)
    }
    expect(await found(missing)).toEqual([{ entries: [3, 3], message: "entry 3 is missing" }])
  })

  it("whether something is wrong already, so that rows would only say it again", async () => {
    const isWrong = async (show: (inspector: LogInspector) => void) => {
      const told: Array<boolean> = []
      await verified((inspector) => {
        show(inspector)
        told.push(inspector.isWrong())
      })
      return told[0]
    }
    expect(await isWrong(four)).toBe(false)
    expect(await isWrong(({ onMissing }) => onMissing(1, 2))).toBe(true)
    expect(await isWrong(showing(stream(login, { gapBefore: login[2]!.position })))).toBe(true)
    expect(await isWrong(showing(stream(login, { gapBefore: login[0]!.position })))).toBe(true)
  })
})

it("what is wrong beside the entries is told behind them: faults of the store, and rows that are others", async () => {
  const judged = { faults: ["the index is not grantlog's"], differingRowCount: 2, firstDiffering: "grant_rows g1" }
  expect(await found(({ onMissing }) => onMissing(3, 4), {}, judged)).toEqual([
    { entries: [3, 3], message: "entry 3 is missing" },
    { entries: undefined, message: "the index is not grantlog's" },
    {
      entries: undefined,
      message: "2 rows are not what the log folds to, first `grant_rows g1`: run grantlog rebuild",
    },
  ])
})

it("of many findings the first by position are given", async () => {
  const findings = await found(({ onMissing }) => {
    for (let position = 40; position > 0; position--) onMissing(position, position + 1)
  })
  expect(findings.map(({ entries }) => entries![0])).toEqual(
    Array.from({ length: MAX_FINDINGS }, (_, index) => index + 1),
  )
  expect(MAX_FINDINGS).toBe(20)
})
