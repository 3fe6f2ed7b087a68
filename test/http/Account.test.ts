/** Signing in, staying signed in, and what somebody can take back. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { passwordLogin } from "../../src/http/login/PasswordLogin.ts"
import { strings } from "../../src/http/pages/Strings.ts"
import { PASSWORD, VERIFIER, authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"
import { addResourceServer } from "../support/Session.ts"

const start = async (setting?: Parameters<typeof startFrontDoor>[0], face?: Parameters<typeof startFrontDoor>[2]) => {
  const door = await startFrontDoor(setting, undefined, face)
  const wire = wireClient(door.issuer)
  const browser = newBrowser(door.issuer)
  const signIn = async (name = "alice", who = browser) => who.signIn(await who.get("/login"), name)
  /** An app that somebody connected, with its tokens. */
  const connect = async (clientName: string, name?: string) => {
    const app = await wire.newApp({ client_name: clientName })
    const page = await browser.walk(authorizeUrl(app.clientId, { resource: RESOURCE }), name)
    const answer = await browser.submit(page, "/consent", { decision: "allow" })
    const code = new URL(answer.location!).searchParams.get("code")!
    const { body } = await wire.redeem(app, { code, verifier: VERIFIER })
    return { app, access: body.access_token!, refresh: body.refresh_token! }
  }
  const act = async (fields: Record<string, string>) =>
    browser.submit(await browser.get("/account"), "/account", fields)
  const isSignedIn = async (who = browser) => !(await who.get("/account")).text.includes('action="/login"')
  return { ...door, wire, browser, signIn, connect, act, isSignedIn }
}

describe("signing in", () => {
  test("a wrong name and a wrong password are answered alike", async () => {
    const { browser } = await start()
    const pages = [
      await browser.signIn(await browser.get("/login"), "alice", "wrong password"),
      await browser.signIn(await browser.get("/login"), "nobody", PASSWORD),
    ]
    for (const page of pages) {
      expect(page.status).toBe(403)
      expect(page.text).toContain("Name or password is wrong")
    }
    expect([...browser.jar.keys()].filter((name) => name.includes("session"))).toEqual([])
  })

  test("a name and a password that were not sent are empty ones", async () => {
    const tried: Array<readonly [name: string, password: string]> = []
    const { browser } = await start({}, (native) => ({
      ...native,
      accounts: {
        ...native.accounts,
        verifyPassword: (name, password) => {
          tried.push([name, password])
          return native.accounts.verifyPassword(name, password)
        },
      },
    }))
    const page = await browser.submit(await browser.get("/login"), "/login", {})
    expect(page.status).toBe(403)
    expect(page.text).toContain('name="name" value=""')
    expect(tried).toEqual([["", ""]])
  })

  test("every login gets a session id of its own, and the one before is gone", async () => {
    const { browser, signIn, isSignedIn, issuer } = await start()
    await signIn()
    const before = new Map(browser.jar)
    await signIn()
    const thief = newBrowser(issuer)
    for (const [name, value] of before) thief.jar.set(name, value)
    expect(await isSignedIn(thief)).toBe(false)
    expect(await isSignedIn()).toBe(true)
  })

  test("a session id that the server did not give is none", async () => {
    const { browser, isSignedIn, signIn } = await start()
    await signIn()
    const name = [...browser.jar.keys()].find((one) => one.includes("session"))!
    browser.jar.set(name, "A".repeat(43))
    expect(await isSignedIn()).toBe(false)
  })

  //= A08
  test("a login form is good in the browser it was shown in: nobody is signed in as somebody else's choice", async () => {
    const { browser, issuer } = await start()
    const attackers = await newBrowser(issuer).get("/login")
    await browser.get("/login")
    const planted = await browser.signIn(attackers, "bob")
    expect([planted.status, planted.location]).toEqual([400, undefined])
  })

  test("login leads to a page of this server and nowhere else", async () => {
    const { browser, issuer } = await start()
    const page = await browser.get("/account?next=https://evil.example")
    const { location } = await browser.signIn(page)
    expect(location).toBe(`${issuer}/account`)
  })

  test("many attempts at one account from one source are slowed, and others are not", async () => {
    const { browser, signIn } = await start({ endpoints: { limits: { loginsPerMinute: 3 } } })
    for (let count = 0; count < 3; count++) {
      expect((await browser.signIn(await browser.get("/login"), "alice", "wrong password")).status).toBe(403)
    }
    const slowed = await browser.signIn(await browser.get("/login"), "alice")
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get("retry-after"))).toBeGreaterThan(0)
    expect((await signIn("bob")).status).toBe(303)
  })

  test("a disabled account can neither sign in nor go on", async () => {
    const { native, signIn, isSignedIn } = await start()
    await signIn()
    const alice = await Effect.runPromise(native.accounts.find("alice"))
    await Effect.runPromise(native.disableSubject(alice!.subjectId))
    expect(await isSignedIn()).toBe(false)
    expect((await signIn()).status).toBe(403)
  })
})

