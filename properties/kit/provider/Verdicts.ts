/**
 * What each promise comes to: broken, kept, kept but for a limit and which, or not tried and why not.
 *
 * A promise that was never at stake is not kept, nor is one of which a part cannot be tried here.
 */
import type { Invariant } from "../../invariants/Invariant.ts"
import type { Tally } from "../../invariants/Judge.ts"
import type { Counterexample, KitReport, PromiseResult } from "../Report.ts"
import type { Abilities } from "./Abilities.ts"
import { noDuties, toldDuties, type Duties } from "./Handler.ts"
import { statedLimit } from "./Limits.ts"

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
      return abilities.terms.scopes !== "none"
        ? undefined
        : "no scopes that could be asked for: name some with `scopes`"
    case "AudienceNeverGrows":
      if (abilities.terms.resources === "none")
        return "no resources that could be asked for: name some with `resources`"
      return abilities.showsResources ? undefined : "what `verifyToken` gives names no resource"
    default:
      return undefined
  }
}

const listed = (things: ReadonlyArray<string>): string =>
  things.length < 2 ? things.join("") : `${things.slice(0, -1).join(", ")} and ${things.at(-1)}`

/** What a promise is kept but for, where it was not broken; nothing where it is kept as a whole. */
const limitOf = (name: string, { duties, takesResource, hasRefresh, limits }: Abilities): string | undefined => {
  const left = (part: Partial<Duties>) => {
    const things = toldDuties({ ...noDuties, ...part })
    return things.length === 0 ? undefined : `relies on its handler: ${listed(things)}`
  }
  const { verifier, redirectUri, codeExpiry, refreshExpiry } = duties
  switch (name) {
    case "BoundMeansBound":
      return left({ verifier, redirectUri })
    case "ExpiryIsExact":
      return left({ codeExpiry, refreshExpiry })
    case "AudienceNeverGrows":
      return takesResource.code && (takesResource.refresh || !hasRefresh)
        ? undefined
        : "the resource of a token request makes no difference: tokens are for all that was granted"
    default:
      return statedLimit(name, limits)
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
  if (reason !== undefined) return { ...told, verdict: "not tried", tries: 0, millis: 0, reason }
  const limit = limitOf(name, abilities)
  return limit === undefined
    ? { ...told, verdict: "kept", tries, millis }
    : { ...told, verdict: "limited", tries, millis, reason: limit }
}

const retries = {
  "the same": "answered with the same successor",
  another: "answered with another successor",
  nothing: "refused at once",
} as const

const listing = (members: Readonly<Record<string, boolean>>, otherwise: string): string =>
  Object.entries(members)
    .flatMap(([name, isIn]) => (isIn ? [name] : []))
    .join(", ") || otherwise

/** What it can do, in words. */
export const capabilitiesOf = (abilities: Abilities, canRestart: boolean): KitReport["capabilities"] => {
  const { hasRefresh, isRotating, duties, takesResource, terms } = abilities
  const left = toldDuties(duties)
  const judged = {
    codeVerifier: !duties.verifier,
    redirectUri: !duties.redirectUri,
    resource: takesResource.code || takesResource.refresh,
  }
  return {
    clock: abilities.clock,
    restart: canRestart ? "yes" : "no restart given",
    refresh: hasRefresh ? (isRotating ? "rotating" : "not rotating") : "no refresh tokens",
    retry: hasRefresh && isRotating ? retries[abilities.retry] : "not known",
    proof: listing(judged, "nothing of it is judged"),
    ...(left.length === 0 ? {} : { handler: `has to judge ${listed(left)}` }),
    keys: abilities.bindsKeys ? "refresh tokens are bound to them" : "refresh tokens are not bound to any",
    scopes: terms.scopes === "none" ? "its own" : "as asked",
    resources: abilities.showsResources ? (terms.resources === "none" ? "its own" : "bound") : "not told",
    ...(abilities.limits.length === 0 ? {} : { limits: abilities.limits.join(", ") }),
    ...(terms.resources === "one" ? { resource: "one, as a string" } : {}),
    ...(terms.redirectUris === "both" ? {} : { "redirect URIs": `only ${placesOf[terms.redirectUris]}` }),
    ...(terms.clients === "both" ? {} : { clients: `only ${terms.clients} ones` }),
  }
}

const placesOf = { loopback: "on this machine", app: "elsewhere than on this machine" } as const
