/**
 * Where the outside world may be touched: nowhere in `protocol` and `core`; clocks and randomness at the stated edges alone.
 *
 * Effect's `Clock` service is no clock: what it reads is decided where the program is run. Names are judged as written;
 * an alias made on purpose is not pursued.
 */
import type { Violation } from "./ImportTable.ts"
import type { Module } from "./Module.ts"

/** What no file of `protocol` or `core` mentions. */
export const worldly: ReadonlySet<string> = new Set([
  "Date",
  "performance",
  "process",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "console",
  "crypto",
  "globalThis",
  "Intl",
  ".localeCompare",
  "Math.random",
  "randomUUID",
  ".randomUUID",
])

const randomFunctions = ["randomUUID", "randomBytes", "randomInt", "randomFill", "randomFillSync", "getRandomValues"]

/** What gives the time or chance away; `new Date(milliseconds)` does not. */
export const clocksAndDice: ReadonlySet<string> = new Set([
  "Date.now",
  "Date()",
  "new Date()",
  "performance",
  "process.hrtime",
  "Math.random",
  ...randomFunctions,
  ...randomFunctions.map((name) => `.${name}`),
])

/** Where clocks and randomness stand: a file, or a folder by its trailing slash. */
export const edges: readonly string[] = [
  "src/provider/Randomness.ts",
  "src/outbound/Time.ts",
  "src/outbound/Randomness.ts",
  "src/cli/",
]

/** Every mention of what the file's place may not touch. */
export const impurities = (modules: readonly Module[]): readonly Violation[] =>
  modules.flatMap((module) => {
    const pure = /^src\/(protocol|core)\//.exec(module.path)?.[1]
    const atEdge = edges.some((edge) => (edge.endsWith("/") ? module.path.startsWith(edge) : module.path === edge))
    if (!module.path.startsWith("src/") || atEdge) return []
    const forbidden = pure !== undefined ? new Set([...worldly, ...clocksAndDice]) : clocksAndDice
    const imported = module.imports.flatMap(({ specifier, names, line }) => [
      ...(specifier === "effect/Random" || (specifier === "effect" && names.includes("Random"))
        ? [{ name: "effect's Random", line }]
        : []),
      ...names.filter((name) => randomFunctions.includes(name)).map((name) => ({ name, line })),
    ])
    const mentioned = module.mentions.filter((mention) => forbidden.has(mention.name))
    return [...imported, ...mentioned].map(({ name, line }) => ({
      path: module.path,
      line,
      message: pure !== undefined ? `${pure} touches \`${name}\`` : `\`${name}\` stands outside the edges`,
    }))
  })
