/**
 * Whoever signs something for the server to judge: clients that prove themselves by a key, and an identity provider.
 *
 * One pair of keys for all clients of a server, for whose it is stands in what is signed. It remembers what was taken.
 */
import { randomUUID } from "node:crypto"
import { type JWTPayload } from "jose"
import type { Assertion, Authentication } from "../../../properties/Operation.ts"
import { assertionOf, newSigningKey } from "../Assertions.ts"
import { identityProvider } from "../IdentityProvider.ts"
import { ISSUER } from "../TestServer.ts"

const [own, foreign] = [await newSigningKey(), await newSigningKey()]

/** The identity provider that servers of the model trust. */
export const provider = await identityProvider()

/** What a client publishes, as text. */
export const clientJwk = JSON.stringify(own.jwk)

/** For somebody else, and too old by far. */
const ELSEWHERE = "https://elsewhere.example"
const OLD_MILLIS = 3_600_000

export interface Signing {
  /** What a client shows that has keys, or would like to. */
  readonly proof: (clientId: string, shown: Authentication) => Promise<string>
  /** What an identity provider says of `sub` to a client. */
  readonly assertion: (
    clientId: string,
    sub: string,
    resources: ReadonlyArray<string>,
    what: Assertion,
  ) => Promise<string>
  /** This one was taken: from now on it has been used before. */
  readonly taken: (jwt: string) => void
}

/** `now`: milliseconds since the epoch, as the server has it. */
export const newSigning = (now: () => number): Signing => {
  const made = new Map<string, string>()
  const last = new Map<string, string>()
  const kept = (whose: string, jwt: string) => {
    made.set(jwt, whose)
    return jwt
  }
  const proof: Signing["proof"] = async (clientId, shown) => {
    const whose = `client ${clientId}`
    const before = shown === "replayed" ? last.get(whose) : undefined
    if (before !== undefined) return before
    const at = shown === "expired" || shown === "replayed" ? now() - OLD_MILLIS : now()
    const key = shown === "wrong" || shown === "superseded" ? foreign : own
    const claims = shown === "misdirected" ? { claims: { aud: ELSEWHERE } } : {}
    return kept(whose, await assertionOf({ clientId, key, now: at, ...claims }))
  }
  const assertion: Signing["assertion"] = async (clientId, sub, resources, what) => {
    const before = what === "replayed" ? last.get(sub) : undefined
    if (before !== undefined) return before
    const isOld = what === "expired" || what === "replayed"
    const seconds = Math.floor((isOld ? now() - OLD_MILLIS : now()) / 1000)
    const claims: JWTPayload = {
      sub,
      aud: what === "misdirected" ? ELSEWHERE : ISSUER,
      client_id: what === "of another client" ? `${clientId}x` : clientId,
      jti: randomUUID(),
      iat: seconds,
      exp: seconds + 300,
      scope: "read write",
      resource: [...resources],
    }
    return kept(sub, await provider.sign(claims, { typ: what === "of another kind" ? "at+jwt" : "oauth-id-jag+jwt" }))
  }
  return {
    proof,
    assertion,
    taken: (jwt) => {
      const whose = made.get(jwt)
      if (whose !== undefined) last.set(whose, jwt)
    },
  }
}
