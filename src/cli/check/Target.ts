/**
 * What `grantlog check` is pointed at: a file whose export makes a provider, or the URL of an issuer.
 *
 * What cannot be used is said in a sentence: a missing file, one that does not load, an export that is no factory.
 */
import { existsSync, statSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import type { ProviderFactory } from "../../../properties/kit/provider/ProviderSystem.ts"
import { providerMethods } from "../../provider/index.ts"
import { UsageFault } from "../Failure.ts"
import { messageOf } from "./Run.ts"

export type Target =
  | { readonly _tag: "Issuer"; readonly url: string }
  | { readonly _tag: "Provider"; readonly path: string; readonly exportName: string }

const refuse = (message: string) => Effect.fail(new UsageFault({ message }))

/** Tells a URL from a path; says what is wrong with either, before anything is loaded. */
export const parseTarget = (text: string, exportName: string): Effect.Effect<Target, UsageFault> => {
  if (/^https?:/i.test(text)) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined) return refuse(`\`${text}\` is not a URL`)
    return url.search === "" && url.hash === "" && url.username === "" && url.password === ""
      ? Effect.succeed({ _tag: "Issuer", url: text })
      : refuse(`\`${text}\` is no issuer: an issuer has no query, no fragment and no user name`)
  }
  const path = resolve(text)
  if (!existsSync(path))
    return refuse(`there is no file \`${text}\`: give the path of a provider, or the URL of an issuer`)
  if (!statSync(path).isFile())
    return refuse(`\`${text}\` is not a file: give the path of a module that exports a provider`)
  return Effect.succeed({ _tag: "Provider", path, exportName })
}

/** Loads the module, and makes one provider to see that it is one. */
export const loadFactory = Effect.fnUntraced(function* (
  path: string,
  exportName: string,
): Effect.fn.Return<ProviderFactory, UsageFault> {
  const module = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(path).href) as Promise<Readonly<Record<string, unknown>>>,
    catch: (cause) => new UsageFault({ message: `\`${path}\` cannot be loaded: ${messageOf(cause)}` }),
  })
  const exported = module[exportName]
  if (exported === undefined) {
    const names = Object.keys(module).join(", ")
    const there = names === "" ? "it exports nothing" : `it exports ${names}: name one with --export`
    const wanted = exportName === "default" ? "has no default export" : `has no export \`${exportName}\``
    return yield* refuse(`\`${path}\` ${wanted}; ${there}`)
  }
  const meant = `the export \`${exportName}\` of \`${path}\``
  if (typeof exported !== "function") {
    return yield* refuse(`${meant} is not a function: export ({ now }) => a provider, so that each try starts afresh`)
  }
  const factory = exported as ProviderFactory
  const made = yield* Effect.tryPromise({
    try: async () => factory({ now: () => Date.now() }),
    catch: (cause) => new UsageFault({ message: `${meant} threw when it was called: ${messageOf(cause)}` }),
  })
  const provider = Object(made) as Readonly<Record<string, unknown>>
  const missing = providerMethods.filter((name) => typeof provider[name] !== "function")
  if (missing.length > 0) {
    return yield* refuse(`what ${meant} makes is not a provider: it has no ${missing.join(", no ")}`)
  }
  return factory
})
