/**
 * The key ring as a file. It is made once, with mode 0600, by default beside a new database, and only read after that.
 *
 * A database without its ring is refused with a message: a new ring would seem to work until the first refresh failed.
 */
import { existsSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createFile, replaceFile } from "../files/SmallFile.ts"
import { KeyRingFile, newKeyRing } from "./Keys.ts"
import { ConfigFault } from "./ConfigFault.ts"
import { liveRandomness, type Randomness } from "./Randomness.ts"

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(KeyRingFile))

/** Reads a ring from its JSON text; `source` names it in the message. */
export const parseKeyRing = (text: string, source: string): KeyRingFile =>
  Result.getOrThrowWith(
    decode(text),
    () => new ConfigFault({ message: `${source} is not a key ring: expected {"keys":[{"id":"…","secret":"…"}]}` }),
  )

/** Runs `body`. A fault of the file system becomes a message that says what to do. */
const orRefuse = <A>(body: () => A, saying: string): A => {
  try {
    return body()
  } catch (cause) {
    throw new ConfigFault({ message: `${saying} (${(cause as NodeJS.ErrnoException).code ?? String(cause)})` })
  }
}

/**
 * Reads the ring of a file; throws a {@link ConfigFault} when it cannot be read or is none.
 *
 * @example
 * import { createKeyFile, readKeyFile } from "grantlog"
 *
 * createKeyFile("keys.json")
 * const keys = readKeyFile("keys.json")
 */
export const readKeyFile = (path: string): KeyRingFile =>
  parseKeyRing(
    orRefuse(() => readFileSync(path, "utf8"), `the key ring \`${path}\` cannot be read: put back the one of this log`),
    `\`${path}\``,
  )

/**
 * Makes a ring and keeps it; throws a {@link ConfigFault} rather than replace one.
 *
 * @example
 * import { createKeyFile } from "grantlog"
 *
 * const keys = createKeyFile("keys.json")
 */
export const createKeyFile = (path: string, randomness: Randomness = liveRandomness): KeyRingFile => {
  const ring = newKeyRing(randomness)
  orRefuse(
    () => createFile(path, `${JSON.stringify(ring, null, 2)}\n`),
    `no key ring can be made at \`${path}\`: one that is there is never replaced, and its folder must be writable`,
  )
  return ring
}

/** Puts a ring in the place of the one in a file, whole or not at all; throws a {@link ConfigFault} when it cannot. */
export const replaceKeyFile = (path: string, ring: KeyRingFile): void =>
  orRefuse(
    () => replaceFile(path, `${JSON.stringify(ring, null, 2)}\n`),
    `the key ring \`${path}\` cannot be written: it is as it was`,
  )

export const hasKeyFile = (path: string): boolean => existsSync(path)

/**
 * The ring of a file, made where there is none; throws a {@link ConfigFault} when it can neither be read nor made.
 *
 * A server whose log was written with another ring does not start with it.
 *
 * @example
 * import { openKeyFile } from "grantlog"
 *
 * const keys = openKeyFile("keys.json") // made the first time
 * console.log(keys.keys.length)
 */
export const openKeyFile = (path: string, randomness: Randomness = liveRandomness): KeyRingFile => {
  if (hasKeyFile(path)) return readKeyFile(path)
  try {
    return createKeyFile(path, randomness)
  } catch (fault) {
    // Another process may have made it first.
    if (hasKeyFile(path)) return readKeyFile(path)
    throw fault
  }
}

/**
 * A key ring for a store that does not outlive the process.
 *
 * @example
 * import { ephemeralKeys } from "grantlog"
 *
 * const keys = ephemeralKeys()
 */
export const ephemeralKeys = (): KeyRingFile => newKeyRing(liveRandomness)
