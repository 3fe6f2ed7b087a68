/** The lock of who serves a file: one has it, until that ends; of a database there is none. */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { servedByNobody, takeServeLock } from "../../src/cli/ServeLock.ts"
import { temporaryFolder } from "../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const located = (file: string | undefined) => ({
  ...{ name: "", file, database: undefined, keyFile: undefined, isKeyFileGiven: false },
})

it("one has it at a time, for as long as its scope lives", async () => {
  const file = folder.at("grantlog.db")
  const fault = { reason: "locked", message: `another grantlog serves \`${file}\`: stop it, or use another --store` }
  const release = takeServeLock(file)
  expect(() => takeServeLock(file)).toThrow(expect.objectContaining(fault))
  expect(await Effect.runPromise(Effect.flip(Effect.scoped(servedByNobody(located(file)))))).toMatchObject(fault)
  release()
  const held = Effect.andThen(
    servedByNobody(located(file)),
    Effect.sync(() => expect(() => takeServeLock(file)).toThrow(expect.objectContaining(fault))),
  )
  await Effect.runPromise(Effect.scoped(held))
  takeServeLock(file)()
})

it("what is no lock is told as it is", () => {
  const file = folder.at("odd.db")
  writeFileSync(`${file}.serve-lock`, "x".repeat(5000))
  expect(() => takeServeLock(file)).toThrow(expect.objectContaining({ reason: "not-a-log" }))
})

it("a database has none", async () => {
  const file = "undefined.serve-lock"
  // Where one is left, this fails once and not for ever.
  onTestFinished(() => rmSync(file, { force: true }))
  await Effect.runPromise(Effect.scoped(servedByNobody(located(undefined))))
  expect(existsSync(file)).toBe(false)
})
