/** An operator invites a client, which registers itself by oauth4webapi and manages its registration afterwards. */
import * as oauth from "oauth4webapi"
import { expect, it } from "vitest"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"

const insecure = { [oauth.allowInsecureRequests]: true }
const metadata = { redirect_uris: ["http://127.0.0.1:8123/callback"], client_name: "invited" }

it("a client registers by invitation, once, and reads, replaces and deletes its registration", async () => {
  using folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  await using server = await serve(file, "--registration", "invited", "--registration-management")
  const issuer = new URL(server.issuer)
  const as = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
  )
  const invite = ["client", "invite", "--ttl", "600", "--store", `sqlite:${file}`]
  const { initial_access_token: initialAccessToken } = await grantlogJson<{ initial_access_token: string }>(invite)
  const register = () => oauth.dynamicClientRegistrationRequest(as, metadata, { initialAccessToken, ...insecure })
  const client = await oauth.processDynamicClientRegistrationResponse(await register())
  expect((await register()).status).toBe(401)

  const manage = (method: string, body?: object) =>
    fetch(String(client["registration_client_uri"]), {
      method,
      headers: { authorization: `Bearer ${String(client["registration_access_token"])}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  expect(await (await manage("GET")).json()).toMatchObject({ client_id: client.client_id, client_name: "invited" })
  const replaced = await manage("PUT", { ...metadata, client_id: client.client_id, client_name: "renamed" })
  expect(await replaced.json()).toMatchObject({ client_name: "renamed" })
  const shown = await grantlogJson(["client", "show", client.client_id, "--store", `sqlite:${file}`])
  expect(shown).toMatchObject({ client_name: "renamed" })
  expect((await manage("DELETE")).status).toBe(204)
  expect((await manage("GET")).status).toBe(401)
})
