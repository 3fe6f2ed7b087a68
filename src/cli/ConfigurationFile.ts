/**
 * The file that `--config` names: settings of `grantlog serve`, by the names of its flags, in YAML or JSON.
 *
 * A value is written as YAML has it: a number, true or false, a text, a list where the flag takes several words, a mapping
 * where it takes JSON. It becomes the text that the flag would be given, so that one place judges it. Other commands take
 * from the same file what they have a flag for. Nothing of the file is repeated in a fault but names.
 */
import { readFile } from "node:fs/promises"
import { extname } from "node:path"
import * as Effect from "effect/Effect"
import * as CliError from "effect/cli/CliError"
import { namesOf } from "./Defaults.ts"
import { settingsAmong, type Configuration } from "./Flags.ts"

const faultOf = (file: string) => (expected: string) =>
  new CliError.InvalidValue({ option: "config", value: file, expected, kind: "flag" })

const parseYaml = async (text: string): Promise<unknown> => {
  const { parse } = await import("effect/encoding/Yaml")
  return parse(text)
}

const parseJson = async (text: string): Promise<unknown> => JSON.parse(text)

/** Where the reader stumbled: of JSON's own message the place alone, since it quotes what it read. */
const placeIn = ({ message }: Error): string => /(?:line \d+(?: column \d+)?|offset \d+)/.exec(message)?.[0] ?? ""

const parsed = (text: string, file: string) => {
  const [parse, name] = extname(file) === ".json" ? ([parseJson, "JSON"] as const) : ([parseYaml, "YAML"] as const)
  return Effect.tryPromise({
    try: () => parse(text),
    catch: (cause) => {
      const place = placeIn(cause as Error)
      return `a file of valid ${name}${place === "" ? "" : `; it is none at ${place}`}`
    },
  })
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isWord = (value: unknown): boolean =>
  (typeof value === "string" && !/\s/.test(value) && value !== "") || typeof value === "number"

/** The value as the text of a flag; `undefined` where it is none. */
const textOf = (value: unknown): string | undefined => {
  if (["string", "number", "boolean"].includes(typeof value)) return String(value)
  if (Array.isArray(value)) return value.every(isWord) ? value.join(" ") : undefined
  return isMapping(value) ? JSON.stringify(value) : undefined
}

const serveSettings = async (): Promise<ReadonlySet<string>> => {
  const { serveFlags } = await import("./ServeFlags.ts")
  return settingsAmong(namesOf(Object.values(serveFlags)))
}

const settingsIn = Effect.fnUntraced(function* (mapping: Readonly<Record<string, unknown>>) {
  const settings = yield* Effect.promise(serveSettings)
  const entries = Object.entries(mapping)
  const unknown = entries.find(([name]) => !settings.has(name))
  if (unknown !== undefined)
    return yield* Effect.fail(`settings of grantlog serve alone, by the names of its flags; \`${unknown[0]}\` is none`)
  const values = new Map<string, string>()
  for (const [name, value] of entries) {
    const text = textOf(value)
    if (text === undefined)
      return yield* Effect.fail(
        `a value for \`${name}\`: a number, true or false, a text, a list of words, or a mapping`,
      )
    values.set(name, text)
  }
  return values
})

/** What the file says; `undefined` where there is none. */
export const readConfiguration = (
  file: string | undefined,
): Effect.Effect<Configuration | undefined, CliError.CliError> => {
  if (file === undefined) return Effect.succeed(undefined)
  return Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () => readFile(file, "utf8"),
      catch: (cause) => `a file that can be read (${(cause as NodeJS.ErrnoException).code})`,
    })
    const content = (yield* parsed(text, file)) ?? {}
    if (!isMapping(content)) return yield* Effect.fail("a file with one setting a line, `name: value`")
    return { file, values: yield* settingsIn(content) }
  }).pipe(Effect.mapError(faultOf(file)))
}
