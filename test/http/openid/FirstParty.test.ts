/** What clients of the operator's own may, what strangers may not, and whom a request means. */
import { Effect } from "effect"
import * as client from "openid-client"
import { describe, expect, it } from "vitest"
import { CALLBACK, startProvider } from "../../support/OpenIdParty.ts"

const run = Effect.runPromise
const own = { policy: "first-party" } as const

type Provider = Awaited<ReturnType<typeof startProvider>>

/** The answer to a request, without signing in or allowing anything. */
const askedBy = async (
  provider: Provider,
  config: client.Configuration,
  parameters: Readonly<Record<string, string>>,
  browser = provider.newBrowser(),
) => {
  const url = client.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: "openid", ...parameters })
  const answer = await browser.follow(await browser.get(url.href))
  return { answer, said: new URL(answer.location ?? "about:blank").searchParams, isPage: answer.status === 200 }
}

const challenged = { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" }
const whole = { ...challenged, nonce: "n" }

//= OIDC-3.1.2.1-prompt-none
describe("a client of the operator's own", () => {
  it("is answered without a question for whoever is signed in, by a policy that the log names", async () => {
    const provider = await startProvider()
    const { config, clientId } = await provider.party({}, own)
    const { claims, browser } = await provider.signIn(config)
    const silent = await provider.signIn(config, { prompt: "none" }, browser)
    expect(silent.claims.sub).toBe(claims.sub)
    const grants = await run(provider.native.grants({ clientId }))
    expect(grants).toHaveLength(2)
    for (const grant of grants) expect(grant).toMatchObject({ basis: { _tag: "Policy", policy: "first-party" } })
    expect(await run(provider.native.client(clientId))).toMatchObject(own)
  })

  it("is told that nobody is signed in, before anybody is", async () => {
    const provider = await startProvider()
    const { config } = await provider.party({}, own)
    const { said } = await askedBy(provider, config, { ...whole, prompt: "none", state: "s" })
    expect([said.get("error"), said.get("state")]).toEqual(["login_required", "s"])
    const wrong = await askedBy(provider, config, { ...whole, response_type: "token" })
    expect(wrong.said.get("error")).toBe("unsupported_response_type")
  })

  it("may leave out nonce and challenge if it proves itself, and then sends no verifier", async () => {
    const provider = await startProvider()
    const { config } = await provider.party({}, own)
    const browser = provider.newBrowser()
    await browser.signIn(await browser.get("/login"))
    const { said, answer } = await askedBy(provider, config, {}, browser)
    expect(said.get("code")).toMatch(/^glc_/)
    const tokens = await client.authorizationCodeGrant(config, new URL(answer.location!), { idTokenExpected: true })
    expect(tokens.claims()).not.toHaveProperty("nonce")
    const open = await provider.party({ token_endpoint_auth_method: "none" }, own)
    const bare = await askedBy(provider, open.config, { nonce: "n" }, browser)
    expect(bare.said.get("error_description")).toContain("code_challenge is missing")
  })

  it("has somebody asked where it wishes so, or where the login is not what it demands", async () => {
    const provider = await startProvider()
    const { config } = await provider.party({}, own)
    const { browser } = await provider.signIn(config)
    expect((await askedBy(provider, config, { ...whole, prompt: "consent" }, browser)).answer.text).toContain(
      "/consent",
    )
    provider.clock.pass(61)
    const old = await askedBy(provider, config, { ...whole, prompt: "none", max_age: "60" }, browser)
    expect(old.said.get("error")).toBe("login_required")
    expect((await askedBy(provider, config, { ...whole, prompt: "login" }, browser)).answer.text).toContain("/login")
  })
})

describe("any other client", () => {
  it("is answered by nobody's silence, without nonce and challenge neither, and is told nothing before somebody signed in", async () => {
    const provider = await startProvider()
    const { config, clientId } = await provider.party()
    const { browser } = await provider.signIn(config)
    const asked = (parameters: Record<string, string>, by = browser) => askedBy(provider, config, parameters, by)
    expect((await asked({ ...whole, prompt: "none" })).said.get("error")).toBe("consent_required")
    expect((await asked(challenged)).said.get("error_description")).toContain("nonce is missing")
    expect((await asked({ nonce: "n" })).said.get("error_description")).toContain("code_challenge is missing")
    const stranger = await asked({ ...whole, prompt: "none" }, provider.newBrowser())
    expect([stranger.isPage, stranger.answer.location]).toEqual([false, undefined])
    const [grant] = await run(provider.native.grants({ clientId }))
    expect(grant).toMatchObject({ basis: { _tag: "User" } })
  })

  it("that registers itself cannot call itself the operator's own", async () => {
    const provider = await startProvider()
    const metadata = { redirect_uris: [CALLBACK] }
    const dynamic = provider.native.addClient({ metadata, origin: "dynamic", ...own })
    expect(await run(Effect.flip(dynamic))).toMatchObject({ error: "invalid_client_metadata" })
    const registered = await run(provider.native.registerClient({ ...metadata, policy: "first-party" }))
    expect(await run(provider.native.client(registered.client_id))).not.toHaveProperty("policy")
  })
})

//= OIDC-3.1.2.1-id-token-hint
describe("an ID token that a client shows", () => {
  it("says who has to be signed in, also when it has expired", async () => {
    const provider = await startProvider()
    const { config } = await provider.party({}, own)
    const { tokens, browser } = await provider.signIn(config)
    provider.clock.pass(301)
    const hint = { ...whole, prompt: "none", id_token_hint: tokens.id_token! }
    expect((await askedBy(provider, config, hint, browser)).said.get("code")).toMatch(/^glc_/)
    const other = provider.newBrowser()
    await other.signIn(await other.get("/login"), "bob")
    expect((await askedBy(provider, config, hint, other)).said.get("error")).toBe("login_required")
    const asked = await askedBy(provider, config, { ...whole, id_token_hint: tokens.id_token! }, other)
    expect(asked.answer.text).toContain("/login")
    const still = await other.follow(await other.signIn(asked.answer, "bob"))
    expect(new URL(still.location!).searchParams.get("error")).toBe("login_required")
  })

  it("is one of its own, or nothing", async () => {
    const provider = await startProvider()
    const [first, second] = [await provider.party({}, own), await provider.party({}, own)]
    const { tokens, browser } = await provider.signIn(first.config)
    for (const id_token_hint of [tokens.id_token!, tokens.access_token, "none"]) {
      const { said } = await askedBy(provider, second.config, { ...whole, id_token_hint }, browser)
      expect(said.get("error")).toBe("invalid_request")
    }
  })
})

//= OIDC-2-auth-time
it("an ID token says when the login was, and a request for a younger one asks again", async () => {
  const provider = await startProvider()
  const { config } = await provider.party()
  const { claims, browser } = await provider.signIn(config)
  expect(Math.floor(provider.clock.now() / 1000) - Number(claims["auth_time"])).toBeLessThan(3)
  provider.clock.pass(120)
  const again = await provider.signIn(config, { max_age: "60" }, browser, { maxAge: 60 })
  expect(again.claims["auth_time"]).toBeGreaterThanOrEqual(Number(claims["auth_time"]) + 120)
})

//= OIDC-3.1.2.1-methods
it("a request that a form brings goes on as an address, with all that it says", async () => {
  const provider = await startProvider()
  const { clientId } = await provider.party()
  const browser = provider.newBrowser()
  const fields = { client_id: clientId, redirect_uri: CALLBACK, response_type: "code", scope: "openid", ...whole }
  const posted = await browser.send("POST", "/authorize", fields)
  expect(posted.status).toBe(303)
  expect((await browser.walk(posted.location!)).text).toContain("/consent")
})
