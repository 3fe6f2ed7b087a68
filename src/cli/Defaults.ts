/**
 * What a flag is where it is not given, told in the help beside what it does.
 *
 * Read from the flag itself, so that the help cannot say another default than the one there is.
 */
import * as Option from "effect/Option"
import type * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type * as Param from "effect/cli/Param"

type AnyFlag = Flag.Flag<unknown>

type Node =
  | Param.Single<"flag", unknown>
  | Param.Map<"flag", unknown, unknown>
  | Param.Transform<"flag", unknown, unknown>
  | Param.Optional<"flag", unknown>
  | Param.Variadic<"flag", unknown>

const nodeOf = (flag: Param.Param<"flag", unknown>): Node => flag as Node

/** What the command gets of a flag that is not given; `undefined` where it has to be. */
const absent = (flag: Param.Param<"flag", unknown>): { readonly value: unknown } | undefined => {
  const node = nodeOf(flag)
  switch (node._tag) {
    case "Optional":
      return { value: Option.none() }
    case "Variadic":
      return Option.exists(node.min, (count) => count > 0) ? undefined : { value: [] }
    case "Map": {
      const before = absent(node.param)
      return before && { value: node.f(before.value) }
    }
    case "Transform":
      return absent(node.param)
    case "Single":
      return undefined
  }
}

const singleOf = (flag: Param.Param<"flag", unknown>): Param.Single<"flag", unknown> => {
  const node = nodeOf(flag)
  return node._tag === "Single" ? node : singleOf(node.param)
}

/** What a command gets of a flag that is not given; `undefined` where it has to be. */
export const defaultOf = (flag: Flag.Flag<unknown>): unknown => absent(flag)?.value

/** The names of flags, as they are typed. */
export const namesOf = (flags: ReadonlyArray<Flag.Flag<unknown>>): ReadonlyArray<string> =>
  flags.map((flag) => singleOf(flag).name)

const NONE: ReadonlyArray<unknown> = ["", undefined]

const shown = (value: unknown, description: string): string => {
  if (typeof value === "boolean") return value ? "on" : "off"
  if (Option.isOption(value) || Array.isArray(value) || NONE.includes(value)) {
    return description.startsWith("only ") ? "all" : "none"
  }
  return String(value)
}

/** The flag, with its default in its description unless that has words of its own for it. */
const withDefaultShown = <A>(flag: Flag.Flag<A>): Flag.Flag<A> => {
  const description = Option.getOrElse(singleOf(flag).description, () => "")
  const found = absent(flag)
  if (/\bdefault\b/.test(description)) return flag
  const said = found === undefined ? "required" : `default: ${shown(found.value, description)}`
  const isOfVariable = / \(GRANTLOG_\w+\)$/.test(description)
  const words = isOfVariable ? `${description.slice(0, -1)}; ${said})` : `${description} (${said})`
  return Flag.withDescription(flag, words)
}

const isFlag = (value: object): value is AnyFlag => Reflect.get(value, "kind") === "flag"

/** What a command takes, each flag with its default in the help. */
const documented = <Parameters extends Command.Command.Config>(parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, isFlag(value) ? withDefaultShown(value) : value]),
  ) as Parameters

/** A command whose help says the default of each of its flags. */
export const makeCommand = <const Name extends string, const Parameters extends Command.Command.Config, R, E>(
  name: Name,
  parameters: Parameters,
  handler: (given: Command.Command.Config.Infer<Parameters>) => Effect.Effect<void, E, R>,
) => Command.make(name, documented(parameters), handler)
