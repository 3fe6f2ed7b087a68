/**
 * Clients that nobody here wrote, at a real server that an operator added them to: they prove themselves by assertions, ask
 * as devices, and do what the operator demands of them.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { writeFileSync } from "node:fs"
import { PrivateKeyJwtProvider, auth } from "@modelcontextprotocol/client"
import { exportJWK, exportPKCS8 } from "jose"
import * as oauth from "oauth4webapi"
import * as openid from "openid-client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { DEVICE_CODE_GRANT } from "../../src/protocol/index.ts"
import { grantlog } from "./support/Command.ts"
import { logInByCommand } from "./support/CommandLogin.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback"
const RESOURCE = "http://localhost:9999/mcp"
const insecure = { [oauth.allowInsecureRequests]: true }

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const published = createServer((_request, response) =>
  response.writeHead(200, { "content-type": "application/jwk-set+json" }).end(JSON.stringify({ keys: publishedKeys })),
)
let publishedKeys: ReadonlyArray<object> = []
let server: RunningServer

beforeAll(async () => {
  const offers = ["--pushed-requests", "--dpop", "--request-objects", "--devices"].flatMap((flag) => [flag, "on"])
  server = await serve(file, "--private-key-jwt", ...offers)
  await new Promise<void>((resolve) => published.listen(0, "127.0.0.1", resolve))
})

afterAll(async () => {
  await server.stop()
  published.close()
  folder[Symbol.dispose]()
})

const newKeys = (alg: string) => oauth.generateKeyPair(alg, { extractable: true })

/** The flag by which an operator gives the public key, and the file that it names. */
const keyFlag = async (name: string, publicKey: CryptoKey): Promise<ReadonlyArray<string>> => {
  const path = folder.at(`${name}.json`)
  writeFileSync(path, JSON.stringify(await exportJWK(publicKey)))
  return ["--jwks", path]
}

const add = (name: string, ...flags: ReadonlyArray<string>) =>
  grantlogJsonHere<{ readonly client_id: string }>([
    "client",
    "add",
    "--name",
    name,
    ...flags,
    "--store",
    `sqlite:${file}`,
  ])

const discovered = async () => {
  const issuer = new URL(server.issuer)
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure })
  return oauth.processDiscoveryResponse(issuer, response)
}

describe.for(["PS256", "ES256", "Ed25519"])("oauth4webapi with a key for %s", (alg) => {
  it("gets a token for itself, looks at it and ends it", async () => {
    const as = await discovered()
    const { privateKey, publicKey } = await newKeys(alg)
    const client = await add(alg, ...(await keyFlag(alg, publicKey)))
    expect(client).not.toHaveProperty("client_secret")
    const proof = oauth.PrivateKeyJwt(privateKey)
    const asked = await oauth.clientCredentialsGrantRequest(as, client, proof, { resource: RESOURCE }, insecure)
    const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, asked)
    const look = async () =>
      oauth.processIntrospectionResponse(
        as,
        client,
        await oauth.introspectionRequest(as, client, proof, token, insecure),
      )
    expect(await look()).toMatchObject({ active: true, client_id: client.client_id })
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, insecure))
    expect(await look()).toEqual({ active: false })
  })
})

