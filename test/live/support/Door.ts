/** A proxy in front of several servers, which passes each request on to the next of them. */
import { once } from "node:events"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import type { RunningServer } from "./ServeProcess.ts"

export interface Door {
  readonly url: string
  readonly close: () => void
}

/** It is there before they are, for its address is their issuer. */
export const openDoor = async (servers: () => ReadonlyArray<RunningServer>): Promise<Door> => {
  let turn = 0
  const server = createServer((incoming, reply) => {
    const { url } = servers()[turn++ % servers().length]!
    const { method = "GET", headers } = incoming
    // A connection each: one that was kept may be closed by the server while the next request is on its way.
    const passed = request(new URL(incoming.url!, url), { method, headers, agent: false })
    passed.on("response", (answer) => answer.pipe(reply.writeHead(answer.statusCode!, answer.headers)))
    passed.on("error", () => reply.destroy())
    incoming.pipe(passed)
  }).listen(0, "localhost")
  await once(server, "listening")
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => void server.close() }
}
