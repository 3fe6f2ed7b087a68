/** Flags that several commands have: first the flag, then `GRANTLOG_*`, then the default. */
import { Config } from "effect"
import { Flag } from "effect/cli"

const variable = (name: string) => `GRANTLOG_${name.toUpperCase().replaceAll("-", "_")}`

const described = (name: string, description: string) => `${description} (${variable(name)})`

export const text = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(described(name, description)),
    Flag.withFallbackConfig(Config.String(variable(name))),
  )

export const count = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(described(name, description)),
    Flag.withFallbackConfig(Config.Int(variable(name))),
  )

export const choice = <const Choices extends ReadonlyArray<string>>(
  name: string,
  choices: Choices,
  description: string,
) =>
  Flag.Literals(name, choices).pipe(
    Flag.withDescription(described(name, description)),
    Flag.withFallbackConfig(Config.Literals(choices, variable(name))),
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

/** Off unless switched on. */
export const switched = (name: string, description: string) =>
  Flag.Boolean(name).pipe(
    Flag.withDescription(described(name, description)),
    Flag.withFallbackConfig(Config.Boolean(variable(name))),
    Flag.withDefault(false),
  )

/** `--name`, or `--no-name` to switch it off. */
export const onOff = (name: string, description: string) =>
  Flag.Boolean(name).pipe(
    Flag.withDescription(described(name, description)),
    Flag.withFallbackConfig(Config.Boolean(variable(name))),
  )

const DEFAULT_STORE = "sqlite:grantlog.db"

export const store = text("store", "where everything is kept: sqlite:FILE or memory:").pipe(
  Flag.withDefault(DEFAULT_STORE),
)

export const issuer = text("issuer", "the issuer identifier, as clients know it").pipe(Flag.optional)

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
