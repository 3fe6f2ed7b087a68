/** Adding and removing passkeys at the account: who may, and what is left afterwards. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { passkeys, standardFeatures, type PasskeyOptions } from "../../../src/provider/index.ts"
import { newAuthenticator, type Wrong } from "../../support/Authenticator.ts"
import { isLoginPage, newBrowser, startFrontDoor } from "../../support/FrontDoor.ts"
import { answerBy, enrol, passkeyPageOf } from "../../support/PasskeyPages.ts"
import { generousLimits, type Setting } from "../../support/TestServer.ts"

const run = Effect.runPromise
const PATH = "/account/passkeys"

const start = async (options: PasskeyOptions = {}, setting: Setting = {}) => {
  const door = await startFrontDoor({
    features: [...standardFeatures, ...passkeys(options)],
    config: { issuer: "https://id.example.com" },
    endpoints: { limits: generousLimits },
    ...setting,
  })
  const { issuer, carry, native } = door
  const { subjectId } = (await run(native.accounts.find("alice")))!
  const own = () => run(native.passkeys.list(subjectId))
  const sessions = () => run(native.sessions.list(subjectId, native.now()))
  const visitor = () => newBrowser(issuer, carry)
  return { ...door, subjectId, own, sessions, visitor, browser: visitor(), authenticator: newAuthenticator(issuer) }
}

/** The sealed value that stands for the forms of a page. */
const formOf = (text: string): string => /name="form" value="([^"]+)"/.exec(text)![1]!

