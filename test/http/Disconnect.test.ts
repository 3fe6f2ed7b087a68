/** Disconnecting asks once, on a page without script, and says what it did to whoever did it. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { passwordLogin, type LoginFactory } from "../../src/http/index.ts"
import { authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const run = Effect.runPromise

const start = async () => {
  const door = await startFrontDoor({ config: { scopes: ["notes:read"] as never } })
  const { issuer, native } = door
  const wire = wireClient(issuer)
  const browser = newBrowser(issuer)
  const connect = async (client_name: string, who = browser, name = "alice") => {
    const app = await wire.newApp({ client_name })
    const page = await who.walk(authorizeUrl(app.clientId, { scope: "notes:read" }), name)
    const { location } = await who.submit(page, "/consent", { decision: "allow" })
    const { subjectId } = (await run(native.accounts.find(name)))!
    const { connections } = await run(native.connections(subjectId))
    const { grantId } = connections.find(({ grant }) => grant.clientId === app.clientId)!.grant
    return { app, grantId, code: new URL(location!).searchParams.get("code")! }
  }
  const act = async (fields: Record<string, string>, who = browser) =>
    who.submit(await who.get("/account"), "/account", fields)
  const stateOf = async (grantId: string) => (await run(native.grant(grantId)))._tag
  return { ...door, browser, connect, act, stateOf }
}

const noticeOn = ({ text }: Sight): string | undefined => /<p role="(?:status|alert)">([^<]*)</.exec(text)?.[1]
const titleOf = ({ text }: Sight): string | undefined => /<h1>([^<]*)</.exec(text)?.[1]
/** The name and value of every button. */
const buttonsOn = ({ text }: Sight): ReadonlyArray<string> =>
  [...text.matchAll(/<button name="action" value="([^"]+)"/g)].map(([, value]) => value!)

describe("an app", () => {
  test("is asked about once, by name, with what it may do; nothing is done by that", async () => {
    const { browser, connect, act, stateOf } = await start()
    const { app, grantId } = await connect("Notes & <Bank>")
    const account = await browser.get("/account")
    expect(buttonsOn(account)).toContain("disconnect")
    expect(buttonsOn(account)).not.toContain("revoke")
    const question = await act({ action: "disconnect", grant: grantId })
    expect([question.status, titleOf(question)]).toEqual([200, "Disconnect this app?"])
    for (const shown of ["Notes &amp; &lt;Bank&gt;", app.clientId, "read notes", "It loses its access at once."]) {
      expect(question.text).toContain(shown)
    }
    expect(question.text).toContain('<a class="button" href="/account">Keep it</a>')
    expect(question.text).not.toMatch(/<script/)
    expect(buttonsOn(question)).toEqual(["revoke"])
    expect(browser.hidden(question)["grant"]).toBe(grantId)
    expect(await stateOf(grantId)).toBe("Open")
  })

  test("is disconnected by the answer, and the page says so; the rest stay", async () => {
    const { browser, connect, act, stateOf } = await start()
    const [notes, bank] = [await connect("Notes & <Bank>"), await connect("Bank")]
    const question = await act({ action: "disconnect", grant: notes.grantId })
    const { grant } = browser.hidden(question)
    const done = await browser.submit(question, "/account", { action: "revoke", grant: grant! })
    expect(done.status).toBe(303)
    expect([await stateOf(notes.grantId), await stateOf(bank.grantId)]).toEqual(["Revoked", "Open"])
    const account = await browser.follow(done)
    expect(titleOf(account)).toBe("Your account")
    expect(noticeOn(account)).toBe("Notes &amp; &lt;Bank&gt; was disconnected. It has no access any more.")
    expect(account.text).toContain('<p role="status">')
    expect(noticeOn(await browser.get("/account"))).toBeUndefined()
  })

  test("is not disconnected by an answer that comes before the question can have been read", async () => {
    const { browser, connect, act, stateOf } = await start()
    const { grantId } = await connect("Notes")
    const question = await act({ action: "disconnect", grant: grantId })
    const fields = { ...browser.hidden(question), action: "revoke", grant: grantId }
    const early = await browser.send("POST", "/account", fields)
    expect([early.status, await stateOf(grantId)]).toEqual([400, "Open"])
    expect(early.text).toContain("before this page can have been read")
  })

  test.each(["disconnect", "revoke"])(
    "that is not connected any more, or to somebody else, is said not to be: %s",
    async (action) => {
      const { browser, issuer, connect, act, stateOf } = await start()
      const bob = newBrowser(issuer)
      const bobs = await connect("Bank", bob, "bob")
      const { grantId } = await connect("Notes")
      await act({ action: "revoke", grant: grantId })
      for (const grant of [grantId, bobs.grantId, "0".repeat(22), "", "x", `${grantId}x`]) {
        const account = await browser.follow(await act({ action, grant }))
        expect(noticeOn(account), grant).toBe("That app was not connected any more, so nothing was done.")
      }
      expect(await stateOf(bobs.grantId)).toBe("Open")
    },
  )
})

