/** What changes between the look at a password and the session: nobody is signed in by what does not hold any more. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { SubjectId } from "../../../src/core/index.ts"
import type { AuthorizationServer } from "../../../src/provider/index.ts"
import { openIdLogin } from "../../../src/http/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { PASSWORD, newBrowser, startFrontDoor } from "../../support/FrontDoor.ts"
import { approvedBy } from "../../support/Session.ts"
import { rivalStore } from "../../support/RivalStore.ts"
import { startUpstream } from "../UpstreamProvider.ts"

const run = Effect.runPromise
const CHOSEN = "a new and longer password"

type Rival = (native: AuthorizationServer, subjectId: SubjectId) => Promise<unknown>

const rivals: ReadonlyArray<readonly [string, Rival]> = [
  [
    "the operator sets another password",
    async (native, subjectId) => {
      await run(native.accounts.setPassword("alice", CHOSEN))
      await run(native.sessions.endAll(subjectId))
    },
  ],
  ["the account is disabled", (native, subjectId) => run(native.disableSubject(subjectId))],
  [
    "the account is disabled, and enabled again",
    async (native, subjectId) => {
      await run(native.disableSubject(subjectId))
      await run(native.enableSubject(subjectId))
    },
  ],
  [
    "all its grants are revoked",
    async (native, subjectId) => {
      await approvedBy({ native }, subjectId)
      await run(native.revokeSubjectSessions(subjectId))
    },
  ],
  ["the person is forgotten", (native, subjectId) => run(native.forgetSubject(subjectId))],
  ["the account is removed", (native, subjectId) => run(native.accounts.removeOf(subjectId))],
  [
    "the account is another person's",
    async (native, subjectId) => {
      await run(native.accounts.removeOf(subjectId))
      await run(native.accounts.add("alice", PASSWORD, native.now()))
    },
  ],
]

/** A door at which `rival` happens once, right after a password was found to be right. */
const startWith = async (rival: Rival) => {
  let isDue = false
  const door = await startFrontDoor({}, undefined, (native) => ({
    ...native,
    accounts: {
      ...native.accounts,
      verifyPassword: (name, password) =>
        Effect.tap(native.accounts.verifyPassword(name, password), () => {
          const happens = isDue
          isDue = false
          return happens ? Effect.promise(() => rival(native, subjectId)) : Effect.void
        }),
    },
  }))
  const { subjectId } = (await run(door.native.accounts.find("alice")))!
  const sessions = async () => (await run(door.native.sessions.list(subjectId, door.native.now()))).length
  return { ...door, sessions, comeDue: () => void (isDue = true) }
}

describe("a login under way opens no session when meanwhile", () => {
  test.each(rivals)("%s: the page says to sign in again", async (_, rival) => {
    const { issuer, sessions, comeDue } = await startWith(rival)
    const browser = newBrowser(issuer)
    const page = await browser.get("/login")
    comeDue()
    const answer = await browser.signIn(page)
    expect([answer.status, answer.location]).toEqual([409, undefined])
    expect(answer.text).toContain('action="/login"')
    expect(answer.text).toContain("Sign in again")
    expect([...browser.jar.keys()].filter((name) => name.includes("session"))).toEqual([])
    expect(await sessions()).toBe(0)
  })
})

describe("a login elsewhere opens no session here when meanwhile", () => {
  test.each(rivals.slice(1, -1))("%s: the page says to sign in again", async (_, rival) => {
    const { store, beforeNextWrite } = rivalStore(memoryStore())
    const { issuer: upstream, clientId, host, answerTo } = await startUpstream()
    const login = openIdLogin({ issuer: upstream, clientId })
    const { issuer, native } = await startFrontDoor({ store }, async () => ({ login }))
    const { subjectId } = await run(native.accounts.ensure(`one@${host}`, native.now(), "Alice"))
    const browser = newBrowser(issuer)
    const away = await browser.get("/account")
    beforeNextWrite(Effect.promise(() => rival(native, subjectId)))
    const answer = await browser.get(answerTo(away.location!, { sub: "one", name: "Alice" }))
    expect([answer.status, answer.location]).toEqual([409, undefined])
    expect(answer.text).toContain("Sign in again")
    expect([...browser.jar.keys()].filter((name) => name.includes("session"))).toEqual([])
    expect(await run(native.sessions.list(subjectId, native.now()))).toEqual([])
  })

  test("the account is disabled while the browser is away: signing in did not work", async () => {
    const { issuer: upstream, clientId, host, answerTo } = await startUpstream()
    const { issuer, native } = await startFrontDoor({}, async () => ({
      login: openIdLogin({ issuer: upstream, clientId }),
    }))
    const { subjectId } = await run(native.accounts.ensure(`one@${host}`, native.now()))
    const browser = newBrowser(issuer)
    const away = await browser.get("/account")
    await run(native.disableSubject(subjectId))
    expect((await browser.get(answerTo(away.location!, { sub: "one" }))).status).toBe(403)
    expect(await run(native.sessions.list(subjectId, native.now()))).toEqual([])
  })

  test("who was forgotten while the browser was away is somebody new, and signed in as nobody else", async () => {
    const { issuer: upstream, clientId, host, answerTo } = await startUpstream()
    const { issuer, native } = await startFrontDoor({}, async () => ({
      login: openIdLogin({ issuer: upstream, clientId }),
    }))
    const { subjectId } = await run(native.accounts.ensure(`one@${host}`, native.now()))
    const browser = newBrowser(issuer)
    const away = await browser.get("/account")
    await run(native.forgetSubject(subjectId))
    expect((await browser.get(answerTo(away.location!, { sub: "one" }))).status).toBe(303)
    const account = await run(native.accounts.find(`one@${host}`))
    expect(account!.subjectId).not.toBe(subjectId)
    expect(await run(native.sessions.list(subjectId, native.now()))).toEqual([])
    expect(await run(native.sessions.list(account!.subjectId, native.now()))).toHaveLength(1)
  })
})

describe("on the account page another password is not set when meanwhile", () => {
  const ANOTHER = "yet another password"

  test.each(rivals)("%s: the page asks to sign in again, or says that it is wrong", async (_, rival) => {
    const { store, beforeNextWrite } = rivalStore(memoryStore())
    const { issuer, native } = await startFrontDoor({ store })
    const { subjectId } = (await run(native.accounts.find("alice")))!
    const browser = newBrowser(issuer)
    await browser.signIn(await browser.get("/login"))
    const page = await browser.get("/account")
    beforeNextWrite(Effect.promise(() => rival(native, subjectId)))
    const fields = { action: "password", password: PASSWORD, "new-password": ANOTHER, "repeat-password": ANOTHER }
    const answer = await browser.submit(page, "/account", fields)
    const isSignedOut = (await browser.get("/account")).text.includes('action="/login"')
    expect(answer.text.includes('action="/login"')).toBe(isSignedOut)
    expect(answer.status).toBe(isSignedOut ? 200 : 403)
    expect(answer.text.includes("The present password is wrong.")).toBe(!isSignedOut)
    if (isSignedOut && (await run(native.accounts.verifyPassword("alice", PASSWORD))) !== undefined) {
      expect((await browser.signIn(answer)).location).toBe(`${issuer}/account`)
    }
    expect(await run(native.accounts.verifyPassword("alice", ANOTHER))).toBeUndefined()
  })
})
