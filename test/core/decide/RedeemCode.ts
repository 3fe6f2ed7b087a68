/** The rules of redeeming a code. Those of wrong and repeated attempts are in `RedeemCodeAgain.ts`. */
import { given } from "../../../properties/Scenario.ts"
import { type Generation } from "../../../src/core/index.ts"
import {
  FILES,
  MAIL,
  actForItself,
  app,
  at,
  digest,
  initialize,
  jkt,
  lifetimes,
  login,
  metadata,
  minutes,
  open,
  opened,
  otherApp,
  redeem,
  redeemed,
  refresh,
  register,
  registerConfidential,
  registerService,
  resources,
  revoke,
  revokeGrant,
  scopes,
  service,
  standing,
  toClient,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const first = 1 as Generation
const unredeemed = { grant: { _tag: "Open", code: { redeemedAt: null } } } as const
const alive = { grant: { _tag: "Open" } } as const

export const redeemCode: Rules = {
  "a code that was asked for without a challenge is redeemed without a verifier, and with none": () => {
    const { request } = open()
    const unchallenged = [
      initialize(),
      registerConfidential({ policy: "first-party" }),
      open({ clientId: service, request: { ...request, codeChallenge: null } }),
    ] as const
    const own = { clientId: service, authentication: "verified" } as const
    return [
      given(...unchallenged)
        .when(redeem({ ...own, verifier: null }))
        .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
      given(...unchallenged)
        .when(redeem(own))
        .thenRefused("code-attempt-wrong", { _tag: "AuthorizationCodeAttemptRefused", fault: "verifier_wrong" }),
    ]
  },

  "a code gives an access token and the first refresh token": () =>
    given(...opened)
      .when(redeem())
      .thenEvents(
        { _tag: "AuthorizationCodeRedeemed", grantId: login, redeemedAt: at(0) },
        {
          _tag: "AccessTokenIssued",
          digest: digest("access-1"),
          generation: first,
          parent: digest("code"),
          scopes: scopes("read write"),
          resources: resources(FILES, MAIL),
          jkt: null,
          issuedAt: at(0),
          expiresAt: at(10),
        },
        {
          _tag: "RefreshTokenIssued",
          digest: digest("refresh-1"),
          generation: first,
          parent: digest("code"),
          afterVersion: 2,
          jkt: null,
          issuedAt: at(0),
          expiresAt: at(60),
        },
      )
      .thenReply({
        _tag: "TokensIssued",
        accessToken: { digest: digest("access-1"), expiresAt: at(10) },
        refreshToken: { digest: digest("refresh-1"), afterVersion: 2, expiresAt: at(60) },
        isRetry: false,
      }),

  "a grant that cannot be refreshed gives an access token alone": () =>
    given(initialize(), register({ metadata: { ...metadata, grant_types: ["authorization_code"] } }), open())
      .when(redeem())
      .thenEvents("AuthorizationCodeRedeemed", { _tag: "AccessTokenIssued", generation: 0 as Generation })
      .thenReply({ _tag: "TokensIssued", refreshToken: null }),

  "a redirect URI may be left out": () =>
    given(...opened)
      .when(redeem({ redirectUri: null }))
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),

  //= OAUTH21-4.1.2-code-short-life
  "a code is live until it expires, and not at that instant": () => [
    given(...opened)
      .when(redeem({ at: at(1, -1) }))
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
    given(...opened)
      .when(redeem({ at: at(1) }))
      .thenRefused("code-expired"),
    given(...opened)
      .when(redeem({ at: at(1, 1) }))
      .thenRefused("code-expired"),
  ],

  "a wrong attempt on an expired code is not recorded": () =>
    given(...opened)
      .when(redeem({ verifier: null, at: at(1) }))
      .thenRefused("code-expired"),

  "a code that is not known does nothing, not even to the grant it names": () => [
    given(...opened)
      .when(redeem({ isCodeKnown: false }))
      .thenRefused("code-unknown"),
    given(...redeemed)
      .when(redeem({ isCodeKnown: false }))
      .thenRefused("code-unknown")
      .thenState(alive),
    given(...standing)
      .when(redeem())
      .thenRefused("code-unknown"),
  ],

  "a grant without code has none to redeem": () =>
    given(
      initialize(),
      registerService({
        metadata: {
          ...metadata,
          token_endpoint_auth_method: "client_secret_basic",
          grant_types: ["authorization_code", "client_credentials"],
        },
      }),
      actForItself(),
    )
      .when(redeem({ clientId: service, authentication: "verified" }))
      .thenRefused("code-unknown"),

  //= OAUTH21-4.1.3-code-client-binding
  //= A15
  "another client cannot redeem a code, nor kill by replaying it, nor leave a trace": () => {
    const foreign = redeem({ clientId: otherApp })
    return [
      given(...opened, register({ clientId: otherApp }))
        .when(foreign)
        .thenRefused("code-of-another-client")
        .when(redeem())
        .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued")
        .when(foreign)
        .thenRefused("code-of-another-client")
        .when({ ...foreign, verifier: null })
        .thenRefused("code-of-another-client"),
      given(...redeemed, revokeGrant(), register({ clientId: otherApp }))
        .when(foreign)
        .thenRefused("code-of-another-client"),
    ]
  },

  "what is not the client's own is answered like what does not exist": () => {
    const told = given(...opened, register({ clientId: otherApp }))
    const unknown = told.when(redeem({ isCodeKnown: false })).thenRefused("code-unknown")
    const { reply } = unknown.steps.at(-1)?.decision ?? {}
    const words = reply?._tag === "Refused" ? { error: reply.error, description: reply.description } : {}
    return [
      told.when(redeem({ clientId: otherApp })).thenReply({ _tag: "Refused", ...words }),
      told.when(redeem({ at: at(1) })).thenReply({ _tag: "Refused", ...words }),
    ]
  },

  "who is not known or has not proved itself gets nothing": () => [
    given(...opened)
      .when(redeem({ clientId: otherApp }))
      .thenRefused("client-unknown"),
    given(...opened)
      .when(redeem({ authentication: "failed" }))
      .thenRefused("client-unauthenticated"),
    given(...opened)
      .when(redeem({ authentication: "verified" }))
      .thenRefused("client-unauthenticated"),
  ],

  "a client that may no longer use codes is refused without effect": () =>
    given(...opened, update({ metadata: { ...metadata, redirect_uris: [], grant_types: [], response_types: [] } }))
      .when(redeem())
      .thenRefused("client-may-not"),

  "tokens are narrowed to the resources asked for; the grant is not": () =>
    given(...opened)
      .when(redeem({ resources: resources(MAIL) }))
      .thenEvents(
        "AuthorizationCodeRedeemed",
        { _tag: "AccessTokenIssued", resources: resources(MAIL), scopes: scopes("read write") },
        "RefreshTokenIssued",
      )
      .when(refresh(1))
      .thenReply({ _tag: "TokensIssued", accessToken: { resources: resources(FILES, MAIL) } }),

  "a resource that was not granted is refused without effect": () =>
    given(...opened)
      .when(redeem({ resources: resources(FILES, "https://other.example") }))
      .thenRefused("resource-exceeds-grant")
      .thenState(unredeemed),

  "a resource is named as it was granted, however it was asked for": () =>
    given(...standing, open({ resources: resources("https://files.example") }))
      .when(redeem({ resources: resources("HTTPS://Files.Example/") }))
      .thenReply({ _tag: "TokensIssued", accessToken: { resources: resources("https://files.example") } }),

  "an empty list of resources asks for all that was granted": () =>
    given(...opened)
      .when(redeem({ resources: [] }))
      .thenEvents(
        "AuthorizationCodeRedeemed",
        { _tag: "AccessTokenIssued", resources: resources(FILES, MAIL) },
        "RefreshTokenIssued",
      ),

  //= RFC9449-5-rt-bound-public
  "both tokens of a public client are bound to the key that was proved": () =>
    given(...opened)
      .when(redeem({ jkt: jkt("key") }))
      .thenEvents(
        "AuthorizationCodeRedeemed",
        { _tag: "AccessTokenIssued", jkt: jkt("key") },
        { _tag: "RefreshTokenIssued", jkt: jkt("key") },
      )
      .thenReply({ _tag: "TokensIssued", refreshToken: { jkt: jkt("key") } })
      .thenState({ grant: { refresh: { current: { jkt: jkt("key") } } } }),

  //= RFC9449-5.2-bound-required
  "a client that registered for bound tokens alone redeems no code without a key, and spends none": () => {
    const bound = { metadata: { ...metadata, dpop_bound_access_tokens: true } }
    return given(initialize(), register(bound), open())
      .when(redeem())
      .thenRefused("client-key-missing")
      .when(redeem({ jkt: jkt("key") }))
      .thenEvents("AuthorizationCodeRedeemed", { _tag: "AccessTokenIssued", jkt: jkt("key") }, "RefreshTokenIssued")
  },

  "the access token of a confidential client is bound, its refresh token is not": () =>
    given(initialize(), registerConfidential(), open({ clientId: service }))
      .when(redeem({ clientId: service, authentication: "verified", jkt: jkt("key") }))
      .thenEvents(
        "AuthorizationCodeRedeemed",
        { _tag: "AccessTokenIssued", jkt: jkt("key") },
        { _tag: "RefreshTokenIssued", jkt: null },
      )
      .thenReply({ _tag: "TokensIssued", refreshToken: { jkt: null } })
      .thenState({ grant: { refresh: { current: { jkt: null } } } }),

  "no token outlives the grant": () =>
    given(...standing, open({ lifetimes: { ...lifetimes, grant: minutes(5) } }))
      .when(redeem())
      .thenEvents(
        "AuthorizationCodeRedeemed",
        { _tag: "AccessTokenIssued", expiresAt: at(5) },
        { _tag: "RefreshTokenIssued", expiresAt: at(5) },
      ),

  "a grant that ended gives nothing and records nothing": () => [
    given(...opened, revokeGrant())
      .when(redeem())
      .thenRefused("grant-ended"),
    given(...redeemed, revoke({ presented: { _tag: "RefreshToken" } }))
      .when(redeem())
      .thenRefused("grant-ended"),
    given(...redeemed)
      .when(redeem({ at: at(300, -1) }))
      .thenRefused("code-replayed", "AuthorizationCodeReplayed", "GrantRevoked"),
    given(...redeemed)
      .when(redeem({ at: at(300) }))
      .thenRefused("grant-ended"),
  ],

  "a client that was deleted and the grants of others have nothing to do with one another": () =>
    given(...opened, register({ clientId: otherApp }), toClient("DeleteClient", { clientId: otherApp }))
      .when(redeem({ clientId: app }))
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
}
