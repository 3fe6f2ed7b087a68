/** The rules of enabling a client. */
import { given } from "../../../properties/Scenario.ts"
import { again, app, at, opened, redeem, redeemed, refresh, register, rotated, toClient } from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const disable = toClient("DisableClient")
const enable = toClient("EnableClient")

export const enableClient: Rules = {
  "a client is enabled once; again is no event": () =>
    given(register(), disable)
      .when(enable)
      .thenEvents({ _tag: "ClientEnabled", clientId: app, enabledAt: at(1) })
      .thenState({ client: { status: "enabled" } })
      .when(enable)
      .thenEvents(),

  "a client that is unknown or deleted cannot be enabled": () => [
    given().when(enable).thenRefused("client-unknown"),
    given(register(), toClient("DeleteClient")).when(enable).thenRefused("client-unknown"),
  ],

  "its grants go on where they were": () => [
    given(...opened, disable, enable)
      .when(redeem())
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
    given(...redeemed, disable, enable)
      .when(refresh(1))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),
    given(...rotated, disable, enable)
      .when(again("access-2"))
      .thenEvents("RefreshTokenRetried"),
  ],

  "what expired meanwhile stays expired": () =>
    given(...opened, disable, enable)
      .when(redeem({ at: at(1) }))
      .thenRefused("code-expired"),
}
