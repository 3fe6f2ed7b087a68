/** What changes between the look at a password and the session: nobody is signed in by what does not hold any more. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { SubjectId } from "../../../src/core/index.ts"
import type { AuthorizationServer } from "../../../src/provider/index.ts"
import { PASSWORD, newBrowser, startFrontDoor } from "../../support/FrontDoor.ts"

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
  ["all its grants are revoked", (native, subjectId) => run(native.revokeSubjectSessions(subjectId))],
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
