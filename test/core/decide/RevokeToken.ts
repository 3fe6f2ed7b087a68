/** The rules of revoking a token. */
import { given } from "../../../properties/Scenario.ts"
import {
  again,
  at,
  digest,
  initialize,
  login,
  opened,
  otherApp,
  raiseEpoch,
  redeemed,
  refresh,
  refuseConsent,
  register,
  registerService,
  revoke,
  rotated,
  service,
  standing,
  toSubject,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const refreshToken = revoke({ presented: { _tag: "RefreshToken" } })
const alive = { grant: { _tag: "Open" } } as const

export const revokeToken: Rules = {
  "an access token ends itself alone": () =>
    given(...rotated)
      .when(revoke())
      .thenEvents({ _tag: "AccessTokenRevoked", digest: digest("access-1"), reason: "client", revokedAt: at(1) })
      .thenReply({ _tag: "Done" })
      .thenState({ grant: { _tag: "Open", accessTokens: [{ digest: digest("access-2") }] } })
      .when(refresh(2))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),

  "an access token that ended is not ended again, nor does it end the grant": () =>
    given(...redeemed, revoke())
      .when(revoke())
      .thenEvents()
      .when(revoke({ cascade: true }))
      .thenEvents()
      .thenReply({ _tag: "Done" })
      .thenState(alive),

  "an access token is one until it expires, and not at that instant": () => [
    given(...redeemed)
      .when(revoke({ at: at(10, -1) }))
      .thenEvents("AccessTokenRevoked"),
    given(...redeemed)
      .when(revoke({ cascade: true, at: at(10, -1) }))
      .thenEvents("GrantRevoked"),
    ...[false, true].flatMap((cascade) =>
      [at(10), at(10, 1)].map((end) =>
        given(...redeemed)
          .when(revoke({ cascade, at: end }))
          .thenEvents()
          .thenReply({ _tag: "Done" })
          .thenState(alive),
      ),
    ),
  ],

  "a digest that the grant has not alive changes nothing, with cascade or without": () =>
    [false, true].flatMap((cascade) =>
      ["never-issued", "refresh-1", "code"].map((name) =>
        given(...redeemed)
          .when(revoke({ cascade, presented: { _tag: "AccessToken", digest: digest(name) } }))
          .thenEvents()
          .thenReply({ _tag: "Done" })
          .thenState(alive),
      ),
    ),

  "with cascade an access token ends the grant": () =>
    given(...redeemed)
      .when(revoke({ cascade: true }))
      .thenEvents({ _tag: "GrantRevoked", grantId: login, reason: "client", revokedAt: at(1) }),

  //= RFC7009-2-revoke-refresh
  //= RFC7009-2.1-cascade
  "a refresh token ends the grant, with or without cascade, spent or not": () =>
    [false, true].flatMap((cascade) =>
      [redeemed, rotated].map((facts) =>
        given(...facts)
          .when({ ...refreshToken, cascade })
          .thenEvents({ _tag: "GrantRevoked", grantId: login, reason: "client" })
          .thenState({ grant: { _tag: "Revoked" } }),
      ),
    ),

  "after that nothing comes of the grant, and nothing more is recorded": () =>
    given(...rotated, refreshToken)
      .when(refresh(2))
      .thenRefused("grant-ended")
      .when(again("access-2"))
      .thenRefused("grant-ended")
      .when(refreshToken)
      .thenEvents()
      .when(revoke({ cascade: true }))
      .thenEvents(),

  "what is not known is answered alike and changes nothing": () => [
    given(...redeemed)
      .when(revoke({ presented: { _tag: "Unknown" } }))
      .thenEvents()
      .thenReply({ _tag: "Done" }),
    given(...redeemed)
      .when(revoke({ presented: { _tag: "Unknown" }, cascade: true }))
      .thenEvents(),
    given(...standing)
      .when(refreshToken)
      .thenEvents(),
    given(...standing, refuseConsent())
      .when(refreshToken)
      .thenEvents(),
  ],

  //= RFC7009-2.1-owner-only
  "what is another client's is answered alike and changes nothing": () =>
    [revoke(), revoke({ cascade: true }), refreshToken].map((command) =>
      given(...redeemed, register({ clientId: otherApp }))
        .when({ ...command, clientId: otherApp })
        .thenEvents()
        .thenReply({ _tag: "Done" })
        .thenState(alive),
    ),

  "who is not known or has not proved itself revokes nothing": () => [
    given(...redeemed)
      .when(revoke({ clientId: otherApp }))
      .thenRefused("client-unknown"),
    given(...redeemed)
      .when(revoke({ authentication: "failed" }))
      .thenRefused("client-unauthenticated"),
    given(initialize(), registerService())
      .when(revoke({ clientId: service, authentication: "none" }))
      .thenRefused("client-unauthenticated"),
  ],

  "a grant that died of its time or its epochs appends nothing": () => [
    given(...redeemed)
      .when({ ...refreshToken, at: at(300, -1) })
      .thenEvents("GrantRevoked"),
    given(...redeemed)
      .when({ ...refreshToken, at: at(300) })
      .thenEvents(),
    given(...redeemed, raiseEpoch())
      .when(refreshToken)
      .thenEvents(),
    given(...redeemed, toSubject("DisableSubject"))
      .when(refreshToken)
      .thenEvents(),
  ],

  "a grant whose code was not redeemed has no token to revoke": () =>
    given(...opened)
      .when(revoke())
      .thenEvents()
      .when(revoke({ cascade: true }))
      .thenEvents(),
}
