/**
 * Signing checkpoints, and refusing to: none that contradicts the one signed before.
 *
 * The last checkpoint is kept apart from the store, so that whoever changes the store does not change what it is held
 * against. A log that is shorter than it, or has another root at its size, was rewritten or restored: nothing is signed
 * until somebody has looked.
 */
import { Data, Effect, Result } from "effect"
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
} from "../log/index.ts"

/** A checkpoint that cannot be signed, kept or believed; the sentence says what to do. */
export class CheckpointFault extends Data.TaggedError("CheckpointFault")<{
  readonly reason: "inconsistent" | "unreadable" | "not-kept" | "no-key"
  readonly message: string
}> {}

/** Where the last checkpoint is kept; several places may stand behind it. */
export interface CheckpointKeeper {
  /** The checkpoints that are kept, one for each place that has one. */
  readonly read: () => ReadonlyArray<string>
  /** Keeps this one in every place; throws a {@link CheckpointFault}. */
  readonly write: (checkpoint: string) => void
}

export interface SignedHead extends TreeHead {
  /** The checkpoint: a signed note. */
  readonly checkpoint: string
}

const throwing = <A>(result: Result.Result<A, string>, where: string): A =>
  Result.getOrThrowWith(
    result,
    (message) => new CheckpointFault({ reason: "unreadable", message: `${where}: ${message}` }),
  )

/** The tree heads of what is kept. */
export const keptHeads = (keeper: CheckpointKeeper, key: VerifierKey): ReadonlyArray<SignedHead> =>
  keeper
    .read()
    .map((checkpoint) => ({ ...throwing(openCheckpoint(checkpoint, key), "the checkpoint kept"), checkpoint }))
    .toSorted((left, right) => left.size - right.size)

const contradiction = (kept: TreeHead, { size, hashOf }: Tree): string | undefined => {
  if (kept.size > size) {
    return `the log has ${size} entries, the last checkpoint ${kept.size}: it was cut or restored; run grantlog verify`
  }
  return rootOf(hashOf, kept.size) === kept.root
    ? undefined
    : `the first ${kept.size} entries are not those of the last checkpoint: the log was rewritten; run grantlog verify`
}

/** Fails where one of these is not of the log whose tree this is; the first that is found is told. */
const refuseContradiction = (kept: ReadonlyArray<TreeHead>, tree: Tree): Result.Result<void, CheckpointFault> => {
  const message = kept.map((head) => contradiction(head, tree)).find((found) => found !== undefined)
  return message === undefined ? Result.void : Result.fail(new CheckpointFault({ reason: "inconsistent", message }))
}

/** Fails where the log contradicts a checkpoint that is kept, or one is none; the key is read where there is one. */
export const contradictionNow = (
  log: EventLog,
  readKey: () => VerifierKey,
  keeper: CheckpointKeeper,
): Effect.Effect<void, StoreFault | CheckpointFault> =>
  Effect.gen(function* () {
    const kept = yield* attempt(() => (keeper.read().length === 0 ? [] : keptHeads(keeper, readKey())))
    yield* Effect.fromResult(yield* log.readTree((tree) => refuseContradiction(kept, tree)))
  })

/** Signs and keeps a checkpoint of the log as it is now; the same one again while nothing was appended. */
export const checkpointNow = (
  log: EventLog,
  key: SigningKey,
  keeper: CheckpointKeeper,
): Effect.Effect<SignedHead, StoreFault | CheckpointFault> =>
  Effect.gen(function* () {
    const kept = yield* attempt(() => keptHeads(keeper, key))
    const { size, root, agreed } = yield* log.readTree((tree) => ({
      size: tree.size,
      root: rootOf(tree.hashOf, tree.size),
      agreed: refuseContradiction(kept, tree),
    }))
    yield* Effect.fromResult(agreed)
    const last = kept.at(-1)
    const checkpoint = last?.size === size ? last.checkpoint : signCheckpoint(size, root, key)
    yield* attempt(() => keeper.write(checkpoint))
    return { origin: key.name, size, root, checkpoint }
  })

const attempt = <A>(body: () => A): Effect.Effect<A, CheckpointFault> =>
  Effect.try({ try: body, catch: (cause) => cause as CheckpointFault })

export interface ProvenEntry {
  readonly position: number
  readonly hashes: ReadonlyArray<string>
  readonly entry: string
}

/** What proves the entry at `position` under a checkpoint of `size` entries; `undefined` where it has no such entry. */
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
