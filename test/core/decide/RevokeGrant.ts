/** The rules of revoking a grant. */
import { given } from "../../../properties/Scenario.ts"
import {
  at,
  login,
  opened,
  redeem,
  redeemed,
  refresh,
  revokeGrant as revoke,
  standing,
  refuseConsent,
  toSubject,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

export const revokeGrant: Rules = {
  "a grant ends, and says who ended it": () =>
    (["subject", "operator"] as const).map((by) =>
      given(...redeemed)
        .when(revoke({ by }))
        .thenEvents({ _tag: "GrantRevoked", grantId: login, reason: by, revokedAt: at(1) })
        .thenState({ grant: { _tag: "Revoked", reason: by, revokedAt: at(1) } })
        .when(refresh(1))
        .thenRefused("grant-ended"),
    ),

  "a code that was not redeemed ends with it": () =>
    given(...opened, revoke({ at: at(0) }))
      .when(redeem())
      .thenRefused("grant-ended"),

  "a grant that is not alive appends nothing": () => [
    given(...standing)
      .when(revoke())
      .thenEvents(),
    given(...standing, refuseConsent())
      .when(revoke())
      .thenEvents(),
    given(...redeemed, revoke())
      .when(revoke({ by: "operator" }))
      .thenEvents(),
    given(...redeemed, toSubject("RevokeSubjectSessions"))
      .when(revoke())
      .thenEvents(),
    given(...redeemed)
      .when(revoke({ at: at(300) }))
      .thenEvents(),
  ],
}
