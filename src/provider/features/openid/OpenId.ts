/**
 * OpenID Connect: clients that ask by the scope `openid` are told who signed in (OpenID Connect Core 1.0).
 *
 * A code is good for an ID token besides its access token; who somebody is in it is said in the words of the core, by an
 * id that is no name. The token is no access token, nor an assertion: its type says so, and every reader here asks for the
 * type of what it takes.
 */
import { hash } from "node:crypto"
import { wholeSeconds } from "../../../core/index.ts"
import { OPENID } from "../../../protocol/index.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { authenticationClaims } from "../tokens/JwtAccessTokens.ts"
import { sectorFault, subjectFor } from "./Pairwise.ts"
import { isSigningAlgorithm, signingAlgorithms, type SigningAlgorithm } from "../../signing/SigningKey.ts"
import type { ServerContext } from "../Feature.ts"
import type { OpenIdProvider, SignIn } from "./OpenIdProvider.ts"

/** How clients are told who signed in; everything has a default. */
export interface OpenIdProviderOptions {
  /**
   * The algorithms that a client may register for ID tokens; the first is that of clients that name none. Default RS256,
   * which every OpenID client knows, and ES256.
   */
  readonly algorithms?: ReadonlyArray<SigningAlgorithm>
  /** Seconds that an ID token is good for: 300 by default, a day at most. */
  readonly lifetimeSeconds?: number
}

/** No other JWT of this server has it (RFC 8725 3.11). */
//= OIDC-16.14-token-kinds
export const ID_TOKEN_TYPE = "JWT"

const USER_INFO = "/userinfo"
const END_SESSION = "/logout"
const MAX_LIFETIME_SECONDS = 86_400

const refuse = (message: string): never => {
  throw new ConfigFault({ message: `openId: ${message}` })
}

/** The left half of the access token's hash, in the hash of the algorithm that the ID token is signed by. */
//= OIDC-3.1.3.6-at-hash
const accessTokenHash = (accessToken: string, alg: SigningAlgorithm): string => {
  const digest = hash(alg === "EdDSA" ? "sha512" : "sha256", accessToken, "buffer")
  return digest.subarray(0, digest.length / 2).toString("base64url")
}

//= OIDC-2-id-token-claims
const claimsOf = (sub: string, signIn: SignIn, alg: SigningAlgorithm, lifetimeSeconds: number) => {
  const { nonce, accessToken } = signIn
  const { clientId, grantId, issuedAt, login } = signIn.issued
  const iat = wholeSeconds(issuedAt)
  return {
    sub,
    aud: clientId,
    iat,
    exp: iat + lifetimeSeconds,
    //= OIDC-2-auth-time
    ...(login === undefined ? {} : authenticationClaims(login)),
    //= OIDC-3.1.2.1-nonce
    ...(nonce === undefined ? {} : { nonce }),
    at_hash: accessTokenHash(accessToken, alg),
    //= OIDCBC-2.1-sid
    sid: grantId,
  }
}

const checked = (algorithms: ReadonlyArray<SigningAlgorithm>, lifetimeSeconds: number): void => {
  if (algorithms.length === 0 || !algorithms.every(isSigningAlgorithm)) {
    refuse(`algorithms is not some of ${signingAlgorithms.join(", ")}`)
  }
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > MAX_LIFETIME_SECONDS) {
    refuse(`lifetimeSeconds is no whole number from 1 to ${MAX_LIFETIME_SECONDS}`)
  }
}

/**
 * OpenID Connect, as a feature for the list; throws a `ConfigFault` that says what to change.
 *
 * A request for `openid` needs a `nonce`, and no `resource`: its access token is then for UserInfo alone.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, memoryStore, openId, standardFeatures } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 *   features: [...standardFeatures, openId()],
 * })
 */
export const openId = ({
  algorithms = ["RS256", "ES256"],
  lifetimeSeconds = 300,
}: OpenIdProviderOptions = {}): OpenIdProvider => {
  checked(algorithms, lifetimeSeconds)
  const algorithmOf = async (clientId: string, { client }: ServerContext): Promise<SigningAlgorithm> => {
    const registered = (await client(clientId))?.id_token_signed_response_alg
    return algorithms.find((one) => one === registered) ?? algorithms[0]!
  }
  return {
    kind: "openid provider",
    name: "openid",
    requirements: [
      "OIDC-3.1.2.1-openid-scope",
      "OIDC-3.1.2.1-prompt-none",
      "OIDC-3.1.3.3-id-token",
      "OIDC-5.3.1-methods",
      "OIDC-5.3.2-sub",
      "OIDC-5.4-claims-by-scope",
    ],
    scopes: [OPENID, "profile"],
    userInfo: USER_INFO,
    endSession: END_SESSION,
    signs: algorithms,
    clientMembers: [
      "id_token_signed_response_alg",
      "subject_type",
      "post_logout_redirect_uris",
      "backchannel_logout_uri",
    ],
    //= OIDC-2-client-alg
    registrationFault: (metadata) => {
      const { id_token_signed_response_alg: alg } = metadata
      return alg === undefined || (isSigningAlgorithm(alg) && algorithms.includes(alg))
        ? sectorFault(metadata)
        : `id_token_signed_response_alg is not one of ${algorithms.join(", ")}`
    },
    //= OIDCD-3-required-members
    //= OIDCD-3-rs256
    metadata: ({ issuer }) => ({
      userinfo_endpoint: issuer.replace(/\/$/, "") + USER_INFO,
      //= OIDCRP-2.1-metadata
      end_session_endpoint: issuer.replace(/\/$/, "") + END_SESSION,
      //= OIDCBC-2.1-sid
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      subject_types_supported: ["public", "pairwise"],
      id_token_signing_alg_values_supported: algorithms,
      claims_supported: [
        ...["iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"],
        ...["name", "preferred_username"],
      ],
      claims_parameter_supported: false,
      // By default it would be said to be there (OpenID Connect Discovery 3).
      request_uri_parameter_supported: false,
      prompt_values_supported: ["none", "login", "consent", "select_account"],
    }),
    subjectFor,
    algorithmOf,
    //= OIDC-3.1.2.1-id-token-hint
    hintOf: async (idToken, { verify }) => {
      const { aud, sub, sid } = (await verify(idToken, ID_TOKEN_TYPE, { isExpiredTaken: true })) ?? {}
      if (typeof aud !== "string" || typeof sub !== "string") return undefined
      return { clientId: aud, sub, ...(typeof sid === "string" ? { sid } : {}) }
    },
    idToken: async (signIn, context) => {
      const { clientId } = signIn.issued
      const alg = await algorithmOf(clientId, context)
      const sub = await subjectFor(clientId, signIn.subjectId, context)
      return context.sign(claimsOf(sub, signIn, alg, lifetimeSeconds), { typ: ID_TOKEN_TYPE, alg })
    },
  }
}
