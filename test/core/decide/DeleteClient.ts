/** The rules of deleting a client. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch } from "../../../src/core/index.ts"
import {
  app,
  at,
  open,
  redeem,
  redeemed,
  refresh,
  register,
  revoke,
  revokeGrant,
  standing,
  toClient,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const remove = toClient("DeleteClient")

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
