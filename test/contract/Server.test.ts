/** Rows 8 to 10, 13, 14, 23, 24 and 26 of the contract: what the server asks, keeps, says and bears. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { createHandler } from "../../src/http/index.ts"
import { issuedTable } from "../../src/log/index.ts"
import { accessTable, clientTable, grantTable, subjectTable } from "../../src/projection/index.ts"
import type { AuthorizationServer } from "../../src/provider/index.ts"
import { startSession } from "../support/Session.ts"
import { ISSUER, overMemory, overSqlite, serverOver } from "../support/TestServer.ts"
import { proof, publicClient, tenMethods } from "../support/TenMethods.ts"
import { overPages, ways } from "../support/ThroughPages.ts"
import { REDIRECT_URI, RESOURCE, challengeOf, formOf, wireClient, type App } from "../support/WireClient.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { accountTable, sessionTable } from "../../src/provider/AccountTables.ts"

/** An authorization request under the issuer's own name, as a browser sends it. */
const authorizeAt = (native: AuthorizationServer, { clientId, redirectUri }: App): Promise<Response> => {
  const query = formOf({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challengeOf("v".repeat(43)),
    code_challenge_method: "S256",
  })
  return createHandler(native, { sourceOf: () => "127.0.0.1" })(new Request(`${ISSUER}/authorize?${query}`))
}

const open = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }

/** Everything that a store holds, as text. */
const everythingIn = async (store: ServerStore): Promise<string> => {
  const tables = [accountTable, sessionTable, issuedTable, accessTable, clientTable, grantTable, subjectTable]
  const entries = await Effect.runPromise(store.readAll(0, 10_000))
  const rows = await Effect.runPromise(Effect.forEach(tables, (table) => store.dump(table)))
  return JSON.stringify([entries, rows])
}

