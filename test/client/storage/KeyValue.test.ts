/** The shared suite, for every place that comes with the client, and for what a program may bring. */
import { setImmediate as soon } from "node:timers/promises"
import { Effect } from "effect"
import { KeyValueStore, layerMemory } from "effect/persistence/KeyValueStore"
import { expect, it, onTestFinished } from "vitest"
import {
  EncryptedKeyValue,
  TokenStorageAdapter,
  fileKeyValue,
  fromKeyValueStore,
  memoryKeyValue,
  newEncryptionKey,
  parseEncryptionKeys,
  type KeyValue,
} from "../../../src/client/storage/index.ts"
import { LEASE_MILLIS } from "../../../src/client/storage/LeaseLock.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { START_MILLIS } from "../../support/ManualClock.ts"
import { keyValueSuite, server, tokens } from "./suite.ts"

const folder = () => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  return made.at("credentials")
}
const newKeys = async () => parseEncryptionKeys(await newEncryptionKey(), "the test")

/** A store that can compare and nothing else, as many databases. */
const comparing = (now: () => number): KeyValue => {
  const { withLock: _, ...rest } = memoryKeyValue({ now })
  return rest
}

const effectStore = (): Promise<KeyValueStore> =>
  Effect.runPromise(
    Effect.provide(
      Effect.map(KeyValueStore, (store) => store),
      layerMemory,
    ),
  )

const compares = { isComparing: true }
const comparesNothing = { isComparing: false }

keyValueSuite("in memory,", compares, async (now) => memoryKeyValue({ now }))
keyValueSuite("by comparison alone,", compares, async (now) => comparing(now))
keyValueSuite("in effect's store,", comparesNothing, async (now) =>
  fromKeyValueStore(await effectStore(), { run: Effect.runPromise, now }),
)
keyValueSuite("in files,", compares, async (now) => fileKeyValue(folder(), { now }))
keyValueSuite("in encrypted files,", compares, async (now) =>
  EncryptedKeyValue(fileKeyValue(folder(), { now }), await newKeys()),
)
keyValueSuite("encrypted, by comparison alone,", compares, async (now) =>
  EncryptedKeyValue(comparing(now), await newKeys()),
)

it("what a store of effect cannot do is an error with its cause", async () => {
  const store = { ...(await effectStore()), get: () => Effect.die("broken") }
  await expect(fromKeyValueStore(store, { run: Effect.runPromise }).get("a")).rejects.toMatchObject({
    code: "unavailable",
  })
})

it("a value in effect's store under another name is found out", async () => {
  const store = await effectStore()
  await fromKeyValueStore(store, { run: Effect.runPromise }).set("a", "secret")
  await Effect.runPromise(Effect.flatMap(store.get("a"), (text) => store.set("b", text!)))
  await expect(fromKeyValueStore(store, { run: Effect.runPromise }).get("b")).rejects.toMatchObject({ code: "corrupt" })
})

it("a lease whose holder is gone is taken over at its end, and the holder that comes back is told", async () => {
  let time = START_MILLIS
  const now = () => time
  const store = comparing(now)
  // Two objects over one store: no turns are taken between them.
  const [first, second] = [
    TokenStorageAdapter({ ...store }, server, "x", { now }),
    TokenStorageAdapter(store, server, "x", { now }),
  ]
  const outcome = first.exclusively(async () => {
    time += LEASE_MILLIS
    await second.exclusively(() => second.setTokens(tokens))
  })
  await expect(outcome).rejects.toMatchObject({ code: "lock_lost" })
  expect(await second.getTokens()).toEqual(tokens)
})

it("a registration ends with its secret also in a store that ends nothing, and is told to one that does", async () => {
  let time = START_MILLIS
  const ttls: Array<number | undefined> = []
  const inner = memoryKeyValue()
  const deaf: KeyValue = {
    get: inner.get,
    delete: inner.delete,
    set: (key, value, options) => {
      ttls.push(options?.ttlSeconds)
      return inner.set(key, value)
    },
  }
  const storage = TokenStorageAdapter(deaf, server, "x", { now: () => time })
  const end = START_MILLIS / 1000 + 60
  const client = { client_id: "app", client_secret: "hush", client_secret_expires_at: end }
  await storage.setClientInfo({ client, issuer: "https://issuer.example" })
  expect(ttls).toEqual([60])
  time += 59_999
  expect((await storage.getClientInfo())?.client).toEqual(client)
  time += 1
  expect(await storage.getClientInfo()).toBeUndefined()
})

it.each(["{", "{}", '{"client":{"client_id":1},"issuer":"x"}', '{"client":{"client_id":"app"}}'])(
  "what is stored as the registration %s is none, and that is told",
  async (text) => {
    const keyValue = memoryKeyValue()
    const storage = TokenStorageAdapter(keyValue, server)
    const everywhere: KeyValue = { ...keyValue, get: async () => text }
    await expect(TokenStorageAdapter(everywhere, server).getClientInfo()).rejects.toMatchObject({ code: "corrupt" })
    expect(await storage.getClientInfo()).toBeUndefined()
  },
)

it("who works with the credentials for one server keeps nobody from those for another", async () => {
  for (const store of [memoryKeyValue(), comparing(() => START_MILLIS), fileKeyValue(folder())]) {
    const [one, other] = [TokenStorageAdapter(store, server), TokenStorageAdapter(store, "https://other.example")]
    const { promise, resolve } = Promise.withResolvers<void>()
    const working = one.exclusively(() => promise)
    await soon()
    expect(await other.exclusively(async () => "free")).toBe("free")
    resolve()
    await working
  }
})

it("what is no address of a server is refused in the program's own words", () => {
  expect(() => TokenStorageAdapter(memoryKeyValue(), "example.com")).toThrow(
    expect.objectContaining({
      _tag: "StorageError",
      code: "invalid_argument",
      message: "`example.com` is not a URL: give the address of the server, as in https://example.com/mcp",
    }),
  )
})

it("where a store can lock, that is the lock, whatever else it can", async () => {
  const keyValue = memoryKeyValue()
  const locked: Array<string> = []
  const withLock: typeof keyValue.withLock = (name, body) => {
    locked.push(name)
    return keyValue.withLock(name, body)
  }
  expect(await TokenStorageAdapter({ ...keyValue, withLock }, server).exclusively(async () => "done")).toBe("done")
  expect(locked).toEqual([`grantlog/${encodeURIComponent(server)}/lock`])
})
