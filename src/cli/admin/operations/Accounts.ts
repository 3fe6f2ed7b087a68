/** The operations on accounts. A password comes in the body and is in no answer. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  AccountName,
  MIN_PASSWORD_CHARACTERS,
  type Account as AccountRecord,
  type AuthorizationServer,
  type Passkey as PasskeyRecord,
} from "../../../provider/index.ts"
import { absent, CommandFault } from "../../Failure.ts"
import { pageOf } from "../../Listing.ts"
import { time } from "../../Print.ts"
import { Account, AccountDone, AccountList, PasskeyList, PasskeysRemoved, PasswordDone } from "../answers/Accounts.ts"
import { operation } from "../Operation.ts"
import type { Place } from "../Place.ts"
import { pageFields } from "./Pages.ts"

const name = AccountName.annotate({ description: "the name to sign in with" })
const password = Schema.String.check(Schema.isMinLength(MIN_PASSWORD_CHARACTERS)).annotate({
  description: "the password, in clear",
})

const noAccount = (given: string) => absent(`there is no account \`${given}\``)

const find = Effect.fnUntraced(function* ({ workplace }: Place, given: string) {
  const { server } = yield* workplace
  const account = yield* server.accounts.find(given)
  return account === undefined ? yield* noAccount(given) : { server, account }
})

export const listAccounts = operation({
  name: "listAccounts",
  group: "accounts",
  method: "GET",
  path: "/admin/accounts",
  summary: "List the accounts",
  description: "By name.",
  status: 200,
  refusals: [],
  fields: pageFields("from the last name to the first"),
  answer: AccountList,
  run: Effect.fnUntraced(function* ({ workplace }, asked) {
    const { server } = yield* workplace
    const page = yield* pageOf(asked, (account: AccountRecord) => account.name, server.accounts.list)
    const { rows, ...cursors } = page
    const accounts = yield* Effect.forEach(rows, (account) =>
      Effect.map(server.isSubjectDisabled(account.subjectId), (isDisabled) => ({
        name: account.name,
        subject: account.subjectId,
        status: isDisabled ? ("disabled" as const) : ("enabled" as const),
        password: account.hasPassword ? ("set" as const) : ("none" as const),
        created: time(account.createdAt),
      })),
    )
    return { accounts, ...cursors }
  }),
})

export const showAccount = operation({
  name: "showAccount",
  group: "accounts",
  method: "GET",
  path: "/admin/accounts/{name}",
  summary: "Show an account",
  description: "Whether it has a password, and whose it is.",
  status: 200,
  refusals: ["not_found"],
  fields: { name },
  answer: Account,
  run: (place, asked) => Effect.map(find(place, asked.name), ({ account }) => account),
})

export const taken = (given: string) => new CommandFault({ message: `the name \`${given}\` is taken` })

export const addAccount = operation({
  name: "addAccount",
  group: "accounts",
  method: "POST",
  path: "/admin/accounts",
  summary: "Add an account",
  description: "Without a password nobody can sign in to it.",
  status: 201,
  refusals: ["refused"],
  fields: { name, password: Schema.optionalKey(password) },
  answer: Account,
  run: Effect.fnUntraced(function* ({ workplace }, asked) {
    const { server } = yield* workplace
    const account = yield* server.accounts.add(asked.name, asked.password, server.now())
    return account ?? (yield* taken(asked.name))
  }),
})

export const setPassword = operation({
  name: "setPassword",
  group: "accounts",
  method: "POST",
  path: "/admin/accounts/{name}/password",
  summary: "Set the password of an account",
  description: "It is signed out everywhere. Its grants and passkeys are as they were.",
  status: 200,
  refusals: ["not_found"],
  fields: { name, password },
  answer: PasswordDone,
  run: Effect.fnUntraced(function* (place, asked) {
    const { server, account } = yield* find(place, asked.name)
    if ((yield* server.accounts.setPassword(asked.name, asked.password)) === undefined)
      return yield* noAccount(asked.name)
    const passkeyCount = (yield* server.passkeys.list(account.subjectId)).length
    return { name: asked.name, done: "password set" as const, passkeyCount }
  }),
})

const acting = <const Done extends "disabled" | "enabled">(
  described: Pick<Parameters<typeof operation>[0], "name" | "path" | "summary" | "description">,
  done: Done,
  act: (server: AuthorizationServer) => AuthorizationServer["disableSubject"],
) =>
  operation({
    ...described,
    group: "accounts",
    method: "POST",
    status: 200,
    refusals: ["not_found"],
    fields: { name },
    answer: AccountDone,
    run: Effect.fnUntraced(function* (place, asked) {
      const { server, account } = yield* find(place, asked.name)
      // Whoever was forgotten since has no account.
      yield* Effect.catchIf(
        act(server)(account.subjectId),
        (failure) => failure._tag === "OAuthError" && failure.error === "access_denied",
        () => noAccount(asked.name),
      )
      return { name: asked.name, done }
    }),
  })

export const disableAccount = acting(
  {
    name: "disableAccount",
    path: "/admin/accounts/{name}/disable",
    summary: "Disable an account",
    description: "Nobody can sign in to it, and all its grants end.",
  },
  "disabled",
  (server) => server.disableSubject,
)

export const enableAccount = acting(
  {
    name: "enableAccount",
    path: "/admin/accounts/{name}/enable",
    summary: "Enable an account again",
    description: "Its old grants stay ended.",
  },
  "enabled",
  (server) => server.enableSubject,
)

const passkeyFields = (passkey: PasskeyRecord) => ({
  id: passkey.id,
  name: passkey.name,
  kept: passkey.isSynced ? ("synced" as const) : ("one device" as const),
  added: time(passkey.createdAt),
  used: passkey.usedAt === null ? null : time(passkey.usedAt),
  wentBack: passkey.wentBackAt === null ? null : time(passkey.wentBackAt),
})

export const listPasskeys = operation({
  name: "listPasskeys",
  group: "accounts",
  method: "GET",
  path: "/admin/accounts/{name}/passkeys",
  summary: "List the passkeys of an account",
  description: "And which of them may have been copied.",
  status: 200,
  refusals: ["not_found"],
  fields: { name },
  answer: PasskeyList,
  run: Effect.fnUntraced(function* (place, asked) {
    const { server, account } = yield* find(place, asked.name)
    return { passkeys: (yield* server.passkeys.list(account.subjectId)).map(passkeyFields) }
  }),
})

export const removePasskey = operation({
  name: "removePasskey",
  group: "accounts",
  method: "DELETE",
  path: "/admin/accounts/{name}/passkeys/{id}",
  summary: "Remove a passkey of an account",
  description: "Its browser sessions end.",
  status: 200,
  refusals: ["not_found"],
  fields: { name, id: Schema.String.annotate({ description: "the passkey, as the list has it" }) },
  answer: PasskeysRemoved,
  run: Effect.fnUntraced(function* (place, asked) {
    const { server, account } = yield* find(place, asked.name)
    const outcome = yield* server.passkeys.remove(account.subjectId, asked.id)
    if (outcome !== "removed") return yield* absent(`${asked.name} has no passkey \`${asked.id}\``)
    return { name: asked.name, removedCount: 1 }
  }),
})

export const removePasskeys = operation({
  name: "removePasskeys",
  group: "accounts",
  method: "DELETE",
  path: "/admin/accounts/{name}/passkeys",
  summary: "Remove all passkeys of an account",
  description: "Its browser sessions end.",
  status: 200,
  refusals: ["not_found"],
  fields: { name },
  answer: PasskeysRemoved,
  run: Effect.fnUntraced(function* (place, asked) {
    const { server, account } = yield* find(place, asked.name)
    return { name: asked.name, removedCount: yield* server.passkeys.removeAll(account.subjectId) }
  }),
})
