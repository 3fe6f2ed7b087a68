/**
 * What is on offer to a request: the scopes of this server, and the resources that are known here.
 *
 * A resource is known if the configuration names it or a resource server was added for it. Only what may matter to the
 * request is looked for among those that were added.
 */
import { distinctResources } from "../protocol/index.ts"
import * as Schema from "effect/Schema"
import { Resource, parseScopes, type Offer, type Resources } from "../core/index.ts"
import type { About, Slice } from "../projection/index.ts"
import type { Settings } from "./Config.ts"
import type { Features } from "./features/Features.ts"
import { standard } from "./features/standard.ts"

/** Where a request that says too little is refused, the client's developer is told why; the operator is told this. */
const notice =
  "a request named no `resource`, and more than one is known here: such requests are refused unless " +
  "`--default-resource` (`defaultResource` in the configuration) says which one they are for"

export interface Offers {
  /** What has to be read to know what is on offer to a request for these resources. */
  readonly about: (asked: Resources) => Pick<About, "resources">
  /** What this server offers to it, by what was read. */
  readonly of: (asked: Resources, slice: Pick<Slice, "audiences">) => Offer
  /** What it offers to whoever brings a token, which says by itself which resources there are. */
  readonly toBearer: Offer
}

const resourceFrom = Schema.decodeUnknownSync(Resource)

/** The scopes that ask who somebody is, and the address that answers with a token for it. */
const identityOf = (
  { issuer }: Pick<Settings, "issuer">,
  provider: Features["openIdProvider"],
): Pick<Offer, "identity"> =>
  provider === undefined
    ? {}
    : {
        identity: {
          scopes: parseScopes(provider.scopes.join(" "))!,
          resource: resourceFrom(issuer.replace(/\/$/, "") + provider.userInfo),
        },
      }

/** `onNotice` is told once what the operator can set right. */
export const makeOffers = (
  settings: Settings,
  onNotice: (sentence: string) => void,
  { openIdProvider }: Pick<Features, "openIdProvider"> = standard,
): Offers => {
  const { scopes, defaultScopes, registrationGrants, defaultResource } = settings
  const isAnyResourceOffered = settings.resources === "any"
  const configured =
    settings.resources !== "any" ? settings.resources : defaultResource === undefined ? [] : [defaultResource]
  let isTold = false
  const offer = {
    scopes,
    defaultScopes,
    isAnyResourceOffered,
    defaultResource: defaultResource ?? null,
    registrationGrants,
    ...identityOf(settings, openIdProvider),
  }

  return {
    toBearer: { ...offer, resources: [] },
    // One that was configured answers a request that names none.
    about: (asked) => (asked.length === 0 && defaultResource !== undefined ? {} : { resources: { asked, configured } }),
    of: (asked, { audiences }) => {
      const resources = distinctResources([...configured, ...audiences])
      if (asked.length === 0 && defaultResource === undefined && resources.length > 1 && !isTold) {
        isTold = true
        onNotice(notice)
      }
      return { ...offer, resources }
    },
  }
}
