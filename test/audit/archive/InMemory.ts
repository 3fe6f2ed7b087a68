/** Grants that ended, and archives of them, in memory: so that anything may be done to either, and a page costs nothing. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { makeArchive } from "../../../src/audit/index.ts"
import { signStatement, type ArchiveStatement } from "../../../src/audit/archive/Statement.ts"
import type { Command, EpochMillis, Event } from "../../../src/core/index.ts"
import {
  nodeHash,
  rollingTree,
  signingKey,
  toStored,
  type ArchiveFile,
  type ArchiveWriter,
  type Archivist,
  type Leaving,
  type PrunedThrough,
  type RetiredStream,
  type StoredEntry,
  type Tree,
} from "../../../src/log/index.ts"
import { app, at, grantId, redeemed, refresh, revokeGrant } from "../../core/support/Facts.ts"
import { eventsOf, recordedOf } from "../StoredLog.ts"

export const key = signingKey("localhost:4000", Buffer.alloc(32, 7))

/** The story of a grant that was used and then revoked at 1 minute, with another name; it died a minute later. */
export const revoked = (name: string, ...more: ReadonlyArray<Command>): ReadonlyArray<Event> =>
  eventsOf(...redeemed, refresh(1), revokeGrant(), ...more)
    .slice(2)
    .map((event) => ({ ...event, grantId: grantId(name) }) as Event)

/** Of a grant that lasts until 1 minute if nothing more happens. */
export const waiting = (name: string): ReadonlyArray<Event> => revoked(name).slice(0, 2)

/** One entry each, and dead a minute after it; their names sort as their numbers do. */
export const denied = (count: number, deniedAt: EpochMillis = at(1)): ReadonlyArray<Event> =>
  Array.from({ length: count }, (_, index) => ({
    _tag: "GrantDenied",
    grantId: grantId(`n${String(1000 + index)}n`),
    clientId: app,
    subjectId: "sub_alice",
    deniedAt,
  })) as unknown as ReadonlyArray<Event>

/** What a log has before its first grant. */
export const begun = eventsOf(...redeemed).slice(0, 2)

export const storedOf = (...stories: ReadonlyArray<ReadonlyArray<Event>>): Array<StoredEntry> =>
  recordedOf([...begun, ...stories.flat()]).map(toStored)

/** The tree over all leaves. */
export const treeOf = (stored: ReadonlyArray<StoredEntry>): Tree => {
  const hashOf = (level: number, index: number): string =>
    level === 0 ? stored[index]!.leaf : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
  return { size: stored.length, hashOf }
}

export const rootOver = (stored: ReadonlyArray<StoredEntry>): string => {
  const tree = rollingTree()
  for (const { leaf } of stored) tree.push(leaf)
  return tree.root()
}

const inOrder = (stored: ReadonlyArray<StoredEntry>) =>
  stored.toSorted(
    (left, right) =>
      (left.stream < right.stream ? -1 : 1) * Number(left.stream !== right.stream) || left.version - right.version,
  )

/** An archive whose content may be changed. */
export const memoryArchive = (path = "old.archive") => {
  const content = {
    statement: "",
    entries: [] as Array<StoredEntry>,
    streams: [] as Array<RetiredStream>,
    hashes: new Map<string, string>(),
  }
  const reads: Array<readonly [name: string, ...asked: ReadonlyArray<unknown>]> = []
  const asked = <Input extends ReadonlyArray<unknown>, A>(name: string, read: (...input: Input) => A) => {
    return (...input: Input): A => {
      reads.push([name, ...input])
      return read(...input)
    }
  }
  const byPosition = () => content.entries.toSorted((left, right) => left.position - right.position)
  const byName = () => content.streams.toSorted((left, right) => (left.stream < right.stream ? -1 : 1))
  const file = (): ArchiveFile => ({
    path,
    statement: content.statement,
    stored: asked("stored", (from, limit) =>
      byPosition()
        .filter(({ position }) => position >= from)
        .slice(0, limit),
    ),
    between: asked("between", (first, last) =>
      byPosition().filter(({ position }) => position >= first && position <= last),
    ),
    byStream: asked("byStream", (behind, limit) => {
      const all = inOrder(content.entries)
      const start = 1 + (behind === undefined ? -1 : all.findIndex(({ position }) => position === behind.position))
      return all.slice(start, start + limit)
    }),
    ofStream: asked("ofStream", (stream, afterVersion, limit) =>
      inOrder(content.entries)
        .filter((entry) => entry.stream === stream && entry.version > afterVersion)
        .slice(0, limit),
    ),
    streams: asked("streams", (behind, limit) =>
      byName()
        .filter(({ stream }) => stream > behind)
        .slice(0, limit),
    ),
    stream: (name) => content.streams.find(({ stream }) => stream === name),
    hashBeside: (level, index) => content.hashes.get(`${level}/${index}`),
    close: () => {},
  })
  const writer: ArchiveWriter = {
    ...file(),
    add: (stream, entries) => {
      content.streams.push(stream)
      content.entries.push(...entries)
    },
    addHashes: (hashes) => {
      for (const { level, index, hash } of hashes) content.hashes.set(`${level}/${index}`, hash)
    },
    finish: (statement) => void (content.statement = statement),
  }
  return { content, file, writer, reads }
}

