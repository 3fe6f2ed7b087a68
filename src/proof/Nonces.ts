/**
 * Nonces that a server gives its callers to put into their proofs (RFC 9449 8, 9), without remembering any.
 *
 * A nonce is the number of the span of time that it was made in and a MAC over it, so that every instance with the same
 * key makes the same one and knows those of the others. It says nothing about who got it, and is good for its own span
 * and the next one.
 */
import { createHmac, timingSafeEqual } from "node:crypto"

export interface Nonces {
  /** The nonce of this moment. `now`: milliseconds since the epoch. */
  readonly current: (now: number) => string
  /** Whether it is of this span of time or of one next to it: clocks of instances may differ by a little. */
  readonly isGood: (nonce: string, now: number) => boolean
}

/** A nonce is renewed so often. */
const SPAN_MILLIS = 300_000
const MAC_BYTES = 16
const FORM = /^([0-9a-z]{1,10})\.([0-9A-Za-z_-]{22})$/

/** The first key makes nonces; those of every key are known. */
export const makeNonces = (keys: ReadonlyArray<Uint8Array>): Nonces => {
  const macOf = (key: Uint8Array, span: string): Buffer =>
    createHmac("sha256", key).update(`nonce ${span}`).digest().subarray(0, MAC_BYTES)
  const spanAt = (now: number): number => Math.floor(now / SPAN_MILLIS)
  return {
    current: (now) => {
      const span = spanAt(now).toString(36)
      return `${span}.${macOf(keys[0]!, span).toString("base64url")}`
    },
    isGood: (nonce, now) => {
      const [, span = "", mac = ""] = FORM.exec(nonce) ?? []
      if (Math.abs(spanAt(now) - Number.parseInt(span, 36)) > 1 || mac === "") return false
      const given = Buffer.from(mac, "base64url")
      return keys.some((key) => timingSafeEqual(macOf(key, span), given))
    },
  }
}
