/**
 * What strangers can add to a server with the default limits, over HTTP, whatever they do: within the budget of the promise.
 *
 * They have no account; they register as many clients as they are let, as large as they may be, from ever new sources, and
 * then try every endpoint with them. An hour goes by on the test's clock.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { MAX_METADATA_BYTES } from "../../src/core/index.ts"
import { defaultLimits } from "../../src/http/Limits.ts"
import { sqliteStore, type Config } from "../../src/provider/index.ts"
import {
  OutsidersCannotGrowTheLog,
  STRANGERS_BYTES_AN_HOUR,
} from "../../properties/invariants/OutsidersCannotGrowTheLog.ts"
import { serve, serverOver } from "../support/TestServer.ts"
import { REDIRECT_URI, RESOURCE, basic, challengeOf, formOf, wireClient } from "../support/WireClient.ts"

const run = Effect.runPromise
const MINUTES = 60

/** As large as metadata may be, with everything in it that a stranger may hope for. */
const greedy = (() => {
  const metadata = {
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    response_types: ["code"],
    client_uri: "https://a.example/",
  }
  const room = MAX_METADATA_BYTES - JSON.stringify(metadata).length - 24
  return { ...metadata, redirect_uris: [REDIRECT_URI, ...longUris(room)] }
})()

function longUris(room: number): ReadonlyArray<string> {
  const count = Math.ceil(room / 2000)
  const size = Math.floor(room / count) - 3
  return Array.from({ length: count }, (_, index) => `https://a.example/${index}/`.padEnd(size, "x"))
}

/** A server as `grantlog serve` makes it, but for the quota, so that it is soon full; behind a proxy that names sources. */
const startServer = async (config: Partial<Config>) => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-growth-"))
  const file = join(folder, "grantlog.db")
  const store = sqliteStore(file)
  onTestFinished(async () => {
    await run(store.close)
    rmSync(folder, { recursive: true, force: true })
  })
  const limits = { tokenRate: 60, registrationRate: 600 } as const
  const { native, clock } = await serverOver({ store, isAutoApproving: false, config: { ...limits, ...config } })
  const url = await serve(native, { endpoints: { limits: defaultLimits, trustedProxies: ["127.0.0.1"] } })
  /** On disk, with what its journal holds beyond. */
  const bytes = () => statSync(file).size + statSync(`${file}-wal`).size
  return { native, clock, store, url, bytes }
}

type Server = Awaited<ReturnType<typeof startServer>>

const strangers = ({ url }: Server) => {
  let sources = 0
  const from = () => {
    sources++
    return wireClient(url, { "x-forwarded-for": `198.${sources >> 16}.${(sources >> 8) & 255}.${sources & 255}` })
  }
  /** From sources of their own until nobody is let any more; the clients that they got. */
  const register = async (most: number) => {
    const got: Array<{ readonly clientId: string; readonly clientSecret: string }> = []
    for (let tries = 0; tries < most; tries++) {
      const { status, body, headers } = await from().register(greedy)
      if (status === 429) {
        expect(Number(headers.get("retry-after"))).toBeGreaterThan(0)
        break
      }
      // A house that is full of clients that are all too young stays full for now.
      if (status === 403) break
      if (status === 201) got.push({ clientId: body.client_id!, clientSecret: body.client_secret! })
    }
    return got
  }
  /** Everything that can be asked with a client of one's own. */
  const tryAll = async ({ clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string }) => {
    const wire = from()
    const own = basic(clientId, clientSecret)
    const asked = { redirect_uri: REDIRECT_URI, code_verifier: "v".repeat(43) }
    const answers = [
      await wire.post("/token", { grant_type: "client_credentials", scope: "read", resource: RESOURCE }, own),
      await wire.post("/token", { grant_type: "authorization_code", code: "glc_made_up", ...asked }, own),
      await wire.post("/token", { grant_type: "refresh_token", refresh_token: "glr_made_up" }, own),
      await wire.post("/token", { grant_type: "client_credentials" }, basic(clientId, "wrong")),
      await wire.post("/revoke", { token: "gla_made_up" }, own),
      await wire.post("/introspect", { token: "gla_made_up" }, own),
    ]
    const query = {
      response_type: "code",
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      code_challenge_method: "S256",
    }
    await wire.get(`/authorize?${formOf({ ...query, code_challenge: challengeOf("v".repeat(43)) })}`)
    return answers
  }
  return { from, register, tryAll }
}

describe("OutsidersCannotGrowTheLog, over HTTP", () => {
  it.each([
    ["a quota that is soon full, so that each that comes lets one go", 100],
    ["a quota that is never full", 10_000],
  ])("an hour of strangers adds less than the budget, with %s", async (_, maxDynamicClients) => {
    const server = await startServer({ maxDynamicClients })
    const { register, tryAll } = strangers(server)
    const before = server.bytes()
    let registered = 0
    // Before the hour nobody came: all that was saved up is there to be used.
    for (let minute = 0; minute <= MINUTES && server.bytes() - before <= STRANGERS_BYTES_AN_HOUR; minute++) {
      const clients = await register(2000)
      registered += clients.length
      const [one] = clients
      if (one !== undefined && minute % 10 === 0) {
        for (const { body } of await tryAll(one)) expect(body).not.toHaveProperty("access_token")
      }
      server.clock.pass(60)
    }
    const objection = OutsidersCannotGrowTheLog.onGrowth!({ bytes: server.bytes() - before, hours: 1 })
    expect(objection, `${registered} clients registered`).toBeUndefined()
    expect(registered).toBeGreaterThan(600)
  })

  it("objects to more than its budget, and to nothing less", () => {
    const { onGrowth } = OutsidersCannotGrowTheLog
    expect(onGrowth!({ bytes: 20_000_001, hours: 1 })).toContain("strangers added")
    expect(onGrowth!({ bytes: 20_000_000, hours: 1 })).toBeUndefined()
    expect(onGrowth!({ bytes: 40_000_000, hours: 2 })).toBeUndefined()
  })

  it("registers nobody whom it answers 429, and says when to come again", async () => {
    const server = await startServer({ registrationRate: 20 })
    const { from, register } = strangers(server)
    const clients = await register(100)
    expect(clients).toHaveLength(20)
    const { size } = await run(server.store.head)
    for (let tries = 0; tries < 10; tries++) {
      const { status, headers, body } = await from().register(greedy)
      expect([status, body.error, headers.get("retry-after")]).toEqual([429, "temporarily_unavailable", "180"])
    }
    expect((await run(server.store.head)).size).toBe(size)
    server.clock.pass(180)
    expect(await register(100)).toHaveLength(1)
  })

  it("counts nobody who is refused because the house is full", async () => {
    const server = await startServer({ registrationRate: 3, maxDynamicClients: 1 })
    const { from } = strangers(server)
    expect((await from().register(greedy)).status).toBe(201)
    for (let tries = 0; tries < 10; tries++) expect((await from().register(greedy)).status).toBe(403)
  })

  it("lets nobody be kept from registering by what is refused anyway", async () => {
    const server = await startServer({})
    const { from } = strangers(server)
    for (let tries = 0; tries < 100; tries++) {
      expect((await from().register({ ...greedy, redirect_uris: ["javascript:alert(1)"] })).status).toBe(400)
    }
    expect((await from().register(greedy)).status).toBe(201)
  })
})
