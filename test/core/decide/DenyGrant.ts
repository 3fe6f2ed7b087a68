/** The rules of denying a grant. */
import { given } from "../../../properties/Scenario.ts"
import {
  CALLBACK,
  alice,
  app,
  at,
  initialize,
  login,
  metadata,
  open,
  opened,
  redeem,
  redirectUri,
  refresh,
  refuseConsent,
  register,
  standing,
  toClient,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

export const denyGrant: Rules = {
  "a denial answers the request, for good": () =>
    given(...standing)
      .when(refuseConsent())
      .thenEvents({
        _tag: "GrantDenied",
        grantId: login,
        clientId: app,
        subjectId: alice,
        redirectUri: redirectUri(CALLBACK),
        deniedAt: at(0),
      })
      .thenReply({ _tag: "Done" })
      .thenState({ grant: { _tag: "Denied" } })
      .when(open())
      .thenRefused("request-answered"),

  "a request that was answered is not denied": () => [
    given(...opened)
      .when(refuseConsent())
      .thenRefused("request-answered"),
    given(...standing, refuseConsent())
      .when(refuseConsent())
      .thenRefused("request-answered"),
  ],

  "a client that is not known, or no longer, has nothing to be denied": () => [
    given(initialize()).when(refuseConsent()).thenRefused("client-unknown"),
    given(initialize(), register(), toClient("DeleteClient")).when(refuseConsent()).thenRefused("client-unknown"),
  ],

  "a redirect URI that is not registered is sent no denial": () =>
    ["https://evil.example/callback", `${CALLBACK}/`].map((uri) =>
      given(...standing)
        .when(refuseConsent({ redirectUri: redirectUri(uri) }))
        .thenRefused("redirect-uri-unregistered")
        .thenState({ grant: { _tag: "Absent" } })
        .when(open())
        .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
    ),

  "the port of a loopback redirect URI is free": () =>
    given(
      initialize(),
      register({ metadata: { ...metadata, redirect_uris: [redirectUri("http://127.0.0.1:8080/cb")] } }),
    )
      .when(refuseConsent({ redirectUri: redirectUri("http://127.0.0.1:49152/cb") }))
      .thenEvents("GrantDenied"),

  "nothing comes of a denied grant": () =>
    given(...standing, refuseConsent())
      .when(redeem())
      .thenRefused("code-unknown")
      .when(refresh(1))
      .thenRefused("refresh-unknown"),
}
