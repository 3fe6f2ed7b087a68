/**
 * What is on offer to a request: the scopes of this server, and the resources that are known here.
 *
 * A resource is known if the configuration names it or a resource server was added for it. Only what may matter to the
 * request is looked for among those that were added.
 */
import { Effect } from "effect"
import {
  distinctResources,
  includesResource,
  isOrigin,
  resourceKey,
  type Offer,
  type Resource,
  type Resources,
} from "../core/index.ts"
import type { EventLog, RowReader, StoreFault } from "../log/index.ts"
import { isAudience, listAudiences } from "../projection/index.ts"
import type { Settings } from "./Config.ts"

const READ_AT_ONCE = 64

/** Where a request that says too little is refused, the client's developer is told why; the operator is told this. */
const notice =
  "a request named no `resource`, and more than one is known here: such requests are refused unless " +
  "`--default-resource` (`defaultResource` in the configuration) says which one they are for"

/** What this server offers to a request for these resources. */
export type OfferFor = (asked: Resources) => Effect.Effect<Offer, StoreFault>

/** `onNotice` is told once what the operator can set right. */
export const makeOffers = (log: EventLog, settings: Settings, onNotice: (sentence: string) => void): OfferFor => {
  const { scopes, defaultScopes, registrationGrants, defaultResource } = settings
  const isAnyResourceOffered = settings.resources === "any"
  const configured =
    settings.resources !== "any" ? settings.resources : defaultResource === undefined ? [] : [defaultResource]
  let isTold = false

  return (asked) =>
    Effect.map(
      log.read((rows) => distinctResources([...configured, ...addedResources(rows, asked, settings, configured)])),
      (resources) => {
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

/** Those that resource servers were added for, as far as they may be meant. */
const addedResources = (
  rows: RowReader,
  asked: Resources,
  { defaultResource }: Pick<Settings, "defaultResource">,
  configured: Resources,
): ReadonlyArray<Resource> => {
  if (asked.length === 0 && defaultResource !== undefined) return []
  const named = asked.filter((one) => isAudience(rows, one))
  const isUnknown = (one: Resource) => !includesResource([...configured, ...named], one)
  return asked.length === 0 || asked.some((one) => isOrigin(one) && isUnknown(one))
    ? [...named, ...everyAudience(rows)]
    : named
}

const everyAudience = (rows: RowReader): ReadonlyArray<Resource> => {
  const found: Array<Resource> = []
  for (let behind = ""; ;) {
    const page = listAudiences(rows, behind, READ_AT_ONCE)
    found.push(...page)
    if (page.length < READ_AT_ONCE) return found
    behind = resourceKey(page.at(-1)!)
  }
}
