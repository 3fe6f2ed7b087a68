/**
 * The origins of the requests in an explanation, opened for somebody who asks for them explicitly.
 *
 * An origin may identify a person, so an explanation never has it by default. The caller brings the keys; this module
 * knows nothing of them.
 */
import * as Effect from "effect/Effect"
import type { EventLog, Recorded, StoreFault } from "../../log/index.ts"
import type { OpenedRequestOrigin } from "../../provider/index.ts"
import { adviceFor } from "./Advice.ts"
import type { Explanation } from "./Explanation.ts"
import { requestOriginEntryOf } from "./EventLines.ts"
import type { EventLine } from "./EventLine.ts"

/** Opens what an entry has sealed, or says why it cannot be opened. */
export type OpenRequestOrigin = (entry: Recorded) => Effect.Effect<OpenedRequestOrigin, StoreFault>

/** The same explanation, with the origin of the request of each entry. */
export const withRequestOrigins = Effect.fnUntraced(function* (
  log: Pick<EventLog, "readAll" | "readStream">,
  open: OpenRequestOrigin,
  explanation: Explanation,
): Effect.fn.Return<Explanation, StoreFault> {
  if (!explanation.isOurs) return explanation
  const { chain, ancestry, presentations } = explanation
  const opened = new Map<number, OpenedRequestOrigin>()
  for (const { position } of [...chain, ...ancestry, ...presentations]) {
    if (opened.has(position)) continue
    for (const entry of yield* log.readAll(position, 1)) {
      opened.set(position, yield* open(yield* requestOriginEntryOf(log, entry)))
    }
  }
  const withRequestOrigin = (told: EventLine): EventLine => {
    const requestOrigin = opened.get(told.position)
    return requestOrigin === undefined ? told : { ...told, requestOrigin }
  }
  const known = {
    ...explanation,
    chain: chain.map(withRequestOrigin),
    ancestry: ancestry.map(withRequestOrigin),
    presentations: presentations.map(withRequestOrigin),
  }
  return { ...known, ...adviceFor(known) }
})
