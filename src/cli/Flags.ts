/** Flags that several commands have: first the flag, then `GRANTLOG_*`, then the default. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Primitive from "effect/cli/Primitive"

const variable = (name: string) => `GRANTLOG_${name.toUpperCase().replaceAll("-", "_")}`

/** The names of the flags that a variable of the environment stands in for. */
const withVariable = new Set<string>()

/** What the variable says, read as the flag is; an empty one says nothing. */
const fromEnvironment = Effect.fnUntraced(function* <A>(name: string, primitive: Primitive.Primitive<A>) {
  const given = process.env[variable(name)]
  if (given === undefined || given === "") return yield* new CliError.MissingOption({ option: name })
  const toFault = (expected: string) =>
    new CliError.InvalidValue({ option: name, value: given, expected, kind: "flag" })
  return yield* Effect.mapError(primitive.parse(given), toFault)
})

/** The flag, and in its absence the variable of its name, which its description names. */
const orVariable = <A>(flag: Flag.Flag<A>, name: string, primitive: Primitive.Primitive<A>, description: string) => {
  withVariable.add(name)
  return flag.pipe(
    Flag.withDescription(`${description} (${variable(name)})`),
    Flag.optional,
    Flag.mapEffect((given) => (Option.isSome(given) ? Effect.succeed(given.value) : fromEnvironment(name, primitive))),
  )
}

/** A sentence about flags, with the variable in the place of each flag that was taken from it. */
export const bySource = (sentence: string, args: ReadonlyArray<string>): string =>
  sentence.replaceAll(/(?<![\w-])--(?:no-)?([a-z]+(?:-[a-z]+)*)/g, (flag, name: string) => {
    const isGiven = args.some((argument) => argument === flag || argument.startsWith(`${flag}=`))
    return withVariable.has(name) && !isGiven && process.env[variable(name)] ? variable(name) : flag
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

const keysFile = text("keys-file", "the key ring, a file; by default beside that of the store").pipe(Flag.optional)

/** Where the log is and what belongs to it. */
export const located = { store, beside, keysFile }

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

export const json = Flag.Boolean("json").pipe(Flag.withDescription("print JSON, for programs"), Flag.withDefault(false))

/** Words of a flag: separated by spaces. */
export const words = (value: string): ReadonlyArray<string> => value.split(" ").filter((word) => word !== "")
