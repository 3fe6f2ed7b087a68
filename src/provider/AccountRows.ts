/** The operations on accounts and the questions about them, each in one transaction. */
import type { SubjectId } from "../core/index.ts"
import type { Row, RowReader, RowWriter } from "../log/index.ts"
import { accountFrom, readStanding, stillStands, type Account, type AccountStanding } from "./AccountStanding.ts"
import { accountTable } from "./AccountTables.ts"
import { removePasskeysOf } from "./PasskeyRows.ts"
import { endSessionsOf } from "./SessionRows.ts"

/** An account to be made. */
export interface NewAccount {
  readonly name: string
  readonly subjectId: SubjectId
  readonly passwordHash: string | null
  readonly displayName: string | null
  readonly at: number
}

const find = (rows: RowReader, name: string): Account | undefined => {
  const row = rows.get(accountTable, [name])
  return row === undefined ? undefined : accountFrom(row)
}

const ofSubject = (rows: RowReader, subjectId: SubjectId, limit = -1): ReadonlyArray<Row> =>
  rows.list(accountTable, { where: { subject_id: subjectId }, limit })

const insert = (rows: RowWriter, { name, subjectId, passwordHash, displayName, at }: NewAccount): Account => {
  const row = {
    name,
    subject_id: subjectId,
    password_hash: passwordHash,
    created_at: at,
    display_name: displayName,
  }
  rows.put(accountTable, row)
  return accountFrom(row)
}

export const accountQueries = {
  account: find,
  accountStanding: readStanding,
  /** The hash of its password, and its standing. */
  accountToVerify: (rows: RowReader, name: string) => {
    const hash = rows.get(accountTable, [name])?.["password_hash"]
    return {
      passwordHash: hash === undefined || hash === null ? undefined : String(hash),
      standing: readStanding(rows, name),
    }
  },
  accounts: (
    rows: RowReader,
    page: { readonly after?: string; readonly isReversed: boolean; readonly limit: number },
  ) =>
    rows
      .list(accountTable, {
        ...(page.after === undefined ? {} : { after: [page.after] }),
        isDescending: page.isReversed,
        limit: page.limit,
      })
      .map(accountFrom),
  accountOf: (rows: RowReader, subjectId: SubjectId): Account | undefined =>
    ofSubject(rows, subjectId, 1).map(accountFrom)[0],
}

export const accountOperations = {
  /** `undefined` if the name is taken. */
  addAccount: (rows: RowWriter, account: NewAccount): Account | undefined =>
    find(rows, account.name) === undefined ? insert(rows, account) : undefined,
  /** The account of that name, shown by another name from now on if one is given. */
  ensureAccount: (rows: RowWriter, account: NewAccount): Account => {
    const row = rows.get(accountTable, [account.name])
    if (row === undefined) return insert(rows, account)
    const shown = { ...row, display_name: account.displayName ?? row["display_name"]! }
    rows.put(accountTable, shown)
    return accountFrom(shown)
  },
  /**
   * Puts another password in its place, if the account still stands as it was seen where that is said; its sessions end
   * in the same moment.
   */
  replacePassword: (
    rows: RowWriter,
    name: string,
    passwordHash: string,
    seen: AccountStanding | undefined,
  ): { readonly account: Account; readonly standing: AccountStanding | undefined } | undefined => {
    const row = rows.get(accountTable, [name])
    if (row === undefined || (seen !== undefined && !stillStands(rows, seen))) return undefined
    const replaced = { ...row, password_hash: passwordHash }
    rows.put(accountTable, replaced)
    const account = accountFrom(replaced)
    endSessionsOf(rows, account.subjectId)
    return { account, standing: readStanding(rows, name) }
  },
  /** Removes every account of a subject with its passkeys, and gives their number. */
  removeAccounts: (rows: RowWriter, subjectId: SubjectId): number => {
    const own = ofSubject(rows, subjectId)
    for (const row of own) rows.delete(accountTable, [row["name"]!])
    removePasskeysOf(rows, subjectId)
    return own.length
  },
}
