/** A way to a PostgreSQL that can be cut: what stands between an instance and its database, or a standby and its primary. */
import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import { postgres } from "./Schemas.ts"

export interface Proxy {
  readonly url: string
  readonly port: number
  /** Ends every connection that there is; others can be made. */
  readonly cut: () => void
  /** Whether what the database says gets through. */
  setDeaf: (isDeaf: boolean) => void
}

/** To the one of the run by default. */
export const openProxy = async (to = postgres!): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  const target = new URL(to)
  let isDeaf = false
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket.on("error", () => {}))
      socket.once("close", () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on("data", (chunk) => far.write(chunk))
    far.on("data", (chunk) => isDeaf || near.write(chunk))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const cut = () => sockets.forEach((socket) => socket.destroy())
  onTestFinished(() => {
    server.close()
    cut()
  })
  const { port } = server.address() as AddressInfo
  const url = new URL(to)
  url.port = String(port)
  return { url: url.href, port, cut, setDeaf: (deaf) => void (isDeaf = deaf) }
}