describe("all apps together", () => {
  test("are asked about once, and disconnected by the answer, which is told", async () => {
    const { browser, connect, act, stateOf } = await start()
    const ids = [(await connect("Notes")).grantId, (await connect("Bank")).grantId]
    expect(buttonsOn(await browser.get("/account"))).toContain("disconnect-all")
    const question = await act({ action: "disconnect-all" })
    expect([question.status, titleOf(question)]).toEqual([200, "Disconnect all apps?"])
    expect(question.text).toContain("Every app that you have connected loses its access at once.")
    expect(question.text).toContain('<a class="button" href="/account">Keep them</a>')
    expect(buttonsOn(question)).toEqual(["revoke-all"])
    expect(await Promise.all(ids.map(stateOf))).toEqual(["Open", "Open"])
    const account = await browser.follow(await browser.submit(question, "/account", { action: "revoke-all" }))
    expect(noticeOn(account)).toBe("All apps were disconnected. None has access any more.")
    expect(account.text).toContain("No app is connected.")
  })
})

describe("what was done to sessions", () => {
  test("is said: one that ended, one that had ended before, and all", async () => {
    const { browser, issuer, act, native } = await start()
    const elsewhere = newBrowser(issuer)
    await elsewhere.signIn(await elsewhere.get("/login"))
    const { subjectId } = (await run(native.accounts.find("alice")))!
    const [other] = await run(native.sessions.list(subjectId, native.now()))
    await browser.signIn(await browser.get("/login"))
    const end = async () => noticeOn(await browser.follow(await act({ action: "end-session", session: other!.digest })))
    expect(await end()).toBe("You were signed out there.")
    expect(await end()).toBe("You were not signed in there any more, so nothing was done.")
    const asked = await browser.follow(await act({ action: "end-sessions" }))
    expect(titleOf(asked)).toBe("Sign in")
    expect(asked.text).toContain("You were signed out everywhere.")
  })
})

describe("what the page says was done", () => {
  test("is said in the browser and the session that did it, and in no other", async () => {
    const { browser, issuer, connect, act } = await start()
    const { grantId } = await connect("Notes")
    const { location } = await act({ action: "revoke", grant: grantId })
    expect(noticeOn(await browser.get(location!))).toContain("Notes was disconnected")
    const bob = newBrowser(issuer)
    await bob.signIn(await bob.get("/login"), "bob")
    expect(noticeOn(await bob.get(location!))).toBeUndefined()
    const stranger = await newBrowser(issuer).get(location!)
    expect([titleOf(stranger), stranger.text.includes("Notes")]).toEqual(["Sign in", false])
    await browser.signIn(await browser.get("/login"))
    expect(noticeOn(await browser.get(location!))).toBeUndefined()
  })

  test("are no words of anybody else's", async () => {
    const { browser } = await start()
    await browser.signIn(await browser.get("/login"))
    const { form } = browser.hidden(await browser.get("/account"))
    for (const done of ["Call 555-0100", "", "x", form!, `${form}&done=${form}`]) {
      const page = await browser.get(`/account?done=${done}`)
      expect([page.status, noticeOn(page)], done).toEqual([200, undefined])
      expect(page.text).not.toContain("555-0100")
    }
  })
})

test("an app whose registration is gone is not connected any more", async () => {
  const { browser, connect, act, native } = await start()
  const { app, grantId } = await connect("Notes")
  await run(native.deleteClient(app.clientId))
  const account = await browser.follow(await act({ action: "disconnect", grant: grantId }))
  expect(noticeOn(account)).toBe("That app was not connected any more, so nothing was done.")
})

test("where signing out is somebody else's affair, it is no action of the page", async () => {
  const login: LoginFactory = (parts) => {
    const { signOut: _, ...rest } = passwordLogin(parts)
    return rest
  }
  const { issuer } = await startFrontDoor({ endpoints: { login } })
  const browser = newBrowser(issuer)
  await browser.signIn(await browser.get("/login"))
  const page = await browser.submit(await browser.get("/account"), "/account", { action: "sign-out" })
  expect([page.status, noticeOn(page)]).toEqual([400, "That is not something this page does."])
  expect(page.text).toContain('<a href="/account">To your account</a>')
})

test("an action that the page does not have is refused with the way back to it", async () => {
  const { browser, act } = await start()
  await browser.signIn(await browser.get("/login"))
  const page = await act({ action: "dance" })
  expect([page.status, noticeOn(page)]).toEqual([400, "That is not something this page does."])
  expect(page.text).toContain('<a href="/account">To your account</a>')
  const stale = await browser.send("POST", "/account", { form: "x", action: "revoke-all" })
  expect(stale.text).toContain('<a href="/account">To your account</a>')
})
