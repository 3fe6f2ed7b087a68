/**
 * What a resource demands of the login behind a token (RFC 9470), checked once, and whether a token is good for it.
 *
 * What a token does not say counts for nothing: a client that acts for itself, and a server that tells nothing of logins,
 * get nothing that takes one. A strength is one of those that are named or it is not; none stands for another.
 */
import { machineTime } from "../outbound/Time.ts"
import type { VerifiedAccess } from "../protocol/index.ts"
import { expecting, listOf, objectWith, textLike, wholeBetween, type Rule } from "../protocol/Shape.ts"
import { optionsLike } from "./Options.ts"

/** How whoever is behind a token has to have signed in; at least one of the two. */
export interface StepUpDemand {
  /** Strengths any of which will do, the preferred one first, as the authorization server names them; any by default. */
  readonly acrValues?: ReadonlyArray<string>
  /** How many seconds ago they signed in at most; however long by default. */
  readonly maxAgeSeconds?: number
}

const shape = objectWith({
  required: {},
  optional: {
    acrValues: (value, at) =>
      listOf(textLike("1 to 255 visible characters without spaces", /^[!-~]{1,255}$/))(value, at) ??
      expecting("1 to 16 names", (list) => (list as []).length > 0 && (list as []).length <= 16)(value, at),
    maxAgeSeconds: wholeBetween(1, 999_999_999),
  } satisfies Partial<Record<keyof StepUpDemand, Rule>>,
  isOpen: false,
})

const demandsSomething: Rule = expecting("`acrValues`, `maxAgeSeconds` or both", (value) =>
  Object.values(value as object).some((one) => one !== undefined),
)

/** Checks `input`; throws a `ResourceFault`. */
export const checkedStepUp = (owner: string, input: StepUpDemand): StepUpDemand =>
  optionsLike(owner, (value, at) => shape(value, at) ?? demandsSomething(value, at), input)

/** Whether whoever is behind the token signed in as it is demanded, `now` in milliseconds since the epoch; default the machine's. */
export const isLoginEnough = (
  { acr, authTime }: VerifiedAccess,
  { acrValues, maxAgeSeconds }: StepUpDemand,
  now = machineTime(),
): boolean =>
  (acrValues === undefined || (acr !== undefined && acrValues.includes(acr))) &&
  (maxAgeSeconds === undefined || (authTime !== undefined && now <= (authTime + maxAgeSeconds) * 1000))
