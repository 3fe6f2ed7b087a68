/**
 * Retry salts: a lost reply is repeated for as long as its window runs, and afterwards nothing that is kept anywhere
 * leads from an old refresh token to a later one.
 */
import { hash } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it, onTestFinished } from "vitest"
import { redact } from "../../src/audit/erase/Redaction.ts"
import { StoreFault, type StoredEntry } from "../../src/log/index.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import { keyRing } from "../../src/provider/Keys.ts"
import { saltOf } from "../../src/provider/RetrySalts.ts"
import {
  ephemeralKeys,
  makeServer,
  memoryStore,
  sqliteStore,
  type AuthorizationServer,
  type Config,
  type Credentials,
  type KeyRingFile,
} from "../../src/provider/index.ts"
import { manualClock, type ManualClock } from "../support/ManualClock.ts"
import { successorsOf, textsIn, type Loot } from "../support/OfflineThief.ts"
import { restoreFile } from "../support/StoreVector.ts"
import { configOf, temporaryFolder } from "../support/TestServer.ts"
import older from "../../spec/vectors/stores/schema-4.json" with { type: "json" }
import vectors from "../../spec/vectors/tokens.json" with { type: "json" }
import type { ServerStore } from "../../src/provider/ServerStore.ts"

const VERIFIER = "v".repeat(43)
const REDIRECT_URI = "http://127.0.0.1/callback"
const WINDOW_SECONDS = 30
const run = Effect.runPromise

interface Parts {
  readonly file?: string
  readonly store?: ServerStore
  readonly keys?: KeyRingFile
  readonly clock?: ManualClock
  readonly config?: Partial<Config>
}

const metadata = (isPublic: boolean) => ({
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: isPublic ? "none" : "client_secret_basic",
  grant_types: ["authorization_code", "refresh_token"],
})

/** What one client does at a server. */
const clientOf = (native: AuthorizationServer, clientId: string) => {
  const credentials: Credentials = { clientId, isAuthenticated: true }
  const refreshing = (refreshToken: string) => native.refresh({ credentials, refreshToken })
  return {
    logIn: async () => {
      const asked = { redirectUri: REDIRECT_URI, redirectUriProvidedExplicitly: true, scopes: ["read", "write"] }
      const codeChallenge = hash("sha256", VERIFIER, "base64url")
      const approved = await run(native.authorize(clientId, { ...asked, codeChallenge }))
      const code = approved._tag === "Approved" ? approved.code : ""
      return (await run(native.redeemCode({ credentials, code, codeVerifier: VERIFIER }))).refresh_token!
    },
    refresh: async (token: string) => (await run(refreshing(token))).refresh_token!,
    answer: (token: string) => run(refreshing(token)),
    refusal: (token: string, scopes?: ReadonlyArray<string>) =>
      run(Effect.flip(native.refresh({ credentials, refreshToken: token, ...(scopes && { scopes }) }))),
  }
}

const start = async ({ file, keys = ephemeralKeys(), clock = manualClock(), config, ...parts }: Parts = {}) => {
  const store = parts.store ?? (file === undefined ? memoryStore() : sqliteStore(file))
  onTestFinished(() => run(store.close))
  const made = makeServer({ store, keys, randomness: clock.randomness, config: configOf({ config: config ?? {} }) })
  const native = await run(Effect.provideService(made, Clock.Clock, clock.clock))
  const add = async (isPublic = true) =>
    clientOf(native, (await run(native.addClient({ metadata: metadata(isPublic) }))).client_id)
  return { store, keys, clock, native, add, size: async () => (await run(store.head)).size }
}

const onlyClientOf = async (native: AuthorizationServer): Promise<string> => {
  const [client] = await run(native.clients())
  return client !== undefined && "clientId" in client ? client.clientId : expect.fail("there is no client")
}

/** Everything beside and in the database, key ring apart: what a thief of the folder has. */
const copyFolder = (file: string, isMeant = (_name: string) => true): string => {
  const folder = join(temporaryFolder(), "stolen")
  mkdirSync(folder)
  for (const name of readdirSync(dirname(file)).filter(isMeant))
    copyFileSync(join(dirname(file), name), join(folder, name))
  return join(folder, basename(file))
}

