/** How many passwords one may try, and who is looked at first when many try at once. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { LimitOptions } from "../../../src/http/Limits.ts"
import { StoreFault } from "../../../src/log/index.ts"
import type { AuthorizationServer } from "../../../src/provider/index.ts"
import { PASSWORD, type newBrowser } from "../../support/FrontDoor.ts"
import { heldPasswords, startVisits } from "../../support/Visitors.ts"

type Browser = ReturnType<typeof newBrowser>

/** So many that nobody is slowed. */
const generous = { loginsPerMinute: 100_000, sourceLoginsPerMinute: 100_000 }

const isIn = ({ status }: { readonly status: number }) => status === 303

/** Guesses come from these; nobody's password is among them. */
const guess = async (browser: Browser, name: string) => browser.signIn(await browser.get("/login"), name, "wrong guess")

/** Looks at passwords at once. */
const quick = (native: AuthorizationServer): AuthorizationServer => ({
  ...native,
  accounts: {
    ...native.accounts,
    verifyPassword: (name, password) =>
      password === PASSWORD ? native.accounts.standing(name) : Effect.succeed(undefined),
  },
})

describe("guesses from one source", () => {
  test("are slowed whatever the names: of 486 in a moment, thirty are looked at", async () => {
    const { browserFrom } = await startVisits({}, quick)
    const browser = browserFrom("192.0.2.7")
    const page = await browser.get("/login")
    const statuses: Array<number> = []
    for (let count = 0; count < 486; count++) {
      const { status, headers } = await browser.signIn(page, `name-${count}`, "wrong guess")
      if (status === 429) expect(headers.get("retry-after")).toBe("2")
      statuses.push(status)
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(456)
  })
})

test("guesses of one source that wait together are counted when their turn comes: of twelve, four are looked at", async () => {
  const { face, settled, heldCount, lookAtOne } = heldPasswords()
  const { browserFrom } = await startVisits({ endpoints: { limits: { sourceLoginsPerMinute: 4 } } }, face)
  const browser = browserFrom("192.0.2.7")
  const page = await browser.get("/login")
  // Three are at work, so that one more may be looked at when all others are in the line already.
  const answers = Array.from({ length: 12 }, (_, count) => browser.signIn(page, `name-${count}`, "wrong guess"))
  await settled()
  expect(heldCount()).toBe(3)
  let lookedAt = 0
  for (; heldCount() > 0; lookedAt++) await lookAtOne()
  await Promise.all(answers)
  expect(lookedAt).toBe(4)
})

describe("while two sources with 96 workers spray passwords", () => {
  test("the owner of the right one gets in within three tries, after a handful of others", async () => {
    const { face, settled, heldCount, lookAtOne } = heldPasswords()
    // Without any limit on how often, so that they never tire.
    const { browserFrom } = await startVisits({ endpoints: { limits: generous } }, face)
    let isOver = false
    let somethingHappened = Promise.withResolvers<void>()
    const work = async (source: string) => {
      const browser = browserFrom(source)
      while (!isOver) {
        await guess(browser, "alice")
        await somethingHappened.promise
      }
    }
    const workers = Array.from({ length: 96 }, (_, index) => work(index % 2 === 0 ? "192.0.2.7" : "198.51.100.7"))
    const step = async () => {
      await lookAtOne()
      somethingHappened.resolve()
      somethingHappened = Promise.withResolvers<void>()
      await settled()
    }
    while (heldCount() < 3) await settled()
    for (let count = 0; count < 20; count++) await step()

    const owner = browserFrom("203.0.113.1")
    let tries = 0
    let steps = 0
    for (let isSignedIn = false; !isSignedIn; tries++) {
      expect(tries).toBeLessThan(3)
      let answer: Awaited<ReturnType<Browser["signIn"]>> | undefined
      const page = await owner.get("/login")
      void owner.signIn(page, "alice", PASSWORD).then((sight) => (answer = sight))
      await settled()
      while (answer === undefined) {
        steps++
        await step()
      }
      isSignedIn = isIn(answer)
    }
    expect(steps).toBeLessThan(10)
    isOver = true
    while (heldCount() > 0) await step()
    somethingHappened.resolve()
    await Promise.all(workers)
  })
})

test("who was told that many sign in at the moment has spent nothing", async () => {
  const { face, settled, heldCount, lookAtOne } = heldPasswords()
  const { browserFrom } = await startVisits({ endpoints: { limits: { loginsPerMinute: 1 } } }, face)
  const [neighbour, alice] = [browserFrom("192.0.2.7"), browserFrom("192.0.2.7")]
  const answers = Array.from({ length: 40 }, (_, index) => guess(neighbour, `name-${index}`))
  while (heldCount() === 0) await settled()
  const busy = await alice.signIn(await alice.get("/login"), "alice")
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "1"])
  while (heldCount() > 0) await lookAtOne()
  await Promise.all(answers)
  let again: Awaited<ReturnType<Browser["signIn"]>> | undefined
  void alice.signIn(await alice.get("/login"), "alice").then((sight) => (again = sight))
  while (again === undefined) await lookAtOne()
  expect(isIn(again)).toBe(true)
})

