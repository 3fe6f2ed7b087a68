/**
 * The salt of a rotation from before salts left the log: it stands in version 1 of `RefreshTokenRotated`, for ever.
 *
 * What was stored is never touched, so that a retry across the upgrade finds its salt where it was written. From the next
 * rotation on the grant has none in the log.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { EventLog, StoreFault } from "./EventLog.ts"

const FirstVersion = Schema.Struct({
  type: Schema.Literal("RefreshTokenRotated"),
  schemaVersion: Schema.Literal(1),
  data: Schema.Struct({ salt: Schema.String }),
})
const decode = Schema.decodeUnknownResult(Schema.fromJsonString(FirstVersion))

/** `digest`: of the refresh token that the rotation led to. */
export const saltBefore = Effect.fnUntraced(function* (
  log: EventLog,
  digest: string,
): Effect.fn.Return<Uint8Array | undefined, StoreFault> {
  const entry = yield* log.readUnversioned(digest)
  if (entry === undefined) return undefined
  const [stored] = yield* log.readStored(entry.position, 1)
  const found = decode(stored?.bytes)
  return Result.isSuccess(found) ? Buffer.from(found.success.data.salt, "base64url") : undefined
})
