/**
 * What each promise comes to: broken, kept, or not tried and why not.
 *
 * A promise that was never at stake is not kept, nor is one of which a part cannot be tried here.
 */
import type { Invariant } from "../../invariants/Invariant.ts"
import type { Tally } from "../../invariants/Judge.ts"
import type { Counterexample, KitReport, PromiseResult } from "../Report.ts"
import type { Abilities } from "./Abilities.ts"

export interface Broken {
  readonly counterexample: Counterexample
  readonly millis: number
}

/** What is lacking for a promise to be tried as a whole; nothing where it is not. */
const lackFor = (name: string, abilities: Abilities): string | undefined => {
  switch (name) {
    case "RequestIsAnsweredOnce":
      return "the ten methods know no request that could be answered twice"
    case "ExpiryIsExact":
      return abilities.followsClock ? undefined : "the provider ignores the clock"
    case "LifetimeNeverGrows":
      return abilities.followsClock ? "nothing says when a grant ends" : "the provider ignores the clock"
    case "RetryIsIdempotent":
      if (!abilities.hasRefresh) return "no refresh tokens"
      if (!abilities.isRotating) return "refresh tokens are not rotated"
      return abilities.retry === "nothing" ? "no retry window: a spent refresh token is refused at once" : undefined
    case "RotationIsLinear":
    case "ReuseKillsGrant":
      if (!abilities.hasRefresh) return "no refresh tokens"
      return abilities.isRotating ? undefined : "refresh tokens are not rotated"
    case "ScopeNeverGrows":
      if (!abilities.hasRefresh) return "no refresh tokens"
      return abilities.hasScopes ? undefined : "no scopes that could be asked for: name some with `scopes`"
    case "AudienceNeverGrows":
      if (!abilities.hasResources) return "no resources that could be asked for: name some with `resources`"
      return abilities.showsResources ? undefined : "what `verifyToken` gives names no resource"
    case "BoundMeansBound":
      return abilities.takesVerifier ? undefined : "no proof argument: verifier and redirect URI are judged elsewhere"
    default:
      return undefined
  }
}

const whyNever = (abilities: Abilities): string =>
  abilities.followsClock ? "the situation did not come about" : "the provider ignores the clock"

export const resultOf = (
  promise: Invariant,
  abilities: Abilities,
  tally: Tally,
  broken: Broken | undefined,
  millis: number,
): PromiseResult => {
  const { name, sentence } = promise
  const tries = tally.get(name) ?? 0
  const told = { promise: name, sentence }
  if (broken !== undefined) {
    const { counterexample } = broken
    const { objection: reason } = counterexample
    return { ...told, verdict: "broken", tries: Math.max(1, tries), millis: broken.millis, reason, counterexample }
  }
  const lack = promise.onStep === undefined ? "needs a store to look into" : lackFor(name, abilities)
  const reason = lack ?? (tries === 0 ? whyNever(abilities) : undefined)
  return reason === undefined
    ? { ...told, verdict: "kept", tries, millis }
    : { ...told, verdict: "not tried", tries: 0, millis: 0, reason }
}

const retries = {
  "the same": "answered with the same successor",
  another: "answered with another successor",
  nothing: "refused at once",
} as const

/** What it can do, in words. */
export const capabilitiesOf = (abilities: Abilities, canRestart: boolean): KitReport["capabilities"] => {
  const { hasRefresh, isRotating, takesVerifier, takesRedirectUri, takesResource } = abilities
  const members = { codeVerifier: takesVerifier, redirectUri: takesRedirectUri, resource: takesResource }
  const taken = Object.entries(members).flatMap(([name, isTaken]) => (isTaken ? [name] : []))
  return {
    clock: abilities.clock,
    restart: canRestart ? "yes" : "no restart given",
    refresh: hasRefresh ? (isRotating ? "rotating" : "not rotating") : "no refresh tokens",
    retry: hasRefresh && isRotating ? retries[abilities.retry] : "not known",
    proof: taken.length === 0 ? "no proof argument" : taken.join(", "),
    keys: abilities.bindsKeys ? "refresh tokens are bound to them" : "refresh tokens are not bound to any",
    scopes: abilities.hasScopes ? "as asked" : "its own",
    resources: abilities.showsResources ? "bound" : "not told",
  }
}
