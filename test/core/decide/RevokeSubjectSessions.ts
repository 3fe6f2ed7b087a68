/** The rules of signing a subject out everywhere. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
import {
  alice,
  at,
  grantId,
  open,
  redeem,
  redeemed,
  refresh,
  revokeGrant,
  subjectId,
  toSubject,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const signOut = toSubject("RevokeSubjectSessions")

export const revokeSubjectSessions: Rules = {
  "a subject needs no history to be signed out, and stays enabled": () =>
    given()
      .when(signOut)
      .thenEvents({ _tag: "SubjectSessionsRevoked", subjectId: alice, revokedAt: at(1) })
      .thenState({ subject: { status: "enabled", epoch: nextEpoch(firstEpoch) } }),

  //= GTR-3.3-revoke-all
  "every grant it gave before ends, without an event of its own": () =>
    given(...redeemed, signOut)
      .when(refresh(1))
      .thenRefused("grant-ended")
      .when(redeem())
      .thenRefused("grant-ended")
      .when(revokeGrant())
      .thenEvents(),

  "a grant it gives afterwards lives": () =>
    given(...redeemed, signOut, open({ grantId: grantId("second"), at: at(1) }))
      .when(redeem({ grantId: grantId("second"), at: at(1) }))
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),

  "the grants of other subjects live on": () =>
    given(...redeemed, toSubject("RevokeSubjectSessions", { subjectId: subjectId("bob") }))
      .when(refresh(1))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),
}
