/**
 * An entry of the log: an event in its envelope.
 *
 * Every member of the envelope is part of the hashed bytes. Reading checks the bytes against the leaf hash that was
 * stored with them, and the place they were found at against the place they name: half an answer is never given.
 */
import * as Result from "effect/Result"
import { storedForm, upcast, type Event, type StoredEvent } from "../core/index.ts"
import { archiveOf, isArchived } from "./Retired.ts"
import { canonicalText, leafHash } from "./Canonical.ts"

/** What an event is appended with; `actor` is an id, `sealed` is ciphertext, both or either may be absent. */
export interface ProposedEvent {
  /** The id of the entry. */
  readonly id: string
  /** What happened. */
  readonly event: Event
  /** The id of the request that it came of. */
  readonly correlationId: string
  /** The id of the entry that caused it within that request; `null` for the first. */
  readonly causationId: string | null
  /** Who did it: the id of a client or subject, or `operator`; `null` where it is nobody's doing. */
  readonly actor: string | null
  /** The origin of the request, encrypted under a key of the subject; `null` where none is kept. */
  readonly sealed: string | null
}

/** `position` is an index into the whole log, from 0; `version` counts the entries of the stream up to this one. */
export interface Recorded extends ProposedEvent {
  /** Where it stands in the log: an index, from 0. */
  readonly position: number
  /** The stream that it is in. */
  readonly stream: string
  /** How many entries the stream has up to this one. */
  readonly version: number
  /** When it was recorded, milliseconds since the epoch. */
  readonly recordedAt: number
}

/** An entry as it is kept: what it is found by, its bytes, and their hash. */
export interface StoredEntry {
  /** Where it stands in the log: an index, from 0. */
  readonly position: number
  /** The stream that it is in. */
  readonly stream: string
  /** How many entries the stream has up to this one. */
  readonly version: number
  /** When it was recorded, milliseconds since the epoch. */
  readonly recordedAt: number
  /** Canonical JSON, as it was hashed. */
  readonly bytes: string
  /** The leaf hash of the bytes, base64url (RFC 9162 section 2.1.1). */
  readonly leaf: string
}

type Envelope = Omit<Recorded, "event"> & StoredEvent

const isText = (value: unknown) => typeof value === "string"
const isTextOrNull = (value: unknown) => value === null || isText(value)

/** By hand, since a schema would cost a quarter of all that reading an entry does. */
const members = Object.entries({
  actor: isTextOrNull,
  causationId: isTextOrNull,
  correlationId: isText,
  data: (value) => value !== undefined,
  id: isText,
  position: Number.isSafeInteger,
  recordedAt: Number.isSafeInteger,
  schemaVersion: Number.isSafeInteger,
  sealed: isTextOrNull,
  stream: isText,
  type: isText,
  version: Number.isSafeInteger,
} satisfies Record<keyof Envelope, (value: unknown) => boolean>)

const isEnvelope = (value: unknown): value is Envelope =>
  typeof value === "object" &&
  value !== null &&
  members.every(([name, isRight]) => isRight((value as Record<string, unknown>)[name]))

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

/** An entry that was read, and what its text says as it stands. */
export interface Read {
  readonly recorded: Recorded
  readonly said: unknown
}

/** Reads an entry back; the failure is a sentence that names it and says what is wrong. */
export const readStored = (stored: StoredEntry): Result.Result<Read, string> => {
  const fail = (what: string) => Result.fail(`entry ${stored.position} ${what}`)
  if (isArchived(stored)) return fail(`is in archive ${archiveOf(stored)}: give its file with --archive`)
  if (leafHash(stored.bytes) !== stored.leaf) return fail("is not what was recorded: its bytes and its hash disagree")
  const said = parsed(stored.bytes)
  if (!isEnvelope(said)) return fail("cannot be read: its envelope is malformed")
  const { actor, causationId, correlationId, id, position, recordedAt, sealed, stream, version } = said
  const isMoved =
    position !== stored.position ||
    stream !== stored.stream ||
    version !== stored.version ||
    recordedAt !== stored.recordedAt
  if (isMoved) return fail("is not where it was recorded: its columns and its bytes disagree")
  const read = upcast(said)
  if (Result.isFailure(read)) return fail(`cannot be read: ${read.failure}`)
  const event = read.success
  const recorded = { actor, causationId, correlationId, event, id, position, recordedAt, sealed, stream, version }
  return Result.succeed({ recorded, said })
}

/** The same, of an entry that is only read. */
export const fromStored = (stored: StoredEntry): Result.Result<Recorded, string> =>
  Result.map(readStored(stored), ({ recorded }) => recorded)
