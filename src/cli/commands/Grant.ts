/** `grantlog grant …`: what was granted to whom, its history from the log, and ending it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { openDesk } from "../admin/Desk.ts"
import { listGrants, MAX_GRANT_EVENTS, revokeGrant, showGrant, USUAL_GRANT_EVENTS } from "../admin/operations/Grants.ts"
import { archives } from "../audit/Archives.ts"
import { makeCommand } from "../Defaults.ts"
import { eventTree } from "../EventTree.ts"
import { asked, issuer, json, located, optional } from "../Flags.ts"
import { limit, pageFlags, pageIn, printPage } from "../Listing.ts"
import { printJson, printLine } from "../Print.ts"
import { tell } from "../Terminal.ts"

const grantId = Argument.String("grant-id").pipe(
  Argument.withDescription("the grant's id: the 22 characters behind gla_, glr_ or glc_"),
)

const place = { ...located, issuer, ...asked, json }

const list = makeCommand(
  "list",
  {
    client: Flag.String("client").pipe(Flag.withDescription("only those of this client"), Flag.optional),
    user: Flag.String("user").pipe(
      Flag.withDescription("only those of this account, by its name or its subject's id"),
      Flag.optional,
    ),
    ...pageFlags("the oldest first, instead of the newest"),
    ...place,
  },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const where = { ...optional("client", flags.client), ...optional("user", flags.user) }
    const { grants: rows, ...cursors } = yield* ask(listGrants, { ...where, ...pageIn(flags) })
    yield* printPage({ rows, ...cursors }, { name: "grants", none: "no grants", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List grants, the newest first"))

const position = (name: "before" | "after", age: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`only events that are ${age} than the one at this position of the log: the page next to it`),
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(name === "after" ? -1 : 0))),
    Flag.optional,
  )

const show = makeCommand(
  "show",
  {
    grantId,
    before: position("before", "older"),
    after: position("after", "newer"),
    limit: limit(MAX_GRANT_EVENTS, USUAL_GRANT_EVENTS),
    archive: archives,
    ...place,
  },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const where = { ...optional("before", flags.before), ...optional("after", flags.after), limit: flags.limit }
    const { clientNames, ...page } = yield* ask(showGrant, { grant_id: flags.grantId, ...where })
    if (flags.json) return yield* printJson(page)
    const { entries, olderCount, newerCount, before, after } = page
    yield* printLine(eventTree(`grant-${flags.grantId}`, entries, (id) => clientNames[id ?? ""]))
    if (before !== null) tell(`${olderCount} older events are left out: --before ${before}`)
    if (after !== null) tell(`${newerCount} newer events are left out: --after ${after}`)
  }, Effect.scoped),
).pipe(Command.withDescription("Show a grant's newest events, as a tree from the log"))

const revoke = makeCommand(
  "revoke",
  { grantId, ...place },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const done = yield* ask(revokeGrant, { grant_id: flags.grantId })
    yield* flags.json ? printJson(done) : printLine(`grant ${flags.grantId} is revoked: nothing of it is alive`)
  }, Effect.scoped),
).pipe(Command.withDescription("End a grant and everything that came of it"))

export const grant = Command.make("grant").pipe(Command.withSubcommands([list, show, revoke]))
