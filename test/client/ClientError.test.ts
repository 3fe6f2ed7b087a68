/** Errors as programs and people see them: the class by its name, the code, the message, and what was caught. */
import { inspect } from "node:util"
import { expect, test } from "vitest"
import { isOAuthClientError, StorageError, TokenError } from "../../src/client/index.ts"

test("an error is told apart by class, tag and code, and keeps what it was made of", () => {
  const cause = new Error("inner")
  const error = new TokenError({ code: "server_unavailable", message: "later", retryAfterSeconds: 5, cause })
  expect(error).toBeInstanceOf(Error)
  const { _tag, name, code, message, retryAfterSeconds } = error
  expect({ _tag, name, code, message, retryAfterSeconds, cause: error.cause }).toEqual({
    _tag: "TokenError",
    name: "TokenError",
    code: "server_unavailable",
    message: "later",
    retryAfterSeconds: 5,
    cause,
  })
  expect(error.stack).toMatch(/^TokenError: later\n/)
  expect(inspect(error)).toContain("[cause]: Error: inner")
})

test("what was not given is not there", () => {
  const error = new TokenError({ code: "login_required", message: "log in" })
  expect([Object.hasOwn(error, "cause"), Object.hasOwn(error, "error")]).toEqual([false, false])
})

test("an error of the storage is none of the login", () => {
  expect(isOAuthClientError(new TokenError({ code: "login_required", message: "log in" }))).toBe(true)
  expect(isOAuthClientError(new StorageError({ code: "corrupt", message: "clear it" }))).toBe(false)
})
