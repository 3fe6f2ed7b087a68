/**
 * What can be asked of passkeys and done to them, each in one transaction. Times in milliseconds since the epoch.
 *
 * A passkey is the account's only as long as its row is there, and a session that begins by one begins in the transaction
 * that saw the row: what was removed signs nobody in, however far a login had got.
 */
import { hash } from "node:crypto"
import type { SubjectId } from "../core/index.ts"
import type { Row, RowReader, RowWriter } from "../log/index.ts"
import { readStanding, stillStands, type AccountStanding } from "./AccountStanding.ts"
import { accountTable, passkeyTable } from "./AccountTables.ts"
import { storedSubjectId } from "./Decoding.ts"
import { endSessionsOf, sessionOperations, type Beginning } from "./SessionRows.ts"

/** A passkey of an account. Times are in milliseconds since the epoch. */
export interface Passkey {
  /** Names it to its owner and to the operator, and is of no other use: 12 hexadecimal digits. */
  readonly id: string
  /** What the person calls it. */
  readonly name: string
  /** Whether it may be on several devices, as whoever keeps it says. */
  readonly isSynced: boolean
  /** When it was added. */
  readonly createdAt: number
  /** When somebody last signed in by it; `null` where nobody has. */
  readonly usedAt: number | null
  /**
   * When a login by it was last refused because the number that it counts its uses by had not grown, as it is where
   * somebody has a copy; `null` where that never was.
   */
  readonly wentBackAt: number | null
}

/** A passkey with what its proofs are judged by. */
export interface StoredPasskey extends Passkey {
  readonly subjectId: SubjectId
  /** By which browsers and authenticators know it, base64url. */
  readonly credentialId: string
  /** A COSE key, base64url. */
  readonly publicKey: string
  /** How often it was used, as it says; 0 where it does not count. */
  readonly signCount: number
  /** How it can be reached, as the browser said. */
  readonly transports: ReadonlyArray<string>
}

/** What a proof says of the passkey that made it. */
export type PasskeyUse = Pick<StoredPasskey, "credentialId" | "signCount" | "isSynced">

/** Passkeys that an account has at most. */
export const MAX_PASSKEYS = 20

const ID_CHARACTERS = 12

export const passkeyIdOf = (credentialId: string): string => hash("sha256", credentialId, "hex").slice(0, ID_CHARACTERS)

const moment = (value: Row[string] | undefined): number | null =>
  value === null || value === undefined ? null : Number(value)

const fromRow = (row: Row): StoredPasskey => ({
  id: passkeyIdOf(String(row["credential_id"])),
  credentialId: String(row["credential_id"]),
  subjectId: storedSubjectId(row["subject_id"]),
  name: String(row["name"]),
  publicKey: String(row["public_key"]),
  signCount: Number(row["sign_count"]),
  transports: String(row["transports"])
    .split(" ")
    .filter((transport) => transport !== ""),
  isSynced: row["is_synced"] === 1,
  createdAt: Number(row["created_at"]),
  usedAt: moment(row["used_at"]),
  wentBackAt: moment(row["went_back_at"]),
})

const put = (rows: RowWriter, passkey: StoredPasskey): void =>
  rows.put(passkeyTable, {
    credential_id: passkey.credentialId,
    subject_id: passkey.subjectId,
    name: passkey.name,
    public_key: passkey.publicKey,
    sign_count: passkey.signCount,
    transports: passkey.transports.join(" "),
    is_synced: passkey.isSynced ? 1 : 0,
    created_at: passkey.createdAt,
    used_at: passkey.usedAt,
    went_back_at: passkey.wentBackAt,
  })

const find = (rows: RowReader, credentialId: string): StoredPasskey | undefined => {
  const row = rows.get(passkeyTable, [credentialId])
  return row === undefined ? undefined : fromRow(row)
}

const ofSubject = (rows: RowReader, subjectId: SubjectId): ReadonlyArray<StoredPasskey> =>
  rows.list(passkeyTable, { where: { subject_id: subjectId } }).map(fromRow)

