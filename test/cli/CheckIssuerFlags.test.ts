/** The flags of `grantlog check` for servers that do not say everything themselves, run for real. */
import { writeFileSync } from "node:fs"
import { afterAll, expect, it } from "vitest"
import type { KitReport } from "../../properties/kit/Report.ts"
import { grantlog } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere } from "../live/support/InProcess.ts"
import { serve } from "../live/support/ServeProcess.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const script = (name: string, source: string): string => {
  const path = folder.at(name)
  writeFileSync(path, source)
  return `${process.execPath} ${path}`
}

const few = ["--only", "ReplayKillsGrant", "--only", "OAUTH21-2.3.1-exact-redirect-match"]

it("--login-command is run with the authorization URL, and its last line is where that led", async () => {
  await using server = await serve(folder.at("program.db"))
  const follows = `const { headers } = await fetch(process.argv[2], { redirect: "manual" })
console.log("signed in")
console.log(headers.get("location"))`
  const flags = ["--login-command", script("login.mjs", follows), "--json", ...few]
  const { stdout, code } = await grantlog(["check", server.url, ...flags])
  const { capabilities, results, call } = JSON.parse(stdout) as KitReport
  expect(capabilities["login"]).toBe("a program signs in")
  expect(results.map(({ verdict }) => verdict)).toEqual(["kept", "kept"])
  expect(call).toContain("--login-command")
  expect(code).toBe(0)
})

it.each([
  ["fails", `console.error("no password"); process.exit(3)`, "failed: no password"],
  ["prints no address", `console.log("done")`, "printed no URL at its end"],
])("--login-command that %s ends the check with a sentence", async (name, source, sentence) => {
  await using server = await serve(folder.at(`${name}.db`))
  const command = script(`${name.replaceAll(" ", "-")}.mjs`, source)
  const { stderr, code } = await grantlogHere(["check", server.url, "--login-command", command])
  expect(stderr).toContain(sentence)
  expect(code).toBe(2)
})

it("endpoints that are named are used, and said again where the check is told to be repeated", async () => {
  await using server = await serve(folder.at("named.db"))
  const endpoint = `${server.url}/token`
  const { stdout } = await grantlog(["check", server.url, "--auto", "--token-endpoint", endpoint, "--json", ...few])
  expect((JSON.parse(stdout) as KitReport).call).toEqual([server.url, "--token-endpoint", endpoint, "--auto"])
})

it.each<readonly [ReadonlyArray<string>, string]>([
  [["--auto", "--login-command", "x"], "--auto and --login-command: one of them signs in"],
  [["--other-client-id", "other"], "--other-client-id is a second client: name the first with --client-id"],
  [["--client-id", "app", "--other-client-secret", "s"], "--other-client-secret is a secret of --other-client-id"],
  [["--token-endpoint", "token"], "--token-endpoint: `token` is no URL"],
])("%j is a wrong call", async (flags, sentence) => {
  const { stderr, code } = await grantlogHere(["check", "http://localhost:9", ...flags])
  expect(stderr).toContain(sentence)
  expect(code).toBe(2)
})
