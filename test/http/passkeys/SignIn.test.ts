/** Signing in by a passkey: alone, after the password, and where an app asks for it. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { passkeys, sqliteStore, standardFeatures, type PasskeyOptions } from "../../../src/provider/index.ts"
import { passkeyTable } from "../../../src/provider/AccountTables.ts"
import { newAuthenticator, type Wrong } from "../../support/Authenticator.ts"
import { VERIFIER, authorizeUrl, isLoginPage, newBrowser, startFrontDoor, type Sight } from "../../support/FrontDoor.ts"
import { answerBy, enrol, passkeyPageOf } from "../../support/PasskeyPages.ts"
import { generousLimits, temporaryFolder, type Setting } from "../../support/TestServer.ts"
import { wireClient } from "../../support/WireClient.ts"

const run = Effect.runPromise

/** A server on a host of its own unless it says otherwise, with one passkey of alice's, and a browser that is not hers. */
const start = async (options: PasskeyOptions = {}, setting: Setting = {}) => {
  const notices: Array<string> = []
  const door = await startFrontDoor({
    features: [...standardFeatures, ...passkeys(options)],
    endpoints: { limits: generousLimits },
    onNotice: (sentence) => void notices.push(sentence),
    ...setting,
    config: { issuer: "https://id.example.com", ...setting.config },
  })
  const { issuer, carry, native } = door
  const authenticator = newAuthenticator(issuer)
  await enrol(newBrowser(issuer, carry), authenticator)
  const { subjectId } = (await run(native.accounts.find("alice")))!
  expect(await run(native.passkeys.list(subjectId))).toHaveLength(1)
  await run(native.sessions.endAll(subjectId))
  const browser = newBrowser(issuer, carry)
  const sessions = () => run(native.sessions.list(subjectId, native.now()))
  const own = () => run(native.passkeys.list(subjectId))
  return {
    ...door,
    notices,
    authenticator,
    subjectId,
    browser,
    sessions,
    own,
    visitor: () => newBrowser(issuer, carry),
  }
}

/** What the page asks of an authenticator. */
const optionsOf = (page: Sight): unknown => JSON.parse(passkeyPageOf(page)!.options)

type Started = Awaited<ReturnType<typeof start>>

const alone = async ({ browser, authenticator }: Pick<Started, "browser" | "authenticator">, wrong: Wrong = {}) =>
  answerBy(browser, await browser.get("/login"), authenticator, { wrong })

