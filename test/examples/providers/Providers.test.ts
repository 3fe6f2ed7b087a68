/**
 * What each example provider can do, and every fault that it is said to have, as plain assertions.
 *
 * What a kit says of them is asserted elsewhere; here is what it is right about.
 */
import { describe, expect, test } from "vitest"
import { proof, publicClient } from "../../support/TenMethods.ts"
import { REDIRECT_URI } from "../../support/WireClient.ts"
import { client, countOf, given, open, other, times, type Client } from "./DrivenProvider.ts"
import correctSql from "./correctSql.ts"
import fastmcpInMemory from "./fastmcpInMemory.ts"
import keyValue from "./keyValue.ts"
import map from "./map.ts"
import sqlCheckThenSet from "./sqlCheckThenSet.ts"

const entries = Object.entries({ map, sqlCheckThenSet, keyValue, fastmcpInMemory, correctSql })

describe.each(entries)("%s", (_, factory) => {
  test("a login, a refresh and a revocation work, one after the other", async () => {
    const { provider, authorized, redeem, refresh, isActive } = await open(factory)
    expect(await provider.getClient("app")).toMatchObject({ client_id: "app", redirect_uris: [REDIRECT_URI] })
    const first = (await redeem(await authorized(["read", "write"])))!
    expect(first).toMatchObject({ token_type: "Bearer", scope: "read write", expires_in: expect.any(Number) })
    expect(await provider.verifyToken(first.access_token)).toMatchObject({ clientId: "app", scopes: ["read", "write"] })
    const second = (await refresh(first.refresh_token!, client, ["read"]))!
    expect(await provider.loadAccessToken(second.access_token)).toMatchObject({ scopes: ["read"] })
    await provider.revokeToken((await provider.loadRefreshToken(client, second.refresh_token!))!)
    expect(await isActive(second)).toBe(false)
    expect(await refresh(second.refresh_token!)).toBeUndefined()
  })

  test("code and state are sent to the redirect URI", async () => {
    const { provider, params } = await open(factory)
    const location = new URL(await provider.authorize(client, { ...params, state: "s t" }))
    expect(location.origin + location.pathname).toBe(REDIRECT_URI)
    expect([...location.searchParams.keys()]).toEqual(["code", "state"])
    expect(location.searchParams.get("state")).toBe("s t")
  })

  test("what is not known is not found, and a code or refresh token is not for another client", async () => {
    const { provider, authorized, redeem, refresh, login } = await open(factory)
    expect(await provider.getClient("nobody")).toBeUndefined()
    for (const token of ["unknown", "", "a:b"]) {
      expect(await provider.loadAuthorizationCode(client, token)).toBeUndefined()
      expect(await provider.loadRefreshToken(client, token)).toBeUndefined()
      expect(await provider.verifyToken(token)).toBeUndefined()
    }
    const code = await authorized()
    expect(await redeem(code, other)).toBeUndefined()
    expect(await redeem(code)).toBeDefined()
    const token = await login()
    expect(await refresh(token.refresh_token!, other)).toBeUndefined()
    expect(await refresh(token.refresh_token!)).toBeDefined()
  })
})

describe("map", () => {
  test("its fault: of 8 parallel redemptions all succeed, and of 8 parallel refreshes", async () => {
    const { authorized, redeem, login, refresh, isActive } = await open(map)
    const code = await authorized()
    const redeemed = given(await times(8, () => redeem(code)))
    expect(await countOf(redeemed, isActive)).toBe(8)
    const { refresh_token } = await login()
    const successors = given(await times(8, () => refresh(refresh_token!)))
    const alive = await countOf(successors, async (one) => (await refresh(one.refresh_token!)) !== undefined)
    expect(alive).toBe(8)
  })

  test("its fault: a refresh beside a revocation outlives it", async () => {
    const { provider, login, refresh, isActive } = await open(map)
    const token = await login()
    const record = (await provider.loadRefreshToken(client, token.refresh_token!))!
    const late = provider.exchangeRefreshToken(client, record, ["read"])
    await provider.revokeToken(record)
    expect(await isActive(token)).toBe(false)
    expect(await refresh((await late).refresh_token!)).toBeDefined()
  })

  test("its fault: a replay and a reuse are refused, and what was issued lives on", async () => {
    const { authorized, redeem, refresh, isActive } = await open(map)
    const code = await authorized()
    const first = (await redeem(code))!
    expect(await redeem(code)).toBeUndefined()
    const second = (await refresh(first.refresh_token!))!
    expect(await refresh(first.refresh_token!)).toBeUndefined()
    expect([await isActive(first), await isActive(second)]).toEqual([true, true])
    expect(await refresh(second.refresh_token!)).toBeDefined()
  })
})

