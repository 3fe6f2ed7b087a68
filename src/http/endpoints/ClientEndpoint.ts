/** An endpoint that a feature brings, for clients that authenticate: its answer is JSON that nobody keeps. */
import * as Effect from "effect/Effect"
import type { ClientEndpoint } from "../../provider/features/Feature.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"
import { asCaller, settled, type Callers } from "../Caller.ts"
import { json } from "../Reply.ts"

export const clientEndpoint =
  (feature: ClientEndpoint, callers: Callers): Endpoint =>
  (request) =>
    asCaller(callers, request, ({ credentials }, form) =>
      Effect.map(settled(feature.answer(request, form, credentials, callers.context)), (body) => json(200, body)),
    )
