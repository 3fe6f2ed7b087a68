/** What a feature answered, as soon as it is there: a refusal fails, and so does what cannot be known for now. */
import * as Effect from "effect/Effect"
import { OAuthError, Unavailable } from "../OAuthError.ts"
import type { FeatureAnswer } from "./Feature.ts"

/** What a feature said, without a refusal; what it throws that is no outage is a defect of it. */
export const awaited = <A>(answer: Promise<A>): Effect.Effect<A, Unavailable> =>
  Effect.catch(Effect.tryPromise({ try: () => answer, catch: (cause) => cause }), (cause) =>
    cause instanceof Unavailable ? Effect.fail(cause) : Effect.die(cause),
  )

export const settled = <A>(answer: FeatureAnswer<A>): Effect.Effect<A, OAuthError | Unavailable> => {
  if (answer instanceof Promise) return Effect.flatMap(awaited(answer), settled<A>)
  return answer instanceof OAuthError ? Effect.fail(answer) : Effect.succeed(answer)
}
