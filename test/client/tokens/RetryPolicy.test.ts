/** What an answer of the resource leads to, and that it leads to an end. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { noAttempts, nextAction, withAttempt, type SeenResponse } from "../../../src/client/tokens/RetryPolicy.ts"

const weak = (demand: object) => ({ error: "insufficient_user_authentication", ...demand })
const insufficient = (...scopes: ReadonlyArray<string>) => ({ error: "insufficient_scope", scopes })

test.each([
  ["an answer", { status: 200, challenge: undefined, held: [] }, "return"],
  ["an answer, whatever it demands", { status: 200, challenge: insufficient("b"), held: ["a"] }, "return"],
  ["401 with a token", { status: 401, challenge: undefined, held: [] }, "renew"],
  ["401 without a token", { status: 401, challenge: {}, held: undefined }, "login"],
  ["401 for a stronger login", { status: 401, challenge: weak({ acrValues: ["gold"] }), held: [] }, "strengthen"],
  ["401 for a newer login", { status: 401, challenge: weak({ maxAgeSeconds: 0 }), held: [] }, "strengthen"],
  ["401 for a better login that is not named", { status: 401, challenge: weak({}), held: [] }, "return"],
  ["403 for a stronger login", { status: 403, challenge: weak({ acrValues: ["gold"] }), held: [] }, "return"],
  ["401 without a token, whatever it demands", { status: 401, challenge: weak({}), held: undefined }, "login"],
  ["403 that names no scopes", { status: 403, challenge: { error: "insufficient_scope" }, held: ["a"] }, "return"],
  ["403 for another reason", { status: 403, challenge: { scopes: ["b"] }, held: ["a"] }, "return"],
  ["403 for scopes that are missing", { status: 403, challenge: insufficient("a", "b"), held: ["a"] }, "stepUp"],
  ["403 for scopes that are there", { status: 403, challenge: insufficient("a"), held: ["a", "b"] }, "return"],
] as const)("%s", (_, seen, action) => {
  expect(nextAction(seen, noAttempts)).toBe(action)
})

test("what is returned was tried no further", () => {
  const attempts = { hasRenewed: false, hasLoggedIn: false, hasStrengthened: false, stepUpCount: 1 }
  expect(withAttempt(attempts, "return")).toEqual(attempts)
})

test("A56: whatever a resource answers, a request is repeated five times at most, with one login, one better login and two step-ups", () => {
  const seen: fc.Arbitrary<SeenResponse> = fc.record({
    status: fc.constantFrom(401, 403),
    challenge: fc.constantFrom(undefined, insufficient("a"), insufficient("b", "c"), weak({ acrValues: ["gold"] }), {}),
    held: fc.constantFrom(undefined, [], ["a"]),
  })
  let longest = 0
  fc.assert(
    fc.property(fc.array(seen, { minLength: 30, maxLength: 30 }), (answers) => {
      let attempts = noAttempts
      const reactions: Array<string> = []
      for (const answer of answers) {
        const action = nextAction(answer, attempts)
        if (action === "return") break
        reactions.push(action)
        attempts = withAttempt(attempts, action)
      }
      longest = Math.max(longest, reactions.length)
      expect(reactions.length).toBeLessThanOrEqual(5)
      expect(reactions.filter((one) => one === "login").length).toBeLessThanOrEqual(1)
      expect(reactions.filter((one) => one === "strengthen").length).toBeLessThanOrEqual(1)
      expect(reactions.filter((one) => one === "stepUp").length).toBeLessThanOrEqual(2)
    }),
    { seed: 6, numRuns: 2000 },
  )
  expect(longest).toBe(5)
})
