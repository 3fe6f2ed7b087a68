/** Tokens that are bound to a key of the client's (RFC 9449): each request with a proof, a key for each issuer; A31, A32. */
import { decodeJwt, decodeProtectedHeader, calculateJwkThumbprint } from "jose"
import { expect, test } from "vitest"
import { memoryKeyValue, OAuth, OptionFault, TokenStorageAdapter } from "../../../src/client/index.ts"
import { dpop, standardFeatures, type DpopOptions } from "../../../src/provider/index.ts"
import type { ProofOptions } from "../../../src/resource/index.ts"
import { addGrantlog, addResource, ISSUER, makeStack, makeWorld, MCP_URL, memoryStorage } from "../support/World.ts"

const NONCES: ProofOptions = { nonceSecret: "a secret that the instances share" }

const start = async (options: DpopOptions = {}, proofs: ProofOptions = {}, more: { readonly only?: boolean } = {}) => {
  const stack = await makeStack({ features: [...standardFeatures, dpop(options)] })
  addResource(stack.world, MCP_URL, stack.grantlog, [ISSUER], { dpop: { ...proofs, isRequired: more.only ?? false } })
  return { ...stack, options: { ...stack.options, dpop: true } }
}

/** The proof of a request, read. */
const proofOf = async ({ headers }: { readonly headers: Headers }): Promise<Readonly<Record<string, unknown>>> => {
  const proof = headers.get("dpop")!
  const { jwk } = decodeProtectedHeader(proof)
  return { ...decodeJwt(proof), jkt: await calculateJwkThumbprint(jwk!) }
}

test("every request for tokens and every use of one is proven by one key, each by a proof of its own", async () => {
  const { world, options } = await start({ isRequired: true }, {}, { only: true })
  let link = new URL("about:blank")
  const oauth = OAuth({ ...options, openBrowser: (url) => world.openBrowser((link = new URL(url)).href) })
  expect(await (await oauth.fetch(MCP_URL)).json()).toEqual({ scopes: ["read"] })
  await oauth.fetch(`${MCP_URL}?a=b`)
  const sent = [
    ...world.to(ISSUER, "/token"),
    ...world.to(new URL(MCP_URL).origin).filter(({ headers }) => headers.has("dpop")),
  ]
  const proofs = await Promise.all(sent.map(proofOf))
  expect(proofs.map(({ htm, htu }) => `${String(htm)} ${String(htu)}`)).toEqual([
    `POST ${ISSUER}/token`,
    `GET ${MCP_URL}`,
    `GET ${MCP_URL}`,
  ])
  expect(new Set(proofs.map(({ jkt }) => jkt))).toEqual(new Set([link.searchParams.get("dpop_jkt")]))
  expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3)
  expect(sent[1]!.headers.get("authorization")).toMatch(/^DPoP /)
})

test("the key is kept beside the tokens, and the next process refreshes and logs in with it", async () => {
  const { world, options, clock } = await start({ isRequired: true })
  const tokenStorage = memoryStorage()
  await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)
  clock.pass(3600)
  const second = OAuth({ ...options, tokenStorage })
  expect((await second.fetch(MCP_URL)).status).toBe(200)
  await second.authFlow()
  const proofs = await Promise.all(world.to(ISSUER, "/token").map(proofOf))
  expect(proofs).toHaveLength(3)
  expect(new Set(proofs.map(({ jkt }) => jkt)).size).toBe(1)
  const stored = await tokenStorage.getTokens()
  expect(stored?.tokens.token_type).toBe("DPoP")
  const keyless = { ...stored!, proofKey: { ...stored!.proofKey!, d: 1 } }
  const keyValue = memoryKeyValue()
  const other = TokenStorageAdapter(keyValue, MCP_URL)
  await other.setTokens(keyless as unknown as NonNullable<typeof stored>)
  await expect(other.getTokens()).rejects.toThrow("cannot be read")
})

//= RFC9449-8-nonce
test("a nonce that is wanted is fetched once, kept, and renewed with each answer: RFC9449-8-nonce", async () => {
  const { world, options, clock } = await start({ nonce: "required" }, NONCES)
  const oauth = OAuth(options)
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.to(ISSUER, "/token")).toHaveLength(2)
  const origin = new URL(MCP_URL).origin
  const before = world.to(origin).length
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.to(origin).length - before).toBe(1)
  clock.pass(300)
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  clock.pass(300)
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.to(origin).length - before).toBe(3)
})

test("a request with a body is sent again whole with the nonce", async () => {
  const { world, options } = await start({}, NONCES)
  const oauth = OAuth({ ...options, scopes: ["read", "write"] })
  expect((await oauth.fetch(MCP_URL, { method: "POST", body: "the body" })).status).toBe(200)
  const bodies = world
    .to(new URL(MCP_URL).origin)
    .filter(({ method }) => method === "POST")
    .map(({ body }) => body)
  expect(bodies.every((body) => body === "the body")).toBe(true)
})

//= OAUTH21-7.15-client-issuer-binding
test("no key is shown to two issuers", async () => {
  const world = makeWorld()
  const issuers = ["http://localhost:4000", "http://localhost:4001"]
  const features = [...standardFeatures, dpop()]
  const [first, second] = [
    await addGrantlog(world, issuers[0]!, { features }),
    await addGrantlog(world, issuers[1]!, { features }),
  ]
  const tokenStorage = memoryStorage()
  const logInAt = async (grantlog: typeof first, issuer: string) => {
    addResource(world, MCP_URL, grantlog, [issuer])
    const { fetch, openBrowser } = world
    const oauth = OAuth({ mcpUrl: MCP_URL, fetch, openBrowser, now: grantlog.clock.now, tokenStorage, dpop: true })
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    return (await proofOf(world.to(issuer, "/token")[0]!))["jkt"]
  }
  const keys = [await logInAt(first, issuers[0]!), await logInAt(second, issuers[1]!)]
  expect(keys[0]).not.toBe(keys[1])
})

test("nothing is bound where the server cannot, or where nobody asked for it", async () => {
  const plain = await makeStack()
  const oauth = OAuth({ ...plain.options, dpop: true })
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  const { world, options } = await start()
  expect((await OAuth({ ...options, dpop: false }).fetch(MCP_URL)).status).toBe(200)
  for (const { headers, query } of [...plain.world.sent, ...world.sent]) {
    expect([headers.has("dpop"), query.has("dpop_jkt")]).toEqual([false, false])
  }
})

test("the provider for the SDKs, which send tokens without a proof, is refused with what to do", async () => {
  const { options } = await start()
  await expect(OAuth(options).provider()).rejects.toThrow(OptionFault)
  await expect(OAuth(options).provider()).rejects.toThrow("oauth.fetch")
  expect(() => OAuth({ ...options, dpop: "yes" as unknown as boolean })).toThrow(OptionFault)
})

test("tokens that another program bound are not handed to an SDK, which would log in itself", async () => {
  const { options } = await start()
  const tokenStorage = memoryStorage()
  await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)
  const provider = await OAuth({ ...options, dpop: false, tokenStorage }).provider()
  expect(await provider.tokens()).toBeUndefined()
  await provider.close()
})
