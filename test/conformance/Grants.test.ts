/**
 * Strict clients that nobody here wrote, on what the tests beside the server try by hand: token exchange, JWT access tokens and signed introspection answers, each judged by the client's own reading of the documents.
 */
import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import * as openid from "openid-client"
import { describe, expect, it } from "vitest"
import {
  TOKEN_EXCHANGE,
  jwtAccessTokens,
  signedIntrospection,
  standardFeatures,
  tokenExchange,
} from "../../src/provider/index.ts"
import { startFrontDoor, type FrontDoor } from "../support/FrontDoor.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"

const OTHER = "http://localhost:9998/mail"
const insecure = { [oauth.allowInsecureRequests]: true }

const start = async () =>
  startFrontDoor({
    features: [...standardFeatures, tokenExchange(), jwtAccessTokens({ resources: [RESOURCE] }), signedIntrospection()],
    config: {
      autoApprove: "alice",
      resources: [RESOURCE, OTHER],
    },
  })

const operated = (door: FrontDoor, metadata: object, audience?: string) =>
  Effect.runPromise(
    door.native.addClient({
      metadata: { redirect_uris: [], ...metadata },
      ...(audience === undefined ? {} : { audience }),
    }),
  )

const discovered = async ({ issuer }: FrontDoor): Promise<oauth.AuthorizationServer> => {
  const url = new URL(issuer)
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm: "oauth2", ...insecure }))
}

describe("tokens for resources", () => {
  /** Somebody's token for these resources, which a public app got. */
  const tokenFor = async (door: FrontDoor, ...resource: ReadonlyArray<string>) => {
    const wire = wireClient(door.url)
    const app = await wire.newApp()
    const { access, refresh } = await wire.login(app, { resource: [...resource], scope: "read write" })
    return { token: access, end: () => wire.revoke(app, refresh) }
  }

  it("openid-client exchanges a token for one that reaches less, and lives by it", async () => {
    const door = await start()
    const { client_id, client_secret } = await operated(door, { grant_types: [TOKEN_EXCHANGE] }, OTHER)
    const config = await openid.discovery(new URL(door.issuer), client_id, client_secret, undefined, {
      algorithm: "oauth2",
      execute: [openid.allowInsecureRequests],
    })
    const { token: first, end } = await tokenFor(door, OTHER)
    const exchanged = await openid.genericGrantRequest(config, TOKEN_EXCHANGE, {
      subject_token: first,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      scope: "read",
    })
    expect(exchanged).toMatchObject({
      scope: "read",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    })
    expect(exchanged.refresh_token).toBeUndefined()
    const active = async (token: string) => (await openid.tokenIntrospection(config, token)).active
    expect(await active(exchanged.access_token)).toBe(true)
    const grown = { subject_token: exchanged.access_token, scope: "read write" }
    const type = { subject_token_type: "urn:ietf:params:oauth:token-type:access_token" }
    await expect(openid.genericGrantRequest(config, TOKEN_EXCHANGE, { ...grown, ...type })).rejects.toMatchObject({
      error: "invalid_scope",
    })
    expect((await end()).status).toBe(200)
    expect(await active(exchanged.access_token)).toBe(false)
  })

  it("oauth4webapi judges a JWT access token as a resource server, and takes it for its resource alone", async () => {
    const door = await start()
    const as = await discovered(door)
    const { token } = await tokenFor(door, RESOURCE)
    const shown = () => new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } })
    const now = Math.floor(door.clock.now() / 1000)
    const options = { ...insecure, [oauth.clockSkew]: now - Math.floor(Date.now() / 1000) }
    const claims = await oauth.validateJwtAccessToken(as, shown(), RESOURCE, options)
    expect(claims).toMatchObject({ iss: door.issuer, aud: RESOURCE, scope: "read write" })
    await expect(oauth.validateJwtAccessToken(as, shown(), OTHER, options)).rejects.toThrow(/aud/)
    await expect(oauth.validateJwtAccessToken({ ...as, issuer: OTHER }, shown(), RESOURCE, options)).rejects.toThrow(
      /iss/,
    )
  })

  it("oauth4webapi verifies the signed answer to an introspection", async () => {
    const door = await start()
    const as = await discovered(door)
    const watcher = await operated(door, { grant_types: [], introspection_signed_response_alg: "ES256" }, OTHER)
    const client: oauth.Client = { client_id: watcher.client_id, introspection_signed_response_alg: "ES256" }
    const proof = oauth.ClientSecretBasic(watcher.client_secret!)
    const { token } = await tokenFor(door, OTHER)
    const asked = { ...insecure, requestJwtResponse: true }
    const response = await oauth.introspectionRequest(as, client, proof, token, asked)
    expect(response.headers.get("content-type")).toBe("application/token-introspection+jwt")
    const answer = await oauth.processIntrospectionResponse(as, client, response)
    expect(answer).toMatchObject({ active: true, aud: OTHER, scope: "read write" })
    await oauth.validateApplicationLevelSignature(as, response, insecure)
  })
})
