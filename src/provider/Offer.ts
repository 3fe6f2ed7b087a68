/**
 * What is on offer to a request: the scopes of this server, and the resources that are known here.
 *
 * A resource is known if the configuration names it or a resource server was added for it. Only what may matter to the
 * request is looked for among those that were added.
 */
import { Effect } from "effect"
import { distinctResources, type Offer, type Resources } from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { Settings } from "./Config.ts"
import type { ServerStore } from "./ServerStore.ts"

/** Where a request that says too little is refused, the client's developer is told why; the operator is told this. */
const notice =
  "a request named no `resource`, and more than one is known here: such requests are refused unless " +
  "`--default-resource` (`defaultResource` in the configuration) says which one they are for"

/** What this server offers to a request for these resources. */
export type OfferFor = (asked: Resources) => Effect.Effect<Offer, StoreFault>

/** `onNotice` is told once what the operator can set right. */
export const makeOffers = (
  { rows }: Pick<ServerStore, "rows">,
  settings: Settings,
  onNotice: (sentence: string) => void,
): OfferFor => {
  const { scopes, defaultScopes, registrationGrants, defaultResource } = settings
  const isAnyResourceOffered = settings.resources === "any"
  const configured =
    settings.resources !== "any" ? settings.resources : defaultResource === undefined ? [] : [defaultResource]
  let isTold = false

  return (asked) =>
    Effect.map(
      // One that was configured answers a request that names none.
      asked.length === 0 && defaultResource !== undefined ? Effect.succeed([]) : rows.audiences(asked, configured),
      (added) => {
        const resources = distinctResources([...configured, ...added])
        if (asked.length === 0 && defaultResource === undefined && resources.length > 1 && !isTold) {
          isTold = true
          onNotice(notice)
        }
        return {
          scopes,
          defaultScopes,
          resources,
          isAnyResourceOffered,
          defaultResource: defaultResource ?? null,
          registrationGrants,
        }
      },
    )
}
