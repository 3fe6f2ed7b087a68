/** What encryption adds: nothing readable, nothing changed or moved unseen, and keys that come and go. */
import { chmodSync, writeFileSync } from "node:fs"
import { CompactEncrypt } from "jose"
import { expect, it } from "vitest"
import {
  EncryptedKeyValue,
  encryptionKeysFromEnvironment,
  encryptionKeysFromFile,
  memoryKeyValue,
  newEncryptionKey,
  parseEncryptionKeys,
} from "../../../src/client/storage/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const [oldText, newText] = [await newEncryptionKey(), await newEncryptionKey()]
const keysOf = (...texts: ReadonlyArray<string>) => parseEncryptionKeys(texts.join(" "), "the test")
const refusal = (code: string) => expect.objectContaining({ _tag: "StorageError", code })

const open = async () => {
  const inner = memoryKeyValue()
  return { inner, store: EncryptedKeyValue(inner, await keysOf(oldText)) }
}

it("what is stored shows nothing of the value, and is never the same twice", async () => {
  const { inner, store } = await open()
  const stored = new Set<string>()
  for (let round = 0; round < 8; round++) {
    await store.set("a", "secret-value")
    const text = (await inner.get("a"))!
    for (const part of text.split("."))
      expect(Buffer.from(part, "base64url").toString("latin1")).not.toContain("secret")
    stored.add(text)
  }
  expect(stored.size).toBe(8)
})

it("a value with any character changed is refused, and stays where it is", async () => {
  const { inner, store } = await open()
  await store.set("a", "secret-value")
  const text = (await inner.get("a"))!
  const parts = text.split(".")
  const tampered = parts.flatMap((part, index) => {
    const first = part.startsWith("A") ? "B" : "A"
    return part === "" ? [] : [parts.with(index, first + part.slice(1)).join(".")]
  })
  expect(tampered).toHaveLength(4)
  for (const changed of [...tampered.slice(1), text.slice(0, -6)]) {
    await inner.set("a", changed)
    await expect(store.get("a")).rejects.toEqual(refusal("tampered"))
    await expect(store.compareAndSet!("a", "secret-value", "x")).rejects.toEqual(refusal("tampered"))
    expect(await inner.get("a")).toBe(changed)
  }
  await inner.set("a", tampered[0]!)
  await expect(store.get("a")).rejects.toEqual(refusal("not_encrypted"))
})

it("a header that was changed but can be read is refused", async () => {
  const { inner, store } = await open()
  await store.set("a", "secret-value")
  const [header, ...rest] = (await inner.get("a"))!.split(".")
  const changed = { ...JSON.parse(Buffer.from(header!, "base64url").toString()), name: "b" }
  await inner.set("b", [Buffer.from(JSON.stringify(changed)).toString("base64url"), ...rest].join("."))
  await expect(store.get("b")).rejects.toEqual(refusal("tampered"))
})

it("a value in another one's place is refused", async () => {
  const { inner, store } = await open()
  await store.set("a", "of a")
  await inner.set("b", (await inner.get("a"))!)
  await expect(store.get("b")).rejects.toEqual(refusal("tampered"))
  expect(await store.get("a")).toBe("of a")
})

it("a value in clear is refused", async () => {
  const { inner, store } = await open()
  await inner.set("a", "in clear")
  await expect(store.get("a")).rejects.toEqual(refusal("not_encrypted"))
})

it("a wrong key is told by its name, or, under a name that was given to it, as a changed value", async () => {
  const { inner, store } = await open()
  await store.set("a", "one")
  const [right] = await keysOf(oldText)
  const [wrong] = await keysOf(newText)
  const wanted = expect.objectContaining({ code: "unknown_key", message: expect.stringContaining(right.kid) })
  await expect(EncryptedKeyValue(inner, [wrong]).get("a")).rejects.toEqual(wanted)
  const disguised = EncryptedKeyValue(inner, [{ ...wrong, kid: right.kid }])
  await expect(disguised.get("a")).rejects.toEqual(refusal("tampered"))
})

