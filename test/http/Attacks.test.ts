/**
 * Attacks by a page or a link, mounted against the running front door by a browser without eyes.
 *
 * What only a real browser can suffer, frames, forms from elsewhere, and referrers, is mounted in test/browser; headers in HostHeaders.test.ts.
 */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { VERIFIER, authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { addResourceServer } from "../support/Session.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"

const start = async (metadata: Readonly<Record<string, unknown>> = {}) => {
  const door = await startFrontDoor()
  const wire = wireClient(door.issuer)
  const app = await wire.newApp({ client_name: "Notes", ...metadata })
  const browser = newBrowser(door.issuer)
  const signIn = async (name = "alice") => browser.signIn(await browser.get("/login"), name)
  const consent = async (more: Record<string, string> = {}, name?: string, password?: string) =>
    browser.walk(authorizeUrl(app.clientId, { redirect_uri: app.redirectUri, ...more }), name, password)
  const answer = (page: Sight, decision = "allow") => browser.submit(page, "/consent", { decision })
  const openCount = async () =>
    (await Effect.runPromise(door.native.grants({}))).filter(({ _tag }) => _tag === "Open").length
  return { ...door, wire, app, browser, signIn, consent, answer, openCount }
}

const HOME = "https://app.example/callback?x=1"

/** Addresses that a careless comparison, parser or browser takes for the registered one. */
const lookalikes: ReadonlyArray<string> = [
  "https://app.example/callback",
  "https://app.example/callback?x=1&x=1",
  "https://app.example/callback?x=1#",
  "https://app.example/callback/?x=1",
  "https://app.example//callback?x=1",
  "https://app.example/callback/../callback?x=1",
  "https://app.example/callback%2f..%2fevil?x=1",
  "https://app.example/Callback?x=1",
  "https://app.example/%63allback?x=1",
  "https://app.example:443/callback?x=1",
  "https://app.example:8443/callback?x=1",
  "https://app.example./callback?x=1",
  "https://app.example.evil.example/callback?x=1",
  "https://evil.example/https://app.example/callback?x=1",
  "https://app.example@evil.example/callback?x=1",
  "https://app.example\\@evil.example/callback?x=1",
  "https://evil.example\\.app.example/callback?x=1",
  "https://аpp.example/callback?x=1",
  "http://app.example/callback?x=1",
  "HTTPS://app.example/callback?x=1",
  "//app.example/callback?x=1",
  " https://app.example/callback?x=1",
  "https://app.example/callback?x=1\r\nLocation: https://evil.example/",
  "javascript:alert(1)//https://app.example/callback?x=1",
]

//= OAUTH21-2.3.1-exact-redirect-match
test("A01: nothing that only looks like the registered address is gone to, signed in or not, asked well or badly", async () => {
  const { app, browser, signIn } = await start({ redirect_uris: [HOME] })
  const tryAll = async () => {
    for (const redirect_uri of lookalikes) {
      for (const wish of [{}, { response_type: "token" }, { prompt: "none" }]) {
        const sight = await browser.get(authorizeUrl(app.clientId, { redirect_uri, ...wish }))
        expect([redirect_uri, sight.status, sight.location]).toEqual([redirect_uri, 400, undefined])
        const links = [...sight.text.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)
        expect([redirect_uri, links]).toEqual([redirect_uri, [browser.issuer]])
      }
    }
  }
  await tryAll()
  await signIn()
  await tryAll()
  expect((await browser.get(authorizeUrl(app.clientId, { redirect_uri: HOME }))).status).toBe(303)
})

//= OAUTH21-3.1-auth-user-first
test("A02: a link to a phisher's own client leads to no page of theirs before somebody has signed in", async () => {
  const { app, browser, issuer } = await start({ redirect_uris: [HOME] })
  const wishes = [
    {},
    { scope: "no-such-scope" },
    { response_type: "token" },
    { response_type: "" },
    { prompt: "none" },
    { prompt: "dance" },
    { code_challenge: "" },
    { resource: "no uri" },
    { state: "x".repeat(5000) },
  ]
  for (const wish of wishes) {
    const arrived = await browser.follow(await browser.get(authorizeUrl(app.clientId, { redirect_uri: HOME, ...wish })))
    expect([wish, arrived.location]).toEqual([wish, undefined])
    expect(arrived.text).toMatch(/type="password"|This cannot be done/)
  }
  const parameters = new URL(authorizeUrl(app.clientId, { redirect_uri: HOME }), issuer).searchParams
  parameters.append("scope", "read")
  parameters.append("scope", "write")
  expect((await browser.get(`/authorize?${parameters}`)).location).toBeUndefined()
})

//= OAUTH21-7.5.3-no-307
test("A03: no form of ours, whatever its answer, is sent on by the browser to where that answer leads", async () => {
  const { browser, consent, answer, issuer } = await start()
  const login = await browser.get("/login")
  const answers = [await browser.signIn(login, "alice", "a wrong password"), await browser.signIn(login)]
  const page = await consent()
  answers.push(await answer(page, "switch"), await answer(page, "maybe"), await answer(page), await answer(page))
  answers.push(await answer(await consent({ state: "another" }), "deny"))
  for (const fields of [{ action: "revoke-all" }, { action: "dance" }, { action: "sign-out" }]) {
    answers.push(await browser.submit(await browser.get("/account"), "/account", fields))
  }
  answers.push(await browser.send("POST", "/account", { form: "x" }, { origin: issuer }))
  for (const { status } of answers) expect([200, 303, 400, 403]).toContain(status)
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(5)
})

/** Every kind of answer that somebody meets at the door. */
const sights = async ({ app, browser, consent, answer, signIn }: Awaited<ReturnType<typeof start>>) => {
  const seen: Array<readonly [what: string, sight: Sight]> = []
  const see = (what: string, sight: Sight): Sight => {
    seen.push([what, sight])
    return sight
  }
  see("home", await browser.get("/"))
  see("an error before login", await browser.get(authorizeUrl(app.clientId, { response_type: "token" })))
  see("an unknown client", await browser.get(authorizeUrl("nobody")))
  see("the way to consent", await browser.get(authorizeUrl(app.clientId)))
  const login = see("login", await browser.get("/login"))
  see("a wrong password", await browser.signIn(login, "alice", "a wrong password"))
  see("a foreign form", await browser.send("POST", "/login", { form: "x" }, { origin: "https://evil.example" }))
  see("the way on from login", await browser.signIn(login))
  see("account", await browser.get("/account"))
  see("no action", await browser.submit(await browser.get("/account"), "/account", {}))
  see("an error after login", await browser.get(authorizeUrl(app.clientId, { response_type: "token" })))
  see("an unreadable request", await browser.get("/consent?request=x"))
  const page = see("consent", await consent())
  see("no decision", await answer(page, "maybe"))
  see("another account", await answer(page, "switch"))
  see("the code", await answer(page))
  see("a second answer", await answer(page))
  see("the way out", await browser.submit(await browser.get("/account"), "/account", { action: "sign-out" }))
  see("an answer without a session", await answer(page))
  await signIn()
  see("a form of the session before", await answer(page))
  return seen
}

//= OAUTH21-7.11-clickjacking
//= OAUTH21-3.2.3-no-store
test("A06, A42, A44: no answer at the door is kept, framed, or named to the site that comes next", async () => {
  const all = await sights(await start())
  expect(all).toHaveLength(20)
  for (const [what, { status, headers, location }] of all) {
    expect(headers.get("cache-control"), what).toBe("no-store")
    expect(headers.get("referrer-policy"), what).toBe("no-referrer")
    if (status === 303) expect(location, what).toBeDefined()
    else expect(headers.get("content-security-policy"), what).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/)
  }
})

