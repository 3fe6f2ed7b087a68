/**
 * The files of a store: for their owner alone, owned by who asks, and with room to grow.
 *
 * They are looked at from outside; none is opened.
 */
import { readdirSync, statfsSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import type { StoreLocation } from "../StoreLocation.ts"
import { advice, fault, good, type Finding } from "./Finding.ts"

const OTHERS = 0o077
const MEGABYTE = 1_000_000
/** What a disk should have left, however small the store is. */
const MIN_FREE_BYTES = 500 * MEGABYTE

const statOf = (path: string) => statSync(path, { throwIfNoEntry: false })

export interface Found {
  readonly path: string
  readonly mode: number
  /** The id of a user; 0 on Windows. */
  readonly owner: number
}

/** The file of the store and those that begin with its name, and the key ring wherever it is: what is there of them. */
const filesOf = (file: string, keyFile: string | undefined): ReadonlyArray<Found> => {
  const folder = dirname(file)
  const beside = readdirSync(folder).filter((name) => name.startsWith(basename(file)))
  const paths = new Set([...beside.map((name) => join(folder, name)), ...(keyFile === undefined ? [] : [keyFile])])
  return [...paths].flatMap((path) => {
    const found = statOf(path)
    return found === undefined ? [] : [{ path, mode: found.mode & 0o777, owner: found.uid }]
  })
}

const modeFault = ({ path, mode }: Found): ReadonlyArray<Finding> =>
  (mode & OTHERS) === 0
    ? []
    : [fault("files", `other users can reach \`${path}\` (mode ${mode.toString(8)}): chmod 600 it`)]

/** What is wrong for this user with a file that another owns. */
export const ownerFault = (
  { path, owner }: Pick<Found, "path" | "owner">,
  user: number | undefined,
): ReadonlyArray<Finding> =>
  // The superuser may look after the files of another.
  user === undefined || user === 0 || owner === user
    ? []
    : [fault("files", `\`${path}\` belongs to another user (${owner}): ask as the user that serves, or chown it`)]

/** What is told of a disk with so much room for a store of that size. */
export const spaceFinding = (freeBytes: number, usedBytes: number): Finding => {
  const [free, used] = [freeBytes, usedBytes].map((bytes) => Math.round(bytes / MEGABYTE))
  const told = `${free} MB are free, and the store has ${used} MB`
  return freeBytes < Math.max(MIN_FREE_BYTES, usedBytes)
    ? advice("disk", `${told}: make room, for a store that cannot grow answers 503`)
    : good("disk", told)
}

/** How the files are; nothing where the store is in none. Of the mode of `elsewhere` something else tells. */
export const fileFindings = ({ file, keyFile }: StoreLocation, elsewhere?: string): ReadonlyArray<Finding> => {
  if (file === undefined || statOf(dirname(file)) === undefined) return []
  const files = filesOf(file, keyFile)
  const isTold = (path: string) => elsewhere !== undefined && resolve(path) === resolve(elsewhere)
  const faults = files.flatMap((found) => [
    ...(isTold(found.path) ? [] : modeFault(found)),
    ...ownerFault(found, process.getuid?.()),
  ])
  const sound = files.length === 0 ? [] : [good("files", `${files.length}, for their owner alone`)]
  const { bavail, bsize } = statfsSync(dirname(file))
  return [...(faults.length > 0 ? faults : sound), spaceFinding(bavail * bsize, statOf(file)?.size ?? 0)]
}
