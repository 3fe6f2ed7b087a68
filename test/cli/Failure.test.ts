/** What a command that failed says: the sentence of an expected failure, and none of anything else. */
import { Data } from "effect"
import { describe, expect, it } from "vitest"
import { CheckpointFault } from "../../src/audit/index.ts"
import { absent, CommandFault, secretInArguments, sentenceOf, UsageFault } from "../../src/cli/Failure.ts"
import { StoreFault } from "../../src/log/index.ts"
import { ConfigFault, OAuthError, RateLimited, Unavailable } from "../../src/provider/index.ts"

class OtherFault extends Data.TaggedError("OtherFault")<{ readonly message: string }> {}

describe("the sentence of a failure", () => {
  const message = "what is wrong: what to do"
  it.each([
    new CommandFault({ message }),
    new UsageFault({ message }),
    new ConfigFault({ message }),
    new StoreFault({ reason: "disk", message }),
    new Unavailable({ message, retryAfterSeconds: 1 }),
    new RateLimited({ message, retryAfterSeconds: 1 }),
    new CheckpointFault({ reason: "no-key", message }),
    new OAuthError({ error: "invalid_grant", description: message }),
  ])("that is expected is its own: $_tag", (failure) => {
    expect(sentenceOf(failure)).toBe(message)
  })

  it("is one line, whatever it repeats", () => {
    const said = sentenceOf(new CommandFault({ message: "a\n b\u001b[31m" }))
    expect([said?.slice(0, 3), said?.includes("\u001b")]).toEqual(["a b", false])
    expect(sentenceOf(new OAuthError({ error: "invalid_grant", description: "a\n b" }))).toBe("a b")
  })

  it.each([
    ["an error of the program", new TypeError("x is not a function")],
    ["a failure that nobody expects", new OtherFault({ message: "other" })],
    ["something that is no error", { _tag: "CommandFault", message: "made up" }],
    ["a text", "CommandFault"],
    ["nothing", undefined],
    ["null", null],
  ])("is none for %s", (_, failure) => {
    expect(sentenceOf(failure)).toBeUndefined()
  })
})

it("what is not there is a failure that says so", () => {
  expect(absent("there is no client `x`")).toMatchObject({
    _tag: "CommandFault",
    message: "there is no client `x`",
    isAbsence: true,
  })
})

it("a secret among the arguments is told of without repeating it", () => {
  expect(secretInArguments.message).toBe(
    "a token or secret is among the arguments, where every process of this machine can read it: give it on standard input instead, and end it if that matters",
  )
})
