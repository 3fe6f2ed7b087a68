/**
 * Who may import whom: the table, and the function that holds modules against it.
 *
 * A new edge or package is a new entry here, and so a decision that shows in a diff. Never looks inside what is imported.
 */
import { posix } from "node:path"
import type { Import, Module } from "./Module.ts"

/** A folder of `src`, or one of the places beside them that can import or be imported. */
export type Place =
  | "protocol"
  | "core"
  | "outbound"
  | "files"
  | "proof"
  | "log"
  | "projection"
  | "provider"
  | "http"
  | "resource"
  | "client"
  | "mcp"
  | "audit"
  | "embedded"
  | "cli"
  | "entry"
  | "properties"
  | "propertyTests"
  | "spec"
  | "specTrace"

/** Everything there, or types from everywhere there and values from the named files alone. */
export type Reach = "all" | { readonly valuesOf: readonly string[] }

export interface Row {
  /** Other places that may be imported; a place always reads itself. */
  readonly places: "all" | Readonly<Partial<Record<Place, Reach>>>
  /** Packages by name, builtins by `node:*` or name. */
  readonly packages: "all" | readonly string[]
  /** Modules of `effect`. */
  readonly effect: "all" | readonly string[]
}

const types: Reach = { valuesOf: [] }

/** The modules of `effect` that only hold and compute data: no fiber, no service, no clock, no randomness. */
export const dataModules = [
  "Array",
  "BigInt",
  "Boolean",
  "Brand",
  "Chunk",
  "Combiner",
  "Data",
  "Duration",
  "Equal",
  "Equivalence",
  "Function",
  "Hash",
  "HashMap",
  "HashSet",
  "Iterable",
  "Match",
  "Newtype",
  "NonEmptyIterable",
  "Number",
  "Option",
  "Order",
  "Ordering",
  "Predicate",
  "Record",
  "Reducer",
  "Result",
  "Schema",
  "SchemaGetter",
  "SchemaIssue",
  "SchemaTransformation",
  "String",
  "Struct",
  "Tuple",
  "Types",
  "absurd",
  "flow",
  "identity",
  "pipe",
] as const

export const importTable: Readonly<Record<Place, Row>> = {
  protocol: { places: {}, packages: [], effect: [] },
  core: { places: { protocol: "all" }, packages: [], effect: dataModules },
  outbound: { places: { protocol: "all" }, packages: ["node:*", "ipaddr.js", "undici"], effect: [] },
  files: { places: {}, packages: ["node:*", "write-file-atomic"], effect: [] },
  /** What authorization server, resource server and client have in common about keys that are proven. */
  proof: { places: {}, packages: ["node:*", "jose"], effect: [] },
  log: { places: { core: "all", files: "all" }, packages: ["node:*", "better-sqlite3", "postgres"], effect: "all" },
  projection: { places: { protocol: "all", log: "all", core: "all" }, packages: [], effect: "all" },
  provider: {
    places: {
      protocol: "all",
      core: "all",
      outbound: "all",
      files: "all",
      proof: "all",
      log: "all",
      projection: "all",
    },
    packages: ["node:*", "jose", "@simplewebauthn/server"],
    effect: "all",
  },
  http: {
    places: { protocol: "all", provider: "all", core: types, outbound: "all" },
    packages: ["node:*", "hono", "ipaddr.js", "openid-client"],
    effect: "all",
  },
  resource: {
    places: {
      protocol: "all",
      proof: "all",
      outbound: { valuesOf: ["src/outbound/Time.ts", "src/outbound/Randomness.ts"] },
    },
    /** jose with the first JWT; `weight.test.ts` sees that nobody else loads it. */
    packages: ["node:*", "jose"],
    /** For who hands in Effects; `weight.test.ts` sees that nobody else loads it. */
    effect: ["Effect"],
  },
  client: {
    places: { protocol: "all", outbound: "all", proof: "all" },
    packages: ["node:*", "oauth4webapi", "jose", "open", "proper-lockfile", "env-paths", "write-file-atomic", "hono"],
    effect: [],
  },
  mcp: {
    places: { protocol: "all", provider: "all", resource: "all", client: "all" },
    packages: ["@modelcontextprotocol/sdk", "@modelcontextprotocol/server"],
    effect: "all",
  },
  audit: {
    places: { protocol: "all", files: "all", log: "all", projection: "all", core: "all", provider: types },
    packages: ["node:*"],
    effect: "all",
  },
  embedded: { places: { protocol: "all", log: "all", provider: "all", audit: "all" }, packages: [], effect: "all" },
  /** It wires what there is, from the inside: what stands in the entries is for users. */
  cli: {
    places: {
      protocol: "all",
      core: "all",
      outbound: "all",
      files: "all",
      proof: "all",
      log: "all",
      projection: "all",
      provider: "all",
      http: "all",
      resource: "all",
      client: "all",
      mcp: "all",
      audit: "all",
      embedded: "all",
      properties: "all",
      spec: "all",
      specTrace: "all",
    },
    packages: "all",
    effect: "all",
  },
  /** The entry points of the package: they name what users get, out of the index of each folder. */
  entry: {
    places: {
      protocol: { valuesOf: ["src/protocol/index.ts"] },
      core: { valuesOf: ["src/core/index.ts"] },
      log: { valuesOf: ["src/log/index.ts"] },
      provider: { valuesOf: ["src/provider/index.ts"] },
      http: { valuesOf: ["src/http/index.ts"] },
      resource: { valuesOf: ["src/resource/index.ts"] },
      client: { valuesOf: ["src/client/index.ts"] },
      mcp: { valuesOf: ["src/mcp/index.ts"] },
      audit: { valuesOf: ["src/audit/index.ts"] },
      embedded: { valuesOf: ["src/embedded/index.ts"] },
      properties: { valuesOf: ["properties/index.ts"] },
    },
    packages: [],
    effect: [],
  },
  properties: {
    places: {
      protocol: "all",
      core: "all",
      log: { valuesOf: ["src/log/EventLog.ts", "src/log/MemoryLog.ts"] },
      projection: types,
      provider: types,
      outbound: "all",
      spec: "all",
    },
    packages: ["node:*", "fast-check", "jose"],
    effect: "all",
  },
  /** `properties/**.test.ts`: tests wire what the engines take as factories. */
  propertyTests: { places: "all", packages: "all", effect: "all" },
  spec: { places: {}, packages: [], effect: [] },
  /** `spec/trace`: reads the catalogue, the promises and, as text, everything else. */
  specTrace: {
    places: {
      spec: "all",
      properties: { valuesOf: ["properties/invariants/index.ts", "properties/mutants/Workbench.ts"] },
      /** The features, whose names and requirements `Offer.ts` reads off their values. */
      provider: { valuesOf: ["src/provider/index.ts"] },
    },
    packages: ["node:*", "hono", "typescript"],
    effect: [],
  },
}

