/**
 * The manifest of a backup: the file that is written last, so that a folder without one is no backup.
 *
 * It names every file with its SHA-256, and what is in the log. It is no proof against somebody who can write to the
 * folder: that is what the checkpoint beside the log is for.
 */
import { createHash } from "node:crypto"
import { createReadStream, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CommandFault } from "../Failure.ts"

export const MANIFEST = "backup.json"
/** The log within a backup; what belongs to it has names that begin with this one, as beside a store that is served. */
export const LOG_FILE = "grantlog.db"

const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))

const Manifest = Schema.Struct({
  format: Schema.Literal("grantlog-backup"),
  version: Schema.Literal(1),
  /** Milliseconds since the epoch. */
  madeAt: Schema.Int,
  issuer: Schema.String,
  entryCount: Schema.Int,
  /** The root over all entries, base64url. */
  root: Schema.String,
  hasKeyRing: Schema.Boolean,
  hasSubjectKeys: Schema.Boolean,
  /** The SHA-256 of each file by its name in the folder. */
  files: Schema.Record(Schema.String.check(Schema.isPattern(/^grantlog\.db[\w.-]*$/)), Sha256),
})
export type Manifest = typeof Manifest.Type

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Manifest))

export const sha256Of = (path: string): Effect.Effect<string, CommandFault> =>
  Effect.tryPromise({
    try: async () => {
      const hash = createHash("sha256")
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
      return hash.digest("hex")
    },
    catch: (cause) =>
      new CommandFault({ message: `\`${path}\` cannot be read (${(cause as NodeJS.ErrnoException).code})` }),
  })

/** Reads the manifest of a folder, and holds every file that it names against its hash. */
export const readBackup = Effect.fnUntraced(function* (folder: string): Effect.fn.Return<Manifest, CommandFault> {
  const text = yield* Effect.try({
    try: () => readFileSync(join(folder, MANIFEST), "utf8"),
    catch: () =>
      new CommandFault({
        message: `\`${folder}\` is no backup, or one that was not finished: it has no \`${MANIFEST}\``,
      }),
  })
  const read = decode(text)
  if (Result.isFailure(read)) {
    const message = `\`${join(folder, MANIFEST)}\` is not the manifest of a backup that this grantlog knows`
    return yield* new CommandFault({ message })
  }
  for (const [name, expected] of Object.entries(read.success.files)) {
    if ((yield* sha256Of(join(folder, name))) === expected) continue
    const message = `\`${join(folder, name)}\` is not as it was backed up: its SHA-256 is another; use another backup`
    return yield* new CommandFault({ message })
  }
  return read.success
})
