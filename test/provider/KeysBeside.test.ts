/** The rules of the keys that nobody gives: beside the file of the store, made with it, and never later. */
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { expect, onTestFinished, test } from "vitest"
import {
  authorizationServer,
  ConfigFault,
  memoryStore,
  readKeyFile,
  sqliteStore,
  type Config,
} from "../../src/entry/grantlog.ts"
import { ISSUER, temporaryFolder } from "../support/TestServer.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

/** A folder with a database and its ring, after `count` starts without a word about keys. */
const started = async (count = 1) => {
  const folder = temporaryFolder()
  const file = join(folder, "grantlog.db")
  const ring = `${file}.keys.json`
  const start = async (config: Config = { issuer: ISSUER }) => {
    const store = sqliteStore(file)
    onTestFinished(() => Effect.runPromise(store.close))
    return authorizationServer({ store, config })
  }
  for (let times = 0; times < count; times++) await (await start()).close()
  return { folder, file, ring, start }
}

test("without keys, the first start makes a ring beside the database, and later ones open it", async () => {
  const { ring, start } = await started()
  const made = readFileSync(ring, "utf8")
  expect(statSync(ring).mode & 0o777).toBe(0o600)
  const server = await start()
  expect(server.settings.issuer).toBe(ISSUER)
  await server.close()
  expect(readFileSync(ring, "utf8")).toBe(made)
})

test("two that start at once over one new database have one ring", async () => {
  const { ring, start } = await started(0)
  const servers = await Promise.all([start(), start()])
  expect(readKeyFile(ring).keys).toHaveLength(1)
  for (const server of servers) await server.close()
  await (await start()).close()
})

test("a database without its ring is refused, and no new one takes its place", async () => {
  const { ring, start } = await started()
  rmSync(ring)
  const refused = start()
  await expect(refused).rejects.toBeInstanceOf(ConfigFault)
  await expect(refused).rejects.toThrow(
    `the key ring \`${ring}\` is missing: put it back, or give its keys as \`keys\`; a new one cannot take its place`,
  )
  expect(existsSync(ring)).toBe(false)
})

test("a ring without its database is refused, for the database is lost", async () => {
  const { file, ring, start } = await started()
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true })
  const refused = start()
  await expect(refused).rejects.toBeInstanceOf(ConfigFault)
  await expect(refused).rejects.toThrow(
    `the database \`${file}\` is empty, but its key ring \`${ring}\` is there: restore the database, or, if this store was never used, remove the ring and start again`,
  )
})

test("a configuration that cannot be served makes no ring", async () => {
  const { ring, start } = await started(0)
  await expect(start({ issuer: "http://id.example" })).rejects.toBeInstanceOf(ConfigFault)
  expect(existsSync(ring)).toBe(false)
})

test("a ring that is given is the one that is used", async () => {
  const { folder, file, ring } = await started()
  const elsewhere = join(folder, "elsewhere.json")
  copyFileSync(ring, elsewhere)
  rmSync(ring)
  const config = { issuer: ISSUER }
  const server = await authorizationServer({ store: sqliteStore(file), keys: readKeyFile(elsewhere), config })
  await server.close()
  expect(existsSync(ring)).toBe(false)
})

test("a store in memory needs no keys, and one that is kept nowhere that is known gets none", async () => {
  const config = { issuer: ISSUER }
  for (const store of [memoryStore(), sqliteStore(":memory:")]) {
    const server = await authorizationServer({ store, config })
    expect(await server.clients()).toEqual([])
    await server.close()
  }
  const store: ServerStore = memoryStore()
  await authorizationServer({ store, config })
  await expect(authorizationServer({ store, config })).rejects.toThrow(
    "this store has no file to keep its key ring beside: give its keys as `keys`",
  )
})
