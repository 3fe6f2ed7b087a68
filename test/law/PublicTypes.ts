/**
 * The types that the entry points of the package show their users, walked from each name as far as they are ours.
 *
 * Two questions are asked of them: whether a program that is not written in effect meets any of it, and which members of
 * options and records nothing is said about. The compiler answers; never runs anything.
 */
import { join } from "node:path"
import { type Checker, SignatureKind, type Symbol, SymbolFlags, type Type, TypeFlags } from "typescript/unstable/sync"
import { repository } from "../../spec/trace/Sources.ts"
import { aboutEntries, targetOf } from "./Entries.ts"

/** What a name of an entry leads to that breaks the rule: the way to it, and what it is. */
export interface Met {
  readonly way: string
  readonly what: string
}

/**
 * What is handed from one function to another and never looked into, whatever it is made of; what only the server makes,
 * for a feature to read; and a server that may be given in either writing.
 */
const HANDLES = new Set([
  "AuthorizationServer",
  "EmbeddedEffects",
  "IssuedAccessToken",
  "LoginFactory",
  "MountedEndpoint",
  "Place",
  "ProtocolServer",
  "ServerStore",
  "TokenSource",
])

/** What a program has to know effect for. Schemas are data, and what reads data. */
const MACHINERY = new Set(["Effect", "Exit", "Fiber", "Option", "Reference", "Result", "Schedule", "Scope", "Stream"])

/** What a type has for a symbol that is written down in place: a record that a schema reads, a function of `fnUntraced`. */
const NAMELESS = "__type"

const pathsOf = (symbol: Symbol | undefined): ReadonlyArray<string> =>
  symbol?.declarations.map(({ path }) => String(path)) ?? []

const isFrom = (symbol: Symbol | undefined, folder: string): boolean =>
  pathsOf(symbol).some((path) => path.startsWith(join(repository, folder)))

const isOurs = (symbol: Symbol | undefined): boolean => isFrom(symbol, "src/") || isFrom(symbol, "properties/")

const isOfEffect = (symbol: Symbol | undefined): boolean =>
  pathsOf(symbol).some((path) => path.includes("/node_modules/effect/"))

/** Where a union, an intersection or a single type has its members. */
const partsOf = (type: Type): ReadonlyArray<Type> =>
  type.isUnionType() || type.isIntersectionType() ? type.getTypes().flatMap(partsOf) : [type]

/** What of effect somebody meets first who uses this name: its machinery anywhere, or a brand in what is to be given. */
const effectMet = (checker: Checker, exported: Symbol): Met | undefined => {
  let met: Met | undefined
  const seen = new Set<string>()
  const walk = (type: Type | undefined, way: string, isGiven: boolean): void => {
    if (type === undefined || met !== undefined || seen.has(`${type.id} ${isGiven}`)) return
    seen.add(`${type.id} ${isGiven}`)
    const [alias, symbol] = [type.getAliasSymbol(), type.getSymbol()]
    if (HANDLES.has(alias?.name ?? "") || HANDLES.has(symbol?.name ?? "")) return
    const foreign = [alias, symbol].find((one) => isOfEffect(one) && one?.name !== NAMELESS)
    if (foreign !== undefined) {
      if (MACHINERY.has(foreign.name) || (isGiven && foreign.name === "Brand")) met = { way, what: foreign.name }
      return
    }
    const parts = partsOf(type)
    if (parts.length > 1) return parts.forEach((part) => walk(part, way, isGiven))
    if ((type.flags & TypeFlags.Object) === 0) return
    if (type.isTypeReference()) checker.getTypeArguments(type).forEach((one) => walk(one, way, isGiven))
    for (const signature of checker.getSignaturesOfType(type, SignatureKind.Call)) {
      for (const parameter of signature.getParameters()) {
        walk(checker.getTypeOfSymbol(parameter), `${way}(${parameter.name})`, !isGiven)
      }
      walk(checker.getReturnTypeOfSignature(signature), `${way}()`, isGiven)
    }
    if (symbol !== undefined && symbol.name !== NAMELESS && !isOurs(symbol)) return
    for (const member of checker.getPropertiesOfType(type).filter(isOurs)) {
      walk(checker.getTypeOfSymbol(member), `${way}.${member.name}`, isGiven)
    }
  }
  const target = targetOf(checker, exported)
  if (HANDLES.has(target.name)) return undefined
  if ((target.flags & SymbolFlags.Value) !== 0) walk(checker.getTypeOfSymbol(target), exported.name, false)
  else walk(checker.getDeclaredTypeOfSymbol(target), exported.name, false)
  return met
}

/** What each name of each entry shows of effect, as `entry name: way to it, what it is`. */
export const effectsShown = (): ReadonlyArray<string> =>
  aboutEntries(({ specifier, symbols }, checker) =>
    symbols.flatMap((symbol) => {
      const met = effectMet(checker, symbol)
      return met === undefined ? [] : [`${specifier} ${symbol.name}: ${met.way} ${met.what}`]
    }),
  ).flat()

/** Says all by itself: what tells the members of a union apart. */
const isLiteral = (type: Type | undefined): boolean =>
  type !== undefined && (type.flags & (TypeFlags.StringLiteral | TypeFlags.BooleanLiteral)) !== 0

/** What an event, a command and a state hold is told by the types of it, each of which has a comment of its own. */
const DATA_OF_THE_CORE = /\/src\/core\/(?:Client|ClientMetadata|Command|Event|Grant|Issuer|Subject)\.ts$/

/**
 * The members of options and records that nothing is said about, as `Type.member`, of every type that an entry names.
 * A member that two types share is told where it is declared.
 */
export const membersUntold = (): ReadonlyArray<string> => {
  const untold = aboutEntries(({ symbols }, checker) =>
    symbols.flatMap((symbol) => {
      const target = targetOf(checker, symbol)
      if ((target.flags & SymbolFlags.Type) === 0) return []
      return partsOf(checker.getDeclaredTypeOfSymbol(target))
        .filter((part) => (part.flags & TypeFlags.Object) !== 0)
        .flatMap((part) => checker.getPropertiesOfType(part))
        .filter(isOurs)
        .filter((member) => !pathsOf(member).some((path) => DATA_OF_THE_CORE.test(path)))
        .filter((member) => checker.getDocumentationCommentOfSymbol(member) === "")
        .filter((member) => member.name !== "_tag" && !isLiteral(checker.getTypeOfSymbol(member)))
        .map((member) => `${target.name}.${member.name}`)
    }),
  ).flat()
  return [...new Set(untold)].toSorted()
}
