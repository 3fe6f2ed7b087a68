/** Signing out: a client sends somebody here, and those that were told who it is are told that they left. */
import { Effect, Fiber } from "effect"
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from "jose"
import * as client from "openid-client"
import type { IDToken } from "openid-client"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { tellLogouts } from "../../../src/provider/index.ts"
import { actionOf } from "../../support/FrontDoor.ts"
import { standingClock } from "../../support/StandingClock.ts"
import { StoreFault } from "../../../src/log/index.ts"
import { PARTY_ISSUER, startProvider } from "../../support/OpenIdParty.ts"

const run = Effect.runPromise
const AFTER = "https://app.example.com/signed-out"
const TOLD = "https://app.example.com/told"
const leaving = { post_logout_redirect_uris: [AFTER], backchannel_logout_uri: TOLD }

type Provider = Awaited<ReturnType<typeof startProvider>>

const isActive = async (config: client.Configuration, token: string) =>
  (await client.tokenIntrospection(config, token)).active

describe("a client that sends somebody to sign out", () => {
  //= OIDCRP-2-ends
  //= OIDCRP-2.1-metadata
  //= OIDCRP-3-registered
  //= OIDCRP-3-state
  it("with an ID token of theirs has them back with its state, the session ended and its grant with it", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const { tokens, browser } = await provider.signIn(config)
    const plain = await provider.codeFor(config, { scope: "read" }, browser)
    const kept = await client.authorizationCodeGrant(config, plain.location, plain.checks)
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: AFTER,
      state: "s",
    })
    const { location } = await browser.get(url.href)
    expect(location).toBe(`${AFTER}?state=s`)
    expect((await browser.get("/account")).text).toContain("/login")
    expect(await isActive(config, tokens.access_token)).toBe(false)
    expect(await isActive(config, kept.access_token)).toBe(true)
  })

  //= OIDCRP-2-confirmed
  //= OIDCRP-2-methods
  it("without one has them asked first, by link or form, and nothing ends before they say so", async () => {
    const provider = await startProvider()
    const { config, clientId } = await provider.party(leaving)
    const { tokens, browser } = await provider.signIn(config)
    const fields = { client_id: clientId, post_logout_redirect_uri: AFTER }
    const posted = await browser.send("POST", "/logout", fields, {
      "content-type": "application/x-www-form-urlencoded",
    })
    const asked = await browser.get(`/logout?${new URLSearchParams(fields)}`)
    for (const page of [posted, asked]) expect(actionOf(page, "/logout")).toBeDefined()
    expect(await isActive(config, tokens.access_token)).toBe(true)
    const left = await browser.submit(asked, "/logout", {})
    expect(left.location).toBe(AFTER)
    expect(await isActive(config, tokens.access_token)).toBe(false)
    expect((await browser.get("/logout")).text).toContain("Nobody is signed in")
  })

  it("with the ID token of somebody else ends nothing of who is signed in", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const { tokens } = await provider.signIn(config)
    const other = provider.newBrowser()
    await other.signIn(await other.get("/login"), "bob")
    const url = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token!, post_logout_redirect_uri: AFTER })
    expect(actionOf(await other.get(url.href), "/logout")).toBeDefined()
    expect(await isActive(config, tokens.access_token)).toBe(true)
  })

  //= OIDCRP-2-client-id
  //= OIDCRP-3-registered
  it("leads nowhere that it did not register, and shows no token of another", async () => {
    const provider = await startProvider()
    const { config, clientId } = await provider.party(leaving)
    const other = await provider.party(leaving)
    const { tokens, browser } = await provider.signIn(config)
    const hint = { id_token_hint: tokens.id_token! }
    for (const parameters of [
      { ...hint, post_logout_redirect_uri: "https://evil.example/" },
      { ...hint, post_logout_redirect_uri: `${AFTER}/` },
      { post_logout_redirect_uri: AFTER },
      { ...hint, client_id: other.clientId },
      { id_token_hint: tokens.access_token, client_id: clientId },
    ]) {
      const { status, location } = await browser.get(`/logout?${new URLSearchParams(parameters)}`)
      expect([status, location]).toEqual([400, undefined])
    }
    expect(await isActive(config, tokens.access_token)).toBe(true)
  })

  it("registers addresses as good as those of its codes", async () => {
    const provider = await startProvider()
    for (const metadata of [
      { post_logout_redirect_uris: ["http://app.example.com/"] },
      { backchannel_logout_uri: "http://app.example.com/" },
      { backchannel_logout_uri: "javascript:alert(1)" },
    ]) {
      await expect(provider.party(metadata)).rejects.toMatchObject({ _tag: "OAuthError" })
    }
  })
})

