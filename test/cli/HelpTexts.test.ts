/** What the help says of each command: a sentence for it, its arguments, its flags and its examples, by what it is called. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { CliOutput, Command, type HelpDoc } from "effect/cli"
import { beforeAll, describe, expect, it } from "vitest"
import { grantlogFor } from "../../src/cli/commands/index.ts"

/** What is shown when help is asked for. */
const helpOf = async (...path: ReadonlyArray<string>): Promise<HelpDoc.HelpDoc> => {
  let help: HelpDoc.HelpDoc | undefined
  const presenter = CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") help = event.helpDoc
      }),
  })
  const run = Command.runWith(await grantlogFor(path), { version: "0" })([...path, "--help"])
  await Effect.runPromise(Effect.provide(run, Layer.merge(presenter, NodeServices.layer)))
  return help!
}

/** A command with nothing below it, by its name. */
let commands: ReadonlyArray<readonly [name: string, help: HelpDoc.HelpDoc]>

beforeAll(async () => {
  const walk = async (path: ReadonlyArray<string>): Promise<typeof commands> => {
    const help = await helpOf(...path)
    const below = (help.subcommands ?? []).flatMap((group) => group.commands.map(({ name }) => name))
    if (below.length === 0) return [[path.join(" "), help]]
    return (await Promise.all(below.map((name) => walk([...path, name])))).flat()
  }
  commands = await walk([])
})

/** What there is to read, without the default that stands behind it. */
const words = ({ description }: HelpDoc.FlagDoc | HelpDoc.ArgDoc): string =>
  (description._tag === "Some" ? description.value : "").replace(/ \([^()]*\)(?: \(choices: [^()]*\))?$/, "")

describe("the help of every command", () => {
  it("says what the command, each argument and each flag is for", () => {
    expect(commands.length).toBeGreaterThan(40)
    for (const [name, help] of commands) {
      expect(help.description, name).toMatch(/^[A-Z](?!.*(?: {2}|\.$)).{10,}$/)
      const params = [...(help.args ?? []), ...help.flags]
      for (const param of params) expect(words(param), `${name} ${param.name}`).toMatch(/^[a-z](?!.* {2}).{9,}\S$/i)
    }
  })

  it("has examples that call it with flags that it has, and say what they are for", () => {
    for (const [name, help] of commands) {
      const flags = help.flags.map((flag) => `--${flag.name}`)
      for (const { command, description } of help.examples ?? []) {
        expect(command).toContain(`grantlog ${name} `)
        expect(flags).toEqual(expect.arrayContaining(command.match(/(?<= )--[a-z-]+/g) ?? []))
        expect(description, command).toMatch(/^[A-Z].{5,}$/)
      }
    }
  })

  it.each([
    ["archive", 1],
    ["at", 2],
    ["backup", 1],
    ["blast-radius", 3],
    ["check", 5],
    ["checkpoint", 2],
    ["doctor", 2],
    ["explain", 3],
    ["export", 2],
    ["forget", 1],
    ["history", 3],
    ["login", 2],
    ["migrate", 1],
    ["prove", 1],
    ["restore", 1],
    ["tiles", 1],
    ["token", 1],
    ["user remove-passkey", 1],
    ["watch", 1],
  ])("%s has %i examples", (name, count) => {
    expect(commands.find(([one]) => one === name)?.[1].examples).toHaveLength(count)
  })

  it.each([
    ["at", "<moment> <question> [<what>]"],
    ["backup", "<folder>"],
    ["blast-radius", "[<what>]"],
    ["check", "<target>"],
    ["client show", "<client-id>"],
    ["client disable", "<client-id>"],
    ["client rotate-secret", "<client-id>"],
    ["explain", "[<what>]"],
    ["forget", "[<whom>]"],
    ["grant show", "<grant-id>"],
    ["grant revoke", "<grant-id>"],
    ["key retire", "<kid>"],
    ["login", "<mcp-url>"],
    ["logout", "<mcp-url>"],
    ["prove", "<entry>"],
    ["restore", "<folder>"],
    ["ring retire", "<id>"],
    ["ring use", "<id>"],
    ["spec", "[<id>]"],
    ["tiles", "<folder>"],
    ["token", "<mcp-url>"],
    ["user add", "<name>"],
    ["user remove-passkey", "<name> [<id>]"],
    ["verify-export", "<file>"],
    ["verify-proof", "<file>"],
  ])("%s is called with %s", (name, args) => {
    expect(commands.find(([one]) => one === name)?.[1].usage).toBe(`grantlog ${name} [flags] ${args}`)
  })
})
