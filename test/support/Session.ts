/** A server with a client that speaks to it, a public app, and a resource server that may look at tokens. */
import { Effect } from "effect"
import { overMemory, type Factory, type Setting, type TestServer } from "./TestServer.ts"
import {
  REDIRECT_URI,
  RESOURCE,
  challengeOf,
  newVerifier,
  wireClient,
  type App,
  type WireClient,
} from "./WireClient.ts"

export interface Session extends TestServer {
  readonly wire: WireClient
  readonly app: App
  /** Sees access tokens for {@link RESOURCE}. */
  readonly watcher: App
}

/** Adds a resource server, as an operator does. */
export const addResourceServer = async (server: TestServer, audience = RESOURCE): Promise<App> => {
  const { client_id, client_secret } = await Effect.runPromise(
    server.native.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience }),
  )
  return { clientId: client_id, clientSecret: client_secret!, method: "client_secret_basic", redirectUri: "" }
}

/** Adds a confidential client that acts for itself, as an operator does; whoever registers itself may not. */
export const addService = async (
  { native }: Pick<TestServer, "native">,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<App> => {
  const { client_id, client_secret } = await Effect.runPromise(
    native.addClient({ metadata: { redirect_uris: [], grant_types: ["client_credentials"], ...metadata } }),
  )
  return { clientId: client_id, clientSecret: client_secret!, method: "client_secret_basic", redirectUri: "" }
}

/** Something that a subject approved for a client of the operator's. */
export const approvedBy = async ({ native }: Pick<TestServer, "native">, subjectId: string): Promise<void> => {
  const { client_id } = await Effect.runPromise(native.addClient({ metadata: { redirect_uris: [REDIRECT_URI] } }))
  await Effect.runPromise(
    native.openGrant({
      clientId: client_id,
      approval: { _tag: "User", subjectId, approvedAt: native.now() },
      request: {
        redirectUri: REDIRECT_URI,
        redirectUriProvidedExplicitly: true,
        codeChallenge: challengeOf(newVerifier()),
        jkt: null,
      },
      scopes: null,
      resources: [],
    }),
  )
}

export const startSession = async (factory: Factory = overMemory, setting?: Setting): Promise<Session> => {
  const server = await factory.start(setting)
  const wire = wireClient(server.url, {}, server.visit)
  return { ...server, wire, app: await wire.newApp(), watcher: await addResourceServer(server) }
}