/** What clients are told, by a reader of the log that runs while the test does; one that is mute never says that it runs. */
const told = (
  provider: Provider,
  answer: (body: URLSearchParams) => Response | Promise<Response> = () => new Response(),
  store = provider.store,
  isMute = false,
) => {
  const bodies: Array<URLSearchParams> = []
  const faults: Array<string> = []
  const fetch = async (url: URL | RequestInfo, init?: RequestInit) => {
    expect(String(url)).toBe(TOLD)
    bodies.push(init!.body as URLSearchParams)
    return answer(bodies.at(-1)!)
  }
  const telling = tellLogouts(provider.native, store, { fetch, onFault: (said) => faults.push(said) })
  const fiber = Effect.runFork(isMute ? Effect.provide(telling, standingClock) : telling)
  const stop = () => run(Fiber.interrupt(fiber)).then(() => undefined)
  /** Until nothing is left to tell of that grant, nor of what ended before: who stops earlier leaves it to the next. */
  const isDoneWith = async ({ claims }: { readonly claims: IDToken }) => {
    const ended = (await run(provider.store.readStream(`grant-${String(claims["sid"])}`, 0))).at(-1)!
    await expect.poll(() => run(provider.store.side.bookmarkOf("back-channel logout"))).toBeGreaterThan(ended.position)
  }
  onTestFinished(stop)
  return { bodies, faults, stop, isDoneWith }
}

const sidsOf = (bodies: ReadonlyArray<URLSearchParams>) =>
  bodies.map((body) => decodeJwt(body.get("logout_token")!)["sid"])

