/** What the help says of flags and arguments, and what a command gets of them, without a command of `grantlog`. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Option } from "effect"
import { CliOutput, Command, type HelpDoc } from "effect/cli"

type Config = Parameters<typeof Command.make>[1]

/** Runs a command of these with arguments: what it gets, and the help if that is asked for. */
const run = async (config: Config, args: ReadonlyArray<string>) => {
  const seen: { got?: unknown; help?: HelpDoc.HelpDoc } = {}
  const presenter = CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") seen.help = event.helpDoc
      }),
  })
  const command = Command.make("tried", config as {}, (values) => Effect.sync(() => (seen.got = values)))
  const ran = Command.runWith(command, { version: "0" })([...args])
  await Effect.runPromise(Effect.ignore(Effect.provide(ran, Layer.merge(presenter, NodeServices.layer))))
  return seen
}

/** What is said of each, by its name. */
export const saidOf = async (config: Config): Promise<Readonly<Record<string, string>>> => {
  const { help } = await run(config, ["--help"])
  return Object.fromEntries(
    [...(help!.args ?? []), ...help!.flags].map(({ name, description }) => [
      name,
      Option.getOrElse(description, () => ""),
    ]),
  )
}

/** What the command gets; `undefined` where it does not run. */
export const gotOf = async (config: Config, ...args: ReadonlyArray<string>): Promise<unknown> =>
  (await run(config, args)).got
