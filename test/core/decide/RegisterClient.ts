/** The rules of registering a client; those of its metadata hold for an update as well. */
import { knownAppSchemes, redirectUriRemedy } from "../../../src/protocol/index.ts"
import { given } from "../../../properties/Scenario.ts"
import { MAX_METADATA_BYTES, firstEpoch, type ClientMetadata, type RefusalReason } from "../../../src/core/index.ts"
import {
  CALLBACK,
  KEYS_URI,
  app,
  at,
  digest,
  jwks,
  metadata,
  redirectUri,
  register,
  registerService,
  registerSigner,
  serviceMetadata,
  signerMetadata,
  toClient,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const secret = { digest: digest("secret-1"), expiresAt: null }

/** Metadata of which the JSON has exactly so many bytes. */
const sized = (byteCount: number): ClientMetadata => {
  const page = "https://app.example/"
  const used = JSON.stringify({ ...metadata, logo_uri: page, tos_uri: page }).length
  const half = Math.floor((byteCount - used) / 2)
  return { ...metadata, logo_uri: page + "l".repeat(half), tos_uri: page + "t".repeat(byteCount - used - half) }
}

/** What is wrong with metadata, and how it is refused. */
export const faultyMetadata: Readonly<Record<string, readonly [RefusalReason, ClientMetadata]>> = {
  "a redirect URI that cannot be registered": [
    "client-redirect-uri-bad",
    { ...metadata, redirect_uris: [redirectUri(CALLBACK), redirectUri("http://app.example/callback")] },
  ],
  "an address for after signing out that no code could go to": [
    "client-redirect-uri-bad",
    { ...metadata, post_logout_redirect_uris: [redirectUri("http://app.example/left")] },
  ],
  "an address to be told at that is not https": [
    "client-logout-uri-bad",
    { ...metadata, backchannel_logout_uri: "http://app.example/told" },
  ],
  "more than 4096 bytes": ["client-metadata-too-large", sized(MAX_METADATA_BYTES + 1)],
  "codes, but no redirect URI": ["client-redirect-uri-missing", { ...metadata, redirect_uris: [] }],
  "codes, but no response type": ["client-response-type-mismatch", { ...metadata, response_types: [] }],
  "a response type, but no codes": [
    "client-response-type-mismatch",
    { ...serviceMetadata, response_types: ["code"], token_endpoint_auth_method: "none" },
  ],
  "refresh tokens, but no codes": [
    "client-refresh-without-code",
    { ...metadata, grant_types: ["refresh_token"], response_types: [] },
  ],
  "client credentials, but no secret": [
    "client-public-for-itself",
    { ...metadata, grant_types: ["authorization_code", "client_credentials"] },
  ],
  "a redirect URI with a parameter of the answer": [
    "client-redirect-uri-bad",
    { ...metadata, redirect_uris: [redirectUri(`${CALLBACK}?state=1`)] },
  ],
  "a redirect URI that is a scheme and nothing else": [
    "client-redirect-uri-bad",
    { ...metadata, redirect_uris: [redirectUri("com.example.app:")] },
  ],
  "keys by value and at an address": ["client-keys-twice", { ...metadata, jwks, jwks_uri: KEYS_URI }],
  "keys at an address in clear": ["client-keys-uri-bad", { ...metadata, jwks_uri: "http://service.example/jwks.json" }],
  "keys at an address with a fragment": ["client-keys-uri-bad", { ...metadata, jwks_uri: `${KEYS_URI}#key` }],
  "a scope that is empty": ["client-scope-bad", { ...metadata, scope: "" }],
  "a scope that is blank": ["client-scope-bad", { ...metadata, scope: "  " }],
  "a scope with a character that scopes cannot have": ["client-scope-bad", { ...metadata, scope: 'read "write"' }],
}

export const registerClient: Rules = {
  "a client comes into being as it described itself": () =>
    given()
      .when(register())
      .thenEvents({ _tag: "ClientRegistered", clientId: app, metadata, secret: null, registeredAt: at(0) })
      .thenReply({ _tag: "ClientStored", client: { clientId: app, status: "enabled", epoch: firstEpoch, metadata } })
      .thenState({ client: { _tag: "Registered", origin: "dynamic", registeredAt: at(0) } }),

  "a confidential client keeps the digest of its secret": () =>
    given().when(registerService()).thenEvents({ _tag: "ClientRegistered", secret }).thenState({ client: { secret } }),

  "an id is registered once, whoever asks": () =>
    (["dynamic", "operator"] as const).map((origin) =>
      given(register())
        .when(register({ origin, metadata: { ...metadata, client_name: "another" } }))
        .thenRefused("client-id-taken")
        .thenState({ client: { metadata } }),
    ),

  "an id that was deleted or disabled is still taken": () =>
    (["DeleteClient", "DisableClient"] as const).map((type) =>
      given(register(), toClient(type)).when(register()).thenRefused("client-id-taken"),
    ),

  "nobody registers when no quota is left": () =>
    given()
      .when(register({ isQuotaLeft: false }))
      .thenRefused("client-quota-exhausted"),

  "a policy is given to clients by the operator alone, and stands in the log": () => [
    given()
      .when(register({ policy: "first-party", origin: "operator" }))
      .thenEvents({ _tag: "ClientRegistered", policy: "first-party" }),
    given()
      .when(register({ policy: "first-party" }))
      .thenRefused("client-policy-not-operators"),
  ],

  "metadata that breaks a rule is refused": () =>
    Object.values(faultyMetadata).map(([reason, faulty]) =>
      given()
        .when(register({ metadata: faulty, secret: faulty.token_endpoint_auth_method === "none" ? null : secret }))
        .thenRefused(reason),
    ),

  "the refusal of a redirect URI says which and why": () =>
    given()
      .when(register({ metadata: { ...metadata, redirect_uris: [redirectUri("javascript:alert(1)")] } }))
      .thenRefused("client-redirect-uri-bad")
      .thenReply({
        _tag: "Refused",
        error: "invalid_redirect_uri",
        description: `a redirect URI cannot be registered: \`javascript:alert(1)\` uses the scheme javascript; ${redirectUriRemedy}`,
      }),

  "the refusal of a redirect URI shows no more than 200 characters of it": () => {
    const long = redirectUri(`javascript:${"a".repeat(300)}`)
    return given()
      .when(register({ metadata: { ...metadata, redirect_uris: [long] } }))
      .thenRefused("client-redirect-uri-bad")
      .thenReply({
        _tag: "Refused",
        description: `a redirect URI cannot be registered: \`${long.slice(0, 200)}\` uses the scheme javascript; ${redirectUriRemedy}`,
      })
  },

  "the refusal of metadata that is too large says how large it is": () =>
    given()
      .when(register({ metadata: sized(4097) }))
      .thenReply({
        _tag: "Refused",
        reason: "client-metadata-too-large",
        description:
          "the client metadata is larger than 4096 bytes: it has 4097; register fewer or shorter redirect URIs and scopes",
      }),

  "a dotless scheme is accepted when it is on the list of apps": () => {
    const command = register({ metadata: { ...metadata, redirect_uris: [redirectUri("cursor://callback")] } })
    return [
      given().when(command).thenRefused("client-redirect-uri-bad"),
      given()
        .when({ ...command, appSchemes: knownAppSchemes })
        .thenEvents("ClientRegistered"),
    ]
  },

  "metadata of exactly 4096 bytes is accepted": () =>
    given()
      .when(register({ metadata: sized(MAX_METADATA_BYTES) }))
      .thenEvents("ClientRegistered"),

  "metadata is measured in bytes, not in characters": () => {
    const words = { client_name: "語".repeat(256), software_id: "語".repeat(256), software_version: "語".repeat(256) }
    return [
      given()
        .when(register({ metadata: { ...sized(MAX_METADATA_BYTES - 1500), ...words } }))
        .thenRefused("client-metadata-too-large"),
      given()
        .when(register({ metadata: { ...metadata, ...words } }))
        .thenEvents("ClientRegistered"),
    ]
  },

  //= OAUTH21-8.1-no-native-shared-secret
  "a public client has no secret": () => given().when(register({ secret })).thenRefused("client-public-with-secret"),

  "a confidential client has one, or keys": () => [
    given()
      .when(registerService({ secret: null }))
      .thenRefused("client-confidential-without-secret"),
    given()
      .when(registerSigner())
      .thenEvents({ _tag: "ClientRegistered", secret: null, metadata: signerMetadata })
      .thenState({ client: { secret: null, metadata: { jwks } } }),
    given()
      .when(registerSigner({ metadata: { ...serviceMetadata, jwks_uri: KEYS_URI } }))
      .thenEvents("ClientRegistered"),
  ],
}
