/** The rules of forgetting a subject. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
import { alice, at, grantId, open, redeem, redeemed, refresh, subjectId, toSubject } from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const disable = toSubject("DisableSubject")
const enable = toSubject("EnableSubject")
const forget = toSubject("ForgetSubject")
const forgotten = { subject: { status: "forgotten", epoch: nextEpoch(firstEpoch) } } as const

export const forgetSubject: Rules = {
  "a subject is forgotten once, which raises its epoch; again is no event": () =>
    given()
      .when(forget)
      .thenEvents({ _tag: "SubjectForgotten", subjectId: alice, forgottenAt: at(1) })
      .thenState(forgotten)
      .when(forget)
      .thenEvents(),

  //= GTR-3.3-revoke-all
  "every grant it gave before ends, its unspent codes as well": () =>
    given(...redeemed, open({ grantId: grantId("second"), at: at(1) }), forget)
      .when(refresh(1))
      .thenRefused("grant-ended")
      .when(redeem({ grantId: grantId("second"), at: at(1) }))
      .thenRefused("grant-ended"),

  "it gives no new grants": () =>
    given(...redeemed, forget)
      .when(open({ grantId: grantId("second"), at: at(1) }))
      .thenRefused("subject-forgotten"),

  "it is final: enabling is refused, and nothing else changes what it is": () =>
    given(forget)
      .when(enable)
      .thenRefused("subject-forgotten")
      .when(disable)
      .thenEvents()
      .when(toSubject("RevokeSubjectSessions"))
      .thenEvents()
      .thenState(forgotten),

  "one that is disabled can be forgotten": () =>
    given(disable)
      .when(forget)
      .thenEvents("SubjectForgotten")
      .thenState({ subject: { status: "forgotten", epoch: nextEpoch(nextEpoch(firstEpoch)) } }),

  "a log that says otherwise of a forgotten subject is not believed": () =>
    given(forget, { _tag: "SubjectEnabled", subjectId: alice, enabledAt: at(1) })
      .when(enable)
      .thenRefused("subject-forgotten"),

  "the grants of other subjects live on": () =>
    given(...redeemed, toSubject("ForgetSubject", { subjectId: subjectId("bob") }))
      .when(refresh(1))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),
}
