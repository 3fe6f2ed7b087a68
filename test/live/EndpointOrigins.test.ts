/** `grantlog login` where endpoints lie off the issuer's host: refused with the flag that allows it, and allowed by it. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { expect, it } from "vitest"
import { optionFlags } from "../../src/cli/McpLogin.ts"
import { grantlog } from "./support/Command.ts"
import { logInByCommand } from "./support/CommandLogin.ts"
import { temporaryFolder } from "./support/Folder.ts"

/** A server on a port of its own, for as long as the test runs. */
const listen = async (answer: RequestListener) => {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve))
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const json = (response: Parameters<RequestListener>[1], value: unknown, status = 200) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))

const start = async () => {
  const asked: Array<string> = []
  const endpoints = await listen(async (request, response) => {
    const fields = new URLSearchParams(await text(request))
    asked.push(`${request.url} ${fields.get("grant_type") ?? fields.get("token")}`)
    // Over before anybody can ask for it.
    json(response, {
      access_token: `access-${asked.length}`,
      token_type: "Bearer",
      expires_in: 0.001,
      refresh_token: "r",
    })
  })
  const issuer = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost")
    if (pathname === "/authorize") {
      const answer = new URLSearchParams({ code: "c", state: searchParams.get("state")! })
      return response.writeHead(302, { location: `${searchParams.get("redirect_uri")!}?${answer}` }).end()
    }
    if (pathname === "/register") return json(response, { client_id: "made" }, 201)
    if (pathname !== "/.well-known/oauth-authorization-server") return json(response, {}, 404)
    json(response, {
      issuer: issuer.origin,
      authorization_endpoint: `${issuer.origin}/authorize`,
      registration_endpoint: `${issuer.origin}/register`,
      token_endpoint: `${endpoints.origin}/token`,
      revocation_endpoint: `${endpoints.origin}/revoke`,
      code_challenge_methods_supported: ["S256"],
    })
  })
  const resource = await listen((request, response) =>
    request.url === "/.well-known/oauth-protected-resource/mcp"
      ? json(response, { resource: `${resource.origin}/mcp`, authorization_servers: [issuer.origin] })
      : json(response, {}, request.url === "/mcp" ? 401 : 404),
  )
  const folder = temporaryFolder()
  return {
    asked,
    endpoints: endpoints.origin,
    issuer: issuer.origin,
    url: `${resource.origin}/mcp`,
    env: { GRANTLOG_CREDENTIALS: folder.at("logins") },
    [Symbol.dispose]: () => {
      for (const one of [endpoints, issuer, resource, folder]) one[Symbol.dispose]()
    },
  }
}

it("a token endpoint elsewhere is refused with the flag to allow it, which login, token and logout take", async () => {
  using servers = await start()
  const { asked, endpoints, issuer, url, env } = servers
  const refusal = `has the token_endpoint \`${endpoints}/token\`, which is not at its issuer's origin: if it belongs there, add \`${endpoints}\` to \`--endpoint-origins\``
  const refused = await grantlog(["login", url, "--print-link"], { env })
  expect([refused.code, refused.stdout]).toEqual([1, ""])
  expect(refused.stderr).toContain(`the issuer \`${issuer}\` has no usable metadata`)
  expect(refused.stderr).toContain(refusal)
  expect(asked).toEqual([])

  const flag = ["--endpoint-origins", `https://unused.example.com ${endpoints}`]
  const { code, stdout } = await logInByCommand([url, ...flag], env)
  expect([code, stdout]).toEqual([0, `logged in at ${issuer}\n`])

  expect((await grantlog(["token", url], { env })).stderr).toContain(refusal)
  expect(await grantlog(["token", url, ...flag], { env })).toMatchObject({ code: 0, stdout: "access-2\n" })
  const named = { ...env, GRANTLOG_ENDPOINT_ORIGINS: endpoints }
  expect(await grantlog(["token", url], { env: named })).toMatchObject({ code: 0, stdout: "access-3\n" })
  const out = await grantlog(["logout", url, ...flag], { env })
  expect(out.stdout).toBe("logged out; the server was told\n")
  expect(asked).toEqual(["/token authorization_code", "/token refresh_token", "/token refresh_token", "/revoke r"])
})

it("every flag that a message names is one of the command's", async () => {
  for (const command of ["login", "token", "logout"]) {
    const { stdout } = await grantlog([command, "--help"])
    const named = Object.entries(optionFlags).filter(([option]) => command === "login" || option !== "callbackPort")
    for (const [, flag] of named) expect(stdout).toContain(`${flag} `)
  }
})

it("what cannot be allowed, and a client of another issuer, are told with their flags", async () => {
  using servers = await start()
  const { asked, endpoints, issuer, url, env } = servers
  const wrong = await grantlog(["login", url, "--endpoint-origins", "http://elsewhere.example.com"], { env })
  expect(wrong).toMatchObject({ code: 1 })
  expect(wrong.stderr).toBe(
    "grantlog: --endpoint-origins has `http://elsewhere.example.com`, which is no https address\n",
  )
  const flags = ["--endpoint-origins", endpoints, "--client-id", "app", "--client-issuer"]
  const foreign = await grantlog(["login", url, ...flags, "https://other.example.com", "--print-link"], { env })
  expect(foreign).toMatchObject({ code: 1 })
  expect(foreign.stderr).toContain(
    `but the resource now sends to \`${issuer}\`: if that is right, log out first or give \`--client-issuer\``,
  )
  expect(asked).toEqual([])
  expect((await logInByCommand([url, ...flags, issuer], env)).code).toBe(0)
})
