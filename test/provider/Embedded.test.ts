/** The rules of the server for programs without Effect: the same operations as Promises, refusals as rejections. */
import { expect, test } from "vitest"
import {
  ConfigFault,
  OAuthError,
  StoreFault,
  Unavailable,
  authorizationServer,
  ephemeralKeys,
  memoryStore,
  type EmbeddedServer,
} from "../../src/entry/grantlog.ts"
import type { EpochMillis } from "../../src/core/index.ts"
import { liveRandomness, mintGrantId, mintToken, type ServerOptions } from "../../src/provider/index.ts"
import { memoryPlace, retrySecretTable } from "../../src/log/index.ts"
import { newSchema, postgres } from "../log/postgres/Schemas.ts"
import { openPostgresStore } from "../support/OverPostgres.ts"
import { ISSUER } from "../support/TestServer.ts"

const start = (): Promise<EmbeddedServer> =>
  authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config: { issuer: ISSUER } })

test("clients, accounts and tokens are had by awaiting, and verified at once", async () => {
  const server = await start()
  const { client_id, client_secret } = await server.addClient({
    metadata: { redirect_uris: [], grant_types: ["client_credentials"] },
  })
  const credentials = { clientId: client_id, clientSecret: client_secret! }
  const { access_token } = await server.issueClientCredentials({ credentials })
  expect(server.verifySync(access_token)).toMatchObject({ clientId: client_id })
  expect(await server.verify(access_token)).toEqual(server.verifySync(access_token))
  expect(await server.accounts.add("alice", undefined, 1)).toMatchObject({ name: "alice" })
  expect(await server.accounts.list()).toHaveLength(1)
  await server.prune()
  expect(server.settings.issuer).toBe(ISSUER)
})

test("a refusal rejects with an OAuthError that has code and sentence", async () => {
  const server = await start()
  const refused = server.refresh({ credentials: { clientId: "nobody" }, refreshToken: "x" })
  await expect(refused).rejects.toBeInstanceOf(OAuthError)
  await expect(refused).rejects.toMatchObject({
    error: "invalid_client",
    description: expect.stringContaining("register"),
  })
})

test("a store that is closed rejects with Unavailable, and verifySync throws", async () => {
  const server = await start()
  await server.close()
  const token = mintToken(liveRandomness, "access", mintGrantId(liveRandomness, 0 as EpochMillis))
  await expect(server.verify(token)).rejects.toBeInstanceOf(Unavailable)
  expect(() => server.verifySync(token)).toThrow(StoreFault)
  await expect(server.findClient("x")).rejects.toBeInstanceOf(Unavailable)
  await expect(server.clients()).rejects.toMatchObject({ message: expect.stringContaining("closed") })
})

test("a configuration that cannot be served rejects with a ConfigFault", async () => {
  const config = { issuer: "http://id.example" }
  const refused = authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  await expect(refused).rejects.toBeInstanceOf(ConfigFault)
})

test.each([
  ["no keys", { keys: undefined }, "`keys` is no key ring"],
  ["an empty ring", { keys: { keys: [] } }, "`keys` is no key ring"],
  ["a key that is too short", { keys: { keys: [{ id: "k_1", secret: "abc" }] } }, "`keys` is no key ring"],
  ["the path of a ring", { keys: "grantlog.db.keys.json" }, "`keys` is no key ring"],
  ["no store", { store: undefined }, "`store` is no store"],
  ["the path of a store", { store: "grantlog.db" }, "`store` is no store"],
])("%s is refused before the first request, and no secret is repeated", async (_, wrong, sentence) => {
  const right = { store: memoryStore(), keys: ephemeralKeys(), config: { issuer: ISSUER } }
  const refused = authorizationServer({ ...right, ...wrong } as unknown as ServerOptions)
  await expect(refused).rejects.toBeInstanceOf(ConfigFault)
  await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(sentence) })
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining("abc") })
})

test("what cannot be a subject or a reason is refused, not called a fault", async () => {
  const server = await start()
  await expect(server.disableSubject("alice" as never)).rejects.toBeInstanceOf(OAuthError)
  await expect(server.raiseIssuerEpoch("x".repeat(257))).rejects.toBeInstanceOf(OAuthError)
  await server.raiseIssuerEpoch("a drill")
})

test.runIf(postgres !== undefined)(
  "a store in PostgreSQL that keeps retry secrets with the log is told of, once",
  async () => {
    const config = { issuer: ISSUER }
    const noticesOf = async (store: ServerOptions["store"]) => {
      const notices: Array<string> = []
      await authorizationServer({ store, keys: ephemeralKeys(), config, onNotice: (notice) => notices.push(notice) })
      return notices
    }
    expect(await noticesOf(openPostgresStore())).toEqual([expect.stringContaining("give `retrySecrets` a place")])
    const retrySecrets = memoryPlace(retrySecretTable)
    expect(await noticesOf(openPostgresStore(newSchema(), { retrySecrets }))).toEqual([])
  },
)
