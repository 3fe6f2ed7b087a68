/** What is said of a check that does not come to its end. */
import { expect, it } from "vitest"
import type { Standing } from "../../../src/cli/check/Job.ts"
import { endedBy, overdue } from "../../../src/cli/check/Unfinished.ts"

const at = (...underWay: ReadonlyArray<string>): Standing => ({ beat: 1, underWay, last: "authorize" })
const first: Standing = { beat: 1, underWay: [], last: null }

it.each<[Standing | undefined, number | null, string | null, string]>([
  [at("authorize"), 3, null, "`authorize` of the provider ended the process with code 3"],
  [
    at("authorize", "authorize", "the factory"),
    null,
    "SIGSEGV",
    "`authorize` of the provider or the factory ended the process with SIGSEGV",
  ],
  [at(), 0, null, "something ended the process with code 0 after `authorize` of the provider"],
  [first, 1, null, "something ended the process with code 1 before anything was called"],
  [undefined, 1, null, "something ended the process with code 1 before anything was called"],
])("a process that ended is told by the call that it was in, or behind (%#)", (standing, code, signal, sentence) => {
  expect(endedBy(standing, code, signal)).toBe(sentence)
})

const HELD = "`authorize` of the provider did not return within 10 s (a busy loop?)"
const UP = "the time was up, and it did not end"
it.each<[Standing | undefined, number, number, string | undefined]>([
  [at("authorize"), 9999, 15_000, undefined],
  [at("authorize"), 10_000, 0, HELD],
  [at("authorize"), 10_000, 99_000, HELD],
  [at("authorize"), 0, 16_000, undefined],
  [at("authorize"), 0, 16_001, `${UP} in \`authorize\` of the provider`],
  [at(), 10_000, 1000, undefined],
  [at(), 10_000, 1001, "nothing runs any more after `authorize` of the provider (a busy loop?)"],
  [undefined, 10_000, 1001, "nothing runs any more before anything was called (a busy loop?)"],
  [first, 9999, 1001, undefined],
  [first, 9999, 16_001, `${UP} before anything was called`],
])("one that takes too long is told by what it is waiting for (%#)", (standing, stillMillis, millis, sentence) => {
  expect(overdue({ standing, stillMillis, millis }, 1000)).toBe(sentence)
})
