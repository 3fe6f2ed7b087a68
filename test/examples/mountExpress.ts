/**
 * grantlog in an Express app: parsers may stand in front, and what is not grantlog's goes on to the routes behind.
 *
 * Below a path, an issuer that has it needs two mounts, `app.use(["/auth", "/.well-known"], nodeListener(server))`: its
 * metadata is at the root of the host.
 */
import type { RequestListener } from "node:http"
import express from "express"
import { nodeListener, type EmbeddedServer } from "../../src/entry/grantlog.ts"

export const mount = (server: EmbeddedServer): RequestListener => {
  const app = express()
  app.use(express.json(), express.urlencoded())
  app.use(nodeListener(server))
  app.get("/hello", (_, response) => response.end("hello"))
  return app
}
