/** The rules of `grant_type=refresh_token`: rotation, narrowing, reuse, lifetimes. */
import { expect, test } from "vitest"
import { startSession } from "../../support/Session.ts"
import type { Factory } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const OTHER = "http://localhost:9998/mcp"
const invalidGrant = { status: 400, body: { error: "invalid_grant" } }

export const refreshRules = (factory: Factory): void => {
  //= MCP-AUTHZ-as-rotate-public
  test("a refresh gives a new pair, and the older access token lives to its own end", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const first = await wire.login(app, { resource: RESOURCE })
    clock.pass(1800)
    const second = await wire.refreshed(app, first.refresh)
    expect(new Set([first.access, first.refresh, second.access, second.refresh]).size).toBe(4)
    expect(second.body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "read" })

    clock.pass(1799)
    expect(await wire.isActive(watcher, first.access)).toBe(true)
    clock.pass(1)
    expect(await wire.isActive(watcher, first.access)).toBe(false)
    expect(await wire.isActive(watcher, second.access)).toBe(true)
  })

  //= OAUTH21-4.3.1-rt-replay-detection
  //= RFC9700-4.14.2-rt-family-revoke
  //= A16
  test("a refresh token used again outside of the window ends the grant", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const first = await wire.login(app, { resource: RESOURCE })
    const second = await wire.refreshed(app, first.refresh)
    clock.pass(30)
    expect(await wire.refresh(app, first.refresh)).toMatchObject(invalidGrant)
    expect(await wire.isActive(watcher, first.access)).toBe(false)
    expect(await wire.isActive(watcher, second.access)).toBe(false)
    expect(await wire.refresh(app, second.refresh)).toMatchObject(invalidGrant)
  })

  test("an ancient refresh token ends the grant", async () => {
    const { wire, app } = await startSession(factory)
    const first = await wire.login(app)
    let { refresh } = first
    for (let generation = 0; generation < 5; generation++) refresh = (await wire.refreshed(app, refresh)).refresh
    expect(await wire.refresh(app, first.refresh)).toMatchObject(invalidGrant)
    expect(await wire.refresh(app, refresh)).toMatchObject(invalidGrant)
  })

  //= OAUTH21-4.3-rt-client-binding
  //= A18
  test("another client can neither use a refresh token nor harm it", async () => {
    const { wire, app, clock } = await startSession(factory)
    const other = await wire.newApp()
    const first = await wire.login(app)
    expect(await wire.refresh(other, first.refresh)).toMatchObject(invalidGrant)
    const second = await wire.refreshed(app, first.refresh)
    clock.pass(31)
    expect(await wire.refresh(other, first.refresh)).toMatchObject(invalidGrant)
    expect((await wire.refresh(app, second.refresh)).status).toBe(200)
  })

  test("what was never issued is refused and ends nothing", async () => {
    const { wire, app } = await startSession(factory)
    const { access, refresh } = await wire.login(app)
    const mistyped = refresh.slice(0, -1) + (refresh.endsWith("0") ? "1" : "0")
    for (const token of [mistyped, refresh.toLowerCase(), access, "glr_", "nothing"]) {
      expect(await wire.refresh(app, token)).toMatchObject(invalidGrant)
    }
    expect(await wire.refresh(app, "")).toMatchObject({ status: 400, body: { error: "invalid_request" } })
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  //= OAUTH21-4.3.3-rt-scope-identical
  test("narrowing the scope is for one access token, not for ever", async () => {
    const { wire, app } = await startSession(factory)
    const first = await wire.login(app, { scope: "read write" })
    const narrow = await wire.refreshed(app, first.refresh, { scope: "write" })
    expect(narrow.body.scope).toBe("write")
    const wide = await wire.refreshed(app, narrow.refresh)
    expect(wide.body.scope).toBe("read write")
  })

  //= OAUTH21-4.3.1-rt-no-scope-growth
  //= A19
  test("a scope that was not granted is invalid_scope, and the token is not spent", async () => {
    const { wire, app, clock } = await startSession(factory)
    const { refresh } = await wire.login(app, { scope: "read" })
    for (const scope of ["read write", "admin", 'a"b']) {
      expect(await wire.refresh(app, refresh, { scope })).toMatchObject({
        status: 400,
        body: { error: "invalid_scope" },
      })
    }
    clock.pass(60)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  //= RFC8707-2.2-token-subset-of-grant
  test("a resource that was not granted is invalid_target, and a granted one narrows this token alone", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const first = await wire.login(app, { resource: [RESOURCE, OTHER] })
    for (const resource of ["http://localhost:9997/mcp", "not a uri", `${RESOURCE}#x`]) {
      const answer = await wire.refresh(app, first.refresh, { resource })
      expect(answer).toMatchObject({ status: 400, body: { error: "invalid_target" } })
    }
    const narrow = await wire.refreshed(app, first.refresh, { resource: OTHER })
    expect(await wire.isActive(watcher, narrow.access)).toBe(false)
    const wide = await wire.refreshed(app, narrow.refresh)
    expect((await wire.introspect(watcher, wide.access)).body["aud"]).toEqual([RESOURCE, OTHER])
  })

  //= OAUTH21-4.3.3-rt-idle-expiry
  test("a refresh token that is not used for thirty days has ended", async () => {
    const { wire, app, clock } = await startSession(factory)
    const day = 86_400
    const first = await wire.login(app)
    clock.pass(30 * day - 1)
    const second = await wire.refreshed(app, first.refresh)
    clock.pass(30 * day)
    expect(await wire.refresh(app, second.refresh)).toMatchObject(invalidGrant)
  })

  //= RTEXP-5-never-outlive-grant
  //= RFC10017-refresh-browser
  test("nothing outlives the grant, and the last lifetimes are cut to its end", async () => {
    const { wire, app, clock } = await startSession(factory, {
      config: { lifetimes: { grant: 5000, refreshIdle: 4000 } },
    })
    const first = await wire.login(app)
    clock.pass(3000)
    const second = await wire.refreshed(app, first.refresh)
    expect(second.body.expires_in).toBe(2000)
    clock.pass(2000)
    expect(await wire.refresh(app, second.refresh)).toMatchObject(invalidGrant)
  })
}
