/** The rules of a refresh whose reply was lost: inside the window the same token is answered again. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { startSession } from "../../support/Session.ts"
import type { Factory } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const OTHER = "http://localhost:9998/mcp"

export const retryRules = (factory: Factory): void => {
  //= FAPI2-5.3.2-rotation-safe
  //= A17
  test("a retry within the window gets the same pair, byte for byte, with the time that remains", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const { refresh } = await wire.login(app, { resource: RESOURCE })
    const first = await wire.refresh(app, refresh)
    expect((await wire.refresh(app, refresh)).text).toBe(first.text)
    clock.pass(29.5)
    const again = await wire.refresh(app, refresh)
    expect(again.body).toEqual({ ...first.body, expires_in: 3570 })
    expect(await wire.isActive(watcher, first.body.access_token!)).toBe(true)
    expect((await wire.refresh(app, first.body.refresh_token!)).status).toBe(200)
  })

  test("the window is measured from the rotation and does not slide", async () => {
    const { wire, app, clock } = await startSession(factory)
    const { refresh } = await wire.login(app)
    await wire.refreshed(app, refresh)
    clock.pass(20)
    await wire.refreshed(app, refresh)
    clock.pass(10)
    expect(await wire.refresh(app, refresh)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
  })

  test("once the successor was spent, the window is closed", async () => {
    const { wire, app } = await startSession(factory)
    const { refresh } = await wire.login(app)
    const second = await wire.refreshed(app, refresh)
    const third = await wire.refreshed(app, second.refresh)
    expect(await wire.refresh(app, refresh)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    expect((await wire.refresh(app, third.refresh)).status).toBe(400)
  })

  test("a retry for another subset gets the same refresh token and an access token of its own", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const { refresh } = await wire.login(app, { scope: "read write", resource: [RESOURCE, OTHER] })
    const all = await wire.refreshed(app, refresh)
    const read = await wire.refreshed(app, refresh, { scope: "read" })
    const one = await wire.refreshed(app, refresh, { resource: RESOURCE })
    expect([read.refresh, one.refresh]).toEqual([all.refresh, all.refresh])
    expect(new Set([all.access, read.access, one.access]).size).toBe(3)
    expect(read.body.scope).toBe("read")
    expect((await wire.introspect(watcher, one.access)).body["aud"]).toBe(RESOURCE)

    const readAgain = await wire.refreshed(app, refresh, { scope: "read" })
    expect(readAgain.access).toBe(read.access)
    for (const { access } of [all, read, one]) expect(await wire.isActive(watcher, access)).toBe(true)
  })

  test("the order of scopes does not make another subset", async () => {
    const { wire, app } = await startSession(factory)
    const { refresh } = await wire.login(app, { scope: "read write" })
    const first = await wire.refreshed(app, refresh, { scope: "write read" })
    expect((await wire.refreshed(app, refresh, { scope: "read write" })).access).toBe(first.access)
  })

  test("a retry asks for no more than a fresh token could", async () => {
    const { wire, app } = await startSession(factory)
    const { refresh } = await wire.login(app, { scope: "read" })
    const { refresh: successor } = await wire.refreshed(app, refresh)
    expect(await wire.refresh(app, refresh, { scope: "write" })).toMatchObject({ body: { error: "invalid_scope" } })
    expect((await wire.refresh(app, successor)).status).toBe(200)
  })

  test("a hundred retries get the same answer and do not grow the log by more than eight", async () => {
    const { wire, app, store } = await startSession(factory)
    const { refresh } = await wire.login(app)
    const { text } = await wire.refresh(app, refresh)
    const { size } = await Effect.runPromise(store.head)
    const answers = new Set<string>()
    for (let count = 0; count < 100; count++) answers.add((await wire.refresh(app, refresh)).text)
    expect([...answers]).toEqual([text])
    expect((await Effect.runPromise(store.head)).size).toBe(size + 8)
  })

  test("with a window of 0 the second use is a reuse", async () => {
    const { wire, app } = await startSession(factory, { config: { retryWindow: { public: 0, confidential: 0 } } })
    const { refresh } = await wire.login(app)
    const second = await wire.refreshed(app, refresh)
    expect(await wire.refresh(app, refresh)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    expect(await wire.refresh(app, second.refresh)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
  })
}
