/**
 * The MCP conformance suite, headless: against this client every scored scenario of its authorization suite and those that
 * only the newest revision has; against this server the scenarios for authorization servers.
 */
import { readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { endOf, startProgram } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { serve } from "../live/support/ServeProcess.ts"
import { freePort } from "../support/FreePort.ts"

const CLIENT = fileURLToPath(new URL("mcpClient.ts", import.meta.url))
const PACKAGE = new URL("../../node_modules/@modelcontextprotocol/conformance/", import.meta.url)
const SUITE = fileURLToPath(new URL("dist/index.js", PACKAGE))

/** How long a client may take for a scenario, also on a machine that is busy with other things. */
const SCENARIO_MILLIS = 240_000
const TIMEOUT_MILLIS = 600_000

/** Runs the suite in a folder of its own; gives how it ended and what it said. */
const run = async (...args: ReadonlyArray<string>) => {
  using folder = temporaryFolder()
  const command = `${process.execPath} ${CLIENT}`
  const patience = ["--timeout", String(SCENARIO_MILLIS)]
  const child = startProgram([SUITE, "client", ...args, ...patience, "--command", command], {}, folder.at("."))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  return { code, output: stdout + stderr }
}

const checked = ["2025-11-25", "2026-07-28"] as const
const manifest = (revision: string) => readFileSync(new URL(`requirements/${revision}.yaml`, PACKAGE), "utf8")

/** The scored scenarios of a revision; those that are scored apart stand as `- scenario: …`. */
const scored = (revision: string): ReadonlyArray<string> => [
  ...new Set([...manifest(revision).matchAll(/^ {2}- (auth\/\S+)$/gm)].map(([, name]) => name!)),
]

it("the authorization suite passes, every scenario of it", { timeout: TIMEOUT_MILLIS }, async () => {
  const { code, output } = await run("--suite", "auth")
  expect(output).toMatch(/Total: \d{3} passed, 0 failed, 0 warnings/)
  for (const scenario of scored(checked[0])) expect(output).toContain(`✓ ${scenario}:`)
  expect(code).toBe(0)
})

it.each(scored(checked[1]).filter((name) => !scored(checked[0]).includes(name)))(
  "%s passes on the newest wire",
  { timeout: TIMEOUT_MILLIS },
  async (scenario) => {
    const { code, output } = await run("--scenario", scenario, "--spec-version", checked[1])
    expect(output).toMatch(/Passed: (\d+)\/\1, 0 failed, 0 warnings/)
    expect(code).toBe(0)
  },
)

it("the authorization server suite passes: metadata, and a code for an MCP server", async () => {
  using folder = temporaryFolder()
  await using server = await serve(folder.at("grantlog.db"))
  const port = await freePort()
  const registered = await fetch(`${server.issuer}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    }),
  })
  const { client_id: clientId } = (await registered.json()) as { readonly client_id: string }
  const about = ["--url", server.issuer, "--client-id", clientId, "--resource", "http://localhost:9999/mcp"]
  const child = startProgram([SUITE, "authorization", ...about, "--port", String(port)], {}, folder.at("."))
  child.stdin.end()
  let output = ""
  let isFollowed = false
  // The suite prints where somebody has to go, and waits: the server lets a loopback client in without asking.
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk
    // A line may come in pieces.
    const [, address] = /^(http\S+\/authorize\?\S+)\n/m.exec(output) ?? []
    if (address === undefined || isFollowed) return
    isFollowed = true
    void fetch(address).then((page) => page.text())
  })
  expect(await endOf(child)).toBe(0)
  expect(output).toContain("✓ authorization-server-metadata-endpoint: 1 passed, 0 failed")
  expect(output).toContain("✓ authorization-code-grant: 1 passed, 0 failed")
})
