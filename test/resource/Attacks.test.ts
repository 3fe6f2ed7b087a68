/**
 * Attacks on what a token is for: one that was given to a resource is brought to another, or handed on by it.
 *
 * The tokens are real ones of a server in this process; each resource judges them as its own options say.
 */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { introspectionVerifier, jwtVerifier, protectResource, type Verifier } from "../../src/resource/index.ts"
import { jwtAccessTokens, standardFeatures } from "../../src/provider/index.ts"
import { startSession } from "../support/Session.ts"
import { ISSUER, overMemory } from "../support/TestServer.ts"

/** Spellings that a careless comparison takes for one another; each is a resource of its own. */
const resources = [
  "https://api.example/mcp",
  "https://api.example/mcp/",
  "https://api.example/mcp/other",
  "https://api.example/mcpx",
  "https://api.example/MCP",
  "https://api.example/mcp?tenant=1",
  "https://api.example/",
  "https://api.example:8443/mcp",
  "https://api.example.evil.example/mcp",
] as const

const gateOf = (resource: string, verifier: Verifier) =>
  protectResource({ resource, authorizationServers: [ISSUER], verifier })

const isLetIn = async (resource: string, verifier: Verifier, token: string): Promise<boolean> => {
  const serve = gateOf(resource, verifier).fetch(() => new Response("come in"))
  const { status } = await serve(new Request(resource, { headers: { authorization: `Bearer ${token}` } }))
  expect([200, 401]).toContain(status)
  return status === 200
}

test("A20: a token for one resource is worth nothing at any other, however alike its name, and one for two at a third", async () => {
  const { wire, app, native } = await startSession(overMemory, { config: { resources: [...resources] } })
  const verifier: Verifier = { verify: (token) => Effect.runPromise(native.verify(token)) as never }
  const letIn = async (token: string) => {
    const seen = await Promise.all(resources.map(async (one) => [one, await isLetIn(one, verifier, token)] as const))
    return seen.filter(([, isIn]) => isIn).map(([one]) => one)
  }
  for (const resource of resources) {
    const { access } = await wire.login(app, { resource })
    expect([resource, await letIn(access)]).toEqual([resource, [resource]])
  }
  const { access } = await wire.login(app, { resource: [resources[0], resources[3]] })
  expect(await letIn(access)).toEqual([resources[0], resources[3]])
})

test("A21: what a resource is given goes nowhere but to its own issuer, which is asked about it, and by JWTs not even there", async () => {
  const [resource] = resources
  const features = [...standardFeatures, jwtAccessTokens({ resources: [resources[3]] })]
  const { wire, app, watcher, native } = await startSession(overMemory, {
    features,
    config: { resources: [...resources] },
  })
  const sent: Array<{ readonly url: string; readonly init: RequestInit }> = []
  const introspecting = introspectionVerifier({
    introspectionEndpoint: `${ISSUER}/introspect`,
    clientId: watcher.clientId,
    clientSecret: watcher.clientSecret!,
    fetch: async (url, init) => {
      sent.push({ url, init })
      return Response.json({ active: true, client_id: app.clientId, sub: "sub_1", aud: resource })
    },
  })
  const { access } = await wire.login(app, { resource })
  expect(await isLetIn(resource, introspecting, access)).toBe(true)
  expect(sent.map(({ url }) => url)).toEqual([`${ISSUER}/introspect`])
  const headers = JSON.stringify([...new Headers(sent[0]!.init.headers)])
  expect([headers.includes(access), String(sent[0]!.init.body).includes(access)]).toEqual([false, true])

  sent.length = 0
  const verifying = jwtVerifier({
    issuer: ISSUER,
    jwksUri: `${ISSUER}/jwks`,
    now: () => native.now() as number,
    fetch: async (url, init) => {
      sent.push({ url, init })
      return new Response((await wire.get("/jwks")).text)
    },
  })
  const { access: jwt } = await wire.login(app, { resource: resources[3] })
  expect(jwt.split(".")).toHaveLength(3)
  expect(await isLetIn(resources[3], verifying, jwt)).toBe(true)
  expect(sent.map(({ url }) => url)).toEqual([`${ISSUER}/jwks`])
  expect(JSON.stringify([[...new Headers(sent[0]!.init.headers)], sent[0]!.init.body ?? ""])).not.toContain(jwt)
})
