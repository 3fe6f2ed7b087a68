/**
 * A small world to tell stories in: an issuer, an app that uses codes, a service that acts for itself, alice and her
 * grant.
 *
 * Each function is a command with a default for everything; what a story is about is named where it is told. Names
 * stand for digests, keys and ids, and show up in failures: `digest("access-1")` reads `access-1___…`.
 */
import { DEVICE_CODE_GRANT } from "../../../src/protocol/index.ts"
import {
  ClientId,
  CodeChallenge,
  DetailText,
  Digest,
  EpochMillis,
  GrantId,
  Jkt,
  KeyId,
  Millis,
  RedirectUri,
  Resource,
  Scope,
  SubjectId,
  defaultLifetimes,
  type ClientMetadata,
  type PublicJwks,
  type CommandOf,
  type CommandType,
  type Generation,
  type Lifetimes,
  type Offer,
} from "../../../src/core/index.ts"
import { detailText, type AuthorizationDetail } from "../../../src/protocol/index.ts"

const START = 1_767_225_600_000

/** So many minutes after the start, and so many milliseconds more. */
export const at = (minutes: number, millis = 0): EpochMillis => EpochMillis.make(START + minutes * 60_000 + millis)
export const minutes = (count: number): Millis => Millis.make(count * 60_000)

export const digest = (name: string): Digest => Digest.make(name.padEnd(43, "_"))
export const challenge = (name: string): CodeChallenge => CodeChallenge.make(name.padEnd(43, "_"))
export const jkt = (name: string): Jkt => Jkt.make(name.padEnd(43, "_"))
export const grantId = (name: string): GrantId => GrantId.make(name.padEnd(22, "0"))
export const clientId = (name: string): ClientId => ClientId.make(name)
export const subjectId = (name: string): SubjectId => SubjectId.make(`sub_${name}`)
export const keyId = (name: string): KeyId => KeyId.make(name)
export const scopes = (text: string): ReadonlyArray<Scope> =>
  text.split(" ").flatMap((name) => (name === "" ? [] : [Scope.make(name)]))
export const resources = (...uris: ReadonlyArray<string>): ReadonlyArray<Resource> =>
  uris.map((uri) => Resource.make(uri))
export const details = (...list: ReadonlyArray<AuthorizationDetail>): ReadonlyArray<DetailText> =>
  list.map((detail) => DetailText.make(detailText(detail)!))
export const redirectUri = (uri: string): RedirectUri => RedirectUri.make(uri)

export const app = clientId("app")
export const otherApp = clientId("other-app")
export const service = clientId("service")
export const television = clientId("television")
export const alice = subjectId("alice")
export const login = grantId("login")

export const CALLBACK = "https://app.example/callback"
export const FILES = "https://files.example/mcp"
export const MAIL = "https://mail.example/mcp"

/** Round numbers: a code for 1 minute, access for 10, a refresh token for 60 idle minutes, a grant for 300. */
export const lifetimes: Lifetimes = {
  ...defaultLifetimes,
  request: minutes(10),
  code: minutes(1),
  accessToken: minutes(10),
  refreshIdle: minutes(60),
  grant: minutes(300),
  retryWindow: minutes(0.5),
}

export const offer: Offer = {
  scopes: scopes("read write admin"),
  defaultScopes: scopes("read"),
  resources: [],
  isAnyResourceOffered: true,
  defaultResource: null,
  registrationGrants: ["authorization_code", "refresh_token", DEVICE_CODE_GRANT],
}

export const metadata: ClientMetadata = {
  redirect_uris: [redirectUri(CALLBACK)],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
}

export const deviceMetadata: ClientMetadata = {
  redirect_uris: [],
  token_endpoint_auth_method: "none",
  grant_types: [DEVICE_CODE_GRANT, "refresh_token"],
  response_types: [],
}

export const serviceMetadata: ClientMetadata = {
  redirect_uris: [],
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["client_credentials"],
  response_types: [],
}

type With<Type extends CommandType> = Partial<Omit<CommandOf<Type>, "_tag">>

export const initialize = (over: With<"InitializeIssuer"> = {}): CommandOf<"InitializeIssuer"> => ({
  _tag: "InitializeIssuer",
  issuer: "https://auth.example",
  keyId: keyId("key-1"),
  at: at(0),
  ...over,
})

export const raiseEpoch = (over: With<"RaiseIssuerEpoch"> = {}): CommandOf<"RaiseIssuerEpoch"> => ({
  _tag: "RaiseIssuerEpoch",
  reason: "a backup was restored",
  at: at(1),
  ...over,
})