describe("a passkey alone", () => {
  test("signs its owner in without a name, and the login says how strong it was", async () => {
    const started = await start()
    expect((await alone(started)).location).toBe(`${started.issuer}/account`)
    const [session] = await started.sessions()
    expect(session!.login).toMatchObject({ acr: "phr", amr: ["hwk", "user", "mfa"] })
    expect((await started.browser.get("/account")).text).toContain("alice&#39;s phone")
  })

  test("that is shared by devices is said to be", async () => {
    const { issuer, carry, native, subjectId } = await start()
    const authenticator = newAuthenticator(issuer, { isSynced: true, counts: false })
    const browser = newBrowser(issuer, carry)
    await browser.follow(await answerBy(browser, await browser.walk("/account/passkeys", "bob"), authenticator, {}))
    await alone({ browser, authenticator })
    // One that never counts is none that counts backwards.
    expect((await alone({ browser, authenticator })).status).toBe(303)
    const bob = (await run(native.accounts.find("bob")))!
    expect(bob.subjectId).not.toBe(subjectId)
    const [session] = await run(native.sessions.list(bob.subjectId, native.now()))
    expect(session!.login.amr).toEqual(["swk", "user", "mfa"])
  })

  const wrongs: ReadonlyArray<readonly [string, Wrong]> = [
    ["on a page of another site", { origin: "https://id.example.com.evil.example" }],
    ["in a frame of another site", { crossOrigin: true }],
    ["for another site", { rpId: "evil.example" }],
    ["to another challenge", { challenge: Buffer.alloc(32).toString("base64url") }],
    ["as if one was made", { type: "webauthn.create" }],
    ["without anybody there", { isPresent: false }],
    ["without proving to be its owner", { isVerified: false }],
    ["by another key", { isForged: true }],
    [
      "WEBAUTHN-7.2-user-handle: as somebody else's",
      { userHandle: Buffer.from("sub_AAAAAAAAAAAAAAAAAAAAAA").toString("base64url") },
    ],
    ["as nobody's", { userHandle: null }],
    ["that nobody knows", { credentialId: Buffer.alloc(32, 7).toString("base64url") }],
    ["by an id that is none", { credentialId: "a".repeat(2000) }],
  ]
  //= WEBAUTHN-7.2-challenge
  //= WEBAUTHN-7.2-origin
  //= WEBAUTHN-7.2-rp-id
  //= WEBAUTHN-7.2-signature
  //= WEBAUTHN-7.2-user-handle
  //= WEBAUTHN-7.2-user-verified
  test("that is used wrongly signs nobody in, whatever is wrong with it, and nobody is told what", async () => {
    const started = await start()
    const shown = new Set<string>()
    for (const [how, wrong] of wrongs) {
      const answer = await alone(started, wrong)
      expect([answer.status, answer.location], how).toEqual([403, undefined])
      shown.add(answer.text.replaceAll(/value="ey[^"]*"|data-options="[^"]*"/g, ""))
    }
    const noJson = await started.browser.get("/login")
    const { action, fields } = passkeyPageOf(noJson)!
    for (const answer of ["", "{", "null", '{"id":"a"}', "[".repeat(20_000)]) {
      const page = await started.browser.send("POST", action, { ...fields, answer })
      expect([page.status, page.location], answer.slice(0, 10)).toEqual([403, undefined])
      shown.add(page.text.replaceAll(/value="ey[^"]*"|data-options="[^"]*"/g, ""))
    }
    expect(shown.size).toBe(1)
    expect(await started.sessions()).toEqual([])
    expect((await alone(started)).status).toBe(303)
  })

  test("WEBAUTHN-13.4.3-challenge-once: answers the challenge of this browser, once, and in ten minutes", async () => {
    const { browser, authenticator, visitor, clock, sessions } = await start()
    const page = await browser.get("/login")
    const { action, options, fields } = passkeyPageOf(page)!
    const answer = authenticator.get(options)
    const other = visitor()
    await other.get("/login")
    expect((await other.send("POST", action, { ...fields, answer })).status).toBe(400)
    expect((await browser.send("POST", action, { ...fields, answer }, { origin: "https://evil.example" })).status).toBe(
      400,
    )
    expect(await sessions()).toEqual([])
    expect((await browser.send("POST", action, { ...fields, answer })).status).toBe(303)
    expect((await browser.send("POST", action, { ...fields, answer })).status).toBe(403)
    // A fresh proof does not make a challenge fresh.
    expect((await browser.send("POST", action, { ...fields, answer: authenticator.get(options) })).status).toBe(403)
    expect(await sessions()).toHaveLength(1)

    const late = await browser.get("/login")
    clock.pass(600)
    const told = await answerBy(browser, late, authenticator)
    expect([told.status, isLoginPage(told)]).toEqual([400, true])
    expect(told.text).toContain("That took too long.")
  })

  test("WEBAUTHN-7.2-sign-count: nobody signs in where the count of its uses does not grow, and the operator is told", async () => {
    const started = await start()
    const { notices, own, sessions } = started
    await alone(started)
    await alone(started)
    const [{ id } = expect.fail()] = await own()
    for (const signCount of [2, 1, 0]) expect((await alone(started, { signCount })).status).toBe(403)
    expect(await sessions()).toHaveLength(1)
    expect(notices.filter((sentence) => sentence.includes(id))).toHaveLength(3)
    expect(notices.join()).not.toMatch(/\balice\b/)
    expect((await own())[0]!.wentBackAt).not.toBeNull()
    expect((await alone(started, { signCount: 3 })).status).toBe(303)
  })

  test("is counted like a password: whoever tries too often waits", async () => {
    const started = await start({}, { endpoints: { limits: { ...generousLimits, loginsPerMinute: 3 } } })
    for (let count = 0; count < 3; count++) expect((await alone(started, { isForged: true })).status).toBe(403)
    const refused = await alone(started)
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "20"])
  })

  const rivals: ReadonlyArray<readonly [string, (started: Started) => Promise<unknown>]> = [
    [
      "it is removed",
      async ({ native, subjectId, own }) => run(native.passkeys.remove(subjectId, (await own())[0]!.id)),
    ],
    ["all are removed", ({ native, subjectId }) => run(native.passkeys.removeAll(subjectId))],
    ["the account is disabled", ({ native, subjectId }) => run(native.disableSubject(subjectId))],
    ["the person is forgotten", ({ native, subjectId }) => run(native.forgetSubject(subjectId))],
  ]
  test.each(rivals)("signs nobody in when meanwhile %s", async (_, rival) => {
    const started = await start()
    const page = await started.browser.get("/login")
    await rival(started)
    expect((await answerBy(started.browser, page, started.authenticator)).status).toBe(403)
    expect(await started.sessions()).toEqual([])
  })
})

