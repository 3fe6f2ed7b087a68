/**
 * The server's metadata (RFC 8414), and where it is found.
 *
 * One issuer string everywhere, exactly as configured: clients compare it by code point. What is offered is what the
 * features are that are switched on; members without elements are left out. `grantlog_refresh_retry_window` says for how many seconds a refresh may be repeated after a lost reply.
 */
import type { ProtocolServer } from "../provider/index.ts"

/** The paths of the endpoints, behind the issuer's own. */
export const paths = {
  authorize: "/authorize",
  token: "/token",
  register: "/register",
  revoke: "/revoke",
  introspect: "/introspect",
  health: "/healthz",
  login: "/login",
  consent: "/consent",
  account: "/account",
  passkey: "/login/passkey",
  newPasskey: "/login/passkey/new",
  passkeys: "/account/passkeys",
} as const

/** The issuer without a final slash: what endpoint URLs start with. */
export const baseOf = (issuer: string): string => issuer.replace(/\/$/, "")

/** The issuer's path, without a final slash; empty when it has none. */
export const pathOf = (issuer: string): string => baseOf(new URL(issuer).pathname)

/** The issuer's own path, as it is written and without a final slash. */
export const homePaths = (issuer: string): ReadonlyArray<string> => [
  ...new Set([new URL(issuer).pathname, pathOf(issuer) || "/"]),
]

/** RFC 8414 3.1 inserts the segment before the issuer's path; OpenID Connect Discovery 4 appends it. */
//= RFC8414-3-well-known-insertion
//= MCP-AUTHZ-as-discovery
export const wellKnownPaths = (issuer: string): ReadonlyArray<string> => {
  const path = pathOf(issuer)
  return [
    ...new Set([
      `/.well-known/oauth-authorization-server${path}`,
      `/.well-known/openid-configuration${path}`,
      `${path}/.well-known/openid-configuration`,
      `${path}/.well-known/oauth-authorization-server`,
    ]),
  ]
}

//= RFC8414-2-required-members
//= RFC8414-3.2-json-200-no-empty
export const metadataOf = ({
  settings,
  features,
  isRefreshRetryable,
}: ProtocolServer): Readonly<Record<string, unknown>> => {
  const { issuer, scopes, registration, serviceDocumentation, lifetimes } = settings
  const base = baseOf(issuer)
  const methods = features.clientAuthentications.map(({ name }) => name)
  const proofs = features.clientAuthentications.filter(({ isProof }) => isProof).map(({ name }) => name)
  const members = {
    ...Object.assign({}, ...features.all.map((feature) => feature.metadata?.({ issuer }))),
    issuer,
    authorization_endpoint: base + paths.authorize,
    token_endpoint: base + paths.token,
    registration_endpoint: registration === "off" ? undefined : base + paths.register,
    revocation_endpoint: base + paths.revoke,
    introspection_endpoint: base + paths.introspect,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    response_modes_supported: [...features.responseModes.keys()],
    //= RFC9396-10-metadata
    authorization_details_types_supported: [...features.authorizationDetailsTypes.keys()],
    //= RFC9470-7-acr-values-supported
    acr_values_supported: features.acrValues,
    grant_types_supported: [...features.grantTypes.keys()],
    //= MCP-CC-metadata
    token_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_methods_supported: proofs,
    //= RFC9700-2.1.1-pkce-detectable
    //= MCP-AUTHZ-pkce-metadata
    code_challenge_methods_supported: ["S256"],
    //= RFC9207-2.3-iss-equals-metadata
    //= MCP-AUTHZ-as-iss
    authorization_response_iss_parameter_supported: true,
    service_documentation: serviceDocumentation,
    grantlog_refresh_retry_window: isRefreshRetryable
      ? {
          public: lifetimes.public.retryWindow / 1000,
          confidential: lifetimes.confidential.retryWindow / 1000,
        }
      : undefined,
  }
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
}
