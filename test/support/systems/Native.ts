/** The server by its own operations, in process: everything can be tried here but flawed registrations. */
import { Effect } from "effect"
import { plainly, withKeys } from "../../../properties/Opening.ts"
import { perform } from "../../../properties/Perform.ts"
import { TOKEN_EXCHANGE, type Operation, type Reply } from "../../../properties/Operation.ts"
import { seenInFull, type SystemFactory } from "../../../properties/System.ts"
import { countGrant, newServerHolder } from "./Holder.ts"
import type { Running } from "./Running.ts"

/** No flaw is ever let through to the machine; and what a device asks for here, it asks for at that moment. */
const isPossible = (operation: Operation): boolean => {
  if ("flaw" in operation) return operation.flaw === null
  return !(operation._tag === "Redeem" && operation.waits?.isLate === true)
}

export const nativeSystem =
  (name: string, { native, clock, finish }: Running): SystemFactory =>
  () => {
    const holder = newServerHolder()
    const run = async (operation: Operation): Promise<Reply> => {
      if (operation._tag === "Pass") clock.pass(operation.millis / 1000)
      const reply = await Effect.runPromise(perform(native, holder, operation))
      return operation._tag === "ClientCredentials" || operation._tag === "Exchange" ? countGrant(holder, reply) : reply
    }
    return Promise.resolve({
      name,
      possible: (tag) => tag !== "Exchange" || native.features.grantTypes.has(TOKEN_EXCHANGE),
      hasDevices: true,
      start: native.features.clientAuthentications.some((one) => one.name === "private_key_jwt") ? withKeys : plainly,
      accepts: isPossible,
      sees: seenInFull,
      run,
      now: clock.now,
      close: () => finish(holder.secrets().map(({ text }) => text)),
    })
  }
