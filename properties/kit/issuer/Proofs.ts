/**
 * Proofs of possession (RFC 9449), for servers that bind tokens to a key: one key for each check, made for it.
 *
 * Nothing is proven until a server asks for it: then every request for tokens carries a proof, and access tokens are used
 * with one. A nonce that a server gives goes into the next proof for it.
 */
import { hash, randomUUID } from "node:crypto"
import { calculateJwkThumbprint } from "jose/jwk/thumbprint"
import { SignJWT } from "jose/jwt/sign"
import { exportJWK } from "jose/key/export"
import { generateKeyPair } from "jose/key/generate/keypair"
import type { GenerateKeyPairResult, JWK } from "jose"
import { textMember } from "./Discovery.ts"
import type { Wire, WireAnswer, WireRequest } from "./Wire.ts"

export interface Prover {
  readonly isProving: () => boolean
  /** From now on everything is proven. */
  readonly begin: () => void
  /** The headers that use an access token. */
  readonly authorize: (method: string, url: string, token: string) => Promise<Readonly<Record<string, string>>>
  /** Somebody with a key of their own, who knows the nonces that the server gave. */
  readonly newHolder: () => Promise<Holder>
  /** A wire whose requests to `tokenEndpoint` carry a proof, once that has begun. */
  readonly over: (wire: Wire, tokenEndpoint: string) => Wire
}

/** What differs from a right proof. */
export interface Oddity {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Who signs, where that is not the owner of the key in the header. */
  readonly signer?: Holder
}

export interface Holder {
  readonly jkt: string
  readonly pair: GenerateKeyPairResult
  readonly proof: (method: string, url: string, oddity?: Oddity) => Promise<string>
}

interface Key {
  readonly pair: GenerateKeyPairResult
  readonly jwk: JWK
}

const ALGORITHM = "ES256"

const newKey = async (): Promise<Key> => {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true })
  return { pair, jwk: await exportJWK(pair.publicKey) }
}

/** What a server answers that wants a proof, or another one. */
const wantsProof = ({ body }: WireAnswer): boolean =>
  ["invalid_dpop_proof", "use_dpop_nonce"].includes(textMember(body, "error") ?? "")

export const makeProver = (): Prover => {
  let key: Promise<Key> | undefined
  let isProving = false
  const nonces = new Map<string, string>()

  const proof = async (method: string, url: string, token?: string): Promise<string> => {
    key ??= newKey()
    return proofBy(await key, method, url, token)
  }
  const proofBy = (
    { pair, jwk }: Key,
    method: string,
    url: string,
    token: string | undefined,
    { header, claims, signer }: Oddity = {},
  ): Promise<string> => {
    const { origin } = new URL(url)
    const nonce = nonces.get(origin)
    return new SignJWT({
      htm: method,
      htu: url.split(/[?#]/)[0]!,
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      ...(nonce === undefined ? {} : { nonce }),
      ...(token === undefined ? {} : { ath: hash("sha256", token, "base64url") }),
      ...claims,
    })
      .setProtectedHeader({ typ: "dpop+jwt", alg: ALGORITHM, jwk, ...header })
      .sign((signer?.pair ?? pair).privateKey)
  }
  const noted = (url: string, { headers }: WireAnswer): boolean => {
    const nonce = headers.get("dpop-nonce")
    const { origin } = new URL(url)
    if (nonce === null || nonces.get(origin) === nonce) return false
    nonces.set(origin, nonce)
    return true
  }

  return {
    isProving: () => isProving,
    begin: () => {
      isProving = true
    },
    newHolder: async () => {
      const own = await newKey()
      return {
        jkt: await calculateJwkThumbprint(own.jwk),
        pair: own.pair,
        proof: (method, url, oddity) => proofBy(own, method, url, undefined, oddity),
      }
    },
    authorize: async (method, url, token) =>
      isProving
        ? { authorization: `DPoP ${token}`, dpop: await proof(method, url, token) }
        : { authorization: `Bearer ${token}` },
    over: (wire, tokenEndpoint) => ({
      ...wire,
      send: async (request: WireRequest) => {
        const isProven = request.headers?.["dpop"] !== undefined
        if (request.url !== tokenEndpoint || request.method !== "POST" || isProven) {
          const answer = await wire.send(request)
          noted(request.url, answer)
          return answer
        }
        const send = async () => {
          const headers = isProving ? { dpop: await proof("POST", tokenEndpoint) } : {}
          return wire.send({ ...request, headers: { ...request.headers, ...headers } })
        }
        const answer = await send()
        const hasNews = noted(tokenEndpoint, answer)
        if (!wantsProof(answer) || (isProving && !hasNews)) return answer
        isProving = true
        return send()
      },
    }),
  }
}
