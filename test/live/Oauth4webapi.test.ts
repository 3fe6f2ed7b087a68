/** oauth4webapi, a strict client that checks every answer against the RFCs, goes through all that is served. */
import * as oauth from "oauth4webapi"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import type { Client } from "./support/Wire.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback?kept=a%20b"
const RESOURCE = "http://localhost:9999/mcp"
const insecure = { [oauth.allowInsecureRequests]: true }

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
let server: RunningServer
let as: oauth.AuthorizationServer

beforeAll(async () => {
  server = await serve(file)
  const issuer = new URL(server.issuer)
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure })
  as = await oauth.processDiscoveryResponse(issuer, response)
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const methods: Readonly<Record<string, (client: oauth.Client) => oauth.ClientAuth>> = {
  none: () => oauth.None(),
  client_secret_basic: (client) => oauth.ClientSecretBasic(client["client_secret"] as string),
  client_secret_post: (client) => oauth.ClientSecretPost(client["client_secret"] as string),
}

const register = async (token_endpoint_auth_method: string): Promise<oauth.Client> => {
  const metadata = {
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method,
    grant_types: ["authorization_code", "refresh_token"],
    client_name: "oauth4webapi",
  }
  const response = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure)
  return oauth.processDynamicClientRegistrationResponse(response)
}

/** What the client's browser brings back, by hand: the redirect is read and not followed. */
const authorizationResponse = async (client: oauth.Client, parameters: Readonly<Record<string, string>>) => {
  const url = new URL(as.authorization_endpoint!)
  const query = { response_type: "code", client_id: client.client_id, redirect_uri: REDIRECT_URI, ...parameters }
  url.search = new URLSearchParams(query).toString()
  const { status, headers } = await fetch(url, { redirect: "manual" })
  expect(status).toBe(303)
  return new URL(headers.get("location")!)
}

/** Registered, approved, redeemed: every answer validated by the client. */
const login = async (method: string) => {
  const client = await register(method)
  const proof = methods[method]!(client)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const location = await authorizationResponse(client, {
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    scope: "read write",
    resource: RESOURCE,
    state,
  })
  expect(location.href.startsWith(`${REDIRECT_URI}&`)).toBe(true)
  const answer = oauth.validateAuthResponse(as, client, location, state)
  const options = { additionalParameters: { resource: RESOURCE }, ...insecure }
  const response = await oauth.authorizationCodeGrantRequest(as, client, proof, answer, REDIRECT_URI, verifier, options)
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response)
  return { client, proof, tokens, location, state }
}

const introspect = async (client: oauth.Client, proof: oauth.ClientAuth, token: string) => {
  const response = await oauth.introspectionRequest(as, client, proof, token, insecure)
  return oauth.processIntrospectionResponse(as, client, response)
}

const revoke = async (client: oauth.Client, proof: oauth.ClientAuth, token: string) =>
  oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, insecure))

