/** grantlog beside the routes of a program that uses node:http alone. */
import type { RequestListener } from "node:http"
import { nodeListener, type EmbeddedServer } from "../../src/entry/grantlog.ts"

export const mount = (server: EmbeddedServer): RequestListener => {
  const authorization = nodeListener(server)
  return (request, response) => {
    if (request.url === "/hello") return response.end("hello")
    return authorization(request, response)
  }
}
