/**
 * Requests of devices that wait (RFC 8628 3.1, 3.2): judged, encrypted, kept beside the log, and found again.
 *
 * A request that nobody has answered is a row, found by a keyed hash of its user code, and gone when it is answered or has
 * expired: the log learns of a request when somebody answers it, so that strangers, who may ask as often as their limits
 * let them, never add to it. The device code names the grant that an approval opens.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { formatScopes, readUserCode } from "../protocol/index.ts"
import {
  ClientId,
  Digest,
  EpochMillis,
  Resources,
  Scopes,
  admitDevice,
  endOf,
  wholeSeconds,
  type GrantId,
} from "../core/index.ts"
import type { ClientDocuments } from "./ClientDocuments.ts"
import { authenticationOf } from "./ClientProof.ts"
import { orUnavailable, useUp, type HandlerContext } from "./CommandHandler.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, resourcesOf, scopesOf } from "./Decoding.ts"
import type { WaitingRow } from "./DeviceRows.ts"
import type { DeviceAuthorization, WaitingDevice } from "./Devices.ts"
import { withDocument } from "./GrantOpening.ts"
import type { KeyRing } from "./Keys.ts"
import { oauthError, unavailable, type Unavailable } from "./OAuthError.ts"
import type { Offers } from "./Offer.ts"
import { RequestOrigin } from "./RequestOrigin.ts"
import { mintGrantId, mintToken, mintUserCode } from "./Randomness.ts"
import { accessOrFail } from "./Replies.ts"
import type { CarriedValues } from "./CarriedValues.ts"
import { digestOf } from "./Token.ts"
import type { DeviceRequest, Failure } from "./TokenRequests.ts"

/** What is kept of a request, encrypted. */
const Kept = Schema.Struct({
  clientId: ClientId,
  code: Digest,
  scopes: Schema.NullOr(Scopes),
  resources: Resources,
  requestedAt: EpochMillis,
  address: Schema.NullOr(Schema.String),
})

/** What one request may take of the store; what a device asks for is a few words. */
const MAX_KEPT_CHARACTERS = 2048

/** A user code is drawn anew when it is in use: of five thousand among 25 milliards, twice in a row is next to never. */
const MAX_DRAWS = 8

/** What was found of a request that waits, its device code's digest included. */
export type Found = Omit<WaitingDevice, "userCode"> & typeof Kept.Type

const isKept = Schema.is(Kept)

export interface DeviceRequestParts {
  readonly context: HandlerContext
  readonly settings: Settings
  readonly offers: Offers
  readonly keys: Pick<KeyRing, "userCodeKeys">
  readonly carried: CarriedValues
  readonly documents: Pick<ClientDocuments, "describe" | "adopt">
}

export const deviceRequests = ({ context, settings, offers, keys, carried, documents }: DeviceRequestParts) => {
  const { log, randomness, time } = context

  /** What a row holds; one that was encrypted under a key that is gone holds nothing. */
  const opened = (row: WaitingRow | undefined): Effect.Effect<Found | undefined> =>
    row === undefined
      ? Effect.undefined
      : Effect.map(
          Effect.promise(() => carried.decrypt("device request", row.encrypted)),
          (kept) => (isKept(kept) ? { ...kept, grantId: row.grantId, expiresAt: row.expiresAt } : undefined),
        )
  /** The row of a user code, which was kept by the key in use or, before the ring was rotated, by another. */
  const rowBy = Effect.fnUntraced(function* (userCode: string) {
    for (const key of keys.userCodeKeys(userCode)) {
      const row = yield* orUnavailable(log.side.waitingRequest(key))
      if (row !== undefined) return row
    }
    return undefined
  })
  const findBy = (userCode: string): Effect.Effect<Found | undefined, Unavailable> => {
    const code = readUserCode(userCode)
    return code === undefined ? Effect.undefined : Effect.flatMap(rowBy(code), opened)
  }
  const required = (userCode: string): Effect.Effect<Found, Failure> =>
    Effect.flatMap(findBy(userCode), (found) =>
      found === undefined
        ? Effect.fail(oauthError("invalid_request", "no device waits under that user code; start again at the device"))
        : Effect.succeed(found),
    )

  const requestDevice = Effect.fnUntraced(function* (
    request: DeviceRequest,
  ): Effect.fn.Return<DeviceAuthorization, Failure> {
    const { credentials } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const scopes = yield* scopesOf(request.scopes)
    const resources = (yield* resourcesOf(request.resource)) ?? []
    if (formatScopes(scopes ?? []).length + resources.join(" ").length > MAX_KEPT_CHARACTERS) {
      const sentence = `scope and resource are longer than ${MAX_KEPT_CHARACTERS} characters together`
      return yield* oauthError("invalid_request", sentence)
    }
    const document = yield* documents.describe(clientId)
    const slice = yield* orUnavailable(log.rows.slice({ clientId, ...offers.about(resources) }))
    const at = time.now()
    const state = withDocument(slice.state, document, at)
    const admitted = admitDevice(state, {
      authentication: authenticationOf(state.client, credentials),
      scopes,
      resources,
      offer: offers.of(resources, slice),
      requestedAt: at,
      lifetimes: settings.lifetimes.public,
      at,
    })
    const proven = "_tag" in admitted && admitted.error === "invalid_client" ? [] : (credentials.claims ?? [])
    if (proven.length > 0) yield* useUp(context, proven)
    yield* accessOrFail(admitted)

    const grantId = mintGrantId(randomness, at)
    const deviceCode = mintToken(randomness, "device", grantId)
    const expiresAt = endOf(at, settings.lifetimes.public.request)
    const address = (yield* RequestOrigin)?.address ?? null
    const kept: typeof Kept.Type = { clientId, code: digestOf(deviceCode), scopes, resources, requestedAt: at, address }
    const encrypted = yield* Effect.promise(() => carried.encrypt("device request", kept))
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      const userCode = mintUserCode(randomness)
      const row: WaitingRow = { userCode: keys.userCodeKeys(userCode)[0], grantId, encrypted, expiresAt }
      if (yield* orUnavailable(log.side.keepRequest(row, at))) {
        return { deviceCode, userCode, expiresIn: wholeSeconds(expiresAt - at) }
      }
    }
    return yield* unavailable("every user code that was drawn is in use: try again")
  })

  return {
    requestDevice,
    findBy,
    required,
    /** What waits for the answer that a grant would be. */
    findOf: (grantId: GrantId): Effect.Effect<Found | undefined, Unavailable> =>
      Effect.flatMap(orUnavailable(log.side.waitingRequestOf(grantId)), opened),
    /** What was answered is in the log; a row that could not be removed expires by itself. */
    forget: (userCode: string) =>
      Effect.ignore(
        Effect.forEach(keys.userCodeKeys(readUserCode(userCode)!), log.side.forgetRequest, { discard: true }),
      ),
  }
}
