/** Who an access token is of: by header and form, bound to a key or not, and to whom by which name. */
import { Effect } from "effect"
import * as client from "openid-client"
import { describe, expect, it } from "vitest"
import { dpop } from "../../../src/provider/index.ts"
import { newDpopKey } from "../../support/DpopKey.ts"
import { CALLBACK, PARTY_ISSUER, startProvider, withOpenId } from "../../support/OpenIdParty.ts"

const run = Effect.runPromise
const MCP = "https://mcp.example.com/mcp"
const USER_INFO = `${PARTY_ISSUER}/userinfo`

type Provider = Awaited<ReturnType<typeof startProvider>>

const ask = (provider: Provider, method: string, headers: Record<string, string> = {}, body?: string) =>
  provider.carry(new URL(USER_INFO), { method, headers, ...(body === undefined ? {} : { body }) })

const form = { "content-type": "application/x-www-form-urlencoded" }
const errorOf = async (answer: Response) => [answer.status, ((await answer.json()) as { error: string }).error]

//= OIDC-5.3.2-sub
//= OIDC-5.4-claims-by-scope
it("a client learns who signed in, and a name only if it was allowed to see the profile", async () => {
  const provider = await startProvider()
  const { config } = await provider.party()
  const bare = await provider.signIn(config)
  const { sub } = bare.claims
  expect(await client.fetchUserInfo(config, bare.tokens.access_token, sub)).toEqual({ sub })
  const named = await provider.signIn(config, { scope: "openid profile" }, bare.browser)
  expect(await client.fetchUserInfo(config, named.tokens.access_token, sub)).toEqual({
    sub,
    name: "alice",
    preferred_username: "alice",
  })
  await run(provider.native.forgetSubject(sub))
  expect((await ask(provider, "GET", { authorization: `Bearer ${named.tokens.access_token}` })).status).toBe(401)
})

describe("the token", () => {
  //= OIDC-5.3.1-methods
  it("comes in the header of a GET or POST, or in the form that is posted, and in one of them alone", async () => {
    const provider = await startProvider()
    const { config } = await provider.party()
    const { tokens, claims } = await provider.signIn(config)
    const authorization = `Bearer ${tokens.access_token}`
    const body = `access_token=${tokens.access_token}`
    const subOf = async (answer: Response) => ((await answer.json()) as { sub: string }).sub
    for (const answer of [
      await ask(provider, "GET", { authorization }),
      await ask(provider, "POST", { authorization }),
      await ask(provider, "POST", form, body),
    ]) {
      expect(answer.headers.get("cache-control")).toBe("no-store")
      expect(answer.headers.get("access-control-allow-origin")).toBe("*")
      expect(await subOf(answer)).toBe(claims.sub)
    }
    expect(await errorOf(await ask(provider, "POST", { ...form, authorization }, body))).toEqual([
      400,
      "invalid_request",
    ])
    expect(await errorOf(await ask(provider, "POST", form, `${body}&${body}`))).toEqual([400, "invalid_request"])
  })

  //= OIDC-5.3.3-errors
  it("that is missing, unknown, ended or for somebody else's resource is answered by a challenge and nothing else", async () => {
    const provider = await startProvider({ config: { resources: [MCP] } })
    const { config } = await provider.party()
    const missing = await ask(provider, "GET")
    expect([missing.status, missing.headers.get("www-authenticate"), await missing.text()]).toEqual([401, "Bearer", ""])
    const other = await provider.signIn(config, { scope: "openid read", resource: MCP })
    const mine = await provider.signIn(config, {}, other.browser)
    await client.tokenRevocation(config, mine.tokens.access_token)
    for (const token of [other.tokens.access_token, mine.tokens.access_token, mine.tokens.id_token!, "nothing"]) {
      const refused = await ask(provider, "GET", { authorization: `Bearer ${token}` })
      expect(refused.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"')
      expect(await errorOf(refused)).toEqual([401, "invalid_token"])
    }
  })

  it("that was not asked for with openid is not enough", async () => {
    const provider = await startProvider({ config: { resources: [USER_INFO] } })
    const { config } = await provider.party()
    const { location, checks } = await provider.codeFor(config, { scope: "read", resource: USER_INFO })
    const { access_token } = await client.authorizationCodeGrant(config, location, checks)
    const refused = await ask(provider, "GET", { authorization: `Bearer ${access_token}` })
    expect(refused.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope", scope="openid"')
    expect(await errorOf(refused)).toEqual([403, "insufficient_scope"])
  })

  it("that is bound to a key is worth nothing without a proof of it, and each proof is good once", async () => {
    const provider = await startProvider({ features: [...withOpenId().features!, dpop()] })
    const { config } = await provider.party()
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"))
    const { location, checks } = await provider.codeFor(config, { nonce: "n" })
    const tokens = await client.authorizationCodeGrant(config, location, { ...checks, expectedNonce: "n" }, undefined, {
      DPoP,
    })
    expect(tokens.token_type).toBe("dpop")
    const { sub } = tokens.claims()!
    expect(await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).toEqual({ sub })
    const refused = await ask(provider, "GET", { authorization: `Bearer ${tokens.access_token}` })
    expect(refused.headers.get("www-authenticate")).toBe('Bearer error="invalid_token", DPoP error="invalid_token"')
    const other = await newDpopKey()
    const proof = await other.proof("GET", USER_INFO, { token: tokens.access_token })
    const stolen = { authorization: `DPoP ${tokens.access_token}`, dpop: proof }
    expect(await errorOf(await ask(provider, "GET", stolen))).toEqual([401, "invalid_token"])
    expect(await errorOf(await ask(provider, "GET", stolen))).toEqual([401, "invalid_dpop_proof"])
  })
})

//= OIDC-8.1-pairwise
//= OIDC-8.1-sector
describe("a client with pairwise subjects", () => {
  it("knows somebody by an id of its own, the same everywhere it is told and after a restart, and another site by another", async () => {
    const provider = await startProvider()
    const pairwise = { subject_type: "pairwise" }
    const { config } = await provider.party(pairwise)
    const { tokens, claims, browser } = await provider.signIn(config)
    const alice = (await run(provider.native.accounts.find("alice")))!
    expect(claims.sub).not.toBe(alice.subjectId)
    expect(await client.fetchUserInfo(config, tokens.access_token, claims.sub)).toEqual({ sub: claims.sub })
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ sub: claims.sub })
    const sameSite = await provider.party(pairwise)
    expect((await provider.signIn(sameSite.config, {}, browser)).claims.sub).toBe(claims.sub)
    const again = await startProvider({ store: provider.store, keys: provider.keys, clock: provider.clock })
    expect((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).sub).toBe(claims.sub)
    const subjectFor = again.native.features.openIdProvider!.subjectFor
    const { serverContext } = again.native
    const elsewhere = await run(
      again.native.addClient({ metadata: { redirect_uris: ["https://other.example/cb"], ...pairwise } }),
    )
    const [here, there] = [
      await subjectFor(sameSite.clientId, alice.subjectId, serverContext),
      await subjectFor(elsewhere.client_id, alice.subjectId, serverContext),
    ]
    expect(here).toBe(claims.sub)
    expect(there).not.toBe(here)
  })

  it("is of one site, or is not registered", async () => {
    const provider = await startProvider()
    for (const redirect_uris of [[CALLBACK, "https://other.example/cb"], ["com.example.app:/cb"]]) {
      const added = provider.native.addClient({ metadata: { redirect_uris, subject_type: "pairwise" } })
      expect(await run(Effect.flip(added))).toMatchObject({ error: "invalid_client_metadata" })
    }
  })
})
