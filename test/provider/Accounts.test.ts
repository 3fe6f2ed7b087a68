/** The rules of accounts: names, passwords as argon2id, and nothing of either in the log. */
import { argon2Sync } from "node:crypto"
import { Effect, Schema } from "effect"
import { expect, test } from "vitest"
import { AccountName, hashPassword } from "../../src/provider/index.ts"
import { factories, serverOver } from "../support/TestServer.ts"
import { accountTable } from "../../src/provider/AccountTables.ts"

const PASSWORD = "correct horse battery stäple"

const start = async () => {
  const { native, store } = await serverOver()
  const { accounts } = native
  return {
    accounts,
    store,
    add: (name: string, password?: string) => Effect.runPromise(accounts.add(name, password, 1)),
  }
}

test("the right password is recognised, any other is not", async () => {
  const { accounts, add } = await start()
  const account = await add("alice", PASSWORD)
  const verify = (name: string, password: string) => Effect.runPromise(accounts.verifyPassword(name, password))
  expect((await verify("alice", PASSWORD))?.account).toEqual(account)
  for (const wrong of ["", PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(1)]) {
    expect(await verify("alice", wrong)).toBeUndefined()
  }
  expect(await verify("bob", PASSWORD)).toBeUndefined()
  expect(await verify("Alice", PASSWORD)).toBeUndefined()
})

test("a password is the same however its accents were typed", async () => {
  const { accounts, add } = await start()
  await add("alice", PASSWORD.normalize("NFC"))
  expect(await Effect.runPromise(accounts.verifyPassword("alice", PASSWORD.normalize("NFD")))).toBeDefined()
})

test("an account is the same however the accents of its name were typed", async () => {
  const { accounts, add } = await start()
  const [composed, apart] = ["josé", "josé".normalize("NFD")]
  expect(await add(apart, PASSWORD)).toMatchObject({ name: composed })
  expect(await add(composed)).toBeUndefined()
  const run = Effect.runPromise
  for (const typed of [composed, apart]) {
    expect(await run(accounts.find(typed))).toMatchObject({ name: composed })
    expect(await run(accounts.verifyPassword(typed, PASSWORD))).toMatchObject({ account: { name: composed } })
    expect(await run(accounts.setPassword(typed, PASSWORD))).toMatchObject({ name: composed })
  }
})

test("what a program calls somebody is taken to the letter, and found by it", async () => {
  const { accounts } = await start()
  const run = Effect.runPromise
  const [composed, apart] = ["josé", "josé".normalize("NFD")]
  const [one, other] = [await run(accounts.ensure(apart, 1)), await run(accounts.ensure(composed, 1))]
  expect(one.subjectId).not.toBe(other.subjectId)
  expect([await run(accounts.find(apart)), await run(accounts.find(composed))]).toEqual([one, other])
})

test("an account without password is opened by none", async () => {
  const { accounts, add } = await start()
  expect(await add("alice")).toMatchObject({ name: "alice", hasPassword: false })
  for (const password of ["", "null", "undefined"]) {
    expect(await Effect.runPromise(accounts.verifyPassword("alice", password))).toBeUndefined()
  }
})

test("what is kept is a salted argon2id hash, and nothing of it is in the log", async () => {
  const { store, add } = await start()
  await add("alice", PASSWORD)
  await add("bob", PASSWORD)
  const hashes = (await Effect.runPromise(store.dump(accountTable))).map((row) => String(row["password_hash"]))
  expect(new Set(hashes).size).toBe(2)
  for (const one of hashes) expect(one).toMatch(/^argon2id\$[\w-]{22}\$[\w-]{43}$/)
  const log = JSON.stringify(await Effect.runPromise(store.readAll(0)))
  for (const word of ["argon2id", PASSWORD]) expect(log).not.toContain(word)
  // As a word: an id may have these letters in it by chance.
  expect(log).not.toMatch(/\balice\b/)
})

test("the hash is argon2id at 19 MiB, two passes, one lane", async () => {
  const nonce = Buffer.alloc(16, 1)
  const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
  const tag = argon2Sync("argon2id", { ...cost, message: "password", nonce }).toString("base64url")
  expect(await hashPassword("password", nonce)).toBe(`argon2id$${nonce.toString("base64url")}$${tag}`)
})

test("a name is taken once, and ensuring it gives who has it", async () => {
  const { accounts, add } = await start()
  const alice = await add("alice", PASSWORD)
  expect(await add("alice", "another")).toBeUndefined()
  expect(await Effect.runPromise(accounts.ensure("alice", 2))).toEqual(alice)
  const bob = await Effect.runPromise(accounts.ensure("bob", 2))
  expect(bob.subjectId).not.toBe(alice?.subjectId)
  expect((await Effect.runPromise(accounts.list())).map(({ name }) => name)).toEqual(["alice", "bob"])
  expect(await Effect.runPromise(accounts.find("carol"))).toBeUndefined()
})

test.each(factories.slice(0, 2))("two who ensure a name at once get one account, $name", async (factory) => {
  const { native } = await factory.start()
  const ensured = await Promise.all(
    Array.from({ length: 8 }, () => Effect.runPromise(native.accounts.ensure("alice", 1))),
  )
  expect(new Set(ensured.map(({ subjectId }) => subjectId)).size).toBe(1)
})

test("a name is visible text without space around it, up to 128 characters", () => {
  const isName = Schema.is(AccountName)
  for (const name of ["a", "alice@example.com", "Zoë van Dam", "x".repeat(128)]) expect(isName(name)).toBe(true)
  for (const name of ["", " a", "a ", "a\nb", "a\u202eb", "x".repeat(129), "\ud800"]) expect(isName(name)).toBe(false)
})