/** What a copied folder gives a thief who has the key ring as well. */
const lootOf = (file: string, keys: KeyRingFile): Loot => {
  const beside = readdirSync(dirname(file)).filter((name) => name.includes("retry-secrets"))
  const raw = beside.map((name) => readFileSync(join(dirname(file), name), "latin1"))
  return { ...textsIn(file), raw, keys: keyRing(keys) }
}

const isDatabase = (name: string) => !name.includes("retry-secrets")

describe("a thief with a copy of the files, the key ring and an old refresh token, offline", () => {
  it("gets no later token of the grant once the window of its rotation has ended, from all files together", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const { keys, clock, native, add } = await start({ file })
    const { logIn, refresh } = await add()
    const tokens = [await logIn()]
    for (let turn = 0; turn < 3; turn++) tokens.push(await refresh(tokens.at(-1)!))
    // The drill can succeed: within the window, who has every file and a token walks on from it.
    expect(successorsOf(tokens[0]!, lootOf(copyFolder(file), keys))).toEqual(tokens.slice(1))
    // But never with the database alone.
    for (const token of tokens) expect(successorsOf(token, lootOf(copyFolder(file, isDatabase), keys))).toEqual([])

    clock.pass(WINDOW_SECONDS + 5)
    // Somebody else's refresh is enough.
    const other = await add()
    const last = await other.refresh(await other.logIn())
    for (const token of tokens) expect(successorsOf(token, lootOf(copyFolder(file), keys))).toEqual([])
    tokens.push(await refresh(tokens.at(-1)!))
    const loot = lootOf(copyFolder(file), keys)
    for (const token of tokens.slice(0, -2)) expect(successorsOf(token, loot)).toEqual([])
    expect(successorsOf(tokens.at(-2)!, loot)).toEqual(tokens.slice(-1))
    expect(await run(native.loadRefreshToken("nobody", last))).toBeUndefined()
  })

  it("gets none from an idle server either, whose files are clean five seconds after the window", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const keys = ephemeralKeys()
    const store = sqliteStore(file)
    onTestFinished(() => run(store.close))
    await Effect.gen(function* () {
      const native = yield* makeServer({ store, keys, config: configOf() })
      const { client_id } = yield* native.addClient({ metadata: metadata(true) })
      const { logIn, refresh } = clientOf(native, client_id)
      const first = yield* Effect.promise(logIn)
      const credentials: Credentials = { clientId: client_id, isAuthenticated: true }
      const second = (yield* native.refresh({ credentials, refreshToken: first })).refresh_token!
      const stolen = () => lootOf(copyFolder(file), keys)
      const randomness = yield* store.retrySecrets.find(0)
      const secretsIn = ({ others, raw }: Loot) =>
        randomness.filter((secret) => [...others, ...raw].some((text) => text.includes(secret)))
      expect(secretsIn(stolen())).toHaveLength(1)
      yield* TestClock.adjust("29 seconds")
      expect(successorsOf(first, stolen())).toEqual([second])
      expect(yield* Effect.promise(() => refresh(first))).toBe(second)
      yield* TestClock.adjust("6 seconds")
      expect(successorsOf(first, stolen())).toEqual([])
      expect(secretsIn(stolen())).toEqual([])
    }).pipe(Effect.provide(TestClock.layer()), run)
  })

  it("finds nothing of what ended while no server was there: the next start destroys it", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const first = await start({ file })
    const { logIn, refresh } = await first.add()
    const token = await logIn()
    await refresh(token)
    await run(first.store.close)
    expect(successorsOf(token, lootOf(copyFolder(file), first.keys))).toHaveLength(1)
    first.clock.pass(WINDOW_SECONDS + 5)
    await start({ file, keys: first.keys, clock: first.clock })
    expect(successorsOf(token, lootOf(copyFolder(file), first.keys))).toEqual([])
  })

  it("finds nothing at all where there is no retry window", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const { add } = await start({ file, config: { retryWindow: { public: 0, confidential: 0 } } })
    const { logIn, refresh } = await add()
    await refresh(await logIn())
    expect(existsSync(`${file}.retry-secrets`)).toBe(false)
  })
})

