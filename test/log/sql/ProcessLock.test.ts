/** The rules of the lock of one process: one has it at a time, and nobody keeps it beyond its end. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { expect, onTestFinished, test } from "vitest"
import { takeLock } from "../../../src/log/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const newFile = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  return folder.at("lock")
}

test("one has it at a time, and the next has it once it was given back", () => {
  const file = newFile()
  const giveBack = takeLock(file)
  expect(() => takeLock(file)).toThrow(expect.objectContaining({ _tag: "StoreFault", reason: "busy" }))
  giveBack()
  takeLock(file)()
})

test("whoever is refused takes nothing away from the holder", () => {
  const file = newFile()
  const giveBack = takeLock(file)
  for (let attempt = 0; attempt < 3; attempt++) expect(() => takeLock(file)).toThrow()
  giveBack()
  const next = takeLock(file)
  expect(() => takeLock(file)).toThrow()
  next()
})

test("a process that is killed has it no longer", async () => {
  const file = newFile()
  const source = new URL("../../../src/log/index.ts", import.meta.url).href
  const script = `import { takeLock } from ${JSON.stringify(source)}; takeLock(${JSON.stringify(file)}); console.log("held"); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  onTestFinished(() => void holder.kill("SIGKILL"))
  await once(holder.stdout, "data")
  expect(() => takeLock(file)).toThrow(expect.objectContaining({ reason: "busy" }))
  holder.kill("SIGKILL")
  await once(holder, "exit")
  takeLock(file)()
})

test("a file that cannot be made is told, and is nobody's lock", () => {
  expect(() => takeLock(`${newFile()}-folder/lock`)).toThrow(expect.objectContaining({ _tag: "StoreFault" }))
})
