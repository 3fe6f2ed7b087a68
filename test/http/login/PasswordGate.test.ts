/** How many passwords one may try, and who is looked at first when many try at once. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { AuthorizationServer } from "../../../src/provider/index.ts"
import { PASSWORD, type newBrowser } from "../../support/FrontDoor.ts"
import { heldPasswords, startVisits } from "../../support/Visitors.ts"

type Browser = ReturnType<typeof newBrowser>

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

describe("while two sources with 96 workers spray passwords", () => {
  test("the owner of the right one gets in within three tries, after a handful of others", async () => {
    const { face, settled, heldCount, lookAtOne } = heldPasswords()
    // Without any limit on how often, so that they never tire.
    const limits = { loginsPerMinute: 100_000, sourceLoginsPerMinute: 100_000 }
    const { browserFrom } = await startVisits({ endpoints: { limits } }, face)
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
