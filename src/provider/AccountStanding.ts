/**
 * How an account stands: what somebody who proved to be its owner relies on, and what is looked at again before anything
 * is done on the strength of it.
 *
 * Looking at a password takes a while, in which it may be changed, or the account disabled, forgotten, or given to
 * somebody else. What follows is done in a transaction that sees the account as it was when the look began, or not at all.
 */
import type { Digest, SubjectId } from "../core/index.ts"
import type { Row, RowReader } from "../log/index.ts"
import { readSubject } from "../projection/index.ts"
import { accountTable } from "./AccountTables.ts"
import { storedSubjectId } from "./Decoding.ts"
import { digestOf } from "./Token.ts"

/** Somebody who can sign in. `createdAt` is in milliseconds since the epoch. */
export interface Account {
  /** What the person signs in with. */
  readonly name: string
  /** Who it is in grants and tokens: no name. */
  readonly subjectId: SubjectId
  /** The name that people are shown; the typed name if there is no other. */
  readonly displayName: string
  /** Whether it can be signed in to by a password. */
  readonly hasPassword: boolean
  /** When it was made, milliseconds since the epoch. */
  readonly createdAt: number
}

/** How an account was seen to stand, to be compared before anything is done on the strength of it. */
export interface AccountStanding {
  /** The account. */
  readonly account: Account
  /** How many events its subject had. */
  readonly subjectVersion: number
  /** Differs for different passwords. It is made of the hash, so it reveals nothing about the password. */
  readonly password: Digest
}

export const accountFrom = (row: Row): Account => ({
  name: String(row["name"]),
  subjectId: storedSubjectId(row["subject_id"]),
  displayName: String(row["display_name"] ?? row["name"]),
  hasPassword: row["password_hash"] !== null,
  createdAt: Number(row["created_at"]),
})

/** How the account of that name stands; `undefined` when there is none, or its subject is not enabled. */
export const readStanding = (rows: RowReader, name: string): AccountStanding | undefined => {
  const row = rows.get(accountTable, [name])
  if (row === undefined) return undefined
  const account = accountFrom(row)
  const { state, version } = readSubject(rows, account.subjectId)
  if (state.status !== "enabled") return undefined
  return { account, subjectVersion: version, password: digestOf(String(row["password_hash"])) }
}

/** Whether the account still stands as it was seen. */
export const stillStands = (rows: RowReader, { account, subjectVersion, password }: AccountStanding): boolean => {
  const now = readStanding(rows, account.name)
  return (
    now !== undefined &&
    now.account.subjectId === account.subjectId &&
    now.subjectVersion === subjectVersion &&
    now.password === password
  )
}
