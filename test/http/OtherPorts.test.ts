/**
 * Cookies know no port: on this machine's own host, whoever listens on another port has the browser's cookies.
 *
 * The thief here holds every cookie that the browser has, at whatever moment, and an account of its own. It approves
 * nothing and denies nothing; what it may do all the same is said.
 */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { isOnSharedHost } from "../../src/http/Browser.ts"
import { hostLogin } from "../examples/ownLogin.ts"
import { PASSWORD, authorizeUrl, isLoginPage, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { REDIRECT_URI, wireClient } from "../support/WireClient.ts"

const start = async (setting?: Parameters<typeof startFrontDoor>[0]) => {
  const door = await startFrontDoor(setting)
  const wire = wireClient(door.issuer)
  const [app, thiefs] = [await wire.newApp({ client_name: "Notes" }), await wire.newApp({ client_name: "Thief" })]
  const browser = newBrowser(door.issuer)
  /** Somebody with all the cookies that the browser has at this moment. */
  const steal = () => {
    const thief = newBrowser(door.issuer)
    for (const [name, value] of browser.jar) thief.jar.set(name, value)
    return thief
  }
  const grants = async () =>
    (await Effect.runPromise(door.native.grants({}))).map((grant) => [
      grant._tag,
      "clientId" in grant && grant.clientId,
    ])
  return { ...door, app, thiefs, browser, steal, grants }
}

/** Everything that can be posted with what a page holds. */
const answerAnyhow = async (thief: ReturnType<typeof newBrowser>, page: Sight) => {
  const answers = []
  for (const decision of ["allow", "deny"]) answers.push(await thief.submit(page, "/consent", { decision }))
  return answers
}

describe("who holds the cookies of a browser that somebody is signed in with", () => {
  test("approves and denies nothing with them, for it is asked for the password", async () => {
    const { browser, thiefs, steal, grants } = await start()
    await browser.signIn(await browser.get("/login"))
    const thief = steal()
    const page = await thief.follow(await thief.get(authorizeUrl(thiefs.clientId)))
    expect(isLoginPage(page)).toBe(true)
    for (const { status, location } of await answerAnyhow(thief, page)) {
      expect([status, location]).toEqual([400, undefined])
    }
    expect(await grants()).toEqual([])
  })

  test("approves nothing with pages from before the password was changed, which it knew then, and the session since", async () => {
    const { browser, thiefs, issuer, grants } = await start()
    await browser.signIn(await browser.get("/login"))
    const thief = newBrowser(issuer)
    const asked = await thief.follow(await thief.get(authorizeUrl(thiefs.clientId)))
    const { location } = await thief.signIn(asked)
    const held = await thief.get(location!)
    expect(held.text).toContain('value="allow"')
    const chosen = "a new and longer password"
    const fields = { password: PASSWORD, "new-password": chosen, "repeat-password": chosen }
    const changed = await browser.submit(await browser.get("/account"), "/account", { action: "password", ...fields })
    expect(changed.status).toBe(200)
    for (const [name, value] of browser.jar) if (name.includes("session")) thief.jar.set(name, value)
    for (const answer of await answerAnyhow(thief, held))
      expect([answer.status, answer.location]).toEqual([400, undefined])
    expect(isLoginPage(await thief.get(location!))).toBe(true)
    expect(await grants()).toEqual([])
  })

  test("approves nothing that it began before somebody signed in for something else", async () => {
    const { app, browser, thiefs, steal, grants } = await start()
    const login = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
    const began = await steal().get(authorizeUrl(thiefs.clientId))
    const consent = await browser.follow(await browser.signIn(login))
    expect((await browser.submit(consent, "/consent", { decision: "allow" })).status).toBe(303)
    const thief = steal()
    expect(isLoginPage(await thief.get(began.location!))).toBe(true)
    expect(await grants()).toEqual([["Open", app.clientId]])
  })

  test("does not answer the very request that somebody has just signed in for", async () => {
    const { app, browser, steal, grants } = await start()
    const began = await browser.get(authorizeUrl(app.clientId))
    const consent = await browser.follow(await browser.signIn(await browser.get(began.location!)))
    expect(consent.text).toContain('value="allow"')
    const thief = steal()
    const again = await thief.get(authorizeUrl(app.clientId))
    for (const address of [began.location!, again.location!, `${began.location!}&signed-in=`]) {
      expect(isLoginPage(await thief.get(address))).toBe(true)
    }
    expect(await grants()).toEqual([])
  })

  test("approves nothing in somebody's name by signing in under its own", async () => {
    const { browser, thiefs, steal, grants, native } = await start()
    await browser.signIn(await browser.get("/login"))
    const thief = steal()
    for (const name of thief.jar.keys()) if (name.includes("session")) thief.jar.delete(name)
    const signedIn = await thief.signIn(await thief.follow(await thief.get(authorizeUrl(thiefs.clientId))), "bob")
    const victims = steal()
    expect(isLoginPage(await victims.get(signedIn.location!))).toBe(true)
    const own = await thief.follow(signedIn)
    const answers = await answerAnyhow(victims, own)
    expect(answers.map(({ status }) => status)).toEqual([400, 400])
    expect((await thief.submit(own, "/consent", { decision: "allow" })).status).toBe(303)
    const [grant] = await Effect.runPromise(native.grants({}))
    expect(grant).toMatchObject({ subjectId: (await Effect.runPromise(native.accounts.find("bob")))!.subjectId })
    expect(await grants()).toHaveLength(1)
  })

  test("cannot put the way in to one request before another, or bend it", async () => {
    const { app, browser, thiefs, steal } = await start()
    const signedIn = await browser.signIn(await browser.follow(await browser.get(authorizeUrl(app.clientId))))
    const thief = steal()
    const { location } = await thief.get(authorizeUrl(thiefs.clientId))
    const receipt = new URL(signedIn.location!).searchParams.get("signed-in")!
    for (const end of [`&signed-in=${receipt}`, `&signed-in=&signed-in=${receipt}`, "&signed-in=x", "&signed-in"]) {
      expect(isLoginPage(await thief.get(location! + end))).toBe(true)
    }
    const foreign = newBrowser(browser.issuer)
    expect((await foreign.get(signedIn.location!)).text).toContain("begun in another browser")
  })

  test("sees the account and can disconnect apps, but takes no password over", async () => {
    const { browser, steal } = await start()
    await browser.signIn(await browser.get("/login"))
    const thief = steal()
    const account = await thief.get("/account")
    expect(account.text).toContain("Signed in as")
    const fields = { "new-password": "the thief's password", "repeat-password": "the thief's password" }
    const changed = await thief.submit(account, "/account", { action: "password", password: "a guess", ...fields })
    expect(changed.status).toBe(403)
    expect((await newBrowser(browser.issuer).signIn(await browser.get("/login"), "alice", PASSWORD)).status).toBe(400)
    expect((await browser.signIn(await browser.get("/login"), "alice", PASSWORD)).status).toBe(303)
  })
})

test("requests that are open side by side are each signed in for, and each answered", async () => {
  const { app, thiefs, browser, grants } = await start()
  const left = await browser.walk(authorizeUrl(app.clientId))
  const right = await browser.walk(authorizeUrl(thiefs.clientId))
  for (const page of [left, right])
    expect((await browser.submit(page, "/consent", { decision: "allow" })).status).toBe(303)
  expect((await grants()).toSorted()).toEqual(
    [
      ["Open", app.clientId],
      ["Open", thiefs.clientId],
    ].toSorted(),
  )
})

test("who is signed in already is asked for the password alone, and told why: the name is filled in", async () => {
  const { app, browser } = await start()
  const because =
    "You are signed in already. Other programs on this computer could use that, so every app takes your password."
  expect((await browser.follow(await browser.get(authorizeUrl(app.clientId)))).text).not.toContain(because)
  await browser.signIn(await browser.get("/login"), "bob")
  const asked = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect(isLoginPage(asked)).toBe(true)
  expect(asked.text).toMatch(/<input id="name" name="name" value="bob"/)
  expect(asked.text).toContain(because)
})

test.each([
  ["http://localhost:4000", true],
  ["https://localhost", true],
  ["https://id.localhost:8443", true],
  ["http://127.0.0.1:4000", true],
  ["https://127.1.2.3", true],
  ["http://127.0.0.53:4000", true],
  ["http://[::1]:4000/tenant", true],
  ["https://id.example", false],
  ["https://localhost.example", false],
  ["https://mylocalhost", false],
  ["https://127.0.0.1.example", false],
])("whether others listen on the host is known by its name: %s", (issuer, isShared) => {
  expect(isOnSharedHost(issuer)).toBe(isShared)
})

test("on a host of its own, or with a login that cannot tell, a session is asked for consent alone", async () => {
  const { native, issuer, carry, clock } = await startFrontDoor({ config: { issuer: "https://id.example" } })
  const { client_id } = await Effect.runPromise(
    native.addClient({ metadata: { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" } }),
  )
  const browser = newBrowser(issuer, carry)
  await browser.signIn(await browser.get("/login"))
  const page = await browser.follow(await browser.get(authorizeUrl(client_id)))
  expect(page.text).toContain('value="allow"')
  expect(page.text).not.toContain('type="password"')
  const newcomer = newBrowser(issuer, carry)
  const login = await newcomer.follow(await newcomer.get(authorizeUrl(client_id)))
  expect((await newcomer.signIn(login)).location).toMatch(/\/consent\?request=[^&]+$/)

  const own = await startFrontDoor({}, async () => ({
    login: hostLogin(() => ({ user: "maria", since: clock.now() })),
  }))
  const app = await wireClient(own.issuer).newApp()
  const hosts = newBrowser(own.issuer)
  expect((await hosts.follow(await hosts.get(authorizeUrl(app.clientId)))).text).toContain('value="allow"')
})
