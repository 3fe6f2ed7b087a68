/**
 * What a log says, read by this process beside whoever serves it, and what must be true of any log.
 *
 * Objections are sentences; none means that nothing was lost, doubled or forked.
 */
import { Effect } from "effect"
import { sqliteStore } from "../../../src/entry/grantlog.ts"
import type { Recorded } from "../../../src/log/index.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

/** Every entry from `position` on; each is checked against its stored hash as it is read. Closes the store. */
export const entriesOf = async (log: ServerStore, position = 0): Promise<ReadonlyArray<Recorded>> => {
  try {
    const entries: Array<Recorded> = []
    for (;;) {
      const page = await Effect.runPromise(log.readAll(position + entries.length))
      if (page.length === 0) return entries
      entries.push(...page)
    }
  } finally {
    await Effect.runPromise(log.close)
  }
}

/** The same of a file. */
export const readLog = (file: string, position?: number) => entriesOf(sqliteStore(file), position)

interface Line {
  readonly issued: Map<string, number>
  readonly spent: Set<string>
}

/** Positions without gaps, versions without gaps, and of every grant one line of refresh tokens. */
export const objectionsTo = (entries: ReadonlyArray<Recorded>): ReadonlyArray<string> => {
  const objections: Array<string> = []
  const versions = new Map<string, number>()
  const lines = new Map<string, Line>()
  const ids = new Set<string>()
  entries.forEach(({ position, stream, version, id, event }, index) => {
    if (position !== index) objections.push(`entry ${index} has the position ${position}`)
    if (version !== (versions.get(stream) ?? 0) + 1) objections.push(`${stream} has a gap before version ${version}`)
    if (ids.has(id)) objections.push(`the event ${id} is there twice`)
    ids.add(id)
    versions.set(stream, version)
    if (event._tag !== "RefreshTokenIssued" && event._tag !== "RefreshTokenRotated") return

    const line = lines.get(event.grantId) ?? { issued: new Map(), spent: new Set() }
    lines.set(event.grantId, line)
    if (event._tag === "RefreshTokenRotated") {
      if (line.issued.get(event.parent) !== event.generation - 1) objections.push(`${stream} skips a generation`)
      if (line.spent.has(event.parent)) objections.push(`${stream} is forked at generation ${event.generation}`)
      line.spent.add(event.parent)
    }
    line.issued.set(event.digest, event.generation)
  })
  for (const [grantId, { issued, spent }] of lines) {
    const unspentCount = [...issued.keys()].filter((digest) => !spent.has(digest)).length
    if (unspentCount !== 1) objections.push(`grant ${grantId} has ${unspentCount} unspent refresh tokens`)
  }
  return objections
}

/** The digest of the refresh token that followed the one with this digest, if any did. */
export const successorOf = (entries: ReadonlyArray<Recorded>, parent: string): string | undefined => {
  for (const { event } of entries) {
    if (event._tag === "RefreshTokenRotated" && event.parent === parent) return event.digest
  }
  return undefined
}
