/**
 * An entry of the log: an event in its envelope.
 *
 * Every member of the envelope is part of the hashed bytes. Reading checks the bytes against the leaf hash that was
 * stored with them, and the place they were found at against the place they name: half an answer is never given.
 */
import { Result, Schema } from "effect"
import { storedForm, upcast, type Event } from "../core/index.ts"
import { canonicalText, leafHash } from "./Canonical.ts"

/** What an event is appended with; `actor` is an id, `sealed` is ciphertext, both or either may be absent. */
export interface ProposedEvent {
  readonly id: string
  readonly event: Event
  readonly correlationId: string
  readonly causationId: string | null
  readonly actor: string | null
  readonly sealed: string | null
}

/** `position` is an index into the whole log, from 0; `version` counts the entries of the stream up to this one. */
export interface Recorded extends ProposedEvent {
  readonly position: number
  readonly stream: string
  readonly version: number
  readonly recordedAt: number
}

/** An entry as it is kept: what it is found by, its bytes, and their hash. */
export interface StoredEntry {
  readonly position: number
  readonly stream: string
  readonly version: number
  readonly recordedAt: number
  readonly bytes: string
  readonly leaf: string
}

const Envelope = Schema.Struct({
  actor: Schema.NullOr(Schema.String),
  causationId: Schema.NullOr(Schema.String),
  correlationId: Schema.String,
  data: Schema.Unknown,
  id: Schema.String,
  position: Schema.Int,
  recordedAt: Schema.Int,
  schemaVersion: Schema.Int,
  sealed: Schema.NullOr(Schema.String),
  stream: Schema.String,
  type: Schema.String,
  version: Schema.Int,
})

const decodeEnvelope = Schema.decodeUnknownResult(Envelope)

/** `undefined` for what is no JSON, which no envelope is. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The largest entry, in characters of its canonical text: far above any event of the core. */
export const MAX_ENTRY_CHARACTERS = 65_536

export const toStored = (recorded: Recorded): StoredEntry => {
  const { actor, causationId, correlationId, event, id, position, recordedAt, sealed, stream, version } = recorded
  const { data, schemaVersion, type } = storedForm(event)
  const named = { actor, causationId, correlationId, data, id, position, recordedAt, schemaVersion }
  const bytes = canonicalText({ ...named, sealed, stream, type, version })
  return { position, stream, version, recordedAt, bytes, leaf: leafHash(bytes) }
}

/** Reads an entry back; the failure is a sentence that names it and says what is wrong. */
export const fromStored = (stored: StoredEntry): Result.Result<Recorded, string> => {
  const fail = (what: string) => Result.fail(`entry ${stored.position} ${what}`)
  if (leafHash(stored.bytes) !== stored.leaf) return fail("is not what was recorded: its bytes and its hash disagree")
  const envelope = decodeEnvelope(parsed(stored.bytes))
  if (Result.isFailure(envelope)) return fail("cannot be read: its envelope is malformed")
  const { data, schemaVersion, type, ...rest } = envelope.success
  const isMoved = (["position", "stream", "version", "recordedAt"] as const).some((at) => rest[at] !== stored[at])
  if (isMoved) return fail("is not where it was recorded: its columns and its bytes disagree")
  const event = upcast({ type, schemaVersion, data })
  if (Result.isFailure(event)) return fail(`cannot be read: ${event.failure}`)
  return Result.succeed({ ...rest, event: event.success })
}
