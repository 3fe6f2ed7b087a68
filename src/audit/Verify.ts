/**
 * Verifying a whole log: every entry, every stream, the tree, the rows that are served, and the checkpoints kept of it.
 *
 * One walk in log order, in memory that does not follow the log: a page of entries and one stream at a time. Nothing is
 * changed and nobody is kept from writing. What no checkpoint covers is named, never called right: whoever can write to
 * the store can rewrite that part, hashes and all.
 */
import { Clock, Effect, Result } from "effect"
import {
  fromStored,
  isKeptLevel,
  leafHash,
  readCanonical,
  type EventLog,
  type Recorded,
  type Store,
  type StoredEntry,
  type StoreFault,
  type TreeHead,
} from "../log/index.ts"
import { rollingTree, type RollingTree, type Subtree } from "./RollingTree.ts"
import { breachesOf } from "./Rules.ts"

export interface Finding {
  /** The first and the last of the entries of which at least one is wrong or missing; `undefined` where it is no entry's fault. */
  readonly entries: readonly [first: number, last: number] | undefined
  /** What is wrong, in a sentence without a period. */
  readonly message: string
}

export interface Verified {
  readonly size: number
  readonly root: string
  readonly streamCount: number
  readonly rowCount: number
  /** At most {@link MAX_FINDINGS}, by position; none: nothing wrong was found. */
  readonly findings: ReadonlyArray<Finding>
  /** The first position that no kept checkpoint covers; `undefined` when all are covered. */
  readonly uncoveredFrom: number | undefined
  /** What is beside the log, and therefore was not verified: tables of the store, and files. */
  readonly notCovered: ReadonlyArray<string>
}

/** What is kept beside the store, and the index by which questions find their entries. */
const filesBeside = ["audit index", "key ring", "retry secrets", "subject keys", "list of who is forgotten"]

export interface VerifyOptions {
  /** Checkpoints that were kept apart from the store, their signatures verified. */
  readonly checkpoints: ReadonlyArray<TreeHead>
  readonly onProgress?: (phase: "entries" | "rows", entryCount: number, size: number) => void
}

/** As many as are told; the first is what matters. */
export const MAX_FINDINGS = 20
const PAGE = 512

export const verifyLog = Effect.fnUntraced(function* (
  log: EventLog & Pick<Store, "beside" | "compareRows">,
  { checkpoints, onProgress = () => {} }: VerifyOptions,
): Effect.fn.Return<Verified, StoreFault> {
  const { size } = yield* log.head
  const heads = checkpoints.toSorted((left, right) => left.size - right.size)
  const walk = yield* walkEntries(log, size, heads, (count) => onProgress("entries", count, size))
  const beyond = heads.find((head) => head.size > size)
  if (beyond !== undefined) {
    const message = `the log has ${size} entries, a checkpoint ${beyond.size}: entry ${size} and what came after it is missing`
    walk.findings.push({ entries: [size, beyond.size - 1], message })
  }
  const judging = {
    now: yield* Clock.currentTimeMillis,
    onProgress: (count: number) => onProgress("rows", count, size),
  }
  // Rows of a log that is wrong itself would only say so again.
  const rows = walk.findings.length > 0 ? undefined : yield* log.compareRows(judging)
  for (const message of rows?.faults ?? []) walk.findings.push({ entries: undefined, message })
  if (rows !== undefined && rows.differingRowCount > 0) {
    const message = `${rows.differingRowCount} rows are not what the log folds to, first \`${rows.firstDiffering}\`: run grantlog rebuild`
    walk.findings.push({ entries: undefined, message })
  }
  const covered = heads.at(-1)?.size ?? 0
  return {
    size,
    root: walk.tree.root(),
    streamCount: walk.streamCount,
    rowCount: rows?.rowCount ?? 0,
    findings: walk.findings.toSorted(byPosition).slice(0, MAX_FINDINGS),
    uncoveredFrom: covered < size ? covered : undefined,
    notCovered: [...log.beside, ...filesBeside],
  }
})

const about = (position: number, message: string): Finding => ({ entries: [position, position], message })

const byPosition = (left: Finding, right: Finding): number =>
  (left.entries?.[0] ?? Number.MAX_SAFE_INTEGER) - (right.entries?.[0] ?? Number.MAX_SAFE_INTEGER)

interface Walk {
  readonly tree: RollingTree
  readonly findings: Array<Finding>
  recordedAt: number
  streamCount: number
  /** Entries that belong to a stream whose beginning was met. */
  ownedCount: number
  /** What kept streams from being read: nothing of its own, where an entry of them was found to be wrong. */
  readonly unreadable: Array<Finding>
}

