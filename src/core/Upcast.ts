/**
 * Reading events of every age: a stored `{ type, schemaVersion, data }` becomes the newest form of its event.
 *
 * Pure and total: what cannot be read is an answer with a sentence, not an exception. The stored bytes are never
 * touched. When an event changes shape, its old version gets an entry in `upcasts` that brings the data one version up.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Event, type EventType } from "./Event.ts"

/** An event as it is stored: its type, the version of its shape, and its data. */
export interface StoredEvent {
  /** As `GrantOpened`. */
  readonly type: string
  /** The version of the shape of its data: a count, from 1. */
  readonly schemaVersion: number
  /** Everything else that the event says, as JSON. */
  readonly data: unknown
}

/** The newest version of each type; a type not named here is at version 1. */
const newestVersions: Partial<Record<EventType, number>> = { RefreshTokenIssued: 2, RefreshTokenRotated: 3 }

/** Older tokens do not name the version of their stream. */
const withoutVersion = (data: unknown): unknown => ({ ...(data as object), afterVersion: null })

/** `"<Type>@<version>"` → data of the next version. */
const upcasts: Readonly<Record<string, (data: unknown) => unknown>> = {
  // Version 1 held the salt of the rotation, with which every ancestor led to today's token: it is not read.
  "RefreshTokenRotated@1": (data) => data,
  "RefreshTokenRotated@2": withoutVersion,
  "RefreshTokenIssued@1": withoutVersion,
}

export const schemaVersionOf = (type: EventType): number => newestVersions[type] ?? 1

const decodeEvent = Schema.decodeUnknownResult(Event)

/** Reads a stored event of any age as today's form of it; a failure is a sentence that says what is wrong. */
export const upcast = ({ type, schemaVersion, data }: StoredEvent): Result.Result<Event, string> => {
  if (!Object.hasOwn(Event.cases, type)) {
    return Result.fail(`unknown event type \`${type}\`: written by a newer version of grantlog`)
  }
  const newest = schemaVersionOf(type as EventType)
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1) return Result.fail(`\`${type}\` has no schema version`)
  let current = data
  for (let version = schemaVersion; version < newest; version++) {
    const step = upcasts[`${type}@${version}`]
    if (step === undefined) return Result.fail(`no way to read \`${type}\` of version ${version}`)
    current = step(current)
  }
  if (schemaVersion > newest) {
    return Result.fail(`\`${type}\` of version ${schemaVersion}: written by a newer version of grantlog`)
  }
  return Result.mapError(
    decodeEvent({ ...(current as object), _tag: type }),
    (issue) => `\`${type}\` of version ${schemaVersion} is not what it should be: ${String(issue)}`,
  )
}

/**
 * The same for a program that keeps events of its own: throws a `TypeError` with the sentence.
 *
 * @example
 * import { readEvent } from "grantlog/core"
 *
 * const data = { issuer: "https://id.example.com", keyId: "k_1", initializedAt: 0 }
 * console.log(readEvent({ type: "IssuerInitialized", schemaVersion: 1, data })._tag)
 */
export const readEvent = (stored: StoredEvent): Event =>
  Result.getOrThrowWith(upcast(stored), (sentence) => new TypeError(sentence))

/** An event as it is stored, in its newest version. Its encoded form is the event itself. */
export const storedForm = (event: Event): StoredEvent => {
  const { _tag, ...data } = event
  return { type: _tag, schemaVersion: schemaVersionOf(_tag), data }
}
