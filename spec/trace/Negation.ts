/**
 * The condition that stands under an annotation, and the text with it turned round.
 *
 * TypeScript's own parser finds it, so that a string, a pattern or a line break fools nobody. An annotation above
 * something that decides nothing, a table or a schema, has none. Never runs anything.
 */
import {
  isArrowFunction,
  isBinaryExpression,
  isBlock,
  isCallExpression,
  isConditionalExpression,
  isIdentifier,
  isIfStatement,
  isParenthesizedExpression,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isReturnStatement,
  isVariableStatement,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast"
import { createVirtualFileSystem } from "typescript/unstable/fs"
import { API } from "typescript/unstable/sync"
import { annotationsOf } from "./Annotations.ts"
import type { SourceText } from "./Sources.ts"

/** A branch that annotations stand above, by the text of its condition. */
export interface Branch {
  readonly path: string
  readonly line: number
  readonly ids: readonly string[]
  readonly condition: string
  /** The file with the condition negated. */
  readonly negated: string
}

export interface Branches {
  readonly branches: readonly Branch[]
  /** How many annotated places have no condition. */
  readonly unconditionalCount: number
}

/** Every annotated branch of these files; several annotations above one condition are one branch. */
export const branchesOf = (files: readonly SourceText[]): Branches => {
  const annotated = files.filter((file) => annotationsOf([file]).length > 0)
  if (annotated.length === 0) return { branches: [], unconditionalCount: 0 }
  const fs = createVirtualFileSystem({})
  const api = new API({ cwd: "/", fs })
  try {
    for (const { path, text } of annotated) fs.writeFile?.(`/${path}`, text)
    const compilerOptions = { noLib: true, noResolve: true, types: [], module: "nodenext", target: "esnext" }
    fs.writeFile?.("/tsconfig.json", JSON.stringify({ compilerOptions, files: annotated.map(({ path }) => path) }))
    using snapshot = api.updateSnapshot({ openProjects: ["/tsconfig.json"] })
    const program = snapshot.getProject("/tsconfig.json")?.program
    const found = annotated.map((file) => {
      const source = program?.getSourceFile(`/${file.path}`)
      if (source === undefined) throw new Error(`the parser did not read \`${file.path}\``)
      return inFile(file, source)
    })
    return {
      branches: found.flatMap(({ branches }) => branches),
      unconditionalCount: found.reduce((sum, { unconditionalCount }) => sum + unconditionalCount, 0),
    }
  } finally {
    api.close()
  }
}

const inFile = (file: SourceText, source: SourceFile): Branches => {
  const idsAt = Map.groupBy(annotationsOf([file]), ({ codeLine }) => codeLine)
  const branches = new Map<number, Branch>()
  let unconditionalCount = 0
  for (const [line, annotations] of idsAt) {
    const condition = conditionUnder(source, line)
    if (condition === undefined) {
      unconditionalCount += 1
      continue
    }
    const start = condition.getStart(source)
    const text = file.text.slice(start, condition.end)
    const ids = [...(branches.get(start)?.ids ?? []), ...annotations.map(({ id }) => id)]
    const negated = `${file.text.slice(0, start)}!(${text})${file.text.slice(condition.end)}`
    branches.set(start, { path: file.path, line: lineOf(source, condition), ids, condition: text, negated })
  }
  return { branches: [...branches.values()], unconditionalCount }
}

const lineOf = (source: SourceFile, node: Node): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

const childrenOf = (node: Node): readonly Node[] => {
  const children: Node[] = []
  node.forEachChild((child) => {
    children.push(child)
    return undefined
  })
  return children
}

const conditionUnder = (source: SourceFile, line: number): Node | undefined => {
  const [node, next] = startingAt(source, source, line) ?? []
  if (node === undefined) return undefined
  // `const x = …` and then `if (x …)`: the declaration is annotated, the next statement decides.
  return firstCondition(node) ?? (next !== undefined && decidesOn(node, next) ? firstCondition(next) : undefined)
}

/** The outermost node that begins on the line, and its next sibling. */
const startingAt = (source: SourceFile, parent: Node, line: number): readonly [Node, Node | undefined] | undefined => {
  const children = childrenOf(parent)
  for (const [index, child] of children.entries()) {
    if (lineOf(source, child) === line) return [child, children[index + 1]]
    if (source.getLineAndCharacterOfPosition(child.end).line + 1 >= line) {
      const found = startingAt(source, child, line)
      if (found !== undefined) return found
    }
  }
  return undefined
}

const decidesOn = (declaration: Node, next: Node): boolean => {
  if (!isVariableStatement(declaration) || !isIfStatement(next)) return false
  const names = declaration.declarationList.declarations.map(({ name }) => (isIdentifier(name) ? name.text : ""))
  const mentions = (node: Node): boolean =>
    (isIdentifier(node) && names.includes(node.text)) || childrenOf(node).some(mentions)
  return mentions(next.expression)
}

const firstCondition = (node: Node): Node | undefined => {
  const own = conditionOf(node)
  if (own !== undefined) return own
  for (const child of childrenOf(node)) {
    const found = firstCondition(child)
    if (found !== undefined) return found
  }
  return undefined
}

const conditionOf = (node: Node): Node | undefined => {
  if (isIfStatement(node)) return node.expression
  if (isConditionalExpression(node)) return node.condition
  if (isReturnStatement(node) && node.expression !== undefined && isTruth(node.expression)) return node.expression
  if (isArrowFunction(node) && !isBlock(node.body)) {
    const isPredicate = node.type?.kind === SyntaxKind.BooleanKeyword || isAskedBy(node.parent)
    return isPredicate || isTruth(node.body) ? (conditionOf(node.body) ?? node.body) : undefined
  }
  return undefined
}

/** Whether an expression is true or false by its form. */
const isTruth = (node: Node): boolean =>
  (isParenthesizedExpression(node) && isTruth(node.expression)) ||
  (isBinaryExpression(node) && truthOperators.has(node.operatorToken.kind)) ||
  (isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)

const truthOperators: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.AmpersandAmpersandToken,
  SyntaxKind.BarBarToken,
  SyntaxKind.EqualsEqualsEqualsToken,
  SyntaxKind.ExclamationEqualsEqualsToken,
  SyntaxKind.LessThanToken,
  SyntaxKind.LessThanEqualsToken,
  SyntaxKind.GreaterThanToken,
  SyntaxKind.GreaterThanEqualsToken,
])

/** Whether a call asks its callback a question. */
const isAskedBy = (call: Node): boolean =>
  isCallExpression(call) &&
  isPropertyAccessExpression(call.expression) &&
  ["some", "every", "filter", "find"].includes(call.expression.name.text)
