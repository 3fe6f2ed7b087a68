/**
 * `npm run app`: an app that somebody connects, to see login, consent and the account page with one's own eyes.
 *
 * It registers itself, prints the link to open, waits for the answer on this machine, and then asks every second whether
 * its token is still alive, until somebody takes it back. Another server is named by its issuer as the argument.
 */
import { createHash, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as pause } from "node:timers/promises"

const server = (process.argv[2] ?? "http://localhost:4000").replace(/\/$/, "")
const LOOK_EVERY_MILLIS = 1000

const call = async (path: string, init: RequestInit): Promise<Record<string, string | boolean>> => {
  const response = await fetch(server + path, { method: "POST", ...init }).catch(() => {
    console.error(`${server} does not answer: start it first (npm start)`)
    process.exit(1)
  })
  const body = (await response.json()) as Record<string, string | boolean>
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(body)}`)
  return body
}

const listener = createServer().listen(0, "127.0.0.1")
await once(listener, "listening")
const redirectUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`

const { client_id, client_secret } = await call("/register", {
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    client_name: "Example app",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token"],
  }),
})
const authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`
const ask = (path: string, form: Record<string, string>) =>
  call(path, { headers: { authorization }, body: new URLSearchParams(form) })

const verifier = randomBytes(32).toString("base64url")
const state = randomBytes(16).toString("base64url")
const link = new URL(`${server}/authorize`)
link.search = new URLSearchParams({
  response_type: "code",
  client_id: String(client_id),
  redirect_uri: redirectUri,
  code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  code_challenge_method: "S256",
  state,
}).toString()
console.log(`Open this in a browser:\n\n  ${link.href}\n`)

const answer = await new Promise<URLSearchParams>((resolve) => {
  listener.on("request", ({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, redirectUri)
    const isAnswer = pathname === "/callback" && searchParams.get("state") === state
    response.writeHead(isAnswer ? 200 : 404, { "content-type": "text/plain" })
    response.end(isAnswer ? "Thank you. Go back to the terminal.\n" : "Nothing here.\n")
    if (isAnswer) resolve(searchParams)
  })
})
listener.close()
const code = answer.get("code")
if (code === null) throw new Error(`not connected: ${answer.get("error")}: ${answer.get("error_description")}`)

const proof = { code, redirect_uri: redirectUri, code_verifier: verifier }
const { access_token, scope } = await ask("/token", { grant_type: "authorization_code", ...proof })
console.log(`Connected, with the scope ${scope}. Disconnect it at ${server}/account`)
while ((await ask("/introspect", { token: String(access_token) }))["active"] === true) await pause(LOOK_EVERY_MILLIS)
console.log("The token is dead.")
