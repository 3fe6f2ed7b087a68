/**
 * oidc-provider with its in-memory adapter, as its quick start has it, but for the pages: whoever asks is approved.
 *
 * Rotation, reuse, replay and revocation are its own defaults. Every client that may refresh gets a refresh token, and
 * every resource is one it knows. Its own adapter answers within the turn that asked, so that no two requests ever meet
 * in it; a database does not, and neither does the awaited storage here.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setImmediate as nextTurn } from "node:timers/promises"
import Provider from "oidc-provider"
import { createMemoryAdapter, type Adapter } from "oidc-provider/lib/adapters/memory_adapter.js"

const ACCOUNT = "alice"
const SCOPES = ["openid", "offline_access", "read", "write"]
const INTERACTION = "/interaction/"

/** `awaited`: what is kept in memory is as far away as a database, one turn of the event loop. */
export type Storage = "memory" | "awaited"

const adapterMethods = [
  "upsert",
  "find",
  "findByUid",
  "findByUserCode",
  "consume",
  "destroy",
  "revokeByGrantId",
] as const

const awaitedAdapter = () => {
  const createAdapter = createMemoryAdapter()
  return (model: string): Adapter => {
    const adapter = createAdapter(model)
    const awaited = adapterMethods.map((name) => {
      const method = async (...values: ReadonlyArray<unknown>) => {
        await nextTurn()
        return adapter[name](...values)
      }
      return [name, method] as const
    })
    return Object.fromEntries(awaited) as Adapter
  }
}

interface KnownClient {
  readonly grantTypeAllowed: (grantType: string) => boolean
}

export interface Setting {
  readonly storage: Storage
  /** Whether authorization requests have to be pushed (RFC 9126). */
  readonly isPushed: boolean
}

const configuration = ({ storage, isPushed }: Setting) => ({
  ...(storage === "awaited" ? { adapter: awaitedAdapter() } : {}),
  scopes: SCOPES,
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  jwks: { keys: [{ ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }) }] },
  pkce: { required: () => true },
  findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => INTERACTION + uid },
  issueRefreshToken: (_: unknown, client: KnownClient) => client.grantTypeAllowed("refresh_token"),
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 60,
    Grant: 1_209_600,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: 1_209_600,
    Session: 3600,
  },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: isPushed },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_: unknown, resource: string) => ({
        scope: SCOPES.join(" "),
        audience: resource,
        accessTokenFormat: "opaque",
      }),
      useGrantedResource: () => true,
    },
  },
})

/** Login and consent in one: the answer to the first question answers the second, which is then never asked. */
const approve = async (provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { params } = await provider.interactionDetails(request, response)
  const grant = new provider.Grant({ accountId: ACCOUNT, clientId: params.client_id })
  const scope = params.scope ?? ""
  grant.addOIDCScope(scope)
  for (const resource of [params.resource ?? []].flat()) grant.addResourceScope(resource, scope)
  const result = { login: { accountId: ACCOUNT }, consent: { grantId: await grant.save() } }
  await provider.interactionFinished(request, response, result)
}

export const serveOidcProvider = async (
  setting: Setting,
): Promise<{ readonly issuer: string; readonly stop: () => Promise<void> }> => {
  // Whoever waits for a while finds the connection that there was.
  const server = createServer({ keepAliveTimeout: 0 }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, configuration(setting))
  const handle = provider.callback()
  server.on("request", (request, response) => {
    if (!request.url?.startsWith(INTERACTION)) return void handle(request, response)
    approve(provider, request, response).catch((error: unknown) => response.writeHead(400).end(String(error)))
  })
  return {
    issuer,
    stop: async () => {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
