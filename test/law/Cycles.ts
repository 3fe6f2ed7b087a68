/**
 * Cycles among files: each strongly connected set of modules, reported by one way around it.
 *
 * Imports of types count: two files that need each other's types are one concept in two places.
 */
import { targetOf } from "./ImportTable.ts"
import type { Module } from "./Module.ts"

/** One cycle, as `a.ts → b.ts → a.ts`, for each set of files that reach one another. */
export const cycles = (modules: readonly Module[]): readonly string[] => {
  const edges = new Map(
    modules.map((module) => [
      module.path,
      new Set(module.imports.flatMap((found) => targetOf(module.path, found.specifier) ?? [])),
    ]),
  )
  const told = new Set<string>()
  const found: string[] = []
  for (const start of edges.keys()) {
    if (told.has(start)) continue
    const way = wayBack(edges, start)
    if (way === undefined) continue
    for (const path of edges.keys()) if (path === start || meet(edges, start, path)) told.add(path)
    found.push([...way, start].join(" → "))
  }
  return found
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>

const meet = (edges: Edges, one: string, other: string): boolean =>
  way(edges, one, other) !== undefined && way(edges, other, one) !== undefined

const wayBack = (edges: Edges, start: string): readonly string[] | undefined => way(edges, start, start)

/** The files of a shortest way of at least one step, the last one left out. */
const way = (edges: Edges, from: string, to: string): readonly string[] | undefined => {
  const queue: (readonly string[])[] = [[from]]
  const seen = new Set<string>()
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of edges.get(path.at(-1) ?? from) ?? []) {
      if (next === to) return path
      if (seen.has(next)) continue
      seen.add(next)
      queue.push([...path, next])
    }
  }
  return undefined
}
