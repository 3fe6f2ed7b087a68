/**
 * A client that registered itself gets no token that nobody approved: not by asking, not by what was done with it since.
 */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { inProcessVerifier, protectResource } from "../../../src/resource/index.ts"
import { toOAuthProvider } from "../../../src/provider/index.ts"
import { startSession, type Session } from "../../support/Session.ts"
import { factories, overMemory, overSqlite } from "../../support/TestServer.ts"
import { ways } from "../../support/ThroughPages.ts"
import { REDIRECT_URI, RESOURCE, type App } from "../../support/WireClient.ts"

const itself = { redirect_uris: [], grant_types: ["client_credentials"] }
const everything = {
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  token_endpoint_auth_method: "client_secret_basic",
}
const asked = { grant_type: "client_credentials", scope: "read", resource: RESOURCE }

/** A confidential client that registered itself, and what it is answered when it asks for itself. */
const stranger = async ({ wire }: Session) => {
  const app = await wire.newApp(everything)
  const ask = async () => {
    const { status, body } = await wire.token(app, asked)
    return [status, body.error ?? body.token_type]
  }
  return { app, ask }
}

/** What a client's metadata became by the hand of an operator who knows no better. */
const updated = ({ native }: Session, { clientId }: App) => Effect.runPromise(native.updateClient(clientId, everything))

describe.each([overMemory, overSqlite])("a client that registered itself, $name", (factory) => {
  it("gets no token of its own, whatever it registered for", async () => {
    const session = await startSession(factory)
    const { ask } = await stranger(session)
    expect(await ask()).toEqual([400, "unauthorized_client"])
  })

  it("gets none after an update, a new secret, or having been disabled and enabled", async () => {
    const session = await startSession(factory)
    const { native } = session
    const { app, ask } = await stranger(session)
    await updated(session, app)
    expect(await ask()).toEqual([400, "unauthorized_client"])
    await Effect.runPromise(native.disableClient(app.clientId))
    await Effect.runPromise(native.enableClient(app.clientId))
    expect(await ask()).toEqual([400, "unauthorized_client"])
    const { client_secret } = await Effect.runPromise(native.rotateClientSecret(app.clientId))
    const { status, body } = await session.wire.token({ ...app, clientSecret: client_secret! }, asked)
    expect([status, body.error]).toEqual([400, "unauthorized_client"])
  })

  it("opens no door of a resource server with what it is answered", async () => {
    const session = await startSession(factory)
    const { native, wire } = session
    const { app } = await stranger(session)
    await updated(session, app)
    const { body } = await wire.token(app, asked)
    const verifier = inProcessVerifier({ verify: (token) => Effect.runPromise(native.verify(token)) })
    const api = protectResource({ verifier, resource: RESOURCE, authorizationServers: ["http://localhost:4000"] })
    const handle = api.fetch(() => Response.json({}))
    const headers = { authorization: `Bearer ${body.access_token ?? "gla_none"}` }
    expect((await handle(new Request(RESOURCE, { headers }))).status).toBe(401)
  })

  it("gets one where the operator says so, one who was there before included", async () => {
    const config = { registrationGrants: ["authorization_code", "refresh_token", "client_credentials"] } as const
    const session = await startSession(factory, { config })
    const { ask } = await stranger(session)
    expect(await ask()).toEqual([200, "Bearer"])
  })
})

describe.each(factories)("a registration, through $name", ({ start, name }) => {
  const session = () => startSession({ start, name, isNative: true })

  it("that asks for client credentials beside others is answered without them", async () => {
    const { wire, native } = await session()
    const { status, body } = await wire.register(everything)
    expect([status, body["grant_types"]]).toEqual([201, ["authorization_code", "refresh_token"]])
    const stored = await Effect.runPromise(native.client(body.client_id!))
    expect(stored?.metadata.grant_types).toEqual(["authorization_code", "refresh_token"])
  })

  it.each([
    ["alone", itself],
    ["twice", { ...itself, grant_types: ["client_credentials", "client_credentials"] }],
    ["beside what nobody has", { ...itself, grant_types: ["client_credentials", "urn:example:magic"] }],
  ])("that asks for client credentials %s is refused, and says why", async (_, metadata) => {
    const { wire } = await session()
    const { status, body } = await wire.register(metadata)
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"])
    expect(body.error_description).toContain("registers itself")
  })
})

it("registering by the ten methods is registering oneself", async () => {
  const { native } = await overMemory.start()
  const provider = toOAuthProvider(native)
  await provider.registerClient({ ...everything, client_id: "mine", client_secret: "s".repeat(43) })
  expect((await provider.getClient("mine"))?.grant_types).toEqual(["authorization_code", "refresh_token"])
  const credentials = { clientId: "mine", clientSecret: "s".repeat(43) }
  await expect(Effect.runPromise(native.issueToken({ credentials }))).rejects.toMatchObject({
    error: "unauthorized_client",
  })
})

it.each(ways)(
  "what self-registered clients may use holds for every grant type, when it is asked for, $name",
  async (way) => {
    const { wire } = await startSession(way, { config: { registrationGrants: ["authorization_code"] } })
    const app = await wire.newApp()
    const { body } = await wire.redeem(app, await wire.approved(app))
    expect(body).not.toHaveProperty("refresh_token")
  },
)

it.each([
  [[], "registrationGrants is empty"],
  [["refresh_token"], "refresh_token without authorization_code"],
  [["password"], "config"],
])("registrationGrants %j is refused when the server is made", async (registrationGrants, sentence) => {
  await expect(overMemory.start({ config: { registrationGrants: registrationGrants as [] } })).rejects.toThrow(sentence)
})
