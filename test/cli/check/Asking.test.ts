/** What a check says while it runs, whom it asks to sign in, and what it makes of what it is told. */
import { PassThrough } from "node:stream"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { askOnTerminal } from "../../../src/cli/check/AskForLogin.ts"
import { loginCommand } from "../../../src/cli/check/LoginCommand.ts"
import { runCheck } from "../../../src/cli/check/Run.ts"
import { replace, telling } from "./Telling.ts"

describe("a person", () => {
  it("is asked for the address that signing in led to, and for nothing more than a line", async () => {
    const told = telling()
    const stdin = new PassThrough()
    replace("stdin", stdin)
    using asking = askOnTerminal()
    const asked = asking.ask("https://id.example/a?b=c")
    expect(told()).toBe(
      "\nopen this URL and sign in; it leads to an address where nothing listens:\n  https://id.example/a?b=c\npaste that whole address here (an empty line ends the asking): ",
    )
    stdin.write("http://127.0.0.1/cb?code=1\n")
    expect(await asked).toBe("http://127.0.0.1/cb?code=1")
    const allowed = asking.allow("https://id.example/device", "ABCD")
    expect(told()).toMatch(
      /address here .*: \nopen this URL and allow the device whose code is ABCD:\n {2}https:\/\/id\.example\/device\npress Enter when that is done: $/,
    )
    stdin.write("\n")
    expect(await allowed).toBe("")
    const unanswered = asking.ask("https://id.example/")
    stdin.end()
    expect(await unanswered).toBeUndefined()
  })

  it("is not asked any more once that is over", () => {
    telling()
    const stdin = new PassThrough()
    replace("stdin", stdin)
    askOnTerminal()[Symbol.dispose]()
    expect(stdin.isPaused()).toBe(true)
  })
})

describe("a program that signs in", () => {
  const url = "https://id.example/authorize"
  const refusal = (command: string) => loginCommand(command)(url).catch((fault: Error) => fault.message)

  it("gets the address as its last word, and its last line says where that led", async () => {
    expect(await loginCommand("  echo ")(url)).toBe(url)
    expect(await loginCommand("printf  %s\\n")(url)).toBe(url)
    expect(await loginCommand("printf first\\n%s\\n\\t%s\\n  http://127.0.0.1/")(url)).toBe(url)
  })

  it("is told by what it complained of, or by what keeps it from running", async () => {
    expect(await refusal("printf %s\\n nothing\\tbut")).toBe(url)
    expect(await refusal("echo nothing but")).toBe("the login command `echo` printed no URL at its end")
    expect(await refusal("false")).toBe(`the login command \`false\` failed: Command failed: false ${url}`)
    expect(await refusal("cat /nowhere/at-all")).toMatch(
      new RegExp(`^the login command \`cat\` failed: cat: '?${url}'?: No such file or directory$`),
    )
    expect(await refusal("nowhere-at-all")).toBe(
      "the login command `nowhere-at-all` failed: spawn nowhere-at-all ENOENT",
    )
  })
})

describe("what a check says meanwhile", () => {
  const run = (isAsking: boolean) =>
    Effect.runPromise(
      runCheck(
        async ({ onProgress, signal }) => {
          onProgress("one")
          onProgress("\u0007two")
          return signal instanceof AbortSignal
        },
        { isAsking },
      ),
    )

  it("is one line that is written over on a terminal, unless somebody is asked there", async () => {
    const told = telling({ isTerminal: true })
    expect(await run(false)).toBe(true)
    const over = "\r\u001b[2K"
    expect(told()).toMatch(new RegExp(`^${over.replace("[", "\\[")}one`))
    expect(told().split(over)).toEqual(["", "one", expect.stringMatching(/two$/), ""])
    const asking = telling({ isTerminal: true })
    await run(true)
    expect(asking()).toBe("one\n")
  })

  it("is a line now and then elsewhere", async () => {
    const told = telling()
    await run(false)
    expect(told()).toBe("one\n")
  })

  it("ends, if it does not end well, with a sentence", async () => {
    telling()
    const failing = (cause: unknown) =>
      Effect.runPromise(Effect.flip(runCheck(() => Promise.reject(cause), { isAsking: false })))
    expect(await failing(new Error("it\nfailed"))).toMatchObject({ _tag: "UsageFault", message: "it failed" })
    expect(await failing("so it is")).toMatchObject({ message: "so it is" })
  })
})
