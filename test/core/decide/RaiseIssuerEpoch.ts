/** The rules of raising the issuer's epoch. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
import {
  actForItself,
  at,
  digest,
  grantId,
  initialize,
  open,
  raiseEpoch,
  redeem,
  redeemed,
  refresh,
  registerService,
  revoke,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

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
