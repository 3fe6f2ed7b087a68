/** `GET /.well-known/…`: the metadata document. */
import * as Effect from "effect/Effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { metadataOf } from "../Metadata.ts"
import { json, jsonHeaders } from "../Reply.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const metadata = (server: ProtocolServer): Endpoint => {
  const headers = { ...jsonHeaders, "cache-control": "public, max-age=300" }
  const reply = Effect.succeed(json(200, metadataOf(server), headers))
  return () => reply
}
