/**
 * `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` with an ID-JAG: an enterprise's identity provider vouches for a
 * person, and for what a client may have in that person's name (draft-ietf-oauth-identity-assertion-authz-grant 4.4; MCP's
 * enterprise-managed authorization).
 *
 * Nobody is asked here, for the provider's administrator was. So the assertion is judged to the letter: its type, whom it is
 * of and for, the client, its time, the key that it is bound to; and it is used once. No refresh token comes of it: who
 * wants another access token comes with another assertion, and that is where access ends when the provider ends it.
 */
import { momentOf } from "../../../core/index.ts"
import { actorsIn, includesResource, isSubset } from "../../../protocol/index.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { loginContextOf } from "../../Decoding.ts"
import { OAuthError, oauthError } from "../../OAuthError.ts"
import type { OAuthClientInformationFull } from "../../Records.ts"
import { digestOf } from "../../Token.ts"
import { detailsOutOfPlace } from "../details/ReadDetails.ts"
import type { Caller, FeatureContext, GrantType } from "../Feature.ts"
import type { TokenIntention } from "../TokenIntention.ts"
import { optional, scopeList, type Parameters } from "../Form.ts"
import { MAX_SKEW_SECONDS, trustedIssuers, type TrustedIssuer, type VerifiedJwt } from "../issuers/TrustedIssuer.ts"

