/**
 * Whoever copied files, and holds one refresh token that was spent: what can be derived without ever asking the server.
 *
 * Tries every string in the loot in the place of a salt, and of what salts are made of, with the project's own derivation,
 * and goes on from each successor that was really issued to the next.
 */
import { DatabaseSync } from "node:sqlite"
import type { KeyId } from "../../src/core/index.ts"
import { digestOf, parseToken, type KeyRing } from "../../src/provider/index.ts"
import { saltOf } from "../../src/provider/RetrySalts.ts"

export interface Loot {
  /** The entries of the log as they are stored. */
  readonly entries: ReadonlyArray<string>
  /** What stands in rows. */
  readonly others: ReadonlyArray<string>
  /** The bytes of files that are looked through wherever a string may begin, as Latin-1. */
  readonly raw: ReadonlyArray<string>
  readonly keys: KeyRing
}

/** Every text in every table of a SQLite file, and the stored entries of the log among them. */
export const textsIn = (file: string): Pick<Loot, "entries" | "others"> => {
  const database = new DatabaseSync(file)
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    const others = tables.flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM ${String(name)}`)
        .all()
        .flatMap((row) => Object.values(row).filter((value) => typeof value === "string")),
    )
    const entries = database.prepare("SELECT bytes FROM entries ORDER BY position").all()
    return { entries: entries.map(({ bytes }) => String(bytes)), others }
  } finally {
    database.close()
  }
}

interface Rotation {
  readonly digest: string
  readonly generation: number
  readonly keyId: KeyId
  readonly parent: string
  readonly afterVersion?: number
}

const rotationsIn = (entries: ReadonlyArray<string>): ReadonlyArray<Rotation> =>
  entries.flatMap((bytes) => {
    const { type, data } = JSON.parse(bytes) as { readonly type: string; readonly data: Rotation }
    return type === "RefreshTokenRotated" ? [data] : []
  })

/** Every string of `size` characters of base64url that stands in the text by itself. */
const stringsOf = (text: string, size: number): ReadonlyArray<string> =>
  text.match(new RegExp(`(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{${size}}(?![A-Za-z0-9_-])`, "g")) ?? []

/** Every piece of `size` characters of base64url that stands in the text, wherever it begins. */
const piecesOf = (text: string, size: number): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`[A-Za-z0-9_-]{${size},}`, "g"))].flatMap(([run]) =>
    Array.from({ length: run.length - size + 1 }, (_, from) => run.slice(from, from + size)),
  )

/** The tokens that come after `token`, oldest first, as far as the loot leads. */
export const successorsOf = (token: string, { entries, others, raw, keys }: Loot): ReadonlyArray<string> => {
  const rotations = rotationsIn(entries)
  const inTexts = (size: number) => [...entries, ...others].flatMap((text) => stringsOf(text, size))
  const inBytes = (size: number) => raw.flatMap((text) => piecesOf(text, size))
  const [salts, secrets] = [22, 43].map((size) => [...new Set([...inTexts(size), ...inBytes(size)])])
  const { grantId } = parseToken(token)!

  const successorOf = (presented: string): string | undefined => {
    const rotation = rotations.find(({ parent }) => parent === digestOf(presented))
    if (rotation === undefined) return undefined
    const { keyId, generation, digest, afterVersion = null } = rotation
    const derived = secrets!.map((secret) => saltOf(secret, { grantId, generation }))
    for (const salt of [...derived, ...salts!.map((salt) => Buffer.from(salt, "base64url"))]) {
      const from = { generation, salt, presented, subset: "", afterVersion }
      const made = keys.derive(keyId, { kind: "refresh", grantId, ...from })
      if (made !== undefined && digestOf(made) === digest) return made
    }
    return undefined
  }

  const found: Array<string> = []
  for (let next = successorOf(token); next !== undefined; next = successorOf(next)) found.push(next)
  return found
}
