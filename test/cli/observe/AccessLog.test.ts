/** The access log: a line for each answer, in a file for its owner, which goes on in a new one where the old was moved away. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync } from "node:fs"
import { basename } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { openAccessLog } from "../../../src/cli/observe/AccessLog.ts"
import type { Answered } from "../../../src/http/Answered.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const answered: Answered = {
  requestId: "request-1",
  at: Date.parse("2026-01-02T03:04:05.678Z"),
  millis: 12.3456,
  method: "POST",
  endpoint: "/token",
  status: 200,
  steps: [],
}

const opened = async (path: string) => {
  const scope = Scope.makeUnsafe()
  const told: Array<string> = []
  const write = await Effect.runPromise(
    Scope.provide(
      openAccessLog(path, (sentence) => told.push(sentence)),
      scope,
    ),
  )
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  onTestFinished(close)
  return { write, told, close }
}

const folderHere = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  return folder
}

/** What a link leads to; nothing where it is gone by now. */
const readlinkOf = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return ""
  }
}

const linesIn = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

it("has of each answer when, what, how, and how long, and what it waited for", async () => {
  const path = folderHere().at("access.log")
  const { write, told, close } = await opened(path)
  write(answered)
  write({
    ...answered,
    status: 400,
    error: "invalid_grant",
    steps: [
      { name: "append", after: 1, millis: 2.5 },
      { name: "append", after: 4, millis: 1 },
      { name: "password", after: 0, millis: 100.0004 },
    ],
  })
  await close()
  const line = {
    time: "2026-01-02T03:04:05.678Z",
    request_id: "request-1",
    method: "POST",
    endpoint: "/token",
    status: 200,
    millis: 12.346,
  }
  expect(linesIn(path)).toEqual([
    line,
    { ...line, status: 400, error: "invalid_grant", append_millis: 3.5, password_millis: 100 },
  ])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(told).toEqual([])
})

it("goes on in a new file once it is told that the old one was moved away, and behind what was there", async () => {
  const folder = folderHere()
  const path = folder.at("access.log")
  const listenerCount = process.listenerCount("SIGHUP")
  const first = await opened(path)
  first.write(answered)
  await first.close()
  const { write, told, close } = await opened(path)
  write({ ...answered, requestId: "request-2" })
  await expect.poll(() => linesIn(path).length).toBe(2)
  renameSync(path, folder.at("access.log.1"))
  process.emit("SIGHUP")
  write({ ...answered, requestId: "request-3" })
  await close()
  const idsIn = (name: string) => linesIn(folder.at(name)).map((line) => line["request_id"])
  expect([idsIn("access.log.1"), idsIn("access.log")]).toEqual([["request-1", "request-2"], ["request-3"]])
  expect([told, process.listenerCount("SIGHUP")]).toEqual([[], listenerCount])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it("goes on behind what is there, where it is told so and nothing was moved away", async () => {
  const path = folderHere().at("access.log")
  const { write, close } = await opened(path)
  write(answered)
  await expect.poll(() => linesIn(path).length).toBe(1)
  process.emit("SIGHUP")
  write({ ...answered, requestId: "request-2" })
  await close()
  expect(linesIn(path).map((line) => line["request_id"])).toEqual(["request-1", "request-2"])
})

/** Where the system tells which files this process holds. */
const HELD = "/proc/self/fd"

it.skipIf(!existsSync(HELD))("lets go of the file that was moved away", async () => {
  const folder = folderHere()
  const path = folder.at("access.log")
  const { write } = await opened(path)
  write(answered)
  renameSync(path, folder.at("access.log.1"))
  const heldHere = () =>
    readdirSync(HELD).flatMap((name) => {
      const held = readlinkOf(`${HELD}/${name}`)
      return held.startsWith(folder.at("")) ? [basename(held)] : []
    })
  expect(heldHere()).toEqual(["access.log.1"])
  process.emit("SIGHUP")
  await expect.poll(heldHere).toEqual(["access.log"])
})

it("keeps four megabytes for a disk that does not keep up, and tells how many lines went beyond", async () => {
  const path = folderHere().at("access.log")
  const { write, told } = await opened(path)
  const lineBytes = Buffer.byteLength(`${JSON.stringify({ time: new Date(answered.at), request_id: "request-1" })}\n`)
  const others = Buffer.byteLength(',"method":"POST","endpoint":"","status":200,"millis":12.346')
  const endpoint = "a".repeat(4 * 1024 * 1024 - lineBytes - others)
  // All in one turn, in which nothing is written.
  write({ ...answered, endpoint })
  write({ ...answered, requestId: "request-2" })
  write({ ...answered, requestId: "request-3" })
  write({ ...answered, requestId: "request-4" })
  await expect.poll(() => linesIn(path).length).toBe(2)
  expect([statSync(path).size > 4 * 1024 * 1024, told]).toEqual([true, []])
  write({ ...answered, requestId: "request-5" })
  expect(told).toEqual(["2 lines were left out: the disk did not keep up"])
  await expect
    .poll(() => linesIn(path).map((line) => line["request_id"]))
    .toEqual([...["request-1", "request-2", "request-5"]])
})

it("that can be written no more keeps nobody from ending", async () => {
  const folder = folderHere()
  const path = folder.at("access.log")
  const { told, close } = await opened(path)
  renameSync(path, folder.at("access.log.1"))
  mkdirSync(path)
  process.emit("SIGHUP")
  await expect.poll(() => told.length).toBe(1)
  await close()
  expect(told).toEqual([`\`${path}\` cannot be written (EISDIR)`])
})

it("that cannot be made is refused before anything is written", async () => {
  const folder = folderHere()
  const path = folder.at("no/access.log")
  const refusal = await Effect.runPromise(Effect.flip(Effect.scoped(openAccessLog(path, () => {}))))
  expect(refusal.message).toBe(`the access log \`${path}\` cannot be written (ENOENT)`)
})

it("tells the operator where it cannot go on, and how many lines that cost once it can", async () => {
  const folder = folderHere()
  const path = folder.at("access.log")
  const { write, told } = await opened(path)
  renameSync(path, folder.at("access.log.1"))
  mkdirSync(path)
  process.emit("SIGHUP")
  await expect.poll(() => told).toEqual([`\`${path}\` cannot be written (EISDIR)`])
  write(answered)
  write(answered)
  renameSync(path, folder.at("folder"))
  process.emit("SIGHUP")
  write(answered)
  expect(told.slice(1)).toEqual(["2 lines were left out: the disk did not keep up"])
  await expect.poll(() => existsSync(path) && linesIn(path).length).toBe(1)
})
