/** The rules of disabling, enabling and forgetting a subject, and of signing it out everywhere. */
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

const disable = toSubject("DisableSubject")
const enable = toSubject("EnableSubject")
const signOut = toSubject("RevokeSubjectSessions")
const forget = toSubject("ForgetSubject")
const forgotten = { subject: { status: "forgotten", epoch: nextEpoch(firstEpoch) } } as const

export const disableSubject: Rules = {
  "a subject is disabled once, which raises its epoch; again is no event": () =>
    given()
      .when(disable)
      .thenEvents({ _tag: "SubjectDisabled", subjectId: alice, disabledAt: at(1) })
      .thenState({ subject: { status: "disabled", epoch: nextEpoch(firstEpoch) } })
      .when(disable)
      .thenEvents(),

  "every grant it gave before ends": () =>
    given(...redeemed, disable)
      .when(refresh(1))
      .thenRefused("grant-ended"),

  "it gives no new grants": () =>
    given(...redeemed, disable)
      .when(open({ grantId: grantId("second"), at: at(1) }))
      .thenRefused("subject-disabled"),
}

export const enableSubject: Rules = {
  "a subject is enabled once; again, or without having been disabled, is no event": () =>
    given()
      .when(enable)
      .thenEvents()
      .given(disable)
      .when(enable)
      .thenEvents({ _tag: "SubjectEnabled", subjectId: alice, enabledAt: at(1) })
      .thenState({ subject: { status: "enabled" } })
      .when(enable)
      .thenEvents(),

  "the grants that ended when it was disabled stay ended": () =>
    given(...redeemed, disable, enable)
      .when(refresh(1))
      .thenRefused("grant-ended"),

  "it gives grants again": () =>
    given(...redeemed, disable, enable)
      .when(open({ grantId: grantId("second"), at: at(1) }))
      .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
}

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
