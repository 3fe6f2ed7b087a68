/**
 * Checkpoints and their key as files: the key made once with mode 0600, checkpoints replaced whole or not at all.
 *
 * The key signs tree heads and nothing else. It is not the key ring's: who may prove history need not be able to mint.
 */
import { createHash } from "node:crypto"
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"
import { Result, Schema } from "effect"
import { signingKey, type SigningKey } from "../log/index.ts"
import type { Secrets } from "../provider/index.ts"
import { CheckpointFault, type CheckpointKeeper } from "./Checkpoints.ts"

const KeyFile = Schema.fromJsonString(
  Schema.Struct({ name: Schema.String, seed: Schema.String.check(Schema.isPattern(/^[\w-]{43}$/)) }),
)
const decodeKeyFile = Schema.decodeUnknownResult(KeyFile)

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause)

const writeWhole = (path: string, flags: "wx" | "w", text: string): void => {
  const file = openSync(path, flags, 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The name that checkpoints of an issuer's log carry: the issuer without its scheme. */
export const originOf = (issuer: string): string => issuer.replace(/^https?:\/\//, "").replaceAll("+", "%2B")

/** Reads the key of this file; throws a {@link CheckpointFault} when there is none. */
export const readCheckpointKey = (path: string): SigningKey => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (cause) {
    const message = `the checkpoint key \`${path}\` cannot be read (${codeOf(cause)}): serve once to make it, or name it`
    throw new CheckpointFault({ reason: "no-key", message })
  }
  const { name, seed } = Result.getOrThrowWith(
    decodeKeyFile(text),
    () => new CheckpointFault({ reason: "no-key", message: `\`${path}\` is no checkpoint key` }),
  )
  return signingKey(name, Buffer.from(seed, "base64url"))
}

/**
 * The key of this file, made from 32 bytes of `secrets` if it is not there; one that is there is never replaced, and
 * none is made beside checkpoints that another one signed.
 */
export const openCheckpointKey = (
  path: string,
  issuer: string,
  secrets: Pick<Secrets, "bytes">,
  keeper: Pick<CheckpointKeeper, "read">,
): SigningKey => {
  if (existsSync(path)) return readCheckpointKey(path)
  if (keeper.read().length > 0) {
    const message = `the checkpoint key \`${path}\` is gone, and checkpoints that it signed are kept: put back a copy of it, or move them away to begin anew`
    throw new CheckpointFault({ reason: "no-key", message })
  }
  const key = { name: originOf(issuer), seed: Buffer.from(secrets.bytes(32)).toString("base64url") }
  try {
    writeWhole(path, "wx", `${JSON.stringify(key, null, 2)}\n`)
  } catch (cause) {
    // Somebody else may just have made it.
    if (codeOf(cause) === "EEXIST") return readCheckpointKey(path)
    const message = `no checkpoint key can be made at \`${path}\` (${codeOf(cause)}): its folder must be writable`
    throw new CheckpointFault({ reason: "no-key", message })
  }
  return readCheckpointKey(path)
}

/** Keeps the last checkpoint in each of these files; one that is not there yet is no fault. */
export const checkpointFiles = (paths: ReadonlyArray<string>): CheckpointKeeper => ({
  read: () =>
    paths.flatMap((path) => {
      try {
        return [readFileSync(path, "utf8")]
      } catch (cause) {
        if (codeOf(cause) === "ENOENT") return []
        const message = `the checkpoint \`${path}\` cannot be read (${codeOf(cause)})`
        throw new CheckpointFault({ reason: "unreadable", message })
      }
    }),
  write: (checkpoint) => {
    for (const path of paths) {
      const next = `${path}.${createHash("sha256").update(checkpoint).digest("hex").slice(0, 8)}.next`
      try {
        writeWhole(next, "w", checkpoint)
        renameSync(next, path)
      } catch (cause) {
        const message = `the checkpoint cannot be kept at \`${path}\` (${codeOf(cause)}): make it writable`
        throw new CheckpointFault({ reason: "not-kept", message })
      }
    }
  },
})
