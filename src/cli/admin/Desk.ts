/**
 * Where an operator's command asks: at a store that it opens itself, or with `--admin` at the admin API of a server.
 *
 * The operations are the same, so that a command knows nothing of which it is.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CommandFault, UsageFault } from "../Failure.ts"
import { locate, type StoreLocation } from "../StoreLocation.ts"
import { commandLine } from "../Suggestions.ts"
import { quoted } from "../../audit/index.ts"
import type { AnyOperation, Operation } from "./Operation.ts"
import { storePlace, type OperationFault, type PlaceFlags } from "./Place.ts"
import type { RemoteFlags } from "./Remote.ts"

export interface DeskFlags extends PlaceFlags, RemoteFlags {
  readonly admin: Option.Option<string>
}

export interface Desk {
  readonly ask: <Asked extends object, Answer>(
    operation: Operation<Asked, Answer> & AnyOperation,
    asked: Asked,
  ) => Effect.Effect<Answer, OperationFault>
  /** A command to type next, that asks the same. */
  readonly suggested: (words: ReadonlyArray<string>) => string
}

/** Where these flags ask, for as long as the scope lives. */
export const openDesk = Effect.fnUntraced(function* (
  flags: DeskFlags,
): Effect.fn.Return<Desk, CommandFault | UsageFault, Scope.Scope> {
  if (Option.isSome(flags.admin)) {
    const address = flags.admin.value
    return {
      ask: yield* (yield* Effect.promise(() => import("./Remote.ts"))).remoteAt(address, flags),
      suggested: (words) => ["grantlog", ...words, "--admin", address].map(quoted).join(" "),
    }
  }
  const location: StoreLocation = yield* locate(flags)
  const place = yield* storePlace(flags)
  return {
    ask: (operation, given) => operation.run(place, given),
    suggested: (words) => commandLine(words, location),
  }
})
