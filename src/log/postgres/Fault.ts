/**
 * Turns what the driver or the server threw into a {@link StoreFault} with a sentence that says what to do.
 *
 * Their own messages contain values of rows, and an address may contain a password, so only the code is passed on.
 */
import { StoreFault } from "../EventLog.ts"

type Told = readonly [StoreFault["reason"], string]

const unreachable: Told = ["busy", "the database cannot be reached: start it, or check its address in --store"]
const refused: Told = ["locked", "the database refuses this user or password: check the address in --store"]
const raced: Told = ["busy", "others have been writing the same rows for too long: try again"]
const tooLong: Told = ["busy", "the database has been busy for too long: try again"]
const crowded: Told = [
  "busy",
  "the database has no connection left: raise its max_connections, or let fewer instances run",
]
const unprepared: Told = [
  "locked",
  "what stands in front of the database keeps no prepared statements: add ?prepare=false to the address in --store",
]
const unwritable: Told = [
  "read-only",
  "the database cannot be written: name the primary in --store, and give this user its rights",
]
const damaged: Told = ["corrupt", "the database is damaged: stop, keep a copy, and restore from a backup"]

/** The faults by SQLSTATE, by its class, or by the driver's own code (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const told: Readonly<Record<string, Told>> = {
  "08": unreachable,
  "28": refused,
  "40": raced,
  "57": unreachable,
  "53": ["busy", "the database lacks memory or connections: give it more, or let fewer instances run"],
  "58": ["disk", "the disk failed under the database: check it, and restore from a backup if it is damaged"],
  XX: damaged,
  "53300": crowded,
  "53100": ["full", "the disk of the database is full, nothing was written: make room, then try again"],
  "55P03": tooLong,
  "57014": tooLong,
  "25006": unwritable,
  // The driver throws this when it has left a host that is not the primary.
  CONNECTION_DESTROYED: unwritable,
  "26000": unprepared,
  "42P05": unprepared,
  "42501": unwritable,
  "3D000": ["not-a-log", "there is no such database: create it, or check its name in --store"],
  "42P01": ["corrupt", "a table is missing: stop, keep a copy, and restore from a backup"],
}

const socketCodes = /^(CONNECTION_|CONNECT_TIMEOUT|E[A-Z]+$)/

export interface DriverError {
  readonly code?: string
  readonly severity?: string
}

const codeOf = (cause: unknown): string => String((cause as DriverError | undefined)?.code ?? "")

/** Whether the connection is lost or about to be: then it is unknown whether the statements that were sent took effect. */
export const isLost = (cause: unknown): boolean => {
  const { severity } = (cause ?? {}) as DriverError
  return severity === undefined ? socketCodes.test(codeOf(cause)) : severity === "FATAL" || severity === "PANIC"
}

/** Whether nothing took effect and the same may succeed when it is tried again. */
export const isPassing = (cause: unknown): boolean => isLost(cause) || codeOf(cause).startsWith("40")

export const postgresFault = (cause: unknown): StoreFault => {
  if (cause instanceof StoreFault) return cause
  const code = codeOf(cause)
  const found = told[code] ?? told[code.slice(0, 2)] ?? (socketCodes.test(code) ? unreachable : undefined)
  const isOurs = code === ""
  const [reason, message] = found ?? [
    "other",
    isOurs
      ? "a fault inside grantlog, nothing was written: please report it"
      : "the database refused, nothing was written: please report it",
  ]
  return new StoreFault({ reason, message, cause: isOurs ? cause : new Error(`PostgreSQL said ${code}`) })
}

/** Whether the database refuses the values themselves: then only the caller who gave them is refused. */
export const isOfOne = ({ reason }: StoreFault): boolean => reason === "other"
