/** What a store that cannot go on tells its owner: each time which place it is, and what to do. */
import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { Effect } from "effect"
import { KeyValueStore, layerMemory } from "effect/persistence/KeyValueStore"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  EncryptedKeyValue,
  TokenStorageAdapter,
  encryptionKeysFromEnvironment,
  encryptionKeysFromFile,
  fileKeyValue,
  fromKeyValueStore,
  memoryKeyValue,
  newEncryptionKey,
  parseEncryptionKeys,
  type KeyValue,
} from "../../../src/client/storage/index.ts"
import { checkPrivateFolder, openPrivateFolder, readPrivateFile } from "../../../src/client/storage/PrivateFolder.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const folderOf = () => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  return made
}

const says = async (attempt: Promise<unknown>, code: string, message: string) => {
  const fault: unknown = await attempt.catch((cause: unknown) => cause)
  expect(fault).toMatchObject({ _tag: "StorageError", code })
  expect((fault as Error).message).toBe(message)
}

describe("of keys", () => {
  const cure = "make one with `openssl rand -base64 32`"

  it.each([
    ["", `the test has no key: ${cure}`],
    [" ,\n", `the test has no key: ${cure}`],
    ["a password", `key 1 of the test is not 32 bytes in base64: ${cure}`],
    [`${"A".repeat(43)} ${"A".repeat(42)}`, `key 2 of the test is not 32 bytes in base64: ${cure}`],
    ["A".repeat(44), `key 1 of the test is not 32 bytes in base64: ${cure}`],
    [`${"A".repeat(43)}==`, `key 1 of the test is not 32 bytes in base64: ${cure}`],
    [`${"A".repeat(21)}=${"A".repeat(22)}`, `key 1 of the test is not 32 bytes in base64: ${cure}`],
    [`=${"A".repeat(42)}`, `key 1 of the test is not 32 bytes in base64: ${cure}`],
    [
      `${"A".repeat(43)}${" ".repeat(16_342)}`,
      "the test is longer than 16384 characters: it has something else than keys",
    ],
  ])("%#", async (text, message) => {
    await says(parseEncryptionKeys(text, "the test"), "invalid_key", message)
  })

  it("which may be as long as that", async () => {
    expect(await parseEncryptionKeys(`${"A".repeat(43)}${" ".repeat(16_341)}`, "the test")).toHaveLength(1)
    const text = `${"+/".repeat(21)}8=`
    const [{ secret }] = await parseEncryptionKeys(text, "x")
    expect(Buffer.from(secret).toString("base64")).toBe(text)
  })

  it("that are not there, or that others can read", async () => {
    const variable = "the variable `GRANTLOG_STORAGE_KEY` is not set: make a key with `openssl rand -base64 32`"
    await says(encryptionKeysFromEnvironment(undefined, {}), "invalid_key", variable)
    const empty = `the variable \`OTHER\` has no key: ${cure}`
    await says(encryptionKeysFromEnvironment("OTHER", { OTHER: "" }), "invalid_key", empty)
    const path = folderOf().at("key")
    const missing = `the key file \`${path}\` cannot be read (ENOENT): put back the one of this store`
    await says(encryptionKeysFromFile(path), "invalid_key", missing)
    writeFileSync(path, await newEncryptionKey(), { mode: 0o640 })
    chmodSync(path, 0o640)
    const open = `the key file \`${path}\` is open to others: make a new key, and \`chmod 600\` its file`
    await says(encryptionKeysFromFile(path), "unsafe_file", open)
  })
})

describe("of an encrypted value", () => {
  const start = async () => {
    const inner = memoryKeyValue()
    const store = EncryptedKeyValue(inner, await parseEncryptionKeys(await newEncryptionKey(), "x"))
    await store.set("a", "value")
    return { inner, store }
  }

  it("that is another's, was moved or changed, or is none", async () => {
    const { inner, store } = await start()
    const text = (await inner.get("a"))!
    const [key] = await parseEncryptionKeys(await newEncryptionKey(), "y")
    const { kid } = JSON.parse(Buffer.from(text.split(".")[0]!, "base64url").toString()) as { readonly kid: string }
    await says(
      EncryptedKeyValue(inner, [key]).get("a"),
      "unknown_key",
      `what is stored under \`a\` is encrypted under the key \`${kid}\`, which was not given: add it to the keys`,
    )
    await inner.set("b", text)
    await says(
      store.get("b"),
      "tampered",
      "what is stored under `b` was encrypted for another place: find out who moved it, then clear it",
    )
    await inner.set("a", text.slice(0, -6))
    await says(
      store.get("a"),
      "tampered",
      "what is stored under `a` was changed after it was encrypted, or its key is not the one of that name: find out which, then clear it",
    )
    await inner.set("a", "value")
    await says(
      store.get("a"),
      "not_encrypted",
      "what is stored under `a` is not encrypted: it was stored before, or by somebody else; clear it",
    )
  })

  it("which can lock and compare where the store can", async () => {
    const { withLock: _, compareAndSet: __, ...plain } = memoryKeyValue()
    const keys = await parseEncryptionKeys(await newEncryptionKey(), "x")
    const can = (inner: KeyValue) => {
      const store = EncryptedKeyValue(inner, keys)
      return [store.compareAndSet !== undefined, store.withLock !== undefined]
    }
    expect(can(plain)).toEqual([false, false])
    expect(can(memoryKeyValue())).toEqual([true, true])
  })
})

