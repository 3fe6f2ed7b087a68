/** The rules of revoking a grant. */
import { given } from "../../../properties/Scenario.ts"
import {
  actForItself,
  alice,
  at,
  initialize,
  login,
  opened,
  redeem,
  redeemed,
  refresh,
  refuseConsent,
  registerService,
  revokeGrant as revoke,
  standing,
  subjectId,
  toSubject,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

export const revokeGrant: Rules = {
  //= OAUTH21-7.9-user-can-revoke
  "a grant ends, and says who ended it": () =>
    (
      [
        ["subject", alice],
        ["operator", null],
      ] as const
    ).map(([reason, by]) =>
      given(...redeemed)
        .when(revoke({ subjectId: by }))
        .thenEvents({ _tag: "GrantRevoked", grantId: login, reason, revokedAt: at(1) })
        .thenState({ grant: { _tag: "Revoked", reason, revokedAt: at(1) } })
        .when(refresh(1))
        .thenRefused("grant-ended"),
    ),

  //= OAUTH21-7.9-user-can-revoke
  "what another subject gave is answered alike and lives on": () =>
    given(...redeemed)
      .when(revoke({ subjectId: subjectId("bob") }))
      .thenEvents()
      .thenReply({ _tag: "Done" })
      .thenState({ grant: { _tag: "Open" } })
      .when(refresh(1))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),

  "what a client was given for itself is nobody's but the operator's to revoke": () =>
    given(initialize(), registerService(), actForItself())
      .when(revoke())
      .thenEvents()
      .when(revoke({ subjectId: null }))
      .thenEvents({ _tag: "GrantRevoked", reason: "operator" }),

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
      .when(revoke({ subjectId: null }))
      .thenEvents(),
    given(...redeemed, toSubject("RevokeSubjectSessions"))
      .when(revoke())
      .thenEvents(),
    given(...redeemed)
      .when(revoke({ at: at(300) }))
      .thenEvents(),
  ],
}
