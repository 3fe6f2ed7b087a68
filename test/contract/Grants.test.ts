/** Rows 1 to 7, 11 and 12 of the contract: what a grant gives, keeps and loses. */
import { describe, expect, test } from "vitest"
import { startSession } from "../support/Session.ts"
import { overMemory } from "../support/TestServer.ts"
import { proof, tenMethods } from "../support/TenMethods.ts"
import { ways } from "../support/ThroughPages.ts"
import { RESOURCE } from "../support/WireClient.ts"

const invalidGrant = { status: 400, body: { error: "invalid_grant" } }
const refused = { error: "invalid_grant" }

describe.each(ways)("$name", (way) => {
  test("B1: looking at an expired access token leaves the refresh token alive", async () => {
    const { wire, app, watcher, clock, native } = await startSession(way)
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    clock.pass(3600)
    expect(native.verifySync(access)).toBeUndefined()
    expect(await wire.isActive(watcher, access)).toBe(false)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  test("B2: another client that posts an expired access token to revocation ends nothing", async () => {
    const { wire, app, watcher, clock } = await startSession(way)
    const other = await wire.newApp()
    const first = await wire.login(app, { resource: RESOURCE })
    clock.pass(3600)
    expect((await wire.revoke(other, first.access)).status).toBe(200)
    const second = await wire.refreshed(app, first.refresh)
    expect((await wire.revoke(other, second.access)).status).toBe(200)
    expect((await wire.revoke(other, second.refresh)).status).toBe(200)
    expect(await wire.isActive(watcher, second.access)).toBe(true)
    expect((await wire.refresh(app, second.refresh)).status).toBe(200)
  })

  test("B3: a replayed code ends the grant", async () => {
    const { wire, app, watcher } = await startSession(way)
    const approval = await wire.approved(app, { resource: RESOURCE })
    const { body } = await wire.redeem(app, approval)
    expect(await wire.redeem(app, approval)).toMatchObject(invalidGrant)
    expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
    expect(await wire.refresh(app, body.refresh_token!)).toMatchObject(invalidGrant)
  })

  test("B3: a refresh token used again after its window ends the grant", async () => {
    const { wire, app, watcher, clock } = await startSession(way)
    const first = await wire.login(app, { resource: RESOURCE })
    const second = await wire.refreshed(app, first.refresh)
    clock.pass(30)
    expect(await wire.refresh(app, first.refresh)).toMatchObject(invalidGrant)
    for (const { access } of [first, second]) expect(await wire.isActive(watcher, access)).toBe(false)
    expect(await wire.refresh(app, second.refresh)).toMatchObject(invalidGrant)
  })

  test("B6: narrowing the scope at a refresh is not permanent", async () => {
    const { wire, app } = await startSession(way)
    const first = await wire.login(app, { scope: "read write" })
    const narrow = await wire.refreshed(app, first.refresh, { scope: "read" })
    expect(narrow.body.scope).toBe("read")
    const wide = await wire.refreshed(app, narrow.refresh, { scope: "read write" })
    expect(wide.body.scope).toBe("read write")
  })

  //= OAUTH21-3.2.3-rt-bound-to-grant
  test("B7: resource and subject stay with the grant through refreshes, and a resource server is told them", async () => {
    const { wire, app, watcher } = await startSession(way)
    const first = await wire.login(app, { resource: RESOURCE })
    const second = await wire.refreshed(app, first.refresh)
    const [before, after] = [
      await wire.introspect(watcher, first.access),
      await wire.introspect(watcher, second.access),
    ]
    expect(after.body).toMatchObject({ active: true, aud: RESOURCE, sub: before.body["sub"] })
  })

  //= RFC8707-2.2-token-subset-of-grant
  test("B7: a resource that was not granted, or is not known, is invalid_target", async () => {
    const { wire, app } = await startSession(way, { config: { resources: [RESOURCE] } })
    const other = "http://localhost:9998/mcp"
    const asked = await wire.authorize(app, { resource: other })
    expect(asked.headers.get("location")).toContain("error=invalid_target")
    const approval = await wire.approved(app, { resource: RESOURCE })
    const wrong = { status: 400, body: { error: "invalid_target" } }
    expect(await wire.redeem(app, approval, { resource: other })).toMatchObject(wrong)
    const { body } = await wire.redeem(app, approval)
    expect(await wire.refresh(app, body.refresh_token!, { resource: other })).toMatchObject(wrong)
  })

  //= RFC8707-2-audience-restrict
  test("B7: a token for one resource is worth nothing to the server of another", async () => {
    const { wire, app, watcher } = await startSession(way)
    const { access } = await wire.login(app, { resource: "http://localhost:9998/mcp" })
    expect((await wire.introspect(watcher, access)).text).toBe('{"active":false}')
  })

  //= OAUTH21-4.3.3-rt-idle-expiry
  //= RTEXP-5-never-outlive-grant
  test("B11: a refresh token ends, by idleness and with its grant", async () => {
    const lifetimes = { refreshIdle: 1000, grant: 1500 }
    const { wire, app, clock } = await startSession(way, { config: { lifetimes } })
    const [idle, busy] = [await wire.login(app), await wire.login(app)]
    clock.pass(999)
    const second = await wire.refreshed(app, busy.refresh)
    clock.pass(1)
    expect(await wire.refresh(app, idle.refresh)).toMatchObject(invalidGrant)
    clock.pass(500)
    expect(await wire.refresh(app, second.refresh)).toMatchObject(invalidGrant)
  })

  test("B11: a client that may not refresh gets no refresh token and cannot use one", async () => {
    const { wire, app } = await startSession(way)
    const once = await wire.newApp({ grant_types: ["authorization_code"] })
    expect((await wire.login(once)).body).not.toHaveProperty("refresh_token")
    const { refresh } = await wire.login(app)
    expect(await wire.refresh(once, refresh)).toMatchObject({ status: 400, body: { error: "unauthorized_client" } })
  })

  test("B12: an access token is alive before its expiry and not at it", async () => {
    const { wire, app, watcher, clock, native } = await startSession(way)
    const { access } = await wire.login(app, { resource: RESOURCE })
    clock.pass(3599.999)
    expect(native.verifySync(access)).toBeDefined()
    clock.pass(0.001)
    expect(native.verifySync(access)).toBeUndefined()
    expect(await wire.isActive(watcher, access)).toBe(false)
  })

  test("B12: codes and refresh tokens are dead at exactly their expiry", async () => {
    const { wire, app, clock } = await startSession(way, { config: { lifetimes: { refreshIdle: 90 } } })
    const approval = await wire.approved(app)
    const { refresh } = await wire.login(app)
    clock.pass(60)
    expect(await wire.redeem(app, approval)).toMatchObject(invalidGrant)
    clock.pass(30)
    expect(await wire.refresh(app, refresh)).toMatchObject(invalidGrant)
  })
})

test("B1: verifying and loading an expired access token, by the ten methods, changes nothing", async () => {
  const { provider, client, exchanged, refreshRecord, clock } = await tenMethods()
  const token = await exchanged()
  clock.pass(3600)
  expect(await provider.verifyToken(token.access_token)).toBeUndefined()
  expect(await provider.loadAccessToken(token.access_token)).toBeUndefined()
  const record = await refreshRecord(token)
  expect((await provider.exchangeRefreshToken(client, record, record.scopes)).access_token).toMatch(/^gla_/)
})

test("B2: a record in another client's name revokes nothing", async () => {
  const { provider, exchanged, refreshRecord, other } = await tenMethods()
  const token = await exchanged()
  const record = await refreshRecord(token)
  await provider.revokeToken({ ...record, clientId: other.client_id })
  expect(await provider.verifyToken(token.access_token)).toMatchObject({ clientId: "app" })
})

test("B4: a code that was loaded once is not exchanged twice", async () => {
  const { provider, client, code } = await tenMethods()
  const record = await code()
  const { access_token } = await provider.exchangeAuthorizationCode(client, record, proof)
  await expect(provider.exchangeAuthorizationCode(client, record, proof)).rejects.toMatchObject(refused)
  expect(await provider.verifyToken(access_token)).toBeUndefined()
})

test("B4: what was loaded before a revocation is not exchanged after it", async () => {
  const { provider, client, exchanged, refreshRecord } = await tenMethods()
  const token = await exchanged()
  const record = await refreshRecord(token)
  await provider.revokeToken((await provider.loadAccessToken(token.access_token))!)
  await expect(provider.exchangeRefreshToken(client, record, record.scopes)).rejects.toMatchObject(refused)
})

test("B4: what was loaded before its expiry is not exchanged at it, whatever the record says", async () => {
  const { provider, client, code, exchanged, refreshRecord, clock } = await tenMethods()
  const [record, token] = [await code(), await exchanged()]
  const refresh = await refreshRecord(token)
  clock.pass(60)
  const late = { ...record, expiresAt: record.expiresAt + 1000 }
  await expect(provider.exchangeAuthorizationCode(client, late, proof)).rejects.toMatchObject(refused)
  clock.pass(30 * 86_400)
  const later = { ...refresh, expiresAt: refresh.expiresAt! * 2 }
  await expect(provider.exchangeRefreshToken(client, later, later.scopes)).rejects.toMatchObject(refused)
})

test("B4: what was loaded for one client is not exchanged for another", async () => {
  const { provider, client, other, code, exchanged, refreshRecord } = await tenMethods()
  const record = { ...(await code()), clientId: other.client_id }
  await expect(provider.exchangeAuthorizationCode(other, record, proof)).rejects.toMatchObject(refused)
  expect(await provider.exchangeAuthorizationCode(client, record, proof)).toHaveProperty("access_token")
  const refresh = { ...(await refreshRecord(await exchanged())), clientId: other.client_id }
  await expect(provider.exchangeRefreshToken(other, refresh, refresh.scopes)).rejects.toMatchObject(refused)
})

test("B4: a code is not exchanged without its verifier, and scopes in a record grant nothing", async () => {
  const { provider, client, code, exchanged, refreshRecord } = await tenMethods()
  const record = { ...(await code(["read"])), scopes: ["read", "write"], codeChallenge: "" }
  await expect(provider.exchangeAuthorizationCode(client, record)).rejects.toMatchObject(refused)
  expect(await provider.exchangeAuthorizationCode(client, record, proof)).toMatchObject({ scope: "read" })
  const refresh = { ...(await refreshRecord(await exchanged(["read"]))), scopes: ["read", "write"] }
  const wide = provider.exchangeRefreshToken(client, refresh, refresh.scopes)
  await expect(wide).rejects.toMatchObject({ error: "invalid_scope" })
})

test("B5: twenty refreshes at once, each with its own load, give one successor and one live session", async () => {
  const { provider, client, exchanged } = await tenMethods()
  const { refresh_token } = await exchanged()
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const record = (await provider.loadRefreshToken(client, refresh_token!))!
      return provider.exchangeRefreshToken(client, record, record.scopes)
    }),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  const next = (await provider.loadRefreshToken(client, answers[0]!.refresh_token!))!
  expect(await provider.exchangeRefreshToken(client, next, next.scopes)).toHaveProperty("refresh_token")
})

test("B12: a lifetime of 0 is refused, not for ever", async () => {
  for (const name of ["code", "accessToken", "refreshIdle", "grant"]) {
    await expect(overMemory.start({ config: { lifetimes: { [name]: 0 } } })).rejects.toThrow("config:")
  }
})
