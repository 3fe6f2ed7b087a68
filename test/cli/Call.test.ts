/** How a call ends: in one line that says why, and in an exit code. */
import { Cause, Exit } from "effect"
import { CliError } from "effect/cli"
import { afterAll, describe, expect, it } from "vitest"
import { endingOf } from "../../src/cli/Call.ts"
import { CommandFault, secretInArguments, UsageFault } from "../../src/cli/Failure.ts"
import { versionLine } from "../../src/cli/Version.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere } from "../live/support/InProcess.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

describe("the exit code", () => {
  const help = (...errors: ReadonlyArray<CliError.CliError>) =>
    new CliError.ShowHelp({ commandPath: ["grantlog"], errors: errors as never })
  it.each<[string, number, Exit.Exit<unknown, unknown>]>([
    ["done", 0, Exit.void],
    ["told to stop", 0, Exit.failCause(Cause.interrupt(1))],
    ["asked for help", 0, Exit.fail(help())],
    ["not understood, with help", 2, Exit.fail(help(new CliError.MissingOption({ option: "store" })))],
    ["not understood", 2, Exit.fail(new CliError.MissingOption({ option: "store" }))],
    ["asked for what cannot be meant", 2, Exit.fail(new UsageFault({ message: "" }))],
    ["refused", 1, Exit.fail(new CommandFault({ message: "" }))],
    ["ended by a defect", 1, Exit.die(new Error("defect"))],
    ["told to stop, and could not end well", 1, Exit.failCause(Cause.combine(Cause.interrupt(1), Cause.die("defect")))],
  ])("of one that was %s", (_, code, exit) => {
    expect(endingOf(exit)).toBe(code)
  })
})

describe("a call", () => {
  const none = ["--store", `sqlite:${folder.at("none.db")}`]
  it.each<[string, ReadonlyArray<string>, number, string]>([
    ["of no command", ["frobnicate"], 2, 'Unknown subcommand "frobnicate" for "grantlog" (try grantlog --help)'],
    [
      "with several faults tells each of them once",
      ["history", "-xyz", "--limit", "0"],
      2,
      "a word with a hyphen in front is read as flags of a letter each: an id that has one goes last, behind `--` (try grantlog history --help)",
    ],
    [
      "with several others tells them all",
      ["history", "--nothing", "--never"],
      2,
      "Unrecognized flag: --nothing in command grantlog history; Unrecognized flag: --never in command grantlog history (try grantlog history --help)",
    ],
    ["with a secret", ["user", "list", "gla_1234567890123456789012abc"], 2, secretInArguments.message],
    [
      "with two places",
      ["client", "list", "--admin", "http://localhost:1", ...none],
      2,
      "--store is about a store that is opened here, and --admin asks a server: leave out one",
    ],
    [
      "that cannot be meant",
      ["user", "list", "--store", "x"],
      2,
      "--store `x` is neither sqlite:FILE, postgres://… nor memory:",
    ],
    [
      "that is refused",
      ["user", "list", ...none],
      1,
      `the store \`sqlite:${folder.at("none.db")}\` does not exist yet: start the server once, or give --issuer URL`,
    ],
  ])("%s", async (_, args, code, sentence) => {
    expect(await grantlogHere(args)).toEqual({ code, stdout: "", stderr: `grantlog: ${sentence}\n` })
  })

  it("is told by the variable or the file that its fault comes from", async () => {
    const env = { GRANTLOG_STORE: "x" }
    expect((await grantlogHere(["user", "list"], { env })).stderr).toBe(
      "grantlog: GRANTLOG_STORE `x` is neither sqlite:FILE, postgres://… nor memory:\n",
    )
  })

  it("for the version gets it, and nothing else", async () => {
    expect(await grantlogHere(["--version"])).toEqual({ code: 0, stdout: versionLine(), stderr: "" })
  })

  it("for help gets it, and no complaint", async () => {
    const { code, stdout, stderr } = await grantlogHere(["history", "--help"])
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("\n  grantlog history [flags]\n")
  })
})
