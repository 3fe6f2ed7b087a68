/**
 * What was seen when each broken line was tried once by hand: with curl, by somebody who read the answer.
 *
 * By the peer's name, and by promise or rule. A line that is found for the first time has to be tried so before it stands
 * in the table.
 */

type Seen = Readonly<Record<string, string>>

const HTTP_REGISTERED = "`http://app.example/callback`: 201"

const goOauth2: Seen = {
  CodeIsSingleUse: "12 redemptions at once, 400 times: two 200 in seven of them",
  ReplayKillsGrant: "the code again: 401; its access token at the resource: 200",
  OnlyTheOwnerCanHarm: "`other` refreshes with `app`'s token: 200; `app`'s access token: 401",
  RotationIsLinear: "30 refreshes at once with one token: two 200",
  RetryIsIdempotent: "30 refreshes at once with one token: two 200, two refresh tokens",
  ReuseKillsGrant: "the first refresh token again: 401; the newest access token: 200",
  ScopeNeverGrows: "granted `read`, refreshed for `read write`: 200, scope `read write`",
  RefreshKeepsTheGrant: "granted `read write`, refreshed for `read`, then without a scope: 200, scope `read`",
  ConsentComesFirst: "`/other`, which nobody registered: 302 with a code",
  BoundMeansBound: "`other` refreshes with `app`'s token: 200",
  "OAUTH21-2.3.1-exact-redirect-match": "`/other` gets a code; `127.0.0.1.evil.example` gets a redirect with an error",
  "OAUTH21-8.4.2-loopback-any-port": "port 7655: a redirect with server_error",
  "OAUTH21-4.1.2.1-reject-no-challenge": "no challenge: 302 with a code",
  "OAUTH21-4.1.2.1-unsupported-method": "`plain`: 302 with a code",
  "OAUTH21-4.1.3-verifier-iff-challenge": "no verifier: 500 server_error",
  "RFC7636-4.1-verifier-format": "the verifier `x`: 200",
  "OAUTH21-3.2.2-confidential-must-auth": "`app` refreshes with a wrong secret: 200; without one: 200",
  "RFC6749-5.2-error-codes": "a made-up code: 401 invalid_grant",
  "OAUTH21-3.1-no-duplicate-params": "grant_type twice: 401 invalid_grant",
  "OAUTH21-3.2.4-401-for-header-auth": "a wrong secret in Basic: 401 without WWW-Authenticate",
  "OAUTH21-2.4-one-auth-method": "the secret in Basic and in the body: 200",
  "OAUTH21-2.4.1-secret-not-in-uri":
    "the secret in the URL: 200 (the set-up reads it with `FormValue`, as the library does)",
  "OAUTH21-2.3.5-no-redirect-on-bad-uri": "the client `nobody`: 302 to the URI of the request",
}

const fastmcp: Seen = {
  ReplayKillsGrant: "the code again: 401; its access token at `/mcp`: 400, which is not 401",
  ReuseKillsGrant: "the first refresh token again: 401; the second's access token at `/mcp`: 400, which is not 401",
  ReadsChangeNothing:
    "an expired access token looked at: 401; then its refresh token: 401; one that was not looked at: 200",
  RefreshKeepsTheGrant: "granted `read write`, refreshed for `read`, then for both: 400 invalid_scope",
  "OAUTH21-2.3.1-exact-redirect-match": "`/x/../callback`: 302 with a code",
  "OAUTH21-8.4.2-loopback-any-port": "port 7655: 400",
  "OAUTH21-2.3-redirect-keep-query": "`?keep=a+b&empty=`: the redirect has no `empty`",
  "RFC7591-5-redirect-restrictions": "`javascript:alert(1)//callback` and `file:///etc/callback`: 201",
  "OAUTH21-2.3-redirect-no-fragment": "`https://app.example/callback#fragment`: 201",
  "RFC9700-2.6-http-redirect-forbidden": HTTP_REGISTERED,
  "OAUTH21-4.1.2.1-unsupported-method": "a challenge without method: 302 with a code",
  "RFC7636-4.1-verifier-format": "the verifier `x`: 200",
  "RFC6749-2.3.1-basic-suffices": "Basic alone: 401 Missing client_id; `basic` beside it: 401",
  "RFC7009-2-revoke-refresh": "a public client revokes: 400, client_secret: Field required",
  "RFC6749-5.2-error-codes": "a made-up code: 401 invalid_grant",
  "OAUTH21-3.1-no-duplicate-params": "grant_type twice: 401 invalid_grant",
  "OAUTH21-3.2.4-401-for-header-auth": "a wrong secret in Basic: 401 without WWW-Authenticate",
  "OAUTH21-2.4-one-auth-method": "the secret in Basic and in the body: 200",
  "RFC7009-2.2-unknown-is-200": "a public client revokes a made-up token: 400",
}

