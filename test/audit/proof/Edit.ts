/**
 * What somebody with the database file can do to it: each edit a way to change history, from clumsy to thorough.
 *
 * The thorough ones hash anew whatever they touch, the tree included; only a checkpoint kept elsewhere shows them.
 */
import { DatabaseSync } from "node:sqlite"
import {
  bytesOfHash,
  canonicalText,
  hashOfBytes,
  isKeptLevel,
  leafHash,
  rollingTree,
  type StoredEntry,
} from "../../../src/log/index.ts"

export interface Editor {
  readonly size: number
  /** A number from 0 to `limit - 1`. */
  readonly pick: (limit: number) => number
  readonly database: DatabaseSync
}

export interface Edit {
  readonly name: string
  /** Whether everything that is stored fits together afterwards. */
  readonly isThorough: boolean
  /** Changes the log from some position on; gives the entries in which a difference may be looked for. */
  readonly apply: (editor: Editor, position: number) => readonly [first: number, last: number] | "rows"
}

export const entryAt = ({ database }: Pick<Editor, "database">, position: number): Omit<StoredEntry, "leaf"> =>
  database
    .prepare("SELECT position, stream, version, recorded_at AS recordedAt, bytes FROM entries WHERE position = ?")
    .get(position) as unknown as Omit<StoredEntry, "leaf">

const set = (
  { database }: Pick<Editor, "database">,
  position: number,
  column: string,
  value: string | number | Uint8Array,
): void => {
  database.prepare(`UPDATE entries SET ${column} = ? WHERE position = ?`).run(value, position)
}

/** The bytes with one member of the envelope another. */
export const altered = (bytes: string, change: (envelope: Record<string, unknown>) => void): string => {
  const envelope = JSON.parse(bytes) as Record<string, unknown>
  change(envelope)
  return canonicalText(envelope)
}

const otherActor = (bytes: string): string =>
  altered(bytes, (envelope) => {
    envelope["correlationId"] = `${String(envelope["correlationId"])}x`
  })

export const rehash = ({ database }: Pick<Editor, "database">, position: number, bytes: string): void => {
  set({ database }, position, "bytes", bytes)
  set({ database }, position, "leaf", bytesOfHash(leafHash(bytes)))
}

/** Makes the tree again, as somebody would who knows how. */
const growAgain = ({ database }: Editor): void => {
  database.exec("DELETE FROM subtrees")
  const put = database.prepare("INSERT INTO subtrees (level, place, hash) VALUES (?, ?, ?)")
  const tree = rollingTree()
  for (const row of database.prepare("SELECT leaf FROM entries ORDER BY position").all()) {
    for (const { level, index, hash } of tree.push(hashOfBytes(row["leaf"] as Uint8Array)))
      if (isKeptLevel(level)) put.run(level, index, bytesOfHash(hash))
  }
}

/** Moves everything behind `position` one forward, in columns and bytes, and hashes it again. */
const closeGap = (editor: Editor, position: number, stream: string): void => {
  for (let at = position + 1; at < editor.size; at++) {
    const entry = entryAt(editor, at)
    const version = entry.stream === stream ? entry.version - 1 : entry.version
    const bytes = altered(entry.bytes, (envelope) => Object.assign(envelope, { position: at - 1, version }))
    rehash(editor, at, bytes)
    set(editor, at, "version", version)
    set(editor, at, "position", at - 1)
  }
}

const single = (position: number) => [position, position] as const

