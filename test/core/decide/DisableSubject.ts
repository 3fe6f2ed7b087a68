/** The rules of disabling a subject. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
import { alice, at, grantId, open, redeemed, refresh, toSubject } from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const disable = toSubject("DisableSubject")

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
