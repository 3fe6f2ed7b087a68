/**
 * Signed authorization requests (RFC 9101): the request is a JWT by the client, in the parameter `request`.
 *
 * What the client signed is all that counts; what stands beside it is not looked at. The JWT comes by value alone: nothing
 * is fetched that a request names. It is signed by a key that the client registered or publishes, never by `none`.
 */
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { decodeJwt } from "jose/jwt/decode"
import type { JWTPayload } from "jose"
import { ConfigFault } from "../../ConfigFault.ts"
import { OAuthError, oauthError } from "../../OAuthError.ts"
import type { OAuthClientInformationFull } from "../../Records.ts"
import { isSignedByClient } from "../clients/SignedByClient.ts"
import type { AuthorizationRequestRead, AuthorizationRequestSource, FeatureContext } from "../Feature.ts"

/** How requests are signed. */
export interface SignedRequestOptions {
  /** The algorithms that are taken; default ES256, PS256, EdDSA and RS256. */
  readonly algorithms?: ReadonlyArray<string>
  /** Whether every client must sign its requests; by default those do that registered so. */
  readonly isRequired?: boolean
  /** Whether a request must say from when and until when it holds, for an hour at most (FAPI 2.0 Message Signing 5.3.1). */
  readonly isTimed?: boolean
}

const NAME = "request_object"
const TYPE = "oauth-authz-req+jwt"
const ALL_ALGORITHMS = ["ES256", "PS256", "EdDSA", "RS256"]

/** What is said of the JWT itself, and asks for nothing. */
const ownClaims = new Set(["iss", "aud", "exp", "nbf", "iat", "jti", "sub"])

/** A clock of a client may be ahead by as much (FAPI 2.0 5.3.2.1). */
const SKEW_SECONDS = 10
const MAX_AGE_SECONDS = 3600

const unfit = (sentence: string): OAuthError => oauthError("invalid_request_object", sentence)

/** The kind of a JWT that says so; one that says nothing, or only that it is a JWT, may be a request. */
const isOfType = (typ: string | undefined): boolean =>
  typ === undefined || [TYPE, `application/${TYPE}`, "jwt"].includes(typ.toLowerCase())

interface Decoded {
  readonly alg: string
  readonly claims: JWTPayload
}

const decoded = (jws: string): Decoded | OAuthError => {
  try {
    const { alg = "none", typ } = decodeProtectedHeader(jws)
    //= RFC9101-10.8-cross-jwt
    return isOfType(typ) ? { alg, claims: decodeJwt(jws) } : unfit(`the request object is not of the type ${TYPE}`)
  } catch {
    return unfit("the request object is no signed JWT; encrypted ones are not taken")
  }
}

/** What is wrong with when it holds, in a sentence. */
const timeFault = ({ exp, nbf }: JWTPayload, now: number, isTimed: boolean): string | undefined => {
  const isTime = (moment: unknown) => moment === undefined || typeof moment === "number"
  if (!isTime(exp) || !isTime(nbf)) return "exp or nbf of the request object is no number"
  const seconds = now / 1000
  if (exp !== undefined && seconds >= exp) return "the request object has expired"
  if (nbf !== undefined && seconds + SKEW_SECONDS < nbf) return "the request object does not hold yet"
  if (!isTimed) return undefined
  if (exp === undefined || nbf === undefined) return "the request object lacks nbf or exp"
  return seconds - nbf > MAX_AGE_SECONDS || exp - nbf > MAX_AGE_SECONDS
    ? "the request object holds for more than an hour"
    : undefined
}

/** What is wrong with whose it is and for whom, in a sentence. */
const addressFault = (claims: JWTPayload, clientId: string, issuer: string): string | undefined => {
  //= RFC9101-6.3-only-object-params
  if (claims["client_id"] !== clientId) return "client_id in the request object is not the one beside it"
  if (claims.iss !== undefined && claims.iss !== clientId) return "iss of the request object is not the client"
  if (![claims.aud].flat().includes(issuer)) return "aud of the request object is not this server"
  //= RFC9101-10.8-cross-jwt
  // Else what proves the client could be taken for a request of it (RFC 9101 10.8).
  if (claims.sub === clientId) return "sub of the request object is the client, as in an assertion"
  //= RFC9101-4-no-nested
  return "request" in claims || "request_uri" in claims ? "the request object has another request in it" : undefined
}

