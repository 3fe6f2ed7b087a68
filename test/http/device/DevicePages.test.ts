/** The page where somebody answers for a device: who may look, what is shown, what guessing comes to, what is answered. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { readUserCode, shownUserCode, USER_CODE_ALPHABET } from "../../../src/protocol/index.ts"
import { liveRandomness, mintUserCode } from "../../../src/provider/index.ts"
import { answering, deviceSetting, startTelevision, television } from "../../support/Television.ts"
import { isLoginPage, newBrowser } from "../../support/FrontDoor.ts"
import { startVisits } from "../../support/Visitors.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const hostOfItsOwn = { config: { issuer: "https://id.example", resources: [RESOURCE] } }

describe("a user code", () => {
  //= A50
  test("RFC8628-5.1-user-code: has eight letters of twenty, each as likely as any other", () => {
    const counts = new Map<string, number>()
    for (let times = 0; times < 5000; times++) {
      const code = mintUserCode(liveRandomness)
      expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/)
      for (const letter of code) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    expect(Math.log2(USER_CODE_ALPHABET.length ** 8)).toBeGreaterThan(34)
    // 2000 each, give or take eight standard deviations.
    expect(counts.size).toBe(20)
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(350)
  })

  test.each(["BCDFGHJK", "bcdf-ghjk", " BCDF GHJK ", "bcdf–ghjk", "b.c.d.f.g.h.j.k"])(
    "RFC8628-3.3-no-case-no-dash: is read as it is meant from `%s`",
    (typed) => expect(readUserCode(typed)).toBe("BCDFGHJK"),
  )

  test.each(["", "BCDF", "BCDF-GHJA", "BCDFGHJKL", "BCDF_GHJ1", "-".repeat(65), `BCDFGHJK${"-".repeat(60)}`])(
    "is none in `%s`",
    (typed) => expect(readUserCode(typed)).toBeUndefined(),
  )

  test("is drawn anew where it is in use", async () => {
    const { ask } = await startTelevision()
    const codes = await Promise.all(Array.from({ length: 20 }, () => ask()))
    expect(new Set(codes.map(({ userCode }) => userCode)).size).toBe(20)
  })
})

describe("the page", () => {
  test("asks for a code without a login, and says whose code to enter", async () => {
    const { browser } = await startTelevision()
    const page = await browser.get("/device")
    expect(page.status).toBe(200)
    expect(page.text).toContain("Enter only a code that you see on a device in front of you")
    expect(page.text).toContain('name="user_code"')
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
  })

  test("tells nobody who is not signed in whether a code is known", async () => {
    const { browser, ask } = await startTelevision()
    const { page } = await ask()
    const [known, unknown] = [await browser.get(page), await browser.get("/device?user_code=BCDF-GHJK")]
    for (const sight of [known, unknown]) {
      expect(isLoginPage(sight)).toBe(true)
      expect(sight.text).not.toContain("Television")
    }
  })

  //= A50
  test("RFC8628-5.4-remote-phishing, RFC10027-mitigations-context-shown: shows code, client, scopes, resource, when and from where, and warns of codes that others sent", async () => {
    const { browser, ask, app } = await startTelevision()
    const asked = await ask({ scope: "read write" })
    const { status, text } = await browser.walk(asked.page, "alice")
    expect(status).toBe(200)
    for (const shown of [
      asked.userCode,
      "Television",
      app.clientId,
      RESOURCE,
      "<code>read</code>",
      "<code>write</code>",
      "<time datetime=",
      "nobody has checked its name",
      "Did somebody send or tell you this code",
    ]) {
      expect(text).toContain(shown)
    }
    expect(text).toMatch(/(?:127\.0\.0\.1|::1)<\/dd>|this browser&#39;s address as well/)
  })

  test("RFC8628-3.3.1-code-is-shown: shows a code that the address brought, to be compared", async () => {
    const { browser, ask } = await startTelevision()
    const { page, userCode } = await ask()
    expect((await browser.walk(page, "alice")).text).toContain(`<code>${userCode}</code>`)
  })

  test("RFC10027-mitigations-easy-to-decline: has denying beside allowing, first and alike", async () => {
    const { browser, ask } = await startTelevision()
    const { text } = await browser.walk((await ask()).page, "alice")
    const buttons = [...text.matchAll(/<button name="decision" value="(\w+)">/g)].map(([, value]) => value)
    expect(buttons).toEqual(["deny", "allow"])
  })

  test("says where another address asked from, and nothing of it where none is kept", async () => {
    const other = await startVisits(deviceSetting())
    const app = await Effect.runPromise(
      other.native.addClient({ metadata: { ...television, token_endpoint_auth_method: "none" } }),
    )
    const body = new URLSearchParams({ client_id: app.client_id })
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    const tv = other.browserFrom("198.51.100.9")
    const answer = JSON.parse(
      (await tv.send("POST", "/device_authorization", Object.fromEntries(body), headers)).text,
    ) as {
      readonly user_code: string
    }
    const page = `/device?user_code=${answer.user_code}`
    expect((await other.browserFrom("203.0.113.7").walk(page, "alice")).text).toContain(
      "198.51.100.9, which is not this browser&#39;s address",
    )
    expect((await other.browserFrom("198.51.100.9").walk(page, "alice")).text).toContain(
      "198.51.100.9, which is this browser&#39;s address as well",
    )
    const silent = await startTelevision({ endpoints: { recordsRequestOrigin: false } })
    const { text } = await silent.browser.walk((await silent.ask()).page, "alice")
    expect(text).not.toContain("Asked from")
  })

  test("takes a code in small letters without a dash", async () => {
    const { browser, ask, poll } = await startTelevision()
    const asked = await ask()
    const typed = asked.userCode.replace("-", "").toLowerCase()
    expect((await answering(browser, { page: `/device?user_code=${typed}` })).text).toContain("Device connected")
    expect((await poll(asked)).status).toBe(200)
  })

  test("has a sentence for what is no code, and for a code that leads nowhere; what was typed is shown and does nothing", async () => {
    const { browser } = await startTelevision(hostOfItsOwn)
    const bad = await browser.get(`/device?user_code=${encodeURIComponent('"><script>')}`)
    expect([bad.status, bad.text.includes("That is no code")]).toEqual([400, true])
    expect(bad.text).not.toContain("<script>")
    const none = await browser.walk("/device?user_code=BCDF-GHJK", "alice")
    expect([none.status, none.text.includes("No device waits under that code")]).toEqual([404, true])
  })

  test("takes a login for each device where other programs share the host, and a session where none does", async () => {
    const shared = await startTelevision()
    await answering(shared.browser, await shared.ask())
    expect(isLoginPage(await shared.browser.get((await shared.ask()).page))).toBe(true)
    const own = await startTelevision(hostOfItsOwn)
    await answering(own.browser, await own.ask())
    expect((await own.browser.get((await own.ask()).page)).text).toContain("Allow this device?")
  })

  test("lets somebody else sign in, and asks them", async () => {
    const { browser, ask, poll, native } = await startTelevision()
    const asked = await ask()
    const page = await browser.walk(asked.page, "alice")
    const login = await browser.submit(page, "/device", { decision: "switch" })
    const again = await browser.follow(await browser.signIn(login, "bob"))
    expect(again.text).toContain("bob")
    await browser.submit(again, "/device", { decision: "allow" })
    expect((await poll(asked)).status).toBe(200)
    const bob = await Effect.runPromise(native.accounts.find("bob"))
    expect(await Effect.runPromise(native.grants({ subjectId: bob!.subjectId }))).toHaveLength(1)
  })
})

describe("an answer", () => {
  test("RFC10027-mitigations-one-time-codes: counts once; whoever enters the code afterwards finds nothing", async () => {
    const { browser, ask, issuer, carry } = await startTelevision()
    const asked = await ask()
    const other = newBrowser(issuer, carry)
    const [mine, theirs] = [await browser.walk(asked.page, "alice"), await other.walk(asked.page, "bob")]
    expect((await browser.submit(mine, "/device", { decision: "allow" })).text).toContain("Device connected")
    const late = await other.submit(theirs, "/device", { decision: "deny" })
    expect([late.status, late.text.includes("answered already")]).toEqual([400, true])
    expect((await other.walk(asked.page, "bob")).text).toContain("No device waits under that code")
  })

  //= OAUTH21-7.11-clickjacking
  test("is none when it comes sooner than the page can be read, from another browser, site or session, or without a choice", async () => {
    const { browser, ask, poll, issuer, carry } = await startTelevision()
    const asked = await ask()
    const page = await browser.walk(asked.page, "alice")
    const form = browser.hidden(page)["form"]!
    const early = await browser.send("POST", "/device", { form, decision: "allow" })
    expect([early.status, early.text.includes("Allow this device?")]).toEqual([400, true])
    const other = newBrowser(issuer, carry)
    await other.walk(asked.page, "bob")
    expect((await other.submit(page, "/device", { decision: "allow" })).status).toBe(400)
    expect((await newBrowser(issuer, carry).submit(page, "/device", { decision: "allow" })).status).toBe(403)
    const foreign = await browser.send(
      "POST",
      "/device",
      { form, decision: "allow" },
      { origin: "https://evil.example" },
    )
    expect(foreign.status).toBe(400)
    expect((await browser.submit(page, "/device", { decision: "perhaps" })).status).toBe(400)
    expect((await poll(asked)).body.error).toBe("authorization_pending")
  })

  //= RFC10027-mitigations-context-shown
  test("is none for a client that is another one by now", async () => {
    const { browser, ask, poll, native, app } = await startTelevision()
    const asked = await ask()
    const page = await browser.walk(asked.page, "alice")
    await Effect.runPromise(
      native.updateClient(app.clientId, {
        ...television,
        token_endpoint_auth_method: "none",
        client_name: "Your bank",
      }),
    )
    const changed = await browser.submit(page, "/device", { decision: "allow" })
    expect([changed.status, changed.text.includes("has changed")]).toEqual([409, true])
    expect((await poll(asked)).body.error).toBe("authorization_pending")
  })

  test("grants what was shown", async () => {
    const { browser, ask, poll } = await startTelevision()
    const asked = await ask({ scope: "write" })
    await answering(browser, asked)
    expect((await poll(asked)).body.scope).toBe("write")
  })

  test("can be taken back at the account page", async () => {
    const { browser, ask, poll, wire, app } = await startTelevision(hostOfItsOwn)
    const asked = await ask()
    await answering(browser, asked)
    const { body } = await poll(asked)
    const account = await browser.get("/account")
    expect(account.text).toContain("Television")
    const question = await browser.submit(account, "/account", { action: "disconnect-all" })
    await browser.submit(question, "/account", { action: "revoke-all" })
    expect((await wire.refresh(app, body.refresh_token!)).status).toBe(400)
  })
})

describe("strangers", () => {
  //= A50
  test("RFC8628-5.1-user-code: who tries codes is told to wait, by account and by source, and spends nothing of others", async () => {
    const limits = { userCodesPerMinute: 3, sourceLoginsPerMinute: 1000, loginsPerMinute: 1000 }
    const { browserFrom } = await startVisits(deviceSetting({ endpoints: { limits } }))
    const guess = (browser: ReturnType<typeof browserFrom>, name: string) =>
      browser.walk(`/device?user_code=${shownUserCode(mintUserCode(liveRandomness))}`, name)
    const alice = browserFrom("203.0.113.1")
    for (let times = 0; times < 3; times++) expect((await guess(alice, "alice")).status).toBe(404)
    const refused = await guess(alice, "alice")
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "20"])
    expect((await guess(browserFrom("203.0.113.2"), "alice")).status).toBe(429)
    expect((await guess(browserFrom("203.0.113.2"), "bob")).status).toBe(404)
  })

  //= A50
  test("RFC8628-5.1-user-code: everybody together tries no more codes than is said", async () => {
    const limits = { allUserCodesPerMinute: 4, sourceLoginsPerMinute: 1000, loginsPerMinute: 1000 }
    const { browserFrom } = await startVisits(deviceSetting({ endpoints: { limits } }))
    const page = "/device?user_code=BCDF-GHJK"
    const [alice, bob] = [browserFrom("203.0.113.1"), browserFrom("203.0.113.2")]
    for (let times = 0; times < 2; times++) {
      expect((await alice.walk(page, "alice")).status).toBe(404)
      expect((await bob.walk(page, "bob")).status).toBe(404)
    }
    expect((await bob.walk(page, "bob")).status).toBe(429)
  })

  test("ask as often as a source may, and are told when to come again", async () => {
    const { asking } = await startTelevision({ endpoints: { limits: { deviceRequestsPerMinute: 3 } } })
    for (let times = 0; times < 3; times++) expect((await asking()).status).toBe(200)
    const refused = await asking()
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "20"])
  })
})