export const register = (over: With<"RegisterClient"> = {}): CommandOf<"RegisterClient"> => ({
  _tag: "RegisterClient",
  clientId: app,
  metadata,
  secret: null,
  audience: null,
  origin: "dynamic",
  appSchemes: [],
  isQuotaLeft: true,
  at: at(0),
  ...over,
})

/** A client without browser, such as a television. */
export const registerDevice = (over: With<"RegisterClient"> = {}): CommandOf<"RegisterClient"> =>
  register({ clientId: television, metadata: deviceMetadata, ...over })

/** A confidential client that acts for itself; the operator added it. */
export const registerService = (over: With<"RegisterClient"> = {}): CommandOf<"RegisterClient"> =>
  register({
    clientId: service,
    metadata: serviceMetadata,
    secret: { digest: digest("secret-1"), expiresAt: null },
    origin: "operator",
    ...over,
  })

/** A confidential client that uses codes. */
export const registerConfidential = (over: With<"RegisterClient"> = {}): CommandOf<"RegisterClient"> =>
  registerService({ metadata: { ...metadata, token_endpoint_auth_method: "client_secret_basic" }, ...over })

/** What clients with keys sign with, and where others publish theirs. */
export const jwks: PublicJwks = {
  keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
}
export const KEYS_URI = "https://service.example/jwks.json"

/** Metadata of a client that proves itself by keys. */
export const signerMetadata: ClientMetadata = {
  ...serviceMetadata,
  token_endpoint_auth_method: "private_key_jwt",
  jwks,
}

/** A confidential client that has keys in the place of a secret. */
export const registerSigner = (over: With<"RegisterClient"> = {}): CommandOf<"RegisterClient"> =>
  registerService({ metadata: signerMetadata, secret: null, ...over })

export const update = (over: With<"UpdateClient"> = {}): CommandOf<"UpdateClient"> => ({
  _tag: "UpdateClient",
  clientId: app,
  metadata,
  appSchemes: [],
  at: at(1),
  ...over,
})

export const rotateSecret = (over: With<"RotateClientSecret"> = {}): CommandOf<"RotateClientSecret"> => ({
  _tag: "RotateClientSecret",
  clientId: service,
  secret: { digest: digest("secret-2"), expiresAt: null },
  at: at(1),
  ...over,
})

/** A command that names a client and a time, and nothing besides. */
export const toClient = <Type extends "DisableClient" | "EnableClient" | "DeleteClient">(
  type: Type,
  over: With<"DisableClient"> = {},
) => ({ _tag: type, clientId: app, at: at(1), ...over })

/** A command that names a subject and a time, and nothing besides. */
export const toSubject = <Type extends "RevokeSubjectSessions" | "DisableSubject" | "EnableSubject" | "ForgetSubject">(
  type: Type,
  over: With<"DisableSubject"> = {},
) => ({ _tag: type, subjectId: alice, at: at(1), ...over })

export const open = (over: With<"OpenGrant"> = {}): CommandOf<"OpenGrant"> => ({
  _tag: "OpenGrant",
  clientId: app,
  grantId: login,
  basis: { _tag: "User", subjectId: alice, approvedAt: over.at ?? at(0) },
  request: {
    redirectUri: redirectUri(CALLBACK),
    redirectUriProvidedExplicitly: true,
    codeChallenge: challenge("challenge"),
    jkt: null,
  },
  scopes: scopes("read write"),
  resources: resources(FILES, MAIL),
  offer,
  metadataDigest: null,
  requestedAt: at(0),
  code: digest("code"),
  lifetimes,
  at: at(0),
  ...over,
})

export const refuseConsent = (over: With<"DenyGrant"> = {}): CommandOf<"DenyGrant"> => ({
  _tag: "DenyGrant",
  clientId: app,
  grantId: login,
  subjectId: alice,
  redirectUri: redirectUri(CALLBACK),
  at: at(0),
  ...over,
})

/** What a device asked for is approved; its client is `television`. */
export const approveDevice = (over: With<"ApproveDevice"> = {}): CommandOf<"ApproveDevice"> => ({
  _tag: "ApproveDevice",
  clientId: television,
  grantId: login,
  basis: { _tag: "User", subjectId: alice, approvedAt: over.at ?? at(0) },
  scopes: scopes("read write"),
  resources: resources(FILES, MAIL),
  offer,
  metadataDigest: null,
  requestedAt: at(0),
  code: digest("device-code"),
  lifetimes,
  at: at(0),
  ...over,
})

export const denyDevice = (over: With<"DenyDevice"> = {}): CommandOf<"DenyDevice"> => ({
  _tag: "DenyDevice",
  clientId: television,
  grantId: login,
  subjectId: alice,
  code: digest("device-code"),
  at: at(0),
  ...over,
})