/** Each claim is a parameter; a list of texts is one that repeats, any other structure is JSON. */
const parametersOf = (claims: JWTPayload): URLSearchParams => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(claims)) {
    if (ownClaims.has(name) || value === null) continue
    const isTexts = Array.isArray(value) && value.every((one) => typeof one === "string")
    const texts = isTexts ? value : [typeof value === "object" ? JSON.stringify(value) : String(value)]
    for (const text of texts) parameters.append(name, text)
  }
  return parameters
}

const readObject = async (
  query: URLSearchParams,
  context: FeatureContext,
  { algorithms = ALL_ALGORITHMS, isTimed = false }: SignedRequestOptions,
): Promise<AuthorizationRequestRead | OAuthError> => {
  const [jws = "", ...others] = query.getAll("request").filter((value) => value !== "")
  const [clientId = "", ...otherIds] = query.getAll("client_id").filter((value) => value !== "")
  if (others.length > 0 || otherIds.length > 0) {
    return oauthError("invalid_request", "request or client_id appears more than once")
  }
  //= RFC9101-10.4-never-fetched
  if (query.has("request_uri")) return oauthError("invalid_request", "request and request_uri exclude one another")
  const read = decoded(jws)
  if (read instanceof OAuthError) return read
  const { alg, claims } = read
  const fault = addressFault(claims, clientId, context.issuer) ?? timeFault(claims, context.now(), isTimed)
  if (fault !== undefined) return unfit(fault)
  const client = await context.client(clientId)
  if (client === undefined)
    return oauthError("invalid_request", "the client is not known here; it has to register first")
  const own = client.request_object_signing_alg
  //= RFC9101-10.5-downgrade
  const taken = own === undefined ? algorithms : algorithms.filter((one) => one === own)
  if (!taken.includes(alg)) return unfit(`the request object is not signed by ${taken.join(", ")}`)
  //= RFC9101-6.2-signature
  if (!(await isSignedByClient(jws, client, context.keysOf, taken))) {
    return unfit("the request object is not signed by a key of the client")
  }
  return { parameters: parametersOf(claims) }
}

const hasKeys = ({ jwks, jwks_uri }: Pick<OAuthClientInformationFull, "jwks" | "jwks_uri">): boolean =>
  jwks !== undefined || jwks_uri !== undefined

/** Signed authorization requests, as a feature for the list; throws a {@link ConfigFault}. */
export const signedRequests = (options: SignedRequestOptions = {}): AuthorizationRequestSource => {
  const { algorithms = ALL_ALGORITHMS, isRequired = false } = options
  if (algorithms.length === 0 || !algorithms.every((one) => ALL_ALGORITHMS.includes(one))) {
    const message = `the algorithms of signed requests are not some of ${ALL_ALGORITHMS.join(", ")}`
    throw new ConfigFault({ message })
  }
  return {
    kind: "authorization request source",
    name: NAME,
    parameter: "request",
    requirements: [
      "RFC9101-4-no-nested",
      "RFC9101-6.2-signature",
      "RFC9101-6.3-only-object-params",
      "RFC9101-10.4-never-fetched",
      "RFC9101-10.5-downgrade",
      "RFC9101-10.8-cross-jwt",
    ],
    clientMembers: ["jwks", "jwks_uri", "request_object_signing_alg", "require_signed_request_object"],
    metadata: () => ({
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      request_object_signing_alg_values_supported: algorithms,
      require_signed_request_object: isRequired ? true : undefined,
    }),
    registrationFault: ({ request_object_signing_alg: alg, require_signed_request_object: isOwn, ...client }) => {
      if (alg !== undefined && !algorithms.includes(alg)) {
        return `request_object_signing_alg is not one of ${algorithms.join(", ")}`
      }
      return isOwn === true && !hasKeys(client) ? "a client that signs its requests needs jwks or jwks_uri" : undefined
    },
    read: (query, _request, context) => readObject(query, context, options),
    //= RFC9101-10.5-downgrade
    demand: ({ require_signed_request_object: isOwn }) =>
      isRequired || isOwn === true
        ? "the request must be signed: send it as a JWT in the parameter request"
        : undefined,
  }
}
