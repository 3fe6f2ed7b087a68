/**
 * Accounts: who can sign in, by the name they type; beside the log, in the same store.
 *
 * The log knows a subject by a random id alone. A password is kept as an argon2id hash; there may be none yet.
 */
import { argon2, timingSafeEqual } from "node:crypto"
import { promisify } from "node:util"
import { Effect, Schema } from "effect"
import { Text, type SubjectId } from "../core/index.ts"
import { accountTable, type EventLog, type RowReader, type RowWriter, type StoreFault } from "../log/index.ts"
import { accountFrom, readStanding, stillStands, type Account, type AccountStanding } from "./AccountStanding.ts"
import { mintSubjectId, type Secrets } from "./Secrets.ts"
import { endSessionsOf } from "./Sessions.ts"

export const AccountName = Text(128).check(
  Schema.isPattern(/^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u, {
    expected: "a name of characters that can be seen, without spaces around it",
  }),
)

export const MIN_PASSWORD_CHARACTERS = 8

export interface Accounts {
  readonly find: (name: string) => Effect.Effect<Account | undefined, StoreFault>
  /** A page of them, by name; 100 unless told. */
  readonly list: (page?: {
    readonly after?: string
    /** From the last name to the first. */
    readonly isReversed?: boolean
    readonly limit?: number
  }) => Effect.Effect<ReadonlyArray<Account>, StoreFault>
  /** The account of that name, made if there is none; shown by another name from now on if one is given. */
  readonly ensure: (name: string, at: number, displayName?: string) => Effect.Effect<Account, StoreFault>
  /** Makes an account; `undefined` when the name is taken. */
  readonly add: (
    name: string,
    password: string | undefined,
    at: number,
  ) => Effect.Effect<Account | undefined, StoreFault>
  /** The account that a subject id belongs to. */
  readonly ofSubject: (subjectId: SubjectId) => Effect.Effect<Account | undefined, StoreFault>
  /** Gives an account another password, and ends its browser sessions; `undefined` when there is no such account. */
  readonly setPassword: (name: string, password: string) => Effect.Effect<Account | undefined, StoreFault>
  /**
   * The same for who knows the present one, and may so begin a session anew; `undefined` when that is wrong, or not the
   * present one any more when the other takes its place.
   */
  readonly changePassword: (
    name: string,
    present: string,
    chosen: string,
  ) => Effect.Effect<AccountStanding | undefined, StoreFault>
  /** Removes every account of a subject; says how many there were. */
  readonly removeOf: (subjectId: SubjectId) => Effect.Effect<number, StoreFault>
  /** How the account stands if that is its password; `undefined` if it is not, or the account may not sign in. */
  readonly verifyPassword: (name: string, password: string) => Effect.Effect<AccountStanding | undefined, StoreFault>
  /** How the account stands for whom somebody else vouches; `undefined` if there is none, or it may not sign in. */
  readonly standing: (name: string) => Effect.Effect<AccountStanding | undefined, StoreFault>
}

const hashWith = promisify(argon2)
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }

/** `argon2id$<salt>$<tag>`, both base64url, at the cost above (OWASP's minimum for argon2id). */
export const hashPassword = async (password: string, nonce: Uint8Array): Promise<string> => {
  const tag = await hashWith("argon2id", { ...COST, message: password.normalize("NFC"), nonce })
  return ["argon2id", Buffer.from(nonce).toString("base64url"), tag.toString("base64url")].join("$")
}

const isPassword = async (password: string, stored: string): Promise<boolean> => {
  const [, salt = "", tag = ""] = stored.split("$")
  const [, , computed = ""] = (await hashPassword(password, Buffer.from(salt, "base64url"))).split("$")
  return timingSafeEqual(Buffer.from(computed.padEnd(64)), Buffer.from(tag.padEnd(64)))
}

const ACCOUNTS_PAGE = 100

