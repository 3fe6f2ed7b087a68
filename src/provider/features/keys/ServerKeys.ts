/**
 * `GET /jwks`: the keys that this server's signatures are verified by (RFC 7517 5), public for everybody.
 *
 * It is switched on by itself where a feature signs. The next key is in it before it signs, a retired one for as long as
 * what it signed may live, a compromised one not at all.
 */
import type { PublicEndpoint } from "../Feature.ts"

const PATH = "/jwks"

/** For how long an answer may be kept, in seconds: a key that is rotated in signs no earlier by default. */
export const KEY_SET_MAX_AGE_SECONDS = 300

export const serverKeys: PublicEndpoint = {
  kind: "public endpoint",
  name: "jwks",
  requirements: ["RFC9068-2.1-rs256-support"],
  path: PATH,
  metadata: ({ issuer }) => ({ jwks_uri: issuer.replace(/\/$/, "") + PATH }),
  answer: async (_request, { publicKeys }) => ({
    status: 200,
    headers: {
      "content-type": "application/jwk-set+json",
      "x-content-type-options": "nosniff",
      "cache-control": `public, max-age=${KEY_SET_MAX_AGE_SECONDS}`,
    },
    body: JSON.stringify(await publicKeys()),
  }),
}
