/** The rules of updating a client, and of rotating its secret. */
import { given } from "../../../properties/Scenario.ts"
import {
  actForItself,
  app,
  at,
  digest,
  initialize,
  metadata,
  open,
  redeemed,
  redirectUri,
  refresh,
  register,
  registerService,
  registerSigner,
  rotateSecret,
  service,
  serviceMetadata,
  signerMetadata,
  standing,
  toClient,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"
import { faultyMetadata } from "./RegisterClient.ts"

const renamed = { ...metadata, client_name: "renamed" }
const secret = { digest: digest("secret-2"), expiresAt: at(60) }

export const updateClient: Rules = {
  "metadata is replaced as a whole": () =>
    given(register({ metadata: { ...metadata, client_uri: "https://app.example" } }))
      .when(update({ metadata: renamed }))
      .thenEvents({ _tag: "ClientUpdated", clientId: app, metadata: renamed, updatedAt: at(1) })
      .thenReply({ _tag: "ClientStored", client: { metadata: { ...renamed } } })
      .thenState({ client: { metadata: { client_name: "renamed", client_uri: undefined } } }),

  "a client that is unknown or deleted is not updated": () => [
    given().when(update()).thenRefused("client-unknown"),
    given(register(), toClient("DeleteClient")).when(update()).thenRefused("client-unknown"),
  ],

  "an update keeps a disabled client disabled": () =>
    given(register(), toClient("DisableClient"))
      .when(update({ metadata: renamed }))
      .thenEvents("ClientUpdated")
      .thenState({ client: { status: "disabled" } }),

  "metadata that breaks a rule is refused": () =>
    Object.values(faultyMetadata).map(([reason, faulty]) =>
      given(register())
        .when(update({ metadata: faulty }))
        .thenRefused(reason)
        .thenState({ client: { metadata } }),
    ),

  //= OAUTH21-2.1-record-client-type
  "a client stays public or confidential": () => [
    given(register())
      .when(update({ metadata: { ...metadata, token_endpoint_auth_method: "client_secret_post" } }))
      .thenRefused("client-auth-method-fixed"),
    given(registerService())
      .when(
        update({
          clientId: service,
          metadata: { ...metadata, token_endpoint_auth_method: "none" },
        }),
      )
      .thenRefused("client-auth-method-fixed"),
  ],

  "a confidential client may change how it sends its secret": () =>
    given(registerService())
      .when(
        update({
          clientId: service,
          metadata: { ...serviceMetadata, token_endpoint_auth_method: "client_secret_post" },
        }),
      )
      .thenEvents("ClientUpdated"),

  "a client that goes over from a secret to keys loses its secret, and the other way round gets one": () => [
    given(registerService())
      .when(update({ clientId: service, metadata: signerMetadata, secret: null }))
      .thenEvents({ _tag: "ClientUpdated", secret: null })
      .thenReply({ _tag: "ClientStored", client: { secret: null } })
      .thenState({ client: { secret: null, metadata: signerMetadata } }),
    given(registerSigner())
      .when(update({ clientId: service, metadata: serviceMetadata, secret }))
      .thenEvents({ _tag: "ClientUpdated", secret })
      .thenState({ client: { secret } }),
  ],

  "an update that says nothing of a secret leaves it as it is": () =>
    given(registerService(), rotateSecret({ secret }))
      .when(update({ clientId: service, metadata: { ...serviceMetadata, client_name: "renamed" } }))
      .thenEvents("ClientUpdated")
      .thenState({ client: { secret } }),

  "a confidential client is never left with neither secret nor keys": () => [
    given(registerSigner())
      .when(update({ clientId: service, metadata: serviceMetadata }))
      .thenRefused("client-confidential-without-secret"),
    given(registerService())
      .when(update({ clientId: service, metadata: serviceMetadata, secret: null }))
      .thenRefused("client-confidential-without-secret"),
  ],

  //= OAUTH21-8.1-no-native-shared-secret
  "an update gives a public client no secret": () =>
    given(register()).when(update({ secret })).thenRefused("client-public-with-secret"),

  "a client that may no longer refresh is refused, without effect, until it may again": () =>
    given(...redeemed, update({ metadata: { ...metadata, grant_types: ["authorization_code"] } }))
      .when(refresh(1))
      .thenRefused("client-may-not")
      .given(update())
      .when(refresh(1))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),

  "a redirect URI that was taken away gets no code": () =>
    given(
      ...standing,
      update({ metadata: { ...metadata, redirect_uris: [redirectUri("https://new.example/callback")] } }),
    )
      .when(open())
      .thenRefused("redirect-uri-unregistered"),
}

export const rotateClientSecret: Rules = {
  "the new secret replaces the old one": () =>
    given(registerService())
      .when(rotateSecret({ secret }))
      .thenEvents({ _tag: "ClientSecretRotated", clientId: service, secret, rotatedAt: at(1) })
      .thenReply({ _tag: "ClientStored", client: { secret } })
      .thenState({ client: { secret } }),

  "a client that is unknown or deleted gets no secret": () => [
    given().when(rotateSecret()).thenRefused("client-unknown"),
    given(registerService(), toClient("DeleteClient", { clientId: service }))
      .when(rotateSecret())
      .thenRefused("client-unknown"),
  ],

  "a public client gets no secret": () =>
    given(register())
      .when(rotateSecret({ clientId: app }))
      .thenRefused("client-public-with-secret"),

  "the secret before is taken as well while they overlap, and no longer than it would have ended": () => {
    const acts = (authentication: "verified" | "superseded", minute: number, beside = 0) =>
      actForItself({ authentication, at: at(minute, beside) })
    const overlapping = [initialize(), registerService(), rotateSecret({ secret, overlapUntil: at(5) })] as const
    const before = { digest: digest("secret-1"), expiresAt: at(3) }
    const ending = [initialize(), registerService({ secret: before }), rotateSecret({ overlapUntil: at(5) })] as const
    return [
      given(...overlapping)
        .when(acts("superseded", 5, -1))
        .thenEvents("GrantOpened", "AccessTokenIssued"),
      given(...overlapping)
        .when(acts("verified", 5, -1))
        .thenEvents("GrantOpened", "AccessTokenIssued"),
      given(...overlapping)
        .when(acts("superseded", 5))
        .thenRefused("client-unauthenticated"),
      given(...ending)
        .when(acts("superseded", 3, -1))
        .thenEvents("GrantOpened", "AccessTokenIssued"),
      given(...ending)
        .when(acts("superseded", 3))
        .thenRefused("client-unauthenticated"),
    ]
  },

  "without an overlap both secrets before end at once, and of two before only the last can be taken": () => {
    const first = rotateSecret({ overlapUntil: at(60) })
    const acts = actForItself({ authentication: "superseded", at: at(2) })
    return [
      given(initialize(), registerService()).when(acts).thenRefused("client-unauthenticated"),
      given(initialize(), registerService(), rotateSecret()).when(acts).thenRefused("client-unauthenticated"),
      given(initialize(), registerService(), first, rotateSecret()).when(acts).thenRefused("client-unauthenticated"),
      given(registerService(), first)
        .when(rotateSecret({ secret, overlapUntil: at(60) }))
        .thenState({ client: { secret, replacedSecret: { digest: digest("secret-2"), expiresAt: at(60) } } }),
      given(registerService(), first)
        .when(update({ clientId: service, metadata: signerMetadata, secret: null }))
        .thenState({ client: { secret: null, replacedSecret: undefined } }),
    ]
  },

  "a client that has keys gets no secret": () =>
    given(registerSigner()).when(rotateSecret()).thenRefused("client-has-keys"),
}
