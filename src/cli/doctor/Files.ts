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

/** The file of the store and those that begin with its name, and the key ring wherever it is. */
const filesOf = (file: string, keyFile: string | undefined): ReadonlyArray<string> => {
  const folder = dirname(file)
  const beside = readdirSync(folder).filter((name) => name.startsWith(basename(file)))
  return [...new Set([...beside.map((name) => join(folder, name)), ...(keyFile === undefined ? [] : [keyFile])])]
}

const modeFault = (path: string): ReadonlyArray<Finding> => {
  const found = statOf(path)
  if (found === undefined || (found.mode & OTHERS) === 0) return []
  const mode = (found.mode & 0o777).toString(8)
  return [fault("files", `other users can reach \`${path}\` (mode ${mode}): chmod 600 it`)]
}

const ownerFault = (path: string, user: number | undefined): ReadonlyArray<Finding> => {
  const owner = statOf(path)?.uid
  // The superuser may look after the files of another.
  if (owner === undefined || user === undefined || user === 0 || owner === user) return []
  return [fault("files", `\`${path}\` belongs to another user (${owner}): ask as the user that serves, or chown it`)]
}

const spaceFinding = (file: string): Finding => {
  const { bavail, bsize } = statfsSync(dirname(file))
  const [free, used] = [bavail * bsize, statOf(file)?.size ?? 0]
  const told = `${Math.round(free / MEGABYTE)} MB are free, and the store has ${Math.round(used / MEGABYTE)} MB`
  return free < Math.max(MIN_FREE_BYTES, used)
    ? advice("disk", `${told}: make room, for a store that cannot grow answers 503`)
    : good("disk", told)
}

/** How the files are; nothing where the store is in none. Of the mode of `elsewhere` something else tells. */
export const fileFindings = ({ file, keyFile }: StoreLocation, elsewhere?: string): ReadonlyArray<Finding> => {
  if (file === undefined || statOf(dirname(file)) === undefined) return []
  const files = filesOf(file, keyFile)
  const isTold = (path: string) => elsewhere !== undefined && resolve(path) === resolve(elsewhere)
  const faults = files.flatMap((path) => [
    ...(isTold(path) ? [] : modeFault(path)),
    ...ownerFault(path, process.getuid?.()),
  ])
  const sound = files.length === 0 ? [] : [good("files", `${files.length}, for their owner alone`)]
  return [...(faults.length > 0 ? faults : sound), spaceFinding(file)]
}
