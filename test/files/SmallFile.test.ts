/**
 * The rules of small files that must last: private, whole or not there at all, on the disk with their name.
 *
 * What is done to the disk is watched where Node does it; a crash is that nothing more is done from some step on.
 */
import fs, { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { basename } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { appendToFile, createFile, ensureFile, readSmallFile, replaceFile } from "../../src/files/SmallFile.ts"
import { temporaryFolder } from "../live/support/Folder.ts"

const inFolder = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  return { path: folder.at("note"), names: () => readdirSync(folder.at(".")) }
}

class Crash extends Error {}

/** What a body does to the disk, step by step, until a crash in place of step `crashAt`. */
const watched = (body: () => void, crashAt = Infinity): ReadonlyArray<string> => {
  const steps: Array<string> = []
  const opened = new Map<number, string>()
  const { openSync, writeSync, fsyncSync, renameSync, linkSync, copyFileSync } = fs
  const nameOf = (path: unknown) => basename(String(path)).replaceAll(/\.[0-9]+$/g, ".…")
  const step = <A>(text: string, act: () => A): A => {
    if (steps.length >= crashAt) throw new Crash(text)
    steps.push(text)
    return act()
  }
  Object.assign(fs, {
    openSync: (...given: Parameters<typeof openSync>) => {
      const file = openSync(...given)
      opened.set(file, nameOf(given[0]))
      return file
    },
    writeSync: (file: number, ...rest: [string]) => step(`write ${opened.get(file)}`, () => writeSync(file, ...rest)),
    fsyncSync: (file: number) => step(`sync ${opened.get(file)}`, () => fsyncSync(file)),
    renameSync: (from: string, to: string) => step(`${nameOf(from)} → ${nameOf(to)}`, () => renameSync(from, to)),
    linkSync: (from: string, to: string) => step(`${nameOf(from)} = ${nameOf(to)}`, () => linkSync(from, to)),
  })
  syncBuiltinESMExports()
  try {
    body()
  } catch (cause) {
    if (!(cause instanceof Crash)) throw cause
  } finally {
    Object.assign(fs, { openSync, writeSync, fsyncSync, renameSync, linkSync, copyFileSync })
    syncBuiltinESMExports()
  }
  return steps
}

/** Every state that a crash leaves: the text of the file, or that there is none. */
const afterCrashes = (before: string | undefined, act: (path: string) => void): ReadonlySet<string | undefined> => {
  const found = new Set<string | undefined>()
  for (let crashAt = 0; ; crashAt++) {
    const { path } = inFolder()
    if (before !== undefined) writeFileSync(path, before)
    const steps = watched(() => act(path), crashAt)
    found.add(existsSync(path) ? readFileSync(path, "utf8") : undefined)
    if (steps.length < crashAt) return found
  }
}

const isPrivate = (path: string) => (statSync(path).mode & 0o777) === 0o600

describe("a file that is made", () => {
  test("is private, and leaves nothing beside it", () => {
    const { path, names } = inFolder()
    createFile(path, "text")
    expect(readFileSync(path, "utf8")).toBe("text")
    expect(isPrivate(path)).toBe(true)
    expect(names()).toEqual(["note"])
  })

  test("takes the place of no other", () => {
    const { path, names } = inFolder()
    createFile(path, "the first")
    expect(() => createFile(path, "the second")).toThrow(/EEXIST/)
    expect(readFileSync(path, "utf8")).toBe("the first")
    expect(names()).toEqual(["note"])
  })

  test("is on the disk before it has its name, and its name is when it is made", () => {
    const { path } = inFolder()
    const steps = watched(() => createFile(path, "text"))
    expect(steps).toContain("next = note")
    expect(steps.indexOf("sync next.…")).toBeLessThan(steps.indexOf("next = note"))
    expect(steps.at(-1)).toMatch(/^sync (?!note)/)
  })

  test("is all there or not at all, whenever the power goes", () => {
    expect(afterCrashes(undefined, (path) => createFile(path, "text"))).toEqual(new Set([undefined, "text"]))
  })

  test("is made where the file system knows no second names, and takes the place of none there either", () => {
    const { path, names } = inFolder()
    const { linkSync } = fs
    Object.assign(fs, {
      linkSync: () => {
        throw Object.assign(new Error("no links here"), { code: "EPERM" })
      },
    })
    syncBuiltinESMExports()
    try {
      createFile(path, "text")
      expect(() => createFile(path, "other")).toThrow(/EEXIST/)
    } finally {
      Object.assign(fs, { linkSync })
      syncBuiltinESMExports()
    }
    expect([readFileSync(path, "utf8"), isPrivate(path), names()]).toEqual(["text", true, ["note"]])
  })
})

describe("a file that is replaced", () => {
  test("is private from then on, and leaves nothing beside it", () => {
    const { path, names } = inFolder()
    writeFileSync(path, "before", { mode: 0o644 })
    replaceFile(path, "after")
    expect(readFileSync(path, "utf8")).toBe("after")
    expect(isPrivate(path)).toBe(true)
    expect(names()).toEqual(["note"])
  })

  test("is on the disk before it takes the place, and its name is when it is replaced", () => {
    const { path } = inFolder()
    const steps = watched(() => replaceFile(path, "text"))
    expect(steps.slice(0, 3)).toEqual(["write note.…", "sync note.…", "note.… → note"])
    expect(steps.at(-1)).toMatch(/^sync (?!note)/)
  })

  test("is what it was or what was written, whenever the power goes", () => {
    expect(afterCrashes("before", (path) => replaceFile(path, "after"))).toEqual(new Set(["before", "after"]))
  })
})

test("what is added is behind what was there, on the disk, and private", () => {
  const { path } = inFolder()
  appendToFile(path, "one\n")
  const steps = watched(() => appendToFile(path, "two\n"))
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n")
  expect(isPrivate(path)).toBe(true)
  expect(steps.slice(0, 2)).toEqual(["write note", "sync note"])
  expect(steps[2]).toMatch(/^sync (?!note)/)
})

test("a file that somebody else is to write is private and empty, and one that is there stays as it is", () => {
  const { path } = inFolder()
  ensureFile(path)
  expect([readFileSync(path, "utf8"), isPrivate(path)]).toEqual(["", true])
  writeFileSync(path, "text")
  ensureFile(path)
  expect(readFileSync(path, "utf8")).toBe("text")
})

test("a file is read whole up to its bound, and not at all beyond it", () => {
  const { path } = inFolder()
  writeFileSync(path, "äbc")
  expect(readSmallFile(path, 4)).toBe("äbc")
  expect(readSmallFile(path, 3)).toBeUndefined()
  writeFileSync(path, "")
  expect(readSmallFile(path, 3)).toBe("")
  expect(() => readSmallFile(`${path}-not-there`, 3)).toThrow(/ENOENT/)
})

test("what has no end is too long", () => {
  expect(readSmallFile("/dev/zero", 1000)).toBeUndefined()
})
