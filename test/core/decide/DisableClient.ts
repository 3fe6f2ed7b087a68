/** The rules of disabling a client. */
import { given } from "../../../properties/Scenario.ts"
import {
  actForItself,
  again,
  alice,
  app,
  at,
  initialize,
  open,
  opened,
  redeem,
  redeemed,
  refresh,
  register,
  registerService,
  revoke,
  revokeGrant,
  rotated,
  service,
  standing,
  toClient,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const disable = toClient("DisableClient")

export const disableClient: Rules = {
  "a client is disabled once; again is no event": () =>
    given(register())
      .when(disable)
      .thenEvents({ _tag: "ClientDisabled", clientId: app, disabledAt: at(1) })
      .thenState({ client: { status: "disabled" } })
      .when(disable)
      .thenEvents(),

  "a client that is unknown or deleted cannot be disabled": () => [
    given().when(disable).thenRefused("client-unknown"),
    given(register(), toClient("DeleteClient")).when(disable).thenRefused("client-unknown"),
  ],

  "whatever a disabled client asks is refused without effect": () => [
    given(...standing, disable)
      .when(open())
      .thenRefused("client-disabled"),
    given(...opened, disable)
      .when(redeem())
      .thenRefused("client-disabled"),
    given(...redeemed, disable)
      .when(refresh(1))
      .thenRefused("client-disabled"),
    given(...redeemed, disable)
      .when(revoke())
      .thenRefused("client-disabled"),
    given(initialize(), registerService(), toClient("DisableClient", { clientId: service }))
      .when(actForItself())
      .thenRefused("client-disabled"),
  ],

  "a disabled client is not killed by what looks like a replay or a reuse": () => [
    given(...redeemed, disable)
      .when(redeem())
      .thenRefused("client-disabled")
      .thenState({ grant: { _tag: "Open" } }),
    given(...rotated, disable)
      .when(again("access-2", { at: at(9) }))
      .thenRefused("client-disabled")
      .thenState({ grant: { _tag: "Open" } }),
  ],

  "the grant of a disabled client can still be revoked, by its subject or the operator": () =>
    [alice, null].map((subjectId) =>
      given(...redeemed, disable)
        .when(revokeGrant({ subjectId }))
        .thenEvents("GrantRevoked"),
    ),
}