describe("one answer of eight at once", () => {
  test("WEBAUTHN-13.4.3-challenge-once: begins one session, also at two instances on one file, and none after a restart", async () => {
    const file = `${temporaryFolder()}/grantlog.db`
    const first = await start({}, { store: sqliteStore(file) })
    const features = [...standardFeatures, ...passkeys()]
    const again = async () =>
      startFrontDoor({
        store: sqliteStore(file),
        keys: first.keys,
        clock: first.clock,
        features,
        config: { issuer: first.issuer },
      })
    const second = await again()
    const page = await first.browser.get("/login")
    const { action, options, fields } = passkeyPageOf(page)!
    const body = { ...fields, answer: first.authenticator.get(options) }
    const jar = [...first.browser.jar]
    const send = (carry: Started["carry"]) => {
      const browser = newBrowser(first.issuer, carry)
      for (const [name, value] of jar) browser.jar.set(name, value)
      return browser.send("POST", action, body)
    }
    const answers = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((at) => send([first, second][at % 2]!.carry)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, ...Array<number>(7).fill(403)])
    const third = await again()
    expect((await send(third.carry)).status).toBe(403)
    expect(await first.sessions()).toHaveLength(1)
  })
})

describe("after the password", () => {
  const step = async ({ browser }: Pick<Started, "browser">) => browser.signIn(await browser.get("/login"))

  test("nobody is signed in before the passkey is shown, which need not know its owner; then the login says both", async () => {
    const started = await start({ policy: "second-factor" })
    const { browser, authenticator, sessions, issuer } = started
    const page = await step(started)
    expect([page.status, page.location, passkeyPageOf(page)!.ceremony]).toEqual([200, undefined, "get"])
    expect(await sessions()).toEqual([])
    expect([...browser.jar.keys()].filter((name) => name.includes("session"))).toEqual([])
    expect(isLoginPage(await browser.follow(await browser.get("/account")))).toBe(true)
    const answer = await answerBy(browser, page, authenticator, { wrong: { isVerified: false, userHandle: null } })
    expect(answer.location).toBe(`${issuer}/account`)
    expect((await sessions())[0]!.login).toMatchObject({ acr: "phr", amr: ["pwd", "hwk", "user", "mfa"] })
  })

  test("WEBAUTHN-14.6.2-no-enumeration: who has none goes on without one; a wrong password shows nothing of who has", async () => {
    const { browser, issuer } = await start({ policy: "second-factor" })
    expect((await browser.signIn(await browser.get("/login"), "bob")).location).toBe(`${issuer}/account`)
    for (const name of ["alice", "bob", "nobody"]) {
      const wrong = await browser.signIn(await browser.get("/login"), name, "a wrong password")
      expect([wrong.status, passkeyPageOf(wrong)!.options.includes("allowCredentials")]).toEqual([403, false])
      expect(optionsOf(wrong)).toMatchObject({ userVerification: "required" })
    }
    const right = await browser.signIn(await browser.get("/login"))
    expect(optionsOf(right)).toMatchObject({
      userVerification: "preferred",
      allowCredentials: [{ id: expect.any(String) }],
    })
  })

  test("a passkey of somebody else is refused, and the page asks again, for as long as the password was just shown", async () => {
    const started = await start({ policy: "second-factor" })
    const { browser, authenticator, visitor, issuer, sessions, clock } = started
    const mallory = newAuthenticator(issuer)
    await enrol(visitor(), mallory, "bob")
    const page = await step(started)
    const { options } = passkeyPageOf(page)!
    const { allowCredentials: _, ...any } = JSON.parse(options) as Record<string, unknown>
    const { action, fields } = passkeyPageOf(page)!
    const refused = await browser.send("POST", action, { ...fields, answer: mallory.get(JSON.stringify(any)) })
    expect([refused.status, passkeyPageOf(refused)!.action]).toEqual([403, "/login/passkey"])
    expect(await sessions()).toEqual([])
    clock.pass(600)
    const late = await answerBy(browser, refused, authenticator)
    expect([late.status, isLoginPage(late)]).toEqual([400, true])
  })

  test("another password meanwhile makes the first half worth nothing", async () => {
    const started = await start({ policy: "second-factor" })
    const page = await step(started)
    await run(started.native.accounts.setPassword("alice", "a new and longer password"))
    const answer = await answerBy(started.browser, page, started.authenticator)
    expect([answer.status, answer.text.includes("Sign in again.")]).toEqual([409, true])
    expect(await started.sessions()).toEqual([])
  })

  test("by default a password is enough, and its login is not said to be more", async () => {
    const started = await start()
    expect((await step(started)).location).toBe(`${started.issuer}/account`)
    expect((await started.sessions())[0]!.login).not.toHaveProperty("acr")
  })
})

