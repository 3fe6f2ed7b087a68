/**
 * Loading a module as its author runs it: as Node does, or, where Node cannot, with a loader that knows all of TypeScript.
 *
 * Node takes types away and changes nothing. Enums, parameter properties, decorators, JSX, names without an extension and
 * the paths of `tsconfig.json` are for jiti. A hook of the author's own (`NODE_OPTIONS="--import tsx"`) comes before it.
 */
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

export type Exports = Readonly<Record<string, unknown>>

export interface Loaded {
  readonly exports: Exports
  /** Whether Node alone could not load it. */
  readonly needsLoader: boolean
}

/** What Node says of TypeScript that it does not take, and of names that only other tools resolve. */
const beyondNode: ReadonlySet<unknown> = new Set([
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_INVALID_TYPESCRIPT_SYNTAX",
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
  "ERR_MODULE_NOT_FOUND",
  "ERR_UNSUPPORTED_DIR_IMPORT",
])

const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/.test(path)

/** A type that is imported like a value, or a decorator, is a plain error of syntax. */
const isBeyondNode = (path: string, cause: unknown): boolean =>
  beyondNode.has((cause as Partial<NodeJS.ErrnoException>).code) ||
  (isTypeScript(path) && cause instanceof SyntaxError) ||
  /\.[jt]sx$/.test(path)

interface Jiti {
  readonly import: (path: string) => Promise<Exports>
}

interface JitiOptions {
  readonly tsconfigPaths: boolean
  readonly jsx: boolean
  readonly fsCache: boolean
  readonly interopDefault: boolean
  readonly extensions: ReadonlyArray<string>
}

/** What it transforms; by default that is all but JSX without types. */
const EXTENSIONS = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "mtsx", "ctsx"].map((end) => `.${end}`)

const require = createRequire(import.meta.url)

/**
 * Decorators are told the types of what they stand at through `Reflect.metadata`. Where the author has nothing for that,
 * they are told to nobody: what jiti puts there itself takes the decorated method away.
 */
const provideMetadata = (path: string): void => {
  try {
    createRequire(path).resolve("reflect-metadata")
  } catch {
    Object.assign(Reflect, { metadata: () => () => undefined })
  }
}

const loadWithJiti = (path: string): Promise<Exports> => {
  const { createJiti } = require("jiti") as { readonly createJiti: (from: string, options: JitiOptions) => Jiti }
  provideMetadata(path)
  const jiti = createJiti(pathToFileURL(path).href, {
    tsconfigPaths: true,
    jsx: true,
    fsCache: false,
    interopDefault: false,
    extensions: EXTENSIONS,
  })
  return jiti.import(path)
}

/** Rejects with what the module threw, or with why it does not load. */
export const loadModule = async (path: string): Promise<Loaded> => {
  try {
    return { exports: (await import(pathToFileURL(path).href)) as Exports, needsLoader: false }
  } catch (cause) {
    if (!isBeyondNode(path, cause)) throw cause
    return { exports: await loadWithJiti(path), needsLoader: true }
  }
}