export const redeemDevice = (over: With<"RedeemDeviceCode"> = {}): CommandOf<"RedeemDeviceCode"> => ({
  _tag: "RedeemDeviceCode",
  clientId: television,
  authentication: "none",
  grantId: login,
  afterVersion: 2,
  isCodeKnown: true,
  waiting: null,
  resources: null,
  jkt: null,
  accessToken: digest("access-1"),
  refreshToken: digest("refresh-1"),
  lifetimes,
  at: at(0),
  ...over,
})

export const redeem = (over: With<"RedeemCode"> = {}): CommandOf<"RedeemCode"> => ({
  _tag: "RedeemCode",
  clientId: app,
  authentication: "none",
  grantId: login,
  afterVersion: 2,
  isCodeKnown: true,
  verifier: { wellFormed: true, challenge: challenge("challenge") },
  redirectUri: CALLBACK,
  resources: null,
  jkt: null,
  accessToken: digest("access-1"),
  refreshToken: digest("refresh-1"),
  lifetimes,
  at: at(0),
  ...over,
})

const refreshing = (over: With<"Refresh">): Omit<CommandOf<"Refresh">, "presented"> => ({
  _tag: "Refresh",
  clientId: app,
  authentication: "none",
  grantId: login,
  afterVersion: 5,
  scopes: null,
  resources: null,
  jkt: null,
  lifetimes,
  at: at(1),
  ...over,
})

/** Refreshes with the unspent token of this generation: `refresh-<n>` becomes `refresh-<n + 1>`. */
export const refresh = (generation: number, over: With<"Refresh"> = {}): CommandOf<"Refresh"> => ({
  presented: {
    _tag: "Current",
    successor: {
      refreshToken: digest(`refresh-${generation + 1}`),
      accessToken: digest(`access-${generation + 1}`),
      keyId: keyId("key-1"),
    },
  },
  ...refreshing(over),
})

/** Presents the token that was spent last; `accessToken` is what would be derived for the subset asked for. */
export const again = (accessToken: string | null, over: With<"Refresh"> = {}): CommandOf<"Refresh"> => ({
  presented: { _tag: "Previous", accessToken: accessToken === null ? null : digest(accessToken) },
  ...refreshing(over),
})

/** Presents a token that was spent before the last one. */
export const older = (
  generation: number,
  over: With<"Refresh"> = {},
  boundTo: Jkt | null = null,
): CommandOf<"Refresh"> => ({
  presented: {
    _tag: "Older",
    digest: digest(`refresh-${generation}`),
    generation: generation as Generation,
    jkt: boundTo,
  },
  ...refreshing(over),
})

export const revoke = (over: With<"RevokeToken"> = {}): CommandOf<"RevokeToken"> => ({
  _tag: "RevokeToken",
  clientId: app,
  authentication: "none",
  grantId: login,
  presented: { _tag: "AccessToken", digest: digest("access-1") },
  cascade: false,
  at: at(1),
  ...over,
})

export const revokeGrant = (over: With<"RevokeGrant"> = {}): CommandOf<"RevokeGrant"> => ({
  _tag: "RevokeGrant",
  grantId: login,
  subjectId: alice,
  at: at(1),
  ...over,
})

export const actForItself = (over: With<"IssueToken"> = {}): CommandOf<"IssueToken"> => ({
  _tag: "IssueToken",
  grantType: "client_credentials",
  basis: { _tag: "ClientCredentials" },
  clientId: service,
  authentication: "verified",
  grantId: login,
  scopes: null,
  resources: resources(FILES),
  offer,
  jkt: null,
  accessToken: digest("access-1"),
  lifetimes,
  at: at(0),
  ...over,
})

/** A confidential client that exchanges tokens; it brought none of them about. */
export const exchangeMetadata: ClientMetadata = {
  ...serviceMetadata,
  grant_types: ["urn:ietf:params:oauth:grant-type:token-exchange"],
}

/** The service exchanges the app's first access token for one of its own. */
export const exchange = (over: With<"ExchangeToken"> = {}): CommandOf<"ExchangeToken"> => ({
  _tag: "ExchangeToken",
  grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
  clientId: service,
  authentication: "verified",
  grantId: grantId("exchanged"),
  subject: { grantId: login, digest: digest("access-1") },
  actor: null,
  policy: "tests",
  mayAct: null,
  scopes: null,
  resources: null,
  offer,
  jkt: null,
  accessToken: digest("access-x"),
  lifetimes,
  at: at(0),
  ...over,
})

/** How far a story has come before it is told: up to here nothing is of interest. */
export const standing = [initialize(), register()] as const
export const opened = [...standing, open()] as const
export const redeemed = [...opened, redeem()] as const
export const rotated = [...redeemed, refresh(1)] as const
