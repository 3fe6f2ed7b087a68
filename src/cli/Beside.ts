/**
 * What lies beside a store, and where: the subjects' keys, the keys that the server signs with, the ledger of who is to be forgotten, the checkpoints.
 *
 * None of it is part of the store's backups: the keys because a copy brings back what was forgotten since, ledger and
 * checkpoint because they have to outlive a restored one. Beside a SQLite file they are files of its name; beside a
 * database they are tables of another one, which `--beside` names. What `--checkpoint-copy` names has a copy of the
 * checkpoint, and beside it one of the ledger.
 */
import { existsSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { checkpointTable, checkpointsIn } from "../audit/proof/CheckpointRows.ts"
import type { CheckpointPlace } from "../audit/proof/Checkpoints.ts"
import {
  checkpointsBeside,
  ledgersBeside,
  ledgerFileOf,
  signingKeyFileOf,
  subjectKeyFileOf,
} from "../embedded/BesideFile.ts"
import {
  openNodeSqlite,
  postgresPlaces,
  retrySecretFileOf,
  retrySecretPlace,
  retrySecretTable,
  shownAddress,
  type Place,
  type StoreFault,
} from "../log/index.ts"
import {
  forgetLedger,
  forgottenTable,
  liveRandomness,
  memorySigningKeys,
  memorySubjectKeys,
  openSigningKeys,
  openSubjectKeys,
  signingKeyPlace,
  signingKeyTable,
  signingKeysIn,
  subjectKeyPlace,
  subjectKeyTable,
  subjectKeysIn,
  type ForgetLedger,
  type KeyRingFile,
  type SigningKeys,
  type SubjectKeys,
} from "../provider/index.ts"
import { UsageFault } from "./Failure.ts"
import type { StoreLocation } from "./StoreLocation.ts"

export interface Beside {
  /** Opens the keys for as long as the scope lives, made where there are none. */
  readonly openSubjectKeys: (ring: KeyRingFile) => Effect.Effect<SubjectKeys, StoreFault, Scope.Scope>
  /** Opens the keys that the server signs with, likewise. */
  readonly openSigningKeys: (ring: KeyRingFile) => Effect.Effect<SigningKeys, StoreFault, Scope.Scope>
  /** Where the keys have to be and are not; `undefined` where they are. */
  readonly missingSubjectKeys: () => string | undefined
  /** Whether anything was ever signed here by keys that can be asked for; of a database nobody knows without asking it. */
  readonly mayHaveSigningKeys: () => boolean
  readonly forgetLedger?: ForgetLedger
  readonly checkpoints?: CheckpointPlace
  /** For what the salts of rotations are made of, where the store has no place of its own for it. */
  readonly retrySecrets?: Place
}

/** The same of a store that outlives the process. */
export interface KeptBeside extends Required<Beside> {
  /** Where the subjects' keys are, for as long as the scope lives. */
  readonly subjectKeyPlace: Effect.Effect<Place, StoreFault, Scope.Scope>
  /** Where the signing keys are, likewise; a file of them is made by that. */
  readonly signingKeyPlace: Effect.Effect<Place, StoreFault, Scope.Scope>
}

const scoped = <Closable extends { readonly close: Effect.Effect<void> }, E>(opened: Effect.Effect<Closable, E>) =>
  Effect.acquireRelease(opened, ({ close }) => close)

export const besideMemory: Beside = {
  openSubjectKeys: (ring) => scoped(Effect.sync(() => memorySubjectKeys(ring, liveRandomness))),
  openSigningKeys: (ring) => scoped(Effect.sync(() => memorySigningKeys(ring, liveRandomness))),
  missingSubjectKeys: () => undefined,
  mayHaveSigningKeys: () => false,
}

const besideFile = Effect.fnUntraced(function* (
  file: string,
  copies: ReadonlyArray<string>,
): Effect.fn.Return<KeptBeside, never, Scope.Scope> {
  const [keys, signing] = [subjectKeyFileOf(file), signingKeyFileOf(file)]
  return {
    openSubjectKeys: (ring) => scoped(openSubjectKeys(keys, ring, liveRandomness)),
    openSigningKeys: (ring) => scoped(openSigningKeys(signing, ring, liveRandomness)),
    signingKeyPlace: scoped(signingKeyPlace(signing)),
    mayHaveSigningKeys: () => existsSync(signing),
    subjectKeyPlace: scoped(subjectKeyPlace(keys)),
    missingSubjectKeys: () => (existsSync(keys) ? undefined : keys),
    forgetLedger: ledgersBeside([file, ...copies]),
    checkpoints: checkpointsBeside(file, copies),
    retrySecrets: yield* scoped(Effect.sync(() => retrySecretPlace(retrySecretFileOf(file), openNodeSqlite))),
  }
})

const besideTables = [subjectKeyTable, signingKeyTable, forgottenTable, checkpointTable, retrySecretTable]

const besideDatabase = Effect.fnUntraced(function* (
  url: string,
  copies: ReadonlyArray<string>,
): Effect.fn.Return<KeptBeside, never, Scope.Scope> {
  const { place } = yield* scoped(Effect.sync(() => postgresPlaces(url, besideTables)))
  const name = shownAddress(url)
  return {
    openSubjectKeys: (ring) => scoped(subjectKeysIn(place(subjectKeyTable), name, ring, liveRandomness)),
    openSigningKeys: (ring) =>
      scoped(Effect.sync(() => signingKeysIn(place(signingKeyTable), name, ring, liveRandomness))),
    signingKeyPlace: Effect.sync(() => place(signingKeyTable)),
    mayHaveSigningKeys: () => true,
    subjectKeyPlace: Effect.sync(() => place(subjectKeyTable)),
    missingSubjectKeys: () => undefined,
    forgetLedger: forgetLedger([place(forgottenTable), ...copies.map(ledgerFileOf)]),
    checkpoints: checkpointsIn(place(checkpointTable), name, copies),
    retrySecrets: place(retrySecretTable),
  }
})

/** What lies beside a store that outlives the process, for as long as the scope lives; opened when it is needed. */
export const openBeside = (
  { file = "", database }: StoreLocation,
  checkpointCopy: Option.Option<string>,
): Effect.Effect<KeptBeside, UsageFault, Scope.Scope> => {
  const copies = Option.toArray(checkpointCopy)
  if (database === undefined) return besideFile(file, copies)
  if (database.beside !== undefined) return besideDatabase(database.beside, copies)
  const message =
    "--store postgres://… needs --beside: the address of another database, for what must not come back with a backup of the first"
  return Effect.fail(new UsageFault({ message }))
}

export interface Forgettable {
  readonly subjectKeys: SubjectKeys
  readonly forgetLedger?: ForgetLedger
}

/** What a server needs to forget somebody, for as long as the scope lives. */
export const openForgettable = (
  { openSubjectKeys: open, forgetLedger: ledger }: Beside,
  ring: KeyRingFile,
): Effect.Effect<Forgettable, StoreFault, Scope.Scope> =>
  Effect.map(open(ring), (subjectKeys) => ({
    subjectKeys,
    ...(ledger === undefined ? {} : { forgetLedger: ledger }),
  }))