describe("where everybody needs a passkey", () => {
  test("who has none adds one on the way, and is signed in by both; nobody adds a second one so", async () => {
    const { browser, visitor, issuer, native, sessions } = await start({ policy: "required" })
    const [page, other] = [
      await browser.signIn(await browser.get("/login"), "bob"),
      await (async (who) => ({ who, page: await who.signIn(await who.get("/login"), "bob") }))(visitor()),
    ]
    expect([page.status, passkeyPageOf(page)!.ceremony]).toEqual([200, "create"])
    const bob = (await run(native.accounts.find("bob")))!
    const bobs = () => run(native.sessions.list(bob.subjectId, native.now()))
    expect([await sessions(), await bobs()]).toEqual([[], []])
    const authenticator = newAuthenticator(issuer)
    const unnamed = await answerBy(browser, page, authenticator, { name: " " })
    expect([unnamed.status, unnamed.text.includes("Give it a name")]).toEqual([400, true])
    expect((await answerBy(browser, unnamed, authenticator, { name: "key" })).location).toBe(`${issuer}/account`)
    expect((await bobs())[0]!.login).toMatchObject({ acr: "phr", amr: ["pwd", "hwk", "user", "mfa"] })
    // The other browser knew the password while there was no passkey; now there is.
    const late = await answerBy(other.who, other.page, newAuthenticator(issuer), { name: "thief" })
    expect([late.status, isLoginPage(late)]).toEqual([409, true])
    expect(await run(native.passkeys.list(bob.subjectId))).toHaveLength(1)
  })

  test("another password meanwhile makes what the first one proved worth nothing: nothing is added", async () => {
    const { browser, issuer, native } = await start({ policy: "required" })
    const page = await browser.signIn(await browser.get("/login"), "bob")
    await run(native.accounts.setPassword("bob", "a new and longer password"))
    const answer = await answerBy(browser, page, newAuthenticator(issuer), { name: "key" })
    expect([answer.status, isLoginPage(answer)]).toEqual([409, true])
    const { subjectId } = (await run(native.accounts.find("bob")))!
    expect(await run(native.passkeys.list(subjectId))).toEqual([])
    expect(await run(native.sessions.list(subjectId, native.now()))).toEqual([])
  })
})

