/** An endpoint that a feature brings, for everybody: it only reads, and says itself for how long it may be kept. */
import * as Effect from "effect/Effect"
import type { FeatureContext, PublicEndpoint } from "../../provider/features/Feature.ts"
import { settled } from "../../provider/features/Settled.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"
import { failureReply } from "../Caller.ts"

export const publicEndpoint =
  (feature: PublicEndpoint, context: FeatureContext): Endpoint =>
  (request) =>
    Effect.catch(
      Effect.suspend(() => settled(feature.answer(request, context))),
      failureReply,
    )