test("A44: no address and no page holds a password or the id of a session", async () => {
  const session = await start()
  const secrets = new Set<string>()
  for (const [what, { location = "", text, headers }] of await sights(session)) {
    for (const line of headers.getSetCookie()) {
      const value = /session[^=]*=([^;]{43})/.exec(line)?.[1]
      if (value !== undefined) secrets.add(value)
    }
    for (const secret of ["a wrong password", "correct horse", ...secrets]) {
      expect(location + text, what).not.toContain(secret)
      expect(location + text, what).not.toContain(encodeURIComponent(secret))
    }
  }
  expect(secrets.size).toBe(1)
})

test("A37: a client that is swapped for another, its redirect URI included, gets nothing of what was asked before", async () => {
  const { app, browser, consent, answer, native, openCount, signIn } = await start()
  await signIn()
  const page = await consent()
  await Effect.runPromise(
    native.updateClient(app.clientId, {
      redirect_uris: ["https://evil.example/callback"],
      token_endpoint_auth_method: "none",
      client_name: "Notes",
    }),
  )
  for (const sight of [await answer(page), await answer(page, "deny"), await consent()]) {
    expect([409, 400]).toContain(sight.status)
    expect(sight.location).toBeUndefined()
    expect(sight.text).not.toContain("evil.example")
  }
  expect(await openCount()).toBe(0)
  const anew = await browser.walk(authorizeUrl(app.clientId, { redirect_uri: "https://evil.example/callback" }))
  expect(anew.text).toContain("the site evil.example")
})

