/** What files add: rights, links, leftovers, locks of the dead; and the storage that is made of them. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { execFileSync } from "node:child_process"
import promises from "node:fs/promises"
import { basename, dirname, isAbsolute, sep } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import {
  FileTokenStorage,
  defaultCacheDir,
  fileKeyValue,
  type FileKeyValue,
} from "../../../src/client/storage/index.ts"
import { STALE_MILLIS } from "../../../src/client/storage/FileLock.ts"
import { reasonOf } from "../../../src/client/storage/PrivateFolder.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { standIn } from "../support/StandIn.ts"
import { server, tokens } from "./suite.ts"

const open = () => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  const folder = made.at("deep", "credentials")
  const at = (name: string) => made.at("deep", "credentials", name)
  const valueFile = () => at(readdirSync(folder).find((name) => name.endsWith(".json"))!)
  return { folder, at, keyValue: fileKeyValue(folder), valueFile }
}

const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

const unsafe = (message: RegExp) =>
  expect.objectContaining({ code: "unsafe_file", message: expect.stringMatching(message) })

it("its folders have 0700 and its files 0600", async () => {
  const { folder, keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  await keyValue.set("a", "two")
  expect([rightsOf(dirname(folder)), rightsOf(folder), rightsOf(valueFile())]).toEqual(["700", "700", "600"])
})

it("reading makes nothing", async () => {
  const { folder, keyValue } = open()
  expect(await keyValue.get("a")).toBeUndefined()
  await keyValue.delete("a")
  await keyValue.clearAll()
  expect(existsSync(dirname(folder))).toBe(false)
})

it("leaves nothing but values behind: no lock, no half-written file", async () => {
  const { folder, keyValue } = open()
  await keyValue.set("a", "one")
  await keyValue.withLock("a", () => keyValue.compareAndSet("a", "one", "two"))
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)])
  await keyValue.delete("a")
  expect(readdirSync(folder)).toEqual([])
})

it("what a crashed writer left behind goes with the next write, and with the value", async () => {
  const { folder, keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  const leave = () => writeFileSync(`${valueFile()}.1234567`, "a secret, half")
  leave()
  expect(await keyValue.get("a")).toBe("one")
  await keyValue.set("a", "two")
  expect(readdirSync(folder)).toHaveLength(1)
  leave()
  await keyValue.delete("a")
  expect(readdirSync(folder)).toEqual([])
})

it("what somebody put beside a value under a name of their own stays", async () => {
  const { folder, keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  const names = [`${valueFile()}.backup`, `${valueFile()}.1.backup`]
  for (const name of names) writeFileSync(name, "mine")
  await keyValue.set("a", "two")
  await keyValue.delete("a")
  await keyValue.clearAll()
  expect(readdirSync(folder).sort()).toEqual(names.map((name) => basename(name)).sort())
})

it.each([0o640, 0o604, 0o622])("a file with rights %o is refused, read or replaced", async (mode) => {
  const { keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  chmodSync(valueFile(), mode)
  await expect(keyValue.get("a")).rejects.toEqual(unsafe(/^`.*\.json` is open to others \(0\d+\): .*`chmod 600` it$/))
  await expect(keyValue.set("a", "two")).rejects.toEqual(unsafe(/open to others/))
})

it("a folder that others may enter is refused, and so is one that is a link or a file", async () => {
  const { folder, keyValue } = open()
  await keyValue.set("a", "one")
  chmodSync(folder, 0o750)
  await expect(keyValue.get("a")).rejects.toEqual(unsafe(/open to others \(0750\): .*`chmod 700` it$/))
  chmodSync(folder, 0o700)
  renameSync(folder, `${folder}-moved`)
  symlinkSync(`${folder}-moved`, folder)
  await expect(keyValue.get("a")).rejects.toEqual(unsafe(/is a symbolic link/))
  await expect(keyValue.set("a", "two")).rejects.toEqual(unsafe(/is a symbolic link/))
  expect(await fileKeyValue(`${folder}-moved`).get("a")).toBe("one")
  writeFileSync(`${folder}-file`, "")
  await expect(fileKeyValue(`${folder}-file`).set("a", "two")).rejects.toEqual(unsafe(/is not a folder/))
})

it("a link in place of a value is neither read nor written through; deleting removes the link alone", async () => {
  const { keyValue, valueFile, at } = open()
  await keyValue.set("a", "one")
  const file = valueFile()
  renameSync(file, at("elsewhere"))
  symlinkSync(at("elsewhere"), file)
  const before = readFileSync(at("elsewhere"), "utf8")
  await expect(keyValue.get("a")).rejects.toEqual(unsafe(/is a symbolic link/))
  await expect(keyValue.set("a", "two")).rejects.toEqual(unsafe(/is a symbolic link/))
  await keyValue.delete("a")
  expect(readFileSync(at("elsewhere"), "utf8")).toBe(before)
  expect(await keyValue.get("a")).toBeUndefined()
})

it("a folder in place of a value is refused", async () => {
  const { keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  const file = valueFile()
  renameSync(file, `${file}.moved`)
  mkdirSync(file)
  await expect(keyValue.get("a")).rejects.toEqual(unsafe(/is not a plain file/))
})

it("a damaged file, or that of another key, is an error that names it", async () => {
  const { keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  const [file, text] = [valueFile(), readFileSync(valueFile(), "utf8")]
  for (const damaged of [text.slice(0, -3), "", text.replace('"a"', '"b"')]) {
    writeFileSync(file, damaged)
    await expect(keyValue.get("a")).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining(file) })
  }
  await keyValue.set("a", "two")
  expect(await keyValue.get("a")).toBe("two")
})

it("a lock that was not renewed is taken over once, however many wait for it", async () => {
  const { folder, keyValue, at } = open()
  let lockName = ""
  await keyValue.withLock("a", async () => void (lockName = readdirSync(folder)[0]!))
  mkdirSync(at(lockName))
  const past = Date.now() / 1000 - STALE_MILLIS / 1000 - 1
  utimesSync(at(lockName), past, past)
  let insideCount = 0
  const alone = async () => {
    expect(++insideCount).toBe(1)
    await fileKeyValue(folder).set("b", "x")
    insideCount--
  }
  await Promise.all(Array.from({ length: 8 }, () => fileKeyValue(folder).withLock("a", alone)))
  expect(readdirSync(folder).filter((name) => name.includes("lock"))).toEqual([])
})

it("a holder whose lock was taken over is told, and does not take it away from the new one", async () => {
  const { folder, keyValue, at } = open()
  const outcome = keyValue.withLock("a", async () => {
    const lockName = readdirSync(folder)[0]!
    renameSync(at(lockName), at("gone"))
    mkdirSync(at(lockName))
  })
  await expect(outcome).rejects.toMatchObject({ code: "lock_lost" })
  expect(readdirSync(folder).filter((name) => name.endsWith(".lock"))).toHaveLength(1)
})

it("the file storage keeps every server apart and knows its address", async () => {
  const { folder } = open()
  const [one, other] = [FileTokenStorage("https://a.b/mcp", folder), FileTokenStorage("https://a_b/mcp", folder)]
  expect(one.getBaseUrl()).toBe("https://a.b")
  expect(FileTokenStorage("http://localhost:8000/mcp?x=1", folder).getBaseUrl()).toBe("http://localhost:8000")
  expect(one.getCacheKey()).toMatch(/^a\.b-[0-9a-f]{32}$/)
  expect(FileTokenStorage("http://[::1]:8000/mcp", folder).getCacheKey()).toMatch(/^___1__8000-[0-9a-f]{32}$/)
  const long = `https://${"a".repeat(60)}.${"b".repeat(60)}.example`
  expect(FileTokenStorage(long, folder).getCacheKey()).toHaveLength(80 + 1 + 32)
  const addresses = ["https://a.b/mcp", "https://a_b/mcp", "http://a.b/mcp", "https://a.b/mcp/", "https://a.b:81/mcp"]
  expect(new Set(addresses.map((url) => FileTokenStorage(url, folder).getCacheKey())).size).toBe(addresses.length)
  await one.setTokens(tokens)
  expect(await other.getTokens()).toBeUndefined()
  expect(await FileTokenStorage("https://A.b:443/mcp#x", folder).getTokens()).toEqual(tokens)
})

it("clearing forgets one server, clearing all forgets every one and removes nothing else", async () => {
  const { folder, at } = open()
  const [one, other] = [FileTokenStorage(server, folder), FileTokenStorage("https://other.example", folder)]
  await one.setTokens(tokens)
  await other.setTokens(tokens)
  writeFileSync(at("notes.txt"), "mine")
  await one.clear()
  expect([await one.getTokens(), await other.getTokens()]).toEqual([undefined, tokens])
  await one.clearAll()
  expect(await other.getTokens()).toBeUndefined()
  expect(readdirSync(folder)).toEqual(["notes.txt"])
})

it("the default folder is an absolute one that is named after the product, and no address is refused late", () => {
  expect(isAbsolute(defaultCacheDir())).toBe(true)
  const parts = defaultCacheDir().split(sep)
  expect(parts).toContain("grantlog")
  expect(parts.at(-1)).toBe("mcp-client")
  expect(() => FileTokenStorage("example.com")).toThrow(/is not a URL/)
})

/** As long as several writes take that wait for nobody. */
const severalWrites = async () => {
  const { keyValue } = open()
  for (let turn = 0; turn < 5; turn += 1) await keyValue.set("a", String(turn))
  await keyValue.clearAll()
}

