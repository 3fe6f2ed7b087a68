/** Flags that several commands have: first the flag, then `GRANTLOG_*`, then the configuration file, then the default. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Primitive from "effect/cli/Primitive"

const variable = (name: string) => `GRANTLOG_${name.toUpperCase().replaceAll("-", "_")}`

/** The names of the flags that a variable of the environment stands in for. */
const withVariable = new Set<string>()

/** A configuration file as it was read: what it says in the place of flags, by their names, written as flags are. */
export interface Configuration {
  readonly file: string
  readonly values: ReadonlyMap<string, string>
}

/** The configuration file of a call, read when the first flag asks for it; `undefined` where the call names none. */
export const Configured = Context.Reference<Effect.Effect<Configuration | undefined, CliError.CliError>>(
  "grantlog/cli/Configured",
  { defaultValue: () => Effect.succeed(undefined) },
)

const isSaid = (value: string | undefined): value is string => value !== undefined && value !== ""

/** What the variable or else the file says, read as the flag is; an empty one says nothing. */
const fromElsewhere = Effect.fnUntraced(function* <A>(name: string, primitive: Primitive.Primitive<A>) {
  const inEnvironment = process.env[variable(name)]
  const given = isSaid(inEnvironment) ? inEnvironment : yield* fromFile(name)
  if (!isSaid(given)) return yield* new CliError.MissingOption({ option: name })
  const toFault = (expected: string) =>
    new CliError.InvalidValue({ option: name, value: given, expected, kind: "flag" })
  return yield* Effect.mapError(primitive.parse(given), toFault)
})

const fromFile = Effect.fnUntraced(function* (name: string) {
  // The name of the file itself is no setting in it.
  if (name === CONFIG) return undefined
  const configuration = yield* yield* Configured
  return configuration?.values.get(name)
})

/** The flag, and in its absence the variable of its name, which its description names. */
const orVariable = <A>(flag: Flag.Flag<A>, name: string, primitive: Primitive.Primitive<A>, description: string) => {
  withVariable.add(name)
  return flag.pipe(
    Flag.withDescription(`${description} (${variable(name)})`),
    Flag.optional,
    Flag.mapEffect((given) => (Option.isSome(given) ? Effect.succeed(given.value) : fromElsewhere(name, primitive))),
  )
}

/** A sentence about flags, with the variable or the setting in the file in the place of each flag that was taken from it. */
export const bySource = (sentence: string, args: ReadonlyArray<string>, configuration?: Configuration): string =>
  sentence.replaceAll(/(?<![\w-])--(?:no-)?([a-z]+(?:-[a-z]+)*)/g, (flag, name: string) => {
    const isGiven = args.some((argument) => argument === flag || argument.startsWith(`${flag}=`))
    if (!withVariable.has(name) || isGiven) return flag
    if (process.env[variable(name)]) return variable(name)
    return isSaid(configuration?.values.get(name)) ? `${name} in ${configuration.file}` : flag
  })

export const text = (name: string, description: string) =>
  orVariable(Flag.String(name), name, Primitive.String, description)

export const count = (name: string, description: string) => orVariable(Flag.Int(name), name, Primitive.Int, description)

export const choice = <const Choices extends ReadonlyArray<string>>(
  name: string,
  choices: Choices,
  description: string,
): Flag.Flag<Choices[number]> =>
  orVariable<Choices[number]>(
    Flag.Literals(name, choices),
    name,
    Primitive.Choice(choices.map((one) => [one, one] as const)),
    description,
  )

const rateOf =
  (unit: "min" | "h") =>
  (given: string): number | "off" => {
    const [number, per = unit] = given.split("/")
    if (given === "off") return given
    if (!/^[1-9]\d{0,5}$/.test(number!) || per !== unit) throw new Error(`N/${unit} with N from 1 on, or off`)
    return Number(number)
  }

/** So many per unit of time, as `N/min` or `N/h`; or `off`. */
export const rate = (name: string, description: string, unit: "min" | "h") =>
  text(name, description).pipe(Flag.mapTryCatch(rateOf(unit), (cause) => (cause as Error).message))

/** Off by default. */
export const switched = (name: string, description: string) => onOff(name, description).pipe(Flag.withDefault(false))

/** `--name`, or `--no-name` to switch it off. */
export const onOff = (name: string, description: string) =>
  orVariable(Flag.Boolean(name), name, Primitive.Boolean, description)

export const DEFAULT_STORE = "sqlite:grantlog.db"

const store = text(
  "store",
  "where everything is kept: sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE, or memory:",
).pipe(Flag.withDefault(DEFAULT_STORE))

const beside = text(
  "beside",
  "with postgres://…: the address of another database, for what must not come back with a backup of the store",
).pipe(Flag.optional)

const CONFIG = "config"

const config = text(
  CONFIG,
  "a file, YAML or JSON, that says the same as flags by their names; a flag and a variable come before it",
).pipe(Flag.optional)

/** Where a call says which file that is: in its arguments, or the environment. */
export const configurationFile = (args: ReadonlyArray<string>): string | undefined => {
  const flag = `--${CONFIG}`
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args
  const index = own.findLastIndex((argument) => argument === flag || argument.startsWith(`${flag}=`))
  const inArguments = own[index] === flag ? own[index + 1] : own[index]?.slice(flag.length + 1)
  return [inArguments, process.env[variable(CONFIG)]].find(isSaid)
}

/** The flags among these that a variable, and so a file, stands in for. */
export const settingsAmong = (names: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(names.filter((name) => withVariable.has(name) && name !== CONFIG))

const keysFile = text("keys-file", "the key ring, a file; by default beside that of the store").pipe(Flag.optional)

/** Where the log is and what belongs to it. */
export const located = { config, store, beside, keysFile }

/** For the commands of an operator, who rarely has to say it. */
export const issuer = text("issuer", "the issuer identifier, as clients know it; by default the one of the log").pipe(
  Flag.optional,
)

export const appSchemes = text("app-schemes", "more redirect schemes without a dot, space-separated").pipe(
  Flag.optional,
)

export const checkpointCopy = text(
  "checkpoint-copy",
  "a file outside the store in which the last checkpoint is kept as well",
).pipe(Flag.optional)

/** Of the server that makes it, and of a command that shows it. */
export const adminCredentialFile = text(
  "admin-credential-file",
  "the credential of the admin API, a file for its owner alone; by default beside that of the store",
).pipe(Flag.optional)

/** Which server is asked is said with each call: never by the environment or a file. */
const admin = Flag.String("admin").pipe(
  Flag.withDescription("ask the admin API of a server at this address, instead of opening the store"),
  Flag.optional,
)

/** For commands that can ask a server. */
export const asked = { admin, adminCredentialFile }

export const json = Flag.Boolean("json").pipe(Flag.withDescription("print JSON, for programs"), Flag.withDefault(false))

/** Words of a flag: separated by spaces. */
export const words = (value: string): ReadonlyArray<string> => value.split(" ").filter((word) => word !== "")

/** What a flag says, by a name; nothing where it was not given. */
export const optional = <Name extends string, A>(name: Name, value: Option.Option<A>): { readonly [N in Name]?: A } =>
  Option.match(value, { onNone: () => ({}), onSome: (one) => ({ [name]: one }) as { [N in Name]: A } })