describe.each(ways)("$name", (way) => {
  test("B9: rows follow live grants, not the codes that nobody redeemed", async () => {
    const { wire, app, native, clock, visit } = await startSession(way)
    const { refresh } = await wire.login(app)
    const counts: Array<number> = []
    // Whoever is asked gives a password each time, which takes its time.
    const rounds = visit === undefined ? 6 : 3
    for (let round = 0; round < rounds; round++) {
      for (let count = 0; count < 64; count++) await wire.authorize(app)
      clock.pass(60 + 600)
      counts.push((await Effect.runPromise(native.grants({}, { limit: 10_000 }))).length)
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(2 * 64 + 1)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  //= OAUTH21-1.4.1-scope-default-or-fail
  //= OAUTH21-3.2.3-scope-if-different
  test("B14: a request without scope gets the default, in the log and in every answer, and never an empty one", async () => {
    const { wire, app, watcher } = await startSession(way)
    for (const scope of [undefined, "", "  "]) {
      const first = await wire.login(app, { scope, resource: RESOURCE })
      expect(first.body.scope).toBe("read")
      const second = await wire.refreshed(app, first.refresh, { scope })
      expect(second.body.scope).toBe("read")
      expect((await wire.introspect(watcher, second.access)).body.scope).toBe("read")
    }
  })

  test("B14: a server without scopes answers none, and not an empty one", async () => {
    const { wire, app, watcher } = await startSession(way, { config: { scopes: [] } })
    const { access, body } = await wire.login(app, { resource: RESOURCE })
    expect(body).not.toHaveProperty("scope")
    expect((await wire.introspect(watcher, access)).body).not.toHaveProperty("scope")
  })

  //= RFC9207-2-iss-in-all-responses
  //= RFC9207-2.3-iss-equals-metadata
  //= MCP-AUTHZ-as-iss
  test("B23: every authorization response names the issuer, exactly", async () => {
    for (const issuer of [ISSUER, `${ISSUER}/`, `${ISSUER}/tenant`]) {
      const { url, native, visit } = await way.start({ config: { issuer } })
      const { client_id: clientId } = await Effect.runPromise(native.addClient({ metadata: open }))
      const wire = wireClient(url + new URL(issuer).pathname.replace(/\/$/, ""), {}, visit)
      for (const form of [{}, { response_type: "token" }, { scope: "admin" }]) {
        const answer = await wire.authorize({ clientId, redirectUri: REDIRECT_URI }, form)
        expect(new URL(answer.headers.get("location")!).searchParams.get("iss")).toBe(issuer)
      }
      const metadata = await wireClient(url).get(
        `/.well-known/oauth-authorization-server${new URL(issuer).pathname.replace(/\/$/, "")}`,
      )
      expect(metadata.body["issuer"]).toBe(issuer)
    }
  })
})

test("B8: nothing is approved that nobody was asked about, unless that was switched on", async () => {
  const { app, native } = await startSession(overMemory, { isAutoApproving: false })
  const answer = await authorizeAt(native, app)
  expect(answer.headers.get("location")).toMatch(`${ISSUER}/consent?request=`)
  expect(await Effect.runPromise(native.grants({}))).toEqual([])
})

test("B8: auto-approval is for this machine only", async () => {
  await expect(overMemory.start({ config: { issuer: "https://id.example" } })).rejects.toThrow(
    "autoApprove is for development",
  )
  const { wire, native } = await startSession()
  const app = await wire.newApp({ redirect_uris: ["https://app.example/callback"] })
  const answer = await authorizeAt(native, app)
  expect(answer.headers.get("location")).toMatch(`${ISSUER}/consent?request=`)
})

//= A44
test.each([overMemory, overSqlite, overPages])(
  "B10: no code, token, secret or verifier is in the store, $name",
  async (factory) => {
    const { wire, watcher, store } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const approval = await wire.approved(app, { resource: RESOURCE })
    const { body: first } = await wire.redeem(app, approval)
    await wire.redeem(app, { ...approval, verifier: "w".repeat(43) })
    const second = await wire.refreshed(app, first.refresh_token!)
    await wire.refreshed(app, first.refresh_token!)
    await wire.introspect(watcher, second.access)
    await wire.revoke(app, second.access)
    await wire.redeem(app, approval)
    const stored = await everythingIn(store)
    expect(stored).toContain("GrantRevoked")
    const secrets = [
      ...[approval.code, approval.verifier, "w".repeat(43), first.access_token!, first.refresh_token!],
      ...[second.access, second.refresh, app.clientSecret!, watcher.clientSecret!],
    ]
    for (const secret of secrets) {
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(secret.slice(-49))
    }
  },
)

test("B13: an id is registered once; who comes second changes nothing", async () => {
  const { provider, client } = await tenMethods()
  const thief = { ...client, redirect_uris: ["https://evil.example/"], client_secret: "s".repeat(43) }
  await expect(provider.registerClient(thief)).rejects.toMatchObject({ error: "invalid_client_metadata" })
  await expect(
    provider.registerClient({ ...thief, token_endpoint_auth_method: "client_secret_post" }),
  ).rejects.toMatchObject({ error: "invalid_client_metadata" })
  expect((await provider.getClient("app"))?.redirect_uris).toEqual(client.redirect_uris)
})

test("B13: the id of a deleted client is not given again", async () => {
  const { native } = await serverOver()
  const add = () => Effect.runPromise(native.addClient({ metadata: publicClient("app"), clientId: "app" }))
  await add()
  await Effect.runPromise(native.deleteClient("app"))
  await expect(add()).rejects.toMatchObject({ error: "invalid_client_metadata" })
})

//= MCP-AUTHZ-pkce-metadata
//= MCP-AUTHZ-as-discovery
test("B23: the metadata says none and S256, under OpenID's name as well, and browsers may send Authorization", async () => {
  const { wire } = await startSession()
  const { body } = await wire.get("/.well-known/openid-configuration")
  expect(body["token_endpoint_auth_methods_supported"]).toContain("none")
  expect(body["code_challenge_methods_supported"]).toEqual(["S256"])
  expect(body["authorization_response_iss_parameter_supported"]).toBe(true)
  const { headers } = await wire.send("OPTIONS", "/token", { origin: "https://app.example" })
  expect(headers.get("access-control-allow-headers")).toContain("Authorization")
})

test("B24: a form of 18 MB is not parsed", async () => {
  const { wire } = await startSession()
  const form = { "content-type": "application/x-www-form-urlencoded" }
  const huge = `grant_type=refresh_token&x=${"x".repeat(18 * 1024 * 1024)}`
  expect(await wire.send("POST", "/token", form, huge)).toMatchObject({
    status: 413,
    body: { error: "invalid_request" },
  })
})

//= A39
test("B24: registration has a rate, a quota, an end of secrets and a switch", async () => {
  const limits = { registrationsPerMinute: 2 }
  const wireWith = async (setting: Parameters<typeof overMemory.start>[0]) =>
    wireClient((await overMemory.start(setting)).url)
  const statuses = async (setting: Parameters<typeof overMemory.start>[0]) => {
    const { register } = await wireWith(setting)
    return [(await register(open)).status, (await register(open)).status, (await register(open)).status]
  }
  expect(await statuses({ endpoints: { limits } })).toEqual([201, 201, 429])
  expect(await statuses({ config: { maxDynamicClients: 1 } })).toEqual([201, 403, 403])
  expect(await statuses({ config: { registration: "off" } })).toEqual([403, 403, 403])
  const { register } = await wireWith({ config: { clientSecretLifetime: 60 } })
  expect(
    (await register({ ...open, token_endpoint_auth_method: "client_secret_post" })).body["client_secret_expires_at"],
  ).toBeGreaterThan(0)
})

//= OAUTH21-4.1.3-code-single-use
test("B26: of eight redemptions at once one succeeds and the replays end the grant", async () => {
  const { provider, client, code } = await tenMethods()
  const record = await code()
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => provider.exchangeAuthorizationCode(client, record, proof)),
  )
  const given = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
  expect(given).toHaveLength(1)
  expect(await provider.verifyToken(given[0]!.access_token)).toBeUndefined()
})

test("B26: of eight refreshes at once all get the one successor and nobody loses the session", async () => {
  const { wire, app } = await startSession(overSqlite)
  const { refresh } = await wire.login(app)
  const answers = await Promise.all(Array.from({ length: 8 }, () => wire.refresh(app, refresh)))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect((await wire.refresh(app, answers[0]!.body.refresh_token!)).status).toBe(200)
})
