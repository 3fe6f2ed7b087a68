/** Where keys come from: words of 32 bytes, and a file that nobody else can read. */
import { chmodSync, symlinkSync, writeFileSync } from "node:fs"
import { expect, it, onTestFinished } from "vitest"
import {
  encryptionKeysFromEnvironment,
  encryptionKeysFromFile,
  newEncryptionKey,
  parseEncryptionKeys,
} from "../../../src/client/storage/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const keyFile = async (mode: number) => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  const path = made.at("key")
  writeFileSync(path, await newEncryptionKey())
  chmodSync(path, mode)
  return { path, at: made.at }
}

it.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o660, 0o700 | 0o010, 0o777])(
  "a key file with the rights %o is refused: somebody else may have read or changed it",
  async (mode) => {
    const { path } = await keyFile(mode)
    const message = expect.stringMatching(/open to others.*chmod 600/)
    await expect(encryptionKeysFromFile(path)).rejects.toMatchObject({ code: "unsafe_file", message })
  },
)

it.each([0o600, 0o400, 0o700])("a key file with the rights %o is taken, by a link too", async (mode) => {
  const { path, at } = await keyFile(mode)
  expect(await encryptionKeysFromFile(path)).toHaveLength(1)
  symlinkSync(path, at("link"))
  expect(await encryptionKeysFromFile(at("link"))).toEqual(await encryptionKeysFromFile(path))
})

it("a key file that is missing, or has none in it, is said with its name", async () => {
  const { path, at } = await keyFile(0o600)
  const missing = { code: "invalid_key", message: expect.stringContaining(`\`${at("none")}\` cannot be read (ENOENT)`) }
  await expect(encryptionKeysFromFile(at("none"))).rejects.toMatchObject(missing)
  writeFileSync(path, "no key")
  const wrong = { code: "invalid_key", message: expect.stringContaining(`key 1 of \`${path}\``) }
  await expect(encryptionKeysFromFile(path)).rejects.toMatchObject(wrong)
})

it("keys stand with commas, spaces or lines between them, padded or not, and say which is wrong", async () => {
  const [one, two, three] = await Promise.all([newEncryptionKey(), newEncryptionKey(), newEncryptionKey()])
  const found = await parseEncryptionKeys(`\n${one}=, ${two}\n\t${three} `, "here")
  const kids = await Promise.all([one, two, three].map(async (text) => (await parseEncryptionKeys(text, "x"))[0].kid))
  expect(found.map(({ kid }) => kid)).toEqual(kids)
  expect(kids.every((kid) => /^[\w-]{16}$/.test(kid))).toBe(true)
  expect(found.every(({ secret }) => secret.length === 32)).toBe(true)
  await expect(parseEncryptionKeys(`${one} short`, "here")).rejects.toMatchObject({
    message: expect.stringMatching(/^key 2 of here/),
  })
  await expect(parseEncryptionKeys("a ".repeat(10_000), "here")).rejects.toMatchObject({ code: "invalid_key" })
})

it("a variable is read by its usual name, or by another, and its absence is said", async () => {
  const text = await newEncryptionKey()
  const other = await encryptionKeysFromEnvironment("OTHER", { OTHER: text })
  expect(await encryptionKeysFromEnvironment(undefined, { GRANTLOG_STORAGE_KEY: text })).toEqual(other)
  const message = expect.stringContaining("`OTHER` is not set")
  await expect(encryptionKeysFromEnvironment("OTHER", {})).rejects.toMatchObject({ code: "invalid_key", message })
})
