/** What a request demands of the login, what the login says of itself, and what becomes of one that falls short. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { openIdLogin, ownLogin, type EndpointOptions, type OwnSession } from "../../src/http/index.ts"
import { jwtAccessTokens, standardFeatures, stepUp, type Feature } from "../../src/provider/index.ts"
import { VERIFIER, authorizeUrl, isLoginPage, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { REDIRECT_URI, wireClient } from "../support/WireClient.ts"
import { startUpstream } from "./UpstreamProvider.ts"

const RESOURCE = "https://files.example/mcp"
/** On a host where nobody else listens, a session is asked for consent alone (test/http/OtherPorts.test.ts). */
const config = { issuer: "https://id.example", resources: [RESOURCE] }
const strengths = stepUp({ acrValues: ["bronze", "gold"] })

const start = async (login?: EndpointOptions["login"], features: ReadonlyArray<Feature> = [strengths]) => {
  const endpoints = login === undefined ? {} : { login }
  const door = await startFrontDoor({ config, features: [...standardFeatures, ...features], endpoints })
  const wire = wireClient(door.url)
  const app = await wire.newApp({ client_name: "Notes", token_endpoint_auth_method: "client_secret_basic" })
  const browser = newBrowser(door.issuer, door.carry)
  const ask = async (wish: Readonly<Record<string, string>>) =>
    browser.follow(await browser.get(authorizeUrl(app.clientId, wish)))
  /** The tokens of whoever allows what the page asks. */
  const allow = async (page: Sight) => {
    const answer = await browser.submit(page, "/consent", { decision: "allow" })
    const code = new URL(answer.location!).searchParams.get("code")!
    const { body } = await wire.redeem(app, { code, verifier: VERIFIER })
    return { access: body.access_token!, refresh: body.refresh_token! }
  }
  const introspected = async (token: string) => (await wire.introspect(app, token)).body
  const basisOfGrant = async () => {
    const [grant] = await Effect.runPromise(door.native.grants({ clientId: app.clientId }))
    return grant?._tag === "Open" ? grant.basis : undefined
  }
  return { ...door, wire, app, browser, ask, allow, introspected, basisOfGrant }
}

/** A program's own sessions: `session.now` is the one that the browser has, and signing in is done by what `signIn` does. */
const startBesideProgram = async (session: { now: OwnSession | undefined }, signIn: () => void = () => {}) => {
  const asked: Array<Readonly<Record<string, unknown>>> = []
  const login = ownLogin({
    sessionOf: () => session.now,
    signInAt: (returnTo, { authenticatedAfter, acrValues }) => {
      asked.push({ authenticatedAfter, acrValues })
      signIn()
      return `${config.issuer}${returnTo}`
    },
  })
  return { ...(await start(login)), asked }
}

/** What the client is told by way of the browser. */
const toldTo = ({ location = "" }: Sight) =>
  location.startsWith(REDIRECT_URI) ? new URL(location).searchParams.get("error") : undefined

const isConsent = ({ text }: Sight) => text.includes('value="allow"')

