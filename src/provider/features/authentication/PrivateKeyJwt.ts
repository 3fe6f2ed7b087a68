/**
 * `private_key_jwt`: a client proves itself by an assertion that it signed with a key of its own (RFC 7523 2.2, RFC 10070).
 *
 * The server holds public keys alone, so that nothing of it lets anybody act as the client. An assertion is good for one
 * request, whichever instance answers it: its `jti` is a claim in the transaction of what it is used for, and no event.
 * `client_secret_jwt` is not offered: for it a server has to keep secrets that it can read.
 */
import { createHash } from "node:crypto"
import * as Schema from "effect/Schema"
import { ClientId, hasKeys } from "../../../core/index.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { OAuthError, oauthError } from "../../OAuthError.ts"
import type { Credentials, SingleUse } from "../../TokenRequests.ts"
import { isSignedByClient } from "../clients/SignedByClient.ts"
import type { ClientAuthentication, FeatureContext } from "../Feature.ts"
import { readAssertion, type ClientAssertion } from "./ClientAssertion.ts"

/** By which algorithms, and how strictly, assertions are judged; everything has a default. */
export interface PrivateKeyJwtOptions {
  /** Of the asymmetric algorithms of RFC 7518 3.1 and RFC 9864; default PS256, ES256, EdDSA and Ed25519. */
  readonly algorithms?: ReadonlyArray<string>
  /** Whether `aud` has to be a string, and not a list of one (FAPI 2.0 Security Profile 5.3.2.1); default false. */
  readonly isAudienceString?: boolean
}

const NAME = "private_key_jwt"
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const defaultAlgorithms: ReadonlyArray<string> = ["PS256", "ES256", "EdDSA", "Ed25519"]

/** All that an assertion can be signed by: what only the owner of a key can do, and everybody can verify. */
export const assertionAlgorithms: ReadonlyArray<string> = [
  ...defaultAlgorithms,
  ...["PS384", "PS512", "ES384", "ES512", "RS256", "RS384", "RS512"],
]

const isClientId = Schema.is(ClientId)

/** Never the id itself: a client chooses it, and may make it long. */
const claimOf = ({ clientId, jti, usableUntil }: ClientAssertion): SingleUse => ({
  key: `${NAME} ${createHash("sha256")
    .update(JSON.stringify([clientId, jti]))
    .digest("base64url")}`,
  // INVARIANT: the claim is there for as long as the assertion would be believed.
  until: Math.ceil(usableUntil * 1000) + 1000,
  refusal: oauthError("invalid_client", "the client assertion was used before: make a new one for every request"),
})

/** What the assertion proves of the client that it names. */
const credentialsOf = async (
  jwt: string,
  asserted: ClientAssertion,
  { client, keysOf }: FeatureContext,
): Promise<Credentials> => {
  const { clientId, algorithm } = asserted
  // INVARIANT: whatever is wrong with whose it is leads to the one answer for a client that did not prove itself.
  const failed = { clientId, hasFailed: true } as const
  const registered = isClientId(clientId) ? await client(clientId) : undefined
  if (registered?.token_endpoint_auth_method !== NAME) return failed
  const { token_endpoint_auth_signing_alg: only = algorithm } = registered
  if (only !== algorithm) return failed
  return (await isSignedByClient(jwt, registered, keysOf, [algorithm]))
    ? { clientId, isAuthenticated: true, claims: [claimOf(asserted)] }
    : failed
}

/** Client authentication by `private_key_jwt`, for the list of a server's features. */
export const privateKeyJwt = ({
  algorithms = defaultAlgorithms,
  isAudienceString = false,
}: PrivateKeyJwtOptions = {}): ClientAuthentication => {
  const unknown = algorithms.find((one) => !assertionAlgorithms.includes(one))
  if (unknown !== undefined || algorithms.length === 0) {
    const what = unknown === undefined ? "no algorithm" : `the algorithm \`${unknown}\``
    throw new ConfigFault({ message: `${NAME} is given ${what}: use some of ${assertionAlgorithms.join(", ")}` })
  }
  return {
    kind: "client authentication",
    name: NAME,
    reads: "client_assertion",
    isProof: true,
    usesSecret: false,
    clientMembers: ["jwks", "jwks_uri", "token_endpoint_auth_signing_alg"],
    //= RFC8414-2-alg-list-not-none
    metadata: () => ({
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    }),
    registrationFault: (metadata) => {
      if (!hasKeys(metadata)) return `a client that uses ${NAME} needs jwks or jwks_uri`
      const { token_endpoint_auth_signing_alg: only } = metadata
      return only === undefined || algorithms.includes(only)
        ? undefined
        : `token_endpoint_auth_signing_alg is not one of ${algorithms.join(", ")}`
    },
    read: (_request, form, context) => {
      const jwt = form.get("client_assertion")
      if (jwt === undefined) return undefined
      const type = form.get("client_assertion_type")
      if (type === undefined) return oauthError("invalid_request", "client_assertion_type is missing")
      //= RFC7523-3.2-error
      if (type !== ASSERTION_TYPE) return oauthError("invalid_client", `client_assertion_type is not ${ASSERTION_TYPE}`)
      const { issuer, now } = context
      const asserted = readAssertion(jwt, { issuer, now: now(), algorithms, isAudienceString })
      return asserted instanceof OAuthError ? asserted : credentialsOf(jwt, asserted, context)
    },
  }
}