/** What an identity provider asks for, for whom. It is genuine, of its time, and for this client. */
export interface IdentityAssertion {
  /** The client; it has proven itself. */
  readonly client: OAuthClientInformationFull
  /** The identity provider. */
  readonly issuer: string
  /** The person, as the provider knows them. */
  readonly sub: string
  /** What the provider allows and the request asks for. */
  readonly scopes?: ReadonlyArray<string>
  /** The resources that it is for. */
  readonly resource?: ReadonlyArray<string>
  /** Everything that the assertion says. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Less than was asked for, if that; `undefined` refuses. */
export type AssertionPolicy = (
  assertion: IdentityAssertion,
) => AssertionAllowed | undefined | Promise<AssertionAllowed | undefined>

/** What a policy leaves of what an assertion is for; all of it, where it names nothing. */
export interface AssertionAllowed {
  /** The scopes that are left; by default all. */
  readonly scopes?: ReadonlyArray<string>
  /** The resources that are left; by default all. */
  readonly resource?: ReadonlyArray<string>
}

/** Whose assertions are taken, and for what. */
export interface IdJagOptions {
  /** The identity providers whose assertions are taken. */
  readonly issuers: ReadonlyArray<TrustedIssuer>
  /** By default what the provider allows is given. */
  readonly policy?: AssertionPolicy
}

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
const PROFILE = "urn:ietf:params:oauth:grant-profile:id-jag"

/** How long an assertion may be good for: so long is remembered that it was used. */
const MAX_LIFETIME_SECONDS = 3600

const bad = (why: string): OAuthError => oauthError("invalid_grant", `the assertion is not taken: ${why}`)

/** Tokens for assertions of these issuers; throws a `ConfigFault` for one that cannot be trusted. */
export const idJag = ({ issuers, policy = () => ({}) }: IdJagOptions): GrantType => {
  if (issuers.length === 0) throw new ConfigFault({ message: "identity assertions need an issuer that is trusted" })
  const trusted = trustedIssuers(issuers)
  return {
    kind: "grant type",
    name: JWT_BEARER,
    requirements: ["MCP-EMA-5.1-idjag-checks", "IDJAG-4.4.1-aud-single", "IDJAG-8.3-no-self-issued"],
    metadata: () => ({ authorization_grant_profiles_supported: [PROFILE] }),
    registrationFault: ({ token_endpoint_auth_method: method }) =>
      method === "none" ? "a client that brings identity assertions proves itself: `none` is no way to" : undefined,
    read: async (_request, form, caller, context) => {
      const assertion = form.get("assertion")
      if (assertion === undefined) return oauthError("invalid_request", "assertion is missing")
      // Who proves nothing learns nothing about what it brings.
      const client = await context.clientFor(caller, JWT_BEARER)
      if (client instanceof OAuthError) return client
      const misplaced = detailsOutOfPlace(form, "an identity assertion")
      if (misplaced !== undefined) return misplaced
      const found = await trusted.verify(assertion, context.now())
      if ("fault" in found) return bad(found.fault)
      const fault = faultOf(found, caller, context)
      return fault === undefined ? granted(found, form, client, context, policy) : bad(fault)
    },
  }
}

/** What is wrong with a genuine assertion, for this client and server. */
const faultOf = (
  { trusted, typ, claims }: VerifiedJwt,
  caller: Caller,
  { issuer, now }: FeatureContext,
): string | undefined => {
  //= MCP-EMA-5.1-idjag-checks
  if (typ !== "oauth-id-jag+jwt" && typ !== "application/oauth-id-jag+jwt") return "typ is not oauth-id-jag+jwt"
  //= IDJAG-8.3-no-self-issued
  if (claims.iss === issuer) return "this server does not take what it issued itself"
  //= IDJAG-4.4.1-aud-single
  const audience = [claims.aud ?? []].flat()
  if (audience.length !== 1 || audience[0] !== issuer) return "aud is not the issuer of this server alone"
  //= MCP-EMA-5.1-idjag-checks
  if (claims["client_id"] !== caller.clientId) return "client_id is not the client that brings it"
  if (trusted.clients !== undefined && !trusted.clients.includes(caller.clientId)) return "this client may not bring it"
  if (typeof claims.jti !== "string" || claims.jti === "") return "jti is missing"
  if (typeof claims.iat !== "number") return "iat is missing"
  const seconds = now() / 1000
  if (claims.iat > seconds + MAX_SKEW_SECONDS) return "it was issued in the future"
  if (claims.exp > seconds + MAX_LIFETIME_SECONDS) return `it is good for longer than ${MAX_LIFETIME_SECONDS} seconds`
  //= IDJAG-8.6-dpop-cnf
  const key = claims["cnf"]
  if (key === undefined) return undefined
  const isProven = typeof key === "object" && key !== null && "jkt" in key && key.jkt === caller.jkt
  return isProven ? undefined : "it is bound to a key that the request does not prove"
}

const granted = async (
  { claims }: VerifiedJwt,
  form: Parameters,
  client: OAuthClientInformationFull,
  context: FeatureContext,
  policy: AssertionPolicy,
): Promise<TokenIntention | OAuthError> => {
  const said = { scopes: wordsIn(claims["scope"]), resource: namesIn(claims["resource"]) }
  if (said.scopes === "unreadable" || said.resource === "unreadable") return bad("scope or resource cannot be read")
  const before = actorsIn(claims["act"])
  if (before === undefined) return bad("act cannot be read")
  const asked = { scopes: scopeList(form), resource: form.list("resource") }
  if (said.scopes && asked.scopes && !isSubset(asked.scopes, said.scopes)) {
    return oauthError("invalid_scope", "a scope is not one that the assertion is for")
  }
  const { resource } = said
  if (resource && asked.resource?.some((one) => !includesResource(resource, one))) {
    return oauthError("invalid_target", "a resource is not one that the assertion is for")
  }
  const wanted = {
    ...optional("scopes", asked.scopes ?? said.scopes),
    ...optional("resource", asked.resource ?? resource),
  }
  const allowed = await policy({ client, issuer: claims.iss, sub: claims.sub, ...wanted, claims })
  if (allowed === undefined) return oauthError("access_denied", "this server gives nothing for this assertion")

  const people = await Promise.all([claims.sub, ...before].map((sub) => context.subjectOf(claims.iss, sub)))
  const [subjectId, ...actors] = people
  if (subjectId === undefined || actors.includes(undefined)) return bad("sub cannot be anybody here")
  return {
    _tag: "IssueToken",
    basis: {
      _tag: "Policy",
      subjectId,
      approvedAt: context.now(),
      policy: policyName(claims.iss),
      ...optional("login", loginIn(claims, context.now())),
    },
    ...(actors.length === 0 ? {} : { actors: actors.filter((one) => one !== undefined) }),
    ...wanted,
    ...lessOf(wanted, allowed),
    claims: [
      {
        // An issuer and a number of any length, as one key of the same length; nobody's name is in it.
        key: `id-jag ${digestOf(JSON.stringify([claims.iss, claims.jti]))}`,
        until: (claims.exp + MAX_SKEW_SECONDS) * 1000,
        refusal: bad("it was used before"),
      },
    ],
  }
}

/**
 * What the assertion says of the person's login at the provider, as far as it can be read. How long ago it was is told by
 * the provider's own clock. Without `auth_time` nothing is known of it: taken for new, it would be stronger than it was.
 */
const loginIn = ({ auth_time: at, iat, acr, amr }: VerifiedJwt["claims"], now: number) =>
  typeof at === "number" && typeof iat === "number" && at >= 0
    ? loginContextOf({ authTime: now - Math.max(0, iat - at) * 1000, acr, amr }, momentOf(now))
    : undefined

/** What the log names as having approved: the provider. */
const policyName = (issuer: string): string => `identity assertion of ${issuer}`.slice(0, 128)

/** What a policy leaves of what was wanted; it adds nothing. */
const lessOf = (wanted: AssertionAllowed, allowed: AssertionAllowed): AssertionAllowed => ({
  ...optional("scopes", allowed.scopes && within(allowed.scopes, wanted.scopes)),
  ...optional("resource", allowed.resource && within(allowed.resource, wanted.resource)),
})

const within = (allowed: ReadonlyArray<string>, wanted: ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  wanted === undefined ? allowed : allowed.filter((one) => wanted.includes(one))

/** The words of a claim with spaces between; `undefined` where it is absent. */
const wordsIn = (claim: unknown): ReadonlyArray<string> | undefined | "unreadable" => {
  if (claim === undefined) return undefined
  const words = typeof claim === "string" ? claim.split(" ").filter((one) => one !== "") : []
  return words.length === 0 ? "unreadable" : words
}

/** The names of a claim that is one or a list of them; `undefined` where it is absent. */
const namesIn = (claim: unknown): ReadonlyArray<string> | undefined | "unreadable" => {
  if (claim === undefined) return undefined
  const names = [claim].flat()
  return names.length > 0 && names.every((one): one is string => typeof one === "string" && one !== "")
    ? names
    : "unreadable"
}