export const accountsOf = (log: EventLog, secrets: Secrets): Accounts => {
  const put = (
    rows: RowWriter,
    name: string,
    password_hash: string | null,
    at: number,
    display_name: string | null = null,
  ): Account => {
    const row = { name, subject_id: mintSubjectId(secrets), password_hash, created_at: at, display_name }
    rows.put(accountTable, row)
    return accountFrom(row)
  }
  const read = (rows: RowReader, name: string): Account | undefined => {
    const row = rows.get(accountTable, [name])
    return row === undefined ? undefined : accountFrom(row)
  }
  const insert = (name: string, passwordHash: string | null, at: number) =>
    log.write((rows) => (read(rows, name) === undefined ? put(rows, name, passwordHash, at) : undefined))

  const find = (name: string) => log.read((rows) => read(rows, name))

  const verifyPassword: Accounts["verifyPassword"] = (name, password) =>
    Effect.flatMap(
      log.read((rows) => ({ row: rows.get(accountTable, [name]), standing: readStanding(rows, name) })),
      ({ row, standing }) =>
        Effect.promise(async () => {
          // A made-up hash, which no password has, costs a name without one the same time.
          const stored = row?.["password_hash"] ?? `argon2id$${"A".repeat(22)}$${"A".repeat(43)}`
          const isRight = await isPassword(password, String(stored))
          return isRight ? standing : undefined
        }),
    )

  /** Puts another password in its place if that may be done when it comes to it; the sessions end in the same moment. */
  const replacePassword = (
    name: string,
    password: string,
    mayBeDone: (rows: RowReader) => boolean,
  ): Effect.Effect<
    { readonly account: Account; readonly standing: AccountStanding | undefined } | undefined,
    StoreFault
  > =>
    Effect.flatMap(
      Effect.promise(() => hashPassword(password, secrets.bytes(16))),
      (password_hash) =>
        log.write((rows) => {
          const row = rows.get(accountTable, [name])
          if (row === undefined || !mayBeDone(rows)) return undefined
          const account = accountFrom({ ...row, password_hash })
          rows.put(accountTable, { ...row, password_hash })
          endSessionsOf(rows, account.subjectId)
          return { account, standing: readStanding(rows, name) }
        }),
    )

  return {
    find,
    list: ({ after, isReversed = false, limit = ACCOUNTS_PAGE } = {}) =>
      log.read((rows) =>
        rows
          .list(accountTable, { ...(after === undefined ? {} : { after: [after] }), isDescending: isReversed, limit })
          .map(accountFrom),
      ),
    ensure: (name, at, displayName) =>
      Effect.flatMap(find(name), (known) =>
        known === undefined || known.displayName !== (displayName ?? known.displayName)
          ? log.write((rows) => {
              const row = rows.get(accountTable, [name])
              if (row === undefined) return put(rows, name, null, at, displayName)
              const shown = { ...row, display_name: displayName ?? row["display_name"]! }
              rows.put(accountTable, shown)
              return accountFrom(shown)
            })
          : Effect.succeed(known),
      ),
    add: (name, password, at) =>
      password === undefined
        ? insert(name, null, at)
        : Effect.flatMap(
            Effect.promise(() => hashPassword(password, secrets.bytes(16))),
            (hashed) => insert(name, hashed, at),
          ),
    ofSubject: (subjectId) =>
      log.read((rows) => rows.list(accountTable, { where: { subject_id: subjectId }, limit: 1 }).map(accountFrom)[0]),
    setPassword: (name, password) =>
      Effect.map(
        replacePassword(name, password, () => true),
        (replaced) => replaced?.account,
      ),
    changePassword: (name, present, chosen) =>
      Effect.flatMap(verifyPassword(name, present), (seen) =>
        seen === undefined
          ? Effect.succeed(undefined)
          : Effect.map(
              replacePassword(name, chosen, (rows) => stillStands(rows, seen)),
              (replaced) => replaced?.standing,
            ),
      ),
    removeOf: (subjectId) =>
      log.write((rows) => {
        const own = rows.list(accountTable, { where: { subject_id: subjectId } })
        for (const row of own) rows.delete(accountTable, [row["name"]!])
        return own.length
      }),
    verifyPassword,
    standing: (name) => log.read((rows) => readStanding(rows, name)),
  }
}
