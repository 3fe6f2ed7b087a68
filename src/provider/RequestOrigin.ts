/**
 * Where a request came from: the address and the user agent of who asked, sealed once into what came of it.
 *
 * Both may identify a person, so they stand in no event and no row: only in the envelope, under the key of the subject
 * that the event is about, until that key is destroyed. The first event of an append carries it for those that it
 * caused; one without a subject carries nothing.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Event, State, SubjectId } from "../core/index.ts"
import { SEAL_NONCE_BYTES, seal, sealingKeyIdOf, unseal, type Recorded, type StoreFault } from "../log/index.ts"
import type { Randomness } from "./Randomness.ts"
import type { SubjectKeys } from "./SubjectKeys.ts"

const RequestOriginSchema = Schema.Struct({
  /** The address that the request came from; `null` where it is not known. */
  address: Schema.NullOr(Schema.String),
  /** What the user agent calls itself; `null` where it does not. */
  userAgent: Schema.NullOr(Schema.String),
})

/** Where a request came from: its address, and what the user agent calls itself. */
export type RequestOrigin = typeof RequestOriginSchema.Type

/** Where the request came from that is being answered; `undefined` for what nobody asked from outside. */
export const RequestOrigin = Context.Reference<RequestOrigin | undefined>("grantlog/provider/RequestOrigin", {
  defaultValue: () => undefined,
})

const MAX_ADDRESS_CHARACTERS = 64
const MAX_USER_AGENT_CHARACTERS = 256

/** The origin of a request as it is sealed, clipped; `undefined` when nothing is known of it. */
export const requestOriginOf = (address: string, userAgent: string | undefined): RequestOrigin | undefined => {
  const clipped = (text: string, max: number) => (text === "" ? null : text.slice(0, max))
  const origin = {
    address: clipped(address, MAX_ADDRESS_CHARACTERS),
    userAgent: clipped(userAgent ?? "", MAX_USER_AGENT_CHARACTERS),
  }
  return origin.address === null && origin.userAgent === null ? undefined : origin
}

/** A sealed value is as long as what is in it: in steps of this, so that its length tells next to nothing. */
const PADDED_TO_BYTES = 128

const encode = (origin: RequestOrigin): Uint8Array => {
  const text = JSON.stringify(origin)
  return Buffer.from(text + " ".repeat(-Buffer.byteLength(text) & (PADDED_TO_BYTES - 1)))
}

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(RequestOriginSchema))

/** Whose key what came of a request is sealed under; `undefined` where there is no subject, or it is forgotten. */
export const sealedFor = (events: ReadonlyArray<Event>, { grant, subject }: State): SubjectId | undefined => {
  if (subject.status === "forgotten" || events.some(({ _tag }) => _tag === "SubjectForgotten")) return undefined
  const [first] = events
  if (first === undefined) return undefined
  if ("subjectId" in first) return first.subjectId ?? undefined
  return "grantId" in first && grant._tag !== "Absent" ? (grant.subjectId ?? undefined) : undefined
}

/** Seals an origin for the event with an id. */
export type SealRequestOrigin = (eventId: string) => string | null

const sealsNothing: SealRequestOrigin = () => null

/** How the origin of this request is sealed into an event that this subject is about. */
export const requestOriginSealer = (
  keys: SubjectKeys | undefined,
  randomness: Pick<Randomness, "bytes">,
  subjectId: SubjectId | undefined,
): Effect.Effect<SealRequestOrigin, StoreFault> =>
  RequestOrigin.use((origin) => {
    if (keys === undefined || origin === undefined || subjectId === undefined) return Effect.succeed(sealsNothing)
    return Effect.map(keys.ensure(subjectId), (key) =>
      key === undefined
        ? sealsNothing
        : (eventId) => seal(key, eventId, encode(origin), randomness.bytes(SEAL_NONCE_BYTES)),
    )
  })

/** What is known of where an event came from. `Lost`: the key is not in the file of keys, though nobody was forgotten. */
export type OpenedRequestOrigin =
  | ({ readonly _tag: "RequestOrigin" } & RequestOrigin)
  | { readonly _tag: "NotRecorded" }
  | { readonly _tag: "Forgotten" }
  | {
      readonly _tag: "Lost" | "Damaged"
      /** What is wrong, in a sentence without a period. */
      readonly message: string
    }

/** Where the request came from that an entry was recorded for. */
export const openRequestOrigin = (
  keys: SubjectKeys,
  { id, position, sealed }: Pick<Recorded, "id" | "position" | "sealed">,
): Effect.Effect<OpenedRequestOrigin, StoreFault> =>
  Effect.gen(function* () {
    if (sealed === null) return { _tag: "NotRecorded" }
    const damaged = { _tag: "Damaged", message: `what entry ${position} has sealed cannot be opened` } as const
    const keyId = sealingKeyIdOf(sealed)
    if (keyId === undefined) return damaged
    const found = yield* keys.find(keyId)
    if (found._tag === "Forgotten") return { _tag: "Forgotten" }
    if (found._tag === "Unknown") {
      const message = `the key that entry ${position} was sealed under is not among the subject keys: they were lost or replaced`
      return { _tag: "Lost", message }
    }
    const plain = unseal(found.key, id, sealed)
    const origin = plain === undefined ? undefined : decode(Buffer.from(plain).toString())
    return origin === undefined || Result.isFailure(origin) ? damaged : { _tag: "RequestOrigin", ...origin.success }
  })
