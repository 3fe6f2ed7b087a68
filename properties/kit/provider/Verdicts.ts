/**
 * What each promise comes to: broken, kept, kept but for a limit and which, or not tried and why not.
 *
 * A promise that was never at stake is not kept, nor is one of which a part cannot be tried here, nor one that there was
 * too little time for: it was tried often enough when all trials that are about it were played.
 */
import { NoSecretIsStored } from "../../invariants/NoSecretIsStored.ts"
import type { Invariant } from "../../invariants/Invariant.ts"
import type { Counterexample, KitReport, PromiseResult } from "../Report.ts"
import type { Abilities } from "./Abilities.ts"
import { EveryCallIsAnswered } from "../judging/EveryCallIsAnswered.ts"
import { noDuties, toldDuties, type Duties } from "./Handler.ts"
import { statedLimit } from "./Limits.ts"
import { toldPace } from "./Slow.ts"
import type { Trial } from "./trials/Trial.ts"

export interface Broken {
  readonly counterexample: Counterexample
  readonly millis: number
}

/** What is lacking for a promise to be tried as a whole; nothing where it is not. */
const lackFor = (name: string, abilities: Abilities): string | undefined => {
  switch (name) {
    case "RequestIsAnsweredOnce":
      return "the ten methods know no request that could be answered twice"
    case "AncestorsBound":
      return "the ten methods exchange no tokens"
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
    case "RefreshKeepsTheGrant":
      if (!abilities.hasRefresh) return "no refresh tokens"
      return abilities.terms.scopes !== "none"
        ? undefined
        : "no scopes that could be asked for: name some with `scopes`"
    case "RevocationIsFinal":
      return abilities.hasRevocation ? undefined : "it has no `revokeToken`"
    case "ClientIdIsCreatedOnce":
      return abilities.isHandled ? "client ids are minted by its handler" : undefined
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
const limitOf = (
  name: string,
  { duties, takesResource, hasOneAudience, hasRefresh, limits }: Abilities,
): string | undefined => {
  const left = (part: Partial<Duties>) => {
    const things = toldDuties({ ...noDuties, ...part })
    return things.length === 0 ? undefined : `relies on its handler: ${listed(things)}`
  }
  const { clients, verifier, redirectUri, codeExpiry, refreshExpiry } = duties
  switch (name) {
    case "BoundMeansBound":
      return left({ clients, verifier, redirectUri })
    case "ExpiryIsExact":
      return left({ codeExpiry, refreshExpiry })
    case "AudienceNeverGrows":
      if (hasOneAudience) return "tokens for another resource are not seen here: it verifies for one"
      return takesResource.code && (takesResource.refresh || !hasRefresh)
        ? undefined
        : "the resource of a token request makes no difference: tokens are for all that was granted"
    default:
      return statedLimit(name, limits)
  }
}

const whyNever = (abilities: Abilities): string =>
  abilities.followsClock ? "the situation did not come about" : "the provider ignores the clock"

/** What no trial is about, because each tries it. */
export const isAboutAll = (name: string): boolean => name === EveryCallIsAnswered.name || name === NoSecretIsStored.name

/** How many trials of a promise there was no time for; one that no trial is about is tried by all of them. */
export const leftOutCountOf = (name: string, leftOut: ReadonlyArray<Pick<Trial, "promises">>): number =>
  isAboutAll(name) ? leftOut.length : leftOut.filter(({ promises }) => promises.includes(name)).length

/** What was found out of a promise. */
export interface Finding {
  readonly tries: number
  readonly leftOutCount: number
  readonly broken: Broken | undefined
  /** That the check took. */
  readonly millis: number
  /** Whether what is stored can be looked into. */
  readonly hasStore: boolean
}

/** Whether it can be broken by what a caller sees, or by what a store shows. */
export const isSeen = ({ name, onStep }: Invariant, hasStore: boolean): boolean =>
  onStep !== undefined || (hasStore && name === NoSecretIsStored.name)

/** What cannot be seen in what is stored, or only where it is shown. */
const lackOfStore = (name: string, hasStore: boolean): string | undefined => {
  if (!hasStore) return "needs a store to look into"
  switch (name) {
    case "NoSecretIsStored":
      return undefined
    case "RebuiltEqualsServed":
      return "nothing says what of the store is a log"
    default:
      return "takes more calls than a check makes"
  }
}

export const resultOf = (
  promise: Invariant,
  abilities: Abilities,
  { tries, leftOutCount, broken, millis, hasStore }: Finding,
): PromiseResult => {
  const { name, sentence } = promise
  const told = { promise: name, sentence }
  if (broken !== undefined) {
    const { counterexample } = broken
    const { objection: reason } = counterexample
    return { ...told, verdict: "broken", tries: Math.max(1, tries), millis: broken.millis, reason, counterexample }
  }
  const lack = promise.onStep === undefined ? lackOfStore(name, hasStore) : lackFor(name, abilities)
  if (lack === undefined && leftOutCount > 0) {
    const times = `${tries} ${tries === 1 ? "time" : "times"}`
    const trials = `${leftOutCount} ${leftOutCount === 1 ? "trial" : "trials"}`
    const reason = `the time was up: tried ${times}, ${trials} left out`
    return { ...told, verdict: "not tried", tries, millis, reason, isCutShort: true }
  }
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
export const capabilitiesOf = (
  abilities: Abilities,
  { restart, store }: { readonly restart?: unknown; readonly store?: unknown },
): KitReport["capabilities"] => {
  const { hasRefresh, isRotating, duties, takesResource, terms } = abilities
  const left = toldDuties(duties)
  const pace = toldPace(abilities)
  const judged = {
    codeVerifier: !duties.verifier,
    redirectUri: !duties.redirectUri,
    resource: takesResource.code || takesResource.refresh,
  }
  return {
    clock: abilities.clock,
    ...(abilities.followsClock && !abilities.keepsTime ? { "clock stepping back": GOES_BACK } : {}),
    restart: restart === undefined ? "no `restart` given" : "yes",
    store: store === undefined ? "no `store` given" : "looked into",
    refresh: hasRefresh ? (isRotating ? "rotating" : "not rotating") : "no refresh tokens",
    retry: hasRefresh && isRotating ? retries[abilities.retry] : "not known",
    proof: listing(judged, "nothing of it is judged"),
    ...(left.length === 0 ? {} : { handler: `has to judge ${listed(left)}` }),
    authorize: abilities.checksRedirectUri ? "judges the redirect URI" : "leaves the redirect URI to its handler",
    keys: abilities.bindsKeys ? "refresh tokens are bound to them" : "refresh tokens are not bound to any",
    scopes: terms.scopes === "none" ? "its own" : "as asked",
    resources: abilities.showsResources ? (terms.resources === "none" ? "its own" : "bound") : "not told",
    ...(abilities.isOne ? { fresh: "one provider for everything" } : {}),
    ...(pace === undefined ? {} : { pace }),
    ...(abilities.limits.length === 0 ? {} : { limits: abilities.limits.join(", ") }),
    ...(terms.resources === "one" ? { resource: "one, as a string" } : {}),
    ...(terms.redirectUris === "both" ? {} : { "redirect URIs": `only ${placesOf[terms.redirectUris]}` }),
    ...(terms.clients === "both" ? {} : { clients: `only ${terms.clients} ones` }),
  }
}

/** A limit, and no fault: who goes by a clock in all things relies on whoever sets it. */
const GOES_BACK = "what had ended may live again: give it one that never does"

const placesOf = { loopback: "on this machine", app: "elsewhere than on this machine" } as const
