/**
 * A target in Python: what `python:…` names, which flags it has, and how it is checked, in a process of the interpreter's.
 *
 * Of a name only the form is looked at; whether it is there is for the interpreter to say.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { UsageFault } from "../Failure.ts"
import { tell } from "../Terminal.ts"
import type { Job } from "./Job.ts"
import { runCheck } from "./Run.ts"

export interface PythonModule {
  readonly _tag: "Python"
  readonly module: string
  readonly attribute: string
}

const SCHEME = /^python:/i

export const isPython = (text: string): boolean => SCHEME.test(text)

export const parsePython = (text: string): Effect.Effect<PythonModule, UsageFault> => {
  const named = text.replace(SCHEME, "")
  const at = named.lastIndexOf(":")
  const [module, attribute] = [named.slice(0, at), named.slice(at + 1)]
  return at > 0 && /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(attribute) && !/\.py$/.test(attribute)
    ? Effect.succeed({ _tag: "Python", module, attribute })
    : Effect.fail(
        new UsageFault({
          message: `\`${text}\` does not say what makes the provider: as in python:my_package.auth:make_provider or python:./my_auth.py:make_provider`,
        }),
      )
}

export const pythonFlags = {
  python: Flag.String("python").pipe(
    Flag.withDescription(
      "python: the interpreter; by default that of the active environment, of the nearest .venv, or python3",
    ),
    Flag.optional,
  ),
}

/** What is wrong with the flags, as far as they are about Python. */
export const misuseOfPython = (
  isTarget: boolean,
  flags: {
    readonly python: Option.Option<string>
    readonly writeTest: Option.Option<string>
    readonly export: string
  },
): string | undefined => {
  if (!isTarget) return Option.isSome(flags.python) ? "--python: only for a provider in Python" : undefined
  if (flags.export !== "default") return "--export: what makes a provider in Python is named behind the module"
  return Option.exists(flags.writeTest, (file) => !file.endsWith(".py"))
    ? "--write-test: the test of a provider in Python is for pytest: name a file that ends in .py"
    : undefined
}

export const runPython = Effect.fnUntraced(function* (
  target: PythonModule,
  python: Option.Option<string>,
  options: Job["options"],
): Effect.fn.Return<KitReport, UsageFault> {
  // The kit is large and only this command wants it, so that it is loaded where it is wanted.
  const { checkPythonProvider } = yield* Effect.promise(
    () => import("../../../properties/kit/python/checkPythonProvider.ts"),
  )
  const chosen = { ...target, onPrinted: tell, ...(Option.isSome(python) ? { python: python.value } : {}) }
  return yield* runCheck(
    ({ onProgress, signal }) =>
      checkPythonProvider({ ...chosen, signal }, { seedCount: Infinity, ...options, onProgress }),
    { isAsking: false },
  )
})
