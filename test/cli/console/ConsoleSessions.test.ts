/** Sessions of the console: so many at once, each under a cookie of its own, and over when they are said to be. */
import { Clock, Effect } from "effect"
import { expect, it } from "vitest"
import { consoleSessionsOf } from "../../../src/cli/console/ConsoleSessions.ts"
import { httpAuthenticationOf } from "../../../src/cli/console/HttpAuthentication.ts"
import type { WireRequest } from "../../../src/http/index.ts"
import { run } from "../../audit/Logins.ts"
import { manualClock } from "../../support/ManualClock.ts"

const PASSWORD = "a password of the console"

const requestWith = (headers: WireRequest["headers"]): WireRequest => ({
  method: "GET",
  path: "/console",
  query: "",
  headers,
  body: "",
  source: "192.0.2.1",
})

const sessionsUnderTest = () => {
  const { clock, pass } = manualClock()
  const sessions = consoleSessionsOf("https://id.example", PASSWORD, 100_000)
  const at = <A>(effect: Effect.Effect<A>) => run(Effect.provideService(effect, Clock.Clock, clock))
  const withCookie = (cookie?: string) => requestWith(cookie === undefined ? {} : { cookie })
  return {
    pass,
    /** Signs in, in a browser that has this cookie; gives the new one. */
    open: async (cookie?: string): Promise<string> => {
      const opened = await at(sessions.open(withCookie(cookie), PASSWORD))
      return opened._tag === "Opened" ? opened.cookie.split(";")[0]! : expect.fail(opened._tag)
    },
    isOpen: (cookie?: string) => at(sessions.isOpen(withCookie(cookie))),
    leave: (cookie?: string) => sessions.leave(withCookie(cookie)),
  }
}

it("there are 64 at most: the one that nobody has used for longest makes room", async () => {
  const { open, isOpen } = sessionsUnderTest()
  const cookies: Array<string> = []
  for (let count = 0; count < 64; count++) cookies.push(await open())
  expect(new Set(cookies).size).toBe(64)
  expect(await isOpen(cookies[0])).toBe(true)
  const newest = await open()
  expect([await isOpen(cookies[0]), await isOpen(cookies[1]), await isOpen(cookies[2])]).toEqual([true, false, true])
  expect(await isOpen(newest)).toBe(true)
})

it("a browser that signs in again has one session, not two", async () => {
  const { open, isOpen } = sessionsUnderTest()
  const before = await open()
  const after = await open(before)
  expect([await isOpen(before), await isOpen(after)]).toEqual([false, true])
})

it("one that is over stays over, and a browser without a cookie has none", async () => {
  const { open, isOpen, leave, pass } = sessionsUnderTest()
  const cookie = await open()
  pass(30 * 60)
  expect([await isOpen(cookie), await isOpen(cookie)]).toEqual([false, false])
  const other = await open()
  expect(leave(undefined)).toMatch(/^__Host-grantlog-console=; .*Max-Age=0/)
  expect([await isOpen(undefined), await isOpen(other)]).toEqual([false, true])
  expect(leave(other)).toMatch(/^__Host-grantlog-console=; .*Max-Age=0/)
  expect(await isOpen(other)).toBe(false)
})

it("a header shows the password as RFC 7617 has it, in whatever letters the scheme is, and nothing else does", async () => {
  const prove = httpAuthenticationOf(PASSWORD, 100_000)
  const encoded = Buffer.from(`operator:${PASSWORD}`).toString("base64")
  const tagOf = async (authorization?: string) =>
    (await run(prove(requestWith(authorization === undefined ? {} : { authorization }))))._tag
  for (const shown of [`Basic ${encoded}`, `bASIC   ${encoded}`]) expect(await tagOf(shown)).toBe("Right")
  for (const other of [undefined, "", `Basic${encoded}`, `A Basic ${encoded}`, `Basic ${encoded}!`]) {
    expect([other, await tagOf(other)]).toEqual([other, "Missing"])
  }
})
