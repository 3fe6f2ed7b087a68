/** Opening a log to ask it something: the index beside it is brought up to date first, and says so when that takes long. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { momentNow, openAuditIndex, withArchives, type Audit, type Moment } from "../../audit/index.ts"
import { auditIndexFileOf } from "../../embedded/BesideFile.ts"
import { tell } from "../Terminal.ts"
import type { ArchiveFile, StoreFault } from "../../log/index.ts"
import type { ServerStore } from "../../provider/index.ts"

const TELL_EVERY_MILLIS = 1000
/** A command keeps nobody waiting but who has asked it; so much is some megabytes. */
const ENTRIES_AT_ONCE = 8192

/** Lines like `51200 of 1000000 entries indexed`, on stderr, once a second. */
const progressPrinter = () => {
  let toldAt = performance.now()
  return (entryCount: number, size: number): void => {
    const at = performance.now()
    if (at < toldAt + TELL_EVERY_MILLIS) return
    toldAt = at
    tell(`${entryCount} of ${size} entries indexed`)
  }
}

/** A log with its index, in a store that knows accounts as well. */
export interface StoreAudit extends Audit {
  readonly log: ServerStore
}

/** The log and its index as it is, for as long as the scope lives; a log in memory has its index there, too. */
export const openIndexed = Effect.fnUntraced(function* (
  log: ServerStore,
  file: string | undefined,
): Effect.fn.Return<StoreAudit, StoreFault, Scope.Scope> {
  const open = Effect.try({
    try: () => openAuditIndex(log, file === undefined ? undefined : auditIndexFileOf(file)),
    catch: (cause) => cause as StoreFault,
  })
  const index = yield* Effect.acquireRelease(open, ({ close }) => close)
  return { log, index }
})

/** The same, up to date, and with what is in archives of the log. */
export const openAudit = Effect.fnUntraced(function* (
  log: ServerStore,
  file: string | undefined,
  archives: ReadonlyArray<ArchiveFile> = [],
): Effect.fn.Return<StoreAudit, StoreFault, Scope.Scope> {
  const audit = yield* openIndexed(withArchives(log, archives), file)
  yield* audit.index.catchUp(progressPrinter(), undefined, ENTRIES_AT_ONCE)
  return audit
})

/** As of now, of what the index knows. */
export const present = ({ log }: Audit): Effect.Effect<Moment, StoreFault> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => momentNow(log, now))
