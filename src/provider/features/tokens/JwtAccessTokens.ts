/**
 * JWT access tokens (RFC 9068), for the resources that are named: each can be verified offline, by the published keys.
 *
 * What it says is what the log says of the token; the log stays the judge of whether it lives. So it is introspected,
 * revoked and repeated like an opaque one, and its `jti` is the id that the log knows it by: no secret, and worth nothing
 * without the signature. Whoever verifies it offline learns of a revocation no sooner than it expires, so that it lives
 * for five minutes by default.
 */
import { actOf, includesResource, formatScopes } from "../../../protocol/index.ts"
import { wholeSeconds, type LoginContext } from "../../../core/index.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { isSigningAlgorithm, signingAlgorithms, type SigningAlgorithm } from "../../signing/SigningKey.ts"
import type { JwtClaims } from "../../signing/Signer.ts"
import { digestOf, formatAccessTokenId, parseAccessTokenId } from "../../Token.ts"
import type { AccessTokenFormat } from "../Feature.ts"
import type { IssuedAccessToken } from "../IssuedAccessToken.ts"

/** Which access tokens are JWTs, by which algorithm, and how long they live. */
export interface JwtAccessTokenOptions {
  /**
   * The resources whose tokens are JWTs: all there are, those in a list, or each with an algorithm of its own. A token for
   * several resources is a JWT if it would be for each of them, by one algorithm.
   */
  readonly resources: "all" | ReadonlyArray<string> | Readonly<Record<string, SigningAlgorithm>>
  /** What signs where `resources` does not say: `ES256` by default, `RS256` or `EdDSA`. */
  readonly algorithm?: SigningAlgorithm
  /** Seconds that such a token lives at most: 300 by default, a day at most, and longer than the retry window. */
  readonly lifetimeSeconds?: number
}

//= RFC9068-2.1-typ-at-jwt
const TYP = "at+jwt"
const MAX_LIFETIME_SECONDS = 86_400

type AlgorithmOf = (resources: ReadonlyArray<string>) => SigningAlgorithm | undefined

const refuse = (message: string): never => {
  throw new ConfigFault({ message: `jwtAccessTokens: ${message}` })
}

const checkedAlgorithm = (name: unknown): SigningAlgorithm =>
  isSigningAlgorithm(name) ? name : refuse(`\`${String(name)}\` is not one of ${signingAlgorithms.join(", ")}`)

/** By what a token for these resources is signed; `undefined` where it is none of this form. */
const algorithmsBy = ({ resources, algorithm }: JwtAccessTokenOptions): readonly [AlgorithmOf, SigningAlgorithm[]] => {
  const usual = checkedAlgorithm(algorithm ?? signingAlgorithms[0])
  if (resources === "all") return [(named) => (named.length === 0 ? undefined : usual), [usual]]
  const listed: ReadonlyArray<readonly [string, SigningAlgorithm]> = Array.isArray(resources)
    ? (resources as ReadonlyArray<string>).map((one) => [one, usual])
    : Object.entries(resources).map(([one, alg]) => [one, checkedAlgorithm(alg)])
  if (listed.length === 0) refuse("resources names none: leave the feature out, or name some")
  const unfit = listed.find(([one]) => !URL.canParse(one))
  if (unfit !== undefined) refuse(`the resource \`${unfit[0]}\` is not a URI`)
  const algorithmOf: AlgorithmOf = (named) => {
    const found = new Set(named.map((one) => listed.find(([known]) => includesResource([known], one))?.[1]))
    return found.size === 1 ? [...found][0] : undefined
  }
  return [algorithmOf, [...new Set(listed.map(([, alg]) => alg))]]
}

//= RFC9068-2.2-required-claims
const claimsOf = (handle: string, issued: IssuedAccessToken) => {
  const { clientId, subjectId, scopes, resources, jkt, grantId, issuedAt, expiresAt } = issued
  const { authorizationDetails: details, actors = [], mayAct, login } = issued
  const act = actOf(actors)
  return {
    // A client is no person, and no subject begins like a client: RFC 9068 2.2 has the client where nobody else is.
    //= OAUTH21-7.4-sub-namespace
    sub: subjectId ?? clientId,
    client_id: clientId,
    //= RFC9068-3-default-aud
    aud: resources.length === 1 ? resources[0] : resources,
    iat: wholeSeconds(issuedAt),
    exp: wholeSeconds(expiresAt),
    jti: formatAccessTokenId({ grantId, digest: digestOf(handle) }),
    ...(scopes.length === 0 ? {} : { scope: formatScopes(scopes) }),
    //= RFC9396-9.1-jwt
    ...(details === undefined ? {} : { authorization_details: details }),
    ...(jkt === null ? {} : { cnf: { jkt } }),
    ...(act === undefined ? {} : { act }),
    ...(mayAct === undefined ? {} : { may_act: { sub: mayAct } }),
    ...(login === undefined ? {} : authenticationClaims(login)),
  }
}

/** What the login said of itself (RFC 9068 2.2.1). */
//= RFC9470-6.1-jwt
export const authenticationClaims = ({ authTime, acr, amr }: LoginContext) => ({
  auth_time: wholeSeconds(authTime),
  ...(acr === undefined ? {} : { acr }),
  ...(amr === undefined ? {} : { amr }),
})

const idIn = (claims: JwtClaims | undefined) => parseAccessTokenId(String(claims?.["jti"]))

/**
 * The feature by which access tokens for some resources are JWTs; throws a `ConfigFault` that says what to change.
 *
 * The server then publishes its keys at `jwks_uri`, and every such token is refused by it as soon as it is revoked, or the
 * key that signed it is known to be compromised. A resource server that verifies offline may let it in until `exp`.
 *
 * @example
 * import { authorizationServer, jwtAccessTokens, sqliteStore, standardFeatures } from "grantlog"
 *
 * const mcp = "https://mcp.example.com/mcp"
 * const server = await authorizationServer({
 *   store: sqliteStore("grantlog.db"),
 *   config: { issuer: "https://id.example.com", resources: [mcp] },
 *   features: [...standardFeatures, jwtAccessTokens({ resources: [mcp] })],
 * })
 */
export const jwtAccessTokens = (options: JwtAccessTokenOptions): AccessTokenFormat => {
  const { lifetimeSeconds = 300 } = options
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > MAX_LIFETIME_SECONDS) {
    refuse(`lifetimeSeconds is no whole number from 1 to ${MAX_LIFETIME_SECONDS}`)
  }
  const [algorithmOf, signs] = algorithmsBy(options)
  return {
    kind: "access token format",
    name: "jwt",
    signs,
    lifetime: { seconds: lifetimeSeconds, isFor: (resources) => algorithmOf(resources) !== undefined },
    isFor: ({ resources }) => algorithmOf(resources) !== undefined,
    // INVARIANT: it is written for what `isFor` was asked about.
    write: (handle, issued, { sign }) =>
      sign(claimsOf(handle, issued), { typ: TYP, alg: algorithmOf(issued.resources)! }),
    handleOf: (token, { verify }) =>
      /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? verify(token, TYP).then(idIn) : undefined,
  }
}