describe.each([
  ["memory", () => undefined],
  ["SQLite", () => join(temporaryFolder(), "grantlog.db")],
])("a lost reply, over %s", (_, place) => {
  const parts = (): Parts => {
    const file = place()
    return file === undefined ? {} : { file }
  }

  it("is given again to the end of its window, byte for byte, whatever others rotate meanwhile", async () => {
    const { clock, add } = await start(parts())
    const [one, other] = [await add(), await add()]
    const [lost, foreign] = [await one.logIn(), await other.logIn()]
    const answer = await one.answer(lost)
    let newest = await other.refresh(foreign)
    for (let second = 0; second < WINDOW_SECONDS - 1; second++) {
      clock.pass(1)
      newest = await other.refresh(newest)
    }
    clock.pass(0.999)
    const again = await one.answer(lost)
    expect([again.access_token, again.refresh_token]).toEqual([answer.access_token, answer.refresh_token])
    clock.pass(0.001)
    expect(await one.refusal(lost)).toMatchObject({ error: "invalid_grant" })
  })

  it("has the window of its own type of client, and what the other type needs is destroyed no later for it", async () => {
    const { clock, store, add } = await start({ ...parts(), config: { retryWindow: { public: 10, confidential: 60 } } })
    const [app, service] = [await add(true), await add(false)]
    const [ofApp, ofService] = [await app.logIn(), await service.logIn()]
    const successor = await service.refresh(ofService)
    await app.refresh(ofApp)
    const endings = async () => [
      await run(store.retrySecrets.destroy(clock.now() + 14_999 - 2000)),
      await run(store.retrySecrets.destroy(clock.now() + 15_000)),
    ]
    expect(await endings()).toEqual([clock.now() + 15_000, clock.now() + 65_000])
    clock.pass(59)
    expect(await app.refusal(ofApp)).toMatchObject({ error: "invalid_grant" })
    expect(await service.refresh(ofService)).toBe(successor)
  })

  it("is refused for now, without effect, when the ring has another secret under the id it was derived with", async () => {
    const first = await start(parts())
    const client = await first.add()
    const lost = await client.logIn()
    const successor = await client.refresh(lost)
    const [{ id }] = first.keys.keys
    const impostor: KeyRingFile = { keys: [{ id, secret: ephemeralKeys().keys[0].secret }] }
    const clientId = await onlyClientOf(first.native)
    const second = await start({ store: first.store, keys: impostor, clock: first.clock })
    const there = clientOf(second.native, clientId)
    const size = await second.size()
    // Another subset has no first answer to be held against: only the refresh token tells.
    for (const scopes of [undefined, ["read"], ["write"]]) {
      expect(await there.refusal(lost, scopes)).toMatchObject({ _tag: "Unavailable" })
    }
    expect(await second.size()).toBe(size)
    expect(await client.refresh(lost)).toBe(successor)
    expect(await there.refresh(successor)).toEqual(expect.any(String))
  })

  it("is not decided on while the randomness cannot be had: nothing is appended, and the token is as good as before", async () => {
    const { store, ...first } = await start(parts())
    const client = await first.add()
    const token = await client.logIn()
    const fault = Effect.fail(new StoreFault({ reason: "disk", message: "the disk failed" }))
    const broken: ServerStore = {
      ...store,
      retrySecrets: { ...store.retrySecrets, keep: () => fault, find: () => fault },
    }
    const second = await start({ store: broken, keys: first.keys, clock: first.clock })
    const clientId = await onlyClientOf(first.native)
    const there = clientOf(second.native, clientId)
    const size = await second.size()
    expect(await there.refusal(token)).toMatchObject({ _tag: "Unavailable" })
    expect(await second.size()).toBe(size)
    const successor = await client.refresh(token)
    expect(await there.refusal(token)).toMatchObject({ _tag: "Unavailable" })
    expect(await client.refresh(token)).toBe(successor)
  })
})

