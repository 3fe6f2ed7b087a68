/**
 * Opening the origins that a store has sealed, for an operator who says so: with its key ring and its subject keys.
 *
 * Both are only read: neither is made where it is missing. Who has been forgotten stays so, also between the restoring
 * of a backup and the next start, which forgets them again.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Flag from "effect/cli/Flag"
import type { OpenRequestOrigin, EventLine } from "../../audit/index.ts"
import type { StoreFault } from "../../log/index.ts"
import { openRequestOrigin, type ConfigFault } from "../../provider/index.ts"
import { CommandFault } from "../Failure.ts"
import type { Forgettable, KeptBeside } from "../Beside.ts"
import { existingKeys } from "../OpenStore.ts"
import type { StoreLocation } from "../StoreLocation.ts"

/** Never from the environment: personal data is shown to who asks for it this time. */
export const requestOrigin = Flag.Boolean("request-origin").pipe(
  Flag.withDescription("open address and user agent of who asked, which may identify somebody; needs the store's keys"),
  Flag.withDefault(false),
)

/** Opens what this store has sealed, for as long as the scope lives. */
export const openRequestOrigins = Effect.fnUntraced(function* (
  location: StoreLocation,
  beside: KeptBeside,
): Effect.fn.Return<OpenRequestOrigin, CommandFault | ConfigFault | StoreFault, Scope.Scope> {
  const ring = yield* existingKeys(location)
  const missing = beside.missingSubjectKeys()
  if (missing !== undefined) {
    const message = `the subject keys \`${missing}\` are missing: put them back; without them no origin can be opened`
    return yield* new CommandFault({ message })
  }
  return yield* requestOriginsBy({ ...beside, subjectKeys: yield* beside.openSubjectKeys(ring) })
})

/** Opens what was sealed under these keys; fails while somebody who was forgotten still has one. */
export const requestOriginsBy = Effect.fnUntraced(function* ({
  subjectKeys,
  forgetLedger,
}: Forgettable): Effect.fn.Return<OpenRequestOrigin, CommandFault | StoreFault> {
  for (const { subjectId } of forgetLedger === undefined ? [] : yield* forgetLedger.read) {
    if (yield* subjectKeys.isForgotten(subjectId)) continue
    const message = `subject ${subjectId} has yet to be forgotten, as after a restored backup: start the server once, then ask again`
    return yield* new CommandFault({ message })
  }
  return (entry) => openRequestOrigin(subjectKeys, entry)
})

/** Where its request came from, in a few words; `undefined` where there is nothing to say. */
export const requestOriginText = ({ isRequestOriginSealed, requestOrigin: opened }: EventLine): string | undefined => {
  switch (opened?._tag) {
    case undefined:
      return isRequestOriginSealed ? "origin sealed" : undefined
    case "RequestOrigin":
      // Quoted: what a user agent says of itself may look like more than that.
      return `from ${opened.address ?? "an address not known"}, user agent ${opened.userAgent === null ? "not known" : JSON.stringify(opened.userAgent)}`
    case "NotRecorded":
      return "origin not recorded"
    case "Forgotten":
      return "origin unreadable for good: whom it concerns was forgotten"
    case "Lost":
    case "Damaged":
      return `origin unreadable: ${opened.message}`
  }
}
