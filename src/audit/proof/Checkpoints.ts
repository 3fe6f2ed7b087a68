/**
 * Signing checkpoints, and refusing to sign one that contradicts the checkpoint signed before.
 *
 * The last checkpoint is kept apart from the store, so that whoever changes the store does not change the checkpoint. A
 * log that is shorter than its last checkpoint, or has another root at that size, was rewritten or restored: nothing is
 * signed until somebody has looked. A new checkpoint replaces the one that it was held against before it is given to
 * anybody; if several sign at once, the others look again.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  inclusionProof,
  openCheckpoint,
  rootOf,
  signCheckpoint,
  type EventLog,
  type SigningKey,
  type StoreFault,
  type Tree,
  type TreeHead,
  type VerifierKey,
} from "../../log/index.ts"
import type { Randomness } from "../../provider/index.ts"

/** A checkpoint cannot be signed, kept or believed. The message says what to do. */
export class CheckpointFault extends Data.TaggedError("CheckpointFault")<{
  /** What a program decides by; `inconsistent` is a log that contradicts what was signed of it. */
  readonly reason: "inconsistent" | "unreadable" | "not-kept" | "no-key"
  /** What is wrong and what to do, in a sentence without a period. */
  readonly message: string
}> {}

/** Where the last checkpoint is kept, in one place or several. */
export interface CheckpointStorage {
  /** The checkpoints that are kept, one for each place that has one. */
  readonly read: Effect.Effect<ReadonlyArray<string>, CheckpointFault>
  /** The last that witnesses cosigned, likewise: older than those, and held against the log like those. */
  readonly readWitnessed: Effect.Effect<ReadonlyArray<string>, CheckpointFault>
  /**
   * Keeps a checkpoint that `key` signed in every place; `false` if something else is kept by now than what was read
   * `before`.
   */
  readonly replace: (
    before: ReadonlyArray<string>,
    after: string,
    key: VerifierKey,
  ) => Effect.Effect<boolean, CheckpointFault>
}

/** Where checkpoints are kept together with the key that signs them. */
export interface CheckpointPlace extends CheckpointStorage {
  /** The key; a fault if there is none yet. */
  readonly readKey: Effect.Effect<SigningKey, CheckpointFault>
  /** Keeps a checkpoint that witnesses cosigned and `key` signed, in every place that has none of a longer log. */
  readonly keepWitnessed: (checkpoint: string, key: VerifierKey) => Effect.Effect<void, CheckpointFault>
  /** The key, made from 32 bytes of `randomness` where there is none: never in the place of another, nor beside what another signed. */
  readonly openKey: (
    issuer: string,
    randomness: Pick<Randomness, "bytes">,
  ) => Effect.Effect<SigningKey, CheckpointFault>
  /** The text of the key, to be moved to another place; `undefined` if there is none. */
  readonly readKeyText: Effect.Effect<string | undefined, CheckpointFault>
  /** Keeps such a key here; a fault if there is another one. */
  readonly takeKey: (text: string) => Effect.Effect<void, CheckpointFault>
  /**
   * Puts the key and the checkpoints aside, so that another key can begin anew. The last checkpoint had `size` entries.
   */
  readonly setAside: (size: number) => Effect.Effect<void, CheckpointFault>
}

/** A head of the log's tree that was signed: how many entries, their root, and the signed note. */
export interface SignedHead extends TreeHead {
  /** The checkpoint: a signed note. */
  readonly checkpoint: string
}

const allKept = ({ read, readWitnessed }: CheckpointStorage): Effect.Effect<ReadonlyArray<string>, CheckpointFault> =>
  Effect.zipWith(read, readWitnessed, (last, witnessed) => [...last, ...witnessed])

/** The tree heads of the checkpoints that are kept, by their size; of one size, what witnesses cosigned comes last. */
export const keptHeads = (
  storage: CheckpointStorage,
  key: VerifierKey,
): Effect.Effect<ReadonlyArray<SignedHead>, CheckpointFault> =>
  Effect.map(Effect.flatMap(allKept(storage), headsOf(key)), (heads) =>
    heads.toSorted((left, right) => left.size - right.size),
  )