describe.for(["none", "client_secret_basic", "client_secret_post"])("a client with %s", (method) => {
  //= MCP-AUTHZ-as-oauth21
  //= MCP-AUTHZ-as-discovery
  //= MCP-AUTHZ-as-dcr
  it("discovers, registers, is approved, redeems and refreshes", async () => {
    const { client, proof, tokens } = await login(method)
    expect(client["token_endpoint_auth_method"]).toBe(method)
    expect("client_secret" in client).toBe(method !== "none")
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 3600, scope: "read write" })

    const options = { additionalParameters: { resource: RESOURCE, scope: "read" }, ...insecure }
    const response = await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token!, options)
    const refreshed = await oauth.processRefreshTokenResponse(as, client, response)
    expect(refreshed.scope).toBe("read")
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
    expect(refreshed.access_token).not.toBe(tokens.access_token)
  })

  it("refuses an answer that names another issuer or another state, as it must be able to", async () => {
    const { client, location, state } = await login(method)
    expect(location.searchParams.get("iss")).toBe(server.issuer)
    const foreign = new URL(location)
    foreign.searchParams.set("iss", "http://localhost:1")
    expect(() => oauth.validateAuthResponse(as, client, foreign, state)).toThrow(/iss/)
    foreign.searchParams.delete("iss")
    expect(() => oauth.validateAuthResponse(as, client, foreign, state)).toThrow(/iss/)
    expect(() => oauth.validateAuthResponse(as, client, location, `${state}x`)).toThrow(/state/)
  })

  it("reads a refusal as an error of its code", async () => {
    const { client, proof, tokens } = await login(method)
    const refused = await oauth.refreshTokenGrantRequest(as, client, proof, `${tokens.refresh_token!}x`, insecure)
    await expect(oauth.processRefreshTokenResponse(as, client, refused)).rejects.toMatchObject({
      error: "invalid_grant",
      status: 400,
    })
    const options = { additionalParameters: { resource: "http://localhost:9999/other" }, ...insecure }
    const elsewhere = await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token!, options)
    await expect(oauth.processRefreshTokenResponse(as, client, elsewhere)).rejects.toMatchObject({
      error: "invalid_target",
    })
  })

  it("revokes its refresh token, and with it the grant", async () => {
    const { client, proof, tokens } = await login(method)
    await revoke(client, proof, tokens.refresh_token!)
    const response = await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token!, insecure)
    await expect(oauth.processRefreshTokenResponse(as, client, response)).rejects.toMatchObject({
      error: "invalid_grant",
    })
  })
})

describe.for(["client_secret_basic", "client_secret_post"])("a confidential client with %s", (method) => {
  it("introspects its own tokens, with resource, subject and times, until it revokes one", async () => {
    const { client, proof, tokens } = await login(method)
    const access = await introspect(client, proof, tokens.access_token)
    expect(access).toMatchObject({
      active: true,
      iss: server.issuer,
      client_id: client.client_id,
      aud: RESOURCE,
      scope: "read write",
      sub: expect.stringMatching(/^sub_/),
    })
    expect(access.exp! - access.iat!).toBe(3600)
    expect(await introspect(client, proof, tokens.refresh_token!)).toMatchObject({ active: true })

    await revoke(client, proof, tokens.access_token)
    expect(await introspect(client, proof, tokens.access_token)).toEqual({ active: false })
    expect(await introspect(client, proof, tokens.refresh_token!)).toMatchObject({ active: true })
  })

  it("sees nothing of another client's tokens", async () => {
    const [mine, other] = [await login(method), await login(method)]
    expect(await introspect(mine.client, mine.proof, other.tokens.access_token)).toEqual({ active: false })
  })

  it("is told of a wrong secret by 401 invalid_client", async () => {
    const { client, tokens } = await login(method)
    const wrong = methods[method]!({ ...client, client_secret: "wrong" })
    const response = await oauth.refreshTokenGrantRequest(as, client, wrong, tokens.refresh_token!, insecure)
    // A challenge comes as one; it is the body that names the code.
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([401, "invalid_client"])
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic /)
  })
})

it("a client that an operator added gets a token for itself and for one resource", async () => {
  const added = await grantlogJson<Client>(["client", "add", "--name", "cron", "--store", `sqlite:${file}`])
  const client: oauth.Client = { client_id: added.client_id }
  const proof = oauth.ClientSecretBasic(added.client_secret!)
  const parameters = { resource: RESOURCE, scope: "write" }
  const response = await oauth.clientCredentialsGrantRequest(as, client, proof, parameters, insecure)
  const tokens = await oauth.processClientCredentialsResponse(as, client, response)
  expect(tokens.refresh_token).toBeUndefined()
  const seen = await introspect(client, proof, tokens.access_token)
  expect(seen).toMatchObject({ active: true, client_id: added.client_id, aud: RESOURCE, scope: "write" })
  expect(seen).not.toHaveProperty("sub")
})
