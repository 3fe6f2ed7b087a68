/**
 * A source file as the law sees it: what it imports, which names it mentions, and what it casts to.
 *
 * TypeScript's own parser does the reading (`typescript/unstable/sync`: a compiler process over files held in memory), so
 * that a comment, a string or a line break fools nobody. It never resolves a module and never checks a type.
 */
import {
  isAsExpression,
  isBindingElement,
  isCallExpression,
  isElementAccessExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isInterfaceDeclaration,
  isLiteralTypeNode,
  isNamedExports,
  isNamedImports,
  isNewExpression,
  isPropertyAccessExpression,
  isQualifiedName,
  isShorthandPropertyAssignment,
  isStringLiteralLikeNode,
  isTypeAliasDeclaration,
  isTypeAssertion,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast"
import { createVirtualFileSystem } from "typescript/unstable/fs"
import { API } from "typescript/unstable/sync"
import type { SourceText } from "../../spec/trace/Sources.ts"

/** One `import`, `export … from`, `import(…)` or `import("…").Type`. */
export interface Import {
  /** Undefined when it is computed, as in `import(path)`. */
  readonly specifier: string | undefined
  /** True of `import type` and its kin; false of `import { type X }`, which loads the module all the same. */
  readonly typeOnly: boolean
  /** The names as the imported module calls them; `*` for all of them, `default`, nothing for a bare `import "x"`. */
  readonly names: readonly string[]
  readonly line: number
}

/**
 * A name that the code uses: `x`, and more exactly `x.y`, `.y`, `x()` and `new x()` (the last two without arguments).
 * The name of a property or a declaration is none.
 */
export interface Mention {
  readonly name: string
  readonly line: number
}

/** `x as T`, or `<T>x`: every name that stands in `T`; and `type T = …` or `interface T`: every name that stands in it. */
export interface Cast {
  readonly names: readonly string[]
  readonly line: number
}
export interface TypeDeclaration extends Cast {
  readonly name: string
}

export interface Module {
  readonly path: string
  readonly imports: readonly Import[]
  readonly mentions: readonly Mention[]
  readonly casts: readonly Cast[]
  readonly types: readonly TypeDeclaration[]
}

export interface Reader {
  /** Reads files into modules, in the order given; nothing of an earlier reading remains. */
  readonly read: (files: readonly SourceText[]) => readonly Module[]
  /** Ends the parser's process, which may say `context canceled` to the terminal in parting. */
  readonly close: () => void
}

const compilerOptions = { noLib: true, noResolve: true, types: [], module: "nodenext", target: "esnext" }

/** Starts a parser. */
export const openReader = (): Reader => {
  const fs = createVirtualFileSystem({})
  const api = new API({ cwd: "/", fs })
  let readingCount = 0
  return {
    read: (files) => {
      if (files.length === 0) return []
      readingCount += 1
      const root = `/${readingCount}/`
      for (const { path, text } of files) fs.writeFile?.(root + path, text)
      const project = `${root}tsconfig.json`
      fs.writeFile?.(project, JSON.stringify({ compilerOptions, files: files.map((file) => file.path) }))
      using snapshot = api.updateSnapshot({ openProjects: [project] })
      const program = snapshot.getProject(project)?.program
      return files.map(({ path }) => {
        const source = program?.getSourceFile(root + path)
        if (source === undefined) throw new Error(`the parser did not read \`${path}\``)
        return readModule(path, source)
      })
    },
    close: () => api.close(),
  }
}

const readModule = (path: string, source: SourceFile): Module => {
  const imports: Import[] = []
  const mentions: Mention[] = []
  const casts: Cast[] = []
  const types: TypeDeclaration[] = []
  const visit = (node: Node): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    const found = importOf(node)
    if (found !== undefined) imports.push({ ...found, line })
    for (const name of mentionsOf(node)) mentions.push({ name, line })
    if (isAsExpression(node) || isTypeAssertion(node)) casts.push({ names: namesIn(node.type), line })
    if (isTypeAliasDeclaration(node) || isInterfaceDeclaration(node)) {
      types.push({ name: node.name.text, names: namesIn(node), line })
    }
    node.forEachChild(visit)
  }
  source.forEachChild(visit)
  // INVARIANT: whatever the compiler takes for an import was read as one.
  for (const specifier of source.imports) {
    const text = textOf(specifier)
    if (!imports.some((found) => found.specifier === text)) throw new Error(`\`${path}\` imports \`${text}\` unseen`)
  }
  return { path, imports, mentions, casts, types }
}

