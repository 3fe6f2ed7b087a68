/** Several processes on one encrypted file store: nothing is lost among them, nor by one that dies. */
import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { readdirSync, statSync, utimesSync } from "node:fs"
import { expect, it, onTestFinished } from "vitest"
import {
  ENCRYPTION_KEY_VARIABLE,
  EncryptedKeyValue,
  TokenStorageAdapter,
  fileKeyValue,
  newEncryptionKey,
  parseEncryptionKeys,
} from "../../src/client/storage/index.ts"
import { NODE_COMPILE_CACHE, runnable } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const ROUNDS = 20
const program = runnable(new URL("support/StorageProcess.ts", import.meta.url))

const open = async () => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  const folder = made.at("credentials")
  const key = await newEncryptionKey()
  const storage = TokenStorageAdapter(
    EncryptedKeyValue(fileKeyValue(folder), await parseEncryptionKeys(key, "the test")),
    "https://example.com/mcp",
  )
  /** A process that has come to where its task says so. */
  const start = async (task: "count" | "hold" | "crash"): Promise<ChildProcess> => {
    const child = fork(program, [folder, task], {
      env: { ...process.env, NODE_COMPILE_CACHE, [ENCRYPTION_KEY_VARIABLE]: key },
    })
    onTestFinished(() => void child.kill("SIGKILL"))
    const [said] = await Promise.race([once(child, "message"), once(child, "exit")])
    expect(said).toBe("there")
    return child
  }
  const numberStored = async () => (await storage.getTokens())?.expiresAt ?? 0
  const names = (end: RegExp) => readdirSync(folder).filter((name) => end.test(name))
  return { storage, start, numberStored, names, at: (name: string) => made.at("credentials", name) }
}

const kill = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, "exit")
  child.kill("SIGKILL")
  expect((await gone)[1]).toBe("SIGKILL")
}

const exitCodes = (children: ReadonlyArray<ChildProcess>) =>
  Promise.all(children.map(async (child) => (await once(child, "exit"))[0]))

it.each([2, 8])("%i processes that raise one number at once, alone each time, lose nothing", async (processCount) => {
  const { start, numberStored, names, at } = await open()
  const children = await Promise.all(Array.from({ length: processCount }, () => start("count")))
  const ended = exitCodes(children)
  for (const child of children) child.send("go")
  expect(await ended).toEqual(children.map(() => 0))
  expect(await numberStored()).toBe(processCount * ROUNDS)
  const [file, ...others] = names(/./)
  expect(others).toEqual([])
  expect(statSync(at(file!)).mode & 0o777).toBe(0o600)
  expect(statSync(at("")).mode & 0o777).toBe(0o700)
})

it("a process killed between writing and renaming leaves the old value, and what it wrote is removed", async () => {
  const { storage, start, numberStored, names, at } = await open()
  const counting = await start("count")
  const ended = exitCodes([counting])
  counting.send("go")
  expect(await ended).toEqual([0])

  await kill(await start("crash"))
  expect(names(/\.json\.\d+$/)).toHaveLength(1)
  expect(await numberStored()).toBe(ROUNDS)

  // As if it had died long ago.
  for (const lock of names(/lock$/)) utimesSync(at(lock), 0, 0)
  await storage.clear()
  expect(names(/./)).toEqual([])
})

it("a killed holder of the lock is taken over, by one process at a time", async () => {
  const { start, numberStored, names } = await open()
  const [holder, ...children] = [await start("hold"), ...(await Promise.all([start("count"), start("count")]))]
  await kill(holder)
  expect(names(/\.lock$/)).toHaveLength(1)
  const ended = exitCodes(children)
  for (const child of children) child.send("go")
  expect(await ended).toEqual([0, 0])
  expect(await numberStored()).toBe(2 * ROUNDS)
  expect(names(/lock/)).toEqual([])
})
