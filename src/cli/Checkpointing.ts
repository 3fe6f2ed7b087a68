/**
 * Where a store's checkpoints are, and signing them while a server serves.
 *
 * Key and last checkpoint lie beside the database, in files of their own; `--checkpoint-copy` keeps the checkpoint in
 * another place as well, which is what makes it worth something.
 */
import { Effect, Option, Schedule, type Scope } from "effect"
import { checkpointFiles, openCheckpointKey } from "../audit/CheckpointFiles.ts"
import { checkpointNow, type CheckpointFault, type CheckpointKeeper } from "../audit/Checkpoints.ts"
import type { EventLog, SigningKey } from "../log/index.ts"
import { liveSecrets } from "../provider/index.ts"

export const checkpointKeyFileOf = (file: string): string => `${file}.checkpoint-key.json`

const checkpointFileOf = (file: string): string => `${file}.checkpoint`

export const keeperOf = (file: string, copy: Option.Option<string>): CheckpointKeeper =>
  checkpointFiles([checkpointFileOf(file), ...Option.toArray(copy)])

const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (cause) => cause as CheckpointFault })

export interface Checkpointing {
  readonly file: string
  readonly issuer: string
  readonly copy: Option.Option<string>
  readonly everySeconds: number
  /** Told once what keeps checkpoints from being signed, as long as it is the same. */
  readonly onFault: (sentence: string) => void
}

/** Signs a checkpoint now, again and again, and a last time before the log is closed. A fault ends no service. */
export const keepCheckpoints = Effect.fnUntraced(function* (
  log: EventLog,
  { file, issuer, copy, everySeconds, onFault }: Checkpointing,
): Effect.fn.Return<SigningKey, CheckpointFault, Scope.Scope> {
  const keeper = keeperOf(file, copy)
  const key = yield* attempt(() => openCheckpointKey(checkpointKeyFileOf(file), issuer, liveSecrets, keeper))
  let told = ""
  let signedSize = -1
  const sign = Effect.gen(function* () {
    // Nothing is read or written while nothing is appended.
    const { size } = yield* log.head
    if (size === signedSize) return
    signedSize = (yield* checkpointNow(log, key, keeper)).size
    told = ""
  }).pipe(
    Effect.catch(({ message }) =>
      Effect.sync(() => {
        if (message !== told) onFault(message)
        told = message
      }),
    ),
  )
  yield* Effect.addFinalizer(() => sign)
  yield* Effect.forkScoped(Effect.repeat(sign, Schedule.spaced(everySeconds * 1000)))
  return key
})
