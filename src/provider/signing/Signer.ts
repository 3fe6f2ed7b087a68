/**
 * What the server signs as itself, and what its own signatures are worth: the one place where a JWT is made or judged.
 *
 * Every JWT has its `typ` and the issuer, and is read back under that `typ` alone, so that no kind passes for another
 * (RFC 8725 3.12). The algorithm is the key's, never the header's word; keys come from the ring and from nowhere else.
 */
import * as Effect from "effect/Effect"
import { importJWK } from "jose/key/import"
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { SignJWT } from "jose/jwt/sign"
import { jwtVerify } from "jose/jwt/verify"
import type { CryptoKey } from "jose"
import type { StoreFault } from "../../log/index.ts"
import { orUnavailable } from "../CommandHandler.ts"
import {
  SIGNED_LIVES_AT_MOST_MILLIS,
  isPublished,
  signingAlgorithms,
  type SigningAlgorithm,
  type SigningKey,
} from "./SigningKey.ts"
import type { SigningKeys } from "./SigningKeys.ts"

/** The kind of a JWT, and the algorithm that it is signed by; default the first that the features name, else ES256. */
export interface SigningHeader {
  /** As it stands in the header: `at+jwt`, `token-introspection+jwt` and their like. */
  readonly typ: string
  /** The algorithm; by default the first that the features name, else ES256. */
  readonly alg?: SigningAlgorithm
}

/** What a JWT says; times in seconds since the epoch. */
export type JwtClaims = Readonly<Record<string, unknown>>

/** A set of public keys (RFC 7517 5). */
export interface PublicKeySet {
  /** The keys, each a JWK (RFC 7517 section 4). */
  readonly keys: ReadonlyArray<Readonly<Record<string, string>>>
}

/** The server's signature. Every method rejects with `Unavailable` while the keys cannot be read. */
export interface Signer {
  /**
   * Signs a JWT (RFC 7519) with the key in use. `iss` is always this server. Whoever calls says `iat`, `exp` and `aud`;
   * nothing may live longer than a day, for which a retired key is still published.
   */
  readonly sign: (claims: JwtClaims, header: SigningHeader) => Promise<string>
  /**
   * The same with the keys that sign now in hand, so that nothing that it signs fails for want of them: asked for before
   * something is used up whose answer is signed.
   */
  readonly readyToSign: () => Promise<Pick<Signer, "sign">>
  /**
   * The claims of a JWT that this server signed with this `typ`, by a key that is not compromised, and that has not
   * expired, or may have; `undefined` for anything else.
   */
  readonly verify: (
    jwt: string,
    typ: string,
    options?: { readonly isExpiredTaken?: boolean },
  ) => Promise<JwtClaims | undefined>
  /** The keys that signatures of this server are verified by: those in use, the next ones, and those just retired. */
  readonly publicKeys: () => Promise<PublicKeySet>
}

const importedKey = (jwk: Readonly<Record<string, string>>, alg: string): Promise<CryptoKey> =>
  importJWK(jwk, alg) as Promise<CryptoKey>

/** Keys as the platform wants them, made once each; one that is not asked for any more makes room. */
const imported = (load: (key: SigningKey) => Promise<CryptoKey>) => {
  const known = new Map<string, Promise<CryptoKey>>()
  return (key: SigningKey): Promise<CryptoKey> => {
    const there = known.get(key.kid)
    if (there !== undefined) return there
    const loading = load(key)
    loading.catch(() => known.delete(key.kid))
    known.set(key.kid, loading)
    if (known.size > MAX_IMPORTED) known.delete(known.keys().next().value!)
    return loading
  }
}
const MAX_IMPORTED = 32

/** A key that signs, as the platform wants it. */
interface HeldKey {
  readonly key: SigningKey
  readonly privateKey: CryptoKey
}

const run = <A>(effect: Effect.Effect<A, StoreFault>): Promise<A> => Effect.runPromise(orUnavailable(effect))

/** `algorithms`: those that the features sign by, whose keys are published before anything is signed with them. */
export const signerOver = (
  keys: SigningKeys,
  issuer: string,
  algorithms: ReadonlyArray<SigningAlgorithm>,
  now: () => number,
): Signer => {
  const [defaultAlgorithm = signingAlgorithms[0]] = algorithms
  const privateKeys = imported(async (key) => importedKey(await run(keys.privateKeyOf(key)), key.alg))
  const publicKeys = imported((key) => importedKey(key.publicKey, key.alg))
  const published = async (): Promise<ReadonlyArray<SigningKey>> => {
    const at = now()
    return (await run(keys.list)).filter((key) => isPublished(key, at))
  }

  const held = async (alg: SigningAlgorithm): Promise<HeldKey> => {
    const key = await run(keys.active(alg, now()))
    return { key, privateKey: await privateKeys(key) }
  }
  const signingWith =
    (keyOf: (alg: SigningAlgorithm) => Promise<HeldKey>): Signer["sign"] =>
    async (claims, { typ, alg = defaultAlgorithm }) => {
      const { exp } = claims
      if (typeof exp === "number" && exp * 1000 > now() + SIGNED_LIVES_AT_MOST_MILLIS) {
        throw new Error(`a ${typ} that lives longer than a day outlives the key that it is verified by`)
      }
      const { key, privateKey } = await keyOf(alg)
      const header = { alg: key.alg, typ, kid: key.kid }
      return new SignJWT({ ...claims, iss: issuer }).setProtectedHeader(header).sign(privateKey)
    }

  return {
    sign: signingWith(held),
    readyToSign: async () => {
      const inHand = new Map<SigningAlgorithm, HeldKey>()
      for (const alg of algorithms) inHand.set(alg, await held(alg))
      return { sign: signingWith(async (alg) => inHand.get(alg) ?? held(alg)) }
    },
    verify: async (jwt, typ, { isExpiredTaken = false } = {}) => {
      const known = await published()
      try {
        const { kid } = decodeProtectedHeader(jwt)
        //= RFC8725-3.8-keys-belong-to-iss
        const key = known.find((one) => one.kid === kid)
        if (key === undefined) return undefined
        const lateness = isExpiredTaken ? { clockTolerance: Number.MAX_SAFE_INTEGER } : {}
        //= RFC8725-3.1-alg-allowlist
        const { payload } = await jwtVerify(jwt, await publicKeys(key), {
          algorithms: [key.alg],
          issuer,
          typ,
          currentDate: new Date(now()),
          ...lateness,
        })
        return payload
      } catch {
        // Whatever is wrong with it, it is not what was signed here.
        return undefined
      }
    },
    publicKeys: async () => {
      const at = now()
      for (const alg of algorithms) await run(keys.active(alg, at))
      return { keys: (await published()).map(({ kid, alg, publicKey }) => ({ ...publicKey, kid, alg, use: "sig" })) }
    },
  }
}

/** For a server none of whose features signs: it has no keys, and nothing is verified by them. */
export const signsNothing: Signer = {
  sign: () => Promise.reject(new Error("no feature of this server says in `signs` that it signs")),
  readyToSign: () => Promise.resolve({ sign: signsNothing.sign }),
  verify: () => Promise.resolve(undefined),
  publicKeys: () => Promise.resolve({ keys: [] }),
}