describe("where the salt was lost, a retry inside the window is refused for now and ends nothing", () => {
  const loseBy: ReadonlyArray<readonly [string, (file: string, earlier: string) => void]> = [
    ["the file was removed", (file) => rmSync(`${file}.retry-secrets`)],
    [
      "a backup of the database was restored, which has none",
      (file) => {
        const backup = copyFolder(file, isDatabase)
        for (const name of readdirSync(dirname(file))) rmSync(join(dirname(file), name))
        for (const name of readdirSync(dirname(backup)))
          copyFileSync(join(dirname(backup), name), join(dirname(file), name))
      },
    ],
    [
      "the file of an earlier moment was put back",
      (file, earlier) => copyFileSync(`${earlier}.retry-secrets`, `${file}.retry-secrets`),
    ],
  ]

  it.each(loseBy)("%s", async (_, lose) => {
    const file = join(temporaryFolder(), "grantlog.db")
    const first = await start({ file })
    const client = await first.add()
    const parent = await client.refresh(await client.logIn())
    const earlier = copyFolder(file)
    first.clock.pass(10)
    const lost = await client.refresh(parent)
    const current = await client.refresh(lost)
    const clientId = await onlyClientOf(first.native)
    await run(first.store.close)
    lose(file, earlier)

    const second = await start({ file, keys: first.keys, clock: first.clock })
    const again = clientOf(second.native, clientId)
    const size = await second.size()
    expect(await again.refusal(lost)).toMatchObject({
      _tag: "Unavailable",
      message: "this server cannot repeat that answer now; try again",
    })
    expect(await second.size()).toBe(size)
    const next = await again.refresh(current)
    expect(await again.refresh(current)).toBe(next)
    expect(await run(second.store.compareRows())).toMatchObject({ differingRowCount: 0 })
  })

  it("after the window a spent token is a reuse as ever, and the grant dies", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const { clock, add } = await start({ file })
    const client = await add()
    const lost = await client.logIn()
    const current = await client.refresh(lost)
    rmSync(`${file}.retry-secrets`)
    expect(await client.refusal(lost)).toMatchObject({ _tag: "Unavailable" })
    clock.pass(WINDOW_SECONDS)
    expect(await client.refusal(lost)).toMatchObject({ error: "invalid_grant" })
    expect(await client.refusal(current)).toMatchObject({ error: "invalid_grant" })
  })
})

describe("a store from before, whose log has salts in it", () => {
  const restored = (): string => {
    const file = join(temporaryFolder(), "grantlog.db")
    restoreFile(file, older.statements)
    return file
  }
  const keys = older.keys as unknown as KeyRingFile
  const [long = [], recent = []] = older.tokens
  const upgrade = async (file: string) => {
    const made = await start({ file, keys, clock: manualClock(older.endedAt) })
    return { ...made, client: clientOf(made.native, older.clientId) }
  }
  const storedIn = (store: ServerStore): Promise<ReadonlyArray<StoredEntry>> => run(store.readStored(0))

  it("is read, and what is served is what the log folds to; no byte of an entry is another", async () => {
    const file = restored()
    const before = textsIn(file).entries
    expect(before.join()).toContain('"salt"')
    const { store } = await upgrade(file)
    expect((await storedIn(store)).map(({ bytes }) => bytes)).toEqual(before)
    expect(await run(store.compareRows())).toMatchObject({ differingRowCount: 0 })
    expect(await run(store.rebuild())).toMatchObject({ differingRowCount: 0 })
    const rows = await run(Effect.forEach(inlineProjection.tables, (table) => store.dump(table)))
    const shown = [rows, await run(store.readAll(0)), before.map((bytes) => redact(bytes).envelope)]
    // As the name of a member, as it was written: an id may have these letters in it by chance.
    for (const one of shown) expect(JSON.stringify(one)).not.toContain('"salt')
  })

  it("repeats the reply that was lost before the upgrade, and kills whose window has ended", async () => {
    const { client } = await upgrade(restored())
    expect(await client.refresh(recent[0]!)).toBe(recent[1])
    expect(await client.refusal(long.at(-2)!)).toMatchObject({ error: "invalid_grant" })
    expect(await client.refusal(long.at(-1)!)).toMatchObject({ error: "invalid_grant" })
  })

  it("is safe from a grant's next rotation on: the old salts lead to no token that comes after it", async () => {
    const file = restored()
    const { client, store } = await upgrade(file)
    const next = await client.refresh(long.at(-1)!)
    const newest = await client.refresh(next)
    const loot = lootOf(copyFolder(file, isDatabase), keys)
    expect(successorsOf(long[0]!, loot)).toEqual(long.slice(1))
    expect(successorsOf(next, loot)).toEqual([])
    expect(await client.refresh(next)).toBe(newest)
    expect((await storedIn(store)).filter(({ bytes }) => bytes.includes('"salt"'))).toHaveLength(4)
  })
})

it.each(vectors.salts)("the salt of $name is derived as written", ({ secret, grantId, generation, salt }) => {
  expect(Buffer.from(saltOf(secret, { grantId, generation })).toString("base64url")).toBe(salt)
})

it("no two rotations have the same salt", () => {
  expect(new Set(vectors.salts.map(({ salt }) => salt)).size).toBe(vectors.salts.length)
})
