/**
 * The key ring as a file: made once with mode 0600 beside a new database, read ever after.
 *
 * A database without its ring is refused with a sentence: a new ring would look like an old one until the first
 * refresh failed.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs"
import { Result, Schema } from "effect"
import { KeyRingFile, newKeyRing } from "./Keys.ts"
import { ConfigFault } from "./Config.ts"
import type { SecretsShape } from "./Secrets.ts"

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(KeyRingFile))

/** Reads a ring from its JSON text; `source` names it in the message. */
export const parseKeyRing = (text: string, source: string): KeyRingFile =>
  Result.getOrThrowWith(
    decode(text),
    () => new ConfigFault({ message: `${source} is not a key ring: expected {"keys":[{"id":"…","secret":"…"}]}` }),
  )

export const readKeyFile = (path: string): KeyRingFile => parseKeyRing(readFileSync(path, "utf8"), `\`${path}\``)

/** Makes a ring and keeps it; refuses to replace one. */
export const createKeyFile = (path: string, secrets: SecretsShape): KeyRingFile => {
  const ring = newKeyRing(secrets)
  const file = openSync(path, "wx", 0o600)
  try {
    writeSync(file, `${JSON.stringify(ring, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return ring
}

export const hasKeyFile = (path: string): boolean => existsSync(path)
