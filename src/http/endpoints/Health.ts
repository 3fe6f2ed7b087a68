/** `GET /healthz`: whether the store can be read. */
import * as Effect from "effect/Effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { OperatorNotice } from "../Caller.ts"
import { json } from "../Reply.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const health =
  (server: ProtocolServer): Endpoint =>
  () =>
    server.findClient("healthz").pipe(
      Effect.as(json(200, { status: "ok" })),
      Effect.catch((failure) =>
        Effect.map(OperatorNotice, (tell) => {
          tell(failure.message, "cause" in failure ? failure.cause : undefined)
          return json(503, { status: "the store cannot be read" })
        }),
      ),
    )