const namesIn = (node: Node): readonly string[] => {
  const names = new Set<string>()
  const visit = (one: Node): void => {
    if (isIdentifier(one)) names.add(one.text)
    one.forEachChild(visit)
  }
  visit(node)
  return [...names]
}

const importOf = (node: Node): Omit<Import, "line"> | undefined => {
  if (isImportDeclaration(node)) {
    const clause = node.importClause
    const bindings = clause?.namedBindings
    const named = bindings === undefined ? [] : isNamedImports(bindings) ? bindings.elements.map(nameAtHome) : ["*"]
    return {
      specifier: textOf(node.moduleSpecifier),
      typeOnly: clause?.phaseModifier === SyntaxKind.TypeKeyword,
      names: clause?.name === undefined ? named : ["default", ...named],
    }
  }
  if (isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const clause = node.exportClause
    return {
      specifier: textOf(node.moduleSpecifier),
      typeOnly: node.isTypeOnly,
      names: clause !== undefined && isNamedExports(clause) ? clause.elements.map(nameAtHome) : ["*"],
    }
  }
  if (isImportTypeNode(node)) {
    const specifier = isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined
    let first = node.qualifier
    while (first !== undefined && isQualifiedName(first)) first = first.left
    return { specifier, typeOnly: true, names: [first === undefined ? "*" : first.text] }
  }
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    return { specifier: textOf(node.arguments[0]), typeOnly: false, names: ["*"] }
  }
  return undefined
}

const nameAtHome = (element: {
  readonly name: { readonly text: string }
  readonly propertyName?: { readonly text: string }
}) => (element.propertyName ?? element.name).text

const textOf = (node: Node | undefined): string | undefined =>
  node !== undefined && isStringLiteralLikeNode(node) ? node.text : undefined

const mentionsOf = (node: Node): readonly string[] => {
  if (isIdentifier(node)) return isUse(node) ? [node.text] : []
  if (isPropertyAccessExpression(node)) return memberOf(node.expression, node.name.text)
  if (isQualifiedName(node)) return memberOf(node.left, node.right.text)
  if (isElementAccessExpression(node)) return memberOf(node.expression, textOf(node.argumentExpression))
  if (isBindingElement(node)) {
    const property = node.propertyName ?? node.name
    const owner = node.parent.parent
    return memberOf(
      isVariableDeclaration(owner) ? owner.initializer : undefined,
      property !== undefined && isIdentifier(property) ? property.text : textOf(property),
    )
  }
  if (isNewExpression(node) && isIdentifier(node.expression) && (node.arguments ?? []).length === 0) {
    return [`new ${node.expression.text}()`]
  }
  if (isCallExpression(node) && isIdentifier(node.expression) && node.arguments.length === 0) {
    return [`${node.expression.text}()`]
  }
  return []
}

const memberOf = (owner: Node | undefined, member: string | undefined): readonly string[] => {
  if (member === undefined) return []
  return owner !== undefined && isIdentifier(owner) ? [`${owner.text}.${member}`, `.${member}`] : [`.${member}`]
}

/** Whether an identifier stands for a value or a type in scope, rather than naming a member or a declaration. */
const isUse = (node: Node): boolean => {
  const parent: Node & { readonly name?: Node; readonly propertyName?: Node } = node.parent
  if (isShorthandPropertyAssignment(parent)) return true
  if (isQualifiedName(parent)) return parent.left === node
  return parent.name !== node && parent.propertyName !== node
}
