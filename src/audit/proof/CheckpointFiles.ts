/**
 * Checkpoints and their key as files: the key is made once, with mode 0600; checkpoints are replaced whole or not at
 * all.
 *
 * The key signs tree heads and nothing else. It is not a key of the key ring, because somebody who may prove history
 * need not be able to mint tokens.
 */
import { existsSync, readFileSync, renameSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createFile, replaceFile } from "../../files/SmallFile.ts"
import {
  openCheckpoint,
  signingKey,
  takeLock,
  whileBusy,
  type SigningKey,
  type StoreFault,
  type VerifierKey,
} from "../../log/index.ts"
import type { Randomness } from "../../provider/index.ts"
import { CheckpointFault, type CheckpointPlace } from "./Checkpoints.ts"

const KeyText = Schema.fromJsonString(
  Schema.Struct({ name: Schema.String, seed: Schema.String.check(Schema.isPattern(/^[\w-]{43}$/)) }),
)
const decodeKeyText = Schema.decodeUnknownResult(KeyText)

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause)

/** The name that checkpoints of an issuer's log carry: the issuer without its scheme. */
export const logNameOf = (issuer: string): string => issuer.replace(/^https?:\/\//, "").replaceAll("+", "%2B")

/** A new key, as the text of its file. */
export const newKeyText = (issuer: string, randomness: Pick<Randomness, "bytes">): string =>
  `${JSON.stringify({ name: logNameOf(issuer), seed: Buffer.from(randomness.bytes(32)).toString("base64url") }, null, 2)}\n`

/** The key of such a text; throws a {@link CheckpointFault}. */
export const keyFromText = (text: string, where: string): SigningKey => {
  const { name, seed } = Result.getOrThrowWith(
    decodeKeyText(text),
    () => new CheckpointFault({ reason: "no-key", message: `\`${where}\` is no checkpoint key` }),
  )
  return signingKey(name, Buffer.from(seed, "base64url"))
}

export const keyIsGone = (where: string): CheckpointFault => {
  const message = `the checkpoint key \`${where}\` is gone, and checkpoints that it signed are kept: put back a copy of it, or move them away to begin anew`
  return new CheckpointFault({ reason: "no-key", message })
}

/** Refuses to sign with a key that was replaced by another meanwhile; throws a {@link CheckpointFault}. */
export const requireKey = (found: VerifierKey, used: VerifierKey, where: string): void => {
  if (found.id === used.id) return
  const message = `another checkpoint key was put at \`${where}\`: start this process again`
  throw new CheckpointFault({ reason: "no-key", message })
}

const readKeyFile = (path: string): SigningKey => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (cause) {
    const message = `the checkpoint key \`${path}\` cannot be read (${codeOf(cause)}): serve once to make it, or name it`
    throw new CheckpointFault({ reason: "no-key", message })
  }
  return keyFromText(text, path)
}

const openKeyFile = (
  path: string,
  issuer: string,
  randomness: Pick<Randomness, "bytes">,
  isSigned: boolean,
): SigningKey => {
  if (existsSync(path)) return readKeyFile(path)
  if (isSigned) throw keyIsGone(path)
  makeKeyFile(path, newKeyText(issuer, randomness))
  return readKeyFile(path)
}

/** If another process has just made the key, its key is used. */
const makeKeyFile = (path: string, text: string): void => {
  try {
    createFile(path, text)
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return
    const message = `no checkpoint key can be made at \`${path}\` (${codeOf(cause)}): its folder must be writable`
    throw new CheckpointFault({ reason: "no-key", message })
  }
}

/** The checkpoints in these files. A file that does not exist yet is no fault. */
export const readCheckpoints = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.flatMap((path) => {
    try {
      return [readFileSync(path, "utf8")]
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return []
      const message = `the checkpoint \`${path}\` cannot be read (${codeOf(cause)})`
      throw new CheckpointFault({ reason: "unreadable", message })
    }
  })

export const writeCheckpoints = (paths: ReadonlyArray<string>, checkpoint: string): void => {
  for (const path of paths) {
    try {
      replaceFile(path, checkpoint)
    } catch (cause) {
      const message = `the checkpoint cannot be kept at \`${path}\` (${codeOf(cause)}): make it writable`
      throw new CheckpointFault({ reason: "not-kept", message })
    }
  }
}

