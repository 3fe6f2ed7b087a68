/**
 * Where the requests came from that an explanation tells of: opened for who asks for it, and for nobody else.
 *
 * It may identify a person, so that no explanation has it by itself. Whoever opens it brings the keys; nothing of them
 * is known here.
 */
import * as Effect from "effect/Effect"
import type { EventLog, Recorded, StoreFault } from "../../log/index.ts"
import type { OpenedOrigin } from "../../provider/index.ts"
import { adviceFor } from "./Advice.ts"
import type { Explanation } from "./Explanation.ts"
import { originEntryOf } from "./EventLines.ts"
import type { EventLine } from "./EventLine.ts"

/** Opens what an entry has sealed, or says why that cannot be. */
export type OpenOrigin = (entry: Recorded) => Effect.Effect<OpenedOrigin, StoreFault>

/** The same explanation, and of each entry that it tells where its request came from. */
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
