/**
 * What a provider may say that it does not do: a limit that is stated is told beside the verdict, and is no fault.
 *
 * It is stated by a member `limits` of the provider, or as an option of the check. What is not stated is held against it.
 */
import { aboutEndedGrants } from "../judging/Judge.ts"
import { CannotCheck } from "../judging/Obstacles.ts"

/** Access tokens that nobody keeps, such as JWTs: whatever happens to their grant, they live until they expire. */
const STATELESS = "stateless-access-tokens"

/** The limits that a provider may state of itself, and is then judged by. */
export const limits = [STATELESS] as const

/** The name of a limit that a provider states of itself. */
export type Limit = (typeof limits)[number]

const isLimit = (word: unknown): word is Limit => limits.some((one) => one === word)

/** The limits that are stated; what is no limit is said. */
export const limitsIn = (stated: unknown): ReadonlyArray<Limit> =>
  [stated ?? []].flat().map((word: unknown) => {
    if (isLimit(word)) return word
    throw new CannotCheck(
      `\`${String(word)}\` is no limit that a provider can state: there is \`${limits.join("`, `")}\``,
    )
  })

/** Why a promise is kept only within a limit. */
export const statedLimit = (name: string, stated: ReadonlyArray<Limit>): string | undefined =>
  stated.includes(STATELESS) && aboutEndedGrants.has(name)
    ? "stated limit: access tokens live until they expire"
    : undefined

export const isStateless = (stated: ReadonlyArray<Limit>): boolean => stated.includes(STATELESS)