export interface Violation {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** Every import that the table does not grant. */
export const violations = (modules: readonly Module[]): readonly Violation[] =>
  modules.flatMap((module) => {
    const place = placeOf(module.path)
    if (place === undefined)
      return [{ path: module.path, line: 1, message: "lies in a folder that the table does not know" }]
    return module.imports.flatMap((found) => {
      const message = objection(place, module.path, found)
      return message === undefined ? [] : [{ path: module.path, line: found.line, message }]
    })
  })

/** Where a relative specifier leads, as a path from the top of the repository. */
export const targetOf = (path: string, specifier: string | undefined): string | undefined =>
  specifier !== undefined && /^\.{1,2}(\/|$)/.test(specifier) ? posix.join(posix.dirname(path), specifier) : undefined

const placeOf = (path: string): Place | undefined => {
  if (path.startsWith("properties/")) return path.endsWith(".test.ts") ? "propertyTests" : "properties"
  if (path.startsWith("spec/")) return path.startsWith("spec/trace/") ? "specTrace" : "spec"
  const folder = /^src\/([^/]+)\//.exec(path)?.[1]
  return folder !== undefined && isFolder(folder) ? folder : undefined
}

const isFolder = (name: string): name is Place =>
  Object.hasOwn(importTable, name) && !["properties", "propertyTests", "spec", "specTrace"].includes(name)

const objection = (place: Place, path: string, found: Import): string | undefined => {
  const { specifier } = found
  if (specifier === undefined) return place === "cli" ? undefined : `${place} may not import a computed module`
  const target = targetOf(path, specifier)
  if (target !== undefined) return objectionToFile(place, target, found)
  if (specifier === "effect" || specifier.startsWith("effect/")) return objectionToEffect(place, specifier, found)
  const { packages } = importTable[place]
  if (packages === "all" || packages.some((name) => covers(name, specifier))) return undefined
  return `${place} may not import the package \`${specifier}\``
}

const objectionToFile = (from: Place, target: string, found: Import): string | undefined => {
  const row = importTable[from]
  const to = placeOf(target)
  if (to === from || (row.places === "all" && (to !== undefined || from === "propertyTests"))) return undefined
  if (to === undefined) return `${from} may not import \`${target}\``
  const reach = row.places === "all" ? "all" : row.places[to]
  if (reach === undefined) return `${from} may not import ${to}`
  if (reach === "all" || found.typeOnly || reach.valuesOf.includes(target)) return undefined
  return `${from} may import only types from \`${target}\` (\`import type\`)`
}

const objectionToEffect = (place: Place, specifier: string, found: Import): string | undefined => {
  const { effect } = importTable[place]
  if (effect === "all") return undefined
  const names = specifier === "effect" ? found.names : [specifier.slice("effect/".length)]
  const foreign = names.filter((name) => !effect.includes(name))
  return foreign.length === 0 ? undefined : `${place} may not import ${foreign.join(", ")} from effect`
}

const covers = (pattern: string, specifier: string): boolean =>
  pattern.endsWith("*")
    ? specifier.startsWith(pattern.slice(0, -1))
    : specifier === pattern || specifier.startsWith(`${pattern}/`)
