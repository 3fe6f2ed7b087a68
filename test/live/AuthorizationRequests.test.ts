/**
 * Clients that nobody here wrote push, sign and detail their requests, and take answers that are signed or posted, from a
 * server that was told to by flags.
 */
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey } from "jose"
import * as oauth from "oauth4webapi"
import * as client from "openid-client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback"
const payment = { type: "payment", amount: "12.50", creditor: "Merchant A" }
const types = JSON.stringify({
  payment: { members: { amount: { kind: "text" }, creditor: { kind: "text" } }, words: "pay {amount} to {creditor}" },
})
const flags = ["--pushed-requests=on", "--request-objects=on", "--form-post", "--signed-responses", "--dpop=on"]
const insecure = { [oauth.allowInsecureRequests]: true }
const discovery: client.DiscoveryRequestOptions = { algorithm: "oauth2", execute: [client.allowInsecureRequests] }

const folder = temporaryFolder()
let server: RunningServer
let keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }

beforeAll(async () => {
  server = await serve(folder.at("grantlog.db"), ...flags, "--authorization-details", types)
  keys = await generateKeyPair("ES256", { extractable: true })
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const metadata = async (more: Readonly<Record<string, unknown>> = {}) => ({
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["authorization_code", "refresh_token"],
  jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "1", use: "sig", alg: "ES256" }] },
  ...more,
})

/** What a browser would be given for an address, which is not followed. */
const browse = (url: URL) => fetch(url, { redirect: "manual" })
const sentTo = async (url: URL): Promise<URL> => new URL((await browse(url)).headers.get("location")!)

describe("openid-client", () => {
  const register = async (more: Readonly<Record<string, unknown>> = {}) =>
    client.dynamicClientRegistration(
      new URL(server.issuer),
      (await metadata(more)) as Partial<client.ClientMetadata>,
      client.ClientSecretBasic(),
      discovery,
    )
  const request = async () => {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const expectedState = client.randomState()
    const parameters = {
      redirect_uri: REDIRECT_URI,
      scope: "read",
      state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      authorization_details: JSON.stringify([payment]),
    }
    return { parameters, checks: { pkceCodeVerifier, expectedState } }
  }

  it("pushes its request, and is told what was granted besides scopes", async () => {
    const config = await register({ require_pushed_authorization_requests: true })
    const { parameters, checks } = await request()
    const url = await client.buildAuthorizationUrlWithPAR(config, parameters)
    expect([...url.searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"])
    const tokens = await client.authorizationCodeGrant(config, await sentTo(url), checks)
    expect(tokens.authorization_details).toEqual([payment])
    const seen = await client.tokenIntrospection(config, tokens.access_token)
    expect(seen["authorization_details"]).toEqual([payment])
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token!)
    expect(refreshed.authorization_details).toEqual([payment])
  })

  it("pushes with a proof of its key, and the code is for that key alone", async () => {
    const config = await register()
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
    const { parameters, checks } = await request()
    const location = await sentTo(await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }))
    await expect(client.authorizationCodeGrant(config, location, checks)).rejects.toMatchObject({
      error: "invalid_grant",
    })
    const tokens = await client.authorizationCodeGrant(config, location, checks, undefined, { DPoP })
    expect(tokens.token_type).toBe("dpop")
  })

  it("signs its request, by itself and pushed", async () => {
    const config = await register({ require_signed_request_object: true })
    const signer = { key: keys.privateKey, kid: "1" }
    const direct = await request()
    const url = await client.buildAuthorizationUrlWithJAR(config, direct.parameters, signer)
    expect([...url.searchParams.keys()].toSorted()).toEqual(["client_id", "request"])
    const tokens = await client.authorizationCodeGrant(config, await sentTo(url), direct.checks)
    expect(tokens.scope).toBe("read")

    const later = await request()
    const signed = await client.buildAuthorizationUrlWithJAR(config, later.parameters, signer)
    const pushed = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams)
    expect((await client.authorizationCodeGrant(config, await sentTo(pushed), later.checks)).scope).toBe("read")
  })

  it("takes a signed answer, and a posted one", async () => {
    const { parameters, checks } = await request()
    const signed = await register()
    client.useJwtResponseMode(signed)
    const url = client.buildAuthorizationUrl(signed, { ...parameters, response_mode: "jwt" })
    expect((await client.authorizationCodeGrant(signed, await sentTo(url), checks)).scope).toBe("read")

    const posting = await register()
    const again = await request()
    const page = await browse(
      client.buildAuthorizationUrl(posting, { ...again.parameters, response_mode: "form_post" }),
    )
    const fields = [...(await page.text()).matchAll(/name="([^"]+)" value="([^"]*)"/g)]
    const body = new URLSearchParams(fields.map(([, name, value]): [string, string] => [name!, value!]))
    const answer = new Request(REDIRECT_URI, { method: "POST", body })
    expect((await client.authorizationCodeGrant(posting, answer, again.checks)).scope).toBe("read")
  })
})

