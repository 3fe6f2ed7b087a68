/** The rules of enabling a subject. */
import { given } from "../../../properties/Scenario.ts"
import { alice, at, grantId, open, redeemed, refresh, toSubject } from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const disable = toSubject("DisableSubject")
const enable = toSubject("EnableSubject")

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
