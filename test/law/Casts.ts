/**
 * Nothing foreign becomes a thing of the core by a cast: what the core has a type for is read by the core's schemas.
 *
 * A cast tells the compiler what nobody checked. Outside the core, none may name a type of the core's, nor a type that
 * is made of one; the few places that make such things, by chance or by hashing, are listed with what they make.
 */
import { dirname, join, normalize } from "node:path"
import type { Violation } from "./ImportTable.ts"
import type { Module } from "./Module.ts"

/** What may be cast to, where it is made: each of these has its form by construction. */
export const makers: Readonly<Record<string, readonly string[]>> = {
  // Minted from random bytes.
  "src/provider/Randomness.ts": ["ClientId", "SubjectId", "GrantId", "Salt"],
  // Hashed, or cut out of a token whose form was matched.
  "src/provider/Token.ts": ["Digest", "CodeChallenge", "GrantId"],
  // Derived from the ring, and the id of a new key.
  "src/provider/Keys.ts": ["GrantId", "KeyId"],
}

const isOfCore = (path: string): boolean => path.startsWith("src/core/")

/** A type by where it is declared: `path#name`. */
type TypeKey = string

/** Finds what a name in a file stands for: declared there, imported by that name, or passed on by what was imported. */
const resolverOf = (modules: readonly Module[]) => {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const resolve = (path: string, name: string, seen: ReadonlySet<string> = new Set()): TypeKey | undefined => {
    const module = byPath.get(path)
    if (module === undefined || seen.has(path)) return undefined
    if (module.types.some((type) => type.name === name)) return `${path}#${name}`
    for (const { specifier, names } of module.imports) {
      if (specifier?.startsWith(".") !== true || !(names.includes(name) || names.includes("*"))) continue
      const found = resolve(normalize(join(dirname(path), specifier)), name, new Set([...seen, path]))
      if (found !== undefined) return found
    }
    return undefined
  }
  return resolve
}

/** The types of the core, and every type elsewhere that is made of one of them. */
const typesOfTheCore = (modules: readonly Module[], resolve: ReturnType<typeof resolverOf>): ReadonlySet<TypeKey> => {
  const declared = modules.flatMap(({ path, types }) =>
    types.map(({ name, names }) => ({
      key: `${path}#${name}`,
      path,
      parts: names.filter((one) => one !== name).flatMap((one) => resolve(path, one) ?? []),
    })),
  )
  const found = new Set(declared.filter(({ path }) => isOfCore(path)).map(({ key }) => key))
  for (let size = 0; size !== found.size;) {
    size = found.size
    for (const { key, parts } of declared) if (parts.some((part) => found.has(part))) found.add(key)
  }
  return found
}

/** Every cast in `src`, outside the core, to what only the core can say that it is. */
export const foreignCasts = (modules: readonly Module[]): readonly Violation[] => {
  const resolve = resolverOf(modules)
  const types = typesOfTheCore(modules, resolve)
  return modules
    .filter(({ path }) => path.startsWith("src/") && !isOfCore(path))
    .flatMap(({ path, casts }) =>
      casts.flatMap(({ names, line }) =>
        names
          .filter((name) => types.has(resolve(path, name) ?? "") && makers[path]?.includes(name) !== true)
          .map((name) => ({ path, line, message: `casts to \`${name}\`, which is for a schema of the core to read` })),
      ),
    )
}