describe("oauth4webapi", () => {
  const start = async () => {
    const issuer = new URL(server.issuer)
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
    )
    const registered = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(as, (await metadata()) as Partial<oauth.Client>, insecure),
    )
    const verifier = oauth.generateRandomCodeVerifier()
    const parameters = new URLSearchParams({
      client_id: registered.client_id,
      response_type: "code",
      redirect_uri: REDIRECT_URI,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      response_mode: "jwt",
    })
    return {
      as,
      registered,
      verifier,
      parameters,
      proof: oauth.ClientSecretBasic(registered["client_secret"] as string),
    }
  }

  it("pushes a request that it signed, and takes the signed answer to it", async () => {
    const { as, registered, verifier, parameters, proof } = await start()
    const signed = await oauth.issueRequestObject(as, registered, parameters, { key: keys.privateKey, kid: "1" })
    const pushing = new URLSearchParams({ client_id: registered.client_id, request: signed })
    const response = await oauth.pushedAuthorizationRequest(as, registered, proof, pushing, insecure)
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, registered, response)
    const url = new URL(as.authorization_endpoint!)
    url.search = new URLSearchParams({ client_id: registered.client_id, request_uri }).toString()
    const location = await sentTo(url)
    const answer = await oauth.validateJwtAuthResponse(as, registered, location, oauth.expectNoState, insecure)
    const redeemed = await oauth.authorizationCodeGrantRequest(
      as,
      registered,
      proof,
      answer,
      REDIRECT_URI,
      verifier,
      insecure,
    )
    expect((await oauth.processAuthorizationCodeResponse(as, registered, redeemed)).token_type).toBe("bearer")
    expect((await sentTo(url)).searchParams.has("response")).toBe(true)
    await expect(
      oauth.validateJwtAuthResponse(as, registered, await sentTo(url), oauth.expectNoState, insecure),
    ).rejects.toMatchObject({ error: "invalid_request" })
  })

  it("is told by an error that it understands what it may not push", async () => {
    const { as, registered, parameters, proof } = await start()
    const bad = new URLSearchParams({
      client_id: registered.client_id,
      request: await unsignedFor(registered.client_id),
    })
    for (const [asked, error] of [
      [
        new URLSearchParams([...parameters, ["authorization_details", '[{"type":"nothing"}]']]),
        "invalid_authorization_details",
      ],
      [new URLSearchParams([...parameters, ["request_uri", "urn:x"]]), "invalid_request"],
      [bad, "invalid_request_object"],
    ] as const) {
      const response = await oauth.pushedAuthorizationRequest(as, registered, proof, asked, insecure)
      await expect(oauth.processPushedAuthorizationResponse(as, registered, response)).rejects.toMatchObject({ error })
    }
  })
})

/** By a key that no client has. */
const unsignedFor = async (clientId: string): Promise<string> => {
  const { privateKey } = await generateKeyPair("ES256")
  return new SignJWT({ client_id: clientId, aud: server.issuer }).setProtectedHeader({ alg: "ES256" }).sign(privateKey)
}
