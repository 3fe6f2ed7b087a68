/**
 * How the client proves itself at a server's endpoints (OAuth 2.1 2.4): by what its registration says, else by what the
 * server takes.
 *
 * A secret goes to the endpoints of the issuer that gave it. An assertion is for the issuer alone, made anew for each
 * request, and signed by the key that the program gave.
 */
import { generateRandomNonce, type ClientAuth } from "oauth4webapi"
import { TokenError } from "../ClientError.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import { quoted } from "../ForeignText.ts"
import type { Outbound } from "../Outbound.ts"
import { ASSERTION_TYPE, AssertionFault, makeClientAssertion } from "../../proof/ClientAssertion.ts"
import type { OAuthClientInformationFull } from "../../protocol/index.ts"

export const PRIVATE_KEY_JWT = "private_key_jwt"

type Method = "none" | "client_secret_basic" | "client_secret_post" | typeof PRIVATE_KEY_JWT

const isBySecret = (method: string | undefined): method is "client_secret_basic" | "client_secret_post" =>
  method === "client_secret_basic" || method === "client_secret_post"

export const methodOf = (client: OAuthClientInformationFull, { metadata }: AuthorizationServer): Method => {
  const registered = client.token_endpoint_auth_method
  if (client.client_secret === undefined || client.client_secret === "") {
    return registered === PRIVATE_KEY_JWT ? PRIVATE_KEY_JWT : "none"
  }
  // A server that gave a secret wants it, whatever method it echoes.
  if (isBySecret(registered)) return registered
  const supported = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
  return supported.includes("client_secret_basic") || !supported.includes("client_secret_post")
    ? "client_secret_basic"
    : "client_secret_post"
}

export const clientAuthentication = (
  client: OAuthClientInformationFull,
  server: AuthorizationServer,
  outbound: Pick<Outbound, "clientKey" | "now">,
): ClientAuth => {
  const { client_id: id, client_secret: secret = "" } = client
  const method = methodOf(client, server)
  switch (method) {
    case "none":
      return (_server, _client, body) => body.set("client_id", id)
    case PRIVATE_KEY_JWT:
      return async (_server, _client, body) => {
        body.set("client_id", id)
        body.set("client_assertion_type", ASSERTION_TYPE)
        body.set("client_assertion", await assertionOf(outbound, id, server))
      }
    case "client_secret_post":
      return (_server, _client, body) => {
        body.set("client_id", id)
        body.set("client_secret", secret)
      }
    case "client_secret_basic":
      return (_server, _client, body, headers) => {
        // FastMCP and the SDKs' own servers look the client up by the body, whatever the header says.
        body.set("client_id", id)
        const credentials = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString("base64")
        headers.set("authorization", `Basic ${credentials}`)
      }
    default:
      return method satisfies never
  }
}

/** Never for another audience than the issuer, nor by an algorithm that it does not take. */
const assertionOf = async (
  { clientKey, now }: Pick<Outbound, "clientKey" | "now">,
  clientId: string,
  { issuer, metadata }: AuthorizationServer,
): Promise<string> => {
  const refused = (why: string, cause?: unknown) => {
    const message = `the client cannot prove itself to ${quoted(issuer)} by an assertion: ${why}`
    return new TokenError({ code: "client_refused", message, cause })
  }
  if (clientKey === undefined) throw refused("give `clientKey`, whose public half the server knows")
  const algorithms = metadata.token_endpoint_auth_signing_alg_values_supported
  try {
    return await makeClientAssertion(clientKey, {
      clientId,
      issuer,
      jti: generateRandomNonce(),
      now: now(),
      algorithms,
    })
  } catch (cause) {
    throw refused(cause instanceof AssertionFault ? cause.message : "its key does not sign", cause)
  }
}

/**
 * RFC 6749 2.3.1 wants form encoding, and servers disagree on decoding it: what needs none is left as it is, so that
 * the usual ids and secrets are the same either way. The library's own encodes `-` and `_` too.
 */
const formEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]|%20/g, (found) =>
    found === "%20" ? "+" : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
