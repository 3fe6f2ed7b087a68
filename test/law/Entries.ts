/**
 * The entry points of the package as their users see them: which names each exports, and what is said of them.
 *
 * The compiler resolves them (`typescript/unstable/sync`, over the files on disk), so that a name stands here as what it
 * is where it was declared. Never runs any of it.
 */
import { join } from "node:path"
import { isExportDeclaration, isNamedExports, type SourceFile } from "typescript/unstable/ast"
import { API, type Checker, type Symbol, SymbolFlags } from "typescript/unstable/sync"
import { filesOf, repository } from "../../spec/trace/Sources.ts"

/** A name that an entry exports. */
export interface Exported {
  readonly name: string
  /** `class` is what is both a value and a type, a schema for one. */
  readonly kind: "value" | "type" | "class"
  /** What its doc comment says, without tags; empty where there is none. */
  readonly documentation: string
  /** The texts of its `@example` tags. */
  readonly examples: readonly string[]
}

export interface Entry {
  /** As it is imported: `grantlog`, `grantlog/core`. */
  readonly specifier: string
  /** The file, from the top. */
  readonly path: string
  readonly exported: readonly Exported[]
}

/** `src/entry/core.ts` is imported as `grantlog/core`, and `src/entry/grantlog.ts` as `grantlog`. */
export const specifierOf = (path: string): string => {
  const name = path.replace(/^src\/entry\/|\.ts$/g, "")
  return name === "grantlog" ? name : `grantlog/${name}`
}

/** The names that `export type` keeps from being used as values, whatever they are at home. */
const typeOnlyNames = (source: SourceFile): ReadonlySet<string> => {
  const names = new Set<string>()
  source.forEachChild((node) => {
    if (!isExportDeclaration(node) || node.exportClause === undefined || !isNamedExports(node.exportClause)) return
    for (const { name, isTypeOnly } of node.exportClause.elements) {
      if (node.isTypeOnly || isTypeOnly) names.add(name.text)
    }
  })
  return names
}

/** What an export stands for, whichever files it was handed on by. */
export const targetOf = (checker: Checker, symbol: Symbol): Symbol =>
  (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)

const exportedAs = (checker: Checker, symbol: Symbol, isTypeOnly: boolean): Exported => {
  const target = targetOf(checker, symbol)
  const isValue = !isTypeOnly && (target.flags & SymbolFlags.Value) !== 0
  const isType = (target.flags & SymbolFlags.Type) !== 0
  return {
    name: symbol.name,
    kind: isValue && isType ? "class" : isValue ? "value" : "type",
    documentation: checker.getDocumentationCommentOfSymbol(target),
    examples: checker
      .getJsDocTagsOfSymbol(target)
      .flatMap(({ name, text }) => (name === "example" && text ? [text] : [])),
  }
}

const byName = (left: Exported, right: Exported): number => (left.name < right.name ? -1 : 1)

/** An entry as the compiler knows it. */
export interface ResolvedEntry {
  readonly specifier: string
  readonly path: string
  readonly source: SourceFile
  /** What it exports, under the names that it exports it by. */
  readonly symbols: readonly Symbol[]
}

/** Asks something about every entry of `src/entry`, the one of the package's own name first. */
export const aboutEntries = <A>(ask: (entry: ResolvedEntry, checker: Checker) => A): readonly A[] => {
  const paths = filesOf(".ts", "src/entry").map(({ path }) => path)
  // A project of its own, beside that of the repository and only in memory: these files and what they need.
  const project = join(repository, "entries.tsconfig.json")
  const text = JSON.stringify({ extends: "./tsconfig.json", include: [], files: paths })
  const api = new API({
    cwd: repository,
    fs: {
      readFile: (path) => (path === project ? text : undefined),
      fileExists: (path) => (path === project ? true : undefined),
    },
  })
  try {
    using snapshot = api.updateSnapshot({ openProjects: [project] })
    const { program, checker } = snapshot.getProject(project)!
    return paths
      .toSorted((left, right) => (specifierOf(left) < specifierOf(right) ? -1 : 1))
      .map((path) => {
        const source = program.getSourceFile(join(repository, path))
        const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
        if (source === undefined || module === undefined) throw new Error(`\`${path}\` exports nothing`)
        return ask({ specifier: specifierOf(path), path, source, symbols: checker.getExportsOfModule(module) }, checker)
      })
  } finally {
    api.close()
  }
}

/** Every entry with what it exports. */
export const readEntries = (): readonly Entry[] =>
  aboutEntries(({ specifier, path, source, symbols }, checker) => {
    const typeOnly = typeOnlyNames(source)
    const exported = symbols.map((symbol) => exportedAs(checker, symbol, typeOnly.has(symbol.name)))
    return { specifier, path, exported: exported.toSorted(byName) }
  })

/** The examples, which are programs, by the name that they are about. */
export const examplesOf = (entries: readonly Entry[]): ReadonlyMap<string, string> =>
  new Map(
    entries.flatMap(({ exported }) => exported.flatMap(({ name, examples }) => examples.map((text) => [name, text]))),
  )

/** What the compiler objects to in programs that import the package, by the name of the program. */
export const typeFaults = (programs: ReadonlyMap<string, string>): readonly string[] => {
  const files = [...programs].map(([name, text], index) => ({
    name,
    path: join(repository, `program${index}.ts`),
    // A name that is only shown is no fault of an example.
    text: `${text}\nexport {}\n`,
  }))
  const project = join(repository, "programs.tsconfig.json")
  const paths = Object.fromEntries(
    filesOf(".ts", "src/entry").map(({ path }) => [specifierOf(path), [`./${path}`]] as const),
  )
  const compilerOptions = { strict: true, noEmit: true, noUnusedLocals: false, paths }
  const config = {
    extends: "./tsconfig.json",
    compilerOptions,
    include: [],
    files: [...files.map(({ path }) => path), "test/examples/express.d.ts"],
  }
  const texts = new Map([[project, JSON.stringify(config)], ...files.map(({ path, text }) => [path, text] as const)])
  const api = new API({
    cwd: repository,
    fs: { readFile: (path) => texts.get(path), fileExists: (path) => (texts.has(path) ? true : undefined) },
  })
  try {
    using snapshot = api.updateSnapshot({ openProjects: [project] })
    const { program } = snapshot.getProject(project)!
    return files.flatMap(({ name, path }) =>
      [...program.getSyntacticDiagnostics(path), ...program.getSemanticDiagnostics(path)].map(
        ({ text }) => `${name}: ${text}`,
      ),
    )
  } finally {
    api.close()
  }
}

/** The list that is checked in: a line for each name, below the entry that exports it. */
export const listOf = (entries: readonly Entry[]): string =>
  entries
    .map(({ specifier, exported }) =>
      [specifier, ...exported.map(({ kind, name }) => `  ${kind.padEnd(6)}${name}`)].join("\n"),
    )
    .join("\n\n")
    .concat("\n")
