/** A resource behind a running grantlog, under Express and as a fetch handler: who is let in, and for how long. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { getRequestListener } from "@hono/node-server"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { notes } from "../examples/protectedResource.ts"
import { freePort } from "../support/FreePort.ts"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"
import { login, register, revoke, type Client } from "./support/Wire.ts"

type Notes = ReturnType<typeof notes>

const doors: ReadonlyArray<readonly [string, (made: Notes) => RequestListener]> = [
  ["Express", ({ app }) => app],
  ["a fetch handler", ({ handle }) => getRequestListener(handle, { overrideGlobalObjects: false })],
]

/** grantlog in a process of its own, a client, and a port of this process that the resource is named by. */
const startStack = async (...flags: ReadonlyArray<string>) => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  let listener: RequestListener = (_, response) => response.writeHead(503).end()
  const http = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  const origin = `http://localhost:${(http.address() as AddressInfo).port}`
  const resource = `${origin}/notes`
  const { url: issuer, stop } = await serve(file, ...flags)
  const add = ["client", "add", "--name", "notes", "--audience", resource, "--store", `sqlite:${file}`]
  const { client_id: clientId, client_secret: clientSecret } = await grantlogJson<Client>(add)
  const credentials = { clientId, clientSecret: clientSecret! }
  const client = await register(issuer)
  return {
    origin,
    resource,
    issuer,
    client,
    credentials,
    stop,
    /** The resource, new, by a clock that only the test moves; and how it answers. */
    open: (listenerOf: (made: Notes) => RequestListener) => {
      const clock = { millis: Date.now() }
      const made = notes(issuer, resource, { ...credentials, now: () => clock.millis })
      listener = listenerOf(made)
      const ask = async (token?: string) => {
        const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const response = await fetch(resource, { headers })
        const body = (await response.json()) as Readonly<Record<string, unknown>>
        return { status: response.status, challenge: response.headers.get("www-authenticate"), response, body }
      }
      return { ask, clock, api: made.api }
    },
    /** A login for `resource` by default with everything it needs. */
    logIn: async (more: Readonly<Record<string, string>> = {}) =>
      (await login(issuer, client, { resource, scope: "read write", ...more })).access_token,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections()
      http.close()
      await stop()
      folder[Symbol.dispose]()
    },
  }
}

let stack: Awaited<ReturnType<typeof startStack>>

beforeAll(async () => {
  stack = await startStack()
})

afterAll(() => stack[Symbol.asyncDispose]())

describe.each(doors)("under %s", (_, listenerOf) => {
  it("who has no token is told where the metadata is and every scope, and no error", async () => {
    const { origin, issuer, resource, open } = stack
    const { status, challenge, body } = await open(listenerOf).ask()
    const metadataUrl = `${origin}/.well-known/oauth-protected-resource/notes`
    expect([status, challenge]).toEqual([401, `Bearer resource_metadata="${metadataUrl}", scope="read write"`])
    expect(body).not.toHaveProperty("error")
    for (const url of [metadataUrl, `${origin}/.well-known/oauth-protected-resource`]) {
      const metadata = await fetch(url)
      expect(await metadata.json()).toMatchObject({ resource, authorization_servers: [issuer] })
    }
  })

  it("a token for this resource with every scope is let in, and known", async () => {
    const { ask } = stack.open(listenerOf)
    expect(await ask(await stack.logIn())).toMatchObject({
      status: 200,
      body: { hello: expect.stringMatching(/^sub_\w{22}$/) },
    })
  })

  it("a token that allows too little is told every scope that is needed", async () => {
    const { status, challenge } = await stack.open(listenerOf).ask(await stack.logIn({ scope: "read" }))
    expect(status).toBe(403)
    expect(challenge).toContain('scope="read write", error="insufficient_scope"')
  })

  it("a token for another resource is refused, however alike they are", async () => {
    const { ask } = stack.open(listenerOf)
    for (const other of ["http://localhost:9/notes", `${stack.resource}/`, `${stack.resource}/1`]) {
      const { status, challenge } = await ask(await stack.logIn({ resource: other }))
      expect([other, status]).toEqual([other, 401])
      expect(challenge).toContain('error="invalid_token"')
    }
  })

  it("a token for the only resource of the server is let in, however it was asked for", async () => {
    const { ask } = stack.open(listenerOf)
    for (const resource of [stack.origin, `${stack.origin}/`, ""]) {
      expect((await ask(await stack.logIn({ resource }))).status).toBe(200)
    }
  })

  it("a revoked token is refused when its answer is half a minute old, and at once where none was kept", async () => {
    const { ask, clock } = stack.open(listenerOf)
    const [seen, unseen] = [await stack.logIn(), await stack.logIn()]
    expect((await ask(seen)).status).toBe(200)
    for (const token of [seen, unseen]) expect((await revoke(stack.issuer, stack.client, token)).status).toBe(200)
    expect((await ask(unseen)).status).toBe(401)
    clock.millis += 29_999
    expect((await ask(seen)).status).toBe(200)
    clock.millis += 1
    const { status, challenge } = await ask(seen)
    expect(status).toBe(401)
    expect(challenge).toContain('error="invalid_token"')
  })

  it("an answer is not believed beyond the token's own end", async () => {
    const { ask, clock, api } = stack.open(listenerOf)
    const token = await stack.logIn()
    const { expiresAt } = await api.authenticate(`Bearer ${token}`)
    clock.millis = expiresAt! * 1000 - 10
    expect((await ask(token)).status).toBe(200)
    clock.millis += 9
    expect((await ask(token)).status).toBe(200)
    clock.millis += 1
    expect((await ask(token)).status).toBe(401)
  })
})

it("a token that its introspection calls alive is refused all the same where another resource is protected", async () => {
  const { issuer, origin, credentials } = stack
  const token = await stack.logIn()
  const { api } = notes(issuer, `${origin}/others`, credentials)
  await expect(api.authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: "invalid_token" })
})

it("while grantlog is away nobody's token is called bad; who was let in just now still is", async () => {
  // On a port that nobody else is given while it is away.
  await using own = await startStack("--port", String(await freePort()))
  const { ask } = own.open(doors[0]![1])
  const [seen, unseen] = [await own.logIn(), await own.logIn()]
  expect((await ask(seen)).status).toBe(200)
  await own.stop()
  expect((await ask(seen)).status).toBe(200)
  const { status, challenge, response, body } = await ask(unseen)
  expect([status, challenge, response.headers.get("retry-after")]).toEqual([503, null, "1"])
  expect(body).toMatchObject({ error: "temporarily_unavailable" })
})
