/** Somebody with a thousand connected apps and very many sessions: a page shows the newest, and nobody else waits. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import type { CodeChallenge, RedirectUri, Resources, Scopes } from "../../src/core/index.ts"
import { MAX_SESSIONS } from "../../src/provider/SessionRows.ts"
import { memoryStore } from "../../src/provider/index.ts"
import { newBrowser, startFrontDoor, VERIFIER } from "../support/FrontDoor.ts"
import { challengeOf, REDIRECT_URI, wireClient } from "../support/WireClient.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { eachAnswer } from "../../properties/simulate/EachAnswer.ts"

const run = Effect.runPromise
const APPS = 1000

/** A store that counts what it lists: the most that one answer gave. */
const countingStore = () => {
  const store = memoryStore()
  let most = 0
  const counting = <A, E>(answer: () => Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.tap(answer(), (seen) =>
      Effect.sync(() => void (most = Math.max(most, Array.isArray(seen) ? seen.length : 0))),
    )
  const counted: ServerStore = {
    ...store,
    rows: eachAnswer(store.rows, counting),
    side: eachAnswer(store.side, counting),
  }
  return { store: counted, mostRows: () => most, forget: () => void (most = 0) }
}

const start = async () => {
  const { store, mostRows, forget } = countingStore()
  const door = await startFrontDoor({ store })
  const { native, clock } = door
  const browser = newBrowser(door.issuer)
  await browser.signIn(await browser.get("/login"), "alice")
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const { subjectId } = (await run(native.accounts.find("alice")))!
  const connect = async () => {
    clock.pass(0.001)
    const { grantId, code } = await run(
      native.openGrant({
        clientId: app.clientId,
        approval: { _tag: "User", subjectId, approvedAt: native.now() },
        request: {
          redirectUri: REDIRECT_URI as RedirectUri,
          redirectUriProvidedExplicitly: true,
          codeChallenge: challengeOf(VERIFIER) as CodeChallenge,
          jkt: null,
        },
        scopes: null as Scopes | null,
        resources: [] as unknown as Resources,
      }),
    )
    await run(native.redeemCode({ credentials: { clientId: app.clientId }, code, codeVerifier: VERIFIER }))
    return grantId as string
  }
  return { ...door, browser, connect, subjectId, mostRows, forget }
}

const grantsOn = (text: string) => [...text.matchAll(/name="grant" value="(\w+)"/g)].map(([, id]) => id!)
const olderThan = (text: string) => /href="([^"]*\?before=\w+)"/.exec(text)?.[1]

test("item 11: the account page shows the newest apps, says that older ones are left out, and leads to each of them once", async () => {
  const { browser, connect, mostRows, forget } = await start()
  const ids: Array<string> = []
  for (let count = 0; count < APPS; count++) ids.unshift(await connect())
  forget()
  const seen: Array<string> = []
  let next: string | undefined = "/account"
  while (next !== undefined) {
    const { text, status } = await browser.get(next)
    expect(status).toBe(200)
    const shown = grantsOn(text)
    expect(shown.length).toBeLessThanOrEqual(50)
    seen.push(...shown)
    next = olderThan(text)
    expect(text.includes("connected earlier are not on this page")).toBe(next !== undefined)
    expect(text.includes('href="/account"')).toBe(seen.length > 50)
    expect(text).toContain("Disconnect all apps")
  }
  expect(seen).toEqual(ids)
  // INVARIANT: between two reads others are answered.
  expect(mostRows()).toBeLessThanOrEqual(MAX_SESSIONS)
})

test("an app is disconnected from the page of older ones, too", async () => {
  const { browser, connect, native } = await start()
  const ids: Array<string> = []
  for (let count = 0; count < 60; count++) ids.unshift(await connect())
  const older = await browser.get(olderThan((await browser.get("/account")).text)!)
  expect(grantsOn(older.text)).toEqual(ids.slice(50))
  await browser.submit(older, "/account", { action: "revoke", grant: ids[55]! })
  expect((await run(native.grant(ids[55]!)))._tag).toBe("Revoked")
  expect((await run(native.grant(ids[54]!)))._tag).toBe("Open")
})

test("an address that names no app begins at the newest", async () => {
  const { browser, connect } = await start()
  const id = await connect()
  for (const query of ["?before=", "?before=x", "?before=a&before=b", "?before=%F0%28"]) {
    const { status, text } = await browser.get(`/account${query}`)
    expect([status, grantsOn(text)], query).toEqual([200, [id]])
  }
})

test("nobody has more sessions than can be listed and ended at once: the one that was used longest ago ends", async () => {
  const { native, clock, subjectId } = await start()
  const standing = (await run(native.accounts.verifyPassword("alice", "correct horse battery")))!
  const ids: Array<string> = []
  for (let count = 0; count < MAX_SESSIONS + 5; count++) {
    clock.pass(1)
    ids.push((await run(native.sessions.open(standing, native.now())))!.id)
  }
  expect(await run(native.sessions.list(subjectId, native.now()))).toHaveLength(MAX_SESSIONS)
  const isAlive = async (id: string) => (await run(native.sessions.find(id, native.now()))) !== undefined
  expect(await isAlive(ids[4]!)).toBe(false)
  expect(await isAlive(ids[5]!)).toBe(true)
  expect(await isAlive(ids.at(-1)!)).toBe(true)
})
