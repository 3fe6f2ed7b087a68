/** Login by an OpenID provider: a real one, on this machine, that approves whoever asks. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { onTestFinished, expect, test } from "vitest"
import { openIdLogin } from "../../src/http/index.ts"
import { follow } from "../peers/Follow.ts"
import { startOidcProvider } from "../peers/Peer.ts"
import { VERIFIER, authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"
import { startUpstream } from "./UpstreamProvider.ts"

/** Registers us over there, as its operator would. */
const registration = async (upstream: string, redirectUri: string) => {
  const body = { redirect_uris: [redirectUri], token_endpoint_auth_method: "client_secret_basic" }
  const headers = { "content-type": "application/json" }
  const answer = await fetch(`${upstream}/reg`, { method: "POST", headers, body: JSON.stringify(body) })
  return (await answer.json()) as { readonly client_id: string; readonly client_secret: string }
}

const start = async () => {
  const upstream = await startOidcProvider()
  onTestFinished(upstream.stop)
  const told: Array<string> = []
  const door = await startFrontDoor({}, async (issuer) => {
    const { client_id, client_secret } = await registration(upstream.issuer, `${issuer}/login/callback`)
    return {
      login: openIdLogin({
        issuer: upstream.issuer,
        clientId: client_id,
        clientSecret: client_secret,
        scope: "openid",
      }),
      onUnavailable: (sentence) => told.push(sentence),
    }
  })
  const wire = wireClient(door.issuer)
  const callback = `${door.issuer}/login/callback`
  const app = await wire.newApp({ client_name: "Notes" })
  return { ...door, upstream, told, wire, app, callback, browser: newBrowser(door.issuer) }
}

test("somebody signs in over there, is asked here, and the client gets tokens", async () => {
  const { app, browser, callback, native, upstream, wire } = await start()
  const away = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect(new URL(away.location!).origin).toBe(upstream.issuer)
  const { location } = await follow(away.location!, callback)
  const consent = await browser.follow(await browser.get(location.href))
  expect(consent.text).toContain(`alice@${new URL(upstream.issuer).host}`)
  const answer = await browser.submit(consent, "/consent", { decision: "allow" })
  const code = new URL(answer.location!).searchParams.get("code")!
  expect((await wire.redeem(app, { code, verifier: VERIFIER })).status).toBe(200)
  const [grant] = await Effect.runPromise(native.grants({ clientId: app.clientId }))
  expect(grant).toMatchObject({ basis: { _tag: "User" } })
})

test("where others have the cookies, who is signed in is asked over there anew, for each request by itself", async () => {
  const { app, browser, callback, native, upstream } = await start()
  await browser.follow(
    await browser.get((await follow((await browser.get("/account")).location!, callback)).location.href),
  )
  const away = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect(new URL(away.location!).origin).toBe(upstream.issuer)
  expect(new URL(away.location!).searchParams.get("prompt")).toBe("login")
  const { location } = await follow(away.location!, callback)
  const consent = await browser.follow(await browser.get(location.href))
  expect(consent.text).toContain('value="allow"')
  const next = await browser.follow(await browser.get(authorizeUrl(app.clientId, { state: "next" })))
  expect(new URL(next.location!).origin).toBe(upstream.issuer)
  expect(await Effect.runPromise(native.grants({}))).toEqual([])
})

test("who signs in over there has no password here, and is shown no form to change one", async () => {
  const { browser, callback, upstream } = await start()
  const away = await browser.get("/account")
  const { location } = await follow(away.location!, callback)
  const account = await browser.follow(await browser.get(location.href))
  expect(account.text).toContain(`alice@${new URL(upstream.issuer).host}`)
  expect(account.text).not.toContain('type="password"')
  const fields = { action: "password", password: "", "new-password": "long enough", "repeat-password": "long enough" }
  const refused = await browser.submit(account, "/account", fields)
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('<a href="/account">')
  expect((await browser.get("/login")).status).toBe(404)
})

//= A08
test("an answer from over there is good in the browser that asked, and nowhere else", async () => {
  const { app, browser, callback, issuer } = await start()
  const away = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  const { location } = await follow(away.location!, callback)
  const another = newBrowser(issuer)
  expect((await another.get(location.href)).status).toBe(400)
  expect(another.jar.size).toBe(0)
  const tampered = new URL(location)
  tampered.searchParams.set("code", "another-code")
  expect((await browser.get(tampered.href)).status).toBe(403)
})