it("rotation: the new key in front reads what is there and writes its own, then the old one may go", async () => {
  const { inner, store } = await open()
  await store.set("a", "one")
  const both = EncryptedKeyValue(inner, await keysOf(newText, oldText))
  const onlyNew = EncryptedKeyValue(inner, await keysOf(newText))
  expect(await both.get("a")).toBe("one")
  await expect(onlyNew.get("a")).rejects.toEqual(refusal("unknown_key"))
  expect(await both.compareAndSet!("a", "one", "two")).toBe(true)
  expect(await onlyNew.get("a")).toBe("two")
  await expect(store.get("a")).rejects.toEqual(refusal("unknown_key"))
})

it("compares what is encrypted, not how: a value encrypted anew in between is still the one expected", async () => {
  const { inner, store } = await open()
  await store.set("a", "one")
  let isMeddling = true
  const meddled = EncryptedKeyValue(
    {
      ...inner,
      compareAndSet: async (...given) => {
        if (isMeddling) await store.set("a", "one")
        isMeddling = false
        return inner.compareAndSet(...given)
      },
    },
    await keysOf(oldText),
  )
  expect(await meddled.compareAndSet!("a", "one", "two")).toBe(true)
  expect(await store.get("a")).toBe("two")
})

it("locks and compares where what is under it does, and only there", async () => {
  const { get, set, delete: remove, compareAndSet, withLock } = memoryKeyValue()
  const keys = await keysOf(oldText)
  const bare = EncryptedKeyValue({ get, set, delete: remove }, keys)
  expect([bare.withLock, bare.compareAndSet]).toEqual([undefined, undefined])
  expect(EncryptedKeyValue({ get, set, delete: remove, withLock }, keys).withLock).toBeDefined()
  expect(EncryptedKeyValue({ get, set, delete: remove, compareAndSet }, keys).compareAndSet).toBeDefined()
})

it("keys come from a variable, in base64 and base64url alike", async () => {
  const standard = Buffer.from(oldText, "base64url").toString("base64")
  const environment = { KEYS: `${standard},\n${newText}\n` }
  expect(await encryptionKeysFromEnvironment("KEYS", environment)).toEqual(await keysOf(oldText, newText))
  await expect(encryptionKeysFromEnvironment("OTHER", environment)).rejects.toEqual(refusal("invalid_key"))
})

it.each(["", " , ", "a password", "A".repeat(42), "A".repeat(44), "!".repeat(43)])("`%s` is no key", async (text) => {
  await expect(parseEncryptionKeys(text, "the test")).rejects.toEqual(refusal("invalid_key"))
})

it("keys come from a file that is its owner's alone; no message repeats a key", async () => {
  using folder = temporaryFolder()
  const file = folder.at("keys")
  writeFileSync(file, `${oldText}\n`, { mode: 0o600 })
  expect(await encryptionKeysFromFile(file)).toEqual(await keysOf(oldText))
  chmodSync(file, 0o644)
  await expect(encryptionKeysFromFile(file)).rejects.toEqual(refusal("unsafe_file"))
  await expect(encryptionKeysFromFile(folder.at("none"))).rejects.toEqual(refusal("invalid_key"))
  chmodSync(file, 0o600)
  writeFileSync(file, `${oldText}x`)
  await expect(encryptionKeysFromFile(file)).rejects.toMatchObject({ message: expect.not.stringContaining(oldText) })
})

it("what is encrypted in another way, though under the same key, is refused", async () => {
  const { inner, store } = await open()
  const [{ kid, secret }] = await keysOf(oldText)
  const text = await new CompactEncrypt(new TextEncoder().encode("forged"))
    .setProtectedHeader({ alg: "dir", enc: "A128CBC-HS256", kid, name: "a" })
    .encrypt(secret)
  await inner.set("a", text)
  await expect(store.get("a")).rejects.toEqual(refusal("tampered"))
})
