/** Scope: how it is read, written and compared. */
import { describe, expect, it } from "vitest"
import { formatScopes, isSameSet, isSubset, readScope, scopeTokens } from "../../src/protocol/index.ts"

describe("scope", () => {
  it.each([
    ["read", ["read"]],
    ["read write", ["read", "write"]],
    ["write read", ["write", "read"]],
    ["read read write read", ["read", "write"]],
    [" read  write ", ["read", "write"]],
    ["files:read https://files.example/scope", ["files:read", "https://files.example/scope"]],
    ["!#[]~", ["!#[]~"]],
    ["", []],
    ["   ", []],
  ])("is read in the order it was asked for, without repetitions: %j", (text, tokens) => {
    expect(readScope(text)).toEqual(tokens)
  })

  it.each(['"read"', "back\\slash", "tab\tread", "line\nread", "é", "read\u0000", "\u007f", "a".repeat(129)])(
    "with a character or length that a token cannot have is not read: %j",
    (text) => {
      expect(readScope(text)).toBeUndefined()
      expect(readScope(`read ${text}`)).toBeUndefined()
    },
  )

  it("is split at spaces whatever its tokens are", () => {
    expect(scopeTokens(' "read"  tab\twrite ')).toEqual(['"read"', "tab\twrite"])
    expect(scopeTokens(" ")).toEqual([])
  })

  it("has at most 64 tokens of at most 128 characters", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `scope-${index}`)
    expect(readScope(many(64).join(" "))).toHaveLength(64)
    expect(readScope(many(65).join(" "))).toBeUndefined()
    expect(readScope([...many(64), ...many(64)].join(" "))).toHaveLength(64)
    expect(readScope("a".repeat(128))).toHaveLength(1)
  })

  it("is written with single spaces", () => {
    expect(formatScopes(readScope(" read  write ") ?? [])).toBe("read write")
  })

  //= RFC6749-3.3-scope-syntax
  it("is compared as a set, and case matters", () => {
    expect(isSameSet(["a", "b"], ["b", "a"])).toBe(true)
    expect(isSameSet(["a"], ["a", "b"])).toBe(false)
    expect(isSameSet(["a", "b"], ["a"])).toBe(false)
    expect(isSameSet(["a"], ["A"])).toBe(false)
    expect(isSameSet([], [])).toBe(true)
    expect(isSameSet(["a"], [])).toBe(false)
    expect(isSameSet([], ["a"])).toBe(false)
    expect(isSubset([], ["a"])).toBe(true)
    expect(isSubset(["b"], ["a", "b"])).toBe(true)
    expect(isSubset(["a", "c"], ["a", "b"])).toBe(false)
  })

  it("is the same set whichever stands first, and however often a token is repeated", () => {
    const lists = [[], ["a"], ["b"], ["a", "a"], ["a", "b"], ["a", "a", "b"], ["b", "b", "a"]]
    for (const left of lists) {
      for (const right of lists) {
        const asOneText = (list: ReadonlyArray<string>) => [...new Set(list)].toSorted().join(" ")
        expect(isSameSet<string>(left, right)).toBe(asOneText(left) === asOneText(right))
      }
    }
  })
})
