/**
 * How fast a grant or a client gets tokens: what is issued anew is counted, by its size.
 *
 * An answer that is given again is not, and a retry that asks for another subset is counted and never refused, so that no
 * limit turns a retry into a reuse.
 */
import * as Effect from "effect/Effect"
import type { Access, EpochMillis, Event, Reply } from "../core/index.ts"
import type { Settings } from "./Config.ts"
import { rateLimited, type RateLimited } from "./OAuthError.ts"
import { makePace } from "./Pace.ts"

/** How many times what a grant may get in a minute a client may get for itself. */
const OWN_TOKENS = 10

/** What a token is for stands in the log with each: one for so many characters of it counts as one. */
const CHARACTERS_OF_ONE = 1024

const weightOf = ({ scopes, resources, authorizationDetails = [] }: Access): number =>
  1 + Math.floor(JSON.stringify([scopes, resources, authorizationDetails]).length / CHARACTERS_OF_ONE)

/** Asked before tokens of a grant, or of a client without one, are issued; gives what takes it back. */
export type Admitted = (
  owner: "grant" | "client",
  id: string,
) => (reply: Reply, events: ReadonlyArray<Event>) => Effect.Effect<() => void, RateLimited>

export const tokenPace = ({ tokenRate }: Pick<Settings, "tokenRate">, now: () => EpochMillis): Admitted => {
  const paces = { grant: makePace(tokenRate), client: makePace(tokenRate === "off" ? "off" : tokenRate * OWN_TOKENS) }
  return (owner, id) => (reply, events) => {
    const issued = events.find(({ _tag }) => _tag === "AccessTokenIssued")
    if (reply._tag !== "TokensIssued" || issued === undefined) return Effect.succeed(() => {})
    const [pace, weight] = [paces[owner], weightOf(reply.accessToken)]
    const takeBack = () => pace.giveBack(id, weight)
    if (reply.isRetry) {
      pace.owe(id, now(), weight)
      return Effect.succeed(takeBack)
    }
    const wait = pace.take(id, now(), weight)
    const sentence = `this ${owner} got too many tokens in a short time; try again later`
    return wait === 0 ? Effect.succeed(takeBack) : Effect.fail(rateLimited(sentence, wait))
  }
}
