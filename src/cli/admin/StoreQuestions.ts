/**
 * What a question to the log needs of a store that a command opens: its index, its archives, and what it has sealed.
 *
 * Loaded when something is asked, for most of what an operator does asks nothing.
 */
import * as Effect from "effect/Effect"
import { withArchives } from "../../audit/index.ts"
import type { ServerStore } from "../../provider/index.ts"
import { openArchives } from "../audit/Archives.ts"
import { openAudit } from "../audit/OpenAudit.ts"
import { openRequestOrigins } from "../audit/RequestOrigins.ts"
import { existingKeys, type Opened } from "../OpenStore.ts"

/** The log and its index, brought up to date, with what is in archives, for as long as the scope lives. */
export const examinedIn = Effect.fnUntraced(function* (
  { log, location, beside }: Opened,
  archives: ReadonlyArray<string>,
) {
  return { audit: yield* openAudit(log, location.file, yield* openArchives(log, archives)), location, beside }
})

/** The log as it is read together with archives, for as long as the scope lives. */
export const archivedIn = (log: ServerStore, archives: ReadonlyArray<string>) =>
  Effect.map(openArchives(log, archives), (opened) => withArchives(log, opened))

/** The keys that the server signs with; none where they, or the key ring, are elsewhere. */
export const signingKeysIn = ({ location, beside }: Opened) => {
  if (!beside.mayHaveSigningKeys()) return Effect.succeed([])
  const listed = Effect.flatMap(existingKeys(location), (ring) =>
    Effect.flatMap(beside.openSigningKeys(ring), ({ list }) => list),
  )
  return Effect.scoped(Effect.orElseSucceed(listed, () => []))
}

export const requestOriginsIn = ({ location, beside }: Opened) => openRequestOrigins(location, beside)
