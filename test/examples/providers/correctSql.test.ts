/**
 * The rules that a sound provider keeps: the correct one always, its racy sibling as long as one call follows another.
 */
import { describe, expect, test } from "vitest"
import type { OAuthToken } from "../../../src/entry/grantlog.ts"
import { VERIFIER, proof, publicClient } from "../../support/TenMethods.ts"
import { REDIRECT_URI, RESOURCE, challengeOf } from "../../support/WireClient.ts"
import { client, countOf, given, open, other, times, type Client } from "./DrivenProvider.ts"
import correctSql from "./correctSql.ts"
import sqlCheckThenSet from "./sqlCheckThenSet.ts"

describe.each(Object.entries({ correctSql, sqlCheckThenSet }))("%s, one call after the other", (_, factory) => {
  test("a second redemption ends what the first gave, also when the code has expired since", async () => {
    const { authorized, redeem, refresh, isActive, pass } = await open(factory)
    for (const wait of [0, 800]) {
      const code = await authorized()
      const token = (await redeem(code))!
      pass(wait)
      expect(await redeem(code)).toBeUndefined()
      expect(await isActive(token)).toBe(false)
      expect(await refresh(token.refresh_token!)).toBeUndefined()
    }
  })

  test("a replay without verifier, redirect URI or the right client ends nothing", async () => {
    const { authorized, redeem, isActive } = await open(factory)
    const code = await authorized()
    const token = (await redeem(code))!
    expect(await redeem(code, other)).toBeUndefined()
    expect(await redeem(code, client, { ...proof, codeVerifier: `${VERIFIER}x` })).toBeUndefined()
    expect(await redeem(code, client, { ...proof, redirectUri: `${REDIRECT_URI}x` })).toBeUndefined()
    expect(await isActive(token)).toBe(true)
  })

  test("a second presentation of a refresh token ends the grant; by another client it ends nothing", async () => {
    const { login, refresh, isActive } = await open(factory)
    const first = await login()
    const second = (await refresh(first.refresh_token!))!
    const third = (await refresh(second.refresh_token!))!
    expect(await refresh(first.refresh_token!, other)).toBeUndefined()
    expect(await isActive(third)).toBe(true)
    expect(await refresh(first.refresh_token!)).toBeUndefined()
    expect([await isActive(first), await isActive(second), await isActive(third)]).toEqual([false, false, false])
    expect(await refresh(third.refresh_token!)).toBeUndefined()
  })

  test("narrowing is for one access token, and nothing is asked beyond the grant", async () => {
    const { login, refresh } = await open(factory)
    const first = await login(["read", "write"])
    const narrow = (await refresh(first.refresh_token!, client, ["write"]))!
    expect(narrow.scope).toBe("write")
    expect((await refresh(narrow.refresh_token!))!.scope).toBe("read write")
    const little = await login(["read"])
    expect(await refresh(little.refresh_token!, client, ["read", "write"])).toBeUndefined()
    expect(await refresh(little.refresh_token!)).toBeDefined()
  })

  test("tokens are for the granted resource and account, and for no other resource", async () => {
    const { provider, authorized, login, refresh } = await open(factory)
    const token = await login()
    const bound = { resource: [RESOURCE], subject: "alice" }
    expect(await provider.verifyToken(token.access_token)).toMatchObject(bound)
    const elsewhere = { resource: ["http://localhost:9998/mcp"] }
    const target = { error: "invalid_target" }
    const code = (await provider.loadAuthorizationCode(client, await authorized()))!
    const redeemed = provider.exchangeAuthorizationCode(client, code, { ...proof, ...elsewhere })
    await expect(redeemed).rejects.toMatchObject(target)
    expect(await provider.exchangeAuthorizationCode(client, code, proof)).toBeDefined()
    const record = (await provider.loadRefreshToken(client, token.refresh_token!))!
    await expect(provider.exchangeRefreshToken(client, record, ["read"], elsewhere)).rejects.toMatchObject(target)
    expect(await refresh(token.refresh_token!)).toBeDefined()
  })

  test("a refresh token belongs to the key of a public client, and shown without it ends nothing", async () => {
    const { provider, authorized } = await open(factory)
    const code = (await provider.loadAuthorizationCode(client, await authorized()))!
    const token = await provider.exchangeAuthorizationCode(client, code, { ...proof, jkt: "k1" })
    const record = (await provider.loadRefreshToken(client, token.refresh_token!))!
    for (const jkt of [undefined, "k2"]) {
      const stolen = provider.exchangeRefreshToken(client, record, ["read"], jkt === undefined ? {} : { jkt })
      await expect(stolen).rejects.toMatchObject({ error: "invalid_grant" })
    }
    expect(await provider.exchangeRefreshToken(client, record, ["read"], { jkt: "k1" })).toBeDefined()
  })

  test("alive until the very millisecond it expires", async () => {
    const { provider, authorized, login, redeem, refresh, pass, nowSeconds } = await open(factory)
    const late = await authorized()
    const code = (await provider.loadAuthorizationCode(client, late))!
    pass(code.expiresAt - nowSeconds() - 0.001)
    const onTime = await authorized()
    const token = await login()
    pass(0.001)
    expect(await redeem(late)).toBeUndefined()
    expect(await redeem(onTime)).toBeDefined()
    const access = (await provider.verifyToken(token.access_token))!
    pass(access.expiresAt! - nowSeconds() - 0.001)
    expect(await provider.verifyToken(token.access_token)).toEqual(access)
    pass(0.001)
    expect(await provider.verifyToken(token.access_token)).toBeUndefined()
    const record = (await provider.loadRefreshToken(client, token.refresh_token!))!
    pass(record.expiresAt! - nowSeconds())
    expect(await refresh(token.refresh_token!)).toBeUndefined()
  })

  test("no refreshing leads past the end of the grant", async () => {
    const { login, refresh, isActive, pass } = await open(factory)
    const day = 24 * 3600
    let token: OAuthToken = await login()
    for (let dayCount = 0; dayCount < 85; dayCount += 5) {
      pass(5 * day)
      token = (await refresh(token.refresh_token!))!
    }
    pass(5 * day - 60)
    const last = (await refresh(token.refresh_token!))!
    expect(last.expires_in).toBe(60)
    pass(60)
    expect(await isActive(last)).toBe(false)
    expect(await refresh(last.refresh_token!)).toBeUndefined()
  })

  test("revoking ends both halves; without cascade an access token ends alone; an expired one ends nothing", async () => {
    const { provider, login, refresh, isActive, pass } = await open(factory)
    const whole = await login()
    const record = (await provider.loadAccessToken(whole.access_token))!
    await provider.revokeToken({ ...record, clientId: "other" })
    expect(await isActive(whole)).toBe(true)
    await provider.revokeToken(record)
    expect(await isActive(whole)).toBe(false)
    expect(await refresh(whole.refresh_token!)).toBeUndefined()
    const half = await login()
    const halfRecord = (await provider.loadAccessToken(half.access_token))!
    await provider.revokeToken(halfRecord, { cascade: false })
    expect(await isActive(half)).toBe(false)
    const next = (await refresh(half.refresh_token!))!
    const expiring = (await provider.loadAccessToken(next.access_token))!
    pass(next.expires_in)
    await provider.revokeToken(expiring)
    expect(await refresh(next.refresh_token!)).toBeDefined()
  })

  test("an id is registered once, scopes are the client's, and who may not refresh gets nothing to refresh with", async () => {
    const { provider, params } = await open(factory)
    const taken = provider.registerClient({ ...client, client_name: "impostor" })
    await expect(taken).rejects.toMatchObject({ error: "invalid_client_metadata" })
    expect(await provider.getClient("app")).not.toHaveProperty("client_name")
    for (const redirectUri of ["https://evil.example/callback", "http://127.0.0.1.evil.example/callback"]) {
      await expect(provider.authorize(client, { ...params, redirectUri })).rejects.toHaveProperty("error")
    }
    expect(await provider.authorize(client, { ...params, redirectUri: "http://127.0.0.1:8123/callback" })).toMatch(
      /^http:\/\/127\.0\.0\.1:8123\/callback\?code=/,
    )
    for (const uri of [
      "javascript:alert(1)",
      "https://app.example/#x",
      "https://a@b.example/",
      "http://app.example/",
    ]) {
      const bad = provider.registerClient({ ...publicClient("bad"), redirect_uris: [uri] })
      await expect(bad).rejects.toMatchObject({ error: "invalid_redirect_uri" })
    }
    const beyond = provider.authorize(client, { ...params, scopes: ["admin"] })
    await expect(beyond).rejects.toMatchObject({ error: "invalid_scope" })
    const once: Client = { ...publicClient("once"), grant_types: ["authorization_code"] }
    await provider.registerClient(once)
    const { scopes: _, ...unscoped } = params
    const location = new URL(await provider.authorize(once, unscoped))
    const code = (await provider.loadAuthorizationCode(once, location.searchParams.get("code")!))!
    const token = await provider.exchangeAuthorizationCode(once, code, proof)
    expect(token).not.toHaveProperty("refresh_token")
    expect(token.scope).toBe("read")
  })
})

