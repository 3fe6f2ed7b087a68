/** The tiles of a log that is served, on a port of their own, where that is asked for. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { KeptCheckpoints } from "../../audit/console/LogState.ts"
import { httpServer } from "../../http/index.ts"
import type { EventLog, Quorum } from "../../log/index.ts"
import type { CommandFault } from "../Failure.ts"
import { listen } from "../Listen.ts"
import { publishedHead } from "./Published.ts"
import { tilesListener } from "./TilesListener.ts"

export interface TilesFlags {
  readonly tilesPort: Option.Option<number>
  readonly tilesHost: Option.Option<string>
}

/** Serves them for as long as the scope lives: the port that was chosen, `undefined` where there is none. */
export const publishTiles = Effect.fnUntraced(function* (
  { tilesPort, tilesHost }: TilesFlags,
  log: EventLog,
  kept: KeptCheckpoints | undefined,
  quorum: Quorum | undefined,
  onFault: (sentence: string) => void,
): Effect.fn.Return<number | undefined, CommandFault, Scope.Scope> {
  if (Option.isNone(tilesPort) || kept === undefined) return undefined
  const checkpoint = Effect.map(
    publishedHead(kept.storage, kept.key, quorum),
    Option.map((head) => head.checkpoint),
  )
  const tiled = tilesListener({ log, checkpoint, onFault })
  return yield* listen(() => httpServer(tiled), Option.getOrUndefined(tilesHost), tilesPort.value, "tiles-")
})
