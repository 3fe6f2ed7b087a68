/**
 * What a provider can do, as far as was found out, and which operations make sense with it.
 *
 * Drafts are made for servers that can do everything: one that asks for more is bent to what can be asked here, or left
 * out.
 */
import type { Policy } from "../../Model.ts"
import { policy as wishes } from "../../Opening.ts"
import type { Operation } from "../../Operation.ts"
import type { Habits } from "../judging/Judge.ts"
import { noDuties, type Duties } from "./Handler.ts"
import type { Limit } from "./Limits.ts"

/** On what terms a provider takes clients and requests. */
export interface Terms {
  /** Whether scopes are named: by clients that register, and in requests. */
  readonly scopes: "registered and asked" | "asked" | "none"
  /** How resources are named: as a list, as a string, or not at all. */
  readonly resources: "several" | "one" | "none"
  /** Which redirect URIs clients register: one that leads to this machine, one that does not, or both. */
  readonly redirectUris: "both" | "loopback" | "app"
  readonly clients: "both" | "public" | "confidential"
}

export const everything: Terms = {
  scopes: "registered and asked",
  resources: "several",
  redirectUris: "both",
  clients: "both",
}

export interface Abilities {
  readonly policy: Policy
  /** Whether it follows the clock that it is given, or `Date`. */
  readonly followsClock: boolean
  readonly clock: string
  /** Whether its time does not go back when the clock does. */
  readonly keepsTime: boolean
  readonly hasRefresh: boolean
  readonly isRotating: boolean
  /** What a refresh token gets that was just spent. */
  readonly retry: "the same" | "another" | "nothing"
  readonly terms: Terms
  /** Whether only tokens for the first resource are seen alive. */
  readonly hasOneAudience: boolean
  /** Whether what `verifyToken` gives names resources. */
  readonly showsResources: boolean
  /** Whether it is one of the MCP SDK's, which is only ever asked by the SDK's handlers. */
  readonly isHandled: boolean
  readonly hasRevocation: boolean
  /** What it leaves to whoever calls it. */
  readonly duties: Duties
  /** Whether `authorize` refuses a redirect URI that is nothing like what is registered: else its handler has to. */
  readonly checksRedirectUri: boolean
  /** Whether `loadAccessToken` knows a token that was just handed out. */
  readonly loadsAccess: boolean
  /** Whether it says of itself that it judges all that it is given. */
  readonly isJudge: boolean
  /** Whether it looks at the resource that comes with a code, and with a refresh token. */
  readonly takesResource: { readonly code: boolean; readonly refresh: boolean }
  /** Whether a refresh token belongs to the key that it was got with. */
  readonly bindsKeys: boolean
  readonly habits: Habits
  readonly limits: ReadonlyArray<Limit>
  /** Whether one provider is given again and again, instead of a fresh one. */
  readonly isOne: boolean
  /** How long an exchange takes at least. */
  readonly latencyMillis: number
}

/** Nothing is known yet, so everything may be asked. */
export const unknownAbilities = (policy: Policy, terms: Terms = everything): Abilities => ({
  policy,
  followsClock: true,
  clock: "",
  keepsTime: false,
  hasRefresh: true,
  isRotating: true,
  retry: "nothing",
  terms,
  hasOneAudience: false,
  showsResources: true,
  isHandled: false,
  hasRevocation: true,
  duties: noDuties,
  checksRedirectUri: true,
  loadsAccess: true,
  isJudge: true,
  takesResource: { code: true, refresh: true },
  bindsKeys: true,
  habits: { endsBySpentRefresh: false, endsByAccess: false, endsByOlderAccess: false },
  limits: [],
  isOne: false,
  latencyMillis: 0,
})

const [theFirst] = wishes.resources as readonly [string]

/** Resources as they can be named here: where one has to do, the last, which is what was added. */
const named = ({ resources }: Terms, asked: ReadonlyArray<string> | null) =>
  resources === "one" ? (asked?.slice(-1) ?? null) : resources === "several" ? asked : null

/** The operation as it can be asked here; `undefined` where it cannot. */
export const fitting = (abilities: Abilities, operation: Operation): Operation | undefined => {
  const { hasRefresh, terms, takesResource, bindsKeys } = abilities
  const hasScopes = terms.scopes !== "none"
  switch (operation._tag) {
    case "Register":
      // Its handler mints the ids: none that is taken is ever registered.
      return abilities.isHandled ? undefined : operation
    case "Verify":
      return operation
    case "Approve": {
      const isStray = operation.redirectUri === "unregistered"
      if (operation.isLate || (isStray && !abilities.checksRedirectUri)) return undefined
      // What a scope means that was not agreed on, `offline_access` among them, is the provider's own affair.
      const known = operation.scopes?.filter((scope) => abilities.policy.scopes.includes(scope)) ?? []
      const scopes = hasScopes ? (known.length > 0 ? known : abilities.policy.scopes.slice(0, 1)) : null
      const redirectUri = isStray || terms.redirectUris === "both" ? operation.redirectUri : terms.redirectUris
      const resources = abilities.hasOneAudience ? [theFirst] : named(terms, operation.resources)
      return { ...operation, subject: 0, basis: "User", key: null, redirectUri, scopes, resources }
    }
    case "Redeem":
      return {
        ...operation,
        authentication: "right",
        // Whether it may be left out when the request named it is the server's choice.
        redirectUri: operation.redirectUri === "absent" ? "right" : operation.redirectUri,
        resources: takesResource.code ? named(terms, operation.resources) : null,
        key: bindsKeys ? operation.key : null,
      }
    case "Refresh":
      if (!hasRefresh) return undefined
      return {
        ...operation,
        authentication: "right",
        scopes: hasScopes ? operation.scopes : null,
        resources: takesResource.refresh ? named(terms, operation.resources) : null,
        key: bindsKeys ? operation.key : null,
      }
    case "Revoke":
      return (operation.kind === "refresh" && !hasRefresh) || !abilities.hasRevocation
        ? undefined
        : { ...operation, authentication: "right", cascade: true }
    case "Pass":
      return abilities.followsClock && Number.isFinite(operation.millis) ? operation : undefined
    default:
      return undefined
  }
}