/** Removes the passkeys of a subject in the caller's transaction, and gives their number. */
export const removePasskeysOf = (rows: RowWriter, subjectId: SubjectId): number => {
  const own = ofSubject(rows, subjectId)
  for (const { credentialId } of own) rows.delete(passkeyTable, [credentialId])
  return own.length
}

/**
 * Whether the number of uses has not grown. One that never counts says 0 for ever; any other has grown with each use,
 * unless somebody else has a copy (WebAuthn 6.1.1).
 */
//= WEBAUTHN-7.2-sign-count
const wentBack = (known: number, said: number): boolean => (known > 0 || said > 0) && said <= known

export const passkeyQueries = {
  /** By the id that authenticators know it by, with how its account stands. */
  passkeyToProve: (rows: RowReader, credentialId: string) => {
    const passkey = find(rows, credentialId)
    if (passkey === undefined) return undefined
    const [row] = rows.list(accountTable, { where: { subject_id: passkey.subjectId }, limit: 1 })
    return { passkey, standing: row === undefined ? undefined : readStanding(rows, String(row["name"])) }
  },
  /** The oldest first. */
  passkeys: (rows: RowReader, subjectId: SubjectId): ReadonlyArray<StoredPasskey> =>
    ofSubject(rows, subjectId).toSorted((left, right) => left.createdAt - right.createdAt),
}

export const passkeyOperations = {
  /**
   * Adds a passkey to the account if it still stands as it was seen, and begins a session where one is given. With
   * `isFirst` there is none until then. Nobody takes over what is known already, be it their own.
   */
  addPasskey: (
    rows: RowWriter,
    standing: AccountStanding,
    passkey: StoredPasskey,
    { isFirst, beginning }: { readonly isFirst: boolean; readonly beginning: Beginning | undefined },
  ): "added" | "changed" | "known" | "full" => {
    if (!stillStands(rows, standing)) return "changed"
    //= WEBAUTHN-7.1-credential-unknown
    if (find(rows, passkey.credentialId) !== undefined) return "known"
    const count = ofSubject(rows, passkey.subjectId).length
    if (isFirst && count > 0) return "changed"
    if (count >= MAX_PASSKEYS) return "full"
    put(rows, passkey)
    if (beginning !== undefined) sessionOperations.openSession(rows, standing, beginning.session, beginning.replaced)
    return "added"
  },
  /** Begins a session by a passkey, if it is still the account's, and the account stands as it was seen. */
  openSessionByPasskey: (
    rows: RowWriter,
    standing: AccountStanding,
    { credentialId, signCount, isSynced }: PasskeyUse,
    { session, replaced }: Beginning,
  ): "opened" | "changed" | "went back" => {
    const passkey = find(rows, credentialId)
    if (passkey === undefined || passkey.subjectId !== standing.account.subjectId) return "changed"
    if (wentBack(passkey.signCount, signCount)) {
      put(rows, { ...passkey, wentBackAt: session.authenticatedAt })
      return "went back"
    }
    if (!sessionOperations.openSession(rows, standing, session, replaced)) return "changed"
    put(rows, { ...passkey, signCount, isSynced, usedAt: session.authenticatedAt })
    return "opened"
  },
  /**
   * Removes a passkey, and ends the sessions of the account but for one if that is named; `last` where it would be the
   * last one, which is to stay.
   */
  removePasskey: (
    rows: RowWriter,
    subjectId: SubjectId,
    id: string,
    { keepsLast, except }: { readonly keepsLast: boolean; readonly except?: string },
  ): "removed" | "unknown" | "last" => {
    const own = ofSubject(rows, subjectId)
    const passkey = own.find((one) => one.id === id)
    if (passkey === undefined) return "unknown"
    if (keepsLast && own.length === 1) return "last"
    rows.delete(passkeyTable, [passkey.credentialId])
    endSessionsOf(rows, subjectId, except)
    return "removed"
  },
  /** Removes every passkey of a subject, ends its sessions, and gives the number of passkeys. */
  removePasskeys: (rows: RowWriter, subjectId: SubjectId): number => {
    endSessionsOf(rows, subjectId)
    return removePasskeysOf(rows, subjectId)
  },
}
