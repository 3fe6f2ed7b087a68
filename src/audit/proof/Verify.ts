/**
 * Verifying a whole log: every entry, every stream, the tree, the rows that are served, and the checkpoints kept of it.
 *
 * It watches while the log is folded again (`log/Walk.ts`), so each entry is read once for all of this. Nothing is
 * changed, and nobody is kept from writing. What no checkpoint covers is named and never called right, because whoever
 * can write to the store can rewrite that part together with its hashes.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  emptyRoot,
  hashOfBytes,
  isCanonical,
  missingBefore,
  type EventLog,
  type Store,
  type StoreFault,
  type TreeHead,
  type LogInspector,
} from "../../log/index.ts"
import { inspectArchives, type GivenArchives } from "../archive/InspectArchives.ts"
import { breachesOf } from "./Breaches.ts"

/** Something that is wrong with a log, and where. */
export interface Finding {
  /**
   * The first and the last entry of a range in which at least one is wrong or missing; `undefined` if no entry is at
   * fault.
   */
  readonly entries: readonly [first: number, last: number] | undefined
  /** What is wrong, in a sentence without a period. */
  readonly message: string
}

/** What a log was found to be: what is wrong with it, and what nothing vouches for. */
export interface Verified {
  /** How many entries were read. */
  readonly size: number
  /** The root of the tree over them, base64url. */
  readonly root: string
  /** How many streams they are of. */
  readonly streamCount: number
  /** How many rows are served that were compared. */
  readonly rowCount: number
  /** At most {@link MAX_FINDINGS}, by position. It is empty if nothing wrong was found. */
  readonly findings: ReadonlyArray<Finding>
  /** The first position that no kept checkpoint covers; `undefined` when all are covered. */
  readonly uncoveredFrom: number | undefined
  /** How many entries are in archives, with those that were read again in archives that were given. */
  readonly archived: { readonly entryCount: number; readonly readCount: number }
  /** What is beside the log and therefore was not verified: tables of the store, and files. */
  readonly notCovered: ReadonlyArray<string>
}

/** What is kept beside the store, and the index by which questions find their entries. */
const filesBeside = ["audit index", "key ring", "retry secrets", "subject keys", "list of who is forgotten"]

/** What a log is held against. */
export interface VerifyOptions {
  /** Checkpoints that were kept apart from the store, their signatures verified. */
  readonly checkpoints: ReadonlyArray<TreeHead>
  /** Those of them that cover what is below them; default all. The others can still contradict the log. */
  readonly covering?: ReadonlyArray<TreeHead>
  /** The key that archives were signed with, and those of them that are to be read as well. */
  readonly archives?: GivenArchives
  /** Told how many of how many entries have been read. */
  readonly onProgress?: (entryCount: number, size: number) => void
}

/** How many findings are given. The first is what matters. */
export const MAX_FINDINGS = 20

/**
 * Reads a whole log again: hashes, streams, promises, rows, and the checkpoints that were kept of it. Changes
 * nothing.
 */
export const verifyLog = Effect.fnUntraced(function* (
  log: Pick<EventLog, "head"> & Pick<Store, "beside" | "compareRows" | "dump">,
  { checkpoints, covering = checkpoints, archives, onProgress = () => {} }: VerifyOptions,
): Effect.fn.Return<Verified, StoreFault> {
  const before = yield* log.head
  const heads = checkpoints.toSorted((left, right) => left.size - right.size)
  const inspection = inspect(heads)
  const archiveInspection = inspectArchives(log, archives)
  const judged = yield* log.compareRows({
    now: yield* Clock.currentTimeMillis,
    onProgress: (count) => onProgress(count, before.size),
    inspector: { ...inspection.inspector, onArchived: archiveInspection.onArchived },
  })
  const archived = yield* archiveInspection.judge
  // Entries that were appended meanwhile may be included.
  const size = Math.max(before.size, judged.entryCount)
  const found = keptFindings(inspection.findings())
  const beyond = heads.find((head) => head.size > size)
  if (beyond !== undefined) {
    const message = `the log has ${size} entries, a checkpoint ${beyond.size}: entry ${size} and what came after it is missing`
    found.add({ entries: [size, beyond.size - 1], message })
  }
  for (const message of [...judged.faults, ...archived.faults]) found.add({ entries: undefined, message })
  if (judged.differingRowCount > 0) {
    const message = `${judged.differingRowCount} rows are not what the log folds to, first \`${judged.firstDiffering}\`: run grantlog rebuild`
    found.add({ entries: undefined, message })
  }
  const covered = Math.max(0, ...covering.map((head) => head.size))
  return {
    size,
    root: inspection.root(),
    streamCount: inspection.streamCount(),
    rowCount: judged.rowCount,
    findings: found.all(),
    uncoveredFrom: covered < size ? covered : undefined,
    archived: { entryCount: archived.entryCount, readCount: archived.readCount },
    notCovered: [...archived.notRead, ...log.beside, ...filesBeside],
  }
})