/** An archivist over entries, which remembers what it was told. */
export const archivistOver = (stored: ReadonlyArray<StoredEntry>) => {
  const told: Array<readonly [name: string, ...about: ReadonlyArray<unknown>]> = []
  const noted = <A>(answer: A, ...about: (typeof told)[number]) =>
    Effect.sync(() => {
      told.push(about)
      return answer
    })
  const archivist: Archivist = {
    candidates: (prefix, after, recordedBefore, limit) => {
      const newest = new Map(stored.map((entry) => [entry.stream, entry]))
      const all = [...newest.values()].filter(
        ({ stream, recordedAt }) => stream.startsWith(prefix) && stream > after && recordedAt < recordedBefore,
      )
      const page = all.toSorted((left, right) => (left.stream < right.stream ? -1 : 1)).slice(0, limit)
      return noted(
        page.map(({ stream, version }) => ({ stream, version })),
        "candidates",
        prefix,
        after,
        recordedBefore,
        limit,
      )
    },
    entriesOf: (stream) => Effect.succeed(stored.filter((entry) => entry.stream === stream)),
    begin: (statement, file) => noted(7, "begin", statement, file),
    remove: (number, streams: ReadonlyArray<Leaving>) => noted(streams.length - 1, "remove", number, streams),
    finish: (number) => noted(undefined, "finish", number),
    close: Effect.void,
  }
  return { archivist, told }
}

const ever: PrunedThrough = { diedAt: Number.MAX_SAFE_INTEGER, id: "" }

/** As much of a log as archiving asks. */
export const prunedLog = (stored: ReadonlyArray<StoredEntry>, bounds: ReadonlyArray<PrunedThrough> = [ever]) => {
  const asked: Array<number> = []
  const log: Parameters<typeof makeArchive>[0] = {
    prune: (through) =>
      Effect.sync(() => {
        asked.push(through)
        return bounds[Math.min(asked.length, bounds.length) - 1]!
      }),
    readTree: (body) => Effect.sync(() => body(treeOf(stored))),
    head: Effect.sync(() => ({ size: stored.length, recordedAt: 0 })),
  }
  return { log, asked }
}

/** What is archived of entries where all that had ended before then is. */
export const archived = async (stored: ReadonlyArray<StoredEntry>, before: number = at(30)) => {
  const made = memoryArchive()
  const { archivist } = archivistOver(stored)
  const statement = await Effect.runPromise(makeArchive(prunedLog(stored).log, archivist, made.writer, key, { before }))
  return { ...made, statement }
}

/** What is signed about an archive of these entries and streams, by other means than archiving. */
export const statementOf = (
  log: ReadonlyArray<StoredEntry>,
  { entries, streams }: Pick<ReturnType<typeof memoryArchive>["content"], "entries" | "streams">,
  before: number = at(30),
): ArchiveStatement => {
  const lines = streams
    .toSorted((left, right) => (left.stream < right.stream ? -1 : 1))
    .map(({ stream, version, diedAt, clientId, keyIds }) => JSON.stringify([stream, version, diedAt, clientId, keyIds]))
  return {
    before,
    entryCount: entries.length,
    root: rootOver(entries.toSorted((left, right) => left.position - right.position)),
    streamCount: streams.length,
    streamHash: createHash("sha256")
      .update(lines.map((line) => `${line}\n`).join(""))
      .digest("base64url"),
    logSize: log.length,
    logRoot: rootOver(log),
  }
}

export const signed = (statement: ArchiveStatement): string => signStatement(statement, key)
