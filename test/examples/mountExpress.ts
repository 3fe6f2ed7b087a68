/**
 * grantlog in an Express app: below the path that the issuer has, and below `/.well-known` at the root of the host, where
 * clients look for the metadata of an issuer with a path. Parsers may stand in front; what is not grantlog's goes on.
 */
import type { RequestListener } from "node:http"
import express from "express"
import { nodeListener } from "../../src/http/index.ts"
import type { EmbeddedServer } from "../../src/index.ts"

export const mount = (server: EmbeddedServer): RequestListener => {
  const app = express()
  app.use(express.json(), express.urlencoded())
  app.use([new URL(server.settings.issuer).pathname, "/.well-known"], nodeListener(server))
  app.get("/hello", (_, response) => response.end("hello"))
  return app
}