describe("an app that asks for a passkey", () => {
  const ask = async (started: Started) => {
    const app = await wireClient(started.url).newApp()
    return { path: authorizeUrl(app.clientId, { acr_values: "phr" }) }
  }

  /** A resource that takes nothing less than a passkey, as RFC 9470 has it say so; it knows of a token what the server says. */
  const answerOf = async ({ native }: Started, token: string) => {
    const known = await run(native.verify(token))
    return known?.acr === "phr" ? "allowed" : `Bearer error="insufficient_user_authentication", acr_values="phr"`
  }

  test("a password is not enough for a resource, the app is told what is, and the passkey gets in", async () => {
    const started = await start()
    const { browser, authenticator } = started
    const wire = wireClient(started.url)
    const app = await wire.newApp()
    const tokenFor = async (consent: Sight) => {
      const answer = await browser.submit(consent, "/consent", { decision: "allow" })
      const code = new URL(answer.location!).searchParams.get("code")!
      return (await wire.redeem(app, { code, verifier: VERIFIER })).body.access_token!
    }
    const weak = await tokenFor(await browser.walk(authorizeUrl(app.clientId)))
    const [, acrValues] = /error="insufficient_user_authentication", acr_values="([^"]*)"/.exec(
      await answerOf(started, weak),
    )!

    const login = await browser.follow(
      await browser.get(authorizeUrl(app.clientId, { acr_values: acrValues!, state: "t" })),
    )
    expect(login.text).toContain("The app asks you to sign in with a passkey.")
    // The password again is not enough.
    const page = await browser.signIn(login)
    expect(passkeyPageOf(page)!.ceremony).toBe("get")
    const strong = await tokenFor(await browser.follow(await answerBy(browser, page, authenticator)))
    expect(await answerOf(started, strong)).toBe("allowed")
    // What was granted before is no stronger for it.
    expect(await answerOf(started, weak)).not.toBe("allowed")
  })

  test("asks nothing more of somebody who signed in by one", async () => {
    const started = await start()
    await alone(started)
    const { path } = await ask(started)
    expect((await started.browser.follow(await started.browser.get(path))).text).toContain("Allow access?")
  })

  test("lets who has none add one, in whose place no password will do", async () => {
    const started = await start()
    const { browser, issuer } = started
    const { path } = await ask(started)
    const page = await browser.walk(path, "bob")
    expect(page.text).toContain("The app asks for a passkey, and your account has none yet.")
    const consent = await browser.follow(await answerBy(browser, page, newAuthenticator(issuer), { name: "key" }))
    expect(consent.text).toContain("Allow access?")
  })
})

describe("on a host that others listen on", () => {
  test("a passkey takes the place of the password for each request, and what holds the session alone changes none", async () => {
    const started = await start({}, { config: { issuer: undefined as never } })
    const { browser, authenticator, issuer } = started
    await alone(started)
    const page = await browser.follow(await browser.get("/account/passkeys"))
    expect(isLoginPage(page)).toBe(true)
    const there = await browser.follow(await answerBy(browser, page, authenticator))
    expect(there.text).toContain("Your passkeys")
    const thief = newBrowser(issuer)
    for (const [name, value] of browser.jar) thief.jar.set(name, value)
    expect(isLoginPage(await thief.follow(await thief.get("/account/passkeys?change=1")))).toBe(true)
  })
})

test("what is kept of a passkey is gone with the person, and its name is in no entry of the log", async () => {
  const { native, store, subjectId, own } = await start()
  expect(await own()).toHaveLength(1)
  await run(native.forgetSubject(subjectId))
  expect(await run(store.dump(passkeyTable))).toEqual([])
  const entries = await run(store.readStored(0))
  expect(JSON.stringify(entries)).not.toMatch(/\bphone\b/)
})

test("an issuer that is an address has none", async () => {
  const config = { issuer: "http://127.0.0.1:4000" }
  await expect(startFrontDoor({ features: [...standardFeatures, ...passkeys()], config })).rejects.toThrow(
    /is an address, which browsers make no passkeys for/,
  )
})
