/**
 * What a module exports for a check: the factory of a provider, and what it says beside it: how to log in, how to start
 * anew, what is stored.
 *
 * What cannot be used is said in a sentence: a module that does not load, an export that is no function, a factory that
 * makes no provider. It runs in the process that the provider is checked in, and knows nothing of the command.
 */
import { call, messageOf, newPatience } from "../../../properties/kit/provider/Calls.ts"
import type { ProviderOptions } from "../../../properties/kit/provider/checkProvider.ts"
import { limits } from "../../../properties/kit/provider/Limits.ts"
import { factoryOf, missingOf, type AnyFactory, type Checkable } from "../../../properties/kit/provider/Factory.ts"
import { asCall } from "../../../properties/kit/provider/Watch.ts"
import { CannotCheck } from "../../../properties/kit/judging/Obstacles.ts"
import type { Companion } from "./Job.ts"
import { loadModule, type Exports } from "./Loader.ts"

/** What may stand beside the factory, and what it is. */
const companions = {
  approve: { kind: "function", meaning: "(url) => the redirect that the login at that URL leads to" },
  restart: { kind: "function", meaning: "(provider) => another provider over what that one has stored" },
  store: { kind: "function", meaning: "(provider) => all that it has stored" },
  limits: { kind: "list", meaning: `a list of ${limits.map((limit) => `"${limit}"`).join(" and ")}` },
} as const satisfies Readonly<Record<Companion, { readonly kind: "function" | "list"; readonly meaning: string }>>

export interface LoadedProvider {
  readonly factory: AnyFactory
  readonly companions: Pick<ProviderOptions, Companion>
  readonly needsLoader: boolean
}

const factoryIn = (exports: Exports, path: string, exportName: string): AnyFactory => {
  const exported = exports[exportName]
  if (exported === undefined) {
    const names = Object.keys(exports).join(", ")
    const there = names === "" ? "it exports nothing" : `it exports ${names}: name one with --export`
    const wanted = exportName === "default" ? "has no default export" : `has no export \`${exportName}\``
    throw new CannotCheck(`\`${path}\` ${wanted}; ${there}`)
  }
  if (typeof exported === "function" || (typeof exported === "object" && exported !== null)) {
    return factoryOf(exported as Checkable)
  }
  const meant = `the export \`${exportName}\` of \`${path}\``
  throw new CannotCheck(`${meant} is no provider: export ({ now }) => a provider, so that each try starts afresh`)
}

const companionsIn = (exports: Exports, path: string): Pick<ProviderOptions, Companion> => {
  const there = Object.entries(companions).filter(([name]) => exports[name] !== undefined)
  for (const [name, { kind, meaning }] of there) {
    if (kind === "list" ? Array.isArray(exports[name]) : typeof exports[name] === "function") continue
    throw new CannotCheck(`the export \`${name}\` of \`${path}\` is not a ${kind}: export ${meaning}`)
  }
  return Object.fromEntries(there.map(([name]) => [name, exports[name]])) as Pick<ProviderOptions, Companion>
}

/** Makes one, to see that it is one. */
const tryFactory = async (factory: AnyFactory, meant: string): Promise<void> => {
  const making = call("the factory", async () => factory({ now: () => Date.now() }), newPatience().millis)
  const made = await making.catch((thrown: unknown) => {
    const told = messageOf(thrown)
    throw new CannotCheck(
      told.startsWith("no answer") ? `${meant} gave ${told}` : `${meant} threw when it was called: ${told}`,
    )
  })
  const missing = missingOf(made)
  if (missing.length > 0) {
    throw new CannotCheck(`what ${meant} makes is not a provider: it has no ${missing.join(", no ")}`)
  }
}

/** Rejects with `CannotCheck`. */
export const loadProvider = async (path: string, exportName: string): Promise<LoadedProvider> => {
  const { exports, needsLoader } = await asCall("loading the module", () => loadModule(path)).catch(
    (cause: unknown) => {
      throw new CannotCheck(`\`${path}\` cannot be loaded: ${messageOf(cause)}`)
    },
  )
  const factory = factoryIn(exports, path, exportName)
  const beside = companionsIn(exports, path)
  await tryFactory(factory, `the export \`${exportName}\` of \`${path}\``)
  return { factory, companions: beside, needsLoader }
}
