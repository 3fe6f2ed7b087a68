/** The rules of asking with a device code, and of redeeming it. */
import { given } from "../../../properties/Scenario.ts"
import { type Generation } from "../../../src/core/index.ts"
import {
  FILES,
  MAIL,
  app,
  approveDevice,
  at,
  denyDevice,
  deviceMetadata,
  digest,
  initialize,
  jkt,
  metadata,
  opened,
  redeemDevice,
  redeem,
  refresh,
  register,
  registerDevice,
  resources,
  revokeGrant,
  scopes,
  television,
  toClient,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const there = [initialize(), registerDevice()] as const
const approved = [...there, approveDevice()] as const
const redeemed = [...approved, redeemDevice()] as const
const waiting = { clientId: television, expiresAt: at(10) } as const
const device = { clientId: television } as const
const otherTelevision = [register({ clientId: app, metadata: deviceMetadata })] as const
const alive = { grant: { _tag: "Open" } } as const

export const redeemingDeviceCodes: Rules = {
  "an approved device code gives an access token and the first refresh token": () =>
    given(...approved)
      .when(redeemDevice())
      .thenEvents(
        { _tag: "AuthorizationCodeRedeemed", redeemedAt: at(0) },
        {
          _tag: "AccessTokenIssued",
          digest: digest("access-1"),
          generation: 1 as Generation,
          parent: digest("device-code"),
          scopes: scopes("read write"),
          resources: resources(FILES, MAIL),
        },
        { _tag: "RefreshTokenIssued", digest: digest("refresh-1"), parent: digest("device-code"), afterVersion: 2 },
      )
      .when(refresh(1, device))
      .thenReply({ _tag: "TokensIssued", isRetry: false }),

  //= RFC8628-3.5-polling
  "while nobody has answered, asking is answered with pending and changes nothing": () =>
    given(...there)
      .when(redeemDevice({ waiting }))
      .thenRefused("authorization-pending")
      .thenState({ grant: { _tag: "Absent" } }),

  //= RFC8628-3.5-expired-token
  "what nobody answered expires, at that instant": () => [
    given(...there)
      .when(redeemDevice({ waiting, at: at(10, -1) }))
      .thenRefused("authorization-pending"),
    given(...there)
      .when(redeemDevice({ waiting, at: at(10) }))
      .thenRefused("device-code-expired"),
  ],

  //= RFC8628-3.5-expired-token
  "what was approved and not asked for in time expires, and is not redeemed": () => [
    given(...approved)
      .when(redeemDevice({ at: at(10, -1) }))
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
    given(...approved)
      .when(redeemDevice({ at: at(10) }))
      .thenRefused("device-code-expired"),
  ],

  //= RFC8628-3.5-expired-token
  "a device that was denied is told so whenever it asks": () =>
    given(...there, denyDevice())
      .when(redeemDevice())
      .thenRefused("device-request-denied")
      .when(redeemDevice({ at: at(20) }))
      .thenRefused("device-request-denied")
      .when(redeemDevice({ isCodeKnown: false }))
      .thenRefused("device-code-unknown"),

  //= RFC8628-3.4-single-use
  "a device code that was redeemed is refused, and its grant dies": () =>
    given(...redeemed)
      .when(redeemDevice())
      .thenRefused("device-code-replayed", "AuthorizationCodeReplayed", {
        _tag: "GrantRevoked",
        reason: "code_replayed",
      })
      .when(redeemDevice())
      .thenRefused("grant-ended")
      .when(refresh(1, device))
      .thenRefused("grant-ended"),

  "expiry does not matter once a device code was redeemed": () =>
    given(...redeemed)
      .when(redeemDevice({ at: at(20) }))
      .thenRefused("device-code-replayed", "AuthorizationCodeReplayed", "GrantRevoked"),

  //= RFC8628-3.4-device-code-client
  "another client can neither redeem a device code nor kill by replaying it, and leaves no trace": () => {
    const foreign = redeemDevice({ clientId: app })
    return [
      given(...approved, ...otherTelevision)
        .when(foreign)
        .thenRefused("device-code-of-another-client")
        .when(redeemDevice())
        .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued")
        .when(foreign)
        .thenRefused("device-code-of-another-client")
        .thenState(alive),
      given(...there, ...otherTelevision)
        .when({ ...foreign, waiting })
        .thenRefused("device-code-of-another-client"),
      given(...there, ...otherTelevision, denyDevice())
        .when(foreign)
        .thenRefused("device-code-of-another-client"),
    ]
  },

  "what is not the client's own is answered like what does not exist": () => {
    const told = given(...approved, ...otherTelevision)
    const unknown = told.when(redeemDevice({ isCodeKnown: false })).thenRefused("device-code-unknown")
    const { reply } = unknown.steps.at(-1)?.decision ?? {}
    const words = reply?._tag === "Refused" ? { error: reply.error, description: reply.description } : {}
    return told.when(redeemDevice({ clientId: app })).thenReply({ _tag: "Refused", ...words })
  },

  "a device code that is not known does nothing, whatever waits": () => [
    given(...there)
      .when(redeemDevice())
      .thenRefused("device-code-unknown"),
    given(...there)
      .when(redeemDevice({ isCodeKnown: false, waiting }))
      .thenRefused("device-code-unknown"),
    given(...redeemed)
      .when(redeemDevice({ isCodeKnown: false }))
      .thenRefused("device-code-unknown")
      .thenState(alive),
  ],

  "an authorization code is not redeemed as a device code, not even by its own client": () => {
    const both = { ...metadata, grant_types: [...metadata.grant_types, ...deviceMetadata.grant_types] }
    return given(...opened, update({ metadata: both }))
      .when(redeemDevice({ clientId: app }))
      .thenRefused("device-code-unknown")
      .when(redeem())
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued")
      .when(redeemDevice({ clientId: app }))
      .thenRefused("device-code-unknown")
      .thenState(alive)
  },

  //= RFC8628-3.1-client-authenticates
  "who is not known, has not proved itself, or may not use device codes gets nothing": () => [
    given(...approved)
      .when(redeemDevice({ clientId: app }))
      .thenRefused("client-unknown"),
    given(...approved)
      .when(redeemDevice({ authentication: "failed" }))
      .thenRefused("client-unauthenticated"),
    given(...approved, register())
      .when(redeemDevice({ clientId: app }))
      .thenRefused("client-may-not"),
    given(...approved, toClient("DisableClient", device))
      .when(redeemDevice())
      .thenRefused("client-disabled"),
  ],

  "tokens are narrowed to the resources asked for, and to nothing that was not granted": () => [
    given(...approved)
      .when(redeemDevice({ resources: resources(MAIL) }))
      .thenReply({ _tag: "TokensIssued", accessToken: { resources: resources(MAIL) } }),
    given(...approved)
      .when(redeemDevice({ resources: resources("https://other.example") }))
      .thenRefused("resource-exceeds-grant")
      .thenState({ grant: { _tag: "Open", code: { redeemedAt: null } } }),
  ],

  "both tokens of a public client are bound to the key that was proved": () =>
    given(...approved)
      .when(redeemDevice({ jkt: jkt("key") }))
      .thenReply({ _tag: "TokensIssued", accessToken: { jkt: jkt("key") }, refreshToken: { jkt: jkt("key") } }),

  //= RFC9449-5.2-bound-required
  "a client that registered for bound tokens alone redeems no device code without a key, and spends none": () => {
    const bound = { metadata: { ...deviceMetadata, dpop_bound_access_tokens: true } }
    return given(initialize(), registerDevice(bound), approveDevice())
      .when(redeemDevice())
      .thenRefused("client-key-missing")
      .when(redeemDevice({ jkt: jkt("key") }))
      .thenEvents("AuthorizationCodeRedeemed", { _tag: "AccessTokenIssued", jkt: jkt("key") }, "RefreshTokenIssued")
  },

  "a grant that ended before the device asked gives nothing": () => [
    given(...approved, revokeGrant())
      .when(redeemDevice())
      .thenRefused("grant-ended"),
    given(...approved)
      .when(redeemDevice({ at: at(300) }))
      .thenRefused("grant-ended"),
  ],
}
