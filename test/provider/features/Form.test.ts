/** How parameters are read: once, into one value each, and no more of them than anybody needs. */
import { Result } from "effect"
import { describe, expect, test } from "vitest"
import { isForm, optional, parseParameters, scopeList } from "../../../src/provider/features/Form.ts"

const read = (text: string, max?: number) => Result.getOrThrow(parseParameters(text, max))
const fault = (text: string, max?: number) => Result.getFailure(parseParameters(text, max))

const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=x`).join("&")

describe("a parameter", () => {
  //= OAUTH21-3.1-ignore-unknown-params
  //= OAUTH21-3.1-empty-is-absent
  test("is its one value, and absent when that is empty or was not sent", () => {
    const parameters = read("a=1&b=&c=+%2B")
    expect(["a", "b", "c", "d"].map(parameters.get)).toEqual(["1", undefined, " +", undefined])
    expect(["a", "b", "d"].map(parameters.list)).toEqual([["1"], undefined, undefined])
  })

  //= OAUTH21-3.1-no-duplicate-params
  test("that comes twice is an error, also empty, but for resource and audience", () => {
    for (const text of ["a=1&a=1", "a=1&a=2", "a=&a=1", "a=&a="]) {
      expect(fault(text), text).toMatchObject({ value: "the parameter `a` appears more than once" })
    }
    for (const name of ["resource", "audience"]) {
      expect(read(`${name}=1&x=y&${name}=2&${name}=`).list(name)).toEqual(["1", "2"])
      expect(read(`${name}=&${name}=`).list(name)).toBeUndefined()
    }
    for (const name of ["scope", "client_id", "redirect_uri", "state", "Resource"]) {
      expect(fault(`${name}=1&${name}=2`), name).toBeDefined()
      expect(Result.isFailure(parseParameters(`${name}=1&${name}=2`)), name).toBe(true)
    }
  })

  test("has a length and a number, to the last one", () => {
    expect(Result.isSuccess(parseParameters(many(64)))).toBe(true)
    expect(fault(many(65))).toMatchObject({ value: "there are more than 64 parameters" })
    expect(read(`a=${"x".repeat(8192)}`).get("a")).toHaveLength(8192)
    expect(fault(`a=${"x".repeat(8193)}`)).toMatchObject({
      value: "the parameter `a` is longer than 8192 characters",
    })
    expect(read("a=xx", 2).get("a")).toBe("xx")
    expect(Result.isFailure(parseParameters("a=xxx", 2))).toBe(true)
  })

  test("is named in what is said of it by 64 characters of its name", () => {
    const name = "n".repeat(200)
    expect(fault(`${name}=1&${name}=2`)).toMatchObject({
      value: `the parameter \`${"n".repeat(64)}\` appears more than once`,
    })
  })

  test("is nothing that every object has", () => {
    const parameters = read("a=1")
    for (const name of ["constructor", "__proto__", "toString"]) expect(parameters.get(name)).toBeUndefined()
  })
})

test("scope is a list of tokens, none of them empty, and absent when there is none", () => {
  expect(scopeList(read("scope=read+write"))).toEqual(["read", "write"])
  expect(scopeList(read("scope=++read++write+"))).toEqual(["read", "write"])
  expect(scopeList(read("scope=++"))).toBeUndefined()
  expect(scopeList(read("a=1"))).toBeUndefined()
})

test("an optional member is there when it has a value", () => {
  expect(optional("a", 0)).toEqual({ a: 0 })
  expect(Object.keys(optional("a", undefined))).toEqual([])
})

const FORM = "application/x-www-form-urlencoded"

test.each([
  [FORM, true],
  ["Application/X-WWW-Form-Urlencoded", true],
  [`${FORM}; charset=utf-8`, true],
  [` ${FORM} ;charset=utf-8`, true],
  [`${FORM}x`, false],
  [`${FORM}, ${FORM}`, false],
  [`application/json; ${FORM}`, false],
  ["application/json", false],
  ["", false],
  [undefined, false],
])("a form is known by its media type, in any case and with or without parameters: %s", (contentType, expected) => {
  expect(isForm(contentType)).toBe(expected)
})
