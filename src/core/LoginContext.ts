/**
 * What a login says of itself (RFC 9470 6, OpenID Connect Core 2): when, how strongly and by which methods somebody proved
 * who they are. The names mean nothing here; no secret and nobody's name is among them.
 */
import * as Schema from "effect/Schema"
import { EpochMillis } from "./Time.ts"

/** How strong an authentication was, as whoever did it names that (OpenID Connect Core 2). */
export const Acr = Schema.String.check(Schema.isPattern(/^[!-~]{1,255}$/))

/** Methods that somebody was authenticated by (RFC 8176). */
export const Amr = Schema.Array(Schema.String.check(Schema.isPattern(/^[!-~]{1,64}$/))).check(Schema.isMaxLength(16))

/**
 * What the login of whoever approved says of itself: when they last proved who they are, at what strength, and by which
 * methods. What it does not say is not known.
 */
export const LoginContext = Schema.Struct({
  /** When it was, milliseconds since the epoch. */
  authTime: EpochMillis,
  /** How strong it was; absent where that is not known. */
  acr: Schema.optionalKey(Acr),
  /** By which methods; absent where they are not known. */
  amr: Schema.optionalKey(Amr),
})
export type LoginContext = typeof LoginContext.Type
