/** The configuration file, and what a server and the commands beside it go by; the rest is tried in `test/cli`. */
import { writeFileSync } from "node:fs"
import { expect, it } from "vitest"
import { blocksOf, pageAt } from "../support/Pages.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serveAs } from "./support/ServeProcess.ts"

it("says what `serve` and the commands beside it go by: numbers, switches, texts, lists and mappings", async () => {
  using folder = temporaryFolder()
  const store = `sqlite:${folder.at("grantlog.db")}`
  const block = blocksOf(pageAt("src/cli/README.md"), "yaml").find((one) => one.includes("scope-descriptions:"))
  const example = block?.replace("https://id.example.com", "http://localhost:4321")
  const more = [`store: ${store}`, "registration:", "  off # nobody registers", "private-key-jwt: true"]
  const path = folder.at("grantlog.yaml")
  writeFileSync(path, [example, ...more].join("\n"))
  await using server = await serveAs("--config", path, "--port", "0")
  const metadata = (await (await fetch(`${server.url}/.well-known/oauth-authorization-server`)).json()) as object
  expect(metadata).toMatchObject({
    issuer: "http://localhost:4321",
    scopes_supported: ["read", "write"],
    pushed_authorization_request_endpoint: "http://localhost:4321/par",
    token_endpoint_auth_methods_supported: expect.arrayContaining(["private_key_jwt"]),
  })
  expect(metadata).not.toHaveProperty("registration_endpoint")
  const added = await grantlogJsonHere<{ client_id: string }>([
    ...["client", "add", "--name", "Example app", "--redirect-uri", "http://127.0.0.1:1/cb"],
    ...["--config", path],
  ])
  const listed = await grantlogHere(["client", "list"], { env: { GRANTLOG_CONFIG: path } })
  expect(listed.stdout).toContain(added.client_id)
})