describe.each(Object.entries({ map, keyValue }))("%s", (_, factory) => {
  test("its fault: of 2 parallel registrations of an id both succeed, and the second replaces the first", async () => {
    const { provider } = await open(factory)
    const [first, second] = [publicClient("new"), { ...publicClient("new"), client_name: "somebody else" }]
    await Promise.all([provider.registerClient(first), provider.registerClient(second)])
    expect(await provider.getClient("new")).toMatchObject({ client_name: "somebody else" })
  })
})

describe("sqlCheckThenSet", () => {
  test("its fault: of 8 parallel redemptions all succeed, and of 8 parallel refreshes", async () => {
    const { authorized, redeem, login, refresh, isActive } = await open(sqlCheckThenSet)
    const code = await authorized()
    const redeemed = given(await times(8, () => redeem(code)))
    expect(await countOf(redeemed, isActive)).toBe(8)
    const { refresh_token } = await login()
    const successors = given(await times(8, () => refresh(refresh_token!)))
    const alive = await countOf(successors, async (one) => (await refresh(one.refresh_token!)) !== undefined)
    expect(alive).toBe(8)
  })
})

describe("keyValue", () => {
  test("its fault: another client that presents a spent token ends the session", async () => {
    const { login, refresh, isActive } = await open(keyValue)
    const first = await login()
    const second = (await refresh(first.refresh_token!))!
    const third = (await refresh(second.refresh_token!))!
    expect(await refresh(second.refresh_token!, other)).toBeUndefined()
    expect(await isActive(third)).toBe(true)
    expect(await refresh(first.refresh_token!, other)).toBeUndefined()
    expect(await isActive(third)).toBe(false)
    expect(await refresh(third.refresh_token!)).toBeUndefined()
  })

  test("its fault: a refresh on its way undoes a revocation", async () => {
    const { provider, login, refresh, isActive } = await open(keyValue)
    const token = await login()
    const record = (await provider.loadRefreshToken(client, token.refresh_token!))!
    const late = provider.exchangeRefreshToken(client, record, ["read"])
    await provider.revokeToken(record)
    expect(await isActive(token)).toBe(false)
    expect(await refresh((await late).refresh_token!)).toBeDefined()
  })

  test("its fault: a refresh widens the scope of a client that registered for more, and of no other", async () => {
    const { provider, params, login, refresh, redeem } = await open(keyValue)
    const { refresh_token } = await login(["read"])
    const wide = (await refresh(refresh_token!, client, ["read", "write"]))!
    expect(await provider.verifyToken(wide.access_token)).toMatchObject({ scopes: ["read", "write"] })
    for (const scope of [{ scope: "read" }, {}]) {
      const modest: Client = { ...publicClient(`modest${scope.scope ?? ""}`), ...scope }
      await provider.registerClient(modest)
      const location = new URL(await provider.authorize(modest, params))
      const token = (await redeem(location.searchParams.get("code")!, modest))!
      expect(await refresh(token.refresh_token!, modest, ["read", "write"])).toBeUndefined()
    }
  })

  test("its fault: parallel requests overwrite each other's document", async () => {
    const { authorized, redeem, login, refresh } = await open(keyValue)
    const code = await authorized()
    expect(given(await times(8, () => redeem(code)))).toHaveLength(8)
    const { refresh_token } = await login()
    const successors = given(await times(8, () => refresh(refresh_token!)))
    expect(successors).toHaveLength(8)
    const usable = await countOf(successors, async (one) => (await refresh(one.refresh_token!)) !== undefined)
    expect(usable).toBe(1)
  })

  test("its policy: current and previous refresh token both work; an older one ends the grant, as a replay does", async () => {
    const { authorized, redeem, login, refresh, isActive } = await open(keyValue)
    const first = await login()
    const lost = (await refresh(first.refresh_token!))!
    const second = (await refresh(first.refresh_token!))!
    expect(await refresh(lost.refresh_token!)).toBeUndefined()
    expect(await isActive(second)).toBe(false)
    const code = await authorized()
    const token = (await redeem(code))!
    expect(await redeem(code)).toBeUndefined()
    expect(await isActive(token)).toBe(false)
  })
})

