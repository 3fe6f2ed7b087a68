/** The rules of the key ring's file: private, made once, and a sentence for whatever is wrong with it. */
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import {
  ConfigFault,
  createKeyFile,
  hasKeyFile,
  openKeyFile,
  parseKeyRing,
  readKeyFile,
} from "../../src/provider/index.ts"
import { serverOver, temporaryFolder } from "../support/TestServer.ts"
import { liveRandomness, memoryStore, type Randomness } from "../../src/provider/index.ts"

const newPath = () => join(temporaryFolder(), "grantlog.keys.json")

test("a ring is made with mode 0600, and reads back as it was", () => {
  const path = newPath()
  expect(hasKeyFile(path)).toBe(false)
  const ring = createKeyFile(path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(hasKeyFile(path)).toBe(true)
  expect(readKeyFile(path)).toEqual(ring)
})

test("a ring that is there is never replaced", () => {
  const path = newPath()
  createKeyFile(path)
  const before = readFileSync(path, "utf8")
  expect(() => createKeyFile(path)).toThrow(ConfigFault)
  expect(() => createKeyFile(path)).toThrow(`\`${path}\`: one that is there is never replaced`)
  expect(readFileSync(path, "utf8")).toBe(before)
})

test("one call makes the ring the first time, and opens it ever after", () => {
  const path = newPath()
  const ring = openKeyFile(path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(openKeyFile(path)).toEqual(ring)
  expect(readKeyFile(path)).toEqual(ring)
})

test("of two that make one ring at once, the second opens what the first has made", () => {
  const path = newPath()
  let first: unknown
  const quicker: Randomness = {
    ...liveRandomness,
    bytes: (count) => {
      first ??= createKeyFile(path)
      return liveRandomness.bytes(count)
    },
  }
  expect(openKeyFile(path, quicker)).toEqual(first)
})

test("what is no ring is neither replaced nor opened, and a ring that cannot be kept is not opened", () => {
  const path = newPath()
  writeFileSync(path, "no ring")
  expect(() => openKeyFile(path)).toThrow("is not a key ring")
  expect(readFileSync(path, "utf8")).toBe("no ring")
  expect(() => openKeyFile(join(temporaryFolder(), "no", "keys.json"))).toThrow("no key ring can be made at")
})

test("a ring that is missing is named, with what to do", () => {
  const path = newPath()
  expect(() => readKeyFile(path)).toThrow(ConfigFault)
  expect(() => readKeyFile(path)).toThrow(
    `the key ring \`${path}\` cannot be read: put back the one of this log (ENOENT)`,
  )
})

const secret = "A".repeat(43)

test.each([
  ["nothing", ""],
  ["no JSON", "keys"],
  ["no keys", '{"keys":[]}'],
  ["no object", "[]"],
  ["a short secret", JSON.stringify({ keys: [{ id: "k", secret: secret.slice(1) }] })],
  ["a secret of other characters", JSON.stringify({ keys: [{ id: "k", secret: `${secret.slice(1)}=` }] })],
  ["a key without id", JSON.stringify({ keys: [{ secret }] })],
  ["an id that is none", JSON.stringify({ keys: [{ id: "a b", secret }] })],
])("a ring of %s is refused with its path, and without its contents", (_, text) => {
  const path = newPath()
  writeFileSync(path, text)
  expect(() => readKeyFile(path)).toThrow(ConfigFault)
  expect(() => readKeyFile(path)).toThrow(`\`${path}\` is not a key ring: expected {"keys":`)
  expect(() => readKeyFile(path)).not.toThrow(secret.slice(1))
})

test("two keys under one id are refused", () => {
  const text = JSON.stringify({
    keys: [
      { id: "k", secret },
      { id: "k", secret: `B${secret.slice(1)}` },
    ],
  })
  expect(() => parseKeyRing(text, "GRANTLOG_KEYS")).toThrow("GRANTLOG_KEYS")
})

test("a log that names a key which the ring lacks is not served", async () => {
  const store = memoryStore()
  const { keys } = await serverOver({ store })
  const other = createKeyFile(newPath())
  await expect(serverOver({ store, keys: other })).rejects.toThrow(
    `the log names the key \`${keys.keys[0].id}\`, which the key ring lacks: bring the ring that this log was written with`,
  )
  const { native } = await serverOver({ store, keys: { keys: [other.keys[0], ...keys.keys] } })
  expect(native.settings.issuer).toBe("http://localhost:4000")
})

test("a ring that cannot be kept is refused with what to do", () => {
  const path = join(temporaryFolder(), "no", "grantlog.keys.json")
  expect(() => createKeyFile(path)).toThrow(ConfigFault)
  expect(() => createKeyFile(path)).toThrow("its folder must be writable (ENOENT)")
  expect(hasKeyFile(path)).toBe(false)
})

test("two rings that are made have nothing in common", () => {
  const [first, second] = [createKeyFile(newPath()).keys, createKeyFile(newPath()).keys]
  expect([first.length, second.length]).toEqual([1, 1])
  expect(first[0].id).toMatch(/^k_[0-9A-Za-z]{11}$/)
  expect(Buffer.from(first[0].secret, "base64url")).toHaveLength(32)
  expect(first[0].id).not.toBe(second[0].id)
  expect(first[0].secret).not.toBe(second[0].secret)
})