/** Reads every entry once; ends early where one is missing, for behind it nothing can be placed. */
const walkEntries = Effect.fnUntraced(function* (
  log: EventLog,
  size: number,
  heads: ReadonlyArray<TreeHead>,
  onProgress: (entryCount: number) => void,
): Effect.fn.Return<Walk, StoreFault> {
  const walk: Walk = { tree: rollingTree(), findings: [], recordedAt: 0, streamCount: 0, ownedCount: 0, unreadable: [] }
  meetCheckpoints(walk, heads)
  while (walk.tree.size() < size && walk.findings.length < MAX_FINDINGS) {
    const start = walk.tree.size()
    const page = yield* log.readStored(start, Math.min(PAGE, size - start))
    const present = page.filter(({ position }, index) => position === start + index)
    const streams = new Map<string, Array<Recorded>>()
    const completed = present.flatMap((stored) => {
      const subtrees = meetEntry(walk, stored, streams)
      meetCheckpoints(walk, heads)
      return subtrees
    })
    walk.findings.push(...(yield* foreignSubtrees(log, completed)))
    for (const { stream, version, position } of present) {
      if (version === 1) yield* meetStream(walk, log, size, { stream, position, begun: streams.get(stream) ?? [] })
    }
    onProgress(walk.tree.size())
    if (present.length === page.length && page.length > 0) continue
    const position = walk.tree.size()
    walk.findings.push(about(position, `entry ${position} is missing`))
    return walk
  }
  if (walk.findings.length === 0) walk.findings.push(...walk.unreadable)
  if (walk.findings.length === 0 && walk.ownedCount !== size) {
    const message = `${size - walk.ownedCount} entries belong to streams that have no beginning`
    walk.findings.push({ entries: undefined, message })
  }
  return walk
})

/** Takes an entry into the tree, by the leaf that its bytes have, and says what is wrong with it. */
const meetEntry = (walk: Walk, stored: StoredEntry, streams: Map<string, Array<Recorded>>): ReadonlyArray<Subtree> => {
  const { position, stream, version, recordedAt } = stored
  const found = fromStored(stored)
  if (Result.isFailure(found)) walk.findings.push(about(position, found.failure))
  else {
    const begun = streams.get(stream) ?? []
    streams.set(stream, begun)
    if (version === begun.length + 1) begun.push(found.success)
    if (readCanonical(stored.bytes) === undefined) {
      const message = `entry ${position} is not as a log writes one: others might read it otherwise`
      walk.findings.push(about(position, message))
    }
  }
  if (recordedAt < walk.recordedAt) {
    walk.findings.push(about(position, `entry ${position} was recorded before the one in front of it`))
  }
  walk.recordedAt = recordedAt
  return walk.tree.push(Result.isSuccess(found) ? stored.leaf : leafHash(stored.bytes))
}

/** Holds the root that the walk has come to against the checkpoints of that size. */
const meetCheckpoints = (walk: Walk, heads: ReadonlyArray<TreeHead>): void => {
  const size = walk.tree.size()
  if (!heads.some((head) => head.size === size && head.root !== walk.tree.root())) return
  const since = heads.findLast((head) => head.size < size)?.size ?? 0
  const message = `the first ${size} entries are not those of the checkpoint: one from entry ${since} on is not what it was`
  walk.findings.push({ entries: [since, size - 1], message })
}

/** Subtrees that are kept with another hash than their entries give, the smallest around each entry. */
const foreignSubtrees = (
  log: EventLog,
  completed: ReadonlyArray<Subtree>,
): Effect.Effect<ReadonlyArray<Finding>, StoreFault> => {
  const compare = log.readTree(({ hashOf }) =>
    completed
      .filter(({ level, index, hash }) => isKeptLevel(level) && hashOf(level, index) !== hash)
      .map(({ level, index }): Finding => {
        const [first, last] = [index * 2 ** level, (index + 1) * 2 ** level - 1]
        const message = `one of the entries ${first} to ${last} is not what it was: the hash kept over them is another`
        return { entries: [first, last], message }
      }),
  )
  const orSay = (fault: StoreFault) =>
    fault.reason === "corrupt" ? Effect.succeed([{ entries: undefined, message: fault.message }]) : Effect.fail(fault)
  return Effect.catch(compare, orSay)
}

interface Begun {
  readonly stream: string
  /** Of its first entry. */
  readonly position: number
  /** What was read of it with that entry. */
  readonly begun: ReadonlyArray<Recorded>
}

/** A whole stream, read on from how it begins: counted through, folded, and held against the promises. */
const meetStream = Effect.fnUntraced(function* (
  walk: Walk,
  log: EventLog,
  size: number,
  { stream, position, begun }: Begun,
) {
  walk.streamCount++
  const read = yield* Effect.result(log.readStream(stream, begun.length))
  if (Result.isFailure(read)) {
    walk.unreadable.push(about(position, `stream \`${stream}\`: ${read.failure.message}`))
    return
  }
  const entries = [...begun, ...read.success]
  walk.ownedCount += entries.length
  const back = entries.find((entry, index) => index > 0 && entry.position <= entries[index - 1]!.position)
  if (back !== undefined) {
    walk.findings.push(about(back.position, `entry ${back.position} is out of the order of its stream`))
  }
  for (const { promise, position: at, isBehind, message } of breachesOf(entries)) {
    const last = isBehind ? size : at
    walk.findings.push({ entries: [at, last], message: `entry ${at} breaks ${promise}: ${message}` })
  }
})