describe("a passkey is added", () => {
  test("WEBAUTHN-14.6.1-user-handle: by who has just signed in; the account shows it by the name that its owner gave it", async () => {
    const { browser, authenticator, own, subjectId } = await start()
    const account = await browser.walk("/account")
    expect(account.text).toContain("You have none.")
    // The authenticator is told an id and no more; the name is for its own list.
    const page = await browser.get(PATH)
    const { user } = JSON.parse(passkeyPageOf(page)!.options) as { readonly user: { readonly id: string } }
    expect(Buffer.from(user.id, "base64url").toString()).toBe(subjectId)
    const done = await browser.follow(await answerBy(browser, page, authenticator, { name: "alice's phone" }))
    expect(done.text).toContain("The passkey was added.")
    expect(done.text).toContain("alice&#39;s phone")
    expect(await own()).toMatchObject([{ name: "alice's phone", isSynced: false, usedAt: null, wentBackAt: null }])
  })

  test("not by a login of long ago, which is asked for once more", async () => {
    const { browser, clock } = await start()
    await browser.walk("/account")
    clock.pass(901)
    const login = await browser.get(PATH)
    expect(login.text).toContain("To change your passkeys, sign in once more.")
    expect((await browser.follow(await browser.signIn(login))).text).toContain("Add a passkey")
  })

  test("beside another one only by who shows that", async () => {
    const { browser, visitor, authenticator, issuer, own, clock } = await start()
    await enrol(browser, authenticator)
    const other = visitor()
    // The password is right, and not enough.
    const step = await other.walk(PATH)
    expect(passkeyPageOf(step)).toMatchObject({ ceremony: "get", action: "/login/passkey" })
    const there = await other.follow(await answerBy(other, step, authenticator))
    clock.pass(1)
    await answerBy(other, there, newAuthenticator(issuer), { name: "key" })
    expect((await own()).map(({ name }) => name)).toEqual(["alice's phone", "key"])
  })

  test("by nobody whose page was shown before there was another one", async () => {
    const { browser, visitor, authenticator, issuer, own } = await start()
    const other = visitor()
    const early = await other.walk(PATH)
    await enrol(browser, authenticator)
    const late = await answerBy(other, early, newAuthenticator(issuer), { name: "thief" })
    expect(isLoginPage(late)).toBe(true)
    expect(await own()).toHaveLength(1)
  })

  const wrongs: ReadonlyArray<readonly [string, Wrong]> = [
    ["on a page of another site", { origin: "https://evil.example" }],
    ["in a frame of another site", { crossOrigin: true }],
    ["for another site", { rpId: "evil.example" }],
    ["to another challenge", { challenge: Buffer.alloc(32).toString("base64url") }],
    ["as if one was used", { type: "webauthn.get" }],
    ["without anybody there", { isPresent: false }],
    ["without proving to be its owner", { isVerified: false }],
  ]
  //= WEBAUTHN-7.1-challenge
  //= WEBAUTHN-7.1-user-verified
  test("by no answer that was made wrongly", async () => {
    const { browser, issuer, own } = await start()
    const page = await browser.walk(PATH)
    for (const [how, wrong] of wrongs) {
      const answer = await answerBy(browser, page, newAuthenticator(issuer), { wrong })
      expect([answer.status, answer.text.includes("No passkey was added.")], how).toEqual([409, true])
    }
    const { action, fields } = passkeyPageOf(page)!
    for (const answer of ["", "{}", "null", "7", "[".repeat(20_000)]) {
      expect((await browser.send("POST", action, { ...fields, answer })).status).toBe(409)
    }
    expect(await own()).toEqual([])
  })

  test.each(["packed", "android-key", "apple", "tpm", "made-up"])(
    "whatever its authenticator says of its maker, which nobody reads: %s",
    async (format) => {
      const { browser, authenticator, own } = await start()
      const statement = new Map<string, string | Uint8Array>([
        ["alg", "none"],
        ["sig", Buffer.alloc(8)],
        ["x5c", "http://169.254.169.254/latest"],
      ])
      const wrong: Wrong = { attestation: [format, statement] }
      await answerBy(browser, await browser.walk(PATH), authenticator, { wrong, name: format })
      expect(await own()).toMatchObject([{ name: format }])
    },
  )

  test("once by a challenge, also of eight answers at once", async () => {
    const { browser, authenticator, own } = await start()
    const page = await browser.walk(PATH)
    const { action, fields, options } = passkeyPageOf(page)!
    const answers = Array.from({ length: 8 }, () => authenticator.create(options))
    await Promise.all(answers.map((answer) => browser.send("POST", action, { ...fields, answer, name: "one" })))
    expect(await own()).toHaveLength(1)
  })

  test("WEBAUTHN-7.1-credential-unknown: of one account only, and twenty of it", async () => {
    const { browser, visitor, authenticator, issuer, own, native, subjectId } = await start()
    await enrol(browser, authenticator)
    const { id } = authenticator.credentials[0]!
    const bob = visitor()
    const taken = await answerBy(bob, await bob.walk(PATH, "bob"), newAuthenticator(issuer), {
      wrong: { credentialId: id },
    })
    expect([taken.status, taken.text.includes("That passkey is in use here already.")]).toEqual([409, true])
    await browser.follow(await answerBy(browser, await browser.get("/login"), authenticator))
    for (let count = 1; count < 20; count++) {
      await answerBy(browser, await browser.get(PATH), newAuthenticator(issuer), { name: `${count}` })
    }
    const full = await answerBy(browser, await browser.get(PATH), newAuthenticator(issuer), { name: "one more" })
    expect([full.status, full.text.includes("Remove one first.")]).toEqual([409, true])
    expect(await own()).toHaveLength(20)
    expect(await run(native.passkeys.removeAll(subjectId))).toBe(20)
  })

  test.each(["", " ", "x".repeat(65), "line\nbreak", "right\u202eto left"])(
    "with a name that can be read, not %j",
    async (name) => {
      const { browser, authenticator, own } = await start()
      const answer = await answerBy(browser, await browser.walk(PATH), authenticator, { name })
      expect([answer.status, answer.text.includes("Give it a name")]).toEqual([400, true])
      expect(await own()).toEqual([])
    },
  )

  test("by no form of another site, browser or session", async () => {
    const { browser, visitor, authenticator, own } = await start()
    const page = await browser.walk(PATH)
    const { action, fields, options } = passkeyPageOf(page)!
    const body = { ...fields, answer: authenticator.create(options), name: "key" }
    expect((await browser.send("POST", action, body, { origin: "https://evil.example" })).status).toBe(400)
    const bob = visitor()
    await bob.walk("/account", "bob")
    expect((await bob.send("POST", action, body)).status).toBe(400)
    await browser.follow(await browser.signIn(await browser.get("/login")))
    expect((await browser.send("POST", action, body)).status).toBe(400)
    expect(await own()).toEqual([])
  })
})