test("a provider that cannot be reached is a page with 503, and is asked again the next time", async () => {
  const { app, browser, told, upstream } = await start()
  await upstream.stop()
  const answer = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect([answer.status, answer.location]).toEqual([503, undefined])
  expect(told).toEqual([`the OpenID provider ${upstream.issuer} cannot be reached`])
  expect(answer.headers.get("content-type")).toContain("text/html")
})

/** A door whose people are known by whatever the test says of them. */
const startWithAnybody = async (path = "") => {
  const upstream = await startUpstream(path)
  const { issuer, clientId } = upstream
  const door = await startFrontDoor({}, async () => ({ login: openIdLogin({ issuer, clientId }) }))
  /** The page that somebody who is known over there by these claims ends up on. */
  const arrive = async (told: Readonly<Record<string, unknown>>) => {
    const browser = newBrowser(door.issuer)
    const away = await browser.get("/account")
    return browser.follow(await browser.get(upstream.answerTo(away.location!, told)))
  }
  return { ...door, upstream, arrive }
}

test("a subject of any text is an account, or a page that says it cannot be one", async () => {
  const { arrive, native, upstream } = await startWithAnybody()
  expect((await arrive({ sub: "248289761001" })).text).toContain(`248289761001@${upstream.host}`)
  const before = await Effect.runPromise(native.accounts.list())
  for (const sub of [" ", " a", "a\u0000b", "a\nb", "a\u202eb", "\ud800", "x".repeat(128), "x".repeat(100_000)]) {
    const sight = await arrive({ sub })
    expect([sub.slice(0, 10), sight.status, sight.location]).toEqual([sub.slice(0, 10), 403, undefined])
    expect(sight.headers.get("content-type")).toContain("text/html")
  }
  for (const sub of ["", 7, null, ["a"], undefined]) expect((await arrive({ sub })).status).toBe(403)
  expect(await Effect.runPromise(native.accounts.list())).toEqual(before)
})

test("who comes back from over there again and again has to wait like who tries passwords, and asks nobody meanwhile", async () => {
  const upstream = await startUpstream()
  const { issuer, clientId } = upstream
  const limits = { loginsPerMinute: 3, sourceLoginsPerMinute: 5 }
  const door = await startFrontDoor({}, async () => ({ login: openIdLogin({ issuer, clientId }), limits }))
  const comeBack = async (times: number) => {
    const browser = newBrowser(door.issuer)
    const back = upstream.answerTo((await browser.get("/account")).location!, { sub: "" })
    const statuses: Array<number> = []
    for (let time = 0; time < times; time++) statuses.push((await browser.get(back)).status)
    return statuses
  }
  expect(await comeBack(5)).toEqual([403, 403, 403, 429, 429])
  const before = upstream.askedCount()
  expect(await comeBack(5)).toEqual([403, 403, 429, 429, 429])
  expect(upstream.askedCount() - before).toBe(2)
})

test("who is known by one of two providers on a host is nobody that the other knows", async () => {
  const { arrive, native, upstream } = await startWithAnybody("/realms/a@b")
  await arrive({ sub: "one" })
  const names = (await Effect.runPromise(native.accounts.list())).map(({ name }) => name)
  expect(names).toContain(`one@${upstream.host}/realms/a%40b`)
})

test("a name that cannot be shown is passed over for one that can", async () => {
  const { arrive, upstream } = await startWithAnybody()
  const told = { preferred_username: "a\u202eecila", email: `${"x".repeat(127)}\ud83d\ude00y`, name: ["Alice"] }
  expect((await arrive({ sub: "one", ...told })).text).toContain(`one@${upstream.host}`)
  expect((await arrive({ sub: "one", ...told, name: "Alice <b>" })).text).toContain("Alice &lt;b&gt;")
})

test("of the names that are told, the one that the person chose is shown", async () => {
  const { arrive } = await startWithAnybody()
  const told = { preferred_username: "ally", email: "alice@mail.example", name: "Alice" }
  const shown = async (names: object) => (await arrive({ sub: "one", ...names })).text
  const preferred = await shown(told)
  expect(preferred).toContain("ally")
  expect(preferred).not.toContain("alice@mail.example")
  expect(await shown({ ...told, preferred_username: undefined })).toContain("alice@mail.example")
})