describe("openid-client", () => {
  it("registers its keys by itself, logs in, refreshes and revokes", async () => {
    const { privateKey, publicKey } = await newKeys("ES256")
    const config = await openid.dynamicClientRegistration(
      new URL(server.issuer),
      {
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "first" }] },
        grant_types: ["authorization_code", "refresh_token"],
      },
      openid.PrivateKeyJwt({ key: privateKey, kid: "first" }),
      { algorithm: "oauth2", execute: [openid.allowInsecureRequests] },
    )
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
    })
    const { headers } = await fetch(address, { redirect: "manual" })
    const location = new URL(headers.get("location")!)
    const tokens = await openid.authorizationCodeGrant(config, location, { pkceCodeVerifier, expectedState })
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!)
    await openid.tokenRevocation(config, refreshed.refresh_token!)
    await expect(openid.refreshTokenGrant(config, refreshed.refresh_token!)).rejects.toMatchObject({
      error: "invalid_grant",
    })
  })

  it("is known by the keys at its jwks_uri", async () => {
    const { privateKey, publicKey } = await newKeys("PS256")
    publishedKeys = [await exportJWK(publicKey)]
    const address = `http://127.0.0.1:${(published.address() as AddressInfo).port}/jwks.json`
    const { client_id: clientId } = await add("published", "--jwks-uri", address)
    const config = await openid.discovery(new URL(server.issuer), clientId, {}, openid.PrivateKeyJwt(privateKey), {
      algorithm: "oauth2",
      execute: [openid.allowInsecureRequests],
    })
    expect(await openid.clientCredentialsGrant(config, { resource: RESOURCE })).toMatchObject({ token_type: "bearer" })
  })

  it("is refused with another key", async () => {
    const { publicKey } = await newKeys("ES256")
    const { client_id: clientId } = await add("other", ...(await keyFlag("other", publicKey)))
    const { privateKey } = await newKeys("ES256")
    const config = await openid.discovery(new URL(server.issuer), clientId, {}, openid.PrivateKeyJwt(privateKey), {
      algorithm: "oauth2",
      execute: [openid.allowInsecureRequests],
    })
    const refused = { name: "ResponseBodyError", status: 401, error: "invalid_client" }
    await expect(openid.clientCredentialsGrant(config)).rejects.toMatchObject(refused)
  })
})

it("the MCP SDK gets a token for itself by its own provider of assertions", async () => {
  const { privateKey, publicKey } = await newKeys("ES256")
  const { client_id: clientId } = await add("mcp", ...(await keyFlag("mcp", publicKey)))
  const provider = new PrivateKeyJwtProvider({
    clientId,
    privateKey: await exportPKCS8(privateKey),
    algorithm: "ES256",
    expectedIssuer: server.issuer,
  })
  expect(await auth(provider, { serverUrl: server.issuer })).toBe("AUTHORIZED")
  expect(provider.tokens()).toMatchObject({ token_type: "Bearer" })
})

/** What a client asks for in the name of whoever is approved here. */
const asked = async (pkceCodeVerifier: string) => ({
  redirect_uri: REDIRECT_URI,
  code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
})

const sentBackTo = async (address: URL): Promise<URL> => {
  const { headers } = await fetch(address, { redirect: "manual" })
  return new URL(headers.get("location")!)
}

const configured = (clientId: string, authentication: openid.ClientAuth): Promise<openid.Configuration> =>
  openid.discovery(new URL(server.issuer), clientId, {}, authentication, {
    algorithm: "oauth2",
    execute: [openid.allowInsecureRequests],
  })