describe("fastmcpInMemory", () => {
  test("its fault: verifying an expired access token ends the refresh token", async () => {
    const { provider, login, pass, refresh } = await open(fastmcpInMemory)
    const token = await login()
    pass(3601)
    expect(await provider.verifyToken(token.access_token)).toBeUndefined()
    expect(await refresh(token.refresh_token!)).toBeUndefined()
    const untouched = await login()
    pass(3601)
    expect(await refresh(untouched.refresh_token!)).toBeDefined()
  })

  test("its fault: what it is given it believes: twice, after revocation, for another client, with scopes added", async () => {
    const { provider, login, isActive } = await open(fastmcpInMemory)
    const { refresh_token } = await login()
    const record = (await provider.loadRefreshToken(client, refresh_token!))!
    await provider.exchangeRefreshToken(client, record, ["read"])
    const again = await provider.exchangeRefreshToken(client, record, ["read"])
    await provider.revokeToken(record)
    const stolen = await provider.exchangeRefreshToken(other, { ...record, scopes: ["admin"] }, ["admin"])
    expect([await isActive(again), await isActive(stolen)]).toEqual([true, true])
    expect(await provider.verifyToken(stolen.access_token)).toMatchObject({ clientId: "other", scopes: ["admin"] })
  })

  test("its fault: a replayed code and a reused refresh token are refused, and what was issued lives on", async () => {
    const { provider, authorized, redeem, refresh, isActive } = await open(fastmcpInMemory)
    const code = (await provider.loadAuthorizationCode(client, await authorized()))!
    const first = await provider.exchangeAuthorizationCode(client, code, proof)
    await expect(provider.exchangeAuthorizationCode(client, code, proof)).rejects.toHaveProperty(
      "error",
      "invalid_grant",
    )
    expect(await redeem(code.code)).toBeUndefined()
    expect(await isActive(first)).toBe(true)
    const second = (await refresh(first.refresh_token!))!
    expect(await refresh(first.refresh_token!)).toBeUndefined()
    expect(await isActive(second)).toBe(true)
    expect(await refresh(second.refresh_token!)).toBeDefined()
  })

  test("its fault: requests that all loaded the token before one of them refreshed all succeed", async () => {
    const { provider, login } = await open(fastmcpInMemory)
    const { refresh_token } = await login()
    const records = await times(8, async () => (await provider.loadRefreshToken(client, refresh_token!))!)
    const successors = await Promise.all(records.map((one) => provider.exchangeRefreshToken(client, one, ["read"])))
    const alive = successors.map((one) => provider.loadRefreshToken(client, one.refresh_token!))
    expect((await Promise.all(alive)).filter(Boolean)).toHaveLength(8)
  })

  test("its fault: narrowing is permanent, and no scope asked is an empty one", async () => {
    const { provider, params, login, refresh, redeem } = await open(fastmcpInMemory)
    const first = await login(["read", "write"])
    const narrow = (await refresh(first.refresh_token!, client, ["read"]))!
    expect(await refresh(narrow.refresh_token!, client, ["read", "write"])).toBeUndefined()
    const { scopes: _, ...unscoped } = params
    const location = new URL(await provider.authorize(client, unscoped))
    expect((await redeem(location.searchParams.get("code")!))!.scope).toBe("")
  })

  test("its fault: resource and subject are dropped", async () => {
    const { provider, login } = await open(fastmcpInMemory)
    const record = (await provider.verifyToken((await login()).access_token))!
    expect(record.resource).toEqual([])
    expect(record).not.toHaveProperty("subject")
  })

  test("its fault: a token is good at exactly its end, and a refresh token has none", async () => {
    const { provider, login, pass, isActive } = await open(fastmcpInMemory)
    const token = await login()
    expect(await provider.loadRefreshToken(client, token.refresh_token!)).not.toHaveProperty("expiresAt")
    pass(3600)
    expect(await isActive(token)).toBe(true)
    pass(0.001)
    expect(await isActive(token)).toBe(false)
  })

  test("its fault: an id is registered over the one before", async () => {
    const { provider } = await open(fastmcpInMemory)
    await provider.registerClient({ ...client, redirect_uris: ["https://evil.example/"] })
    expect(await provider.getClient("app")).toMatchObject({ redirect_uris: ["https://evil.example/"] })
  })
})
