/** `GET /.well-known/…`: the metadata document. */
import { Effect } from "effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { metadataOf } from "../Metadata.ts"
import { json } from "../Reply.ts"
import type { Endpoint } from "../Wire.ts"

export const metadata = (server: ProtocolServer): Endpoint => {
  const reply = json(200, metadataOf(server), { "cache-control": "public, max-age=300" })
  return () => Effect.succeed(reply)
}