it("whoever writes, compares, deletes or clears waits for who is writing already", async () => {
  const ways = [
    (keyValue: FileKeyValue) => keyValue.set("a", "two"),
    (keyValue: FileKeyValue) => keyValue.compareAndSet("a", "one", "two"),
    (keyValue: FileKeyValue) => keyValue.compareAndSet("a", "one", undefined),
    (keyValue: FileKeyValue) => keyValue.delete("a"),
    (keyValue: FileKeyValue) => keyValue.clearAll(),
  ]
  for (const write of ways) {
    const { folder, keyValue, valueFile } = open()
    await keyValue.set("a", "one")
    const lock = valueFile().replace(/\.json$/, ".write-lock")
    mkdirSync(lock)
    const written = write(fileKeyValue(folder))
    await severalWrites()
    expect(await keyValue.get("a")).toBe("one")
    rmdirSync(lock)
    await written
    expect(await keyValue.get("a")).not.toBe("one")
  }
})

it("who takes the lock of a key does not keep others from writing its value", async () => {
  const { keyValue } = open()
  const seen = await keyValue.withLock("a", async () => {
    await keyValue.set("a", "one")
    return keyValue.get("a")
  })
  expect(seen).toBe("one")
})

it("who waits to write one key keeps nobody from writing another", async () => {
  const { keyValue, valueFile, folder } = open()
  await keyValue.set("a", "one")
  const lock = valueFile().replace(/\.json$/, ".write-lock")
  mkdirSync(lock)
  const waiting = keyValue.set("a", "two")
  await keyValue.set("b", "three")
  expect([await keyValue.get("a"), await keyValue.get("b")]).toEqual(["one", "three"])
  rmdirSync(lock)
  await waiting
  expect(readdirSync(folder)).toHaveLength(2)
})