describe("a passkey is removed", () => {
  const withOne = async (options: PasskeyOptions = {}) => {
    const started = await start(options)
    const { browser, authenticator, visitor } = started
    await enrol(visitor(), authenticator)
    await browser.follow(await answerBy(browser, await browser.get("/login"), authenticator))
    const [{ id } = expect.fail()] = await started.own()
    const page = await browser.get(PATH)
    /** Presses a button of the page and gives what comes. */
    const press = async (action: "ask" | "remove", passkey = id, on = page) => {
      started.clock.pass(2)
      return browser.follow(await browser.send("POST", PATH, { form: formOf(on.text), action, passkey }))
    }
    return { ...started, id, page, press }
  }

  test("after one more question; whoever else was signed in is out, and the password alone is left", async () => {
    const { press, own, sessions, browser, authenticator, visitor } = await withOne()
    const other = visitor()
    await other.walk("/account")
    const question = await press("ask")
    expect(question.text).toContain("Remove this passkey?")
    expect(question.text).toContain("It is your last one.")
    expect(await own()).toHaveLength(1)
    const done = await press("remove", undefined, question)
    expect(done.text).toContain("The passkey was removed.")
    expect(await own()).toEqual([])
    expect(await sessions()).toHaveLength(1)
    expect(isLoginPage(await other.get("/account"))).toBe(true)
    const page = await browser.get("/login")
    expect((await answerBy(browser, page, authenticator)).status).toBe(403)
  })

  test("not where everybody needs one and there is no other", async () => {
    const { press, own } = await withOne({ policy: "required" })
    for (const action of ["ask", "remove"] as const) {
      const kept = await press(action)
      expect([kept.status, kept.text.includes("Add another one before you remove this one.")]).toEqual([409, true])
    }
    expect(await own()).toHaveLength(1)
  })

  test("not before the page can have been read, nor another person's, nor by a button that is none", async () => {
    const { browser, page, id, own, press, clock } = await withOne()
    const early = await browser.get(PATH)
    const soon = await browser.send("POST", PATH, { form: formOf(early.text), action: "remove", passkey: id })
    expect([soon.status, await own()]).toMatchObject([400, [{ id }]])
    expect((await press("remove", "ffffffffffff")).text).toContain("was not there any more")
    clock.pass(2)
    expect((await browser.send("POST", PATH, { form: formOf(page.text), action: "burn", passkey: id })).status).toBe(
      400,
    )
    expect(await own()).toHaveLength(1)
  })
})

test("where passkeys are off there is no such page, part or endpoint", async () => {
  const { browser } = await start({}, { features: standardFeatures })
  const account = await browser.walk("/account")
  const [, shown] = account.text.split("</style>")
  expect(shown).not.toContain("asskey")
  expect((await browser.get(PATH)).status).toBe(404)
  expect((await browser.send("POST", "/login/passkey", { answer: "" })).status).toBe(404)
  expect((await browser.get("/login")).headers.get("content-security-policy")).not.toContain("script-src")
})

test("who is nobody here is asked to sign in", async () => {
  const { browser } = await start()
  expect(isLoginPage(await browser.get(PATH))).toBe(true)
  expect(isLoginPage(await browser.send("POST", PATH, { action: "add" }))).toBe(true)
})
