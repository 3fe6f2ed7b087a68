/** `grantlog user …`: the accounts that can sign in. A password comes on standard input, never as an argument. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { AccountName, MIN_PASSWORD_CHARACTERS } from "../../provider/index.ts"
import { openDesk, type Desk } from "../admin/Desk.ts"
import {
  addAccount,
  disableAccount,
  enableAccount,
  listAccounts,
  listPasskeys,
  removePasskey,
  removePasskeys,
  setPassword,
  showAccount,
  taken,
} from "../admin/operations/Accounts.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { asked, issuer, json, located } from "../Flags.ts"
import { readHidden } from "../Hidden.ts"
import { pageFlags, pageIn, printPage } from "../Listing.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"
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

const place = { ...located, issuer, ...asked, json }

const isThere = ({ ask }: Desk, given: string) =>
  ask(showAccount, { name: given }).pipe(
    Effect.as(true),
    Effect.catchTag("CommandFault", (fault) => (fault.isAbsence === true ? Effect.succeed(false) : Effect.fail(fault))),
  )

const add = makeCommand(
  "add",
  {
    name,
    passwordStdin: Flag.Boolean("password-stdin").pipe(
      Flag.withDescription("read the password from standard input; by default there is none, and nobody can sign in"),
      Flag.withDefault(false),
    ),
    ...place,
  },
  Effect.fn(function* (flags) {
    const desk = yield* openDesk(flags)
    // Before anybody is asked for a password.
    if (yield* isThere(desk, flags.name)) return yield* taken(flags.name)
    const password = flags.passwordStdin ? yield* readPassword : undefined
    const account = yield* desk.ask(addAccount, { name: flags.name, ...(password === undefined ? {} : { password }) })
    yield* flags.json ? printJson(account) : printFields({ ...account, createdAt: time(account.createdAt) })
    if (password === undefined) {
      const next = desk.suggested(["user", "passwd", flags.name])
      tell(`the account has no password, so that nobody can sign in as ${flags.name} yet; to set one: ${next}`)
    }
  }, Effect.scoped),
).pipe(Command.withDescription("Add an account"))

const passwd = makeCommand(
  "passwd",
  { name, ...place },
  Effect.fn(function* (flags) {
    const { ask, suggested } = yield* openDesk(flags)
    // Before anybody is asked for a password of an account that is not there.
    yield* ask(showAccount, { name: flags.name })
    const { passkeyCount, ...done } = yield* ask(setPassword, { name: flags.name, password: yield* readPassword })
    yield* flags.json
      ? printJson(done)
      : printLine(`the password of ${flags.name} is set; it has been signed out everywhere`)
    if (passkeyCount > 0) {
      tell(`its passkeys are as they were; to see them: ${suggested(["user", "passkeys", flags.name])}`)
    }
  }, Effect.scoped),
).pipe(Command.withDescription("Set the password of an account, read from standard input; its browser sessions end"))

const list = makeCommand(
  "list",
  { ...pageFlags("from the last name to the first"), ...place },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const { accounts: rows, ...cursors } = yield* ask(listAccounts, pageIn(flags))
    yield* printPage({ rows, ...cursors }, { name: "accounts", none: "no accounts yet", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List the accounts, by name"))

const acting = (command: "disable" | "enable", description: string, operation: typeof disableAccount) =>
  makeCommand(
    command,
    { name, ...place },
    Effect.fn(function* (flags) {
      const { ask } = yield* openDesk(flags)
      const done = yield* ask(operation, { name: flags.name })
      yield* flags.json ? printJson(done) : printLine(`account ${flags.name} is ${done.done}`)
    }, Effect.scoped),
  ).pipe(Command.withDescription(description))

const passkeys = makeCommand(
  "passkeys",
  { name, ...place },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const { passkeys: rows } = yield* ask(listPasskeys, { name: flags.name })
    yield* printPage({ rows, before: null, after: null }, { name: "passkeys", none: "no passkeys", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List the passkeys of an account, and which of them may have been copied"))

const remove = makeCommand(
  "remove-passkey",
  {
    name,
    id: Argument.String("id").pipe(
      Argument.withDescription("the passkey, by the id that grantlog user passkeys shows"),
      Argument.optional,
    ),
    all: Flag.Boolean("all").pipe(Flag.withDescription("remove all that the account has"), Flag.withDefault(false)),
    ...place,
  },
  Effect.fn(function* (flags) {
    if (Option.isSome(flags.id) === flags.all) {
      return yield* new UsageFault({ message: "name the passkey to remove by its id, or say --all" })
    }
    const { ask } = yield* openDesk(flags)
    const removed = yield* Option.match(flags.id, {
      onNone: () => ask(removePasskeys, { name: flags.name }),
      onSome: (id) => ask(removePasskey, { name: flags.name, id }),
    })
    yield* flags.json
      ? printJson(removed)
      : printLine(
          `removed ${removed.removedCount} of the passkeys of ${flags.name}, which has been signed out everywhere`,
        )
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
    remove,
    acting("disable", "Disable an account: all its grants end", disableAccount),
    acting("enable", "Enable an account again; its old grants stay ended", enableAccount),
  ]),
)
