/**
 * The whole log read again: its leaves in the order of the log, then every stream from its beginning to its end.
 *
 * Each entry is read, hashed and decoded once, in memory that does not follow the log: a page, and one stream at a time.
 * An entry that is in the tree is the one that is in its stream, for both say the same hash. What is wrong is told to
 * whoever walks; it is for them to say what becomes of it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isArchived } from "./Retired.ts"
import { StoreFault } from "./EventLog.ts"
import { readStored, type Read, type Recorded, type StoredEntry } from "./Recorded.ts"
import { rollingTree, type RollingTree, type Subtree } from "./RollingTree.ts"
import type { Value } from "./Rows.ts"

/** `what`: a sentence that names an entry. */
export const corruptEntry = (what: string): StoreFault =>
  new StoreFault({ reason: "corrupt", message: `${what}; stop, keep a copy, and restore from a backup` })

export const missingBefore = (position: number): StoreFault =>
  corruptEntry(`an entry is missing before entry ${position}`)

export type Leaf = Pick<StoredEntry, "position" | "recordedAt" | "leaf">

/** The log as of one moment, in pages; behind the last one comes an empty one. */
export interface Pages {
  /** From a position on. */
  readonly leaves: (position: number) => Effect.Effect<ReadonlyArray<Leaf>, StoreFault>
  /** By the names of streams, and in each by versions, behind an entry. */
  readonly streams: (behind: StoredEntry | undefined) => Effect.Effect<ReadonlyArray<StoredEntry>, StoreFault>
}

/** A stream as it was found, of which there is an entry at least. */
export interface FoundStream {
  readonly name: string
  /** Where its first entry stands in the log. */
  readonly position: number
  readonly entryCount: number
  /** Those entries that can be read. */
  readonly entries: ReadonlyArray<Recorded>
  /** Where the first entry stands in front of which one is missing. */
  readonly gapBefore: number | undefined
}

export interface LeafVisitor {
  /** `completed` are the subtrees that a leaf completes; `tree` is the tree up to it. */
  readonly onLeaf: (leaf: Leaf, completed: ReadonlyArray<Subtree>, tree: RollingTree) => void
  /** There is no entry at `position`, but a later one, `next`. The walk ends there. */
  readonly onMissing: (position: number, next: number) => void
}

export const walkLeaves = Effect.fnUntraced(function* (
  { leaves }: Pages,
  { onLeaf, onMissing }: LeafVisitor,
): Effect.fn.Return<void, StoreFault> {
  const tree = rollingTree()
  for (let page = yield* leaves(0); page.length > 0; page = yield* leaves(tree.size())) {
    for (const leaf of page) {
      if (leaf.position !== tree.size()) return onMissing(tree.size(), leaf.position)
      onLeaf(leaf, tree.push(leaf.leaf), tree)
    }
  }
})

export interface StreamVisitor {
  readonly onEntry: (stored: StoredEntry, read: Result.Result<Read, string>) => void
  readonly onStream: (stream: FoundStream) => void
  /** The place of an entry whose text is in an archive; those of one archive come in the order of the log. */
  readonly onArchived?: (stored: StoredEntry) => void
  readonly onProgress: (entryCount: number) => void
}

/** Gives the number of entries. */
export const walkStreams = Effect.fnUntraced(function* (
  { streams }: Pages,
  { onEntry, onStream, onArchived = () => {}, onProgress }: StreamVisitor,
): Effect.fn.Return<number, StoreFault> {
  let total = 0
  let own: { -readonly [Name in keyof FoundStream]: FoundStream[Name] } | undefined
  let entries: Array<Recorded> = []
  for (let page = yield* streams(undefined); page.length > 0; page = yield* streams(page.at(-1)!)) {
    for (const stored of page) {
      if (isArchived(stored)) {
        onArchived(stored)
        continue
      }
      const { stream: name, position, version } = stored
      if (own?.name !== name) {
        if (own !== undefined) onStream(own)
        entries = []
        own = { name, position, entryCount: 0, entries, gapBefore: undefined }
      }
      if (version !== ++own.entryCount) own.gapBefore ??= position
      const read = readStored(stored)
      if (Result.isSuccess(read)) entries.push(read.success.recorded)
      onEntry(stored, read)
    }
    total += page.length
    onProgress(total)
  }
  if (own !== undefined) onStream(own)
  return total
})

/** Is shown a log as it is read again, and finds what is wrong with it; then a fault in the log throws nothing. */
export interface LogInspector extends LeafVisitor, Omit<StreamVisitor, "onProgress"> {
  /** A subtree, and what is kept as its hash. */
  readonly onSubtree: (subtree: Subtree, kept: Value | undefined) => void
  /** Whether something is wrong with the log itself: its rows would only say so again. */
  readonly isWrong: () => boolean
}
