/**
 * `npm run demo`: one login's life, told in a terminal against a real server that this starts.
 *
 * Tokens, a refresh, a reply that got lost, and a thief with an old token; then the history of the grant as the log
 * has it, why the stolen token is dead, and a proof that needs no server. Everything lies in a temporary folder.
 */
import { styleText } from "node:util"
import { grantlog } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { serve } from "../live/support/ServeProcess.ts"
import {
  REDIRECT_URI,
  authorize,
  grantOf,
  introspect,
  redeem,
  refresh,
  register,
  type Reply,
  type Tokens,
} from "../live/support/Wire.ts"

type Style = Parameters<typeof styleText>[0]

/** Coloured only where colours are seen and wanted. */
const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

let sceneCount = 0
const scene = (title: string): void => console.log(`\n${styled("bold", `${++sceneCount}. ${title}`)}`)
const tell = (text: string): void => console.log(`   ${text}`)
const show = (name: string, value: string): void => tell(`${styled("dim", name.padEnd(16))}${value}`)

/** Enough of a token to know it again. */
const short = (token: string): string => `${token.slice(0, 8)}…${token.slice(-6)}`

const outcome = ({ status, body }: Reply<Tokens>): string =>
  status === 200
    ? styled("green", "200 OK")
    : `${styled("red", `${status} ${body.error}`)}: ${(body as Tokens & { error_description?: string }).error_description}`

const showTokens = (tokens: Tokens): void => {
  show("access token", short(tokens.access_token))
  show("refresh token", short(tokens.refresh_token))
}

/** The story must go as it is told. */
function must(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`the demo did not go as told: ${what}`)
}

// Who stops reading or listening half-way ends the story, and it still cleans up.
process.stdout.on("error", () => process.exit(0))
process.once("SIGINT", () => process.exit(130))

using folder = temporaryFolder()
const file = folder.at("grantlog.db")

console.log(styled("bold", "grantlog: one login, from its approval to the thief who is caught"))
await using server = await serve(file)
const { url } = server
console.log()
show("server", `${url} (a process of its own, SQLite in a temporary folder)`)

scene("An application registers itself")
const client = await register(url, {
  client_name: "A demo",
  token_endpoint_auth_method: "client_secret_basic",
})
show("client id", client.client_id)

scene("Alice approves: a code comes back to the application")
const authorized = await authorize(url, client, { scope: "read write" })
tell("(--auto-approve alice stands in for login and consent)")
show("redirected to", REDIRECT_URI)
show("code", short(authorized.code))
must(authorized.location.searchParams.get("iss") === server.issuer, "the answer names another issuer")

scene("The code, with its PKCE verifier, becomes tokens")
const first = (await redeem(url, client, authorized)).body
showTokens(first)
show("scope", first.scope ?? "")

scene("The application refreshes, and the reply gets lost on the way")
const lost = await refresh(url, client, first.refresh_token)
must(lost.status === 200, "a refresh was refused")
tell(`It sent ${short(first.refresh_token)}. The server has spent it and issued the successor; nobody heard.`)

scene("It asks again with the same refresh token: the same successor, byte for byte")
const second = await refresh(url, client, first.refresh_token)
show("answer", outcome(second))
showTokens(second.body)
must(second.body.refresh_token === lost.body.refresh_token, "the successor is another one")
must(second.body.access_token === lost.body.access_token, "the access token is another one")
tell(styled("green", "No session was lost, and there is still only one refresh token."))

scene("Life goes on: the successor is used")
const third = await refresh(url, client, second.body.refresh_token)
show("answer", outcome(third))
showTokens(third.body)

scene("A thief turns up with the first refresh token")
const stolen = await refresh(url, client, first.refresh_token)
show("presents", short(first.refresh_token))
show("answer", outcome(stolen))
must(stolen.body.error === "invalid_grant", "the thief was not refused")

scene("Two hold what one was given, so the grant is dead, for the thief and for everybody")
const after = await refresh(url, client, third.body.refresh_token)
show("newest refresh", outcome(after))
must(after.body.error === "invalid_grant", "the newest refresh token lives")
const { active } = (await introspect(url, client, third.body.access_token)).body
show("newest access", `introspected: ${styled(active ? "green" : "red", `active ${active}`)}`)
must(!active, "the newest access token lives")

scene("What happened, from the log")
const grantId = grantOf(first.refresh_token)
tell(styled("dim", `$ grantlog grant show ${grantId}\n`))
const { code, stdout, stderr } = await grantlog(["grant", "show", grantId, "--store", `sqlite:${file}`])
must(code === 0, stderr)
console.log(stdout.trimEnd().replaceAll(/^/gm, "   "))
console.log("\n   The log holds digests only: no token in it, and none that could be made from it.")

/** Runs a command and shows what it said. */
const shown = async (args: ReadonlyArray<string>, told: string, input = "") => {
  tell(styled("dim", `$ grantlog ${told}\n`))
  const ran = await grantlog([...args], { input })
  must(ran.code === 0, ran.stderr)
  console.log(ran.stdout.trimEnd().replaceAll(/^/gm, "   "))
  return ran.stdout
}

const store = ["--store", `sqlite:${file}`]
scene("At three in the morning somebody asks about the token that was found")
await shown(["explain", ...store], "explain < found-token", first.refresh_token)

scene("And wants it proven, to somebody who does not believe this server")
const proofFile = folder.at("ended.tlog-proof")
const ended = /GrantRevoked {2}#(\d+)/.exec(stdout)?.[1]
must(ended !== undefined, "the end of the grant is not in its history")
const proven = await shown(["prove", ended, "--out", proofFile, ...store], `prove ${ended} --out ended.tlog-proof`)
const key = /--key '([^']+)'/.exec(proven)?.[1]
must(key !== undefined, "no verifier key was printed")
await server.stop()
tell("(the server is stopped; what follows needs the file and the key, and nothing else)")
await shown(["verify-proof", proofFile, "--key", key], `verify-proof ended.tlog-proof --key '${key}'`)
