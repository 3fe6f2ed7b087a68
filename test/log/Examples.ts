/** One example of every event, and one more where two members exclude each other: what the golden vectors are made of. */
import { Schema } from "effect"
import { Event, type EventType } from "../../src/core/index.ts"
import type { Recorded } from "../../src/log/index.ts"

const START = 1_767_225_600_000
const grantId = "3yWzUkQ0cWq5tPzvBxN7aB"
const clientId = "https://app.example/client.json"
const subjectId = "sub_8cJ4sV0mRr1yQh2pT6uXzA"
const digests = {
  code: "6w4nqKJ2mBIqk0kGkF2p1oHq5T2b4v8p1r0m3y7XzQA",
  access: "Qm9yZWFsaXMtYWNjZXNzLXRva2VuLWRpZ2VzdC0wMDE",
  refresh: "UmVmcmVzaC10b2tlbi1kaWdlc3QtZ2VuLTAwMDAwMDE",
  successor: "U3VjY2Vzc29yLXRva2VuLWRpZ2VzdC1nZW4tMDAwMDI",
  secret: "U2VjcmV0LWRpZ2VzdC0wMDAwMDAwMDAwMDAwMDAwMDE",
  metadata: "TWV0YWRhdGEtZG9jdW1lbnQtZGlnZXN0LTAwMDAwMDA",
}
const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
const resources = ["https://files.example/mcp", "https://mail.example/mcp?tenant=1"]
const redirectUri = "http://127.0.0.1:33418/callback"

const metadata = {
  redirect_uris: [redirectUri, "cursor://anysphere.cursor-retrieval/oauth"],
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  scope: "read write",
  application_type: "native",
  client_name: 'Zoë’s "Files" \\ 文件 😀',
  client_uri: "https://app.example",
  logo_uri: "https://app.example/logo.png",
  tos_uri: "https://app.example/tos",
  policy_uri: "https://app.example/policy",
  software_id: "4NRB1-0XZABZI9E6-5SM3R",
  software_version: "1.0.0-rc.1+build.5",
}

const secret = { digest: digests.secret, expiresAt: START + 86_400_000 }

const examples: Readonly<Record<EventType, Readonly<Record<string, unknown>>>> = {
  IssuerInitialized: { issuer: "https://auth.example/tenant-1", keyId: "key-1", initializedAt: START },
  IssuerEpochRaised: { reason: "a backup was restored\tat noon – “all” grants end", raisedAt: START },
  ClientRegistered: {
    clientId,
    metadata,
    secret,
    audience: "https://files.example/mcp",
    origin: "dynamic",
    registeredAt: START,
  },
  ClientUpdated: { clientId, metadata, updatedAt: START },
  ClientSecretRotated: { clientId, secret: { ...secret, expiresAt: null }, rotatedAt: START },
  ClientDisabled: { clientId, disabledAt: START },
  ClientEnabled: { clientId, enabledAt: START },
  ClientDeleted: { clientId, deletedAt: START },
  SubjectSessionsRevoked: { subjectId, revokedAt: START },
  SubjectDisabled: { subjectId, disabledAt: START },
  SubjectEnabled: { subjectId, enabledAt: START },
  SubjectForgotten: { subjectId, forgottenAt: START },
  GrantOpened: {
    grantId,
    clientId,
    subjectId,
    basis: { _tag: "Policy", subjectId, approvedAt: START, policy: "first-party apps" },
    request: {
      redirectUri,
      redirectUriProvidedExplicitly: true,
      codeChallenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      jkt,
    },
    scopes: ["write", "read"],
    resources,
    refreshable: true,
    metadataDigest: digests.metadata,
    epochs: { issuer: 0, client: 1, subject: 2 },
    openedAt: START,
    expiresAt: START + 31_536_000_000,
  },
  GrantDenied: { grantId, clientId, subjectId, redirectUri, deniedAt: START },
  AuthorizationCodeIssued: { grantId, digest: digests.code, issuedAt: START, expiresAt: START + 60_000 },
  AuthorizationCodeRedeemed: { grantId, redeemedAt: START },
  AuthorizationCodeReplayed: { grantId, replayedAt: START },
  AuthorizationCodeAttemptRefused: { grantId, fault: "verifier_wrong", refusedAt: START },
  AccessTokenIssued: {
    grantId,
    digest: digests.access,
    generation: 1,
    parent: digests.code,
    scopes: ["read"],
    resources,
    jkt,
    issuedAt: START,
    expiresAt: START + 3_600_000,
  },
  AccessTokenRevoked: { grantId, digest: digests.access, reason: "limit", revokedAt: START },
  RefreshTokenIssued: {
    grantId,
    digest: digests.refresh,
    generation: 1,
    parent: digests.code,
    afterVersion: 2,
    jkt: null,
    issuedAt: START,
    expiresAt: START + 2_592_000_000,
  },
  RefreshTokenRotated: {
    grantId,
    digest: digests.successor,
    generation: 2,
    parent: digests.refresh,
    afterVersion: 5,
    jkt,
    keyId: "key-1",
    rotatedAt: START,
    expiresAt: START + 2_592_000_000,
  },
  RefreshTokenRetried: { grantId, generation: 1, accessToken: digests.access, retriedAt: START },
  RefreshTokenReused: { grantId, digest: digests.refresh, generation: 1, reusedAt: START },
  GrantRevoked: { grantId, reason: "refresh_token_reused", revokedAt: START },
}

const decode = Schema.decodeUnknownSync(Event)

const { request: _, ...approved } = examples.GrantOpened
const { redirectUri: _uri, ...denied } = examples.GrantDenied

/** Events in a form that excludes members of their example, under the name of the vector. */
export const otherExamples: Readonly<Record<string, Event>> = {
  "GrantOpened.device": decode({
    _tag: "GrantOpened",
    ...approved,
    request: null,
    basis: { _tag: "User", subjectId, approvedAt: START },
    device: { requestedAt: START - 60_000 },
  }),
  "GrantDenied.device": decode({ _tag: "GrantDenied", ...denied, deviceCode: digests.code }),
}

export const exampleOf = (type: EventType): Event => decode({ _tag: type, ...examples[type] })

/** An entry that holds the event; `sealed` is what would be ciphertext. */
export const recordedExample = (event: Event, stream: string, sealed: string | null): Recorded => ({
  id: "01KDVN2T00ZZZZZZZZZZZZZZZZ",
  position: 41,
  stream,
  version: 7,
  recordedAt: START + 1,
  correlationId: "01KDVN2T00REQUEST000000000",
  causationId: sealed === null ? null : "01KDVN2T00CAUSE00000000000",
  actor: sealed === null ? null : clientId,
  sealed,
  event,
})
