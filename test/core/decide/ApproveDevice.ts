/** The rules of saying yes or no to what a device asked for. */
import { given } from "../../../properties/Scenario.ts"
import {
  CALLBACK,
  FILES,
  MAIL,
  alice,
  app,
  approveDevice,
  at,
  denyDevice,
  deviceMetadata,
  digest,
  initialize,
  lifetimes,
  login,
  metadata,
  minutes,
  offer,
  redeem,
  redeemDevice,
  redirectUri,
  register,
  registerDevice,
  resources,
  scopes,
  standing,
  television,
  toClient,
  toSubject,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const there = [initialize(), registerDevice()] as const

export const approvingDevices: Rules = {
  "an approval opens a grant without redirect URI and challenge, whose code is the device code": () =>
    given(...there)
      .when(approveDevice({ at: at(2) }))
      .thenEvents(
        {
          _tag: "GrantOpened",
          grantId: login,
          clientId: television,
          subjectId: alice,
          basis: { _tag: "User", subjectId: alice, approvedAt: at(2) },
          request: null,
          device: { requestedAt: at(0) },
          scopes: scopes("read write"),
          resources: resources(FILES, MAIL),
          refreshable: true,
          openedAt: at(2),
          expiresAt: at(302),
        },
        { _tag: "AuthorizationCodeIssued", digest: digest("device-code"), issuedAt: at(2), expiresAt: at(10) },
      )
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read write"), resources: resources(FILES, MAIL) })
      .thenState({ grant: { _tag: "Open", request: null, code: { digest: digest("device-code") } } }),

  //= RFC8628-3.2-response
  "a device code lives as long as the device was told, and at least as long as a code does": () => [
    given(...there)
      .when(approveDevice({ at: at(0) }))
      .thenReply({ _tag: "CodeIssued", expiresAt: at(10) }),
    given(...there)
      .when(approveDevice({ at: at(10, -1) }))
      .thenReply({ _tag: "CodeIssued", expiresAt: at(11, -1) }),
    given(...there)
      .when(approveDevice({ lifetimes: { ...lifetimes, grant: minutes(3) } }))
      .thenReply({ _tag: "CodeIssued", expiresAt: at(3) }),
  ],

  //= RFC10027-mitigations-short-lived
  "a request is approved until it expires, and not at that instant": () => [
    given(...there)
      .when(approveDevice({ at: at(10) }))
      .thenRefused("request-expired"),
    given(...there)
      .when(approveDevice({ at: at(10, -1) }))
      .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
  ],

  //= RFC10027-mitigations-nothing-unasked
  "nobody is taken to have approved a device without being asked": () =>
    given(...there)
      .when(approveDevice({ basis: { _tag: "Auto", subjectId: alice, approvedAt: at(0) } }))
      .thenRefused("auto-approval-off-loopback"),

  //= RFC10027-mitigations-one-time-codes
  "what a device asked for is answered once": () => [
    given(...there, approveDevice())
      .when(approveDevice())
      .thenRefused("request-answered"),
    given(...there, approveDevice())
      .when(denyDevice())
      .thenRefused("request-answered"),
    given(...there, denyDevice())
      .when(approveDevice())
      .thenRefused("request-answered"),
  ],

  "a client that is not registered for device codes, or not any more, gets no approval": () => [
    given(...standing)
      .when(approveDevice({ clientId: app }))
      .thenRefused("client-may-not"),
    given(...there, update({ clientId: television, metadata: { ...deviceMetadata, grant_types: [] } }))
      .when(approveDevice())
      .thenRefused("client-may-not"),
    given(initialize()).when(approveDevice()).thenRefused("client-unknown"),
    given(...there, toClient("DisableClient", { clientId: television }))
      .when(approveDevice())
      .thenRefused("client-disabled"),
  ],

  "who registered itself gets an approval where the server offers that to such clients": () => {
    const withheld = approveDevice({ offer: { ...offer, registrationGrants: ["authorization_code"] } })
    return [
      given(...there)
        .when(withheld)
        .thenRefused("client-registered-itself"),
      given(initialize(), registerDevice({ origin: "operator" }))
        .when(withheld)
        .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
    ]
  },

  "an account that is disabled or gone approves nothing": () => [
    given(...there, toSubject("DisableSubject"))
      .when(approveDevice())
      .thenRefused("subject-disabled"),
    given(...there, toSubject("ForgetSubject"))
      .when(approveDevice())
      .thenRefused("subject-forgotten"),
  ],

  "a scope or resource that is not offered is refused": () => [
    given(...there)
      .when(approveDevice({ scopes: scopes("unknown") }))
      .thenRefused("scope-not-offered"),
    given(...there)
      .when(approveDevice({ offer: { ...offer, isAnyResourceOffered: false } }))
      .thenRefused("resource-not-offered"),
  ],

  "a client may register for device codes alone, and refresh what comes of them": () =>
    given(initialize()).when(registerDevice()).thenEvents("ClientRegistered"),

  "the code of a device is no authorization code, and an authorization code no device code": () => {
    const both = { ...metadata, redirect_uris: [redirectUri(CALLBACK)] }
    const told = given(
      initialize(),
      register({
        clientId: television,
        metadata: { ...both, grant_types: [...both.grant_types, ...deviceMetadata.grant_types] },
      }),
    )
    return told
      .given(approveDevice())
      .when(redeem({ clientId: television }))
      .thenRefused("code-unknown")
      .when(redeemDevice())
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued")
  },
}

export const denyingDevices: Rules = {
  "a denial answers the device, for good": () =>
    given(...there)
      .when(denyDevice({ at: at(1) }))
      .thenEvents({
        _tag: "GrantDenied",
        grantId: login,
        clientId: television,
        subjectId: alice,
        redirectUri: undefined,
        deviceCode: digest("device-code"),
        deniedAt: at(1),
      })
      .thenReply({ _tag: "Done" })
      .thenState({ grant: { _tag: "Denied", deviceCode: digest("device-code") } })
      .when(denyDevice())
      .thenRefused("request-answered"),

  "a client that is not known has nothing to be denied": () =>
    given(initialize()).when(denyDevice()).thenRefused("client-unknown"),
}
