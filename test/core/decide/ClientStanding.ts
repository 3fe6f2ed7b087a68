/** The rules of disabling, enabling and deleting a client. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
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
const enable = toClient("EnableClient")
const remove = toClient("DeleteClient")

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

export const deleteClient: Rules = {
  "a client is deleted once, which raises its epoch; again is no event": () =>
    given(register())
      .when(remove)
      .thenEvents({ _tag: "ClientDeleted", clientId: app, deletedAt: at(1) })
      .thenState({ client: { _tag: "Deleted", epoch: nextEpoch(firstEpoch) } })
      .when(remove)
      .thenEvents(),

  "a disabled client can be deleted": () =>
    given(register(), toClient("DisableClient")).when(remove).thenEvents("ClientDeleted"),

  "a client that never was cannot be deleted": () => given().when(remove).thenRefused("client-unknown"),

  "a deleted client is answered like one that never was": () => [
    given(...standing, remove)
      .when(open())
      .thenRefused("client-unknown"),
    given(...redeemed, remove)
      .when(redeem())
      .thenRefused("client-unknown")
      .when(refresh(1))
      .thenRefused("client-unknown")
      .when(revoke())
      .thenRefused("client-unknown"),
  ],

  "its grants are dead: revoking one appends nothing": () =>
    given(...redeemed, remove)
      .when(revokeGrant())
      .thenEvents(),
}