describe("the form that changes a password", () => {
  const CHOSEN = "a new and longer password"
  const change = (browser: Browser, page: Awaited<ReturnType<Browser["get"]>>, password: string) =>
    browser.submit(page, "/account", {
      action: "password",
      password,
      "new-password": CHOSEN,
      "repeat-password": CHOSEN,
    })

  const signedIn = async (limits: Partial<LimitOptions>, face?: Parameters<typeof startVisits>[1]) => {
    const visits = await startVisits({ endpoints: { limits } }, face)
    const browser = visits.browserFrom("192.0.2.7")
    await browser.signIn(await browser.get("/login"))
    return { ...visits, browser, page: await browser.get("/account") }
  }

  test("is as slow to guess at as the login, and counted with it", async () => {
    const { native, browser, browserFrom, page, clock } = await signedIn({ loginsPerMinute: 3 })
    expect((await change(browser, page, "wrong guess")).status).toBe(403)
    expect((await change(browser, page, "wrong guess")).status).toBe(403)
    const slowed = await change(browser, page, PASSWORD)
    expect([slowed.status, slowed.headers.get("retry-after")]).toEqual([429, "20"])
    expect(slowed.text).toContain("tried too often")
    expect((await browser.signIn(await browser.get("/login"))).status).toBe(429)
    expect(await Effect.runPromise(native.accounts.verifyPassword("alice", PASSWORD))).toBeDefined()
    const elsewhere = browserFrom("198.51.100.7")
    expect(isIn(await elsewhere.signIn(await elsewhere.get("/login")))).toBe(true)
    clock.pass(20)
    expect((await change(browser, page, PASSWORD)).status).toBe(200)
  })

  test("counts for the source as well", async () => {
    const { browser, page } = await signedIn({ sourceLoginsPerMinute: 2 })
    expect((await change(browser, page, "wrong guess")).status).toBe(403)
    expect((await change(browser, page, PASSWORD)).status).toBe(429)
  })

  test("waits in the same line: when that is full it says so, and nothing is spent", async () => {
    const { face, heldCount, lookAtOne, settled } = heldPasswords()
    const visits = await startVisits({ endpoints: { limits: { loginsPerMinute: 1 } } }, face)
    const { browserFrom, native, clock } = visits
    const browser = browserFrom("192.0.2.7")
    const signingIn = browser.signIn(await browser.get("/login"))
    while (heldCount() === 0) await settled()
    await lookAtOne()
    expect(isIn(await signingIn)).toBe(true)
    const page = await browser.get("/account")
    clock.pass(60)
    const neighbour = browserFrom("192.0.2.7")
    const answers = Array.from({ length: 40 }, (_, index) => guess(neighbour, `name-${index}`))
    while (heldCount() === 0) await settled()
    const busy = await change(browser, page, PASSWORD)
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "1"])
    while (heldCount() > 0) await lookAtOne()
    await Promise.all(answers)
    expect((await change(browser, page, PASSWORD)).status).toBe(200)
    expect(await Effect.runPromise(native.accounts.verifyPassword("alice", CHOSEN))).toBeDefined()
  })
})

describe("a look that fails", () => {
  const failures = [
    ["for want of the store", 503, Effect.fail(new StoreFault({ reason: "busy", message: "busy" }))],
    ["with a defect", 500, Effect.die(new Error("no memory"))],
  ] as const

  test.each(failures)("%s shuts nobody out, however often it fails", async (_, status, failure) => {
    let isFailing = true
    const { browserFrom } = await startVisits({ endpoints: { limits: generous } }, (native) => ({
      ...native,
      accounts: {
        ...native.accounts,
        verifyPassword: (name) => Effect.suspend(() => (isFailing ? failure : native.accounts.standing(name))),
      },
    }))
    const browser = browserFrom("192.0.2.7")
    const page = await browser.get("/login")
    for (let count = 0; count < 300; count++) expect((await browser.signIn(page)).status).toBe(status)
    isFailing = false
    expect(isIn(await browser.signIn(page))).toBe(true)
  })
})

test("guesses from one IPv6 subscriber at one account are slowed, whatever addresses they come from", async () => {
  const { browserFrom } = await startVisits({ endpoints: { limits: { loginsPerMinute: 3 } } }, quick)
  const statuses: Array<number> = []
  for (let count = 0; count < 5; count++) {
    const browser = browserFrom(`2001:db8:1:2::${count}`)
    statuses.push((await browser.signIn(await browser.get("/login"), "alice", "wrong guess")).status)
  }
  expect(statuses).toEqual([403, 403, 403, 429, 429])
  const neighbour = browserFrom("2001:db8:1:3::1")
  expect(isIn(await neighbour.signIn(await neighbour.get("/login")))).toBe(true)
})

test("a name is the same with space around it", async () => {
  const { browserFrom } = await startVisits({ endpoints: { limits: { loginsPerMinute: 1 } } }, quick)
  const browser = browserFrom("192.0.2.7")
  const page = await browser.get("/login")
  expect((await browser.signIn(page, " alice", "wrong guess")).status).toBe(403)
  expect((await browser.signIn(page, "alice ", PASSWORD)).status).toBe(429)
})
