/** OpenID Connect, end to end: openid-client discovers, asks, redeems and checks the ID token against the published keys. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { decodeProtectedHeader, type JWTPayload } from "jose"
import * as client from "openid-client"
import { describe, expect, it } from "vitest"
import { ConfigFault, jwtAccessTokens, openId, standardFeatures } from "../../../src/provider/index.ts"
import { jwtVerifier } from "../../../src/resource/index.ts"
import { CALLBACK, PARTY_ISSUER, startProvider, withOpenId } from "../../support/OpenIdParty.ts"
import { authorizeUrl } from "../../support/FrontDoor.ts"

const run = Effect.runPromise
const MCP = "https://mcp.example.com/mcp"

describe("a client that asks for openid", () => {
  //= OIDC-2-id-token-claims
  //= OIDC-3.1.2.1-nonce
  //= OIDC-3.1.3.3-id-token
  //= OIDC-3.1.3.6-at-hash
  it("gets an ID token that says who signed in, for it alone, with its nonce and the access token's hash", async () => {
    const provider = await startProvider()
    const { config, clientId } = await provider.party()
    const { tokens, claims, nonce } = await provider.signIn(config)
    const alice = await run(provider.native.accounts.find("alice"))
    const { aud, iat, exp, sub, iss, at_hash } = claims
    expect({ aud, sub, iss, lifetime: exp - iat, nonce: claims["nonce"] }).toEqual({
      aud: clientId,
      sub: alice!.subjectId,
      iss: PARTY_ISSUER,
      lifetime: 300,
      nonce,
    })
    expect(at_hash).toBe(hash("sha256", tokens.access_token, "buffer").subarray(0, 16).toString("base64url"))
    expect(decodeProtectedHeader(tokens.id_token!)).toMatchObject({ alg: "ES256", typ: "JWT" })
    expect(tokens).toMatchObject({ scope: "openid", token_type: "bearer" })
  })

  //= OIDC-2-client-alg
  //= OIDCD-3-rs256
  it.each(["RS256", "EdDSA"] as const)("gets it signed by %s if it registered so", async (alg) => {
    const provider = await startProvider({ options: { algorithms: ["ES256", alg] } })
    const { config } = await provider.party({ id_token_signed_response_alg: alg })
    const { tokens, claims } = await provider.signIn(config)
    expect(decodeProtectedHeader(tokens.id_token!).alg).toBe(alg)
    expect(String(claims["at_hash"]).length).toBe(alg === "EdDSA" ? 43 : 22)
    const other = provider.native.addClient({
      metadata: { redirect_uris: [CALLBACK], id_token_signed_response_alg: "PS256" },
    })
    expect(await run(Effect.flip(other))).toMatchObject({ error: "invalid_client_metadata" })
  })

  it("needs no resource, and gets an access token for UserInfo alone, though several are known", async () => {
    const provider = await startProvider({ config: { resources: [MCP, `${MCP}2`] } })
    const { config } = await provider.party()
    const { tokens, browser } = await provider.signIn(config)
    const seen = await run(provider.native.verify(tokens.access_token))
    expect(seen).toMatchObject({ resource: [`${PARTY_ISSUER}/userinfo`], scopes: ["openid"] })
    await expect(provider.signIn(config, { scope: "openid read" }, browser)).rejects.toMatchObject({
      error: "invalid_target",
    })
    const both = await provider.signIn(config, { scope: "openid read", resource: MCP })
    expect(await run(provider.native.verify(both.tokens.access_token))).toMatchObject({ resource: [MCP] })
  })

  //= OIDC-3.1.2.1-nonce
  it("is refused without a nonce, and with one that is too long", async () => {
    const provider = await startProvider()
    const { clientId } = await provider.party()
    const browser = provider.newBrowser()
    await browser.signIn(await browser.get("/login"))
    const asked = { redirect_uri: CALLBACK, scope: "openid" }
    for (const [more, sentence] of [
      [{}, "nonce is missing"],
      [{ nonce: "" }, "nonce is missing"],
      [{ nonce: "n".repeat(513) }, "nonce is longer"],
    ] as const) {
      const { location } = await browser.get(authorizeUrl(clientId, { ...asked, ...more }))
      const { searchParams } = new URL(location!)
      expect(searchParams.get("error")).toBe("invalid_request")
      expect(searchParams.get("error_description")).toContain(sentence)
    }
  })
})

//= OIDC-3.1.2.1-openid-scope
it("a client that does not ask for openid gets none, by a refresh neither", async () => {
  const provider = await startProvider({ config: { resources: [MCP] } })
  const { config } = await provider.party()
  const code = await provider.codeFor(config, { scope: "read" })
  expect(await client.authorizationCodeGrant(config, code.location, code.checks)).not.toHaveProperty("id_token")
  const { tokens } = await provider.signIn(config)
  expect(await client.refreshTokenGrant(config, tokens.refresh_token!)).not.toHaveProperty("id_token")
})

//= OIDCD-3-required-members
it("the metadata says what OpenID clients look for, and nothing of it where it is off", async () => {
  const provider = await startProvider({ options: { algorithms: ["RS256", "ES256"] } })
  const read = async (carry: typeof provider.carry) =>
    (await (await carry(new URL("/.well-known/openid-configuration", PARTY_ISSUER), {})).json()) as Record<
      string,
      unknown
    >
  expect(await read(provider.carry)).toMatchObject({
    issuer: PARTY_ISSUER,
    jwks_uri: `${PARTY_ISSUER}/jwks`,
    userinfo_endpoint: `${PARTY_ISSUER}/userinfo`,
    scopes_supported: ["read", "write", "openid", "profile"],
    subject_types_supported: ["public", "pairwise"],
    id_token_signing_alg_values_supported: ["RS256", "ES256"],
    claims_parameter_supported: false,
    request_uri_parameter_supported: false,
  })
  const plain = await startProvider({ features: standardFeatures })
  for (const member of Object.keys(await read(plain.carry)))
    expect(member).not.toMatch(/userinfo|id_token|subject_types/)
})

//= OIDC-16.14-token-kinds
it("an ID token is no access token, and no other JWT of the server is taken for one", async () => {
  const features = [...withOpenId().features!, jwtAccessTokens({ resources: [MCP] })]
  const provider = await startProvider({ features, config: { resources: [MCP] } })
  const { config, clientId } = await provider.party()
  const { tokens } = await provider.signIn(config, { scope: "openid read", resource: MCP })
  const { sign, verify } = provider.native.serverContext
  const idToken = tokens.id_token!
  expect(await run(provider.native.verify(idToken))).toBeUndefined()
  expect(await run(provider.native.verify(tokens.access_token))).toMatchObject({ clientId })
  const verifier = jwtVerifier({
    issuer: PARTY_ISSUER,
    jwksUri: `${PARTY_ISSUER}/jwks`,
    now: provider.clock.now,
    fetch: (url, init) => provider.carry(new URL(url), init!),
  })
  expect(await verifier.verify(idToken)).toBeUndefined()
  const issued = JSON.parse(Buffer.from(idToken.split(".")[1]!, "base64url").toString()) as JWTPayload
  for (const typ of ["at+jwt", "logout+jwt", "token-introspection+jwt", "authorization-response+jwt"]) {
    expect(await verify(await sign(issued, { typ }), "JWT"), typ).toBeUndefined()
    expect(await verify(idToken, typ), typ).toBeUndefined()
  }
  expect(await verify(idToken, "JWT")).toMatchObject({ aud: clientId })
  const introspected = await client.tokenIntrospection(config, idToken)
  expect(introspected).toEqual({ active: false })
})

it.each([
  [{ algorithms: [] }, "algorithms"],
  [{ algorithms: ["HS256" as "ES256"] }, "algorithms"],
  [{ lifetimeSeconds: 0 }, "lifetimeSeconds"],
  [{ lifetimeSeconds: 86_401 }, "lifetimeSeconds"],
])("options like %j are refused with a sentence", (options, sentence) => {
  expect(() => openId(options)).toThrow(ConfigFault)
  expect(() => openId(options)).toThrow(sentence)
})