it("what somebody else removed first is as good as removed", async () => {
  const { keyValue, valueFile, folder } = open()
  await keyValue.set("a", "one")
  writeFileSync(`${valueFile()}.1234567`, "half")
  standIn(promises, "rm", (honest) => async (path, options) => {
    await honest(path)
    await honest(path, options)
  })
  await keyValue.set("a", "two")
  await keyValue.delete("a")
  expect(readdirSync(folder)).toEqual([])
})

it("what the file system does not do is told with the folder, or the file, and the reason", async () => {
  const { keyValue, folder, valueFile } = open()
  await keyValue.set("a", "one")
  const failure = Object.assign(new Error("broken"), { code: "EIO" })
  const failed = (message: string) => expect.objectContaining({ code: "unavailable", message })
  standIn(promises, "open", (honest) => async (...args) => {
    const file = await honest(...args)
    file.stat = (() => Promise.reject(failure)) as never
    return file
  })
  await expect(keyValue.get("a")).rejects.toEqual(failed(`reading \`${valueFile()}\` failed (EIO)`))
  standIn(promises, "readdir", () => (() => Promise.reject(failure)) as never)
  await expect(keyValue.delete("a")).rejects.toEqual(failed(`writing in \`${folder}\` failed (EIO)`))
})

it("a named pipe in place of a value holds up nobody", async () => {
  const { keyValue, valueFile } = open()
  await keyValue.set("a", "one")
  const file = valueFile()
  renameSync(file, `${file}.moved`)
  execFileSync("mkfifo", ["-m", "600", file])
  await expect(keyValue.get("a")).rejects.toEqual(unsafe(/is not a plain file/))
})

it("what belongs to another user is refused, and where nobody owns files it is not asked", async () => {
  const { keyValue, valueFile, folder } = open()
  await keyValue.set("a", "one")
  const path = valueFile()
  standIn(process, "getuid", () => () => 4_000_000)
  const message = `\`${folder}\` belongs to another user: remove it, or choose another folder`
  await expect(keyValue.get("a")).rejects.toEqual(expect.objectContaining({ code: "unsafe_file", message }))
  standIn(process as { getuid?: typeof process.getuid }, "getuid", () => undefined)
  chmodSync(path, 0o644)
  expect(await keyValue.get("a")).toBe("one")
})

it.each<readonly [unknown, string]>([
  [Object.assign(new Error("no"), { code: "EIO" }), "EIO"],
  [Object.assign(new Error("no"), { code: 7 }), "Error: no"],
  [new Error("no"), "Error: no"],
  [{ code: "EIO" }, "[object Object]"],
  ["no", "no"],
  [undefined, "undefined"],
])("the reason of %o is `%s`", (cause, reason) => {
  expect(reasonOf(cause)).toBe(reason)
})
