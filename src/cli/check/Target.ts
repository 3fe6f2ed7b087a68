/**
 * What `grantlog check` is pointed at: a file whose export makes a provider, something in Python that does, or the URL of
 * an issuer.
 *
 * A target that can be none is said in a sentence. What is in the file is looked at elsewhere (`Load.ts`).
 */
import { existsSync, statSync } from "node:fs"
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import { UsageFault } from "../Failure.ts"
import { isPython, parsePython, type PythonModule } from "./Python.ts"

export type Target =
  | { readonly _tag: "Issuer"; readonly url: string }
  | { readonly _tag: "Provider"; readonly path: string; readonly exportName: string }
  | PythonModule

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
  if (isPython(text)) return parsePython(text)
  const path = resolve(text)
  if (!existsSync(path))
    return refuse(`there is no file \`${text}\`: give the path of a provider, or the URL of an issuer`)
  if (!statSync(path).isFile())
    return refuse(`\`${text}\` is not a file: give the path of a module that exports a provider`)
  return Effect.succeed({ _tag: "Provider", path, exportName })
}
