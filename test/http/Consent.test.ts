/** Consent: answered once, by whom it was shown to, in the browser it began in, for what was shown. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import {
  memoryStore,
  oauthError,
  unavailable,
  type AuthorizationServer,
  type Failure,
} from "../../src/provider/index.ts"
import { VERIFIER, authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { pausableLog } from "../support/PausableLog.ts"
import { REDIRECT_URI, wireClient, type App } from "../support/WireClient.ts"

/** On a host where nobody else listens, a session is asked for consent alone (test/http/OtherPorts.test.ts). */
const hostOfItsOwn = { config: { issuer: "https://id.example" } }

const start = async (
  setting?: Parameters<typeof startFrontDoor>[0],
  face?: (native: AuthorizationServer) => AuthorizationServer,
) => {
  const door = await startFrontDoor(setting, undefined, face)
  const wire = wireClient(door.url)
  const app = await wire.newApp({ client_name: "Notes" })
  const browser = newBrowser(door.issuer, door.carry)
  /** The consent page, for somebody who signs in on the way if need be. */
  const consentFor = (who: App = app, name = "alice", more: Record<string, string> = {}) =>
    browser.walk(authorizeUrl(who.clientId, more), name)
  const openGrants = async () =>
    (await Effect.runPromise(door.native.grants({}))).filter(({ _tag }) => _tag === "Open").length
  return { ...door, wire, app, browser, consentFor, openGrants }
}

const answer = (browser: ReturnType<typeof newBrowser>, page: Sight, decision = "allow") =>
  browser.submit(page, "/consent", { decision })

const isRefusal = (sight: Sight, sentence: RegExp) => {
  expect(sight.status).toBeGreaterThanOrEqual(400)
  expect(sight.status).toBeLessThan(500)
  expect(sight.location).toBeUndefined()
  expect(sight.text).toMatch(sentence)
}

describe("one request has one answer", () => {
  test("approving twice, as after the back button, gives one code", async () => {
    const { browser, consentFor, openGrants } = await start()
    const page = await consentFor()
    expect((await answer(browser, page)).status).toBe(303)
    isRefusal(await answer(browser, page), /answered already/)
    expect(await openGrants()).toBe(1)
  })

  test("two links that differ are two requests, and so is one link in two browsers", async () => {
    const { app, browser, consentFor, openGrants, issuer, carry } = await start()
    const other = newBrowser(issuer, carry)
    const pages = [await consentFor(), await consentFor(app, "alice", { state: "another" })]
    for (const page of pages) expect((await answer(browser, page)).status).toBe(303)
    const elsewhere = await other.walk(authorizeUrl(app.clientId), "bob")
    expect((await answer(other, elsewhere)).status).toBe(303)
    expect(await openGrants()).toBe(3)
  })

  test("two tabs with the same link are one request", async () => {
    const { browser, consentFor, openGrants } = await start()
    const [left, right] = [await consentFor(), await consentFor()]
    const both = await Promise.all([answer(browser, left), answer(browser, right)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 400])
    expect(await openGrants()).toBe(1)
    isRefusal(await consentFor(), /answered already/)
  })

  test.each([
    ["allow", "deny", "Open"],
    ["deny", "allow", "Denied"],
  ])("of two answers that are decided at once the first counts: %s, then %s", async (early, late, became) => {
    const paused = pausableLog(memoryStore())
    const { browser, consentFor, native } = await start({ store: paused.store })
    const [left, right] = [await consentFor(), await consentFor()]
    const first = paused.hold()
    const winning = answer(browser, left, early)
    await first.reached
    const second = paused.hold()
    const losing = answer(browser, right, late)
    await second.reached
    first.release()
    expect((await winning).status).toBe(303)
    second.release()
    isRefusal(await losing, /answered already\. To connect anew/)
    expect((await Effect.runPromise(native.grants({}))).map(({ _tag }) => _tag)).toEqual([became])
  })

  test("denied is denied", async () => {
    const { browser, consentFor, openGrants } = await start()
    const page = await consentFor()
    const denied = await answer(browser, page, "deny")
    const { searchParams } = new URL(denied.location!)
    expect([searchParams.get("error"), searchParams.get("state")]).toEqual(["access_denied", "s"])
    expect(searchParams.get("error_description")).toBe("the user said no")
    isRefusal(await answer(browser, page), /answered already/)
    expect(await openGrants()).toBe(0)
  })

  test("a request that waited too long is answered by a page, and by no code", async () => {
    const { browser, consentFor, clock, native, openGrants } = await start()
    const page = await consentFor()
    clock.pass(600)
    for (const decision of ["allow", "deny", "switch"]) isRefusal(await answer(browser, page, decision), /has expired/)
    expect(await Effect.runPromise(native.grants({}))).toEqual([])
    expect(await openGrants()).toBe(0)
  })

  test("a request gets no younger on its way through login, or by switching the account", async () => {
    const { app, browser, clock, openGrants } = await start()
    const login = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
    clock.pass(300)
    const page = await browser.follow(await browser.signIn(login))
    clock.pass(290)
    const again = await answer(browser, page, "switch")
    const late = await browser.follow(await browser.signIn(again, "bob"))
    clock.pass(15)
    isRefusal(await answer(browser, late), /has expired/)
    expect(await openGrants()).toBe(0)
  })

  test("a request waits ten minutes and no moment longer", async () => {
    const { app, browser, clock } = await start(hostOfItsOwn)
    await browser.signIn(await browser.get("/login"))
    const { location } = await browser.get(authorizeUrl(app.clientId))
    clock.pass(599.999)
    expect((await browser.get(location!)).text).toContain('value="allow"')
    clock.pass(0.001)
    isRefusal(await browser.get(location!), /has expired/)
  })

  test("nobody is asked to sign in for a request that has expired", async () => {
    const { app, browser, clock } = await start(hostOfItsOwn)
    const { location } = await browser.get(authorizeUrl(app.clientId))
    clock.pass(600)
    isRefusal(await browser.get(location!), /has expired/)
  })

  test("an answer counts for ten minutes and no moment longer", async () => {
    const { browser, consentFor, clock, openGrants } = await start()
    const [page, other] = [await consentFor(), await consentFor(undefined, "alice", { state: "other" })]
    const press = ({ text }: Sight) =>
      browser.send("POST", "/consent", { form: browser.hidden({ text } as Sight)["form"]!, decision: "allow" })
    clock.pass(599.999)
    expect((await press(page)).status).toBe(303)
    clock.pass(0.001)
    isRefusal(await press(other), /has expired/)
    expect(await openGrants()).toBe(1)
  })

  test("looking at the page, however often, changes nothing", async () => {
    const { consentFor, store } = await start()
    await consentFor()
    const { size } = await Effect.runPromise(store.head)
    for (let count = 0; count < 3; count++) await consentFor()
    expect((await Effect.runPromise(store.head)).size).toBe(size)
  })
})

