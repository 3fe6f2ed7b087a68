/**
 * Small files that must last: written whole and durable, with mode 0600, and read no further than they may be long.
 *
 * A power cut leaves what was there before or what was written, never a part of it; when a function returns, the content
 * and the name have reached the disk. Every function throws what the file system throws.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const PRIVATE = 0o600

const load = createRequire(import.meta.url)

/** Replaces a file by one that is whole. The package is loaded by the first write: most commands only read. */
const writeWhole = (path: string, text: string): void => {
  const { sync } = load("write-file-atomic") as typeof import("write-file-atomic")
  sync(path, text, { mode: PRIVATE })
}

/** Makes a file; throws `EEXIST` rather than replace one, and whoever reads meanwhile finds nothing or all of it. */
export const createFile = (path: string, text: string): void => {
  const folder = mkdtempSync(`${path}.`)
  try {
    const next = join(folder, "next")
    writeWhole(next, text)
    linkNew(next, path)
  } finally {
    rmSync(folder, { recursive: true })
  }
  syncFolderOf(path)
}

/** Puts `text` in the place of what a file held; makes the file where there is none. */
export const replaceFile = (path: string, text: string): void => {
  writeWhole(path, text)
  syncFolderOf(path)
}

/** Adds to the end of a file; makes the file where there is none. */
export const appendToFile = (path: string, text: string): void => {
  const file = openSync(path, "a", PRIVATE)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncFolderOf(path)
}

/** Waits until what somebody else wrote to a file is on the disk. */
export const settleFile = (path: string): void => syncPath(path)

/** Gives a folder, whose files are on the disk, another name for good; throws rather than replace a folder with files. */
export const renameFolder = (from: string, to: string): void => {
  renameSync(from, to)
  syncFolderOf(to)
}

/** Makes an empty file where there is none, for who writes it in another way. */
export const ensureFile = (path: string): void => closeSync(openSync(path, "a", PRIVATE))

/** The text of a file; `undefined` if it has more than `maxBytes`, as a device without an end has. */
export const readSmallFile = (path: string, maxBytes: number): string | undefined => {
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    while (length < bytes.length) {
      const count = readSync(file, bytes, length, bytes.length - length, null)
      if (count === 0) return bytes.toString("utf8", 0, length)
      length += count
    }
    return undefined
  } finally {
    closeSync(file)
  }
}

/** A second name never takes the place of a file. Where the file system knows no second names, a copy has to do. */
const linkNew = (from: string, to: string): void => {
  try {
    linkSync(from, to)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") throw cause
    copyFileSync(from, to, constants.COPYFILE_EXCL)
    syncPath(to)
  }
}

/** Windows opens no folders, and keeps names by itself. */
const syncFolderOf = (path: string): void => {
  if (process.platform !== "win32") syncPath(dirname(path))
}

const syncPath = (path: string): void => {
  const file = openSync(path, "r")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
