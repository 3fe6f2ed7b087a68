/**
 * How the client proves itself at the token endpoint (OAuth 2.1 2.4): by what its registration says, else by what the
 * server takes.
 *
 * There are no assertions here, so none can be made for the wrong audience; a secret goes to the token endpoint of the
 * issuer that gave it.
 */
import type { ClientAuth } from "oauth4webapi"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import type { OAuthClientInformationFull } from "../../protocol/index.ts"

type Method = "none" | "client_secret_basic" | "client_secret_post"

const isKnown = (method: string | undefined): method is Method =>
  method === "none" || method === "client_secret_basic" || method === "client_secret_post"

export const methodOf = (client: OAuthClientInformationFull, { metadata }: AuthorizationServer): Method => {
  if (client.client_secret === undefined || client.client_secret === "") return "none"
  const registered = client.token_endpoint_auth_method
  // A server that gave a secret wants it, whatever method it echoes.
  if (isKnown(registered) && registered !== "none") return registered
  const supported = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
  return supported.includes("client_secret_basic") || !supported.includes("client_secret_post")
    ? "client_secret_basic"
    : "client_secret_post"
}

export const clientAuthentication = (client: OAuthClientInformationFull, server: AuthorizationServer): ClientAuth => {
  const { client_id: id, client_secret: secret = "" } = client
  switch (methodOf(client, server)) {
    case "none":
      return (_server, _client, body) => body.set("client_id", id)
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