export const edits: ReadonlyArray<Edit> = [
  {
    name: "a character of an entry is another",
    isThorough: false,
    apply: (editor, position) => {
      const { bytes } = entryAt(editor, position)
      const at = editor.pick(bytes.length)
      set(editor, position, "bytes", bytes.slice(0, at) + (bytes[at] === "x" ? "y" : "x") + bytes.slice(at + 1))
      return single(position)
    },
  },
  {
    name: "an entry is rewritten and hashed anew",
    isThorough: false,
    apply: (editor, position) => {
      rehash(editor, position, otherActor(entryAt(editor, position).bytes))
      return single(position)
    },
  },
  {
    name: "a hash is another",
    isThorough: false,
    apply: (editor, position) => {
      set(editor, position, "leaf", bytesOfHash(leafHash(`another ${position}`)))
      return single(position)
    },
  },
  {
    name: "a version is another",
    isThorough: false,
    apply: (editor, position) => {
      set(editor, position, "version", 1_000_000 + position)
      return single(position)
    },
  },
  {
    name: "a time is another",
    isThorough: false,
    apply: (editor, position) => {
      set(editor, position, "recorded_at", entryAt(editor, position).recordedAt + 1)
      return single(position)
    },
  },
  {
    name: "an entry is of another stream",
    isThorough: false,
    apply: (editor, position) => {
      set(editor, position, "stream", "grant-0000000000000000000000")
      return single(position)
    },
  },
  {
    name: "two entries change places",
    isThorough: false,
    apply: (editor, position) => {
      const other = position + 1 < editor.size ? position + 1 : position - 1
      set(editor, position, "position", -1)
      set(editor, other, "position", position)
      set(editor, -1, "position", other)
      return single(Math.min(position, other))
    },
  },
  {
    name: "an entry is taken out",
    isThorough: false,
    apply: (editor, position) => {
      editor.database.prepare("DELETE FROM entries WHERE position = ?").run(position)
      return single(position)
    },
  },
  {
    name: "the tail is cut off",
    isThorough: false,
    apply: (editor, position) => {
      editor.database.prepare("DELETE FROM entries WHERE position >= ?").run(position)
      return [position, editor.size - 1]
    },
  },
  {
    name: "a hash over several entries is another",
    isThorough: false,
    apply: (editor, position) => {
      const { database } = editor
      const [row] = database.prepare("SELECT level, place FROM subtrees ORDER BY random() LIMIT 1").all()
      const [level, place] = [Number(row!["level"]), Number(row!["place"])]
      const hash = bytesOfHash(leafHash(`another ${position}`))
      database.prepare("UPDATE subtrees SET hash = ? WHERE level = ? AND place = ?").run(hash, level, place)
      return [place * 2 ** level, (place + 1) * 2 ** level - 1]
    },
  },
  {
    name: "a row is another",
    isThorough: false,
    apply: ({ database, pick }) => {
      const tables = ["grant_rows", "client_rows", "access_rows", "issued"]
      const table = tables.filter((name) => database.prepare(`SELECT 1 FROM ${name}`).get() !== undefined)
      const name = table[pick(table.length)]!
      database.exec(
        pick(2) === 0 && name !== "issued"
          ? `UPDATE ${name} SET state = replace(state, ':', ': ')`
          : `DELETE FROM ${name}`,
      )
      return "rows"
    },
  },
  {
    name: "an entry is rewritten, and everything over it hashed anew",
    isThorough: true,
    apply: (editor, position) => {
      rehash(editor, position, otherActor(entryAt(editor, position).bytes))
      growAgain(editor)
      return single(position)
    },
  },
  {
    name: "the first entry of a longer stream is taken out, and everything behind it moved and hashed anew",
    isThorough: true,
    apply: (editor) => {
      const firsts = editor.database
        .prepare(
          "SELECT position FROM entries WHERE version = 1 AND stream IN (SELECT stream FROM entries WHERE version = 2)",
        )
        .all()
      const position = Number(firsts[editor.pick(firsts.length)]!["position"])
      editor.database.prepare("DELETE FROM entries WHERE position = ?").run(position)
      closeGap(editor, position, "")
      growAgain(editor)
      return [position, editor.size - 1]
    },
  },
  {
    name: "the last entry of a stream is taken out, and everything behind it moved and hashed anew",
    isThorough: true,
    apply: (editor, from) => {
      const last = editor.database
        .prepare(
          "SELECT position, stream FROM entries e WHERE position >= ? AND version = (SELECT max(version) FROM entries WHERE stream = e.stream) ORDER BY position LIMIT 1",
        )
        .get(from)!
      const position = Number(last["position"])
      editor.database.prepare("DELETE FROM entries WHERE position = ?").run(position)
      closeGap(editor, position, String(last["stream"]))
      growAgain(editor)
      return [position, editor.size - 1]
    },
  },
]