describe("staying signed in", () => {
  const session = { idle: 600, absolute: 1800 }

  test("a session that nobody uses ends, one that is used goes on, none outlives its day", async () => {
    const { clock, signIn, isSignedIn } = await start({ config: { session } })
    await signIn()
    for (let count = 0; count < 3; count++) {
      clock.pass(599)
      expect(await isSignedIn()).toBe(true)
    }
    clock.pass(2)
    expect(await isSignedIn()).toBe(true)
    clock.pass(1)
    expect(await isSignedIn()).toBe(false)
    await signIn()
    clock.pass(600)
    expect(await isSignedIn()).toBe(false)
  })

  test("the cookie cannot be read by scripts, sent across sites, or set by another port", async () => {
    const { browser, issuer } = await start()
    const { headers } = await browser.signIn(await browser.get("/login"))
    const [cookie] = headers.getSetCookie()
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(cookie).toContain(`grantlog-session-${new URL(issuer).port}=`)
  })
})

describe("the account", () => {
  test("shows what is connected; an app that is disconnected is dead at once", async () => {
    const { signIn, connect, act, browser, wire, native } = await start()
    await signIn()
    const [notes, bank] = [await connect("Notes"), await connect("Bank")]
    const watcher = await addResourceServer({ native } as Parameters<typeof addResourceServer>[0])
    const isActive = async (token: string) => (await wire.introspect(watcher, token)).body.active
    const page = await browser.get("/account")
    expect(page.text).toContain("Notes")
    expect(page.text).toContain("Bank")
    expect(await isActive(notes.access)).toBe(true)

    await act({ action: "revoke", grant: notes.access.slice(4, 26) })
    expect(await isActive(notes.access)).toBe(false)
    expect((await wire.refresh(notes.app, notes.refresh)).body.error).toBe("invalid_grant")
    expect(await isActive(bank.access)).toBe(true)
    expect((await browser.get("/account")).text).not.toMatch(/\bNotes\b/)

    await act({ action: "revoke-all" })
    expect(await isActive(bank.access)).toBe(false)
    expect((await browser.get("/account")).text).not.toMatch(/\bBank\b/)
  })

  test("what can be no grant is not looked for, and is said not to be connected", async () => {
    const { signIn, act, browser } = await start({}, (native) => ({ ...native, grant: () => Effect.die("looked for") }))
    await signIn()
    for (const grant of ["x", `0${"0".repeat(22)}`, "0".repeat(21) + "\u0000"]) {
      const { location } = await act({ action: "disconnect", grant })
      expect((await browser.get(location!)).text).toContain(strings.account.notConnected)
    }
  })

  test("nobody disconnects what somebody else connected", async () => {
    const { signIn, connect, act, wire } = await start()
    await signIn()
    const { app, access, refresh } = await connect("Notes")
    await signIn("bob")
    await act({ action: "revoke", grant: access.slice(4, 26) })
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  test("signing out ends this session, signing out everywhere all of them; grants live on", async () => {
    const { signIn, connect, act, isSignedIn, issuer, wire } = await start()
    const elsewhere = newBrowser(issuer)
    await signIn()
    await signIn("alice", elsewhere)
    const { app, refresh } = await connect("Notes")
    await act({ action: "sign-out" })
    expect([await isSignedIn(), await isSignedIn(elsewhere)]).toEqual([false, true])
    await signIn()
    await act({ action: "end-sessions" })
    expect([await isSignedIn(), await isSignedIn(elsewhere)]).toEqual([false, false])
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  test("signing out ends the session itself, for whoever has a copy of its cookie, and takes the cookie away", async () => {
    const { signIn, act, browser, isSignedIn, issuer } = await start()
    await signIn()
    const copy = newBrowser(issuer)
    for (const [name, value] of browser.jar) copy.jar.set(name, value)
    expect(await isSignedIn(copy)).toBe(true)
    await act({ action: "sign-out" })
    expect(await isSignedIn(copy)).toBe(false)
    expect([...browser.jar.keys()].filter((name) => name.includes("session"))).toEqual([])
  })

  test("signing out twice at once, as by a double click, is signing out", async () => {
    const { signIn, act, isSignedIn } = await start({
      endpoints: {
        login: (parts) => {
          const login = passwordLogin(parts)
          const signOut = login.signOut!
          return { ...login, signOut: (request) => Effect.andThen(signOut(request), signOut(request)) }
        },
      },
    })
    await signIn()
    expect((await act({ action: "sign-out" })).status).toBe(303)
    expect(await isSignedIn()).toBe(false)
  })

  test("ending another session leaves this one and the rest", async () => {
    const { signIn, act, isSignedIn, issuer, native } = await start()
    const others = [newBrowser(issuer), newBrowser(issuer)]
    const { subjectId } = (await Effect.runPromise(native.accounts.find("alice")))!
    const digests = async () =>
      (await Effect.runPromise(native.sessions.list(subjectId, native.now()))).map(({ digest }) => digest)
    const ended: Array<string> = []
    for (const other of others) {
      await signIn("alice", other)
      ended.push((await digests()).find((digest) => !ended.includes(digest))!)
    }
    await signIn()
    await act({ action: "end-session", session: ended[1]! })
    expect([await isSignedIn(), await isSignedIn(others[0]), await isSignedIn(others[1])]).toEqual([true, true, false])
    await act({ action: "end-session", session: "nobody's" })
    expect([await isSignedIn(), await isSignedIn(others[0])]).toEqual([true, true])
  })

  test("another session can be ended by itself, one's own only", async () => {
    const { signIn, act, isSignedIn, issuer, native, clock } = await start()
    const [elsewhere, bobs] = [newBrowser(issuer), newBrowser(issuer)]
    await signIn("bob", bobs)
    await signIn("alice", elsewhere)
    await signIn()
    const sessionsOf = async (name: string) => {
      const account = await Effect.runPromise(native.accounts.find(name))
      return Effect.runPromise(native.sessions.list(account!.subjectId, clock.clock.currentTimeMillisUnsafe() as never))
    }
    for (const { digest } of [...(await sessionsOf("bob")), ...(await sessionsOf("alice"))]) {
      await act({ action: "end-session", session: digest })
      if (!(await isSignedIn())) await signIn()
    }
    expect([await isSignedIn(bobs), await isSignedIn(elsewhere)]).toEqual([true, false])
  })

  test("a new password ends the other sessions, and the old one opens nothing", async () => {
    const { signIn, act, isSignedIn, issuer, browser } = await start()
    const elsewhere = newBrowser(issuer)
    await signIn()
    await signIn("alice", elsewhere)
    const chosen = "a new and longer password"
    const change = (password: string, first: string, second: string) =>
      act({ action: "password", password, "new-password": first, "repeat-password": second })
    const wrong = await change("wrong password", chosen, chosen)
    expect(wrong.status).toBe(403)
    expect(wrong.text).toContain('<p role="alert" id="fault">The present password is wrong.</p>')
    expect((await act({ action: "password", "new-password": chosen, "repeat-password": chosen })).status).toBe(403)
    expect((await act({ action: "password", password: PASSWORD })).text).toContain("The new password is too short.")
    expect((await change(PASSWORD, chosen, "another password")).status).toBe(400)
    expect((await change(PASSWORD, "short", "short")).status).toBe(400)
    expect(await isSignedIn(elsewhere)).toBe(true)
    expect((await change(PASSWORD, chosen, chosen)).status).toBe(200)
    expect([await isSignedIn(), await isSignedIn(elsewhere)]).toEqual([true, false])
    expect((await browser.signIn(await browser.get("/login"), "alice", PASSWORD)).status).toBe(403)
    expect((await browser.signIn(await browser.get("/login"), "alice", chosen)).status).toBe(303)
  })

  test("a new password ends this browser's session too, of which somebody may have a copy, and begins another", async () => {
    const { signIn, act, isSignedIn, issuer, browser } = await start()
    await signIn()
    const thief = newBrowser(issuer)
    for (const [name, value] of browser.jar) thief.jar.set(name, value)
    expect(await isSignedIn(thief)).toBe(true)
    const chosen = "a new and longer password"
    const fields = { "new-password": chosen, "repeat-password": chosen }
    const changed = await act({ action: "password", password: PASSWORD, ...fields })
    expect([changed.status, await isSignedIn(), await isSignedIn(thief)]).toEqual([200, true, false])
    // The page that says so is the new session's.
    const again = { "new-password": PASSWORD, "repeat-password": PASSWORD }
    const back = await browser.submit(changed, "/account", { action: "password", password: chosen, ...again })
    expect(back.status).toBe(200)
  })

  test.each([
    ["is the host's affair", undefined, false],
    ["does not begin, for the account is another by now", () => Effect.succeed(undefined), true],
  ])("a new password is set where the session that follows %s", async (_, renew, isAsked) => {
    const { signIn, act, browser, issuer, native } = await start({
      endpoints: {
        login: (parts) => {
          const { renew: _renew, ...rest } = passwordLogin(parts)
          return renew === undefined ? rest : { ...rest, renew }
        },
      },
    })
    await signIn()
    const chosen = "a new and longer password"
    const fields = { password: PASSWORD, "new-password": chosen, "repeat-password": chosen }
    const changed = await act({ action: "password", ...fields })
    expect([changed.status, changed.text.includes('action="/login"')]).toEqual([200, isAsked])
    expect(changed.text.includes("The password was changed.")).toBe(!isAsked)
    expect(await Effect.runPromise(native.accounts.verifyPassword("alice", chosen))).toBeDefined()
    if (isAsked) expect((await browser.signIn(changed, "alice", chosen)).location).toBe(`${issuer}/account`)
  })

  test("who is signed out does nothing here and is asked to sign in, which leads back here", async () => {
    const { signIn, act, browser, issuer, native } = await start()
    await signIn()
    const page = await browser.get("/account")
    const account = (await Effect.runPromise(native.accounts.find("alice")))!
    await Effect.runPromise(native.sessions.endAll(account.subjectId))
    const asked = await browser.submit(page, "/account", { action: "revoke-all" })
    expect(asked.text).toContain('action="/login"')
    expect((await browser.signIn(asked)).location).toBe(`${issuer}/account`)
    expect((await act({ action: "sign-out" })).location).toBe(`${issuer}/account`)
    expect((await browser.get("/account")).text).toContain('action="/login"')
  })

  test("a form of one session is none in another, of the same person either", async () => {
    const { signIn, browser } = await start()
    await signIn()
    const page = await browser.get("/account")
    await signIn()
    expect((await browser.submit(page, "/account", { action: "revoke-all" })).status).toBe(400)
  })

  test("a password of eight characters will do, and one of seven will not", async () => {
    const { signIn, act } = await start()
    await signIn()
    const change = (chosen: string) =>
      act({ action: "password", password: PASSWORD, "new-password": chosen, "repeat-password": chosen })
    expect((await change("seven77")).status).toBe(400)
    expect((await change("eight888")).status).toBe(200)
  })

  test("the list begins behind the grant that `before` names, and at the newest where that can be no grant", async () => {
    const { signIn, browser } = await start()
    await signIn()
    const isAtNewest = async (before: string) => {
      const { text } = await browser.get(`/account?before=${encodeURIComponent(before)}`)
      return text.includes("No app is connected.") && !text.includes("Show the latest")
    }
    const grantId = "0".repeat(22)
    expect(await isAtNewest(grantId)).toBe(false)
    for (const before of ["", "0", `0${grantId}`, `${grantId}0`, `-${grantId}`, `${grantId}-`, grantId.slice(1)]) {
      expect(await isAtNewest(before), before).toBe(true)
    }
    expect(await isAtNewest(`${grantId}&before=${grantId}`)).toBe(true)
  })

  test("where signing out is the host's affair nothing here offers it, and it does nothing", async () => {
    const { signIn, act, browser, isSignedIn, wire } = await start({
      endpoints: {
        login: (parts) => {
          const { signOut: _, ...rest } = passwordLogin(parts)
          return rest
        },
      },
    })
    await signIn()
    const { text } = await browser.get("/account")
    expect(text).toContain("Connected apps")
    for (const words of ["Sign out", "Where you are signed in"]) expect(text).not.toContain(words)
    expect((await act({ action: "sign-out" })).status).toBe(400)
    expect(await isSignedIn()).toBe(true)
    const app = await wire.newApp({ client_name: "Notes" })
    const consent = await browser.walk(authorizeUrl(app.clientId))
    expect(consent.text).toContain('value="allow"')
    expect(consent.text).not.toContain('value="switch"')
  })

  test("what is no action, or no form of this session, is a page and changes nothing", async () => {
    const { signIn, act, browser } = await start()
    await signIn()
    expect((await act({ action: "dance" })).status).toBe(400)
    expect((await browser.send("POST", "/account", { action: "revoke-all", form: "x" })).status).toBe(400)
    expect((await browser.send("POST", "/account", {})).status).toBe(400)
  })
})