describe("a client that an operator binds", () => {
  it("to pushed requests and to keys gets no code and no token without them", async () => {
    const flags = ["--public", "--redirect-uri", REDIRECT_URI, "--require-pushed-requests", "--require-dpop"]
    const added = await add("bound", ...flags)
    expect(added).toMatchObject({ require_pushed_authorization_requests: true, dpop_bound_access_tokens: true })
    const config = await configured(added.client_id, openid.None())
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const plain = await sentBackTo(openid.buildAuthorizationUrl(config, await asked(pkceCodeVerifier)))
    expect(plain.searchParams.get("error")).toBe("invalid_request")
    const unbound = await sentBackTo(await openid.buildAuthorizationUrlWithPAR(config, await asked(pkceCodeVerifier)))
    await expect(openid.authorizationCodeGrant(config, unbound, { pkceCodeVerifier })).rejects.toMatchObject({
      error: "invalid_dpop_proof",
    })
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"))
    const pushed = await sentBackTo(
      await openid.buildAuthorizationUrlWithPAR(config, await asked(pkceCodeVerifier), { DPoP }),
    )
    const tokens = await openid.authorizationCodeGrant(config, pushed, { pkceCodeVerifier }, undefined, { DPoP })
    expect(tokens.token_type).toBe("dpop")
  })

  it("to requests that it signs gets no code by others", async () => {
    const { privateKey, publicKey } = await newKeys("ES256")
    const keys = await keyFlag("signs", publicKey)
    const added = await add("signs", ...keys, "--redirect-uri", REDIRECT_URI, "--require-signed-requests")
    const config = await configured(added.client_id, openid.PrivateKeyJwt(privateKey))
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const plain = await sentBackTo(openid.buildAuthorizationUrl(config, await asked(pkceCodeVerifier)))
    expect(plain.searchParams.get("error")).toBe("invalid_request")
    const address = await openid.buildAuthorizationUrlWithJAR(config, await asked(pkceCodeVerifier), privateKey)
    const tokens = await openid.authorizationCodeGrant(config, await sentBackTo(address), { pkceCodeVerifier })
    expect(tokens.token_type).toBe("bearer")
  })

  it("may ask as a device if the operator said so, and no other client may", async () => {
    const [device, other] = await Promise.all([
      add("box", "--public", "--device"),
      add("no-box", "--public", "--redirect-uri", REDIRECT_URI),
    ])
    const config = await configured(device.client_id, openid.None())
    const waiting = await openid.initiateDeviceAuthorization(config, { resource: RESOURCE })
    expect(waiting).toMatchObject({ verification_uri: `${server.issuer}/device`, expires_in: 600 })
    const refused = openid.initiateDeviceAuthorization(await configured(other.client_id, openid.None()), {})
    await expect(refused).rejects.toMatchObject({ error: "unauthorized_client" })
    const others = openid.dynamicClientRegistration(
      new URL(server.issuer),
      { redirect_uris: [], response_types: [], grant_types: [DEVICE_CODE_GRANT], token_endpoint_auth_method: "none" },
      openid.None(),
      { algorithm: "oauth2", execute: [openid.allowInsecureRequests] },
    )
    await expect(others).rejects.toMatchObject({ error: "invalid_client_metadata" })
  })
})

it("grantlog login proves itself by the key in a file, and gives scripts a token", async () => {
  const { privateKey, publicKey } = await newKeys("ES256")
  const added = await add("tool", ...(await keyFlag("tool", publicKey)), "--redirect-uri", "http://127.0.0.1/callback")
  const key = folder.at("tool-private.json")
  writeFileSync(key, JSON.stringify(await exportJWK(privateKey)))
  const mcpUrl = `${server.issuer}/mcp`
  const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
  const known = ["--client-id", added.client_id, "--client-key", key]
  const { code, stdout } = await logInByCommand([mcpUrl, ...known], env)
  expect([code, stdout]).toEqual([0, expect.stringContaining(`logged in at ${server.issuer}`)])
  expect((await grantlog(["token", mcpUrl, ...known], { env })).stdout).toMatch(/^gla_\w+\n$/)
  writeFileSync(key, "no JSON: c2VjcmV0")
  const wrong = await grantlog(["token", mcpUrl, ...known], { env })
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/^grantlog: --client-key `.*` is no JWK in JSON.*\n$/),
  ])
  expect(wrong.stderr).not.toContain("c2VjcmV0")
})

describe("the command", () => {
  it("says what is wrong with keys, and with algorithms", async () => {
    const bad = folder.at("bad.json")
    writeFileSync(bad, '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}')
    const run = (...flags: ReadonlyArray<string>) =>
      grantlogHere(["client", "add", "--name", "x", ...flags, "--store", `sqlite:${file}`])
    const refused = await run("--jwks", bad)
    expect(refused.stderr).toMatch(/private or symmetric/)
    expect(refused.stderr + refused.stdout).not.toContain("c2VjcmV0")
    expect(refused.code).toBe(1)
    expect((await run("--jwks", folder.at("none.json"))).code).toBe(2)
    expect((await run("--require-signed-requests")).stderr).toContain("needs --jwks or --jwks-uri")
    expect((await run("--jwks", bad, "--jwks-uri", "https://client.example/jwks")).code).toBe(2)
    expect((await run("--jwks", bad, "--public", "--redirect-uri", REDIRECT_URI)).code).toBe(2)
    const served = await grantlog([
      "serve",
      "--store",
      "memory:",
      "--port",
      "0",
      "--private-key-jwt",
      "--assertion-algs",
      "none",
    ])
    expect(served.stderr).toMatch(/the algorithm `none`: use some of/)
    expect(served.code).not.toBe(0)
  })
})
