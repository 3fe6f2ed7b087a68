/**
 * What of the source is written otherwise for tests: one place of one file, which has to be there.
 *
 * Under Node's own loader by `rewriteWhereLoaded`, in the thread that calls it; under Vite, as for Stryker, by a plugin.
 */
import { registerHooks, type LoadHookSync } from "node:module"
import type { Plugin } from "vitest/config"

export interface Rewriting {
  /** What is changed, for whoever misses it. */
  readonly what: string
  readonly file: string
  readonly written: string
  readonly instead: string
}

const rewritten = ({ what, written, instead }: Rewriting, code: string): string => {
  if (!code.includes(written)) throw new Error(`${what} is not written as \`${written}\` any more`)
  return code.replace(written, instead)
}

export const rewritingPlugin = (rewriting: Rewriting): Plugin => ({
  name: rewriting.file,
  enforce: "pre",
  transform: (code, id) => (id.endsWith(rewriting.file) ? rewritten(rewriting, code) : null),
})

const wanted = new Map<string, Rewriting>()

/** For every module that this thread loads from now on. */
export const rewriteWhereLoaded = (...rewritings: ReadonlyArray<Rewriting>): void => {
  if (wanted.size === 0) registerHooks({ load })
  for (const rewriting of rewritings) wanted.set(rewriting.file, rewriting)
}

const load: LoadHookSync = (url, context, next) => {
  const loaded = next(url, context)
  const file = [...wanted.keys()].find((one) => url.endsWith(one))
  return file === undefined ? loaded : { ...loaded, source: rewritten(wanted.get(file)!, String(loaded.source)) }
}
