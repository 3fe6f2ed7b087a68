/** A client that proves itself by assertions, at a FAPI 2.0 server of ours and at servers that say strange things. */
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from "jose"
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { OAuth, OptionFault, type OAuthOptions, type PrivateJwk } from "../../../src/client/index.ts"
import { dpop, fapi2Features, privateKeyJwt, pushedRequests, standardFeatures } from "../../../src/provider/index.ts"
import { publicJwkOf } from "../../../src/proof/ClientAssertion.ts"
import { introspectionVerifier } from "../../../src/resource/index.ts"
import { addEvil, addEvilResource, EVIL, EVIL_MCP, metadataOf } from "../support/Attacker.ts"
import {
  addGrantlog,
  addResource,
  ISSUER,
  json,
  makeStack,
  makeWorld,
  MCP_URL,
  memoryStorage,
  type Grantlog,
  type World,
} from "../support/World.ts"
import type { Setting } from "../../support/TestServer.ts"

const newKey = async (alg = "ES256", kid = "k1"): Promise<PrivateJwk> =>
  ({ ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)), kid }) as PrivateJwk

const publicOf = (key: PrivateJwk) => publicJwkOf(key)!

const start = async (setting: Setting) => {
  const stack = await makeStack(setting)
  const clientKey = await newKey()
  return { ...stack, clientKey, options: { ...stack.options, clientKey, tokenStorage: memoryStorage() } }
}

const fapi2 = { features: fapi2Features() }
const open = { features: [...standardFeatures, privateKeyJwt(), dpop(), ...pushedRequests()] }

/** A client that an operator adds, by the public half of its key. */
const added = async ({ native }: Grantlog, key: PrivateJwk): Promise<string> => {
  const metadata = {
    client_name: "app",
    redirect_uris: ["http://127.0.0.1/callback"],
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [publicOf(key)] },
  }
  return (await Effect.runPromise(native.addClient({ metadata }))).client_id
}

/** The assertions that a server was sent, read. */
const assertionsTo = (world: World, origin = ISSUER) =>
  world.to(origin).flatMap(({ path, body }) => {
    const jwt = new URLSearchParams(body).get("client_assertion")
    return jwt === null ? [] : [{ path, ...decodeProtectedHeader(jwt), ...decodeJwt(jwt) }]
  })

const faultOf = (login: Promise<unknown>): Promise<unknown> =>
  login.then(
    () => expect.fail("it was not refused"),
    (error: unknown) => error,
  )

