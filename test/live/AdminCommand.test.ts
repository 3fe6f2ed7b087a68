/** `serve --admin-port`, asked as the operator's page says. What it answers is tried in `test/cli/admin`. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { BUNDLE_VARIABLE } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"

it("the guide's calls work as they are written there, and the credential opens nothing of the server's own address", async () => {
  using copies = temporaryFolder()
  const file = copies.at("grantlog.db")
  await grantlogHere([
    "client",
    "add",
    "--name",
    "app",
    "--redirect-uri",
    "https://app.example/cb",
    "--store",
    `sqlite:${file}`,
    "--issuer",
    "http://localhost:4000",
  ])
  await using server = await serve(file, "--issuer", "http://localhost:4000", "--admin-port", "0")
  const guide = readFileSync(new URL("../../src/cli/README.md", import.meta.url), "utf8")
  const [, block = ""] = /## From another machine\n[^]*?```sh\n([^]*?)```/.exec(guide) ?? []
  const [serving, ...calls] = block.trim().split("\n")
  expect(serving).toBe("grantlog serve --admin-port 4001")
  const { port } = new URL(server.adminUrl)
  const command = `'${process.execPath}' '${process.env[BUNDLE_VARIABLE]}'`
  const script = calls
    .join("\n")
    .replaceAll("4001", port)
    .replaceAll(/^grantlog /gm, `${command} `)
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: copies.at() })
  expect(stdout).toMatch(/^\{"clients":\[.*\}\{"openapi":"3\.1\.0",.*\}client_id +name +status/)

  const headers = { authorization: `Bearer ${readFileSync(`${file}.admin-credential`, "utf8").trim()}` }
  expect((await fetch(`${server.url}/admin/clients`, { headers })).status).toBe(404)
  expect((await fetch(`${server.url}/openapi.json`, { headers })).status).toBe(404)
  expect(server.complaints()).toBe("")
})
