/**
 * What a provider can do, as far as was found out, and which operations make sense with it.
 *
 * Drafts are made for servers that can do everything: one that asks for more is bent to what can be asked here, or left
 * out.
 */
import type { Policy } from "../../Model.ts"
import type { Operation } from "../../Operation.ts"
import type { Habits } from "../judging/Judge.ts"

export interface Abilities {
  readonly policy: Policy
  /** Whether it follows the clock that it is given, or `Date`. */
  readonly followsClock: boolean
  readonly clock: string
  readonly hasRefresh: boolean
  readonly isRotating: boolean
  /** What a refresh token gets that was just spent. */
  readonly retry: "the same" | "another" | "nothing"
  readonly hasScopes: boolean
  readonly hasResources: boolean
  /** Whether what `verifyToken` gives names resources. */
  readonly showsResources: boolean
  readonly takesVerifier: boolean
  readonly takesRedirectUri: boolean
  readonly takesResource: boolean
  /** Whether a refresh token belongs to the key that it was got with. */
  readonly bindsKeys: boolean
  readonly habits: Habits
}

/** Nothing is known yet, so everything may be asked. */
export const unknownAbilities = (policy: Policy): Abilities => ({
  policy,
  followsClock: true,
  clock: "",
  hasRefresh: true,
  isRotating: true,
  retry: "nothing",
  hasScopes: true,
  hasResources: true,
  showsResources: true,
  takesVerifier: true,
  takesRedirectUri: true,
  takesResource: true,
  bindsKeys: true,
  habits: { endsBySpentRefresh: false, endsByAccess: false, endsByOlderAccess: false },
})

/** The operation as it can be asked here; `undefined` where it cannot. */
export const fitting = (abilities: Abilities, operation: Operation): Operation | undefined => {
  const { hasRefresh, hasScopes, hasResources, takesResource, bindsKeys } = abilities
  switch (operation._tag) {
    case "Register":
    case "Verify":
      return operation
    case "Approve": {
      if (operation.isLate || operation.redirectUri === "unregistered") return undefined
      // What a scope means that was not agreed on, `offline_access` among them, is the provider's own affair.
      const known = operation.scopes?.filter((scope) => abilities.policy.scopes.includes(scope)) ?? []
      const scopes = hasScopes ? (known.length > 0 ? known : ["read"]) : null
      const resources = hasResources ? operation.resources : null
      return { ...operation, subject: 0, basis: "User", key: null, scopes, resources }
    }
    case "Redeem": {
      const { verifier, redirectUri } = operation
      const isWrongVerifier = verifier !== "right" && !abilities.takesVerifier
      if (isWrongVerifier || (redirectUri === "wrong" && !abilities.takesRedirectUri)) return undefined
      return {
        ...operation,
        authentication: "right",
        // Whether it may be left out when the request named it is the server's choice.
        redirectUri: redirectUri === "absent" ? "right" : redirectUri,
        resources: takesResource && hasResources ? operation.resources : null,
        key: bindsKeys ? operation.key : null,
      }
    }
    case "Refresh":
      if (!hasRefresh) return undefined
      return {
        ...operation,
        authentication: "right",
        scopes: hasScopes ? operation.scopes : null,
        resources: takesResource && hasResources ? operation.resources : null,
        key: bindsKeys ? operation.key : null,
      }
    case "Revoke":
      return operation.kind === "refresh" && !hasRefresh
        ? undefined
        : { ...operation, authentication: "right", cascade: true }
    case "Pass":
      return abilities.followsClock && Number.isFinite(operation.millis) ? operation : undefined
    default:
      return undefined
  }
}