describe("correctSql", () => {
  test("of 8 parallel redemptions one succeeds, and the grant is dead", async () => {
    const { authorized, redeem, refresh, isActive } = await open(correctSql)
    const code = await authorized()
    const redeemed = given(await times(8, () => redeem(code)))
    expect(redeemed).toHaveLength(1)
    expect(await isActive(redeemed[0]!)).toBe(false)
    expect(await refresh(redeemed[0]!.refresh_token!)).toBeUndefined()
  })

  test("8 parallel refreshes never leave two live successors", async () => {
    const { login, refresh, isActive } = await open(correctSql)
    const { refresh_token } = await login()
    const successors = given(await times(8, () => refresh(refresh_token!)))
    expect(successors).toHaveLength(1)
    expect(await countOf(successors, isActive)).toBe(0)
    expect(await refresh(successors[0]!.refresh_token!)).toBeUndefined()
  })

  test("a refresh beside a revocation does not outlive it, whichever comes first", async () => {
    const { provider, login, isActive, refresh } = await open(correctSql)
    for (const isRefreshFirst of [true, false]) {
      const token = await login()
      const record = (await provider.loadRefreshToken(client, token.refresh_token!))!
      const earlier = isRefreshFirst ? provider.exchangeRefreshToken(client, record, ["read"]) : undefined
      const [late] = await Promise.all([earlier ?? refresh(record.token), provider.revokeToken(record)])
      expect(late === undefined).toBe(!isRefreshFirst)
      for (const one of given([token, late])) {
        expect(await isActive(one)).toBe(false)
        expect(await refresh(one.refresh_token!)).toBeUndefined()
      }
    }
  })

  test("a spent code and a spent refresh token are still told to their own client; reading changes nothing", async () => {
    const { provider, authorized, redeem, refresh, isActive, pass } = await open(correctSql)
    const code = await authorized()
    const first = (await redeem(code))!
    const second = (await refresh(first.refresh_token!))!
    for (const _ of [1, 2]) {
      expect(await provider.loadAuthorizationCode(client, code)).toMatchObject({ code, clientId: "app" })
      expect(await provider.loadAuthorizationCode(other, code)).toBeUndefined()
      expect(await provider.loadRefreshToken(client, first.refresh_token!)).toMatchObject({ clientId: "app" })
      expect(await provider.loadRefreshToken(other, first.refresh_token!)).toBeUndefined()
      expect(await isActive(second)).toBe(true)
    }
    pass(second.expires_in)
    expect(await isActive(second)).toBe(false)
    expect(await refresh(second.refresh_token!)).toBeDefined()
  })

  test("what it is given it does not believe", async () => {
    const { provider, authorized, login } = await open(correctSql)
    const record = (await provider.loadRefreshToken(client, (await login()).refresh_token!))!
    const forged = { ...record, clientId: "other", scopes: ["admin"], expiresAt: 9e9, resource: [] }
    const denied = (error: string) => ({ error })
    const asOther = provider.exchangeRefreshToken(other, forged, ["read"])
    await expect(asOther).rejects.toMatchObject(denied("invalid_grant"))
    const wider = provider.exchangeRefreshToken(client, forged, ["admin"])
    await expect(wider).rejects.toMatchObject(denied("invalid_scope"))
    const code = (await provider.loadAuthorizationCode(client, await authorized()))!
    const changed = { ...code, codeChallenge: challengeOf("x".repeat(43)), scopes: ["admin"] }
    const swapped = provider.exchangeAuthorizationCode(client, changed, { ...proof, codeVerifier: "x".repeat(43) })
    await expect(swapped).rejects.toMatchObject(denied("invalid_grant"))
    expect((await provider.exchangeAuthorizationCode(client, changed, proof)).scope).toBe("read")
    await expect(provider.exchangeAuthorizationCode(client, changed)).rejects.toMatchObject(denied("invalid_grant"))
  })

  test("a clock that steps back revives nothing", async () => {
    const { login, isActive, pass } = await open(correctSql)
    const token = await login()
    pass(token.expires_in)
    expect(await isActive(token)).toBe(false)
    pass(-token.expires_in)
    expect(await isActive(token)).toBe(false)
  })

  test("a client's secret is recognised until its end, and never given", async () => {
    const { provider, pass, nowSeconds } = await open(correctSql)
    const secret = "a-secret-of-enough-characters"
    await provider.registerClient({
      ...publicClient("secretive"),
      token_endpoint_auth_method: "client_secret_basic",
      client_secret: secret,
      client_secret_expires_at: nowSeconds() + 60,
    })
    expect(await provider.getClient("secretive")).not.toHaveProperty("client_secret")
    expect(await provider.authenticateClient!("secretive", secret)).toBe(true)
    for (const wrong of [`${secret}x`, ""]) expect(await provider.authenticateClient!("secretive", wrong)).toBe(false)
    for (const nobody of ["app", "nobody"]) expect(await provider.authenticateClient!(nobody, "")).toBe(false)
    pass(60)
    expect(await provider.authenticateClient!("secretive", secret)).toBe(false)
  })
})