test.each(["http://op.example", "ftp://op.example", "not a URL", "https://user@op.example", "https://op.example/?a"])(
  "a provider that anybody in between could speak for is refused before anything is served: %s",
  (issuer) => {
    expect(() => openIdLogin({ issuer, clientId: "grantlog" })).toThrow(`the OpenID provider \`${issuer}\``)
  },
)

//= RFC9728-7.7-ssrf
test.each([
  "https://127.0.0.1:9/token",
  "https://localhost./token",
  "https://10.0.0.1/token",
  "https://[::127.0.0.1]/",
  "http://id.example.com/token",
])("a provider elsewhere does not send this server to %s", async (place) => {
  const elsewhere = "https://id.example.com"
  const asked: Array<string> = []
  const { fetch: real } = globalThis
  onTestFinished(() => {
    globalThis.fetch = real
  })
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (url.startsWith("http://localhost:")) return real(input, init)
    asked.push(url)
    return Promise.resolve(
      Response.json({
        issuer: elsewhere,
        authorization_endpoint: `${elsewhere}/authorize`,
        token_endpoint: place,
        jwks_uri: place,
      }),
    )
  }
  const door = await startFrontDoor({}, async () => ({
    login: openIdLogin({ issuer: elsewhere, clientId: "us", clientSecret: "secret-of-ours" }),
  }))
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const browser = newBrowser(door.issuer)
  const away = new URL((await browser.follow(await browser.get(authorizeUrl(app.clientId)))).location!)
  expect(away.origin).toBe(elsewhere)
  const answer = new URLSearchParams({ code: "any", state: away.searchParams.get("state")!, iss: elsewhere })
  expect((await browser.get(`/login/callback?${answer}`)).status).toBe(403)
  expect(asked).toEqual([`${elsewhere}/.well-known/openid-configuration`])
})

test("who is asked here is asked over there anew, as whom the client says, and with a challenge of this login's own", async () => {
  const { issuer, upstream } = await startWithAnybody()
  const wire = wireClient(issuer)
  const app = await wire.newApp()
  const asked = async (more: Record<string, string> = {}) => {
    const browser = newBrowser(issuer)
    const away = await browser.follow(await browser.get(authorizeUrl(app.clientId, more)))
    expect(away.headers.getSetCookie().join()).not.toContain("session")
    const { origin, searchParams } = new URL(away.location!)
    expect(origin).toBe(new URL(upstream.issuer).origin)
    return searchParams
  }
  const first = await asked()
  expect(Object.fromEntries(first)).toMatchObject({
    response_type: "code",
    client_id: upstream.clientId,
    redirect_uri: `${issuer}/login/callback`,
    scope: "openid profile",
    prompt: "login",
    code_challenge_method: "S256",
  })
  expect(first.has("login_hint")).toBe(false)
  const second = await asked({ login_hint: "alice", prompt: "login" })
  expect(second.get("login_hint")).toBe("alice")
  expect(second.get("prompt")).toBe("login")
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(first.get(name), name).toMatch(/^[\w.-]{40,}$/)
    expect(second.get(name), name).not.toBe(first.get(name))
  }
})

test("an answer over there is for the login that asked: nonce, verifier and state are looked at", async () => {
  const { issuer, upstream, native } = await startWithAnybody()
  const browser = newBrowser(issuer)
  const away = (await browser.get("/account")).location!
  const refused = async (told: Readonly<Record<string, unknown>>) =>
    (await browser.get(upstream.answerTo(away, { sub: "one", ...told }))).status
  expect(await refused({ nonce: "another" })).toBe(403)
  expect(await refused({ nonce: undefined })).toBe(403)
  expect((await browser.get(`/login/callback?code=any&state=${"x".repeat(40)}`)).status).toBe(400)
  expect((await browser.get("/login/callback?code=any")).status).toBe(400)
  expect(await Effect.runPromise(native.accounts.find(`one@${upstream.host}`))).toBeUndefined()
  expect(await refused({})).toBe(303)
  const { verifier } = upstream.redeemed()
  expect(hash("sha256", verifier, "base64url")).toBe(new URL(away).searchParams.get("code_challenge"))
})

test("an answer over there that comes an hour later is too late, and good until then", async () => {
  const { issuer, upstream, clock } = await startWithAnybody()
  const browser = newBrowser(issuer)
  const away = (await browser.get("/account")).location!
  const answer = () => browser.get(upstream.answerTo(away, { sub: "one" }))
  clock.pass(3599)
  expect((await answer()).status).toBe(303)
  clock.pass(1)
  expect((await answer()).status).toBe(400)
})
