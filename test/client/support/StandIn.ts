/**
 * A stand-in for a function of a Node module, until the test is over: for what a file system or a clock does only once
 * in a long while, and a test wants now. Whoever imported the function gets the stand-in.
 */
import { syncBuiltinESMExports } from "node:module"
import { onTestFinished } from "vitest"

/** `module` is the default export of a Node module; `make` gets what stood there. */
export const standIn = <M extends object, N extends keyof M>(
  module: M,
  name: N,
  make: (honest: M[N]) => M[N],
): void => {
  const honest = module[name]
  const put = (value: M[N]) => {
    module[name] = value
    syncBuiltinESMExports()
  }
  onTestFinished(() => put(honest))
  put(make(honest))
}
