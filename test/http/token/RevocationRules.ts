/** The rules of `/revoke` (RFC 7009): whose token, what ends, and what nobody is told. */
import { expect, test } from "vitest"
import { startSession } from "../../support/Session.ts"
import type { Factory } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const done = { status: 200, text: "" }

export const revocationRules = (factory: Factory): void => {
  //= RFC7009-2-revoke-refresh
  //= RFC7009-2.1-cascade
  //= OAUTH21-4.3.1-rt-grant-active
  test("a refresh token ends the grant", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    expect(await wire.revoke(app, refresh)).toMatchObject(done)
    expect(await wire.isActive(watcher, access)).toBe(false)
    expect(await wire.refresh(app, refresh)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
  })

  test("a spent refresh token ends the grant as well", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const { refresh } = await wire.login(app, { resource: RESOURCE })
    const second = await wire.refreshed(app, refresh)
    const third = await wire.refreshed(app, second.refresh)
    expect(await wire.revoke(app, refresh)).toMatchObject(done)
    expect(await wire.isActive(watcher, third.access)).toBe(false)
    expect((await wire.refresh(app, third.refresh)).status).toBe(400)
  })

  test("an access token ends itself alone", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const first = await wire.login(app, { resource: RESOURCE })
    const second = await wire.refreshed(app, first.refresh)
    expect(await wire.revoke(app, second.access)).toMatchObject(done)
    expect(await wire.isActive(watcher, second.access)).toBe(false)
    expect(await wire.isActive(watcher, first.access)).toBe(true)
    expect((await wire.refresh(app, second.refresh)).status).toBe(200)
  })

  //= RFC7009-2.1-owner-only
  test("another client's token is answered alike and lives on", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const other = await wire.newApp()
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    for (const token of [access, refresh]) expect(await wire.revoke(other, token)).toMatchObject(done)
    expect(await wire.isActive(watcher, access)).toBe(true)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  //= RFC7009-2.2-unknown-is-200
  test("a token that is unknown, mistyped, expired or revoked is answered 200", async () => {
    const { wire, app, clock } = await startSession(factory)
    const { access, refresh } = await wire.login(app)
    clock.pass(3600)
    for (const token of [access, "unknown", refresh.slice(0, -1), refresh, refresh]) {
      expect(await wire.revoke(app, token)).toMatchObject(done)
    }
  })

  //= RFC7009-2.2-unknown-is-200
  test("the hint is not needed, may be wrong and may be unknown", async () => {
    const { wire, app } = await startSession(factory)
    for (const token_type_hint of ["access_token", "refresh_token", "saml", ""]) {
      const { refresh } = await wire.login(app)
      expect(await wire.revoke(app, refresh, { token_type_hint })).toMatchObject(done)
      expect((await wire.refresh(app, refresh)).status).toBe(400)
    }
  })

  test.each(["none", "client_secret_basic", "client_secret_post"])("a client of method %s revokes", async (method) => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: method })
    const { refresh } = await wire.login(app)
    expect(await wire.revoke(app, refresh)).toMatchObject(done)
    expect((await wire.refresh(app, refresh)).status).toBe(400)
  })

  test("who does not prove itself revokes nothing and is told so", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const { refresh } = await wire.login(app)
    const refused = { status: 401, body: { error: "invalid_client" } }
    expect(await wire.revoke({ ...app, clientSecret: "wrong" }, refresh)).toMatchObject(refused)
    expect(await wire.revoke({ ...app, method: "none" }, refresh)).toMatchObject(refused)
    expect(await wire.revoke({ ...app, clientId: "nobody" }, refresh)).toMatchObject(refused)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  test("no token is invalid_request", async () => {
    const { wire, app } = await startSession(factory)
    expect(await wire.revoke(app, "")).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  })
}
