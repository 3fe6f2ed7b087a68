/** grantlog beside the routes of a Hono app, by the fetch handler. */
import type { RequestListener } from "node:http"
import { getRequestListener, type HttpBindings } from "@hono/node-server"
import { Hono } from "hono"
import { createHandler, type EmbeddedServer } from "../../src/entry/grantlog.ts"

export const mount = (server: EmbeddedServer): RequestListener => {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const handle = createHandler(server, {
    sourceOf: (_, { incoming }: HttpBindings) => incoming.socket.remoteAddress ?? "",
  })
  app.get("/hello", (context) => context.text("hello"))
  app.all("*", (context) => handle(context.req.raw, context.env))
  // Else the adapter puts `Request` and `Response` of its own in the place of the global ones, for the whole program.
  return getRequestListener(app.fetch, { overrideGlobalObjects: false })
}
