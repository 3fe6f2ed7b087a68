/** The rules of initializing an issuer, and of raising its epoch. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
import {
  actForItself,
  at,
  digest,
  grantId,
  initialize,
  keyId,
  open,
  raiseEpoch,
  redeem,
  redeemed,
  refresh,
  registerService,
  revoke,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

export const initializeIssuer: Rules = {
  "a log learns its issuer": () =>
    given()
      .when(initialize())
      .thenEvents({
        _tag: "IssuerInitialized",
        issuer: "https://auth.example",
        keyId: keyId("key-1"),
        initializedAt: at(0),
      })
      .thenState({ issuer: { _tag: "Initialized", issuer: "https://auth.example", epoch: firstEpoch } }),

  "an issuer that exists is not initialised again, be it under the same name": () =>
    ["https://auth.example", "https://other.example"].map((issuer) =>
      given(initialize()).when(initialize({ issuer })).thenRefused("issuer-already-initialized").thenReply({
        _tag: "Refused",
        error: "invalid_request",
        description: "this log already has an issuer: `https://auth.example`",
      }),
    ),
}

export const raiseIssuerEpoch: Rules = {
  "each raise is one event and one epoch": () =>
    given(initialize())
      .when(raiseEpoch())
      .thenEvents({ _tag: "IssuerEpochRaised", reason: "a backup was restored", raisedAt: at(1) })
      .thenState({ issuer: { epoch: nextEpoch(firstEpoch) } })
      .when(raiseEpoch())
      .thenEvents("IssuerEpochRaised")
      .thenState({ issuer: { epoch: nextEpoch(nextEpoch(firstEpoch)) } }),

  "an issuer that is not initialised has no epoch to raise": () =>
    given().when(raiseEpoch()).thenRefused("issuer-not-initialized"),

  "every grant opened before ends, without an event of its own": () =>
    given(...redeemed, raiseEpoch())
      .when(refresh(1))
      .thenRefused("grant-ended")
      .when(redeem())
      .thenRefused("grant-ended")
      .when(revoke({ presented: { _tag: "RefreshToken" } }))
      .thenEvents(),

  "a grant of a client for itself ends as well": () =>
    given(initialize(), registerService(), actForItself(), raiseEpoch())
      .when(revoke({ clientId: actForItself().clientId, authentication: "verified" }))
      .thenEvents(),

  "a grant opened afterwards lives": () =>
    given(...redeemed, raiseEpoch())
      .given(open({ grantId: grantId("second"), code: digest("code-2"), at: at(1) }))
      .when(redeem({ grantId: grantId("second"), at: at(1) }))
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
}
