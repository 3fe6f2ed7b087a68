/** The rules of `grant_type=authorization_code`. */
import { expect, test } from "vitest"
import { startSession } from "../../support/Session.ts"
import type { Factory } from "../../support/TestServer.ts"
import { RESOURCE, newVerifier } from "../../support/WireClient.ts"

export const codeRules = (factory: Factory): void => {
  //= OAUTH21-3.2.3-no-store
  //= OAUTH21-3.2.3-scope-if-different
  //= MCP-AUTHZ-as-short-lived
  test("a code gives Bearer tokens with numeric lifetime and scope, and nothing is null or cached", async () => {
    const { wire, app } = await startSession(factory)
    const { status, body, headers } = await wire.redeem(app, await wire.approved(app, { scope: "read write" }))
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^gla_[0-9A-Za-z]{71}$/),
      refresh_token: expect.stringMatching(/^glr_[0-9A-Za-z]{77}$/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "read write",
    })
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("content-type")).toBe("application/json")
  })

  //= OAUTH21-4.1.3-code-single-use
  //= OAUTH21-4.1.3-code-reuse-revokes
  //= A13
  test("a replayed code is refused, and everything of its grant dies", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const approval = await wire.approved(app, { resource: RESOURCE })
    const { body } = await wire.redeem(app, approval)
    expect(await wire.isActive(watcher, body.access_token!)).toBe(true)

    const replay = await wire.redeem(app, approval)
    expect(replay).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
    expect(await wire.refresh(app, body.refresh_token!)).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    })
  })

  test("a code replayed after its expiry still ends what it gave", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const approval = await wire.approved(app, { resource: RESOURCE })
    const { body } = await wire.redeem(app, approval)
    clock.pass(120)
    expect(await wire.redeem(app, approval)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
  })

  //= OAUTH21-4.1.1-pkce-supported
  //= OAUTH21-4.1.3-verifier-iff-challenge
  //= OAUTH21-4.1.3-verifier-correct
  //= RFC7636-4.6-mismatch-invalid-grant
  //= A09
  test("a wrong, malformed or missing verifier is refused and harms nothing", async () => {
    const { wire, app } = await startSession(factory)
    const approval = await wire.approved(app)
    for (const code_verifier of [newVerifier(), "short", undefined]) {
      const answer = await wire.redeem(app, approval, { code_verifier })
      expect(answer).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    }
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })

  //= OAUTH21-7.5.2-bad-replay-no-revoke
  //= A14
  test("a replay with a wrong verifier ends nothing", async () => {
    const { wire, app } = await startSession(factory)
    const approval = await wire.approved(app)
    const { body } = await wire.redeem(app, approval)
    expect((await wire.redeem(app, approval, { code_verifier: newVerifier() })).status).toBe(400)
    expect((await wire.refresh(app, body.refresh_token!)).status).toBe(200)
  })

  //= OAUTH21-4.1.3-code-client-binding
  //= A15
  test("another client can neither redeem a code nor harm it", async () => {
    const { wire, app } = await startSession(factory)
    const other = await wire.newApp()
    const approval = await wire.approved(app)
    expect(await wire.redeem(other, approval)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    const { body } = await wire.redeem(app, approval)
    expect((await wire.redeem(other, approval)).status).toBe(400)
    expect((await wire.refresh(app, body.refresh_token!)).status).toBe(200)
  })

  //= OAUTH21-4.1.2-code-short-life
  test("a code lives sixty seconds and not a second longer", async () => {
    const { wire, app, clock } = await startSession(factory)
    const [late, inTime] = [await wire.approved(app), await wire.approved(app)]
    clock.pass(59.999)
    expect((await wire.redeem(app, inTime)).status).toBe(200)
    clock.pass(0.001)
    expect(await wire.redeem(app, late)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
  })

  //= OAUTH21-10.2-redirect-uri-compat
  test("the redirect URI of the request may be left out, and a wrong one is refused", async () => {
    const { wire, app } = await startSession(factory)
    const approval = await wire.approved(app)
    const wrong = await wire.redeem(app, approval, { redirect_uri: `${app.redirectUri}/` })
    expect(wrong).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    expect((await wire.redeem(app, approval, { redirect_uri: undefined })).status).toBe(200)
  })

  //= RFC8707-2.2-token-subset-of-grant
  test("a resource that was not granted is invalid_target, and the code is not spent", async () => {
    const { wire, app, watcher } = await startSession(factory)
    const approval = await wire.approved(app, { resource: [RESOURCE, "http://localhost:9998/mcp"] })
    const foreign = await wire.redeem(app, approval, { resource: "http://localhost:9997/mcp" })
    expect(foreign).toMatchObject({ status: 400, body: { error: "invalid_target" } })

    const { body } = await wire.redeem(app, approval, { resource: RESOURCE })
    expect((await wire.introspect(watcher, body.access_token!)).body["aud"]).toBe(RESOURCE)
  })

  test("a client that may not refresh gets no refresh token", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp({ grant_types: ["authorization_code"] })
    const { status, body } = await wire.redeem(app, await wire.approved(app))
    expect(status).toBe(200)
    expect(body).not.toHaveProperty("refresh_token")
  })

  //= RFC6749-5.2-error-codes
  //= RFC9700-2.4-no-password-grant
  test("what is missing or unknown is refused by the code that names it", async () => {
    const { wire, app } = await startSession(factory)
    const approval = await wire.approved(app)
    const errorOf = async (form: Record<string, string>) => {
      const { status, body } = await wire.token(app, form)
      return [status, body.error]
    }
    expect(await errorOf({ grant_type: "authorization_code" })).toEqual([400, "invalid_request"])
    expect(await errorOf({ code: approval.code })).toEqual([400, "invalid_request"])
    expect(await errorOf({ grant_type: "password", username: "a", password: "b" })).toEqual([
      400,
      "unsupported_grant_type",
    ])
    expect(await errorOf({ grant_type: "toString" })).toEqual([400, "unsupported_grant_type"])
    expect(
      await errorOf({ grant_type: "authorization_code", code: "glc_no", code_verifier: approval.verifier }),
    ).toEqual([400, "invalid_grant"])
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })

  //= OAUTH21-3.1-ignore-unknown-params
  test("parameters that are not known are ignored, at both endpoints", async () => {
    const { wire, app } = await startSession(factory)
    const unknown = { favourite_colour: "red", constructor: "x" }
    const { code, verifier } = await wire.approved(app, unknown)
    const form = { grant_type: "authorization_code", code, code_verifier: verifier }
    expect((await wire.token(app, { ...form, ...unknown })).status).toBe(200)
  })

  //= OAUTH21-3.1-no-duplicate-params
  test("a repeated parameter is refused, and the code is not spent", async () => {
    const { wire, app } = await startSession(factory)
    const approval = await wire.approved(app)
    const twice = await wire.redeem(app, approval, { code: [approval.code, approval.code] })
    expect(twice).toMatchObject({ status: 400, body: { error: "invalid_request" } })
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })
}
