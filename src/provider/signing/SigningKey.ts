/**
 * A signing key of the server, and what it is good for at a moment: data and rules, without storage and without crypto.
 *
 * A key goes one way: `next` (published, and not signing yet), `active` (it signs), `retired` (what it signed is still
 * verified), and gone. Time alone takes it from one to the other, so that instances which share the keys agree without
 * a word. `compromised` is retired with nothing left: what it signed is worth nothing from that moment on.
 */
import * as Schema from "effect/Schema"

/** All of them; the first is the default. */
//= RFC9068-2.1-rs256-support
export const signingAlgorithms = ["ES256", "RS256", "EdDSA"] as const
/** An algorithm that the server signs by (RFC 7518 3.1, RFC 8037 3.1). */
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

export const isSigningAlgorithm = (name: unknown): name is SigningAlgorithm =>
  (signingAlgorithms as ReadonlyArray<unknown>).includes(name)

const Moment = Schema.Int

/** Moments in milliseconds since the epoch. */
export const SigningKey = Schema.Struct({
  /** The thumbprint of the public key (RFC 7638). */
  kid: Schema.String,
  /** The algorithm that it signs by. */
  alg: Schema.Literals(signingAlgorithms),
  /** The public key as a JWK, without `kid`, `alg` and `use`. */
  publicKey: Schema.Record(Schema.String, Schema.String),
  /** The private key as a JWK, wrapped under the key ring; `null` once the key has no more to sign. */
  wrapped: Schema.NullOr(Schema.String),
  /** When it was made. */
  createdAt: Moment,
  /** Later than `createdAt` where verifiers are to learn of it first. */
  signsFrom: Moment,
  /** May lie ahead: until then it signs. */
  retiredAt: Schema.NullOr(Moment),
  /** Whether what it signed is worth nothing. */
  isCompromised: Schema.Boolean,
})
export type SigningKey = typeof SigningKey.Type

export type SigningKeyState = "next" | "active" | "retired" | "compromised"

/**
 * How long the longest-lived signature lives: a retired key is published for as long, and no longer. Whatever is signed
 * with an `exp` beyond it is a mistake of who had it signed.
 */
export const SIGNED_LIVES_AT_MOST_MILLIS = 86_400_000

export const stateOf = ({ signsFrom, retiredAt, isCompromised }: SigningKey, now: number): SigningKeyState => {
  if (isCompromised) return "compromised"
  if (retiredAt !== null && retiredAt <= now) return "retired"
  return now < signsFrom ? "next" : "active"
}

/** Whether what it signed is verified: the key is in the published set. */
export const isPublished = (key: SigningKey, now: number): boolean =>
  !key.isCompromised && (key.retiredAt === null || now < key.retiredAt + SIGNED_LIVES_AT_MOST_MILLIS)

/** The key that signs by an algorithm now: the newest of those that do. */
export const signingKeyOf = (
  keys: ReadonlyArray<SigningKey>,
  alg: SigningAlgorithm,
  now: number,
): SigningKey | undefined =>
  keys
    .filter((key) => key.alg === alg && key.wrapped !== null && stateOf(key, now) === "active")
    .toSorted((one, other) => other.signsFrom - one.signsFrom)[0]

/** The keys of an algorithm sign until a moment, but for those that retire before. */
export const signingUntil = (
  keys: ReadonlyArray<SigningKey>,
  alg: SigningAlgorithm,
  end: number,
): ReadonlyArray<SigningKey> =>
  keys.map((key) =>
    key.alg === alg && (key.retiredAt === null || key.retiredAt > end) ? { ...key, retiredAt: end } : key,
  )

/** A key retires now; a compromised one cannot become anything else. */
export const retired = (key: SigningKey, now: number, isCompromised: boolean): SigningKey => ({
  ...key,
  wrapped: null,
  retiredAt: key.retiredAt === null ? now : Math.min(key.retiredAt, now),
  isCompromised: key.isCompromised || isCompromised,
})

/** What has ended for so long that nothing it signed can still be of use is not kept. */
const KEPT_AFTERWARDS_MILLIS = 30 * 86_400_000

/** The keys as they are kept: private keys that have no more to sign are destroyed, keys long gone are removed. */
export const tidied = (keys: ReadonlyArray<SigningKey>, now: number): ReadonlyArray<SigningKey> =>
  keys
    .filter(({ retiredAt }) => retiredAt === null || now < retiredAt + KEPT_AFTERWARDS_MILLIS)
    .map((key) => (key.retiredAt !== null && key.retiredAt <= now ? { ...key, wrapped: null } : key))
