/** The search itself, on specifications that have nothing to do with tokens: how far it looks, and what it leaves out. */
import { describe, expect, it } from "vitest"
import type { History, SequentialSpec } from "./History.ts"
import { linearize } from "./Search.ts"
import { tellVerdict } from "./Story.ts"

describe("the search", () => {
  /** A register that is written and read: a specification that has nothing to do with ours. */
  const register: SequentialSpec<number, number | "read", number> = {
    initial: 0,
    apply: (state, call, answer) =>
      call === "read" ? (answer === undefined || answer === state ? [state] : []) : [call],
    key: String,
    telling: { call: String, answer: String, expected: String },
  }
  const writes = (count: number, last: readonly [number, number]): History<number | "read", number> => [
    ...Array.from({ length: count }, (_, index) => {
      return { process: `w${index}`, call: index + 1, answer: 0, invokedAt: index, returnedAt: count + index }
    }),
    { process: "r", call: "read", answer: last[0], invokedAt: last[1], returnedAt: 4 * count },
  ]

  it("does not look at the same calls and state twice", () => {
    expect(linearize(register, writes(12, [99, 50]), { maxStates: 12 * 2 ** 12 })._tag).toBe("Unexplained")
  })

  it("gives up when it is told to, and says so", () => {
    const verdict = linearize(register, writes(12, [99, 50]), { maxStates: 100 })
    expect(tellVerdict(register, [], verdict)).toEqual([
      "no order was found, nor ruled out, after looking at 101 states",
    ])
  })

  it("leaves out a call without answer that cannot have taken effect", () => {
    const lock: SequentialSpec<boolean, "acquire", "acquired"> = {
      initial: false,
      apply: (isHeld) => (isHeld ? [] : [true]),
      key: String,
      telling: { call: String, answer: String, expected: String },
    }
    const history: History<"acquire", "acquired"> = [
      { process: "a", call: "acquire", answer: "acquired", invokedAt: 0, returnedAt: 1 },
      { process: "b", call: "acquire", answer: undefined, invokedAt: 2, returnedAt: Infinity },
    ]
    expect(linearize(lock, history)._tag).toBe("Explained")
  })

  it("takes parts one by one, and a call of every part with each", () => {
    const history = writes(3, [2, 50])
    expect(linearize(register, history, { partition: () => ["a", "a", "a", undefined] })._tag).toBe("Explained")
    expect(linearize(register, history, { partition: () => ["a", "b", "c", undefined] })._tag).toBe("Unexplained")
  })
})
