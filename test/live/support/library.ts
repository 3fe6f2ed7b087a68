/**
 * A program of somebody else that mounts grantlog as a library, over a file that another process serves.
 *
 *     node test/live/support/library.ts FILE ISSUER
 *
 * Prints the line that `grantlog serve --json` prints, with a port of its own.
 */
import type { AddressInfo } from "node:net"
import {
  authorizationServer,
  dpop,
  httpServer,
  nodeListener,
  readKeyFile,
  sqliteStore,
  standardFeatures,
} from "../../../src/entry/grantlog.ts"

const [file = "", issuer = ""] = process.argv.slice(2)

const server = await authorizationServer({
  store: sqliteStore(file),
  keys: readKeyFile(`${file}.keys.json`),
  // However long a test takes, a lost reply can be asked for again.
  config: { issuer, autoApprove: "alice", retryWindow: { public: 600, confidential: 600 } },
  features: [...standardFeatures, dpop()],
})
const listening = httpServer(nodeListener(server)).listen(0, "localhost", () => {
  const { port } = listening.address() as AddressInfo
  console.log(JSON.stringify({ issuer, port, pid: process.pid }))
})

process.once("SIGTERM", () => {
  listening.close(() => void server.close())
  listening.closeAllConnections()
})