const sdkDemo: Seen = {
  BoundMeansBound: "another redirect_uri at redemption: 200",
  EveryCallIsAnswered: "the code again: 500 server_error",
  "OAUTH21-2.3.1-exact-redirect-match": "`/x/../callback`: 302 with an error to the URI that is not registered",
  "OAUTH21-8.4.2-loopback-any-port": "port 7655: 302 with invalid_request",
  "OAUTH21-2.3-redirect-keep-query": "`?keep=a+b&empty=`: the redirect has neither",
  "RFC7591-5-redirect-restrictions": "`file:///etc/callback`: 201",
  "OAUTH21-2.3-redirect-no-fragment": "`https://app.example/callback#fragment`: 201",
  "RFC9700-2.6-http-redirect-forbidden": HTTP_REGISTERED,
  "RFC7636-4.1-verifier-format": "the verifier `x`: 200",
  "RFC6749-5.2-error-codes": "a made-up code: 500 server_error",
}

const authlib: Seen = {
  ReplayKillsGrant: "the code again: 400; its access token at `/api/me`: 200",
  RevocationIsFinal: "the refresh token revoked: 200; what it gave at `/api/me`: 200",
  "OAUTH21-8.4.2-loopback-any-port": "port 7655: a page that says no",
  "OAUTH21-4.1.2.1-reject-no-challenge": "no challenge: 302 with a code",
  "OAUTH21-4.1.2.1-unsupported-method": "`plain`: 302 with a code",
  "RFC7009-2-revoke-refresh": "revoked as access_token: 200; refreshed with it: 200; a public client revokes: 401",
  "RFC6749-5.2-error-codes": "no grant_type: 400 unsupported_grant_type",
  "OAUTH21-3.1-no-duplicate-params": "grant_type twice: 400 invalid_grant",
  "OAUTH21-2.4-one-auth-method": "the secret in Basic and in the body: 200",
  "RFC7009-2.2-unknown-is-200": "the hint `something_else`: 401 unsupported_token_type",
}

const oidcProvider: Seen = { "RFC9700-2.6-http-redirect-forbidden": HTTP_REGISTERED }

const awaited: Seen = {
  ...oidcProvider,
  CodeIsSingleUse: "12 redemptions at once: four 200",
  RotationIsLinear: "12 redemptions at once: four 200, each with a refresh token",
  RetryIsIdempotent: "8 refreshes at once with one token: eight 200, eight refresh tokens",
  ReplayKillsGrant: "12 redemptions at once: four 200, eight 400",
  EveryCallIsAnswered: "not seen by hand",
  "RFC9126-4-one-time": "not seen by hand",
}

export const byHand: Readonly<Record<string, Seen>> = {
  "oidc-provider": oidcProvider,
  "oidc-provider, requests pushed": oidcProvider,
  "oidc-provider, awaited storage": awaited,
  FastMCP: fastmcp,
  "MCP TypeScript SDK demo": sdkDemo,
  Authlib: authlib,
  "go-oauth2": goOauth2,
}
