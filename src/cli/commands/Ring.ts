/**
 * `grantlog ring …`: the keys of the ring, and how one takes the place of another while instances run.
 *
 * The file is written whole, and no secret of it is ever shown. A process goes by the ring that it read when it started.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { takeLock, whileBusy, type StoreFault } from "../../log/index.ts"
import {
  liveRandomness,
  replaceKeyFile,
  rewrapSubjectKeys,
  ringKeys,
  withKeyInUse,
  withNewKey,
  withoutKey,
  type ConfigFault,
  type KeyRingFile,
  type RingKeyState,
} from "../../provider/index.ts"
import { keyRing } from "../../provider/Keys.ts"
import { requireOwner } from "../../provider/LogOwner.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { json, located } from "../Flags.ts"
import { existingKeys, openExisting, type Opened } from "../OpenStore.ts"
import { printFields, printJson, printTable } from "../Print.ts"
import type { LocationFlags } from "../StoreLocation.ts"

/** Who derived something under a key so shortly before may do it again. */
const RECENT_MILLIS = 60_000
/** How far back that is looked for. */
const RECENT_ENTRIES = 10_000

interface OpenedRing extends Opened {
  readonly ring: KeyRingFile
  readonly keyFile: string
}

type Fault = CommandFault | UsageFault | ConfigFault | StoreFault

/** Holds the file of a ring, so that of two commands that change it neither undoes what the other did. */
const holding = (keyFile: string): Effect.Effect<void, StoreFault, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      whileBusy(() => takeLock(`${keyFile}-lock`)),
      (giveBack) => Effect.sync(giveBack),
    ),
  )

/** The ring of a store, and the file that it is in, which is held until the scope ends where it is to change. */
const openedRing = Effect.fnUntraced(function* (
  flags: LocationFlags,
  isChanging: boolean,
): Effect.fn.Return<OpenedRing, Fault, Scope.Scope> {
  const opened = yield* openExisting(flags)
  const { keyFile, isKeyFileGiven } = opened.location
  if (process.env["GRANTLOG_KEYS"] !== undefined && !isKeyFileGiven) {
    return yield* new UsageFault({
      message: "the ring is in GRANTLOG_KEYS, which no command can change: name the file of it with --keys-file",
    })
  }
  if (isChanging && keyFile !== undefined) yield* holding(keyFile)
  const ring = yield* existingKeys(opened.location)
  const { state } = yield* opened.log.rows.issuer()
  const issuer = state._tag === "Initialized" ? state.issuer : ""
  yield* requireOwner(opened.log.rows, issuer, keyRing(ring))
  return { ...opened, ring, keyFile: keyFile! }
})

const write = (path: string, ring: KeyRingFile): Effect.Effect<void, ConfigFault> =>
  Effect.try({ try: () => replaceKeyFile(path, ring), catch: (cause) => cause as ConfigFault })

/** How a key stands; fails where the ring never had it, or has it no more. */
const stateOf = Effect.fnUntraced(function* (
  ring: KeyRingFile,
  id: string,
): Effect.fn.Return<RingKeyState, CommandFault> {
  const found = ringKeys(ring).find((key) => key.id === id)
  if (found === undefined) return yield* new CommandFault({ message: `there is no key \`${id}\` in the ring` })
  if (found.state === "retired") return yield* new CommandFault({ message: `the key \`${id}\` is retired already` })
  return found.state
})

const list = makeCommand(
  "list",
  { ...located, json },
  Effect.fn(function* (flags) {
    const { ring } = yield* openedRing(flags, false)
    const keys = ringKeys(ring)
    yield* flags.json ? printJson({ keys }) : printTable(keys, "no keys")
  }, Effect.scoped),
).pipe(Command.withDescription("List the keys of the ring: the one in use, those that are kept, those that are gone"))

const add = makeCommand(
  "add",
  { ...located, json },
  Effect.fn(function* (flags) {
    const { ring, keyFile } = yield* openedRing(flags, true)
    const next = withNewKey(ring, liveRandomness)
    yield* write(keyFile, next)
    const added = ringKeys({ keys: next.keys }).at(-1)!
    yield* flags.json ? printJson(added) : printFields({ ...added })
  }, Effect.scoped),
).pipe(Command.withDescription("Add a key that nothing is made with yet: every instance has to know it first"))

const id = Argument.String("id").pipe(Argument.withDescription("the id of the key, as `ring list` names it"))

const use = makeCommand(
  "use",
  { id, ...located, json },
  Effect.fn(function* (flags) {
    const { ring, keyFile } = yield* openedRing(flags, true)
    const state = yield* stateOf(ring, flags.id)
    if (state === "kept") yield* write(keyFile, withKeyInUse(ring, flags.id))
    const used = { id: flags.id, state: "in use" }
    yield* flags.json ? printJson(used) : printFields(used)
  }, Effect.scoped),
).pipe(Command.withDescription("Have instances that start from now on use this key; those before it are kept"))

/** Refuses while somebody goes on deriving tokens under a key that is to go. */
const requireUnused = Effect.fnUntraced(function* ({ log }: Opened, keyId: string, now: number) {
  const { size } = yield* log.head
  for (let from = Math.max(0, size - RECENT_ENTRIES); from < size;) {
    const page = yield* log.readAll(from)
    const last = page.at(-1)
    if (last === undefined) return
    const recent = page.find(
      ({ event, recordedAt }) =>
        event._tag === "RefreshTokenRotated" && event.keyId === keyId && recordedAt > now - RECENT_MILLIS,
    )
    if (recent !== undefined) {
      const message = `a token was derived under the key \`${keyId}\` within the last minute: start every instance again that uses it, and come back in a minute`
      return yield* new CommandFault({ message })
    }
    from = last.position + 1
  }
})

const retire = makeCommand(
  "retire",
  { id, ...located, json },
  Effect.fn(function* (flags) {
    const opened = yield* openedRing(flags, true)
    const { ring, keyFile, beside, location } = opened
    if ((yield* stateOf(ring, flags.id)) === "in use") {
      const message = `the key \`${flags.id}\` is in use: \`grantlog ring add\` makes another, and \`ring use\` has it used`
      return yield* new CommandFault({ message })
    }
    const now = yield* Clock.currentTimeMillis
    yield* requireUnused(opened, flags.id, now)
    // All that is under it is moved before it goes: whoever is stopped in between runs this again.
    const isThere = beside.missingSubjectKeys() === undefined
    const place = isThere ? yield* beside.subjectKeyPlace : undefined
    let subjectKeyCount = 0
    // Until nothing is found: who has the old ring may wrap one where it was looked already.
    for (let count = Infinity; place !== undefined && count > 0; subjectKeyCount += count) {
      count = yield* rewrapSubjectKeys(place, location.name, ring, flags.id, liveRandomness)
    }
    const signing = beside.mayHaveSigningKeys() ? yield* beside.openSigningKeys(ring) : undefined
    const signingKeyCount = signing === undefined ? 0 : yield* signing.rewrap(flags.id, now)
    yield* write(keyFile, withoutKey(ring, flags.id))
    const told = { id: flags.id, state: "retired", subjectKeyCount, signingKeyCount }
    yield* flags.json ? printJson(told) : printFields(told)
  }, Effect.scoped),
).pipe(Command.withDescription("Wrap anew what is under this key, and destroy it; refused while it is in use"))

export const ring = Command.make("ring").pipe(Command.withSubcommands([list, add, use, retire]))
