/**
 * A folder with a log's tree and its checkpoint, as any web server can serve it (C2SP tlog-tiles).
 *
 * Tiles are written first and the checkpoint last, so that a checkpoint that is there has its tiles. What is whole is
 * written once. A folder whose checkpoint the log contradicts is left as it is: who reads it would be shown another
 * history.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { TILE_WIDTH, tileBytes, tilePath, tilesOf, type SignedHead } from "../../audit/index.ts"
import { publishFile } from "../../files/PublicFile.ts"
import { readSmallFile } from "../../files/SmallFile.ts"
import {
  MAX_NOTE_LENGTH,
  openCheckpoint,
  readNote,
  rootOf,
  type EventLog,
  type StoreFault,
  type VerifierKey,
} from "../../log/index.ts"
import { CommandFault } from "../Failure.ts"

const attempt = <A>(path: string, what: string, body: () => A): Effect.Effect<A, CommandFault> =>
  Effect.try({
    try: body,
    catch: (cause) =>
      new CommandFault({ message: `\`${path}\` cannot be ${what} (${(cause as NodeJS.ErrnoException).code})` }),
  })

const signersOf = (note: string): ReadonlySet<string> =>
  new Set(
    Result.match(readNote(note), {
      onFailure: () => [],
      onSuccess: ({ signatures }) => signatures.map(({ name, id }) => `${name} ${id}`),
    }),
  )

/** Whether all that signed the one signed the other, and somebody besides. */
const hasMoreSigners = (note: string, other: string): boolean => {
  const [own, others] = [signersOf(note), signersOf(other)]
  return own.size > others.size && [...others].every((signer) => own.has(signer))
}

/** How many entries the checkpoint has that is in the folder, and its text; 0 where there is none. */
const published = Effect.fnUntraced(function* (log: EventLog, key: VerifierKey, path: string) {
  if (!existsSync(path)) return { size: 0, note: "" }
  const note = (yield* attempt(path, "read", () => readSmallFile(path, MAX_NOTE_LENGTH))) ?? ""
  const head = openCheckpoint(note, key)
  if (Result.isFailure(head)) {
    const message = `\`${path}\` is no checkpoint of this log: ${head.failure}; name another folder`
    return yield* new CommandFault({ message })
  }
  const { size, root } = head.success
  const isOurs = yield* log.readTree((tree) => tree.size >= size && rootOf(tree.hashOf, size) === root)
  if (isOurs) return { size, note }
  const message = `\`${path}\` has a checkpoint that this log contradicts: it was cut, restored or rewritten since; run grantlog verify`
  return yield* new CommandFault({ message })
})

/** What was written into a folder. */
export interface WrittenTiles {
  readonly size: number
  readonly tileCount: number
}

/** Writes what a folder lacks of the tree under a checkpoint, and the checkpoint, unless the folder has a newer one. */
export const writeTiles = Effect.fnUntraced(function* (
  log: EventLog,
  key: VerifierKey,
  { size, checkpoint }: SignedHead,
  folder: string,
): Effect.fn.Return<WrittenTiles, CommandFault | StoreFault> {
  const path = join(folder, "checkpoint")
  const { size: before, note } = yield* published(log, key, path)
  if (before > size) return { size: before, tileCount: 0 }
  let tileCount = 0
  for (const tile of tilesOf(size, before)) {
    const to = join(folder, tilePath(tile))
    const bytes = yield* log.readTree(({ hashOf }) => tileBytes(hashOf, tile))
    // What was there before a checkpoint was may be of another log.
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue
    yield* attempt(to, "written", () => publishFile(to, bytes))
    tileCount++
  }
  // What witnesses cosigned stays, where the same tree comes without them.
  if (before < size || !hasMoreSigners(note, checkpoint))
    yield* attempt(path, "written", () => publishFile(path, checkpoint))
  for (const tile of tilesOf(size, before)) {
    // A partial tile may go once it is whole (C2SP tlog-tiles).
    const partial = join(folder, `${tilePath({ ...tile, width: TILE_WIDTH })}.p`)
    if (tile.width === TILE_WIDTH)
      yield* attempt(partial, "removed", () => rmSync(partial, { recursive: true, force: true }))
  }
  return { size, tileCount }
})
