/** The rules of refreshing: rotation, and who is refused. Those of presenting a spent token are in `Retry.ts`. */
import { given } from "../../../properties/Scenario.ts"
import { MAX_LIVE_ACCESS_TOKENS, type CommandOf, type Generation } from "../../../src/core/index.ts"
import {
  FILES,
  MAIL,
  at,
  details,
  digest,
  initialize,
  jkt,
  keyId,
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
  resources,
  rotated,
  scopes,
  service,
  standing,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const second = 2 as Generation
const unspent = {
  grant: { _tag: "Open", refresh: { current: { digest: digest("refresh-1") }, previous: null } },
} as const
const unknown = (over: Partial<CommandOf<"Refresh">> = {}) => refresh(1, { presented: { _tag: "Unknown" }, ...over })

const verified = { clientId: service, authentication: "verified" } as const
const confidential = (client: Partial<CommandOf<"RegisterClient">> = {}, code: Partial<CommandOf<"RedeemCode">> = {}) =>
  [initialize(), registerConfidential(client), open({ clientId: service }), redeem({ ...verified, ...code })] as const

/** A refresh every half minute: all the access tokens, which live for 60 minutes, are alive together. */
const long = { ...lifetimes, accessToken: minutes(60) }
const often = (count: number) =>
  Array.from({ length: count }, (_, index) => refresh(index + 1, { at: at((index + 1) / 2), lifetimes: long }))

export const rotation: Rules = {
  //= MCP-AUTHZ-as-rotate-public
  "a refresh token is spent, and its one successor issued": () =>
    given(...redeemed)
      .when(refresh(1))
      .thenEvents(
        {
          _tag: "RefreshTokenRotated",
          grantId: login,
          digest: digest("refresh-2"),
          generation: second,
          parent: digest("refresh-1"),
          afterVersion: 5,
          keyId: keyId("key-1"),
          rotatedAt: at(1),
          expiresAt: at(61),
        },
        {
          _tag: "AccessTokenIssued",
          digest: digest("access-2"),
          generation: second,
          parent: digest("refresh-1"),
          scopes: scopes("read write"),
          resources: resources(FILES, MAIL),
          expiresAt: at(11),
        },
      )
      .thenReply({
        _tag: "TokensIssued",
        accessToken: { digest: digest("access-2") },
        refreshToken: { digest: digest("refresh-2"), generation: second, afterVersion: 5, expiresAt: at(61) },
        isRetry: false,
      })
      .thenState({
        grant: {
          refresh: {
            current: { digest: digest("refresh-2") },
            previous: { digest: digest("refresh-1"), rotatedAt: at(1), retryCount: 0 },
          },
        },
      }),

  "access tokens already out live to their own end": () =>
    given(...rotated)
      .when(refresh(2, { at: at(2) }))
      .thenState({
        grant: {
          accessTokens: ["access-1", "access-2", "access-3"].map((name) => ({ digest: digest(name) })),
        },
      }),

  //= OAUTH21-4.3.3-rt-scope-identical
  //= OAUTH21-3.2.3-rt-bound-to-grant
  "narrowing holds for the access token and not for the next refresh": () =>
    given(...redeemed)
      .when(refresh(1, { scopes: scopes("read"), resources: resources(FILES) }))
      .thenReply({ _tag: "TokensIssued", accessToken: { scopes: scopes("read"), resources: resources(FILES) } })
      .when(refresh(2))
      .thenReply({
        _tag: "TokensIssued",
        accessToken: { scopes: scopes("read write"), resources: resources(FILES, MAIL) },
      }),

  //= RFC9396-6-narrowing
  "authorization details may be narrowed for a token, and are whole at the next refresh": () => {
    const [all, some] = [
      details({ type: "files", actions: ["read", "write"] }, { type: "mail" }),
      details({ type: "files", actions: ["read"] }),
    ]
    return given(...standing, open({ authorizationDetails: all }), redeem({ authorizationDetails: some }))
      .when(refresh(1, { authorizationDetails: details({ type: "files" }) }))
      .thenRefused("details-exceed-grant")
      .when(refresh(1, { authorizationDetails: some }))
      .thenReply({ _tag: "TokensIssued", accessToken: { authorizationDetails: some } })
      .when(refresh(2))
      .thenReply({ _tag: "TokensIssued", accessToken: { authorizationDetails: all } })
  },

  "a scope, resource or detail that was not granted is refused, and the token stays unspent": () => [
    given(...redeemed)
      .when(refresh(1, { scopes: scopes("read admin") }))
      .thenRefused("scope-exceeds-grant")
      .thenState(unspent),
    given(...redeemed)
      .when(refresh(1, { resources: resources("https://other.example") }))
      .thenRefused("resource-exceeds-grant")
      .thenState(unspent),
    given(...redeemed)
      .when(refresh(1, { authorizationDetails: details({ type: "files" }) }))
      .thenRefused("details-exceed-grant")
      .thenState(unspent),
  ],

  //= OAUTH21-4.3.3-rt-idle-expiry
  "a refresh token is live until it expires, and not at that instant": () => [
    given(...redeemed)
      .when(refresh(1, { at: at(60, -1) }))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),
    given(...redeemed)
      .when(refresh(1, { at: at(60) }))
      .thenRefused("refresh-expired"),
    given(...redeemed)
      .when(refresh(1, { at: at(60, 1) }))
      .thenRefused("refresh-expired"),
  ],

  //= RFC10017-refresh-browser
  "each rotation starts the idle time anew, up to the end of the grant": () =>
    given(...redeemed)
      .when(refresh(1, { at: at(50) }))
      .thenReply({ _tag: "TokensIssued", refreshToken: { expiresAt: at(110) } })
      .given(...[100, 150, 200].map((minute, index) => refresh(index + 2, { at: at(minute) })))
      .when(refresh(5, { at: at(250) }))
      .thenReply({ _tag: "TokensIssued", refreshToken: { expiresAt: at(300) }, accessToken: { expiresAt: at(260) } })
      .when(refresh(6, { at: at(299) }))
      .thenReply({ _tag: "TokensIssued", refreshToken: { expiresAt: at(300) }, accessToken: { expiresAt: at(300) } }),

  "a grant is live until its end, and not at that instant": () => {
    const ending = [...standing, open({ lifetimes: { ...lifetimes, grant: minutes(30) } }), redeem()]
    return [
      given(...ending)
        .when(refresh(1, { at: at(30, -1) }))
        .thenEvents("RefreshTokenRotated", { _tag: "AccessTokenIssued", expiresAt: at(30) }),
      given(...ending)
        .when(refresh(1, { at: at(30) }))
        .thenRefused("grant-ended"),
      given(...ending)
        .when(refresh(1, { at: at(30, 1) }))
        .thenRefused("grant-ended"),
    ]
  },

  "a token that is not known does nothing, not even to the grant it names": () => [
    given(...redeemed)
      .when(unknown())
      .thenRefused("refresh-unknown")
      .thenState(unspent),
    given(...standing)
      .when(refresh(1))
      .thenRefused("refresh-unknown"),
    given(...opened)
      .when(refresh(1))
      .thenRefused("refresh-unknown"),
  ],

  //= OAUTH21-4.3-rt-client-binding
  "another client cannot refresh": () =>
    given(...redeemed, register({ clientId: otherApp }))
      .when(refresh(1, { clientId: otherApp }))
      .thenRefused("refresh-of-another-client")
      .when(refresh(1))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),

  "what is not the client's own is answered like what does not exist": () => {
    const told = given(...redeemed, register({ clientId: otherApp }))
    const { reply } = told.when(unknown()).thenRefused("refresh-unknown").steps.at(-1)?.decision ?? {}
    const words = reply?._tag === "Refused" ? { error: reply.error, description: reply.description } : {}
    return told.when(refresh(1, { clientId: otherApp })).thenReply({ _tag: "Refused", ...words })
  },

  "who is not known or has not proved itself gets nothing": () => {
    const expiring = confidential({ secret: { digest: digest("secret-1"), expiresAt: at(20) } })
    const proved = (minute: number, millis = 0) => refresh(1, { ...verified, at: at(minute, millis) })
    return [
      given(...redeemed)
        .when(refresh(1, { clientId: otherApp }))
        .thenRefused("client-unknown"),
      given(...redeemed)
        .when(refresh(1, { authentication: "failed" }))
        .thenRefused("client-unauthenticated"),
      given(...expiring)
        .when({ ...proved(1), authentication: "none" })
        .thenRefused("client-unauthenticated"),
      given(...expiring)
        .when({ ...proved(1), authentication: "failed" })
        .thenRefused("client-unauthenticated"),
      given(...expiring)
        .when(proved(20, -1))
        .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),
      given(...expiring)
        .when(proved(20))
        .thenRefused("client-unauthenticated"),
    ]
  },

  //= RFC9449-5-rt-bound-public
  "a refresh token that is bound to a key needs that key": () => {
    const boundToKey = [...opened, redeem({ jkt: jkt("key") })]
    return [
      given(...boundToKey)
        .when(refresh(1))
        .thenRefused("refresh-key-wrong")
        .thenState(unspent),
      given(...boundToKey)
        .when(refresh(1, { jkt: jkt("other-key") }))
        .thenRefused("refresh-key-wrong")
        .thenState(unspent),
      given(...boundToKey)
        .when(refresh(1, { jkt: jkt("key") }))
        .thenEvents("RefreshTokenRotated", { _tag: "AccessTokenIssued", jkt: jkt("key") })
        .when(refresh(2))
        .thenRefused("refresh-key-wrong"),
    ]
  },

  //= RFC9449-5.2-bound-required
  "a client that registers for bound tokens alone refreshes no longer without a key": () =>
    given(...redeemed, update({ metadata: { ...metadata, dpop_bound_access_tokens: true } }))
      .when(refresh(1))
      .thenRefused("client-key-missing")
      .thenState(unspent)
      .when(refresh(1, { jkt: jkt("key") }))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: jkt("key") }, { _tag: "AccessTokenIssued", jkt: jkt("key") }),

  "an empty list of scopes or resources asks for all that was granted": () =>
    [{ scopes: [] }, { resources: [] }, { scopes: [], resources: [] }].map((nothing) =>
      given(...redeemed)
        .when(refresh(1, nothing))
        .thenEvents("RefreshTokenRotated", {
          _tag: "AccessTokenIssued",
          scopes: scopes("read write"),
          resources: resources(FILES, MAIL),
        }),
    ),

  "the refresh token of a public client is bound at the first rotation that proves a key": () =>
    given(...redeemed)
      .when(refresh(1))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: null }, { _tag: "AccessTokenIssued", jkt: null })
      .when(refresh(2, { jkt: jkt("key") }))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: jkt("key") }, { _tag: "AccessTokenIssued", jkt: jkt("key") })
      .thenReply({ _tag: "TokensIssued", refreshToken: { jkt: jkt("key") } })
      .thenState({ grant: { refresh: { current: { digest: digest("refresh-3"), jkt: jkt("key") } } } })
      .when(refresh(3))
      .thenRefused("refresh-key-wrong")
      .when(refresh(3, { jkt: jkt("other-key") }))
      .thenRefused("refresh-key-wrong")
      .when(refresh(3, { jkt: jkt("key") }))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: jkt("key") }, { _tag: "AccessTokenIssued", jkt: jkt("key") }),

  "the refresh token of a confidential client is never bound; its access tokens are, each to the key of its time": () =>
    given(...confidential({}, { jkt: jkt("key") }))
      .when(refresh(1, { ...verified, jkt: jkt("key") }))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: null }, { _tag: "AccessTokenIssued", jkt: jkt("key") })
      .when(refresh(2, { ...verified, jkt: jkt("other-key") }))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: null }, { _tag: "AccessTokenIssued", jkt: jkt("other-key") })
      .when(refresh(3, verified))
      .thenEvents({ _tag: "RefreshTokenRotated", jkt: null }, { _tag: "AccessTokenIssued", jkt: null })
      .thenReply({ _tag: "TokensIssued", refreshToken: { jkt: null } }),

  "64 access tokens are alive together; the 65th ends the oldest": () =>
    given(...opened, redeem({ lifetimes: long }), ...often(MAX_LIVE_ACCESS_TOKENS - 2))
      .when(refresh(MAX_LIVE_ACCESS_TOKENS - 1, { at: at(32), lifetimes: long }))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued")
      .when(refresh(MAX_LIVE_ACCESS_TOKENS, { at: at(33), lifetimes: long }))
      .thenEvents(
        "RefreshTokenRotated",
        { _tag: "AccessTokenRevoked", digest: digest("access-1"), reason: "limit", revokedAt: at(33) },
        { _tag: "AccessTokenIssued", digest: digest("access-65") },
      )
      .thenState({
        grant: {
          accessTokens: Array.from({ length: MAX_LIVE_ACCESS_TOKENS }, (_, index) => ({
            digest: digest(`access-${index + 2}`),
          })),
        },
      }),

  "expired access tokens leave with the next issue and do not count": () =>
    given(...opened, redeem({ lifetimes: long }), ...often(MAX_LIVE_ACCESS_TOKENS - 1))
      .when(refresh(MAX_LIVE_ACCESS_TOKENS, { at: at(60), lifetimes: long }))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued")
      .thenState({
        grant: {
          accessTokens: Array.from({ length: MAX_LIVE_ACCESS_TOKENS }, (_, index) => ({
            digest: digest(`access-${index + 2}`),
          })),
        },
      }),
}
