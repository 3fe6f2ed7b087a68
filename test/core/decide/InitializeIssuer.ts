/** The rules of initialising an issuer. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch } from "../../../src/core/index.ts"
import { at, initialize, keyId } from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

export const initializeIssuer: Rules = {
  "a log learns its issuer": () =>
    given()
      .when(initialize())
      .thenEvents({
        _tag: "IssuerInitialized",
        issuer: "https://auth.example",
        keyId: keyId("key-1"),
        initializedAt: at(0),
      })
      .thenState({ issuer: { _tag: "Initialized", issuer: "https://auth.example", epoch: firstEpoch } }),

  "an issuer that exists is not initialised again, be it under the same name": () =>
    ["https://auth.example", "https://other.example"].map((issuer) =>
      given(initialize()).when(initialize({ issuer })).thenRefused("issuer-already-initialized").thenReply({
        _tag: "Refused",
        error: "invalid_request",
        description: "this log already has an issuer: `https://auth.example`",
      }),
    ),
}
