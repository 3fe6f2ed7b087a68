/** What the help says of a flag that is not given: read from the flag itself, so that it is what the command gets. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Option } from "effect"
import { Argument, CliOutput, Command, Flag, type HelpDoc } from "effect/cli"
import { expect, it } from "vitest"
import { defaultOf, makeCommand, namesOf } from "../../src/cli/Defaults.ts"

const described =
  (words: string) =>
  <A>(flag: Flag.Flag<A>) =>
    flag.pipe(Flag.withDescription(words))

/** A flag, what the help says of it, and what a command gets where it is not given. */
const flags: ReadonlyArray<readonly [flag: Flag.Flag<unknown>, said: string, value: unknown]> = [
  [Flag.Boolean("on").pipe(described("a switch"), Flag.withDefault(true)), "a switch (default: on)", true],
  [Flag.Boolean("off").pipe(described("a switch"), Flag.withDefault(false)), "a switch (default: off)", false],
  [Flag.String("word").pipe(described("a word"), Flag.withDefault("x")), "a word (default: x)", "x"],
  [Flag.String("empty").pipe(described("a word"), Flag.withDefault("")), "a word (default: none)", ""],
  [Flag.Int("count").pipe(described("how many"), Flag.withDefault(0)), "how many (default: 0)", 0],
  [
    Flag.Int("twice").pipe(
      described("how many"),
      Flag.withDefault(2),
      Flag.map((count) => 2 * count),
    ),
    "how many (default: 4)",
    4,
  ],
  [
    Flag.Int("checked").pipe(
      described("how many"),
      Flag.withDefault(2),
      Flag.filter(
        (count) => count > 1,
        () => "too few",
      ),
    ),
    "how many (default: 2)",
    2,
  ],
  [
    Flag.String("nothing").pipe(
      described("a word"),
      Flag.optional,
      Flag.map(() => undefined),
    ),
    "a word (default: none)",
    undefined,
  ],
  [Flag.String("maybe").pipe(described("a word"), Flag.optional), "a word (default: none)", Option.none()],
  [Flag.String("mine").pipe(described("only mine"), Flag.optional), "only mine (default: all)", Option.none()],
  [Flag.String("ours").pipe(described("the only one"), Flag.optional), "the only one (default: none)", Option.none()],
  [Flag.String("many").pipe(described("words"), Flag.atLeast(0)), "words (default: none)", []],
  [Flag.String("these").pipe(described("only these"), Flag.atMost(3)), "only these (default: all)", []],
  [Flag.String("some").pipe(described("words"), Flag.atLeast(1)), "words (required)", undefined],
  [Flag.String("needed").pipe(described("a word")), "a word (required)", undefined],
  [
    Flag.String("mapped").pipe(
      described("a word"),
      Flag.map((word) => word.length),
    ),
    "a word (required)",
    undefined,
  ],
  [
    Flag.String("own").pipe(described("a word; by default another"), Flag.optional),
    "a word; by default another",
    Option.none(),
  ],
  [
    Flag.String("plural").pipe(described("whose defaults"), Flag.optional),
    "whose defaults (default: none)",
    Option.none(),
  ],
  [
    Flag.Int("port").pipe(described("a port (GRANTLOG_PORT)"), Flag.withDefault(1)),
    "a port (GRANTLOG_PORT; default: 1)",
    1,
  ],
  [
    Flag.Int("said").pipe(described("a port (GRANTLOG_PORT) of ours"), Flag.withDefault(1)),
    "a port (GRANTLOG_PORT) of ours (default: 1)",
    1,
  ],
  [Flag.Int("other").pipe(described("(1) a port (PORT)"), Flag.withDefault(1)), "(1) a port (PORT) (default: 1)", 1],
  [Flag.Int("undescribed").pipe(Flag.withDefault(1)), " (default: 1)", 1],
]

const helpOf = async (command: Command.Command.Any): Promise<HelpDoc.HelpDoc> => {
  let help: HelpDoc.HelpDoc | undefined
  const presenter = CliOutput.layerPresenter({
    present: (event) => Effect.sync(() => (help = event._tag === "Help" ? event.helpDoc : help)),
  })
  const run = Command.runWith(command as Command.Command<string, unknown, unknown, never, never>, { version: "0" })
  await Effect.runPromise(Effect.ignore(Effect.provide(run(["--help"]), Layer.merge(presenter, NodeServices.layer))))
  return help!
}

it("a flag says its default behind what it does, or that it has to be given", async () => {
  const command = makeCommand("try", Object.fromEntries(flags.map(([flag], index) => [index, flag])), () => Effect.void)
  const { flags: shown } = await helpOf(command)
  expect(shown.map(({ description }) => Option.getOrUndefined(description))).toEqual(flags.map(([, said]) => said))
})

it("a command gets of a flag that is not given what the help says", () => {
  expect(flags.map(([flag]) => defaultOf(flag))).toEqual(flags.map(([, , value]) => value))
})

it("a flag has the name that is typed, however often it was made into another", () => {
  expect(namesOf(flags.slice(0, 6).map(([flag]) => flag))).toEqual(["on", "off", "word", "empty", "count", "twice"])
})

it("what is no flag stays as it is", async () => {
  const args = Argument.String("file").pipe(Argument.withDescription("a file"))
  const { args: shown, flags: own } = await helpOf(makeCommand("try", { args }, () => Effect.void))
  expect([shown!.map(({ name, description }) => [name, Option.getOrUndefined(description)]), own]).toEqual([
    [["file", "a file"]],
    [],
  ])
})
