/** openid-client, in its OAuth 2.1 manner: it discovers and registers by itself and validates every answer. */
import * as client from "openid-client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import type { Client } from "./support/Wire.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback"
const RESOURCES = ["http://localhost:9999/mcp", "http://localhost:9998"]

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
let server: RunningServer

beforeAll(async () => {
  server = await serve(file, "--openid")
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const discovery: client.DiscoveryRequestOptions = { algorithm: "oauth2", execute: [client.allowInsecureRequests] }

const methods: Readonly<Record<string, client.ClientAuth>> = {
  none: client.None(),
  client_secret_basic: client.ClientSecretBasic(),
  client_secret_post: client.ClientSecretPost(),
}

const register = (token_endpoint_auth_method: string): Promise<client.Configuration> =>
  client.dynamicClientRegistration(
    new URL(server.issuer),
    {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method,
      grant_types: ["authorization_code", "refresh_token"],
    },
    methods[token_endpoint_auth_method],
    discovery,
  )

/** The address that the browser is sent back to. */
const approvedAt = async (url: URL): Promise<URL> => {
  const { headers } = await fetch(url, { redirect: "manual" })
  return new URL(headers.get("location")!)
}

const login = async (config: client.Configuration, resources: ReadonlyArray<string> = []) => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const parameters = new URLSearchParams({
    redirect_uri: REDIRECT_URI,
    scope: "read",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
  })
  for (const resource of resources) parameters.append("resource", resource)
  const location = await approvedAt(client.buildAuthorizationUrl(config, parameters))
  return client.authorizationCodeGrant(config, location, { pkceCodeVerifier, expectedState })
}

describe.for(Object.keys(methods))("a client with %s", (method) => {
  it("registers, logs in, refreshes and revokes", async () => {
    const config = await register(method)
    const tokens = await login(config)
    expect(tokens).toMatchObject({ token_type: "bearer", scope: "read", expires_in: 3600 })
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token!)
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
    await client.tokenRevocation(config, refreshed.refresh_token!)
    await expect(client.refreshTokenGrant(config, refreshed.refresh_token!)).rejects.toMatchObject({
      error: "invalid_grant",
    })
  })

  it("is told by an error that it understands when a code is redeemed twice, and the grant is dead", async () => {
    const config = await register(method)
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const location = await approvedAt(
      client.buildAuthorizationUrl(config, {
        redirect_uri: REDIRECT_URI,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
      }),
    )
    const tokens = await client.authorizationCodeGrant(config, location, { pkceCodeVerifier })
    const invalidGrant = { error: "invalid_grant" }
    await expect(client.authorizationCodeGrant(config, location, { pkceCodeVerifier })).rejects.toMatchObject(
      invalidGrant,
    )
    await expect(client.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject(invalidGrant)
  })
})

describe("a confidential client", () => {
  it("gets tokens for several resources, and narrows them to one by refreshing", async () => {
    const config = await register("client_secret_basic")
    const tokens = await login(config, RESOURCES)
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: true, aud: RESOURCES })
    const narrowed = await client.refreshTokenGrant(config, tokens.refresh_token!, { resource: RESOURCES[0]! })
    expect(await client.tokenIntrospection(config, narrowed.access_token)).toMatchObject({ aud: RESOURCES[0] })
    const whole = await client.refreshTokenGrant(config, narrowed.refresh_token!)
    expect(await client.tokenIntrospection(config, whole.access_token)).toMatchObject({ aud: RESOURCES })
  })

  it("gets a token for itself once an operator has added it", async () => {
    const added = await grantlogJson<Client>(["client", "add", "--name", "job", "--store", `sqlite:${file}`])
    const config = await client.discovery(
      new URL(server.issuer),
      added.client_id,
      { client_secret: added.client_secret! },
      client.ClientSecretBasic(),
      discovery,
    )
    const tokens = await client.clientCredentialsGrant(config, { scope: "read", resource: RESOURCES[0]! })
    const seen = await client.tokenIntrospection(config, tokens.access_token)
    expect(seen).toMatchObject({ active: true, client_id: added.client_id, aud: RESOURCES[0] })
    expect(seen).not.toHaveProperty("sub")
  })
})

describe("a client of the operator's own, added by the command", () => {
  it("discovers the server as an OpenID provider, is told who somebody is, and sends them to sign out", async () => {
    const [after, told] = ["https://app.example/left", "https://app.example/told"]
    const added = await grantlogJsonHere<Client>([
      ...["client", "add", "--name", "Own app", "--redirect-uri", REDIRECT_URI, "--first-party"],
      ...["--post-logout-redirect-uri", after, "--backchannel-logout-uri", told, "--store", `sqlite:${file}`],
    ])
    const config = await client.discovery(new URL(server.issuer), added.client_id, added.client_secret!, undefined, {
      execute: [client.allowInsecureRequests],
    })
    const [pkceCodeVerifier, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomNonce()]
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: "openid",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      nonce: expectedNonce,
    })
    const tokens = await client.authorizationCodeGrant(config, await approvedAt(url), {
      pkceCodeVerifier,
      expectedNonce,
    })
    const { sub } = tokens.claims()!
    expect(await client.fetchUserInfo(config, tokens.access_token, sub)).toEqual({ sub })
    const leaving = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: after,
      state: "s",
    })
    expect((await approvedAt(leaving)).href).toBe(`${after}?state=s`)
    const { stdout } = await grantlogHere(["history", "--store", `sqlite:${file}`])
    expect(stdout).toContain("first-party")
  })
})
