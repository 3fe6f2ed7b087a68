/** The rules of the server for programs without Effect: the same operations as Promises, refusals as rejections. */
import type * as Brand from "effect/Brand"
import { expect, expectTypeOf, test } from "vitest"
import {
  ConfigFault,
  OAuthError,
  StoreFault,
  Unavailable,
  authorizationServer,
  ephemeralKeys,
  memoryStore,
  type EmbeddedOptions,
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
  const { access_token } = await server.issueToken({ credentials })
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
  const refused = authorizationServer({ ...right, ...wrong } as unknown as EmbeddedOptions)
  await expect(refused).rejects.toBeInstanceOf(ConfigFault)
  await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(sentence) })
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining("abc") })
})

test("what cannot be a subject or a reason is refused, not called a fault", async () => {
  const server = await start()
  await expect(server.disableSubject("alice")).rejects.toBeInstanceOf(OAuthError)
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

test("subjects and sessions are named in plain text, and what can be none is refused in a sentence", async () => {
  const server = await start()
  const { subjectId } = (await server.accounts.add("alice", undefined, 1))!
  const plain: string = subjectId
  expect(await server.accounts.ofSubject(plain)).toMatchObject({ name: "alice" })
  expect(await server.sessions.list(plain, server.now())).toEqual([])
  await server.sessions.endAll(plain)
  const refused = { error: "invalid_request" }
  await expect(server.accounts.ofSubject("alice")).rejects.toMatchObject(refused)
  await expect(server.accounts.removeOf("alice")).rejects.toMatchObject(refused)
  await expect(server.sessions.endAll("alice")).rejects.toMatchObject(refused)
  await expect(server.sessions.end("short")).rejects.toMatchObject(refused)
  await expect(server.sessions.list(plain, Number.NaN)).rejects.toMatchObject(refused)
  expect(await server.accounts.removeOf(plain)).toBe(1)
})

/** `true` where something with a brand is in it, at any depth of records and lists. */
type HasBrand<A, Depth extends ReadonlyArray<unknown> = []> = Depth["length"] extends 5
  ? never
  : A extends Brand.Brand<infer _>
    ? true
    : A extends string | number | boolean | null | undefined | AbortSignal | ((...input: never) => unknown)
      ? never
      : A extends ReadonlyArray<infer One>
        ? HasBrand<One, [...Depth, unknown]>
        : { [Name in keyof A]-?: HasBrand<A[Name], [...Depth, unknown]> }[keyof A]

/** The members that take something with a brand. */
type Demanding<Face> = {
  [Name in keyof Face]-?: Face[Name] extends (...input: infer Input) => unknown
    ? true extends { [At in keyof Input]-?: HasBrand<Input[At]> }[number]
      ? Name
      : never
    : never
}[keyof Face]

test("no argument has a brand", () => {
  // What finds one in the Effects finds none in the Promises.
  expectTypeOf<Demanding<EmbeddedServer["effects"]["accounts"]>>().toEqualTypeOf<"ofSubject" | "removeOf">()
  expectTypeOf<Demanding<EmbeddedServer["accounts"]>>().toBeNever()
  expectTypeOf<Demanding<EmbeddedServer["sessions"]>>().toBeNever()
  expectTypeOf<Demanding<EmbeddedServer["audit"]>>().toBeNever()
  const demanding: ReadonlyArray<Demanding<EmbeddedServer>> = []
  expect(demanding satisfies ReadonlyArray<never>).toEqual([])
  expectTypeOf<HasBrand<Pick<EmbeddedOptions, "config" | "keys">>>().toBeNever()
})
