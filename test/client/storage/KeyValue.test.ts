/** The shared suite, for every place that comes with the client, and for what a program may bring. */
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
keyValueSuite("in effect's store,", comparesNothing, async (now) => fromKeyValueStore(await effectStore(), { now }))
keyValueSuite("in files,", compares, async (now) => fileKeyValue(folder(), { now }))
keyValueSuite("in encrypted files,", compares, async (now) =>
  EncryptedKeyValue(fileKeyValue(folder(), { now }), await newKeys()),
)
keyValueSuite("encrypted, by comparison alone,", compares, async (now) =>
  EncryptedKeyValue(comparing(now), await newKeys()),
)

it("what a store of effect cannot do is an error with its cause", async () => {
  const store = { ...(await effectStore()), get: () => Effect.die("broken") }
  await expect(fromKeyValueStore(store).get("a")).rejects.toMatchObject({ code: "unavailable" })
})

it("a value in effect's store under another name is found out", async () => {
  const store = await effectStore()
  await fromKeyValueStore(store).set("a", "secret")
  await Effect.runPromise(Effect.flatMap(store.get("a"), (text) => store.set("b", text!)))
  await expect(fromKeyValueStore(store).get("b")).rejects.toMatchObject({ code: "corrupt" })
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