//= A23
//= A43
describe("an answer is for what was shown, to whom it was shown", () => {
  test("a form is good for its own client, session and browser", async () => {
    const { browser, carry, consentFor, issuer, openGrants } = await start(hostOfItsOwn)
    const page = await consentFor()
    const another = newBrowser(issuer, carry)
    await another.follow(await another.signIn(await another.get("/login"), "alice"))
    isRefusal(await another.submit(page, "/consent", { decision: "allow" }), /out of date/)
    isRefusal(await browser.submit({ ...page, text: "" }, "/consent", { decision: "allow" }), /out of date/)
    isRefusal(await answer(browser, page, "maybe"), /allow or to deny/)
    expect(await openGrants()).toBe(0)
  })

  test.each([{}, hostOfItsOwn])(
    "somebody else who signed in meanwhile does not answer for the first: %j",
    async (place) => {
      const { browser, consentFor, openGrants } = await start(place)
      const page = await consentFor()
      await browser.signIn(await browser.get("/login"), "bob")
      isRefusal(await answer(browser, page), /out of date/)
      expect(await openGrants()).toBe(0)
    },
  )

  test("switching the account leads through login back to the same request", async () => {
    const { browser, consentFor, native } = await start()
    const shown = await consentFor()
    expect(shown.text).toContain('value="switch"')
    const login = await answer(browser, shown, "switch")
    expect(login.text).toContain('type="password"')
    const page = await browser.follow(await browser.signIn(login, "bob"))
    expect(page.text).toContain("bob")
    expect((await answer(browser, page)).status).toBe(303)
    const [grant] = await Effect.runPromise(native.grants({}))
    const bob = await Effect.runPromise(native.accounts.find("bob"))
    expect(grant).toMatchObject({ subjectId: bob!.subjectId })
  })

  test("a resource that came to be known while the page was open is shown before anybody allows it", async () => {
    const { native, browser, consentFor, openGrants } = await start(hostOfItsOwn)
    const page = await consentFor()
    const metadata = { redirect_uris: [], grant_types: [] }
    await Effect.runPromise(native.addClient({ metadata, audience: "https://notes.example/mcp" }))
    const again = await answer(browser, page)
    expect([again.status, await openGrants()]).toEqual([400, 0])
    expect(again.text).toContain(
      "What you would allow has changed since this page was shown. Read it, and press again.",
    )
    expect(again.text).toContain("https://notes.example/mcp")
    expect((await answer(browser, again)).status).toBe(303)
    const [grant] = await Effect.runPromise(native.grants({}))
    expect(grant).toMatchObject({ resources: ["https://notes.example/mcp"] })
  })

  test("a client that changed or was disabled while the page was open gets no code", async () => {
    const { app, browser, consentFor, native, openGrants } = await start()
    const changed = await consentFor()
    await Effect.runPromise(
      native.updateClient(app.clientId, {
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "none",
        client_name: "Bank",
      }),
    )
    isRefusal(await answer(browser, changed), /has changed/)
    const disabled = await consentFor()
    await Effect.runPromise(native.disableClient(app.clientId))
    const refused = await answer(browser, disabled)
    expect(new URL(refused.location!).searchParams.get("error")).toBe("unauthorized_client")
    expect(await openGrants()).toBe(0)
  })

  test("a client that was deleted while the page was open gets no code, and is asked for by nobody any more", async () => {
    const { app, browser, consentFor, native, openGrants } = await start(hostOfItsOwn)
    const page = await consentFor()
    const { location } = await browser.get(authorizeUrl(app.clientId, { state: "other" }))
    await Effect.runPromise(native.deleteClient(app.clientId))
    const refused = await answer(browser, page)
    expect(refused.status).toBe(409)
    isRefusal(refused, /has changed/)
    isRefusal(await browser.get(location!), /The application is not known here any more/)
    expect(await openGrants()).toBe(0)
  })

  test("a form posted from elsewhere is nothing, whatever it says", async () => {
    const { browser, clock, consentFor, openGrants } = await start()
    const page = await consentFor()
    const fields = { form: browser.hidden(page)["form"]!, decision: "allow" }
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      isRefusal(await browser.send("POST", "/consent", fields, headers), /not sent from a page of this server/)
    }
    expect(await openGrants()).toBe(0)
    clock.pass(1)
    const own = await browser.send("POST", "/consent", fields, { origin: "null", "sec-fetch-site": "same-origin" })
    expect(own.status).toBe(303)
  })
})

