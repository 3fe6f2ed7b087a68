/** grantlog beside the routes of an Express app: behind them, and without a mount path, which Express would take away. */
import type { RequestListener } from "node:http"
import express from "express"
import { nodeListener } from "../../src/http/index.ts"
import type { EmbeddedServer } from "../../src/index.ts"

export const mount = (server: EmbeddedServer): RequestListener => {
  const app = express()
  app.get("/hello", (_, response) => response.end("hello"))
  app.use(nodeListener(server.effects))
  return app
}
