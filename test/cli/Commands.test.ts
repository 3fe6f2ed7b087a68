/** Issue 18: a command is loaded when it is named, and whoever looks at all of them sees the same whoever is loaded. */
import type { Command } from "effect/cli"
import { expect, it } from "vitest"
import { grantlogFor } from "../../src/cli/commands/index.ts"

const commandsFor = async (...given: ReadonlyArray<string>): Promise<ReadonlyArray<Command.Command.Any>> =>
  (await grantlogFor(given)).subcommands.flatMap(({ commands }) => commands)

const seen = (commands: ReadonlyArray<Command.Command.Any>) =>
  commands.map(({ name, description }) => ({ name, description }))

/** One that is not loaded takes nothing: no flag, no argument, no command below it. */
const isLoaded = (command: Command.Command.Any): boolean => {
  const { orderedParams } = (
    command as unknown as { readonly config: { readonly orderedParams: ReadonlyArray<unknown> } }
  ).config
  return orderedParams.length > 0 || command.subcommands.length > 0
}

const loadedFor = async (...given: ReadonlyArray<string>): Promise<ReadonlyArray<string>> =>
  (await commandsFor(...given)).filter(isLoaded).map(({ name }) => name)

it("each has the same name, description and place, whether it is loaded or not", async () => {
  const unloaded = await commandsFor()
  const all = await commandsFor("--completions", "bash")
  expect(unloaded.length).toBeGreaterThan(20)
  expect(seen(all)).toEqual(seen(unloaded))
  for (const { name, description } of unloaded) {
    expect(description, name).toMatch(/^[A-Z].{10,}/)
    const [own] = (await commandsFor(name)).filter((command) => command.name === name)
    expect(own?.name).toBe(name)
    expect(isLoaded(own!), name).toBe(true)
  }
})

it("the whole says what it is", async () => {
  expect((await grantlogFor([])).description).toMatch(/^An OAuth 2\.1 authorization server whose /)
})

it("whoever is named is loaded, wherever it stands among the arguments, and nobody else", async () => {
  expect(await loadedFor()).toEqual([])
  expect(await loadedFor("--help")).toEqual([])
  expect(await loadedFor("frobnicate", "--serve", "x--wizard")).toEqual([])
  expect(await loadedFor("--log-level", "info", "client", "list")).toEqual(["client"])
  expect(await loadedFor("grant", "list", "--client", "token")).toEqual(["grant", "token"])
})

it("what looks into all of them finds them loaded", async () => {
  const count = (await commandsFor()).length
  for (const given of [["--completions", "zsh"], ["--completions=fish"], ["--wizard"], ["serve", "--wizard"]]) {
    expect(await loadedFor(...given), given.join(" ")).toHaveLength(count)
  }
})
