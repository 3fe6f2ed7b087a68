/** The rules of rotating a client's secret. */
import { given } from "../../../properties/Scenario.ts"
import { app, at, digest, register, registerService, rotateSecret, service, toClient } from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const secret = { digest: digest("secret-2"), expiresAt: at(60) }

export const rotateClientSecret: Rules = {
  "the new secret replaces the old one": () =>
    given(registerService())
      .when(rotateSecret({ secret }))
      .thenEvents({ _tag: "ClientSecretRotated", clientId: service, secret, rotatedAt: at(1) })
      .thenReply({ _tag: "ClientStored", client: { secret } })
      .thenState({ client: { secret } }),

  "a client that is unknown or deleted gets no secret": () => [
    given().when(rotateSecret()).thenRefused("client-unknown"),
    given(registerService(), toClient("DeleteClient", { clientId: service }))
      .when(rotateSecret())
      .thenRefused("client-unknown"),
  ],

  "a public client gets no secret": () =>
    given(register())
      .when(rotateSecret({ clientId: app }))
      .thenRefused("client-public-with-secret"),
}
