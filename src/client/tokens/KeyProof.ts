/**
 * A key of the client's that its tokens are bound to, and the proofs that it makes (RFC 9449): a new one for each request.
 *
 * There is a key for each issuer, kept beside the tokens that are bound to it, and shown to nobody. A nonce that a server
 * gives goes into the next proof for that server; who is refused for the lack of one is asked again, once. jose is loaded
 * with the first key.
 */
import { hash } from "node:crypto"
import { generateRandomNonce } from "oauth4webapi"
import { dpopChallenge } from "../../protocol/index.ts"
import { targetUri } from "../../proof/TargetUri.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import { textIn } from "../LenientReading.ts"
import type { Fetch, Outbound } from "../Outbound.ts"
import { discard, jsonObject } from "../ResponseBody.ts"
import type { ProofKey, StoredTokens } from "../storage/TokenStorage.ts"

/** Every server that takes proofs takes these (RFC 9449 11.6 leaves it open; the profiles do not). */
const ALGORITHM = "ES256"

/** The key for tokens of this server: that of the tokens at hand, or a new one; none where it takes no proofs. */
//= OAUTH21-7.15-client-issuer-binding
export const proofKeyFor = async (
  { issuer, metadata }: AuthorizationServer,
  stored: StoredTokens | undefined,
): Promise<ProofKey | undefined> => {
  if (metadata.dpop_signing_alg_values_supported?.includes(ALGORITHM) !== true) return undefined
  if (stored?.issuer === issuer && stored.proofKey !== undefined) return stored.proofKey
  const [{ exportJWK }, { generateKeyPair }] = await Promise.all([
    import("jose/key/export"),
    import("jose/key/generate/keypair"),
  ])
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return (await exportJWK(privateKey)) as ProofKey
}

/** The thumbprint of a key (RFC 7638), by which a code is asked for that this key alone redeems. */
export const thumbprintOf = async ({ kty, crv, x, y }: ProofKey): Promise<string> => {
  const { calculateJwkThumbprint } = await import("jose/jwk/thumbprint")
  return calculateJwkThumbprint({ kty, crv, x, y })
}

interface Proven {
  readonly method: string
  readonly url: string
  readonly accessToken?: string | undefined
  readonly nonce: string | undefined
}

const makeProof = async (key: ProofKey, now: number, { method, url, accessToken, nonce }: Proven): Promise<string> => {
  const [{ importJWK }, { SignJWT }] = await Promise.all([import("jose/key/import"), import("jose/jwt/sign")])
  const { kty, crv, x, y } = key
  return new SignJWT({
    jti: generateRandomNonce(),
    htm: method,
    htu: targetUri(url) ?? url,
    iat: Math.floor(now / 1000),
    ...(accessToken === undefined ? {} : { ath: hash("sha256", accessToken, "base64url") }),
    ...(nonce === undefined ? {} : { nonce }),
  })
    .setProtectedHeader({ typ: "dpop+jwt", alg: ALGORITHM, jwk: { kty, crv, x, y } })
    .sign(await importJWK(key, ALGORITHM))
}

/** The newest nonce of each origin; servers of one client, so that there are few. */
const noncesOf = new WeakMap<Outbound, Map<string, string>>()

/** Sends a request with a proof by `key`, and once more where the server wants a nonce that was not known. */
//= RFC9449-8-nonce
export const sendProven = async (
  outbound: Outbound,
  key: ProofKey,
  request: Omit<Proven, "nonce">,
  send: (proof: string) => Promise<Response>,
): Promise<Response> => {
  const nonces = noncesOf.get(outbound) ?? new Map<string, string>()
  noncesOf.set(outbound, nonces)
  const { origin } = new URL(request.url)
  const once = async () => {
    const nonce = nonces.get(origin)
    const response = await send(await makeProof(key, outbound.now(), { ...request, nonce }))
    const given = response.headers.get("dpop-nonce")
    if (given !== null) nonces.set(origin, given)
    return { response, hasNews: given !== null && given !== nonce }
  }
  const { response, hasNews } = await once()
  if (!hasNews || !(await isNonceWanted(response))) return response
  await discard(response)
  return (await once()).response
}

/** A resource says so in its challenge, a token endpoint in its body (RFC 9449 8, 9). */
const isNonceWanted = async (response: Response): Promise<boolean> => {
  const { status, headers } = response
  if (status !== 400 && status !== 401) return false
  if (dpopChallenge(headers.get("www-authenticate"))?.error === NONCE_WANTED) return true
  return textIn((await jsonObject(response.clone()))?.["error"]) === NONCE_WANTED
}

const NONCE_WANTED = "use_dpop_nonce"

/**
 * Makes and sends a POST to an endpoint, with a proof where there is a key. Where the server wants a nonce it is made anew
 * in all its parts, for an assertion in it is good for one request.
 */
export const postProven = (
  outbound: Outbound,
  key: ProofKey | undefined,
  url: string,
  post: (fetch: Fetch) => Promise<Response>,
): Promise<Response> => {
  if (key === undefined) return post(outbound.fetch)
  return sendProven(outbound, key, { method: "POST", url }, (proof) =>
    post((input, init) => {
      const headers = new Headers(init?.headers)
      headers.set("dpop", proof)
      return outbound.fetch(input, { ...init, headers })
    }),
  )
}

/** Whether a token is used with a proof. */
export const isBound = (tokens: StoredTokens): tokens is StoredTokens & { readonly proofKey: ProofKey } =>
  tokens.proofKey !== undefined && tokens.tokens.token_type.toLowerCase() === "dpop"
