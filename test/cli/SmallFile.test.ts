/** A file that somebody else wrote is read as far as it may be long, and not further. */
import { writeFileSync } from "node:fs"
import { expect, onTestFinished, test } from "vitest"
import { readSmallFile } from "../../src/cli/SmallFile.ts"
import { temporaryFolder } from "../live/support/Folder.ts"

test("a file is read whole up to its bound, and not at all beyond it", () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const path = folder.at("note")
  writeFileSync(path, "äbc")
  expect(readSmallFile(path, 4)).toBe("äbc")
  expect(readSmallFile(path, 3)).toBeUndefined()
  writeFileSync(path, "")
  expect(readSmallFile(path, 3)).toBe("")
  expect(() => readSmallFile(folder.at("nothing"), 3)).toThrow(/ENOENT/)
})

test("what has no end is too long", () => {
  expect(readSmallFile("/dev/zero", 1000)).toBeUndefined()
})
