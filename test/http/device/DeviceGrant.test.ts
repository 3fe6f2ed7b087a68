/** The device grant over HTTP: asked for, answered at a page, polled for, redeemed once; what is wrong is refused as it is. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { DEVICE_CODE_GRANT } from "../../../src/protocol/index.ts"
import { standardFeatures } from "../../../src/provider/index.ts"
import { addResourceServer } from "../../support/Session.ts"
import { startFrontDoor } from "../../support/FrontDoor.ts"
import { DEVICE_PATH, answering, startTelevision, television } from "../../support/Television.ts"
import { RESOURCE, wireClient, type Answer, type App } from "../../support/WireClient.ts"

const isRefused = ({ status, body }: Answer, error: string) => expect([status, body.error]).toEqual([400, error])

describe("a server with the device grant", () => {
  test("RFC8628-4-metadata: says so, and where devices ask", async () => {
    const { wire, issuer } = await startTelevision()
    const { body } = await wire.get("/.well-known/oauth-authorization-server")
    expect(body["device_authorization_endpoint"]).toBe(`${issuer}${DEVICE_PATH}`)
    expect(body["grant_types_supported"]).toContain(DEVICE_CODE_GRANT)
  })

  test("is one that has it in its list, and no other", async () => {
    const door = await startFrontDoor({ features: standardFeatures })
    const wire = wireClient(door.url)
    const app = await wire.newApp()
    const { body } = await wire.get("/.well-known/oauth-authorization-server")
    expect(body).not.toHaveProperty("device_authorization_endpoint")
    expect(body["grant_types_supported"]).not.toContain(DEVICE_CODE_GRANT)
    expect((await wire.asApp(DEVICE_PATH)(app, {})).status).toBe(404)
    expect((await wire.get("/device")).status).toBe(404)
    isRefused(await wire.token(app, { grant_type: DEVICE_CODE_GRANT, device_code: "x" }), "unsupported_grant_type")
  })

  test("RFC8628-3.2-response: gives codes, where to enter one, for how long, and how often to ask", async () => {
    const { ask, issuer } = await startTelevision()
    const { body, userCode, deviceCode } = await ask()
    expect(body).toEqual({
      device_code: expect.stringMatching(/^gld_[0-9A-Za-z]{71}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${userCode}`,
      expires_in: 600,
      interval: 5,
    })
    expect(deviceCode).not.toContain(userCode.replace("-", ""))
  })

  test("gives a device tokens once somebody has allowed it, which are refreshed, looked at and revoked like any other", async () => {
    const { wire, app, ask, poll, browser, ...door } = await startTelevision()
    const watcher = await addResourceServer({ ...door, visit: async () => Promise.reject(new Error()) })
    const asked = await ask({ scope: "read" })
    expect((await answering(browser, asked)).text).toContain("Device connected")
    const { status, body } = await poll(asked)
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: "Bearer", scope: "read", expires_in: 3600 })
    const { body: seen } = await wire.introspect(watcher, body.access_token!)
    expect(seen).toMatchObject({ active: true, client_id: app.clientId, aud: RESOURCE, scope: "read" })
    const refreshed = await wire.refreshed(app, body.refresh_token!)
    expect(await wire.isActive(watcher, refreshed.access)).toBe(true)
    expect((await wire.revoke(app, refreshed.refresh)).status).toBe(200)
    expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
    expect(await wire.isActive(watcher, refreshed.access)).toBe(false)
  })

  test("RFC8628-3.5-expired-token: tells a device that it was denied, whenever it asks", async () => {
    const { ask, poll, browser, native } = await startTelevision()
    const asked = await ask()
    expect((await answering(browser, asked, "deny")).text).toContain("Device not connected")
    isRefused(await poll(asked), "access_denied")
    isRefused(await poll(asked), "access_denied")
    expect((await Effect.runPromise(native.grants({}))).map(({ _tag }) => _tag)).toEqual(["Denied"])
  })

  test("lets no device ask for details that its page does not show", async () => {
    const { wire, app } = await startTelevision()
    const form = { client_id: app.clientId, authorization_details: '[{"type":"payment"}]' }
    isRefused(await wire.post("/device_authorization", form), "invalid_authorization_details")
  })

  test("RFC8628-3.5-expired-token, RFC10027-mitigations-short-lived: tells a device that its code has expired after ten minutes", async () => {
    const { ask, poll, browser, clock } = await startTelevision()
    const asked = await ask()
    clock.pass(599.999)
    isRefused(await poll(asked), "authorization_pending")
    clock.pass(0.001)
    isRefused(await poll(asked), "expired_token")
    expect((await browser.walk(asked.page)).text).toContain("No device waits under that code")
    clock.pass(299)
    isRefused(await poll(asked), "expired_token")
  })

  test("tells a device that was approved and did not ask in time that its code has expired", async () => {
    const { ask, poll, browser, clock } = await startTelevision()
    const asked = await ask()
    await answering(browser, asked)
    clock.pass(599)
    isRefused(await poll(asked), "expired_token")
  })

  test("leaves a device that is approved at the last moment the time to ask once more", async () => {
    const { ask, poll, browser, clock } = await startTelevision()
    const asked = await ask()
    clock.pass(598)
    await answering(browser, asked)
    clock.pass(58)
    expect((await poll(asked)).status).toBe(200)
  })
})

describe("polling", () => {
  test("RFC8628-3.5-polling: is answered with pending, and slowed down by five seconds more each time it is too fast", async () => {
    const { ask, poll, clock } = await startTelevision()
    const asked = await ask()
    isRefused(await poll(asked), "authorization_pending")
    clock.pass(5)
    isRefused(await poll(asked), "authorization_pending")
    clock.pass(3)
    isRefused(await poll(asked), "slow_down")
    clock.pass(5)
    isRefused(await poll(asked), "slow_down")
    clock.pass(10)
    isRefused(await poll(asked), "slow_down")
    clock.pass(20)
    isRefused(await poll(asked), "authorization_pending")
  })

  test("counts each device by itself, and forgives what the way of two questions differs by", async () => {
    const { ask, poll, clock } = await startTelevision()
    const [one, other] = [await ask(), await ask()]
    isRefused(await poll(one), "authorization_pending")
    isRefused(await poll(other), "authorization_pending")
    clock.pass(4)
    isRefused(await poll(one), "authorization_pending")
  })

  test("is never too fast for an answer that is there", async () => {
    const { ask, poll, browser } = await startTelevision()
    const asked = await ask()
    await poll(asked)
    isRefused(await poll(asked), "slow_down")
    await answering(browser, asked)
    expect((await poll(asked)).status).toBe(200)
  })

  test("goes by the interval that the server says", async () => {
    const { ask, poll, clock } = await startTelevision({}, { interval: 30 })
    const asked = await ask()
    expect(asked.body["interval"]).toBe(30)
    await poll(asked)
    clock.pass(20)
    isRefused(await poll(asked), "slow_down")
  })

  test.each([0, 61, 1.5, Number.NaN])("at an interval of %s is no server started", async (interval) => {
    await expect(startTelevision({}, { interval })).rejects.toThrow("no whole number of seconds from 1 to 60")
  })

  test("writes nothing while nobody has answered", async () => {
    const { ask, poll, store, clock } = await startTelevision()
    const asked = await ask()
    const { size } = await Effect.runPromise(store.head)
    for (let times = 0; times < 20; times++) {
      await poll(asked)
      clock.pass(1)
    }
    expect((await Effect.runPromise(store.head)).size).toBe(size)
  })
})

describe("who asks", () => {
  const registered = (wire: ReturnType<typeof wireClient>, metadata: object = {}) =>
    wire.newApp({ ...television, ...metadata })

  test("RFC8628-3.4-device-code-client: with another client's device code gets nothing and harms nothing", async () => {
    const { wire, ask, poll, browser } = await startTelevision()
    const other = await registered(wire)
    const asked = await ask()
    isRefused(await poll(asked, {}, other), "invalid_grant")
    await answering(browser, asked)
    isRefused(await poll(asked, {}, other), "invalid_grant")
    const { body, status } = await poll(asked)
    expect(status).toBe(200)
    isRefused(await poll(asked, {}, other), "invalid_grant")
    expect((await wire.refresh((await wire.newApp(television)) && other, body.refresh_token!)).status).toBe(400)
  })

  test("RFC8628-3.1-client-authenticates: as a confidential client has to prove itself, to begin and to poll", async () => {
    const { wire, asking, ask, poll, browser } = await startTelevision()
    const box = await registered(wire, { token_endpoint_auth_method: "client_secret_basic" })
    const wrong: App = { ...box, clientSecret: "wrong wrong wrong wrong wrong" }
    const nobody: App = { ...box, method: "none" }
    for (const who of [wrong, nobody]) expect((await asking({}, who)).body.error).toBe("invalid_client")
    const asked = await ask({}, box)
    for (const who of [wrong, nobody]) expect((await poll(asked, {}, who)).body.error).toBe("invalid_client")
    await answering(browser, asked)
    for (const who of [wrong, nobody]) expect((await poll(asked, {}, who)).body.error).toBe("invalid_client")
    expect((await poll(asked, {}, box)).status).toBe(200)
  })

  test("as a client that is not known, or not registered for it, is refused", async () => {
    const { wire, asking, ask, poll } = await startTelevision()
    const browserOnly = await wire.newApp()
    expect((await asking({}, { ...browserOnly, clientId: "nobody" })).body.error).toBe("invalid_client")
    isRefused(await asking({}, browserOnly), "unauthorized_client")
    isRefused(await poll(await ask(), {}, browserOnly), "unauthorized_client")
  })

  test("as a client that registered itself is refused where the server leaves that to clients of the operator's", async () => {
    const withheld = { config: { registrationGrants: ["authorization_code", "refresh_token"] } }
    const { wire, asking, native } = await startTelevision({ config: {} })
    expect((await wire.register(television)).status).toBe(201)
    const strict = await startTelevision(withheld).catch((fault: unknown) => fault)
    expect(String(strict)).toContain("not registered")
    const added = await Effect.runPromise(
      native.addClient({ metadata: { ...television, token_endpoint_auth_method: "none" } }),
    )
    const app: App = { clientId: added.client_id, method: "none", redirectUri: "" }
    expect((await asking({}, app)).status).toBe(200)
  })

  test("for what is not there is refused before anything is shown", async () => {
    const { wire, asking, app } = await startTelevision({ config: { resources: [RESOURCE] } })
    isRefused(await asking({ scope: "unknown" }), "invalid_scope")
    isRefused(await asking({ resource: "https://elsewhere.example/" }), "invalid_target")
    isRefused(await asking({ resource: "no uri" }), "invalid_target")
    isRefused(
      await asking({ scope: "read write", resource: `https://x.example/${"x".repeat(2025)}` }),
      "invalid_request",
    )
    isRefused(
      await wire.post(
        DEVICE_PATH,
        new URLSearchParams([
          ["client_id", app.clientId],
          ["scope", "read"],
          ["scope", "write"],
        ]),
      ),
      "invalid_request",
    )
  })

  test("without a device code, or with what is none, is told so", async () => {
    const { wire, app, poll } = await startTelevision()
    isRefused(await wire.token(app, { grant_type: DEVICE_CODE_GRANT }), "invalid_request")
    for (const deviceCode of ["x", "gld_", `gld_${"0".repeat(71)}`, `glc_${"0".repeat(71)}`]) {
      isRefused(await poll({ deviceCode }), "invalid_grant")
    }
  })

  test("with a device code at the place of an authorization code or a refresh token gets nothing", async () => {
    const { wire, app, ask, poll, browser } = await startTelevision()
    const both = await wire.newApp({ grant_types: [...television.grant_types, "authorization_code"] })
    const asked = await ask({}, both)
    await answering(browser, asked)
    isRefused(await wire.redeem(both, { code: asked.deviceCode, verifier: "v".repeat(43) }), "invalid_grant")
    isRefused(await wire.refresh(both, asked.deviceCode), "invalid_grant")
    isRefused(await wire.refresh(app, asked.deviceCode), "invalid_grant")
    expect((await wire.revoke(both, asked.deviceCode)).status).toBe(200)
    expect((await poll(asked, {}, both)).status).toBe(200)
  })

  test("narrows what it gets to resources that were granted", async () => {
    const { ask, poll, browser } = await startTelevision()
    const asked = await ask()
    await answering(browser, asked)
    isRefused(await poll(asked, { resource: "https://elsewhere.example/" }), "invalid_target")
    expect((await poll(asked, { resource: RESOURCE })).status).toBe(200)
  })

  test("for a client that is disabled meanwhile is refused, and goes on when it is enabled again", async () => {
    const { ask, poll, browser, native, app } = await startTelevision()
    const asked = await ask()
    await answering(browser, asked)
    await Effect.runPromise(native.disableClient(app.clientId))
    isRefused(await poll(asked), "unauthorized_client")
    await Effect.runPromise(native.enableClient(app.clientId))
    expect((await poll(asked)).status).toBe(200)
  })
})