const headsOf = (key: VerifierKey) => (checkpoints: ReadonlyArray<string>) =>
  Effect.forEach(checkpoints, (checkpoint) => {
    const head = openCheckpoint(checkpoint, key)
    if (Result.isSuccess(head)) return Effect.succeed({ ...head.success, checkpoint })
    return Effect.fail(new CheckpointFault({ reason: "unreadable", message: `the checkpoint kept: ${head.failure}` }))
  })

const contradiction = (kept: TreeHead, { size, hashOf }: Tree): string | undefined => {
  if (kept.size > size) {
    return `the log has ${size} entries, the last checkpoint ${kept.size}: it was cut or restored; run grantlog verify`
  }
  return rootOf(hashOf, kept.size) === kept.root
    ? undefined
    : `the first ${kept.size} entries are not those of the last checkpoint: the log was rewritten; run grantlog verify`
}

/** Fails at the first of these heads that is not one of this tree. */
const refuseContradiction = (kept: ReadonlyArray<TreeHead>, tree: Tree): Result.Result<void, CheckpointFault> => {
  const message = kept.map((head) => contradiction(head, tree)).find((found) => found !== undefined)
  return message === undefined ? Result.void : Result.fail(new CheckpointFault({ reason: "inconsistent", message }))
}

/**
 * Fails if the log contradicts a checkpoint that is kept, or if one cannot be read. The key is read only if there is a
 * checkpoint.
 */
export const contradictionNow = Effect.fnUntraced(function* (
  log: EventLog,
  readKey: Effect.Effect<VerifierKey, CheckpointFault>,
  storage: CheckpointStorage,
): Effect.fn.Return<void, StoreFault | CheckpointFault> {
  const checkpoints = yield* allKept(storage)
  const kept = checkpoints.length === 0 ? [] : yield* headsOf(yield* readKey)(checkpoints)
  yield* Effect.fromResult(yield* log.readTree((tree) => refuseContradiction(kept, tree)))
})

/** Signs and keeps a checkpoint of the log as it is now; the same one again while nothing was appended. */
export const checkpointNow = Effect.fnUntraced(function* (
  log: EventLog,
  key: SigningKey,
  storage: CheckpointStorage,
): Effect.fn.Return<SignedHead, StoreFault | CheckpointFault> {
  for (;;) {
    const before = yield* storage.read
    const kept = yield* headsOf(key)([...before, ...(yield* storage.readWitnessed)])
    const { size, root, agreed } = yield* log.readTree((tree) => ({
      size: tree.size,
      root: rootOf(tree.hashOf, tree.size),
      agreed: refuseContradiction(kept, tree),
    }))
    yield* Effect.fromResult(agreed)
    const checkpoint = signCheckpoint(size, root, key)
    if (yield* storage.replace(before, checkpoint, key)) return { origin: key.name, size, root, checkpoint }
  }
})

/** An entry, and the hashes that lead from it to a root (RFC 9162 section 2.1.3). */
export interface ProvenEntry {
  /** Where the entry stands in the log: an index. */
  readonly position: number
  /** The hashes beside the way from the entry to the root, base64url, nearest first. */
  readonly hashes: ReadonlyArray<string>
  /** The bytes of the entry as they were hashed. */
  readonly entry: string
}

/** The proof of the entry at `position` under a checkpoint of `size` entries; `undefined` if there is no such entry. */
export const proveEntry = (
  log: EventLog,
  position: number,
  size: number,
): Effect.Effect<ProvenEntry | undefined, StoreFault> =>
  Effect.gen(function* () {
    const [stored] = position < size ? yield* log.readStored(position, 1) : []
    if (stored?.position !== position) return undefined
    const hashes = yield* log.readTree(({ hashOf }) => inclusionProof(hashOf, position, size))
    return { position, hashes, entry: stored.bytes }
  })
