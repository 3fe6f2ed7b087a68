/** The rules of `/introspect` (RFC 7662): who sees a token alive, and that everybody else sees nothing. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { addResourceServer, startSession } from "../../support/Session.ts"
import { ISSUER, type Factory } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const confidential = { token_endpoint_auth_method: "client_secret_basic" }
const INACTIVE = '{"active":false}'

export const introspectionRules = (factory: Factory): void => {
  //= RFC7662-2.1-caller-auth
  test("who shows no credentials is 401 with a challenge", async () => {
    const { wire } = await startSession(factory)
    const answer = await wire.post("/introspect", { token: "x" })
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } })
    expect(answer.headers.get("www-authenticate")).toMatch(/^Basic /)
  })

  test("a resource server sees a token for its resource with everything it needs", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const { access } = await wire.login(app, { resource: RESOURCE, scope: "read write" })
    const { status, body, headers } = await wire.introspect(watcher, access)
    const now = Math.floor(clock.now() / 1000)
    expect(status).toBe(200)
    // Where somebody signed in, it says when (test/http/StepUp.test.ts).
    const { auth_time = now, ...members } = body
    expect(now - Number(auth_time)).toBeLessThanOrEqual(2)
    expect(members).toEqual({
      active: true,
      client_id: app.clientId,
      sub: expect.stringMatching(/^sub_/),
      iss: ISSUER,
      aud: RESOURCE,
      scope: "read write",
      token_type: "Bearer",
      iat: now,
      exp: now + 3600,
    })
    expect(headers.get("cache-control")).toBe("no-store")
  })

  test("a resource without path is the same with and without its slash", async () => {
    const { wire, app, ...server } = await startSession(factory)
    const watcher = await addResourceServer(server, "http://localhost:9998")
    const { access } = await wire.login(app, { resource: "http://localhost:9998/" })
    expect((await wire.introspect(watcher, access)).body).toMatchObject({ active: true, aud: "http://localhost:9998/" })
  })

  test("a confidential client sees its own access token", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp(confidential)
    const { access } = await wire.login(app)
    expect((await wire.introspect(app, access)).body).toMatchObject({ active: true, client_id: app.clientId })
  })

  //= RFC7662-2.2-inactive-uniform
  //= RFC8707-2-audience-restrict
  //= A46
  test("everybody else gets the same bytes as for a token that never was", async () => {
    const { wire, app, watcher, clock, ...server } = await startSession(factory)
    const elsewhere = await addResourceServer({ clock, ...server }, "http://localhost:9998/mcp")
    const stranger = await wire.newApp(confidential)
    const alive = await wire.login(app, { resource: RESOURCE })
    const other = await wire.login(app, { resource: "http://localhost:9997/mcp" })
    const revoked = await wire.login(app, { resource: RESOURCE })
    await wire.revoke(app, revoked.refresh)
    const texts = [
      await wire.introspect(elsewhere, alive.access),
      await wire.introspect(stranger, alive.access),
      await wire.introspect(watcher, other.access),
      await wire.introspect(watcher, revoked.access),
      await wire.introspect(watcher, "gla_unknown"),
      await wire.introspect(watcher, alive.access.slice(0, -1)),
    ].map(({ status, text }) => [status, text])
    expect(new Set(texts.map(String))).toEqual(new Set([`200,${INACTIVE}`]))
  })

  test("nobody but its own client sees a refresh token active, and an adapter's not even that one", async () => {
    const { wire, watcher } = await startSession(factory)
    const app = await wire.newApp(confidential)
    const stranger = await wire.newApp(confidential)
    const { refresh } = await wire.login(app, { resource: RESOURCE })
    for (const caller of [watcher, stranger]) expect((await wire.introspect(caller, refresh)).text).toBe(INACTIVE)
    const own = await wire.introspect(app, refresh)
    if (factory.isNative) expect(own.body).toMatchObject({ active: true, token_type: "refresh_token" })
    else expect(own.text).toBe(INACTIVE)
    await wire.refreshed(app, refresh)
    expect((await wire.introspect(app, refresh)).text).toBe(INACTIVE)
  })

  test("a code is never active", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp(confidential)
    const { code } = await wire.approved(app)
    expect((await wire.introspect(app, code)).text).toBe(INACTIVE)
  })

  //= RFC7662-4-all-state-checks
  test("a token is active until its expiry and not at it", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const { access } = await wire.login(app, { resource: RESOURCE })
    clock.pass(3599.999)
    expect(await wire.isActive(watcher, access)).toBe(true)
    clock.pass(0.001)
    expect(await wire.isActive(watcher, access)).toBe(false)
  })

  test("looking changes nothing, whatever is looked at", async () => {
    const { wire, app, watcher, clock, store } = await startSession(factory)
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    clock.pass(3600)
    const before = await Effect.runPromise(store.head)
    for (const token of [access, refresh, "unknown"]) await wire.introspect(watcher, token)
    expect(await Effect.runPromise(store.head)).toEqual(before)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  test("a disabled resource server sees nothing, and sees again when it is enabled", async () => {
    const { wire, app, watcher, native } = await startSession(factory)
    const { access } = await wire.login(app, { resource: RESOURCE })
    await Effect.runPromise(native.disableClient(watcher.clientId))
    expect((await wire.introspect(watcher, access)).body).not.toHaveProperty("active", true)
    await Effect.runPromise(native.enableClient(watcher.clientId))
    expect(await wire.isActive(watcher, access)).toBe(true)
  })

  //= RFC7662-2.1-caller-auth
  test("who has no secret, or a wrong one, is refused", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const { access } = await wire.login(app, { resource: RESOURCE })
    const refused = { status: 401, body: { error: "invalid_client" } }
    expect(await wire.introspect(app, access)).toMatchObject(refused)
    expect(await wire.introspect({ ...watcher, clientSecret: "wrong" }, access)).toMatchObject(refused)
    expect(await wire.introspect({ ...watcher, clientId: "nobody" }, access)).toMatchObject(refused)
    expect(await wire.introspect(watcher, "")).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  })
}