//= OAUTH21-7.4-sub-namespace
test("A45: a client is no user, though somebody has an account by the client's id", async () => {
  const { native, wire, consent, answer, app } = await start()
  const watcher = await addResourceServer({ native } as Parameters<typeof addResourceServer>[0])
  const { client_id, client_secret } = await Effect.runPromise(
    native.addClient({
      metadata: {
        redirect_uris: [],
        grant_types: ["client_credentials"],
        token_endpoint_auth_method: "client_secret_post",
      },
    }),
  )
  const robot = {
    clientId: client_id,
    clientSecret: client_secret!,
    method: "client_secret_post",
    redirectUri: "",
  } as const
  const own = await wire.token(robot, { grant_type: "client_credentials", resource: RESOURCE })
  const password = "a password of its own"
  await Effect.runPromise(native.accounts.add(client_id, password, 1))
  const given = await answer(await consent({ resource: RESOURCE }, client_id, password))
  const code = new URL(given.location!).searchParams.get("code")!
  const users = await wire.redeem(app, { code, verifier: VERIFIER })
  const subjectOf = async (token: string | undefined) => (await wire.introspect(watcher, token!)).body["sub"]
  expect(await subjectOf(own.body.access_token)).toBeUndefined()
  expect(await subjectOf(users.body.access_token)).toMatch(/^sub_/)
})

test("A48: a page that was open when its account was disabled, signed out or given a new password allows nothing", async () => {
  const { native, consent, answer, browser, signIn, openCount, issuer } = await start()
  const alice = (await Effect.runPromise(native.accounts.find("alice")))!
  const endings: ReadonlyArray<() => Promise<unknown>> = [
    () => browser.get("/account").then((page) => browser.submit(page, "/account", { action: "end-sessions" })),
    () => Effect.runPromise(native.sessions.endAll(alice.subjectId)),
    () => Effect.runPromise(native.disableSubject(alice.subjectId)),
  ]
  for (const [index, end] of endings.entries()) {
    await signIn()
    const page = await consent({ state: `s${index}` })
    expect(page.text).toContain('value="allow"')
    const kept = new Map(browser.jar)
    await end()
    const copy = newBrowser(issuer)
    for (const [name, value] of kept) copy.jar.set(name, value)
    for (const who of [browser, copy]) {
      const sight = await who.submit(page, "/consent", { decision: "allow" })
      expect([index, sight.status, sight.location]).toEqual([index, 403, undefined])
    }
  }
  expect(await openCount()).toBe(0)
  expect((await answer(await consent())).location).toBeUndefined()
})