const about = (position: number, message: string): Finding => ({ entries: [position, position], message })

const byPosition = (left: Finding, right: Finding): number =>
  (left.entries?.[0] ?? Number.MAX_SAFE_INTEGER) - (right.entries?.[0] ?? Number.MAX_SAFE_INTEGER)

/** Findings in the order of positions, no more than are given. */
const keptFindings = (first: ReadonlyArray<Finding> = []) => {
  let kept = first
  return {
    all: () => kept,
    add: (finding: Finding): void => {
      kept = [...kept, finding].toSorted(byPosition).slice(0, MAX_FINDINGS)
    },
  }
}

/** Watches the log as it is read again, and says what is wrong with it. */
const inspect = (heads: ReadonlyArray<TreeHead>) => {
  const found = keptFindings()
  /** What keeps streams from being read. It is reported only if no entry is found to be wrong. */
  const unreadable = keptFindings()
  const headsOf = Map.groupBy(heads, ({ size }) => size)
  let [size, root] = [0, () => emptyRoot]
  let recordedAt = 0
  let streamCount = 0
  /** Entries of streams whose beginning is missing. */
  let orphanCount = 0

  /** Holds the root that the walk has come to against the checkpoints of that size. */
  const meetCheckpoints = (): void => {
    if (headsOf.get(size)?.every((head) => head.root === root()) ?? true) return
    const since = heads.findLast((head) => head.size < size)?.size ?? 0
    const message = `the first ${size} entries are not those of the checkpoint: one from entry ${since} on is not what it was`
    found.add({ entries: [since, size - 1], message })
  }
  meetCheckpoints()

  const inspector: LogInspector = {
    onLeaf: (leaf, _, tree) => {
      if (leaf.recordedAt < recordedAt) {
        found.add(about(leaf.position, `entry ${leaf.position} was recorded before the one in front of it`))
      }
      recordedAt = leaf.recordedAt
      ;[size, root] = [tree.size(), tree.root]
      meetCheckpoints()
    },
    onSubtree: ({ level, index, hash }, kept) => {
      if (!(kept instanceof Uint8Array) || hashOfBytes(kept) === hash) return
      const [first, last] = [index * 2 ** level, (index + 1) * 2 ** level - 1]
      const message = `one of the entries ${first} to ${last} is not what it was: the hash kept over them is another`
      found.add({ entries: [first, last], message })
    },
    onMissing: (position) => found.add(about(position, `entry ${position} is missing`)),
    onEntry: ({ position, bytes }, read) => {
      if (Result.isFailure(read)) found.add(about(position, read.failure))
      else if (!isCanonical(bytes, read.success.said)) {
        found.add(about(position, `entry ${position} is not as a log writes one: others might read it otherwise`))
      }
    },
    onStream: ({ name, position, entryCount, entries, gapBefore }) => {
      if (gapBefore === position) {
        orphanCount += entryCount
        return
      }
      streamCount++
      if (gapBefore !== undefined) {
        unreadable.add(about(position, `stream \`${name}\`: ${missingBefore(gapBefore).message}`))
      }
      if (gapBefore !== undefined || entries.length < entryCount) return
      const back = entries.find((entry, index) => index > 0 && entry.position <= entries[index - 1]!.position)
      if (back !== undefined) {
        found.add(about(back.position, `entry ${back.position} is out of the order of its stream`))
      }
      for (const { promise, position: at, isBehind, message } of breachesOf(entries)) {
        const last = isBehind ? size : at
        found.add({ entries: [at, last], message: `entry ${at} breaks ${promise}: ${message}` })
      }
    },
    isWrong: () => found.all().length + unreadable.all().length + orphanCount > 0,
  }
  const findings = (): ReadonlyArray<Finding> => {
    if (found.all().length > 0) return found.all()
    if (unreadable.all().length > 0 || orphanCount === 0) return unreadable.all()
    return [{ entries: undefined, message: `${orphanCount} entries belong to streams that have no beginning` }]
  }
  return { inspector, findings, root: () => root(), streamCount: () => streamCount }
}