describe("where the answer cannot be written down", () => {
  const startWith = async (failure: Failure) =>
    start({}, (native) => ({
      ...native,
      openGrant: () => Effect.fail(failure),
      denyGrant: () => Effect.fail(failure),
    }))

  test.each(["allow", "deny"])(
    "for now, %s is a page that says to come again, and tells the client nothing",
    async (by) => {
      const { browser, consentFor } = await startWith(unavailable("the disk is gone", 7))
      const refused = await answer(browser, await consentFor(), by)
      expect([refused.status, refused.location, refused.headers.get("retry-after")]).toEqual([503, undefined, "7"])
      expect(refused.text).not.toContain("the disk")
    },
  )

  test.each(["invalid_request", "invalid_client"] as const)(
    "for %s, the person is told and not the client",
    async (code) => {
      const { browser, consentFor } = await startWith(oauthError(code, "the sentence of the server"))
      for (const decision of ["allow", "deny"]) {
        const refused = await answer(browser, await consentFor(undefined, "alice", { state: decision }), decision)
        isRefusal(refused, /the sentence of the server/)
      }
    },
  )

  test("for what the client got wrong, the client is told", async () => {
    const { browser, consentFor } = await startWith(oauthError("invalid_scope", "the sentence of the server"))
    const told = await answer(browser, await consentFor())
    expect(told.status).toBe(303)
    expect(Object.fromEntries(new URL(told.location!).searchParams)).toMatchObject({
      error: "invalid_scope",
      error_description: "the sentence of the server",
      state: "s",
    })
  })
})

//= A24
//= A33
test("a request that began in one browser is finished in no other", async () => {
  const { app, browser, issuer, openGrants } = await start()
  const begun = await browser.get(authorizeUrl(app.clientId))
  const victim = newBrowser(issuer)
  await victim.follow(await victim.signIn(await victim.get("/login")))
  isRefusal(await victim.get(begun.location!), /another browser/)
  expect(await openGrants()).toBe(0)
})

//= A03
test("no answer to a form has a status that sends the form on", async () => {
  const { browser, consentFor } = await start()
  const login = await browser.get("/login")
  expect((await browser.signIn(login)).status).toBe(303)
  expect((await answer(browser, await consentFor())).status).toBe(303)
})

