/** The rules for clients that a document describes: known from an approval on, and granted what was approved of it. */
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch, type ClientMetadata } from "../../../src/core/index.ts"
import {
  actForItself,
  clientId,
  digest,
  initialize,
  metadata,
  open,
  redeem,
  redirectUri,
  refresh,
  register,
  rotateSecret,
  toClient,
  update,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const described = clientId("https://app.example/client.json")
const [first, second] = [digest("document-1"), digest("document-2")]
const adopt = register({ clientId: described, origin: "document", metadataDigest: first })
const changed: ClientMetadata = { ...metadata, redirect_uris: [redirectUri("https://elsewhere.example/callback")] }
const readopt = update({ clientId: described, metadata: changed, metadataDigest: second })
const ask = open({ clientId: described, metadataDigest: first })

/** Who proves itself by keys that the document has. */
const keys: ClientMetadata = {
  ...metadata,
  token_endpoint_auth_method: "private_key_jwt",
  jwks_uri: "https://app.example/keys.json",
}

export const registerDocument: Rules = {
  "a client that a document describes is registered with the digest of the document": () =>
    given(initialize())
      .when(adopt)
      .thenEvents({ _tag: "ClientRegistered", clientId: described, origin: "document", metadataDigest: first })
      .thenState({ client: { _tag: "Registered", origin: "document", metadataDigest: first, secret: null } }),

  "a client is either registered or described": () => [
    given(initialize())
      .when(register({ metadataDigest: first }))
      .thenRefused("client-of-document"),
    given(initialize())
      .when(register({ origin: "document" }))
      .thenRefused("client-of-document"),
  ],

  "a client that was deleted is not known from its document again": () =>
    given(adopt, toClient("DeleteClient", { clientId: described }))
      .when(adopt)
      .thenRefused("client-id-taken"),
}

export const updateDocument: Rules = {
  "another document takes the place of the one before, and the same one changes nothing": () => [
    given(adopt)
      .when(readopt)
      .thenEvents({ _tag: "ClientUpdated", clientId: described, metadata: changed, metadataDigest: second })
      .thenState({ client: { metadata: changed, metadataDigest: second, epoch: firstEpoch } }),
    given(adopt)
      .when(update({ clientId: described, metadataDigest: first }))
      .thenEvents()
      .thenReply({ _tag: "ClientStored", client: { metadataDigest: first } }),
  ],

  "what a document describes only a document changes, and nothing else": () => [
    given(adopt)
      .when(update({ clientId: described, metadata: changed }))
      .thenRefused("client-of-document")
      .thenState({ client: { metadataDigest: first } }),
    given(register())
      .when(update({ metadata: changed, metadataDigest: second }))
      .thenRefused("client-of-document"),
  ],

  "a document that breaks a rule is refused": () =>
    given(adopt)
      .when(update({ clientId: described, metadata: { ...changed, redirect_uris: [] }, metadataDigest: second }))
      .thenRefused("client-redirect-uri-missing")
      .thenState({ client: { metadataDigest: first } }),

  "grants of a client that had to prove itself end when it need not any more": () => [
    given(initialize(), register({ ...adopt, metadata: keys }), ask)
      .when(readopt)
      .thenEvents("ClientUpdated")
      .thenState({ client: { epoch: nextEpoch(firstEpoch) } })
      .when(redeem({ clientId: described }))
      .thenRefused("grant-ended"),
    given(initialize(), adopt, ask)
      .when(update({ clientId: described, metadata: keys, metadataDigest: second }))
      .thenState({ client: { epoch: firstEpoch } })
      .when(redeem({ clientId: described, authentication: "verified" }))
      .thenReply({ _tag: "TokensIssued" }),
  ],

  "a client that a document describes gets no secret": () =>
    given(register({ ...adopt, metadata: keys }))
      .when(rotateSecret({ clientId: described }))
      .thenRefused("client-has-keys"),
}

export const openDocument: Rules = {
  "what is granted names the document that was approved": () =>
    given(initialize(), adopt)
      .when(ask)
      .thenEvents({ _tag: "GrantOpened", clientId: described, metadataDigest: first }, "AuthorizationCodeIssued"),

  "nothing is granted on a document that is not the one the client is known by": () => [
    given(initialize(), adopt, readopt)
      .when(
        open({ ...ask, request: { ...ask.request, redirectUri: redirectUri("https://elsewhere.example/callback") } }),
      )
      .thenRefused("client-document-changed"),
    given(initialize(), adopt)
      .when(open({ ...ask, metadataDigest: null }))
      .thenRefused("client-document-changed"),
  ],

  "nothing is granted to a client that nobody approved": () =>
    given(initialize()).when(ask).thenRefused("client-unknown"),

  "what was granted goes on when the document changes": () =>
    given(initialize(), adopt, ask, redeem({ clientId: described }), readopt)
      .when(refresh(1, { clientId: described }))
      .thenReply({ _tag: "TokensIssued" }),
}

export const issueDocument: Rules = {
  "a client that a document describes gets no tokens for itself, whatever the document says": () =>
    given(
      initialize(),
      register({ ...adopt, metadata: { ...keys, grant_types: [...keys.grant_types, "client_credentials"] } }),
    )
      .when(actForItself({ clientId: described, authentication: "verified" }))
      .thenRefused("client-registered-itself"),
}
