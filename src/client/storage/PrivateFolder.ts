/**
 * A folder that is its owner's alone: made with 0700, its files with 0600, and refused when it is anything else.
 *
 * A link, a stranger's file or one that others can read is told with what to do, never mended or followed: whoever put it
 * there may be waiting for just that. Windows keeps other rights, which the folder of the user already has.
 */
import { constants, type Stats } from "node:fs"
import { lstat, mkdir, open } from "node:fs/promises"
import { StorageError } from "./StorageError.ts"

const unsafe = (message: string, cause?: unknown) => new StorageError({ code: "unsafe_file", message, cause })

/** What the file system said, as a sentence. */
export const unavailable = (doing: string, cause: unknown): StorageError =>
  cause instanceof StorageError
    ? cause
    : new StorageError({ code: "unavailable", message: `${doing} failed (${reasonOf(cause)})`, cause })

export const reasonOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : String(cause)

const refuseOthers = (path: string, { mode, uid }: Stats, rights: string): void => {
  if (process.getuid === undefined) return
  if (uid !== process.getuid()) throw unsafe(`\`${path}\` belongs to another user: remove it, or choose another folder`)
  if ((mode & 0o077) === 0) return
  const seen = (mode & 0o777).toString(8).padStart(4, "0")
  throw unsafe(`\`${path}\` is open to others (${seen}): look whether it was read, then \`chmod ${rights}\` it`)
}

/** Makes the folder where there is none; throws a {@link StorageError} unless it is a plain one of this user's alone. */
export const openPrivateFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    if (reasonOf(cause) !== "EEXIST") throw unavailable(`making the folder \`${path}\``, cause)
  }
  await checkPrivateFolder(path)
}

/** Says whether the folder is there; throws a {@link StorageError} when it is there and not this user's alone. */
export const checkPrivateFolder = async (path: string): Promise<boolean> => {
  const stats = await lstat(path).catch((cause: unknown) => {
    if (reasonOf(cause) === "ENOENT") return undefined
    throw unavailable(`looking at \`${path}\``, cause)
  })
  if (stats === undefined) return false
  if (stats.isSymbolicLink()) throw unsafe(`\`${path}\` is a symbolic link: give the folder that it leads to`)
  if (!stats.isDirectory()) throw unsafe(`\`${path}\` is not a folder: choose another one`)
  refuseOthers(path, stats, "700")
  return true
}

/** The text of a file; `undefined` when there is none. */
export const readPrivateFile = async (path: string): Promise<string | undefined> => {
  // Without O_NONBLOCK a named pipe in its place would hold the reader for ever.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(path, flags).catch((cause: unknown) => {
    if (reasonOf(cause) === "ENOENT") return undefined
    if (reasonOf(cause) === "ELOOP") throw unsafe(`\`${path}\` is a symbolic link: remove it`, cause)
    throw unavailable(`opening \`${path}\``, cause)
  })
  if (file === undefined) return undefined
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw unsafe(`\`${path}\` is not a plain file: remove it`)
    refuseOthers(path, stats, "600")
    return await file.readFile("utf8")
  } catch (cause) {
    throw unavailable(`reading \`${path}\``, cause)
  } finally {
    await file.close()
  }
}
