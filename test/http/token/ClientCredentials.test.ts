/** The rules of `grant_type=client_credentials`: a confidential client acts for itself, with one token and no more. */
import { expect, test } from "vitest"
import { addService, startSession } from "../../support/Session.ts"
import { factories, overMemory } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const grant = { grant_type: "client_credentials" }

test.each(factories.slice(0, 2))(
  "a client gets a token for itself, without a refresh token, $name",
  async (factory) => {
    const { native, wire, watcher, clock } = await startSession(factory)
    const app = await addService({ native })
    const { status, body } = await wire.token(app, { ...grant, resource: RESOURCE, scope: "write" })
    expect([status, body]).toEqual([
      200,
      { access_token: expect.stringMatching(/^gla_/), token_type: "Bearer", expires_in: 3600, scope: "write" },
    ])
    const seen = await wire.introspect(watcher, body.access_token!)
    expect(seen.body).toMatchObject({ active: true, client_id: app.clientId, aud: RESOURCE })
    expect(seen.body).not.toHaveProperty("sub")
    clock.pass(3600)
    expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
  },
)

test("each token is a grant of its own: revoking one leaves the other", async () => {
  const { native, wire, watcher } = await startSession()
  const app = await addService({ native })
  const issue = async () => (await wire.token(app, { ...grant, resource: RESOURCE })).body.access_token!
  const [first, second] = [await issue(), await issue()]
  expect((await wire.revoke(app, first)).status).toBe(200)
  expect([await wire.isActive(watcher, first), await wire.isActive(watcher, second)]).toEqual([false, true])
})

//= OAUTH21-4.2-cc-confidential-only
test("who is public, unproven, or not registered for it gets none", async () => {
  const { native, wire, app } = await startSession()
  const confidential = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
  const own = await addService({ native })
  const errorOf = async (from: typeof app) => {
    const { status, body } = await wire.token(from, grant)
    return [status, body.error]
  }
  expect(await errorOf(app)).toEqual([400, "unauthorized_client"])
  expect(await errorOf(confidential)).toEqual([400, "unauthorized_client"])
  expect(await errorOf({ ...own, clientSecret: "wrong" })).toEqual([401, "invalid_client"])
  expect(await errorOf({ ...own, method: "none" })).toEqual([401, "invalid_client"])
})

test("scope and resource are those on offer, and the default if none is named", async () => {
  const { native, wire } = await startSession(overMemory, { config: { resources: [RESOURCE] } })
  const app = await addService({ native }, { scope: "read" })
  const errorOf = async (form: Readonly<Record<string, string>>) =>
    (await wire.token(app, { ...grant, ...form })).body.error
  expect(await errorOf({ scope: "write" })).toBe("invalid_scope")
  expect(await errorOf({ scope: "admin" })).toBe("invalid_scope")
  expect(await errorOf({ resource: "http://localhost:9998/mcp" })).toBe("invalid_target")
  expect((await wire.token(app, grant)).body.scope).toBe("read")
})

test("a resource that a resource server was added for is known", async () => {
  const { native, wire } = await startSession(overMemory, { config: { resources: [] } })
  const app = await addService({ native })
  expect((await wire.token(app, { ...grant, resource: RESOURCE })).status).toBe(200)
  expect((await wire.token(app, { ...grant, resource: `${RESOURCE}/other` })).body.error).toBe("invalid_target")
})
