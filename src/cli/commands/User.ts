/** `grantlog user …`: the accounts that can sign in. A password comes on standard input, never as an argument. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import {
  AccountName,
  MIN_PASSWORD_CHARACTERS,
  type Account,
  type AuthorizationServer,
  type Passkey,
} from "../../provider/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { issuer, json, located } from "../Flags.ts"
import { readHidden } from "../Hidden.ts"
import { openForOperator } from "../OpenStore.ts"
import { pageFlags, pageOf, printPage } from "../Listing.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"
import { commandLine } from "../Suggestions.ts"
import { tell } from "../Terminal.ts"

const name = Argument.String("name").pipe(
  Argument.withDescription("the name to sign in with"),
  Argument.withSchema(AccountName),
)

const readPassword = Effect.gen(function* () {
  const password = (yield* readHidden("the password (it is not shown), then press Enter: ")).replace(/\r?\n$/, "")
  return password.length >= MIN_PASSWORD_CHARACTERS
    ? password
    : yield* new CommandFault({ message: `a password has at least ${MIN_PASSWORD_CHARACTERS} characters` })
})

const taken = (given: string) => new CommandFault({ message: `the name \`${given}\` is taken` })
const unknown = (given: string) => new CommandFault({ message: `there is no account \`${given}\`` })

const add = makeCommand(
  "add",
  {
    name,
    passwordStdin: Flag.Boolean("password-stdin").pipe(
      Flag.withDescription("read the password from standard input; by default there is none, and nobody can sign in"),
      Flag.withDefault(false),
    ),
    ...located,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const { server, location } = yield* openForOperator(flags)
    if ((yield* server.accounts.find(flags.name)) !== undefined) return yield* taken(flags.name)
    const password = flags.passwordStdin ? yield* readPassword : undefined
    const account = yield* server.accounts.add(flags.name, password, server.now())
    if (account === undefined) return yield* taken(flags.name)
    yield* flags.json ? printJson(account) : printFields({ ...account, createdAt: time(account.createdAt) })
    if (password === undefined) {
      const next = commandLine(["user", "passwd", flags.name], location)
      tell(`the account has no password, so that nobody can sign in as ${flags.name} yet; to set one: ${next}`)
    }
  }, Effect.scoped),
).pipe(Command.withDescription("Add an account"))

const passwd = makeCommand(
  "passwd",
  { name, ...located, issuer, json },
  Effect.fn(function* (flags) {
    const { server, location } = yield* openForOperator(flags)
    // Before anybody is asked for a password of an account that is not there.
    if ((yield* server.accounts.find(flags.name)) === undefined) return yield* unknown(flags.name)
    const account = yield* server.accounts.setPassword(flags.name, yield* readPassword)
    if (account === undefined) return yield* unknown(flags.name)
    yield* flags.json
      ? printJson({ name: flags.name, done: "password set" })
      : printLine(`the password of ${flags.name} is set; it has been signed out everywhere`)
    if ((yield* server.passkeys.list(account.subjectId)).length > 0) {
      const next = commandLine(["user", "passkeys", flags.name], location)
      tell(`its passkeys are as they were; to see them: ${next}`)
    }
  }, Effect.scoped),
).pipe(Command.withDescription("Set the password of an account, read from standard input; its browser sessions end"))

const list = makeCommand(
  "list",
  { ...pageFlags("from the last name to the first"), ...located, issuer, json },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    const page = yield* pageOf(flags, (account: Account) => account.name, server.accounts.list)
    const rows = yield* Effect.forEach(page.rows, (account) =>
      Effect.map(server.isSubjectDisabled(account.subjectId), (isDisabled) => ({
        name: account.name,
        subject: account.subjectId,
        status: isDisabled ? "disabled" : "enabled",
        password: account.hasPassword ? "set" : "none",
        created: time(account.createdAt),
      })),
    )
    yield* printPage({ ...page, rows }, { name: "accounts", none: "no accounts yet", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List the accounts, by name"))

const acting = (
  command: "disable" | "enable",
  description: string,
  act: (server: AuthorizationServer) => AuthorizationServer["disableSubject"],
) =>
  makeCommand(
    command,
    { name, ...located, issuer, json },
    Effect.fn(function* (flags) {
      const { server } = yield* openForOperator(flags)
      const account = yield* server.accounts.find(flags.name)
      if (account === undefined) return yield* unknown(flags.name)
      yield* act(server)(account.subjectId)
      yield* flags.json
        ? printJson({ name: flags.name, done: `${command}d` })
        : printLine(`account ${flags.name} is ${command}d`)
    }, Effect.scoped),
  ).pipe(Command.withDescription(description))

const passkeyFields = (passkey: Passkey) => ({
  id: passkey.id,
  name: passkey.name,
  kept: passkey.isSynced ? "synced" : "one device",
  added: time(passkey.createdAt),
  used: passkey.usedAt === null ? null : time(passkey.usedAt),
  wentBack: passkey.wentBackAt === null ? null : time(passkey.wentBackAt),
})

const passkeys = makeCommand(
  "passkeys",
  { name, ...located, issuer, json },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    const account = yield* server.accounts.find(flags.name)
    if (account === undefined) return yield* unknown(flags.name)
    const rows = (yield* server.passkeys.list(account.subjectId)).map(passkeyFields)
    yield* printPage({ rows, before: null, after: null }, { name: "passkeys", none: "no passkeys", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List the passkeys of an account, and which of them may have been copied"))

const removePasskey = makeCommand(
  "remove-passkey",
  {
    name,
    id: Argument.String("id").pipe(
      Argument.withDescription("the passkey, by the id that grantlog user passkeys shows"),
      Argument.optional,
    ),
    all: Flag.Boolean("all").pipe(Flag.withDescription("remove all that the account has"), Flag.withDefault(false)),
    ...located,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    if (Option.isSome(flags.id) === flags.all) {
      return yield* new UsageFault({ message: "name the passkey to remove by its id, or say --all" })
    }
    const { server } = yield* openForOperator(flags)
    const account = yield* server.accounts.find(flags.name)
    if (account === undefined) return yield* unknown(flags.name)
    const { subjectId } = account
    const removedCount = yield* Option.match(flags.id, {
      onNone: () => server.passkeys.removeAll(subjectId),
      onSome: (id) => Effect.map(server.passkeys.remove(subjectId, id), (outcome) => (outcome === "removed" ? 1 : 0)),
    })
    if (removedCount === 0 && Option.isSome(flags.id)) {
      return yield* new CommandFault({ message: `${flags.name} has no passkey \`${flags.id.value}\`` })
    }
    yield* flags.json
      ? printJson({ name: flags.name, removedCount })
      : printLine(`removed ${removedCount} of the passkeys of ${flags.name}, which has been signed out everywhere`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("Remove passkeys of an account that cannot use them any more; its browser sessions end"),
  Command.withExamples([
    { command: "grantlog user remove-passkey alice --all", description: "Alice has lost her devices" },
  ]),
)

export const user = Command.make("user").pipe(
  Command.withSubcommands([
    add,
    passwd,
    list,
    passkeys,
    removePasskey,
    acting("disable", "Disable an account: all its grants end", (server) => server.disableSubject),
    acting("enable", "Enable an account again; its old grants stay ended", (server) => server.enableSubject),
  ]),
)
