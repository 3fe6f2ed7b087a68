/** `grantlog user …`: the accounts that can sign in. A password comes on standard input, never as an argument. */
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { AccountName, MIN_PASSWORD_CHARACTERS, type Account, type AuthorizationServer } from "../../provider/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault } from "../Failure.ts"
import { issuer, json, store } from "../Flags.ts"
import { openForOperator } from "../OpenStore.ts"
import { pageFlags, pageOf, printPage } from "../Listing.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"

const name = Argument.String("name").pipe(
  Argument.withDescription("the name to sign in with"),
  Argument.withSchema(AccountName),
)

const readPassword = Effect.gen(function* () {
  const password = (yield* Effect.promise(() => text(process.stdin))).replace(/\r?\n$/, "")
  return password.length >= MIN_PASSWORD_CHARACTERS
    ? password
    : yield* new CommandFault({ message: `a password has at least ${MIN_PASSWORD_CHARACTERS} characters` })
})

const add = makeCommand(
  "add",
  {
    name,
    passwordStdin: Flag.Boolean("password-stdin").pipe(
      Flag.withDescription("read the password from standard input"),
      Flag.withDefault(false),
    ),
    store,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const password = flags.passwordStdin ? yield* readPassword : undefined
    const { server } = yield* openForOperator(flags)
    const account = yield* server.accounts.add(flags.name, password, server.now())
    if (account === undefined) return yield* new CommandFault({ message: `the name \`${flags.name}\` is taken` })
    yield* flags.json ? printJson(account) : printFields({ ...account, createdAt: time(account.createdAt) })
  }, Effect.scoped),
).pipe(Command.withDescription("Add an account"))

const passwd = makeCommand(
  "passwd",
  { name, store, issuer, json },
  Effect.fn(function* (flags) {
    const password = yield* readPassword
    const { server } = yield* openForOperator(flags)
    const account = yield* server.accounts.setPassword(flags.name, password)
    if (account === undefined) return yield* new CommandFault({ message: `there is no account \`${flags.name}\`` })
    yield* flags.json
      ? printJson({ name: flags.name, done: "password set" })
      : printLine(`the password of ${flags.name} is set; it has been signed out everywhere`)
  }, Effect.scoped),
).pipe(Command.withDescription("Set the password of an account, read from standard input; its browser sessions end"))

const list = makeCommand(
  "list",
  { ...pageFlags("from the last name to the first"), store, issuer, json },
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
    { name, store, issuer, json },
    Effect.fn(function* (flags) {
      const { server } = yield* openForOperator(flags)
      const account = yield* server.accounts.find(flags.name)
      if (account === undefined) return yield* new CommandFault({ message: `there is no account \`${flags.name}\`` })
      yield* act(server)(account.subjectId)
      yield* flags.json
        ? printJson({ name: flags.name, done: `${command}d` })
        : printLine(`account ${flags.name} is ${command}d`)
    }, Effect.scoped),
  ).pipe(Command.withDescription(description))

export const user = Command.make("user").pipe(
  Command.withDescription("Accounts that can sign in"),
  Command.withSubcommands([
    add,
    passwd,
    list,
    acting("disable", "Disable an account: all its grants end", (server) => server.disableSubject),
    acting("enable", "Enable an account again; its old grants stay ended", (server) => server.enableSubject),
  ]),
)
