/**
 * Step-up authentication (RFC 9470): clients may demand how strong a login is, and are told where none was.
 *
 * A login says of itself how strong it was, and what it says stands in the grant, in introspection and in JWT access tokens.
 * The names mean nothing to the server: a login is of a strength that was demanded or it is not, and none stands for another.
 */
import { ConfigFault } from "../../ConfigFault.ts"
import { isAcr } from "../../Decoding.ts"
import type { LoginStrengths } from "../Feature.ts"

/** The strengths that a login can be of. */
export interface StepUpOptions {
  /** Their names, as logins give them in `acr`: 1 to 64 of them, each at most 255 visible characters without spaces. */
  readonly acrValues: ReadonlyArray<string>
}

const MAX_VALUES = 64

/**
 * The feature by which clients demand strengths of logins; throws a `ConfigFault` that says what to change.
 *
 * A request whose `acr_values` names none of them is refused with `unmet_authentication_requirements`, and so is one whose
 * person signed in once more and was still not of any that it names.
 *
 * @example
 * import { authorizationServer, sqliteStore, standardFeatures, stepUp } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: sqliteStore("grantlog.db"),
 *   config: { issuer: "https://id.example.com" },
 *   features: [...standardFeatures, stepUp({ acrValues: ["urn:example:password", "urn:example:two-factors"] })],
 * })
 */
export const stepUp = ({ acrValues }: StepUpOptions): LoginStrengths => {
  const refuse = (message: string): never => {
    throw new ConfigFault({ message: `stepUp: ${message}` })
  }
  if (!Array.isArray(acrValues) || acrValues.length === 0 || acrValues.length > MAX_VALUES) {
    refuse(`acrValues is not a list of 1 to ${MAX_VALUES} names`)
  }
  const unfit = acrValues.find((value) => !isAcr(value))
  if (unfit !== undefined) refuse(`\`${String(unfit)}\` is not 1 to 255 visible characters without spaces`)
  //= RFC9470-7-acr-values-supported
  return { kind: "login strengths", name: "step-up", acrValues: [...new Set(acrValues)] }
}
