/** The serve lock: of several servers on one file, one serves. Commands that only append do not take it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { StoreFault, takeLock } from "../log/index.ts"
import type { StoreLocation } from "./StoreLocation.ts"

/** Takes the lock for a database file; gives back how to release it. */
export const takeServeLock = (file: string): (() => void) => {
  try {
    return takeLock(`${file}.serve-lock`)
  } catch (cause) {
    if (!(cause instanceof StoreFault) || cause.reason !== "busy") throw cause
    const message = `another grantlog serves \`${file}\`: stop it, or use another --store`
    throw new StoreFault({ reason: "locked", message, cause })
  }
}

/** Holds the lock of a store in a file for as long as the scope lives; of a database nobody knows who serves it. */
export const servedByNobody = ({ file }: StoreLocation): Effect.Effect<void, StoreFault, Scope.Scope> =>
  file === undefined
    ? Effect.void
    : Effect.asVoid(
        Effect.acquireRelease(
          Effect.try({ try: () => takeServeLock(file), catch: (cause) => cause as StoreFault }),
          (release) => Effect.sync(release),
        ),
      )
