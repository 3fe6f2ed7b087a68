/**
 * One side of the benchmark, in a process of its own: grantlog over SQLite, or a bare server that does the least.
 *
 * Tells its address over IPC and answers how much CPU it has used. Ends with its parent.
 */
import { createServer, type RequestListener } from "node:http"
import { hash, timingSafeEqual } from "node:crypto"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { authorizationServer, ephemeralKeys, httpServer, nodeListener, sqliteStore } from "../../src/index.ts"

const [kind, folder = "."] = process.argv.slice(2)

/** What the load is sent with. */
export interface Target {
  readonly url: string
  readonly clientId: string
  readonly secret: string
  readonly token: string
  readonly redirectUri: string
}

const RESOURCE = "http://localhost:9999/mcp"
const REDIRECT_URI = "http://127.0.0.1/callback"

/** The same authentication, one digest, one SELECT, one JSON answer; no checks, no log. */
const bare = (): { readonly listener: RequestListener; readonly target: Omit<Target, "url"> } => {
  const database = new DatabaseSync(join(folder, "bare.db"))
  database.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE tokens (digest TEXT PRIMARY KEY, client TEXT, expires INTEGER)",
  )
  const token = "t".repeat(75)
  database.prepare("INSERT INTO tokens VALUES (?, ?, ?)").run(hash("sha256", token, "base64url"), "rs", 4e12)
  const select = database.prepare("SELECT client, expires FROM tokens WHERE digest = ?")
  const secretDigest = Buffer.from(hash("sha256", "secret", "base64url"))
  const listener: RequestListener = (request, response) => {
    let body = ""
    request.on("data", (chunk: Buffer) => (body += chunk))
    request.on("end", () => {
      const [, secret = ""] = Buffer.from((request.headers.authorization ?? "").slice(6), "base64")
        .toString()
        .split(":")
      const isKnown = timingSafeEqual(Buffer.from(hash("sha256", secret, "base64url")), secretDigest)
      const presented = new URLSearchParams(body).get("token") ?? ""
      const row = select.get(hash("sha256", presented, "base64url"))
      response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json", "cache-control": "no-store" })
      response.end(JSON.stringify({ active: row !== undefined, client_id: row?.["client"], exp: row?.["expires"] }))
    })
  }
  return { listener, target: { clientId: "rs", secret: "secret", token, redirectUri: REDIRECT_URI } }
}

const grantlog = async (): Promise<{ readonly listener: RequestListener; readonly target: Omit<Target, "url"> }> => {
  const server = await authorizationServer({
    store: sqliteStore(join(folder, "grantlog.db")),
    keys: ephemeralKeys(),
    config: { issuer: "http://localhost", autoApprove: "alice" },
  })
  const { client_id: clientId } = await server.addClient({
    metadata: {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    },
  })
  const itself = await server.addClient({
    metadata: { redirect_uris: [], grant_types: ["client_credentials"] },
  })
  const issued = await server.issueClientCredentials({
    credentials: { clientId: itself.client_id, clientSecret: itself.client_secret! },
    resource: [RESOURCE],
  })
  const introspector = await server.addClient({
    metadata: { redirect_uris: [], grant_types: [] },
    audience: RESOURCE,
    clientId: "rs",
    clientSecret: "a-secret-for-the-benchmark",
  })
  return {
    listener: nodeListener(server.effects),
    target: { clientId, secret: introspector.client_secret!, token: issued.access_token, redirectUri: REDIRECT_URI },
  }
}

const { listener, target } = kind === "bare" ? bare() : await grantlog()
const server = kind === "bare" ? createServer(listener) : httpServer(listener)
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ ...target, url: `http://127.0.0.1:${port}` } satisfies Target)
})
process.on("message", () => process.send?.(process.cpuUsage()))
process.on("disconnect", () => process.exit(0))
