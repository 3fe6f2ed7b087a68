/**
 * `grantlog key …`: the keys that the server signs with, and how they are handed over; a server that runs sees it at once.
 *
 * Neither the log nor the key ring is changed by it, and no private key is ever shown.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type { StoreFault } from "../../log/index.ts"
import {
  SIGNED_LIVES_AT_MOST_MILLIS,
  isPublished,
  signingAlgorithms,
  stateOf,
  type ConfigFault,
  type SigningKey,
  type SigningKeys,
} from "../../provider/index.ts"
import { KEY_SET_MAX_AGE_SECONDS } from "../../provider/features/keys/ServerKeys.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, type UsageFault } from "../Failure.ts"
import { json, located } from "../Flags.ts"
import { existingKeys, openExisting } from "../OpenStore.ts"
import type { LocationFlags } from "../StoreLocation.ts"
import { printFields, printJson, printLine, printTable, time } from "../Print.ts"

const isPast = (millis: number, now: number) => millis <= now

/** What is shown of a key. */
const shown = (key: SigningKey, now: number) => {
  const { kid, alg, createdAt, signsFrom, retiredAt } = key
  const state = stateOf(key, now)
  return {
    kid,
    alg,
    state,
    created: time(createdAt),
    signs_from: time(signsFrom),
    retired: retiredAt === null ? null : time(retiredAt),
    published_until:
      !isPublished(key, now) || retiredAt === null ? null : time(retiredAt + SIGNED_LIVES_AT_MOST_MILLIS),
  }
}

/** The keys of a store that is there; `undefined` where nothing was ever signed. */
const opened = Effect.fnUntraced(function* (
  flags: LocationFlags,
  isMaking: boolean,
): Effect.fn.Return<SigningKeys | undefined, CommandFault | UsageFault | ConfigFault | StoreFault, Scope.Scope> {
  const { location, beside } = yield* openExisting(flags)
  const ring = yield* existingKeys(location)
  return isMaking || beside.mayHaveSigningKeys() ? yield* beside.openSigningKeys(ring) : undefined
})

const list = makeCommand(
  "list",
  { ...located, json },
  Effect.fn(function* (flags) {
    const keys = yield* opened(flags, false)
    const now = yield* Clock.currentTimeMillis
    const rows = keys === undefined ? [] : (yield* keys.list).map((key) => shown(key, now))
    yield* flags.json ? printJson({ keys: rows }) : printTable(rows, "no keys yet: nothing was signed")
  }, Effect.scoped),
).pipe(Command.withDescription("List the keys that the server signs with, the newest first"))

const rotate = makeCommand(
  "rotate",
  {
    alg: Flag.Literals("alg", signingAlgorithms).pipe(
      Flag.withDescription("the algorithm whose key is handed over"),
      Flag.withDefault("ES256"),
    ),
    overlap: Flag.Int("overlap").pipe(
      Flag.withDescription("seconds that the next key is published before it signs, so that verifiers know it by then"),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 * 86_400 }))),
      Flag.withDefault(KEY_SET_MAX_AGE_SECONDS),
    ),
    ...located,
    json,
  },
  Effect.fn(function* (flags) {
    const keys = (yield* opened(flags, true))!
    const now = yield* Clock.currentTimeMillis
    const next = yield* keys.rotate(flags.alg, { now, overlapMillis: flags.overlap * 1000 })
    const fields = shown(next, now)
    if (flags.json) return yield* printJson(fields)
    const when = isPast(next.signsFrom, now) ? "signs from now on" : `is published, and signs from ${fields.signs_from}`
    yield* printLine(`key ${next.kid} (${next.alg}) ${when}`)
  }, Effect.scoped),
).pipe(Command.withDescription("Make the next key: it is published at once, and signs when the overlap is over"))

const retire = makeCommand(
  "retire",
  {
    kid: Argument.String("kid").pipe(Argument.withDescription("the key, as `key list` names it")),
    compromised: Flag.Boolean("compromised").pipe(
      Flag.withDescription("it is known to others: whatever it signed is worth nothing from now on"),
      Flag.withDefault(false),
    ),
    ...located,
    json,
  },
  Effect.fn(function* (flags) {
    const keys = yield* opened(flags, false)
    const now = yield* Clock.currentTimeMillis
    const at = { now, isCompromised: flags.compromised }
    const retirement = keys === undefined ? undefined : yield* keys.retire(flags.kid, at)
    if (retirement === undefined) return yield* new CommandFault({ message: `there is no key \`${flags.kid}\`` })
    const { key, successor } = retirement
    const fields = { ...shown(key, now), successor: successor?.kid ?? null }
    if (flags.json) return yield* printJson(fields)
    yield* printFields(fields)
  }, Effect.scoped),
).pipe(Command.withDescription("End a key now; where it is the one that signs, another takes its place at once"))

export const key = Command.make("key").pipe(Command.withSubcommands([list, rotate, retire]))
