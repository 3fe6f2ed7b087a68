/** Where a setting comes from: the flag, else the variable, else the file, else its default; and how each is told of. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Option } from "effect"
import { CliOutput, Command, Flag, type HelpDoc } from "effect/cli"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  adminCredentialFile,
  appSchemes,
  asked,
  bySource,
  checkpointCopy,
  choice,
  configurationFile,
  Configured,
  count,
  issuer,
  json,
  located,
  onOff,
  optional,
  rate,
  settingsAmong,
  switched,
  text,
  words,
  type Configuration,
} from "../../src/cli/Flags.ts"
import { invocationFault } from "../../src/cli/Invocation.ts"

const fileSaying = (values: Readonly<Record<string, string>>): Configuration => ({
  file: "grantlog.yaml",
  values: new Map(Object.entries(values)),
})

interface Source {
  readonly args?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly file?: Readonly<Record<string, string>>
}

/** What a command gets of the flag, or in what sentences it is refused. */
const got = async (flag: Flag.Flag<unknown>, { args = [], env = {}, file }: Source = {}): Promise<unknown> => {
  Object.assign(process.env, env)
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
  let found: unknown
  const presenter = CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "InvalidInvocation") found = event.errors.map((error) => invocationFault(error))
      }),
  })
  const command = Command.make("try", { flag }, (given) => Effect.sync(() => (found = given.flag)))
  const run = Command.runWith(command, { version: "0" })([...args])
  const configured = file === undefined ? run : Effect.provideService(run, Configured, Effect.succeed(fileSaying(file)))
  await Effect.runPromise(Effect.ignore(Effect.provide(configured, Layer.merge(presenter, NodeServices.layer))))
  for (const name of Object.keys(env)) delete process.env[name]
  return found
}

describe("a setting", () => {
  const place = text("some-place", "where").pipe(Flag.withDefault("default"))
  const [args, env, file] = [["--some-place", "flag"], { GRANTLOG_SOME_PLACE: "variable" }, { "some-place": "file" }]
  it.each<[string, Source]>([
    ["flag", { args, env, file }],
    ["variable", { env, file }],
    ["file", { env: { GRANTLOG_SOME_PLACE: "" }, file }],
    ["file", { file }],
    ["default", { file: { "some-place": "" } }],
    ["default", { file: { another: "x" } }],
    ["default", {}],
  ])("is that of the %s: %j", async (expected, source) => {
    expect(await got(place, source)).toBe(expected)
  })

  it("that has no default and is said nowhere is required", async () => {
    expect(await got(text("some-place", "where"))).toEqual(["Missing required flag: --some-place"])
    expect(await got(text("some-place", "where").pipe(Flag.optional))).toEqual(Option.none())
  })

  it("is no setting of the file where it names the file", async () => {
    expect(await got(located.config, { file: { config: "another.yaml" } })).toEqual(Option.none())
    expect(await got(located.config, { env: { GRANTLOG_CONFIG: "a.yaml" } })).toEqual(Option.some("a.yaml"))
  })

  it.each<[string, Flag.Flag<unknown>, string, unknown]>([
    ["a whole number", count("how-many", ""), "7", 7],
    ["a choice", choice("how-many", ["7", "8"], ""), "8", "8"],
    ["a switch", onOff("how-many", ""), "false", false],
    ["a switch", switched("how-many", ""), "true", true],
    ["text", text("how-many", ""), "7", "7"],
  ])("is read as its flag is: %s", async (_, flag, written, value) => {
    expect(await got(flag, { env: { GRANTLOG_HOW_MANY: written } })).toEqual(value)
    expect(await got(flag, { file: { "how-many": written } })).toEqual(value)
    expect(await got(flag, { args: [`--how-many=${written}`] })).toEqual(value)
  })

  it("that is none is told with what was given and what would do", async () => {
    expect(await got(count("how-many", ""), { file: { "how-many": "x" } })).toEqual([
      "--how-many is `x`: give a whole number",
    ])
    expect(await got(choice("how-many", ["a", "b"], ""), { file: { "how-many": "x" } })).toEqual([
      "--how-many is `x`: give a or b",
    ])
  })

  it("that is a switch is off by default, and switched off by its other name", async () => {
    expect(await got(switched("light", ""))).toBe(false)
    expect(await got(switched("light", ""), { args: ["--light"] })).toBe(true)
    expect(await got(onOff("light", "").pipe(Flag.withDefault(true)), { args: ["--no-light"] })).toBe(false)
  })

  it.each([
    ["1/min", "min", 1],
    ["999999", "min", 999_999],
    ["60/h", "h", 60],
    ["off", "min", "off"],
    ["off", "h", "off"],
    ...["0", "01", "-1", "1.5", "1000000", "1/h", "1/", "x1", "1x", "off/min", "off/h"].map(
      (given) => [given, "min", [`--token-rate is \`${given}\`: give N/min with N from 1 on, or off`]] as const,
    ),
    ["1/min", "h", ["--token-rate is `1/min`: give N/h with N from 1 on, or off"]],
  ] as const)("that is a rate, %s, by the %s is %j", async (given, unit, expected) => {
    expect(await got(rate("token-rate", "", unit), { args: [`--token-rate=${given}`] })).toEqual(expected)
  })
})

