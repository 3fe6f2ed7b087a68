/** An issuer that ends in a slash, as URL types write it: every answer, command and example follows that spelling. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { ENCRYPTION_KEY_VARIABLE, newEncryptionKey } from "../../src/client/index.ts"
import { notes } from "../examples/protectedResource.ts"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { logInByCommand } from "./support/CommandLogin.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serveWithSlash } from "./support/ServeProcess.ts"
import { introspect, login, register, type Client } from "./support/Wire.ts"

const listening = async () => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  const { port } = http.address() as AddressInfo
  const close = () => {
    http.closeAllConnections()
    return new Promise((resolve) => http.close(resolve))
  }
  return { http, port, close }
}

test("the server, the commands, a resource server and a login follow an issuer that ends in a slash", async () => {
  using folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  await using server = await serveWithSlash(file)
  const { url: base, issuer } = server
  expect(issuer).toBe(`${base}/`)

  const metadata = await (await fetch(`${base}/.well-known/oauth-authorization-server`)).json()
  expect(metadata).toMatchObject({ issuer, token_endpoint: `${base}/token` })
  expect(JSON.stringify(metadata)).not.toContain(`${base}//`)

  const { http, port: resourcePort, close } = await listening()
  onTestFinished(() => void close())
  const resource = `http://localhost:${resourcePort}/notes`
  const added = ["client", "add", "--name", "notes", "--audience", resource, ...store, "--issuer", issuer]
  const { client_id: clientId, client_secret: clientSecret } = await grantlogJson<Client>(added)
  const made = notes(issuer, resource, { clientId, clientSecret: clientSecret! })
  http.on("request", made.app)
  const told = await fetch(`http://localhost:${resourcePort}/.well-known/oauth-protected-resource/notes`)
  expect(await told.json()).toMatchObject({ authorization_servers: [issuer] })

  const app = await register(base, { token_endpoint_auth_method: "client_secret_basic" })
  const { access_token: token } = await login(base, app, { scope: "read write" })
  const answer = await fetch(resource, { headers: { authorization: `Bearer ${token}` } })
  expect([answer.status, await answer.json()]).toEqual([200, { hello: expect.stringMatching(/^sub_/) }])
  expect((await introspect(base, app, token)).body).toMatchObject({ active: true, iss: issuer, aud: resource })

  const env = { GRANTLOG_CREDENTIALS: folder.at("logins"), [ENCRYPTION_KEY_VARIABLE]: await newEncryptionKey() }
  const { code, stdout } = await logInByCommand([resource], env)
  expect([code, stdout]).toEqual([0, `logged in at ${issuer}, with the scope read write\n`])

  const exported = await grantlog(["export", "--format", "cloudevents", ...store])
  expect(JSON.parse(exported.stdout.split("\n")[0]!)).toMatchObject({ source: issuer })
  const checked = await grantlog(["check", issuer, "--auto"])
  expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining(`${issuer}: `)])
  const other = await grantlog(["client", "list", ...store, "--issuer", base])
  expect([other.code, other.stderr]).toEqual([
    1,
    `grantlog: this log belongs to the issuer \`${issuer}\`, not \`${base}\`: use another store, or that issuer\n`,
  ])
})
