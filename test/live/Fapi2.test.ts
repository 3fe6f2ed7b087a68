/** `grantlog serve --profile fapi2`, with openid-client as the bank's client that keeps to the profile. */
import { writeFileSync } from "node:fs"
import { exportJWK } from "jose"
import * as openid from "openid-client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { logInByCommand } from "./support/CommandLogin.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback"
const RESOURCE = "http://localhost:9999/mcp"

const folder = temporaryFolder()
let server: RunningServer

beforeAll(async () => {
  server = await serve(folder.at("grantlog.db"), "--profile", "fapi2", "--request-objects", "on")
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const newClient = async () => {
  const { privateKey, publicKey } = await openid.randomDPoPKeyPair("ES256", { extractable: true })
  const key = { key: privateKey, kid: "1" }
  const config = await openid.dynamicClientRegistration(
    new URL(server.issuer),
    {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      grant_types: ["authorization_code", "refresh_token"],
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "1" }] },
      authorization_signed_response_alg: "ES256",
    },
    openid.PrivateKeyJwt(key, {
      // The profile wants the issuer as a text, and nothing else.
      [openid.modifyAssertion]: (_header, payload) => void (payload["aud"] = server.issuer),
    }),
    { algorithm: "oauth2", execute: [openid.allowInsecureRequests] },
  )
  return { config, key, DPoP: openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256")) }
}

type Client = Awaited<ReturnType<typeof newClient>>

const asked = async (verifier: string) => ({
  redirect_uri: REDIRECT_URI,
  resource: RESOURCE,
  code_challenge: await openid.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
})

const follow = async (address: URL): Promise<URL> => {
  const { headers } = await fetch(address, { redirect: "manual" })
  return new URL(headers.get("location")!)
}

const login = async ({ config, key, DPoP }: Client, isSigned = false) => {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier()
  let parameters: URLSearchParams | Record<string, string> = await asked(pkceCodeVerifier)
  if (isSigned) {
    openid.useJwtResponseMode(config)
    const address = await openid.buildAuthorizationUrlWithJAR(config, parameters, key)
    parameters = address.searchParams
  }
  const address = await openid.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
  expect([...address.searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"])
  return openid.authorizationCodeGrant(config, await follow(address), { pkceCodeVerifier }, undefined, { DPoP })
}

describe("openid-client", () => {
  it("logs in by a pushed request, its own assertion and a proof of possession, and refreshes", async () => {
    const client = await newClient()
    const tokens = await login(client)
    expect(tokens.token_type).toBe("dpop")
    const { config, DPoP } = client
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP })
    expect(refreshed.token_type).toBe("dpop")
  })

  it("signs what it asks for, and has the answer signed", async () => {
    expect((await login(await newClient(), true)).token_type).toBe("dpop")
  })

  it("gets nothing by a request in the address of the browser", async () => {
    const { config } = await newClient()
    const address = openid.buildAuthorizationUrl(config, await asked(openid.randomPKCECodeVerifier()))
    const { searchParams } = await follow(address)
    expect([searchParams.get("error"), searchParams.get("iss")]).toEqual(["invalid_request", server.issuer])
  })

  it("gets no token without a proof of possession", async () => {
    const { config } = await newClient()
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const location = await follow(await openid.buildAuthorizationUrlWithPAR(config, await asked(pkceCodeVerifier)))
    await expect(openid.authorizationCodeGrant(config, location, { pkceCodeVerifier })).rejects.toMatchObject({
      error: "invalid_dpop_proof",
    })
  })
})

describe("grantlog login", () => {
  const mcpUrl = () => `${server.issuer}/mcp`
  const keyFile = async () => {
    const { privateKey } = await openid.randomDPoPKeyPair("ES256", { extractable: true })
    const path = folder.at("client-key.json")
    writeFileSync(path, JSON.stringify(await exportJWK(privateKey)))
    return path
  }

  it("registers its key, pushes its request and binds its tokens, by its flags alone", async () => {
    const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
    const key = ["--client-key", await keyFile()]
    const { code, stdout, page } = await logInByCommand([mcpUrl(), "--dpop", ...key], env)
    expect([code, stdout]).toEqual([0, expect.stringContaining(`logged in at ${server.issuer}`)])
    expect(page).toContain("Logged in")
    const token = (await grantlog(["token", mcpUrl(), ...key], { env })).stdout.trim()
    const store = ["--store", `sqlite:${folder.at("grantlog.db")}`]
    const { grantId } = await grantlogJson<{ grantId: string }>(["explain", ...store], {
      input: token,
    })
    const events = (await grantlogJson<ReadonlyArray<{ event: Record<string, unknown> }>>([
      "history",
      ...["--grant", grantId, ...store],
    ])) as unknown
    expect(JSON.stringify(events)).toMatch(/"jkt":"[\w-]{43}"/)
    expect((await grantlog(["logout", mcpUrl(), ...key], { env })).stdout).toContain("the server was told")
  })

  it("says what the server wants, without a bound token and without a key", async () => {
    const env = { GRANTLOG_CREDENTIALS: folder.at("other-logins") }
    const unbound = await logInByCommand([mcpUrl(), "--client-key", await keyFile()], env)
    expect([unbound.code, unbound.stderr]).toEqual([1, expect.stringContaining("DPoP")])
    const keyless = await grantlog(["login", mcpUrl(), "--dpop", "--print-link"], { env })
    expect([keyless.code, keyless.stderr]).toEqual([1, expect.stringContaining("--client-key")])
  })
})

describe("the flags beside the profile", () => {
  it.each([
    [["--dpop", "on"], "--profile fapi2 settles --dpop: leave it out"],
    [["--private-key-jwt"], "--profile fapi2 settles --private-key-jwt: leave it out"],
    [["--timed-request-objects"], "--profile fapi2 settles --timed-request-objects: leave it out"],
    [["--code-ttl", "61"], "--profile fapi2 has codes live for 60 seconds at most: lower --code-ttl"],
    [
      ["--pushed-request-ttl", "600"],
      "--profile fapi2 has pushed requests opened within less than 600 seconds: lower --pushed-request-ttl",
    ],
  ])("are refused where they contradict it: %j", async (flags, sentence) => {
    const { code, stderr } = await grantlog(["serve", "--profile", "fapi2", "--store", "memory:", ...flags])
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
  })
})
