/**
 * Where a store keeps what forgetting somebody needs: the subjects' keys, and the ledger of who is to be forgotten.
 *
 * Both are files beside the database and no part of its backups: the keys because a copy brings back what was
 * forgotten since, the ledger because it has to outlive a restored backup.
 */
import { Effect, Option, type Scope } from "effect"
import type { SubjectId } from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import {
  forgetLedger,
  liveSecrets,
  memorySubjectKeys,
  openSubjectKeys,
  type ForgetLedger,
  type KeyRingFile,
  type SubjectKeys,
} from "../provider/index.ts"

export const subjectKeyFileOf = (file: string): string => `${file}.subject-keys`

const ledgerFileOf = (file: string): string => `${file}.forgotten`

/** Who is to be forgotten, whatever the store says; nobody where it is in memory. */
export const forgottenIn = (file: string | undefined): Effect.Effect<ReadonlyArray<SubjectId>, StoreFault> =>
  Effect.try({
    try: () =>
      file === undefined
        ? []
        : forgetLedger([ledgerFileOf(file)])
            .read()
            .map(({ subjectId }) => subjectId),
    catch: (cause) => cause as StoreFault,
  })

export interface Forgettable {
  readonly subjectKeys: SubjectKeys
  readonly forgetLedger?: ForgetLedger
}

/** Beside the database, and with a copy of the checkpoint a copy of the ledger; for as long as the scope lives. */
export const openForgettable = Effect.fnUntraced(function* (
  file: string | undefined,
  ring: KeyRingFile,
  checkpointCopy: Option.Option<string>,
): Effect.fn.Return<Forgettable, StoreFault, Scope.Scope> {
  const open = Effect.try({
    try: () =>
      file === undefined
        ? memorySubjectKeys(ring, liveSecrets)
        : openSubjectKeys(subjectKeyFileOf(file), ring, liveSecrets),
    catch: (cause) => cause as StoreFault,
  })
  const subjectKeys = yield* Effect.acquireRelease(open, ({ close }) => close)
  if (file === undefined) return { subjectKeys }
  const paths = [file, ...Option.toArray(checkpointCopy)].map(ledgerFileOf)
  return { subjectKeys, forgetLedger: forgetLedger(paths) }
})
