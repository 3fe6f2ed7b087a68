/**
 * One append inside a transaction: the same judgement for every store. What it makes of the rows comes with it: nothing
 * is read again for it, for the version of the stream is what it was decided on.
 *
 * Order matters: what refuses one caller is found before anything is written, so that the others of the batch are not
 * touched. Each append sees what those before it in the batch did.
 */
import type { Append, AppendOutcome, Head } from "./EventLog.ts"
import { indexIssued } from "./Issued.ts"
import { MAX_ENTRY_CHARACTERS, toStored, type Recorded, type StoredEntry } from "./Recorded.ts"
import { applyChange, compareValues, type RowWriter } from "./Rows.ts"
import { growTree, type LeavesFrom } from "./Tree.ts"

/** What a store provides while it holds the head. */
export interface Transaction {
  readonly head: () => Head
  readonly versionOf: (stream: string) => number
  readonly isClaimed: (key: string) => boolean
  readonly claim: (key: string, until: number) => void
  readonly insert: (entry: StoredEntry) => void
  readonly leavesFrom: LeavesFrom
  readonly rows: RowWriter
  /** The description of the projection that the rows of this store are of. */
  readonly projection: () => string
}

/** An instance whose clock is behind the newest entry by more than this writes nothing. */
export const MAX_CLOCK_LAG_MILLIS = 5000

export const appendWithin = (tx: Transaction, append: Append): AppendOutcome => {
  const { stream, expectedVersion, events, checks, rowChecks = [], claims, at } = append
  const head = tx.head()
  if (at < head.recordedAt - MAX_CLOCK_LAG_MILLIS) {
    const message = `this machine's clock is ${head.recordedAt - at} ms behind the newest entry of the log: set the clock`
    return { _tag: "Rejected", reason: "clock", message }
  }
  if (append.projection !== tx.projection()) {
    const message =
      "another version of grantlog has made the rows of this store anew: start this process again, or upgrade it"
    return { _tag: "Rejected", reason: "newer", message }
  }
  const actual = tx.versionOf(stream)
  if (actual !== expectedVersion) return { _tag: "WrongExpectedVersion", actual }
  for (const check of checks) {
    if (tx.versionOf(check.stream) !== check.version) return { _tag: "CheckFailed", stream: check.stream }
  }
  for (const { table, key, has } of rowChecks) {
    const row = tx.rows.get(table, key)
    const isSame =
      row !== undefined && Object.entries(has).every(([column, value]) => compareValues(row[column]!, value) === 0)
    if (!isSame) return { _tag: "RowCheckFailed", table: table.name }
  }
  for (const [index, { key }] of claims.entries()) {
    const isTwice = claims.slice(0, index).some((claim) => claim.key === key)
    if (isTwice || tx.isClaimed(key)) return { _tag: "ClaimTaken", key }
  }
  const twice = events.find(({ id }, index) => events.findIndex((event) => event.id === id) < index)
  if (twice !== undefined) {
    const message = `two events of one append have the id \`${twice.id}\`: an event is appended once, under an id of its own`
    return { _tag: "Rejected", reason: "other", message }
  }

  const recordedAt = Math.max(at, head.recordedAt)
  const entries = events.map((proposed, index): Recorded => ({
    ...proposed,
    stream,
    position: head.size + index,
    version: actual + index + 1,
    recordedAt,
  }))
  const stored = entries.map(toStored)
  if (stored.some((entry) => entry.bytes.length > MAX_ENTRY_CHARACTERS)) {
    const message = `an event is larger than ${MAX_ENTRY_CHARACTERS} characters: shorten what was sent`
    return { _tag: "Rejected", reason: "too-large", message }
  }

  for (const { key, until } of claims) tx.claim(key, until)
  for (const entry of stored) tx.insert(entry)
  for (const entry of entries) indexIssued(tx.rows, entry)
  for (const { position } of entries) growTree(tx.rows, tx.leavesFrom, position)
  for (const change of append.rows) applyChange(tx.rows, change)
  return { _tag: "Appended", position: head.size + events.length - 1, version: actual + events.length }
}