describe("of a folder", () => {
  it("that is open to others, a link, or no folder", async () => {
    const { at } = folderOf()
    const path = at("folder")
    expect(await checkPrivateFolder(path)).toBe(false)
    await openPrivateFolder(path)
    expect(await checkPrivateFolder(path)).toBe(true)
    for (const [mode, seen] of [
      [0o701, "0701"],
      [0o077, "0077"],
    ] as const) {
      chmodSync(path, mode)
      const message = `\`${path}\` is open to others (${seen}): look whether it was read, then \`chmod 700\` it`
      await says(checkPrivateFolder(path), "unsafe_file", message)
    }
    chmodSync(path, 0o700)
    symlinkSync(path, at("link"))
    const link = `\`${at("link")}\` is a symbolic link: give the folder that it leads to`
    await says(openPrivateFolder(at("link")), "unsafe_file", link)
    writeFileSync(at("file"), "", { mode: 0o600 })
    await says(openPrivateFolder(at("file")), "unsafe_file", `\`${at("file")}\` is not a folder: choose another one`)
    const below = at("file", "below")
    await says(openPrivateFolder(below), "unavailable", `making the folder \`${below}\` failed (ENOTDIR)`)
    await says(checkPrivateFolder(below), "unavailable", `looking at \`${below}\` failed (ENOTDIR)`)
  })

  it("and of a file in it", async () => {
    const { at } = folderOf()
    expect(await readPrivateFile(at("file"))).toBeUndefined()
    writeFileSync(at("file"), "text", { mode: 0o600 })
    expect(await readPrivateFile(at("file"))).toBe("text")
    chmodSync(at("file"), 0o604)
    const open = `\`${at("file")}\` is open to others (0604): look whether it was read, then \`chmod 600\` it`
    await says(readPrivateFile(at("file")), "unsafe_file", open)
    symlinkSync(at("file"), at("link"))
    await says(readPrivateFile(at("link")), "unsafe_file", `\`${at("link")}\` is a symbolic link: remove it`)
    mkdirSync(at("folder"), { mode: 0o700 })
    await says(readPrivateFile(at("folder")), "unsafe_file", `\`${at("folder")}\` is not a plain file: remove it`)
    const below = at("file", "below")
    await says(readPrivateFile(below), "unavailable", `opening \`${below}\` failed (ENOTDIR)`)
  })
})

describe("of a lock", () => {
  it("that was taken over, in files and in what compares", async () => {
    const { at } = folderOf()
    const files = fileKeyValue(at("folder"))
    const stolen = files.withLock!("a", async () => {
      const name = readdirSync(at("folder"))[0]!
      renameSync(at("folder", name), at("folder", "gone"))
      mkdirSync(at("folder", name))
    })
    const inFiles = "the lock of `a` was taken over while this process stood still: read what is stored again"
    await says(stolen, "lock_lost", inFiles)

    const { withLock: _, ...comparing } = memoryKeyValue()
    const locks: Array<string> = []
    const watched: KeyValue = {
      ...comparing,
      compareAndSet: (key, ...rest) => {
        locks.push(key)
        return comparing.compareAndSet!(key, ...rest)
      },
    }
    const lost = TokenStorageAdapter(watched, "https://example.com").exclusively(() => comparing.delete(locks[0]!))
    const message = await lost.catch((cause: Error) => cause.message)
    expect(message).toBe(
      `the lock of \`${locks[0]}\` was taken over by somebody else in the meantime: read what is stored again`,
    )
  })
})

it("of a store that fails, or holds what nobody can read", async () => {
  const store = await Effect.runPromise(
    Effect.provide(
      Effect.map(KeyValueStore, (found) => found),
      layerMemory,
    ),
  )
  const cause = new Error("broken")
  const broken = fromKeyValueStore({ ...store, get: () => Effect.die(cause) }, { run: Effect.runPromise })
  await says(broken.get("a"), "unavailable", "the key-value store failed: see the cause, mend it and try again")
  await Effect.runPromise(store.set("a", "x"))
  await says(
    fromKeyValueStore(store, { run: Effect.runPromise }).get("a"),
    "corrupt",
    "a value in the key-value store is not what was stored for `a`: delete it and log in again",
  )
  const values = memoryKeyValue()
  const key = `grantlog/${encodeURIComponent("https://example.com/")}/tokens`
  await values.set(key, "{}")
  const unread = `what is stored under \`${key}\` cannot be read: clear it and log in again`
  await says(TokenStorageAdapter(values, "https://example.com").getTokens(), "corrupt", unread)
})