describe("what a login says of itself", () => {
  //= RFC9470-6-token-says
  //= RFC9470-6.2-introspection
  test("stands in the grant, in the record of the token and in introspection, and no refresh makes it newer", async () => {
    const { native, browser, ask, allow, app, wire, clock, basisOfGrant, introspected } = await start()
    const page = await browser.follow(await browser.signIn(await ask({})))
    const authTime = clock.now()
    clock.pass(40)
    const tokens = await allow(page)
    expect(await basisOfGrant()).toMatchObject({ _tag: "User", login: { authTime, amr: ["pwd"] } })
    const auth_time = Math.floor(authTime / 1000)
    expect(await Effect.runPromise(native.verify(tokens.access))).toMatchObject({ authTime: auth_time })
    clock.pass(500)
    const refreshed = await wire.refreshed(app, tokens.refresh)
    for (const token of [tokens.access, refreshed.access]) {
      const answer = await introspected(token)
      expect([answer["auth_time"], "acr" in answer]).toEqual([auth_time, false])
    }
    // A refresh token is presented to no resource.
    expect(await introspected(refreshed.refresh)).not.toHaveProperty("auth_time")
  })

  test("comes from the session of a program around, as that has it", async () => {
    const since = Date.now() - 90_000
    const session = { now: { user: "maria", since, acr: "gold", amr: ["pwd", "otp"] } }
    const { ask, allow, basisOfGrant, introspected } = await startBesideProgram(session)
    const { access } = await allow(await ask({}))
    expect(await basisOfGrant()).toMatchObject({ login: { authTime: since, acr: "gold", amr: ["pwd", "otp"] } })
    expect(await introspected(access)).toMatchObject({ auth_time: Math.floor(since / 1000), acr: "gold" })
  })

  test.each([
    ["a strength with a space", { acr: "two words" }, /`acr`/],
    ["a list of methods that is none", { amr: "pwd" as unknown as string[] }, /`amr`/],
  ])("%s is the program's own mistake", async (_, how, sentence) => {
    const login = ownLogin({ sessionOf: () => ({ user: "maria", since: 1, ...how }), signInAt: () => "/" })
    const defects: Array<unknown> = []
    const { native } = await startFrontDoor({ config })
    const { createHandler } = await import("../../src/http/index.ts")
    const handle = createHandler(native, { login, onDefect: (defect) => defects.push(defect) })
    expect((await handle(new Request(`${config.issuer}/account`))).status).toBe(500)
    expect(String(defects[0])).toMatch(sentence)
  })

  test("comes from the provider that signed somebody in, by that one's own clock, and as far as it can be read", async () => {
    const upstream = await startUpstream()
    const { issuer, clientId } = upstream
    const { browser, ask, allow, app, clock, basisOfGrant } = await start(openIdLogin({ issuer, clientId }))
    const away = await ask({ acr_values: "gold bronze" })
    expect(new URL(away.location!).searchParams.get("acr_values")).toBe("gold bronze")
    const iat = Math.floor(Date.now() / 1000)
    const told = { sub: "17", iat, auth_time: iat - 30, acr: "gold", amr: ["hwk", 17] }
    const page = await browser.follow(await browser.get(upstream.answerTo(away.location!, told)))
    await allow(page)
    const basis = await basisOfGrant()
    const login = basis?._tag === "User" ? basis.login : undefined
    expect(login).toEqual({ authTime: expect.any(Number), acr: "gold" })
    expect(Math.abs(clock.now() - 30_000 - login!.authTime)).toBeLessThanOrEqual(2_000)
    expect(app.clientId).not.toBe("")
  })

  //= RFC9470-6.1-jwt
  test("stands in JWT access tokens, with the methods", async () => {
    const session = { now: { user: "maria", since: 1_700_000_000_500, acr: "gold", amr: ["hwk", "user"] } }
    const login = ownLogin({ sessionOf: () => session.now, signInAt: () => "/" })
    const { ask, allow } = await start(login, [jwtAccessTokens({ resources: "all" })])
    const { access } = await allow(await ask({ resource: RESOURCE }))
    const claims = JSON.parse(Buffer.from(access.split(".")[1]!, "base64url").toString())
    expect(claims).toMatchObject({ auth_time: 1_700_000_000, acr: "gold", amr: ["hwk", "user"] })
  })
})