describe("flags that many commands have", () => {
  /** Their names and what the help says of them. */
  const helpOf = async (flags: Readonly<Record<string, Flag.Flag<unknown>>>) => {
    let shown: ReadonlyArray<HelpDoc.FlagDoc> = []
    const presenter = CliOutput.layerPresenter({
      present: (event) => Effect.sync(() => (shown = event._tag === "Help" ? event.helpDoc.flags : shown)),
    })
    const run = Command.runWith(
      Command.make("try", flags, () => Effect.void),
      { version: "0" },
    )(["--help"])
    await Effect.runPromise(Effect.ignore(Effect.provide(run, Layer.merge(presenter, NodeServices.layer))))
    return shown.map(({ name, description }) => [name, Option.getOrThrow(description)] as const)
  }

  it("say what they are for, and which variable stands in for them", async () => {
    const shown = await helpOf({ ...located, issuer, appSchemes, checkpointCopy, adminCredentialFile })
    expect(shown.map(([name]) => name)).toEqual([
      ...["config", "store", "beside", "keys-file", "issuer", "app-schemes", "checkpoint-copy"],
      "admin-credential-file",
    ])
    for (const [name, description] of shown) {
      const [, said, variable] = /^(.*) \((\w+)\)$/.exec(description)!
      expect(said, name).toMatch(/^[a-z].{10,}/)
      expect(variable).toBe(`GRANTLOG_${name.toUpperCase().replaceAll("-", "_")}`)
    }
    const others = await helpOf({ admin: asked.admin, json })
    expect(others.map(([name]) => name)).toEqual(["admin", "json"])
    for (const [name, description] of others) expect(description, name).toMatch(/^[a-z][^(]{10,}$/)
  })

  it("say where the log is, or which server is asked", async () => {
    expect(await got(located.store)).toBe("sqlite:grantlog.db")
    for (const flag of [located.config, located.beside, located.keysFile, asked.admin, asked.adminCredentialFile])
      expect(await got(flag)).toEqual(Option.none())
    expect(await got(json)).toBe(false)
  })

  it("have this server's address from nowhere else", async () => {
    const source = { env: { GRANTLOG_ADMIN: "http://localhost:1" }, file: { admin: "http://localhost:1" } }
    expect(await got(asked.admin, source)).toEqual(Option.none())
    expect(await got(asked.admin, { args: ["--admin", "http://localhost:1"] })).toEqual(
      Option.some("http://localhost:1"),
    )
  })

  it("are settings where a variable stands in for them, but for the name of the file", () => {
    const names = ["store", "beside", "keys-file", "issuer", "app-schemes", "checkpoint-copy", "admin-credential-file"]
    expect([...settingsAmong([...names, "config", "admin", "json", "never"])]).toEqual(names)
  })
})

describe("a sentence about flags", () => {
  text("some-place", "")
  const configuration = fileSaying({ "some-place": "x", store: "x", beside: "" })
  it.each<[string, string, ReadonlyArray<string>, Configuration | undefined]>([
    ["--some-place is none", "some-place in grantlog.yaml is none", [], configuration],
    ["--no-some-place is none", "some-place in grantlog.yaml is none", [], configuration],
    ["--some-place is none", "--some-place is none", ["--some-place", "x"], configuration],
    ["--some-place is none", "--some-place is none", ["--some-place=x"], configuration],
    ["--some-place is none", "some-place in grantlog.yaml is none", ["--some-place-too"], configuration],
    ["--some-place is none", "--some-place is none", [], undefined],
    ["--beside is none", "--beside is none", [], configuration],
    ["--json and --some-place", "--json and some-place in grantlog.yaml", [], configuration],
    ["x--some-place, ---some-place", "x--some-place, ---some-place", [], configuration],
    ["--store", "store in grantlog.yaml", [], configuration],
    ["--some-place2", "some-place in grantlog.yaml2", [], configuration],
  ])("%s: %s", (sentence, expected, args, file) => {
    expect(bySource(sentence, args, file)).toBe(expected)
  })

  it("names the variable before the file", () => {
    process.env["GRANTLOG_SOME_PLACE"] = "x"
    onTestFinished(() => void delete process.env["GRANTLOG_SOME_PLACE"])
    expect(bySource("--some-place and --beside", [], configuration)).toBe("GRANTLOG_SOME_PLACE and --beside")
  })
})

describe("the configuration file", () => {
  it.each<[ReadonlyArray<string>, string | undefined]>([
    [[], undefined],
    [["serve", "--config", "a.yaml"], "a.yaml"],
    [["serve", "--config=a.yaml"], "a.yaml"],
    [["serve", "--config", "a.yaml", "--config=b.yaml"], "b.yaml"],
    [["serve", "--config=b.yaml", "--config", "a.yaml"], "a.yaml"],
    [["serve", "--configuration=a.yaml"], undefined],
    [["serve", "--config"], undefined],
    [["serve", "--config="], undefined],
    [["explain", "--", "--config", "a.yaml"], undefined],
    [["explain", "--config", "b.yaml", "--", "--config", "a.yaml"], "b.yaml"],
  ])("is what the arguments %j name: %s", (args, expected) => {
    expect(configurationFile(args)).toBe(expected)
  })

  it("is what the variable names, where the arguments name none", () => {
    process.env["GRANTLOG_CONFIG"] = "v.yaml"
    onTestFinished(() => void delete process.env["GRANTLOG_CONFIG"])
    expect(configurationFile(["serve"])).toBe("v.yaml")
    expect(configurationFile(["serve", "--config="])).toBe("v.yaml")
    expect(configurationFile(["serve", "--config", "a.yaml"])).toBe("a.yaml")
    process.env["GRANTLOG_CONFIG"] = ""
    expect(configurationFile(["serve"])).toBeUndefined()
  })
})

it("words stand between spaces, however many", () => {
  expect(words("  a b   c ")).toEqual(["a", "b", "c"])
  expect(words("")).toEqual([])
})

it("what was not given is not there", () => {
  expect(optional("a", Option.some(1))).toEqual({ a: 1 })
  expect(optional("a", Option.none())).toEqual({})
})
