/**
 * Who may look on a host of its own: one password of the console's own, and sessions that are this process's alone.
 *
 * It opens nothing else, and nothing else opens it: no account, no client, no token. Sessions are kept in memory under
 * the digest of a random cookie, so that a restart ends them all. Guesses are counted per source.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { browserOf, type Browser } from "../../http/Browser.ts"
import { makeLimits, defaultLimits } from "../../http/Limits.ts"
import type { WireRequest } from "../../http/index.ts"
import { digestOf, liveRandomness } from "../../provider/index.ts"
import { passwordTest } from "./Password.ts"

/** Until somebody who does nothing has to sign in again, and until everybody has to. */
const IDLE_MILLIS = 30 * 60_000
const MAX_MILLIS = 12 * 3_600_000
const MAX_SESSIONS = 64

interface Session {
  readonly startedAt: number
  readonly seenAt: number
}

export type Opened =
  | { readonly _tag: "Opened"; readonly cookie: string }
  | { readonly _tag: "Wrong" }
  | { readonly _tag: "TooMany"; readonly retryAfterSeconds: number }

export interface ConsoleSessions {
  readonly browser: Browser
  /** Whether this browser is signed in; seen now if it is. */
  readonly isOpen: (request: WireRequest) => Effect.Effect<boolean>
  readonly open: (request: WireRequest, password: string) => Effect.Effect<Opened>
  /** Ends the session; gives the cookie that removes the cookie. */
  readonly leave: (request: WireRequest) => string
}

export const consoleSessionsOf = (
  issuer: string,
  password: string,
  loginsPerMinute: number = defaultLimits.loginsPerMinute,
): ConsoleSessions => {
  const browser = browserOf(issuer)
  const limits = makeLimits({ ...defaultLimits, loginsPerMinute, sourceLoginsPerMinute: loginsPerMinute })
  const sessions = new Map<string, Session>()
  const isPassword = passwordTest(password)

  /** Of a browser without a cookie that of an empty one, under which there never is a session. */
  const keyOf = (request: WireRequest): string => digestOf(browser.read(request, "console") ?? "")

  const isOpen: ConsoleSessions["isOpen"] = (request) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const key = keyOf(request)
      const session = sessions.get(key)
      if (session === undefined) return false
      const isCurrent = now - session.seenAt < IDLE_MILLIS && now - session.startedAt < MAX_MILLIS
      sessions.delete(key)
      if (isCurrent) sessions.set(key, { ...session, seenAt: now })
      return isCurrent
    })

  const open: ConsoleSessions["open"] = Effect.fnUntraced(function* (request, given) {
    const retryAfterSeconds = yield* limits.login(request.source, "console")
    if (retryAfterSeconds > 0) return { _tag: "TooMany", retryAfterSeconds }
    if (!isPassword(given)) return { _tag: "Wrong" }
    sessions.delete(keyOf(request))
    const [oldest] = sessions.keys()
    if (sessions.size >= MAX_SESSIONS) sessions.delete(oldest!)
    const value = Buffer.from(liveRandomness.bytes(32)).toString("base64url")
    const now = yield* Clock.currentTimeMillis
    sessions.set(digestOf(value), { startedAt: now, seenAt: now })
    return { _tag: "Opened", cookie: browser.cookie("console", value) }
  })

  return {
    browser,
    isOpen,
    open,
    leave: (request) => {
      sessions.delete(keyOf(request))
      return browser.cookie("console", undefined)
    },
  }
}