describe("what a request demands of the login", () => {
  //= RFC9470-5-acr-necessary
  test("a login that is too weak is asked for again, once, with what is demanded, and goes on when it is strong", async () => {
    const session = { now: { user: "maria", since: 1000, acr: "bronze" } }
    const { ask, asked, allow, introspected } = await startBesideProgram(session, () => {
      session.now = { user: "maria", since: 2000, acr: "gold" }
    })
    const { access } = await allow(await ask({ acr_values: "gold silver" }))
    expect(asked).toEqual([{ authenticatedAfter: undefined, acrValues: ["gold"] }])
    expect((await introspected(access))["acr"]).toBe("gold")
  })

  //= RFC9470-5-unmet
  test.each([
    ["a strength that the login never reaches", { acr_values: "gold" }],
    ["a login that never gets younger", { max_age: "60" }],
    ["a login that never gets younger", { prompt: "login" }],
    ["a moment that is over at once", { max_age: "0" }],
  ])("%s: the client is told, and nobody is led round for ever (%j)", async (_, wish) => {
    const { ask, asked, native } = await startBesideProgram({ now: { user: "maria", since: 1000, acr: "bronze" } })
    expect(toldTo(await ask(wish))).toBe("unmet_authentication_requirements")
    expect(asked).toHaveLength(1)
    expect(await Effect.runPromise(native.grants({}))).toEqual([])
  })

  test("a program that knows the second alone is believed about a login that was asked for", async () => {
    const session = { now: { user: "maria", since: 1000 } }
    const door = await startBesideProgram(session, () => {
      session.now = { user: "maria", since: Math.floor(door.clock.now() / 1000) * 1000 }
    })
    expect(isConsent(await door.ask({ max_age: "0" }))).toBe(true)
    expect(door.asked).toHaveLength(1)
  })

  test("max_age=0 takes a login for the request, whatever session there is, and no second one", async () => {
    const { browser, ask, clock, allow, introspected } = await start()
    await browser.follow(await browser.signIn(await ask({})))
    clock.pass(5)
    const again = await ask({ max_age: "0", state: "again" })
    expect(isLoginPage(again)).toBe(true)
    clock.pass(7)
    const auth_time = Math.floor(clock.now() / 1000)
    const { access } = await allow(await browser.follow(await browser.signIn(again)))
    expect(await introspected(access)).toMatchObject({ auth_time })
  })

  //= RFC9470-5-unmet
  test("a strength that no login here can have is refused before anybody is asked", async () => {
    const { ask, asked } = await startBesideProgram({ now: { user: "maria", since: 1000, acr: "bronze" } })
    expect(toldTo(await ask({ acr_values: "platinum" }))).toBe("unmet_authentication_requirements")
    expect(asked).toEqual([])
    const { ask: askStranger } = await start()
    expect((await askStranger({ acr_values: "platinum" })).text).toContain("bronze, gold")
  })

  //= RFC9470-4-client-asks-anew
  test.each([
    ["acr_values", { acr_values: "gold" }],
    ["max_age", { max_age: "999999999" }],
    ["prompt", { prompt: "consent" }],
    ["login_hint", { login_hint: "maria" }],
  ])("a request that differs by %s alone is another one, with an answer of its own", async (_, wish) => {
    const { browser, ask, allow, native, clock } = await startBesideProgram({
      now: { user: "maria", since: Date.now(), acr: "gold" },
    })
    const [first, second, again] = [await ask({}), await ask(wish), await ask({})]
    expect([first, second].every(isConsent)).toBe(true)
    clock.pass(5)
    await allow(first)
    await allow(second)
    expect(await Effect.runPromise(native.grants({}))).toHaveLength(2)
    // The same request in another tab is the same one still.
    const answer = await browser.submit(again, "/consent", { decision: "allow" })
    expect(answer.location ?? answer.text).not.toContain("code=")
  })

  test("what was shown is not allowed by a session that has become too weak meanwhile", async () => {
    const session = { now: { user: "maria", since: 1000, acr: "gold", id: "one" } }
    const { browser, ask, asked, native } = await startBesideProgram(session)
    const page = await ask({ acr_values: "gold" })
    session.now = { user: "maria", since: 2000, acr: "bronze", id: "one" }
    const answer = await browser.follow(await browser.submit(page, "/consent", { decision: "allow" }))
    expect(toldTo(answer)).toBe("unmet_authentication_requirements")
    expect(asked).toHaveLength(1)
    expect(await Effect.runPromise(native.grants({}))).toEqual([])
  })

  test("a server that knows of no strengths knows no acr_values, and names none in its metadata", async () => {
    const { browser, ask, wire } = await start(undefined, [])
    expect(isConsent(await browser.follow(await browser.signIn(await ask({ acr_values: "gold" }))))).toBe(true)
    expect((await wire.get("/.well-known/oauth-authorization-server")).body).not.toHaveProperty("acr_values_supported")
  })

  //= RFC9470-7-acr-values-supported
  test("the metadata names the strengths", async () => {
    const { wire } = await start()
    const { body } = await wire.get("/.well-known/oauth-authorization-server")
    expect(body["acr_values_supported"]).toEqual(["bronze", "gold"])
  })

  test.each([
    ["of no name", "%20%20"],
    ["of too many", Array.from({ length: 17 }, (_, index) => `v${index}`).join("+")],
    ["with one that is too long", "g".repeat(256)],
    ["with a line break", "gold%0Agold"],
    ["twice", "gold&acr_values=gold"],
  ])("a list of strengths %s is an error", async (_, value) => {
    const { browser, app } = await start()
    const page = await browser.get(`${authorizeUrl(app.clientId)}&acr_values=${value}`)
    expect(page.status).toBe(400)
    expect(page.text).toMatch(/acr_values/)
  })
})
