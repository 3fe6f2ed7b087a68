/** The rules of a client's token for itself. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, type Generation } from "../../../src/core/index.ts"
import {
  FILES,
  actForItself,
  alice,
  app,
  at,
  details,
  digest,
  initialize,
  jkt,
  offer,
  opened,
  refresh,
  registerService,
  registerSigner,
  resources,
  revoke,
  rotateSecret,
  scopes,
  service,
  serviceMetadata,
  standing,
  toClient,
  toSubject,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const serving = [initialize(), registerService()] as const

export const issueToken: Rules = {
  "a token for itself is a grant of its own, without subject, code or refresh token": () =>
    given(...serving)
      .when(actForItself({ scopes: scopes("write") }))
      .thenEvents(
        {
          _tag: "GrantOpened",
          clientId: service,
          subjectId: null,
          basis: { _tag: "ClientCredentials" },
          request: null,
          refreshable: false,
          epochs: { issuer: firstEpoch, client: firstEpoch, subject: null },
          expiresAt: at(10),
        },
        {
          _tag: "AccessTokenIssued",
          digest: digest("access-1"),
          generation: 0 as Generation,
          parent: null,
          scopes: scopes("write"),
          resources: resources(FILES),
          expiresAt: at(10),
        },
      )
      .thenReply({
        _tag: "TokensIssued",
        accessToken: { digest: digest("access-1") },
        refreshToken: null,
        isRetry: false,
      })
      .thenState({ grant: { _tag: "Open", code: null, refresh: null } }),

  "authorization details are of the types that the operator registered the client for": () => {
    const asked = { authorizationDetails: details({ type: "mail" }) }
    const registered = (origin: "operator" | "dynamic", ...types: ReadonlyArray<string>) =>
      registerService({ origin, metadata: { ...serviceMetadata, authorization_details_types: types } })
    const generous = { offer: { ...offer, registrationGrants: ["client_credentials" as const] } }
    return [
      given(initialize(), registered("operator", "mail"))
        .when(actForItself(asked))
        .thenEvents({ _tag: "GrantOpened", ...asked }, { _tag: "AccessTokenIssued", ...asked }),
      given(initialize(), registered("operator", "files")).when(actForItself(asked)).thenRefused("details-not-offered"),
      given(...serving)
        .when(actForItself(asked))
        .thenRefused("details-not-offered"),
      given(initialize(), registered("dynamic", "mail"))
        .when(actForItself({ ...asked, ...generous }))
        .thenRefused("details-not-offered"),
    ]
  },

  "who asks for no scope, or an empty list, gets the default": () =>
    [null, []].map((none) =>
      given(...serving)
        .when(actForItself({ scopes: none }))
        .thenEvents(
          { _tag: "GrantOpened", scopes: scopes("read") },
          { _tag: "AccessTokenIssued", scopes: scopes("read") },
        ),
    ),

  "who has no default gets all that is offered and registered, and the default when that is nothing": () => {
    const registered = (scope: string) => registerService({ metadata: { ...serviceMetadata, scope } })
    return [
      given(initialize(), registered("admin write"))
        .when(actForItself())
        .thenReply({ _tag: "TokensIssued", accessToken: { scopes: scopes("admin write") } }),
      given(initialize(), registered("fly"))
        .when(actForItself())
        .thenReply({ _tag: "TokensIssued", accessToken: { scopes: scopes("read") } }),
    ]
  },

  "a scope that is repeated is stored once": () =>
    given(...serving)
      .when(actForItself({ scopes: scopes("write read write") }))
      .thenEvents(
        { _tag: "GrantOpened", scopes: scopes("write read") },
        { _tag: "AccessTokenIssued", scopes: scopes("write read") },
      ),

  "the token is bound to the key that was proved": () =>
    given(...serving)
      .when(actForItself({ jkt: jkt("key") }))
      .thenEvents("GrantOpened", { _tag: "AccessTokenIssued", jkt: jkt("key") }),

  //= RFC9449-5.2-bound-required
  "a client that registered for bound tokens alone gets none for itself without a key": () => {
    const bound = { metadata: { ...serviceMetadata, dpop_bound_access_tokens: true } }
    return [
      given(initialize(), registerService(bound)).when(actForItself()).thenRefused("client-key-missing"),
      given(initialize(), registerService(bound))
        .when(actForItself({ jkt: jkt("key") }))
        .thenEvents("GrantOpened", { _tag: "AccessTokenIssued", jkt: jkt("key") }),
    ]
  },

  "a grant is opened once": () => [
    given(...serving, actForItself())
      .when(actForItself())
      .thenRefused("request-answered"),
    given(...opened, registerService())
      .when(actForItself())
      .thenRefused("request-answered"),
  ],

  "a client that is not known or not registered for it gets nothing": () => [
    given(initialize()).when(actForItself()).thenRefused("client-unknown"),
    given(...standing)
      .when(actForItself({ clientId: app, authentication: "none" }))
      .thenRefused("client-may-not"),
  ],

  "a client that registered itself gets no token that nobody approved, whatever was done with it since": () => {
    const registered = [initialize(), registerService({ origin: "dynamic" })] as const
    const both = { ...serviceMetadata, token_endpoint_auth_method: "client_secret_post" as const }
    return [
      given(...registered)
        .when(actForItself())
        .thenRefused("client-registered-itself"),
      given(...registered, update({ clientId: service, metadata: both }))
        .when(actForItself())
        .thenRefused("client-registered-itself"),
      given(
        ...registered,
        toClient("DisableClient", { clientId: service }),
        toClient("EnableClient", { clientId: service }),
      )
        .when(actForItself())
        .thenRefused("client-registered-itself"),
      given(...registered, rotateSecret({ clientId: service }))
        .when(actForItself())
        .thenRefused("client-registered-itself"),
    ]
  },

  "a token that a named policy gives is the subject's, for the grant type that the client is registered for": () => {
    const exchange = "urn:example:exchange"
    const client = registerService({ metadata: { ...serviceMetadata, grant_types: [exchange] } })
    const basis = { _tag: "Policy", subjectId: alice, approvedAt: at(0), policy: "house rule" } as const
    const asked = actForItself({ grantType: exchange, basis })
    return [
      given(initialize(), client)
        .when(asked)
        .thenEvents(
          { _tag: "GrantOpened", subjectId: alice, basis, epochs: { subject: firstEpoch } },
          "AccessTokenIssued",
        ),
      given(...serving)
        .when(asked)
        .thenRefused("client-may-not"),
      given(initialize(), client, toSubject("DisableSubject")).when(asked).thenRefused("subject-disabled"),
      given(initialize(), client, toSubject("ForgetSubject")).when(asked).thenRefused("subject-forgotten"),
    ]
  },

  "a client that has keys is known when they were proven, and else not": () => [
    given(initialize(), registerSigner()).when(actForItself()).thenEvents("GrantOpened", "AccessTokenIssued"),
    ...(["none", "failed"] as const).map((authentication) =>
      given(initialize(), registerSigner())
        .when(actForItself({ authentication }))
        .thenRefused("client-unauthenticated"),
    ),
  ],

  "a public client gets a token for a subject that a policy stands for, and none for itself": () => {
    const exchange = "urn:example:exchange"
    const metadata = { ...serviceMetadata, token_endpoint_auth_method: "none", grant_types: [exchange] }
    const basis = { _tag: "Policy", subjectId: alice, approvedAt: at(0), policy: "house rule" } as const
    const asked = { grantType: exchange, authentication: "none" } as const
    return [
      given(initialize(), registerService({ metadata, secret: null }))
        .when(actForItself({ ...asked, basis }))
        .thenEvents("GrantOpened", "AccessTokenIssued"),
      given(initialize(), registerService({ metadata, secret: null }))
        .when(actForItself(asked))
        .thenRefused("client-unauthenticated"),
    ]
  },

  "a client that registered itself gets one where the operator offers it": () =>
    given(initialize(), registerService({ origin: "dynamic" }))
      .when(actForItself({ offer: { ...offer, registrationGrants: ["client_credentials"] } }))
      .thenEvents("GrantOpened", "AccessTokenIssued"),

  "a client proves itself with its secret, until that expires and not at that instant": () => {
    const expiring = [initialize(), registerService({ secret: { digest: digest("secret-1"), expiresAt: at(5) } })]
    return [
      given(...serving)
        .when(actForItself({ authentication: "none" }))
        .thenRefused("client-unauthenticated"),
      given(...serving)
        .when(actForItself({ authentication: "failed" }))
        .thenRefused("client-unauthenticated"),
      given(...expiring)
        .when(actForItself({ at: at(5, -1) }))
        .thenEvents("GrantOpened", "AccessTokenIssued"),
      given(...expiring)
        .when(actForItself({ at: at(5) }))
        .thenRefused("client-unauthenticated"),
      given(...expiring)
        .when(actForItself({ at: at(5, 1) }))
        .thenRefused("client-unauthenticated"),
    ]
  },

  "a log without issuer gives no token": () =>
    given(registerService()).when(actForItself()).thenRefused("issuer-not-initialized"),

  "scope and resources are among those offered and registered": () => [
    given(...serving)
      .when(actForItself({ scopes: scopes("fly") }))
      .thenRefused("scope-not-offered"),
    given(initialize(), registerService({ metadata: { ...serviceMetadata, scope: "read" } }))
      .when(actForItself({ scopes: scopes("write") }))
      .thenRefused("scope-not-registered"),
    given(...serving)
      .when(actForItself({ offer: { ...offer, isAnyResourceOffered: false } }))
      .thenRefused("resource-not-offered"),
  ],

  "such a grant cannot be refreshed": () =>
    given(
      initialize(),
      registerService({
        metadata: {
          ...serviceMetadata,
          redirect_uris: standing[1].metadata.redirect_uris,
          grant_types: ["client_credentials", "authorization_code", "refresh_token"],
          response_types: ["code"],
        },
      }),
      actForItself(),
    )
      .when(refresh(1, { clientId: service, authentication: "verified" }))
      .thenRefused("refresh-unknown"),

  "its client can revoke the token": () =>
    given(...serving, actForItself())
      .when(revoke({ clientId: service, authentication: "verified" }))
      .thenEvents({ _tag: "AccessTokenRevoked", digest: digest("access-1") }),
}
