/** An endpoint that a feature brings, for clients that authenticate: its answer is JSON that nobody keeps. */
import * as Effect from "effect/Effect"
import type { ClientEndpoint } from "../../provider/features/Feature.ts"
import { optional } from "../../provider/features/Form.ts"
import { settled } from "../../provider/features/Settled.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"
import { asCaller, type Callers } from "../Caller.ts"
import { json } from "../Reply.ts"

export const clientEndpoint =
  (feature: ClientEndpoint, callers: Callers): Endpoint =>
  (request) =>
    asCaller(
      callers,
      request,
      ({ credentials, jkt }, form) => {
        const caller = { ...credentials, ...optional("jkt", jkt) }
        const answered = settled(feature.answer(request, form, caller, callers.context))
        return Effect.map(answered, (body) => json(feature.status ?? 200, body))
      },
      { keyPurpose: feature.keyPurpose },
    )
