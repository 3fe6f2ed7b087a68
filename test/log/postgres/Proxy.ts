/** A way to the PostgreSQL of the run that can be cut: what stands between an instance and its database. */
import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import { postgres } from "./Schemas.ts"

export interface Proxy {
  readonly url: string
  /** Ends every connection that there is; others can be made. */
  readonly cut: () => void
  /** Whether what the database says gets through. */
  setDeaf: (isDeaf: boolean) => void
}

export const openProxy = async (): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  const { hostname, port } = new URL(postgres!)
  let isDeaf = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
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
  const url = new URL(postgres!)
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, cut, setDeaf: (deaf) => void (isDeaf = deaf) }
}