//= OAUTH21-3.1-auth-user-first
test("an error goes to the client once somebody is signed in, and to nobody before", async () => {
  const { app, browser } = await start(hostOfItsOwn)
  const wrong = authorizeUrl(app.clientId, { response_type: "token" })
  isRefusal(await browser.get(wrong), /response_type/)
  await browser.signIn(await browser.get("/login"))
  const told = await browser.get(wrong)
  expect(new URL(told.location!).searchParams.get("error")).toBe("unsupported_response_type")
  const scope = await browser.follow(await browser.get(authorizeUrl(app.clientId, { scope: "unheard-of" })))
  expect(new URL(scope.location!).searchParams.get("error")).toBe("invalid_scope")
})

describe("what the client wishes of the login", () => {
  test("prompt=none asks nobody: login_required on a page, consent_required to the client", async () => {
    const { app, browser } = await start()
    const silent = authorizeUrl(app.clientId, { prompt: "none" })
    const page = await browser.get(silent)
    isRefusal(page, /nobody is signed in/)
    expect(page.text).toContain(`${REDIRECT_URI}?error=login_required&amp;`)
    await browser.signIn(await browser.get("/login"))
    const { searchParams } = new URL((await browser.get(silent)).location!)
    expect(searchParams.get("error")).toBe("consent_required")
    expect(searchParams.get("error_description")).toContain("every request is approved anew")
  })

  test("prompt=login and max_age ask anew, once, and then go on", async () => {
    const { app, browser, clock, consentFor } = await start(hostOfItsOwn)
    await consentFor()
    for (const [index, wish] of [{ prompt: "login" }, { max_age: "60" }, { prompt: "select_account" }].entries()) {
      clock.pass(100)
      const url = authorizeUrl(app.clientId, { ...wish, state: `s${index}` })
      const asked = await browser.follow(await browser.get(url))
      expect(asked.text).toContain('type="password"')
      const page = await browser.follow(await browser.signIn(asked))
      expect(page.text).toContain('value="allow"')
    }
    const isAsked = async (wish: Record<string, string>) =>
      (await browser.follow(await browser.get(authorizeUrl(app.clientId, wish)))).text.includes('type="password"')
    expect(await isAsked({ max_age: "60", state: "fresh" })).toBe(false)
    clock.pass(60)
    expect(await isAsked({ max_age: "60", state: "to the second" })).toBe(false)
    expect(await isAsked({ max_age: "999999999", prompt: " consent ", state: "old" })).toBe(false)
    clock.pass(0.001)
    expect(await isAsked({ max_age: "60", state: "over" })).toBe(true)
    expect(await isAsked({ max_age: "999999999", prompt: "login", state: "both" })).toBe(true)
  })

  test.each([
    { prompt: "none login" },
    { prompt: "dance" },
    { prompt: "login dance" },
    ...["soon", "60s", "s60", "-1", "1.5", "1e3", "1234567890"].map((max_age) => ({ max_age })),
  ])("a wish that makes no sense is an error: %j", async (wish) => {
    const { app, browser } = await start()
    isRefusal(await browser.get(authorizeUrl(app.clientId, wish)), /prompt|max_age/)
  })

  test("login_hint is filled in, as text, and nothing without one", async () => {
    const { app, browser } = await start()
    expect((await browser.get("/login")).text).toContain('name="name" value=""')
    const hinted = authorizeUrl(app.clientId, { login_hint: '"><b>al' })
    expect((await browser.follow(await browser.get(hinted))).text).toContain('value="&quot;&gt;&lt;b&gt;al"')
    const long = authorizeUrl(app.clientId, { login_hint: "n".repeat(1000), state: "long" })
    expect((await browser.follow(await browser.get(long))).text).toContain(`value="${"n".repeat(128)}"`)
  })
})

//= A52
//= A53
test("a page is shown by the issuer's name only", async () => {
  const { app, issuer } = await start()
  const { port } = new URL(issuer)
  for (const path of [authorizeUrl(app.clientId), "/login", "/consent?request=x", "/account"]) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" }).catch(() => undefined)
    const other = response ?? (await fetch(`http://[::1]:${port}${path}`, { redirect: "manual" }))
    expect([path, other.status, other.headers.get("location")]).toEqual([path, 421, null])
  }
})

test("the code of a consent is for the one who holds the verifier", async () => {
  const { app, browser, consentFor, wire } = await start()
  const given = await answer(browser, await consentFor())
  const code = new URL(given.location!).searchParams.get("code")!
  expect((await wire.redeem(app, { code, verifier: `${VERIFIER}x` })).status).toBe(400)
  expect((await wire.redeem(app, { code, verifier: VERIFIER })).status).toBe(200)
})
