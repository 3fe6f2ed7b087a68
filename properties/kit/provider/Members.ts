/**
 * Reading the members of what a provider gave: a record, or nonsense; one text, or several.
 *
 * What is no record is an answer that its method does not give, and ends the call there. It never says whether what a
 * member tells is right.
 */
import { Nonsense } from "./Calls.ts"

export const members = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) throw new Nonsense(`${String(value)} is no record`)
  return value as Readonly<Record<string, unknown>>
}

/** One or several, as texts: SDKs write a resource as a `URL`. */
export const textsIn = (value: unknown): ReadonlyArray<string> =>
  [value ?? []]
    .flat()
    .map((one: unknown) => (one instanceof URL ? one.href : one))
    .filter((one): one is string => typeof one === "string")
