/** The access log: a line for each answer, in a file for its owner, which goes on in a new one where the old was moved away. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs"
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
      { name: "append", startMillis: 1, millis: 2.5 },
      { name: "append", startMillis: 4, millis: 1 },
      { name: "read", startMillis: 0, millis: 100 },
    ] as unknown as Answered["steps"],
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
  expect(linesIn(path)).toEqual([line, { ...line, status: 400, error: "invalid_grant", append_millis: 3.5 }])
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
