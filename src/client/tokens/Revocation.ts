/**
 * Telling the server that a login is over (RFC 7009): the refresh token goes to its own issuer, and takes the grant along.
 *
 * A courtesy: what is stored here is forgotten anyway, so that nothing that goes wrong stands in the way.
 */
import * as protocol from "oauth4webapi"
import { clientAuthentication } from "./ClientAuthentication.ts"
import { refreshTokenOf } from "./RefreshPolicy.ts"
import { requestOptions, type Outbound } from "../Outbound.ts"
import { discard } from "../ResponseBody.ts"
import type { RefreshRequest } from "./TokenRequest.ts"

/** Whether the server said that it is done. */
export const revoke = async (
  outbound: Outbound,
  { server, client, tokens }: Omit<RefreshRequest, "resource">,
): Promise<boolean> => {
  const { issuer, metadata } = server
  // INVARIANT: nothing of one issuer goes to another (OAUTH21-7.15-client-issuer-binding).
  if (tokens.issuer !== issuer || client.issuer !== issuer || metadata.revocation_endpoint === undefined) return false
  const response = await protocol.revocationRequest(
    metadata as protocol.AuthorizationServer,
    { client_id: client.client.client_id },
    clientAuthentication(client.client, server, outbound),
    refreshTokenOf(tokens) ?? tokens.tokens.access_token,
    requestOptions(outbound.fetch),
  )
  await discard(response)
  return response.status === 200
}