/** Beside a checkpoint, the last one that witnesses cosigned. */
export const witnessedFileOf = (path: string): string => `${path}.witnessed`
export const withWitnessed = (paths: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...paths,
  ...paths.map(witnessedFileOf),
]

/** How many entries a checkpoint of this key has; 0 for anything else. */
const sizeUnder = (key: VerifierKey, checkpoint: string): number =>
  Result.match(openCheckpoint(checkpoint, key), { onSuccess: ({ size }) => size, onFailure: () => 0 })

/** Whether a checkpoint takes the place of one that is kept there. */
export const isAhead = (kept: ReadonlyArray<string>, checkpoint: string, key: VerifierKey): boolean =>
  kept.every((one) => sizeUnder(key, one) <= sizeUnder(key, checkpoint))

/** Keeps a cosigned checkpoint beside each of these that has none of a longer log. */
export const writeWitnessed = (paths: ReadonlyArray<string>, checkpoint: string, key: VerifierKey): void =>
  writeCheckpoints(
    paths.map(witnessedFileOf).filter((path) => isAhead(readCheckpoints([path]), checkpoint, key)),
    checkpoint,
  )

/** Renames these files, so that their names say how many entries they cover. */
export const setFilesAside = (paths: ReadonlyArray<string>, size: number): void => {
  for (const path of paths.filter((one) => existsSync(one))) {
    try {
      renameSync(path, `${path}.until-${size}`)
    } catch (cause) {
      const message = `\`${path}\` cannot be renamed (${codeOf(cause)}): make its folder writable`
      throw new CheckpointFault({ reason: "not-kept", message })
    }
  }
}

export const isSameText = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index])

const attempt = <A>(body: () => A): Effect.Effect<A, CheckpointFault> =>
  Effect.try({ try: body, catch: (cause) => cause as CheckpointFault })

/** Runs `body` while no other process writes there. */
const withLock = <A>(path: string, body: () => A): Effect.Effect<A, CheckpointFault> => {
  const held = () => {
    const giveBack = takeLock(`${path}-lock`)
    try {
      return Result.try({ try: body, catch: (cause) => cause as CheckpointFault })
    } finally {
      giveBack()
    }
  }
  const unkept = ({ message }: StoreFault) =>
    new CheckpointFault({ reason: "not-kept", message: `the checkpoint cannot be kept at \`${path}\`: ${message}` })
  return Effect.flatMap(Effect.mapError(whileBusy(held), unkept), Effect.fromResult)
}

/** Checkpoints in each of `paths`, and their key in `keyPath`. All who sign share the folder of the first path. */
export const checkpointFiles = (keyPath: string, paths: readonly [string, ...Array<string>]): CheckpointPlace => ({
  read: attempt(() => readCheckpoints(paths)),
  readWitnessed: attempt(() => readCheckpoints(paths.map(witnessedFileOf))),
  keepWitnessed: (checkpoint, key) =>
    withLock(paths[0], () => {
      requireKey(readKeyFile(keyPath), key, keyPath)
      writeWitnessed(paths, checkpoint, key)
    }),
  replace: (before, after, key) =>
    withLock(paths[0], () => {
      requireKey(readKeyFile(keyPath), key, keyPath)
      if (!isSameText(readCheckpoints(paths), before)) return false
      writeCheckpoints(paths, after)
      return true
    }),
  readKey: attempt(() => readKeyFile(keyPath)),
  openKey: (issuer, randomness) =>
    attempt(() => openKeyFile(keyPath, issuer, randomness, readCheckpoints(withWitnessed(paths)).length > 0)),
  readKeyText: attempt(() => (existsSync(keyPath) ? readFileSync(keyPath, "utf8") : undefined)),
  takeKey: (text) =>
    attempt(() => {
      if (existsSync(keyPath)) return requireKey(readKeyFile(keyPath), keyFromText(text, keyPath), keyPath)
      makeKeyFile(keyPath, text)
    }),
  // The key first: without it nothing can be signed beside files that are left.
  setAside: (size) => withLock(paths[0], () => setFilesAside([keyPath, ...withWitnessed(paths)], size)),
})