describe("a client that wants to be told", () => {
  //= OIDCBC-2.1-sid
  //= OIDCBC-2.4-logout-token
  //= OIDCBC-2.5-post
  it("gets a logout token of its own kind for the grant that ended, whoever ended it", async () => {
    const provider = await startProvider()
    const { config, clientId } = await provider.party(leaving)
    const { bodies } = told(provider)
    const { claims, tokens } = await provider.signIn(config)
    await client.tokenRevocation(config, tokens.refresh_token!)
    await expect.poll(() => bodies).toHaveLength(1)
    const token = bodies[0]!.get("logout_token")!
    const keys = (await (await provider.carry(new URL("/jwks", PARTY_ISSUER), {})).json()) as JSONWebKeySet
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: PARTY_ISSUER,
      audience: clientId,
      typ: "logout+jwt",
      currentDate: new Date(provider.clock.now()),
    })
    expect(protectedHeader.alg).toBe("ES256")
    expect(payload).toMatchObject({
      sub: claims.sub,
      sid: claims["sid"],
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
    expect(payload).toHaveProperty("jti")
    expect(payload).not.toHaveProperty("nonce")
    expect(await provider.native.serverContext.verify(token, "JWT")).toBeUndefined()
  })

  it("gets one for each grant when a person ends all of them, and none for what told it nobody's name", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const { bodies } = told(provider)
    const { claims, browser } = await provider.signIn(config)
    await provider.signIn(config, {}, browser)
    const plain = await provider.codeFor(config, { scope: "read" }, browser)
    await client.authorizationCodeGrant(config, plain.location, plain.checks)
    await run(provider.native.revokeSubjectSessions(claims.sub))
    await expect.poll(() => bodies).toHaveLength(2)
    const sids = bodies.map((body) => decodeJwt(body.get("logout_token")!)["sid"])
    expect(new Set(sids).size).toBe(2)
    expect(sids).toContain(claims["sid"])
  })

  it("is told once, however many instances read the log", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const [one, other] = [told(provider), told(provider)]
    for (let count = 1; count <= 3; count++) {
      const { tokens } = await provider.signIn(config)
      await client.tokenRevocation(config, tokens.refresh_token!)
      await expect.poll(() => one.bodies.length + other.bodies.length).toBe(count)
    }
    const all = [...one.bodies, ...other.bodies].map((body) => decodeJwt(body.get("logout_token")!)["sid"])
    expect(new Set(all).size).toBe(3)
  })

  //= OIDCBC-2.5-post
  it.each([429, 408, 500, 503])("that answers %i is told again, and one that refuses is not", async (status) => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const answers = [status, 400]
    const { bodies, faults } = told(provider, () => new Response(null, { status: answers.shift() ?? 200 }))
    const first = await provider.signIn(config)
    const second = await provider.signIn(config)
    await client.tokenRevocation(config, first.tokens.refresh_token!)
    await expect.poll(() => bodies).toHaveLength(2)
    await client.tokenRevocation(config, second.tokens.refresh_token!)
    await expect.poll(() => bodies).toHaveLength(3)
    const sids = bodies.map((body) => decodeJwt(body.get("logout_token")!)["sid"])
    expect(sids).toEqual([first.claims["sid"], first.claims["sid"], second.claims["sid"]])
    expect(new Set(bodies.slice(0, 2).map((body) => decodeJwt(body.get("logout_token")!)["jti"])).size).toBe(1)
    expect(faults).toEqual([])
  })

  it("is told of what ended while nobody ran, of that alone, and once", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const first = told(provider)
    const [early, late, other] = [
      await provider.signIn(config),
      await provider.signIn(config),
      await provider.signIn(config),
    ]
    await client.tokenRevocation(config, early.tokens.refresh_token!)
    await first.isDoneWith(early)
    await first.stop()
    await client.tokenRevocation(config, late.tokens.refresh_token!)
    await run(provider.native.revokeSubjectSessions(late.claims.sub))
    const since = await provider.signIn(config)
    const second = told(provider)
    await expect.poll(() => sidsOf(second.bodies)).toContain(other.claims["sid"])
    await client.tokenRevocation(config, since.tokens.refresh_token!)
    await second.isDoneWith(since)
    await second.stop()
    const ended = [late, other, since].map(({ claims }) => claims["sid"])
    expect(sidsOf(second.bodies).toSorted()).toEqual(ended.toSorted())
    const third = told(provider)
    const last = await provider.signIn(config)
    await client.tokenRevocation(config, last.tokens.refresh_token!)
    await expect.poll(() => sidsOf(third.bodies)).toEqual([last.claims["sid"]])
  })

  it("is told although the store failed once, and the operator is told of that", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const { side } = provider.store
    const takeTurn = vi
      .fn(side.takeTurn)
      .mockReturnValueOnce(Effect.fail(new StoreFault({ reason: "disk", message: "the disk failed" })))
    const { bodies, faults } = told(provider, undefined, { ...provider.store, side: { ...side, takeTurn } })
    await expect.poll(() => takeTurn.mock.results.length).toBeGreaterThan(1)
    const { claims, tokens } = await provider.signIn(config)
    await client.tokenRevocation(config, tokens.refresh_token!)
    await expect.poll(() => sidsOf(bodies)).toEqual([claims["sid"]])
    expect(faults).toEqual(["clients are not told for now that somebody signed out: the disk failed"])
  })

  it("is told by another instance what one that died had still to tell", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    const dying = told(provider, () => new Promise<Response>(() => {}), provider.store, true)
    const { claims, tokens } = await provider.signIn(config)
    await client.tokenRevocation(config, tokens.refresh_token!)
    await expect.poll(() => dying.bodies).toHaveLength(1)
    // It says nothing any more: its turn ends by itself.
    provider.clock.pass(61)
    const { bodies } = told(provider)
    await expect.poll(() => sidsOf(bodies)).toEqual([claims["sid"]])
    const jtiOf = (body: URLSearchParams) => decodeJwt(body.get("logout_token")!)["jti"]
    expect(jtiOf(bodies[0]!)).toBe(jtiOf(dying.bodies[0]!))
  })

  it("that cannot be reached delays nobody, and is asked again", async () => {
    const provider = await startProvider()
    const { config } = await provider.party(leaving)
    let isDown = true
    const { bodies } = told(provider, () => (isDown ? new Response(null, { status: 503 }) : new Response()))
    const first = await provider.signIn(config)
    const second = await provider.signIn(config)
    await client.tokenRevocation(config, first.tokens.refresh_token!)
    await expect.poll(() => bodies).toHaveLength(1)
    isDown = false
    await client.tokenRevocation(config, second.tokens.refresh_token!)
    await expect.poll(() => bodies).toHaveLength(3)
    const sids = bodies.map((body) => decodeJwt(body.get("logout_token")!)["sid"])
    expect(sids.filter((sid) => sid === first.claims["sid"])).toHaveLength(2)
  })
})
