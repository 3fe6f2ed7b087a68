/** What is on offer to a request: the scopes of this server, and the resources that are known here. */
import { Effect } from "effect"
import type { Offer, Resources } from "../core/index.ts"
import type { EventLog, StoreFault } from "../log/index.ts"
import { isAudience } from "../projection/index.ts"
import type { Settings } from "./Config.ts"

/** What this server offers to a request for these resources; those that a resource server was added for are known. */
export const offerOf = (
  log: EventLog,
  { scopes, defaultScopes, resources, registrationGrants }: Settings,
  asked: Resources,
): Effect.Effect<Offer, StoreFault> =>
  resources === "any"
    ? Effect.succeed({ scopes, defaultScopes, resources: null, registrationGrants })
    : Effect.map(
        log.read((rows) => asked.filter((one) => isAudience(rows, one))),
        (known) => ({ scopes, defaultScopes, resources: [...resources, ...known], registrationGrants }),
      )
