/** Whose a log is: the one issuer that it was written for, and every key that it names. It writes nothing. */
import * as Effect from "effect/Effect"
import type { StoreFault } from "../log/index.ts"
import { ConfigFault } from "./ConfigFault.ts"
import type { KeyRing } from "./Keys.ts"
import type { ServerStore } from "./ServerStore.ts"

interface OwnedRows extends Pick<ServerStore["rows"], "issuer" | "keyIds"> {}

/** Refuses a log of another issuer, or one that was written with a key that the ring lacks; a new log is anybody's. */
export const requireOwner: (
  rows: OwnedRows,
  issuer: string,
  keys: Pick<KeyRing, "has">,
) => Effect.Effect<void, ConfigFault | StoreFault> = Effect.fnUntraced(function* (rows, issuer, keys) {
  const { state: known } = yield* rows.issuer()
  if (known._tag === "Initialized" && known.issuer !== issuer) {
    const message = `this log belongs to the issuer \`${known.issuer}\`, not \`${issuer}\`: use another store, or that issuer`
    return yield* new ConfigFault({ message })
  }
  const missing = (yield* rows.keyIds()).find((id) => !keys.has(id))
  if (missing !== undefined) {
    const message = `the log names the key \`${missing}\`, which the key ring lacks: bring the ring that this log was written with`
    return yield* new ConfigFault({ message })
  }
})
