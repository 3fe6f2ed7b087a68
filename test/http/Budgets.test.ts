/** What is counted together and what is not: sources, networks, accounts, clients, and each kind of attempt. */
import { Clock, Effect } from "effect"
import { describe, expect, test } from "vitest"
import { defaultLimits, makeLimits, type LimitOptions } from "../../src/http/Limits.ts"
import { manualClock } from "../support/ManualClock.ts"

const FOUR = "192.0.2.7"
/** Two addresses of one subscriber, another subscriber of the same network, and another network. */
const [SIX, SIX_AGAIN, NEIGHBOUR, FAR] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::1", "2001:db8:1:3::1", "2001:db8:2::1"]

const start = (options: Partial<LimitOptions> = {}) => {
  const clock = manualClock()
  const limits = makeLimits({ ...defaultLimits, ...options })
  const now = <A>(effect: Effect.Effect<A>): A =>
    Effect.runSync(Effect.provideService(effect, Clock.Clock, clock.clock))
  const login = (source: string, account: string) => now(limits.login(source, account))
  /** How many of so many attempts are let through, each at another account. */
  const spray = (source: string, count = 1000) =>
    Array.from({ length: count }, (_, index) => login(source, `name-${source}-${index}`)).filter((wait) => wait === 0)
      .length
  return { limits, clock, now, login, spray }
}

describe("attempts to sign in", () => {
  test("are ten a minute at one account from one source", () => {
    const { login } = start()
    expect(Array.from({ length: 12 }, () => login(FOUR, "alice"))).toEqual([...Array<number>(10).fill(0), 6, 6])
    expect(login(FOUR, "bob")).toBe(0)
    expect(login("192.0.2.8", "alice")).toBe(0)
  })

  test("are thirty a minute from one source, whatever the accounts, and one more every two seconds", () => {
    const { spray, login, clock } = start()
    expect(spray(FOUR)).toBe(30)
    expect(login(FOUR, "alice")).toBe(2)
    expect(login("192.0.2.8", "alice")).toBe(0)
    clock.pass(1.999)
    expect(login(FOUR, "alice")).toBe(2)
    clock.pass(0.001)
    expect([login(FOUR, "alice"), login(FOUR, "alice")]).toEqual([0, 2])
    clock.pass(3600)
    expect(spray(FOUR)).toBe(30)
  })

  test("count for the subscriber of an IPv6 address, not for the address", () => {
    const { spray, login } = start()
    expect(spray(SIX) + spray(SIX_AGAIN)).toBe(30)
    expect(login(SIX_AGAIN, "alice")).toBe(2)
    expect(login(NEIGHBOUR, "alice")).toBe(0)
    const { login: another } = start({ loginsPerMinute: 1 })
    expect([another(SIX, "alice"), another(SIX_AGAIN, "alice"), another(NEIGHBOUR, "alice")]).toEqual([0, 60, 0])
  })

  test("are a hundred and twenty a minute from one network of IPv6, whatever subscribers it has", () => {
    const { spray, login } = start()
    const subscribers = Array.from({ length: 100 }, (_, index) => `2001:db8:1:${index.toString(16)}::1`)
    expect(subscribers.map((source) => spray(source, 40)).reduce((sum, count) => sum + count)).toBe(120)
    expect(login("2001:db8:1:ffff::1", "alice")).toBe(1)
    expect(login(FAR, "alice")).toBe(0)
  })

  test("have no wider network than the address in IPv4, nor where the source is not known", () => {
    const { spray } = start({ networkLoginsPerMinute: 1 })
    expect([spray(FOUR), spray("192.0.2.8"), spray("::ffff:192.0.2.9")]).toEqual([30, 30, 30])
    expect(spray("")).toBe(30)
  })

  test("from sources that are not known are those of one source", () => {
    const { spray, login } = start()
    expect(spray("")).toBe(30)
    expect(login("", "alice")).toBe(2)
  })

  test("that are refused for one limit spend nothing of the others", () => {
    const { login } = start({ sourceLoginsPerMinute: 3, loginsPerMinute: 1 })
    expect(Array.from({ length: 20 }, () => login(FOUR, "alice")).filter((wait) => wait === 0)).toHaveLength(1)
    expect([login(FOUR, "bob"), login(FOUR, "carol"), login(FOUR, "dave")]).toEqual([0, 0, 20])
  })

  test("are not counted by asking how long to wait", () => {
    const { limits, now, login } = start({ loginsPerMinute: 1 })
    const wait = () => now(limits.loginWait(FOUR, "alice"))
    expect(Array.from({ length: 50 }, wait).every((seconds) => seconds === 0)).toBe(true)
    expect([login(FOUR, "alice"), wait(), login(FOUR, "alice")]).toEqual([0, 60, 60])
  })

  test("wait for the slowest of the limits that were met", () => {
    const { login } = start({ loginsPerMinute: 2, sourceLoginsPerMinute: 2, networkLoginsPerMinute: 2 })
    expect([login(SIX, "alice"), login(SIX, "alice"), login(SIX, "alice")]).toEqual([0, 0, 30])
    const { login: other } = start({ loginsPerMinute: 1, sourceLoginsPerMinute: 60 })
    expect([other(FOUR, "alice"), other(FOUR, "alice")]).toEqual([0, 60])
  })
})

