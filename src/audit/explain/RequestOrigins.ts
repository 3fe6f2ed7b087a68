/**
 * The origins of the requests in an explanation, opened for somebody who asks for them explicitly.
 *
 * An origin may identify a person, so an explanation never has it by default. The caller brings the keys; this module
 * knows nothing of them.
 */
import * as Effect from "effect/Effect"
import type { EventLog, Recorded, StoreFault } from "../../log/index.ts"
import type { OpenedOrigin } from "../../provider/index.ts"
import { adviceFor } from "./Advice.ts"
import type { Explanation } from "./Explanation.ts"
import { originEntryOf } from "./EventLines.ts"
import type { EventLine } from "./EventLine.ts"

/** Opens what an entry has sealed, or says why it cannot be opened. */
export type OpenOrigin = (entry: Recorded) => Effect.Effect<OpenedOrigin, StoreFault>

/** The same explanation, with the origin of the request of each entry. */
export const withRequestOrigins = Effect.fnUntraced(function* (
  log: Pick<EventLog, "readAll" | "readStream">,
  open: OpenOrigin,
  explanation: Explanation,
): Effect.fn.Return<Explanation, StoreFault> {
  if (!explanation.isOurs) return explanation
  const { chain, origin, presentations } = explanation
  const opened = new Map<number, OpenedOrigin>()
  for (const { position } of [...chain, ...origin, ...presentations]) {
    if (opened.has(position)) continue
    for (const entry of yield* log.readAll(position, 1)) {
      opened.set(position, yield* open(yield* originEntryOf(log, entry)))
    }
  }
  const withOrigin = (told: EventLine): EventLine => {
    const requestOrigin = opened.get(told.position)
    return requestOrigin === undefined ? told : { ...told, requestOrigin }
  }
  const known = {
    ...explanation,
    chain: chain.map(withOrigin),
    origin: origin.map(withOrigin),
    presentations: presentations.map(withOrigin),
  }
  return { ...known, ...adviceFor(known) }
})
