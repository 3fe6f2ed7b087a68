/**
 * Pushing an authorization request to the server (RFC 9126), where that is required: the browser then carries a reference,
 * and what is asked for comes from the client itself.
 */
import * as protocol from "oauth4webapi"
import { DiscoveryError, TokenError } from "../ClientError.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import { quoted } from "../ForeignText.ts"
import { textIn } from "../LenientReading.ts"
import { requestOptions, type Outbound } from "../Outbound.ts"
import type { StoredClient } from "../storage/TokenStorage.ts"
import { clientAuthentication } from "../tokens/ClientAuthentication.ts"
import { answerOf } from "../tokens/EndpointAnswer.ts"

/** Whether requests of this client have to be pushed. */
export const isPushed = ({ metadata }: AuthorizationServer): boolean =>
  metadata.require_pushed_authorization_requests === true

/** What the browser is given in place of these parameters. */
export const pushed = async (
  outbound: Outbound,
  server: AuthorizationServer,
  { client }: StoredClient,
  parameters: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> => {
  const { issuer, metadata, unusable } = server
  if (metadata.pushed_authorization_request_endpoint === undefined) {
    const message = `the issuer ${quoted(issuer)} takes pushed requests alone, and does not say where: tell whoever runs it`
    const fault = new DiscoveryError({ code: "metadata_malformed", message })
    throw unusable?.pushed_authorization_request_endpoint ?? fault
  }
  const endpoint = `the endpoint for pushed requests of ${quoted(issuer)}`
  const { client_id } = client
  const members = await answerOf(
    { endpoint, client },
    protocol.pushedAuthorizationRequest(
      metadata as protocol.AuthorizationServer,
      { client_id },
      clientAuthentication(client, server, outbound),
      parameters as Record<string, string>,
      requestOptions(outbound.fetch),
    ),
  )
  const reference = textIn(members["request_uri"])
  if (reference !== undefined) return { client_id, request_uri: reference }
  const message = `${endpoint} answered without a usable request_uri: tell whoever runs the server`
  throw new TokenError({ code: "response_malformed", message })
}
