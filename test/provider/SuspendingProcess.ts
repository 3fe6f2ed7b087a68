/** A process of its own that suspends a client and lets it go on, whenever it is told to: `node SuspendingProcess.ts <file> <issuer> <client>`. */
import { authorizationServer } from "../../src/embedded/index.ts"
import { openKeyFile, keyFileOf, liveRandomness, sqliteStore } from "../../src/provider/index.ts"

const [, , file, issuer, clientId] = process.argv
const keys = openKeyFile(keyFileOf(file!), liveRandomness)
const server = await authorizationServer({ store: sqliteStore(file!), keys, config: { issuer: issuer! } })

process.on("message", async (act) => {
  if (act === "disable") await server.disableClient(clientId!)
  else await server.enableClient(clientId!)
  process.send!("done")
})
process.on("disconnect", () => process.exit())
process.send!("ready")
