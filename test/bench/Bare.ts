/**
 * The least a server could do: authenticate the client, make one digest, run one SELECT, answer with JSON.
 *
 * No checks, no log, nothing written. Tokens are asked of it with the same request as of a real one.
 */
import { hash, timingSafeEqual } from "node:crypto"
import type { RequestListener } from "node:http"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Target } from "./Target.ts"

const digest = (text: string): string => hash("sha256", text, "base64url")

const TOKEN = "t".repeat(75)
const credentials = { clientId: "rs", secret: "a-secret-for-the-benchmark" }

export const bareListener = (folder: string): RequestListener => {
  const database = new DatabaseSync(join(folder, "bare.db"))
  database.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE tokens (digest TEXT PRIMARY KEY, client TEXT, expires INTEGER)",
  )
  database.prepare("INSERT INTO tokens VALUES (?, ?, ?)").run(digest(TOKEN), credentials.clientId, 4e12)
  const select = database.prepare("SELECT client, expires FROM tokens WHERE digest = ?")
  const secretDigest = Buffer.from(digest(credentials.secret))
  return (request, response) => {
    let body = ""
    request.on("data", (chunk: Buffer) => (body += chunk))
    request.on("end", () => {
      const given = Buffer.from((request.headers.authorization ?? "").slice("Basic ".length), "base64").toString()
      const [, secret = ""] = given.split(":")
      const isKnown = timingSafeEqual(Buffer.from(digest(secret)), secretDigest)
      const row = select.get(digest(new URLSearchParams(body).get("token") ?? TOKEN))
      response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json", "cache-control": "no-store" })
      response.end(JSON.stringify({ active: row !== undefined, client_id: row?.["client"], exp: row?.["expires"] }))
    })
  }
}

export const bareTarget = (url: string): Target => ({
  authorizationEndpoint: `${url}/authorize`,
  tokenEndpoint: `${url}/token`,
  clientId: "nobody",
  introspection: { endpoint: `${url}/introspect`, credentials, tokens: [TOKEN] },
  itself: credentials,
})
