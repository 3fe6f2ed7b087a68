/** Use, refresh, wait or log in: the rules, by the clock. */
import { expect, test } from "vitest"
import {
  adviceFor,
  afterFailure,
  endOfLife,
  retryWindowMillis,
  type RefreshFailures,
} from "../../../src/client/tokens/RefreshPolicy.ts"

const NOW = 1_000_000
const stored = (secondsLeft: number | undefined, refresh_token?: string, expires_in = 3600) => ({
  issuer: "https://id.example",
  tokens: {
    access_token: "a",
    token_type: "Bearer",
    expires_in,
    ...(refresh_token === undefined ? {} : { refresh_token }),
  },
  ...(secondsLeft === undefined ? {} : { expiresAt: NOW + secondsLeft * 1000 }),
})

test.each([
  ["nothing", undefined, undefined, "login"],
  ["a token with time left", stored(31, "r"), undefined, "use"],
  ["one that ends within the skew", stored(30, "r"), undefined, "refresh"],
  ["one that is over", stored(0, "r"), undefined, "refresh"],
  ["one that never ends", stored(undefined, "r"), undefined, "use"],
  ["a rejected one", stored(3000, "r"), "a", "refresh"],
  ["a rejected one without refresh token", stored(3000), "a", "login"],
  ["one that ends soon, without refresh token", stored(5), undefined, "use"],
  ["one that is over, without refresh token", stored(0), undefined, "login"],
  ["another one than was rejected", stored(3000, "r"), "b", "use"],
  ["a short-lived one in its first nine tenths", stored(2, "r", 10), undefined, "use"],
  ["a short-lived one in its last tenth", stored(1, "r", 10), undefined, "refresh"],
] as const)("%s", (_, tokens, rejected, advice) => {
  expect(adviceFor(tokens, NOW, undefined, rejected)).toBe(advice)
})

const failure = { refreshToken: "r", now: NOW, retryAfterSeconds: undefined, isReplyLost: false, repeatableUntil: 0 }

test("after a failure the wait doubles, the server's own wish counts, and neither is without bound", () => {
  let failures: RefreshFailures | undefined
  const waits = Array.from({ length: 12 }, () => {
    failures = afterFailure(failures, failure)
    return (failures.notBefore - NOW) / 1000
  })
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  expect(afterFailure(undefined, { ...failure, retryAfterSeconds: 7 }).notBefore).toBe(NOW + 7000)
  expect(afterFailure(undefined, { ...failure, retryAfterSeconds: 1e6 }).notBefore).toBe(NOW + 300_000)
  expect(afterFailure(failures, { ...failure, refreshToken: "another" }).failureCount).toBe(1)
})

test("while it waits, a living token is used and a dead one is waited with", () => {
  const failures = afterFailure(undefined, failure)
  expect(adviceFor(stored(10, "r"), NOW, failures)).toBe("use")
  expect(adviceFor(stored(0, "r"), NOW, failures)).toBe("wait")
  expect(adviceFor(stored(0, "r"), NOW + 1000, failures)).toBe("refresh")
  expect(adviceFor(stored(0, "of another process"), NOW, failures)).toBe("refresh")
})

test("a token that may be spent is shown again only inside the window, or when nothing is left to lose", () => {
  const lost = afterFailure(undefined, { ...failure, isReplyLost: true, repeatableUntil: NOW + 5000 })
  expect(adviceFor(stored(20, "r"), NOW + 2000, lost)).toBe("refresh")
  expect(adviceFor(stored(20, "r"), NOW + 5000, lost)).toBe("use")
  expect(adviceFor(stored(20, "r"), NOW + 20_000, lost)).toBe("refresh")
  const later = afterFailure(lost, { ...failure, now: NOW + 4000, isReplyLost: true, repeatableUntil: NOW + 9000 })
  expect(later.repeatableUntil).toBe(NOW + 5000)
})

test("the window is the one of the client's own type, and none where the metadata is silent", () => {
  const metadata = { grantlog_refresh_retry_window: { public: 30, confidential: 5 } }
  expect(retryWindowMillis(metadata, true)).toBe(30_000)
  expect(retryWindowMillis(metadata, false)).toBe(5000)
  expect(retryWindowMillis({}, true)).toBe(0)
})

test.each([0, -0, -1, -0.5, -3600, -1e306])(
  "a lifetime of %s seconds says nothing, so the token is used until it is refused",
  (seconds) => {
    expect(endOfLife(NOW, seconds)).toEqual({})
    const tokens = {
      issuer: "https://id.example",
      tokens: { access_token: "a", token_type: "Bearer", expires_in: seconds },
    }
    const later = NOW + 86_400_000
    expect(adviceFor({ ...tokens, ...endOfLife(NOW, seconds) }, later, undefined)).toBe("use")
    expect(adviceFor({ ...tokens, ...endOfLife(NOW, seconds) }, later, undefined, "a")).toBe("login")
  },
)

test.each([
  [undefined, undefined],
  [1, NOW + 1000],
  [0.5, NOW + 500],
  [3600, NOW + 3_600_000],
  [1e306, NOW + 100 * 365 * 86_400_000],
])("tokens with a lifetime of %s seconds end at %s", (seconds, expiresAt) => {
  expect(endOfLife(NOW, seconds)).toEqual(expiresAt === undefined ? {} : { expiresAt })
})

test.each(["", " "])("a refresh token that is `%s` is none", (nothing) => {
  expect(adviceFor(stored(0, nothing), NOW, undefined)).toBe("login")
  expect(adviceFor(stored(3000, nothing), NOW, undefined, "a")).toBe("login")
  expect(adviceFor(stored(5, nothing), NOW, undefined)).toBe("use")
})
