/** Checking a provider in Python: the bridge to it is opened for the check and closed after it. */
import type { KitReport } from "../Report.ts"
import { BUDGET_MILLIS, checkProvider, type ProviderOptions } from "../provider/checkProvider.ts"
import { openBridge, type PythonTarget } from "./Bridge.ts"
import { pythonProviders } from "./PythonProvider.ts"

/**
 * Tries every promise on the providers that a function or a class in Python makes.
 *
 * Rejects with `CannotCheck` when Python or the provider cannot be run, ends, or hangs.
 *
 * @example
 * import { checkPythonProvider, renderTable } from "grantlog/properties"
 *
 * const report = await checkPythonProvider({ module: "./my_auth.py", attribute: "make_provider" })
 * console.log(renderTable(report))
 */
export const checkPythonProvider = async (target: PythonTarget, options: ProviderOptions = {}): Promise<KitReport> => {
  const startedAt = performance.now()
  await using bridge = await openBridge(target)
  const budgetMillis = Math.max(0, (options.budgetMillis ?? BUDGET_MILLIS) - (performance.now() - startedAt))
  const report = await checkProvider(pythonProviders(bridge), { ...options, budgetMillis })
  const { clock = "" } = report.capabilities
  return {
    ...report,
    subject: `python:${target.module}:${target.attribute}`,
    // It is given no `now`, and has no `Date`.
    capabilities: { ...report.capabilities, clock: clock.replace(/ by `now` or by `Date`$/, " for all of Python") },
  }
}
