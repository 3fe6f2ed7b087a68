/**
 * Accounts: who can sign in, by the name they type. They are beside the log, in the same store.
 *
 * The log knows a subject only by a random id. A password is kept as an argon2id hash; an account may have none yet.
 */
import * as crypto from "node:crypto"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Text, type SubjectId } from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { NewAccount } from "./AccountRows.ts"
import type { Account, AccountStanding } from "./AccountStanding.ts"
import { mintSubjectId, type Randomness } from "./Randomness.ts"
import type { ServerStore } from "./ServerStore.ts"

export const AccountName = Text(128).check(
  Schema.isPattern(/^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u, {
    expected: "a name of characters that can be seen, without spaces around it",
  }),
)

export const MIN_PASSWORD_CHARACTERS = 8

/**
 * A name as it is kept: in composed characters (NFC, RFC 8265 3.3), so that it is one name whatever keyboard types it. What
 * a program or an upstream provider calls somebody is not typed, and is taken to the letter (`ensure`, `standing`).
 */
const composed = (name: string): string => name.normalize("NFC")

/** Who can sign in, by name. Times (`at`) are in milliseconds since the epoch. */
export interface Accounts {
  /** The account of this name. */
  readonly find: (name: string) => Effect.Effect<Account | undefined, StoreFault>
  /** How many are listed, in the order of their names; default 100. */
  readonly list: (page?: {
    readonly after?: string
    /** Whether the list goes from the last name to the first. */
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
  /** Removes every account of a subject, and gives their number. */
  readonly removeOf: (subjectId: SubjectId) => Effect.Effect<number, StoreFault>
  /** How the account stands if that is its password; `undefined` if it is not, or the account may not sign in. */
  readonly verifyPassword: (name: string, password: string) => Effect.Effect<AccountStanding | undefined, StoreFault>
  /** How the account stands for whom somebody else vouches; `undefined` if there is none, or it may not sign in. */
  readonly standing: (name: string) => Effect.Effect<AccountStanding | undefined, StoreFault>
}

/** What a server lacks on a Node without argon2; all that needs no password works there. */
export const passwordHashFault: string | undefined =
  "argon2" in crypto
    ? undefined
    : `a server hashes passwords by the argon2 of Node 24.7 or newer, and this is ${process.versions.node}: run it on a newer one`

const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }

/** `argon2id$<salt>$<tag>`, both base64url, at the cost above (OWASP's minimum for argon2id). */
export const hashPassword = async (password: string, nonce: Uint8Array): Promise<string> => {
  const tag = await promisify(crypto.argon2)("argon2id", { ...COST, message: password.normalize("NFC"), nonce })
  return ["argon2id", Buffer.from(nonce).toString("base64url"), tag.toString("base64url")].join("$")
}

const isPassword = async (password: string, stored: string): Promise<boolean> => {
  const [, salt = "", tag = ""] = stored.split("$")
  const [, , computed = ""] = (await hashPassword(password, Buffer.from(salt, "base64url"))).split("$")
  return crypto.timingSafeEqual(Buffer.from(computed.padEnd(64)), Buffer.from(tag.padEnd(64)))
}

const ACCOUNTS_PAGE = 100

export const accountsOf = ({ side }: Pick<ServerStore, "side">, randomness: Randomness): Accounts => {
  const newAccount = (name: string, passwordHash: string | null, at: number, displayName?: string): NewAccount => ({
    name,
    subjectId: mintSubjectId(randomness),
    passwordHash,
    displayName: displayName ?? null,
    at,
  })
  /** The name of the account that somebody means who types this: as it was typed, of an old account, or composed. */
  const meant = (typed: string): Effect.Effect<string, StoreFault> =>
    composed(typed) === typed
      ? Effect.succeed(typed)
      : Effect.map(side.account(typed), (account) => (account === undefined ? composed(typed) : typed))
  const hashed = (password: string) => Effect.promise(() => hashPassword(password, randomness.bytes(16)))

  const verifyPassword: Accounts["verifyPassword"] = (name, password) =>
    Effect.flatMap(Effect.flatMap(meant(name), side.accountToVerify), ({ passwordHash, standing }) =>
      Effect.promise(async () => {
        // A name without an account is checked against a made-up hash, so that it takes the same time.
        const stored = passwordHash ?? `argon2id$${"A".repeat(22)}$${"A".repeat(43)}`
        const isRight = await isPassword(password, stored)
        return isRight ? standing : undefined
      }),
    )

  const replacePassword = (name: string, password: string, seen: AccountStanding | undefined) =>
    Effect.flatMap(hashed(password), (passwordHash) => side.replacePassword(name, passwordHash, seen))

  return {
    find: (name) => Effect.flatMap(meant(name), side.account),
    list: ({ isReversed = false, limit = ACCOUNTS_PAGE, ...page } = {}) =>
      side.accounts({ ...page, isReversed, limit }),
    ensure: (name, at, displayName) =>
      Effect.flatMap(side.account(name), (known) =>
        known === undefined || known.displayName !== (displayName ?? known.displayName)
          ? side.ensureAccount(newAccount(name, null, at, displayName))
          : Effect.succeed(known),
      ),
    add: (name, password, at) =>
      Effect.flatMap(password === undefined ? Effect.succeed(null) : hashed(password), (passwordHash) =>
        side.addAccount(newAccount(composed(name), passwordHash, at)),
      ),
    ofSubject: side.accountOf,
    setPassword: (name, password) =>
      Effect.flatMap(meant(name), (known) =>
        Effect.map(replacePassword(known, password, undefined), (replaced) => replaced?.account),
      ),
    changePassword: (name, present, chosen) =>
      Effect.flatMap(verifyPassword(name, present), (seen) =>
        seen === undefined
          ? Effect.succeed(undefined)
          : Effect.map(replacePassword(name, chosen, seen), (replaced) => replaced?.standing),
      ),
    removeOf: side.removeAccounts,
    verifyPassword,
    standing: side.accountStanding,
  }
}