test("registrations are sixty a minute and three hundred an hour from one source, so that it leaves some to others", () => {
  const { limits, clock, now } = start()
  const register = (source: string) => now(limits.registration(source, false))
  const drained = (): number => {
    let count = 0
    while (register(FOUR) === 0) count++
    return count
  }
  const taken = Array.from({ length: 11 }, () => {
    const count = drained()
    clock.pass(60)
    return count
  })
  // Five come back in each of ten minutes.
  expect(taken.slice(0, 5)).toEqual([60, 60, 60, 60, 60])
  expect(taken.reduce((sum, count) => sum + count)).toBe(350)
  drained()
  expect(register(FOUR)).toBe(12)
  expect(register("192.0.2.8")).toBe(0)
  const { limits: few, now: at } = start({ registrationsPerHour: 2 })
  expect([1, 2, 3].map(() => at(few.registration(SIX, false)))).toEqual([0, 0, 1800])
  expect(at(few.registration(SIX, true))).toBe(0)
})

describe("what is counted for one thing", () => {
  const one = {
    registrationsPerMinute: 1,
    failedAuthenticationsPerMinute: 1,
    loginsPerMinute: 1,
    sourceLoginsPerMinute: 1,
  }

  test("is not counted for another, under whatever names", () => {
    const { limits, now } = start(one)
    expect(now(limits.failedAuthentication(FOUR, "alice"))).toBe(0)
    expect(now(limits.login(FOUR, "alice"))).toBe(0)
    expect(now(limits.registration(FOUR, false))).toBe(0)
    expect(now(limits.failedAuthentication(FOUR, "alice"))).toBe(60)
    expect(now(limits.login(FOUR, "alice"))).toBe(60)
    expect(now(limits.registration(FOUR, false))).toBe(60)
  })

  test("is counted for the subscriber, at registration and at failed authentication alike", () => {
    const { limits, now } = start(one)
    expect([SIX, SIX_AGAIN, NEIGHBOUR].map((source) => now(limits.registration(source, false)))).toEqual([0, 60, 0])
    const failed = [SIX, SIX_AGAIN, NEIGHBOUR].map((source) => now(limits.failedAuthentication(source, "app")))
    expect(failed).toEqual([0, 60, 0])
    expect(now(limits.failedAuthentication(SIX, "another"))).toBe(0)
  })
})

test("a limit of less than one is refused, whichever it is", () => {
  for (const name of Object.keys(defaultLimits)) {
    for (const value of [0, 0.5, -1, Number.NaN]) {
      expect(() => makeLimits({ ...defaultLimits, [name]: value }), name).toThrow("a limit is below 1")
    }
    expect(() => makeLimits({ ...defaultLimits, [name]: 1 })).not.toThrow()
  }
})
