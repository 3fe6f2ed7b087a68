/** `grantlog login`, `token` and `logout` against a FastMCP server: somebody else's metadata, registration and tokens. */
import { expect, onTestFinished, test } from "vitest"
import { grantlog } from "../live/support/Command.ts"
import { logInByCommand } from "../live/support/CommandLogin.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { startFastmcp } from "./Peer.ts"
import { callWhoami, WHOAMI } from "./Whoami.ts"

test("FastMCP: a script calls a tool with the token of a login, and gets none after the logout", async () => {
  const peer = await startFastmcp()
  onTestFinished(peer.stop)
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const mcpUrl = `${peer.issuer}/mcp`
  const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
  const token = () => grantlog(["token", mcpUrl], { env })
  const call = (bearer: string) =>
    callWhoami(mcpUrl, { requestInit: { headers: { authorization: `Bearer ${bearer}` } } })
  await expect(call("made up")).rejects.toThrow("invalid_token")
  const none = await token()
  expect(none).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`grantlog login ${mcpUrl}`) })

  const { stdout, code, page } = await logInByCommand([mcpUrl], env)
  expect([code, stdout]).toEqual([0, `logged in at ${peer.issuer}/, with the scope read write\n`])
  expect(page).toContain("Logged in")

  const first = await token()
  expect(first).toMatchObject({ code: 0, stderr: "" })
  expect(await call(first.stdout.trim())).toEqual(WHOAMI)
  expect(await token()).toEqual(first)

  // Its revocation endpoint wants the secret in the body, whatever the client was registered for: it did not hear.
  const ended = await grantlog(["logout", mcpUrl], { env })
  expect(ended).toEqual({ code: 0, stdout: "logged out here; the server was not told\n", stderr: "" })
  expect(await token()).toEqual(none)
})
