/** Clients registered with somebody else's server, from its metadata alone. */
import { firstCodeFlowTokens } from "./CodeFlow.ts"
import { REDIRECT_URI, type Target } from "./Target.ts"

interface Metadata {
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly registration_endpoint: string
  readonly introspection_endpoint?: string
}

interface Client {
  readonly client_id: string
  readonly client_secret?: string
}

const register = async ({ registration_endpoint }: Metadata, metadata: object): Promise<Client> => {
  const response = await fetch(registration_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(metadata),
  })
  if (response.status !== 201) throw new Error(`a registration got ${response.status}: ${await response.text()}`)
  return (await response.json()) as Client
}

export const targetAt = async (issuer: string): Promise<Target> => {
  const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`)
  const metadata = (await response.json()) as Metadata
  const { client_id: clientId } = await register(metadata, {
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    scope: "read write",
  })
  const { authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint } = metadata
  const target = { authorizationEndpoint, tokenEndpoint, clientId }
  const endpoint = metadata.introspection_endpoint
  if (endpoint === undefined) return target
  const introspector = await register(metadata, {
    redirect_uris: [],
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: [],
    response_types: [],
  })
  const { accessToken } = await firstCodeFlowTokens(target)
  const credentials = { clientId: introspector.client_id, secret: introspector.client_secret! }
  return { ...target, introspection: { endpoint, credentials, tokens: [accessToken] } }
}
