/**
 * Tokens that are bound to a key, by clients that nobody here wrote: openid-client and oauth4webapi log in, refresh and
 * call a resource with proofs, against a server and a resource that both want their own nonces.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as oauth from "oauth4webapi"
import * as openid from "openid-client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { introspectionVerifier, protectResource } from "../../src/resource/index.ts"
import { getRequestListener } from "@hono/node-server"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import type { Client } from "./support/Wire.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback"
const insecure = { [oauth.allowInsecureRequests]: true }

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const http = createServer((request, response) => listener(request, response))
let listener: Parameters<typeof createServer>[1] & Function
let server: RunningServer
let resource: URL

beforeAll(async () => {
  server = await serve(file, "--dpop", "on", "--dpop-nonce", "required")
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  resource = new URL(`http://localhost:${(http.address() as AddressInfo).port}/notes`)
  const add = ["client", "add", "--name", "notes", "--audience", resource.href, "--store", `sqlite:${file}`]
  const { client_id: clientId, client_secret } = await grantlogJson<Client>(add)
  const notes = protectResource({
    resource: resource.href,
    authorizationServers: [server.issuer],
    scopes: ["read"],
    dpop: { nonceSecret: "a secret that the instances share" },
    verifier: introspectionVerifier({
      introspectionEndpoint: `${server.issuer}/introspect`,
      clientId,
      clientSecret: client_secret!,
    }),
  })
  const handle = notes.fetch((_request, { jkt }) => Response.json({ jkt }))
  listener = getRequestListener(handle, { overrideGlobalObjects: false })
})

afterAll(async () => {
  http.closeAllConnections()
  http.close()
  await server.stop()
  folder[Symbol.dispose]()
})

const bearer = async (token: string) => {
  const { status, headers } = await fetch(resource, { headers: { authorization: `Bearer ${token}` } })
  return [status, headers.get("www-authenticate")]
}

const metadata = {
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  dpop_bound_access_tokens: true,
}

describe("openid-client", () => {
  it("logs in, refreshes and calls a resource with its key, fetching each nonce by itself", async () => {
    const config = await openid.dynamicClientRegistration(new URL(server.issuer), metadata, openid.None(), {
      algorithm: "oauth2",
      execute: [openid.allowInsecureRequests],
    })
    expect(config.serverMetadata()["dpop_signing_alg_values_supported"]).toContain("ES256")
    expect(config.clientMetadata()["dpop_bound_access_tokens"]).toBe(true)
    const proof = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"))
    const jkt = await proof.calculateThumbprint()
    const login = async (dpop?: typeof proof) => {
      const pkceCodeVerifier = openid.randomPKCECodeVerifier()
      const expectedState = openid.randomState()
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: REDIRECT_URI,
        scope: "read",
        resource: resource.href,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
        state: expectedState,
        dpop_jkt: jkt,
      })
      const { headers } = await fetch(url, { redirect: "manual" })
      const location = new URL(headers.get("location")!)
      const options = dpop === undefined ? {} : { DPoP: dpop }
      return openid.authorizationCodeGrant(config, location, { pkceCodeVerifier, expectedState }, undefined, options)
    }
    await expect(login()).rejects.toMatchObject({ error: "invalid_dpop_proof" })
    const tokens = await login(proof)
    expect(tokens.token_type).toBe("dpop")
    const call = (token: string) =>
      openid.fetchProtectedResource(config, token, resource, "GET", null, undefined, { DPoP: proof })
    expect(await (await call(tokens.access_token)).json()).toEqual({ jkt })
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP: proof })
    expect(await (await call(refreshed.access_token)).json()).toEqual({ jkt })
    expect(await bearer(refreshed.access_token)).toEqual([401, expect.stringContaining('error="invalid_token"')])
    const stranger = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"))
    await expect(
      openid.refreshTokenGrant(config, refreshed.refresh_token!, undefined, { DPoP: stranger }),
    ).rejects.toMatchObject({ error: "invalid_grant" })
  })
})

describe("oauth4webapi", () => {
  it("is told of a nonce, and gets with it what it asked for", async () => {
    const issuer = new URL(server.issuer)
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
    )
    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(as, metadata, insecure),
    )
    const proof = oauth.DPoP({}, await oauth.generateKeyPair("EdDSA"))
    const verifier = oauth.generateRandomCodeVerifier()
    const url = new URL(as.authorization_endpoint!)
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      scope: "read",
      resource: resource.href,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }).toString()
    const { headers } = await fetch(url, { redirect: "manual" })
    const answer = oauth.validateAuthResponse(as, client, new URL(headers.get("location")!))
    const redeem = async () =>
      oauth.processAuthorizationCodeResponse(
        as,
        client,
        await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), answer, REDIRECT_URI, verifier, {
          DPoP: proof,
          ...insecure,
        }),
      )
    const fault: unknown = await redeem().catch((error: unknown) => error)
    expect(oauth.isDPoPNonceError(fault)).toBe(true)
    const { access_token, token_type } = await redeem()
    expect(token_type).toBe("dpop")
    const call = () =>
      oauth.protectedResourceRequest(access_token, "GET", resource, undefined, null, { DPoP: proof, ...insecure })
    const refused: unknown = await call().catch((error: unknown) => error)
    expect(oauth.isDPoPNonceError(refused)).toBe(true)
    expect(await (await call()).json()).toEqual({ jkt: await proof.calculateThumbprint() })
  })
})
