/** `GET /healthz`: whether the store can be read. */
import { Effect } from "effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { json, noStore } from "../Reply.ts"
import type { Endpoint } from "../Wire.ts"

export const health =
  (server: ProtocolServer): Endpoint =>
  () =>
    server.findClient("healthz").pipe(
      Effect.as(json(200, { status: "ok" }, noStore)),
      Effect.catch(() => Effect.succeed(json(503, { status: "the store cannot be read" }, noStore))),
    )