describe("at a FAPI 2.0 server", () => {
  test("RFC10070-4-client-aud, STU-2.1-distinct-aud: registers its key, pushes, logs in, refreshes and logs out, each by an assertion of its own for the issuer", async () => {
    const { world, grantlog, options, clock, clientKey } = await start(fapi2)
    const watcherKey = await newKey("PS256")
    const watcher = await Effect.runPromise(
      grantlog.native.addClient({
        metadata: {
          client_name: "notes",
          redirect_uris: [],
          response_types: [],
          grant_types: [],
          token_endpoint_auth_method: "private_key_jwt",
          jwks: { keys: [publicOf(watcherKey)] },
        },
        audience: MCP_URL,
      }),
    )
    const verifier = introspectionVerifier({
      introspectionEndpoint: `${ISSUER}/introspect`,
      clientId: watcher.client_id,
      clientKey: watcherKey,
      issuer: ISSUER,
      fetch: world.fetch,
      now: clock.now,
    })
    addResource(world, MCP_URL, grantlog, [ISSUER], { verifier, dpop: { isRequired: true } })
    let link = new URL("about:blank")
    const openBrowser = (url: string) => world.openBrowser((link = new URL(url)).href)
    const oauth = OAuth({ ...options, dpop: true, openBrowser })

    expect(await (await oauth.fetch(MCP_URL)).json()).toEqual({ scopes: ["read"] })
    expect([...link.searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"])
    const [registration] = world.to(ISSUER, "/register")
    expect(JSON.parse(registration!.body)).toMatchObject({
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [publicOf(clientKey)] },
    })
    clock.pass(3600)
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    expect(await oauth.logout()).toBe(true)

    const all = assertionsTo(world)
    expect(all.map(({ path }) => path)).toEqual(["/par", "/token", "/introspect", "/token", "/introspect", "/revoke"])
    for (const one of all) expect(one).toMatchObject({ aud: ISSUER, typ: "client-authentication+jwt" })
    expect(new Set(all.map(({ jti }) => jti)).size).toBe(all.length)
    for (const { text } of world.sent) expect(text).not.toContain(String(clientKey["d"]))
    expect(world.sent.filter(({ headers }) => headers.get("authorization")?.startsWith("Basic") === true)).toEqual([])
  })

  test("a proof that needs a nonce is made anew together with the assertion", async () => {
    const { world, grantlog, options } = await start({ features: fapi2Features({ nonce: "required" }) })
    addResource(world, MCP_URL, grantlog, [ISSUER], { dpop: { isRequired: true } })
    expect((await OAuth({ ...options, dpop: true }).fetch(MCP_URL)).status).toBe(200)
    const atToken = assertionsTo(world).filter(({ path }) => path === "/token")
    expect(atToken).toHaveLength(2)
    expect(atToken[0]!.jti).not.toBe(atToken[1]!.jti)
  })

  test("the steps push as well, and a forgotten client registers anew", async () => {
    const { world, grantlog, options } = await start(fapi2)
    const bound = { ...options, dpop: true }
    const steps = OAuth(bound)
    const { authorizationUrl } = await steps.begin()
    await steps.redirectHandler(authorizationUrl)
    await steps.finish(await steps.callbackHandler())
    const { client_id } = (await options.tokenStorage.getClientInfo())!.client
    await Effect.runPromise(grantlog.native.deleteClient(client_id))
    await OAuth(bound).authFlow()
    expect((await options.tokenStorage.getClientInfo())!.client.client_id).not.toBe(client_id)
    expect(world.to(ISSUER, "/register")).toHaveLength(2)
    expect(world.to(ISSUER, "/authorize").filter(({ query }) => !query.has("request_uri"))).toEqual([])
  })

  test("a client without its key is told to give it", async () => {
    const { options } = await start(fapi2)
    await OAuth({ ...options, dpop: true }).authFlow()
    const { clientKey: _, ...keyless } = options
    const fault = await faultOf(OAuth({ ...keyless, dpop: true, additionalClientMetadata: {} }).authFlow())
    expect(String(fault)).toMatch(/give `clientKey`/)
    const { tokenStorage: _stored, ...fresh } = keyless
    const anew = await faultOf(OAuth({ ...fresh, dpop: true, additionalClientMetadata: {} }).authFlow())
    expect(String(anew)).toMatch(
      /refused the registration .*: change `additionalClientMetadata` or give `clientKey` or give `clientId`$/,
    )
  })
})

describe("at any server that takes assertions", () => {
  test("a client that an operator gave an id proves itself by its key, and a given key is not stored", async () => {
    const { grantlog, options, clientKey, world } = await start(open)
    const clientId = await added(grantlog, clientKey)
    expect((await OAuth({ ...options, clientId }).fetch(MCP_URL)).status).toBe(200)
    expect(world.to(ISSUER, "/register")).toEqual([])
    expect(assertionsTo(world).map(({ path, sub }) => [path, sub])).toEqual([["/token", clientId]])
    expect(await options.tokenStorage.getClientInfo()).toEqual({ client: { client_id: clientId }, issuer: ISSUER })
    const other = await newKey()
    const fault = await faultOf(OAuth({ ...options, clientId, clientKey: other }).authFlow())
    expect(fault).toMatchObject({ _tag: "TokenError", code: "client_refused", error: "invalid_client" })
  })

  test("a key that the server takes no signature of is told before anything is sent to its endpoint", async () => {
    const { options, world, grantlog, clientKey } = await start({
      features: [...standardFeatures, privateKeyJwt({ algorithms: ["PS256"] })],
    })
    const clientId = await added(grantlog, clientKey)
    const fault = await faultOf(OAuth({ ...options, clientId }).authFlow())
    expect(fault).toMatchObject({ _tag: "TokenError", code: "client_refused" })
    expect(String(fault)).toContain("the key signs by ES256, and the server takes PS256")
    expect(world.to(ISSUER, "/token")).toEqual([])
  })

  test("a key that fails to sign is told, and what it threw is not", async () => {
    const { options, grantlog, clientKey: known } = await start(open)
    const clientId = await added(grantlog, known)
    const clientKey = { alg: "ES256", sign: () => Promise.reject(new Error("pin 1234 is wrong")) }
    const fault = await faultOf(OAuth({ ...options, clientId, clientKey }).authFlow())
    expect(fault).toMatchObject({ code: "client_refused", message: expect.stringContaining("its key does not sign") })
    expect(String(fault)).not.toContain("1234")
  })
})

test("A26: a server that names another's endpoints gets assertions for itself alone, which are worth nothing there", async () => {
  const world = makeWorld()
  const grantlog = await addGrantlog(world, ISSUER, open)
  const clientKey = await newKey()
  const clientId = await added(grantlog, clientKey)
  addEvil(world, metadataOf(EVIL, { token_endpoint: `${ISSUER}/token` }))
  addEvilResource(world, () => [EVIL])
  const { fetch, openBrowser } = world
  const now = grantlog.clock.now
  const oauth = OAuth({ mcpUrl: EVIL_MCP, fetch, openBrowser, now, clientId, clientKey, endpointOrigins: [ISSUER] })
  expect(await faultOf(oauth.authFlow())).toMatchObject({ error: "invalid_client" })
  expect(assertionsTo(world).map(({ aud, sub }) => [aud, sub])).toEqual([[EVIL, clientId]])
})

describe("at a server that takes pushed requests alone", () => {
  const startStrange = (push: (() => Response) | undefined, more: Record<string, unknown> = {}) => {
    const world = makeWorld()
    const endpoint = push === undefined ? {} : { pushed_authorization_request_endpoint: `${EVIL}/par` }
    addEvil(world, metadataOf(EVIL, { require_pushed_authorization_requests: true, ...endpoint, ...more }))
    addEvilResource(world, () => [EVIL])
    const evil = world.servers.get(EVIL)!
    world.servers.set(EVIL, (request) => (request.url.endsWith("/par") ? push!() : evil(request)))
    const opened: Array<string> = []
    const openBrowser = (url: string) => {
      opened.push(url)
      return Promise.reject(new Error("the browser is closed"))
    }
    const options: OAuthOptions = { mcpUrl: EVIL_MCP, fetch: world.fetch, openBrowser, clientId: "app" }
    return { world, opened, login: (extra: Partial<OAuthOptions> = {}) => OAuth({ ...options, ...extra }).authFlow() }
  }

  test("the browser carries the reference, and the verifier, the state and the scopes go to the server itself", async () => {
    const { world, opened, login } = startStrange(() => json({ request_uri: "urn:x:1", expires_in: 60 }, 201))
    await faultOf(login({ clientSecret: "s3cr3t-of-app", scopes: "read" }))
    expect(opened).toEqual([`${EVIL}/authorize?client_id=app&request_uri=urn%3Ax%3A1`])
    const [push] = world.to(EVIL, "/par")
    expect(Object.fromEntries(new URLSearchParams(push!.body))).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      resource: EVIL_MCP,
      scope: "read",
    })
    expect(push!.headers.get("authorization")).toMatch(/^Basic /)
  })

  test.each<readonly [string, (() => Response) | undefined, object, string]>([
    ["no place for them", undefined, { _tag: "DiscoveryError", code: "metadata_malformed" }, "does not say where"],
    ["a refusal", () => json({ error: "invalid_scope" }, 400), { code: "request_refused" }, "400 invalid_scope"],
    ["a page", () => new Response("<p>"), { code: "response_malformed" }, "without a usable request_uri"],
    ["an empty reference", () => json({ request_uri: " " }, 201), { code: "response_malformed" }, "request_uri"],
    ["an outage", () => new Response("", { status: 503 }), { code: "server_unavailable" }, "503"],
    [
      "a refusal of the client",
      () => json({ error: "invalid_client" }, 401),
      { code: "client_refused" },
      "invalid_client",
    ],
  ])("with %s the login ends before a browser opens", async (_, push, fault, sentence) => {
    const { opened, login } = startStrange(push)
    const found = await faultOf(login())
    expect(found).toMatchObject(fault)
    expect(String(found)).toContain(sentence)
    expect(opened).toEqual([])
  })

  test("whose place for them is another origin's nothing is sent there", async () => {
    const elsewhere = { pushed_authorization_request_endpoint: "https://elsewhere.example/par" }
    const { login, world } = startStrange(() => json({}), elsewhere)
    expect(await faultOf(login())).toMatchObject({ _tag: "DiscoveryError", code: "endpoint_foreign" })
    expect(world.to("https://elsewhere.example")).toEqual([])
  })
})

test("a key that cannot be used is refused before anything is sent", async () => {
  const jwk = await newKey()
  const { privateKey } = await generateKeyPair("ES256")
  const refused = (more: Partial<OAuthOptions>, sentence: string) =>
    expect(() => OAuth({ mcpUrl: MCP_URL, ...more })).toThrow(sentence)
  refused({ clientKey: { ...jwk, d: undefined } }, "clientKey is no private key")
  refused({ clientKey: jwk, clientId: "app", clientSecret: "s" }, "clientKey and clientSecret are both given")
  refused({ clientKey: privateKey }, "clientKey shows no public half to register: give a JWK, or clientId")
  for (const more of [{ clientId: "app" }, { additionalClientMetadata: { jwks_uri: "https://app.example/jwks" } }]) {
    expect(() => OAuth({ mcpUrl: MCP_URL, clientKey: privateKey, ...more })).not.toThrow()
  }
  await expect(OAuth({ mcpUrl: MCP_URL, clientKey: jwk }).provider()).rejects.toBeInstanceOf(OptionFault)
})
