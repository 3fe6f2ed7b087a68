/**
 * Every trial told on a server, and what each promise comes to by it.
 *
 * A promise about what is alive is not kept by nobody having looked: where access tokens cannot be seen, it can be
 * broken, but never kept. The same for a promise that no trial put at stake.
 */
import { ordinary, registering } from "../../Asking.ts"
import { TOKEN_EXCHANGE, type Profile } from "../../Operation.ts"
import { isExchanging } from "./Discovery.ts"
import type { Invariant } from "../../invariants/Invariant.ts"
import { emptyModel, expect, type Policy } from "../../Model.ts"
import type { Step } from "../../Operation.ts"
import { judged } from "../judging/Judge.ts"
import type { PromiseResult } from "../Report.ts"
import { makeActor, NO_REFRESH, type Turn } from "./Actor.ts"
import { makeHttpSystem } from "./HttpSystem.ts"
import type { Issuer } from "./Issuer.ts"
import type { WireClient } from "./Registration.ts"
import { isObstacle } from "./RuleResults.ts"
import type { Standpoint } from "./Setup.ts"
import { shortened } from "./Shortening.ts"
import { against } from "./Telling.ts"
import { judge, type Account, type Found } from "./TrialJudge.ts"
import type { Trial } from "./trials/Trial.ts"

/** How often a race is told: chance decides, and a login costs a few requests. */
const RACE_COUNT = 3

/** Promises about what is alive: without a look at access tokens they are not kept. */
const aboutLife: ReadonlySet<string> = new Set([
  "ReplayKillsGrant",
  "OnlyTheOwnerCanHarm",
  "ReuseKillsGrant",
  "RevocationIsFinal",
  "ReadsChangeNothing",
])

const SECOND = 1000
const DAY = 86_400 * SECOND

/** What the clients of a check may use: exchanges, where the server has them. */
const grantTypesOf = ({ metadata }: Issuer): Profile["grantTypes"] => [
  "authorization_code",
  "refresh_token",
  ...(isExchanging(metadata) ? ([TOKEN_EXCHANGE] as const) : []),
]

/** Nothing is known of a stranger's lifetimes; these are long enough never to explain a death. */
const policyOf = (issuer: Issuer): Policy => {
  const { scopes, resources } = issuer
  const lifetimes = {
    code: 600 * SECOND,
    accessToken: 3600 * SECOND,
    refreshIdle: 30 * DAY,
    grant: 365 * DAY,
    retryWindow: 30 * SECOND,
  }
  return {
    scopes,
    defaultScopes: scopes,
    resources: resources.length === 0 ? null : resources,
    ...(resources[0] === undefined ? {} : { defaultResource: resources[0] }),
    registrationGrants: grantTypesOf(issuer),
    public: lifetimes,
    confidential: lifetimes,
    isGuessed: true,
  }
}

/** The model of a server at which these clients are registered. */
const openingOf = (issuer: Issuer, clients: ReadonlyArray<WireClient>, at: number) =>
  [
    { _tag: "Initialize" } as const,
    ...clients.map(({ secret }, client) =>
      registering(client, { ...ordinary, isPublic: secret === undefined, grantTypes: grantTypesOf(issuer) }),
    ),
  ].reduce((before, operation) => expect(before, operation).model, emptyModel(policyOf(issuer), at))

/** What all trials showed. */
export interface Evidence {
  readonly tries: Map<string, number>
  readonly millis: Map<string, number>
  readonly found: Map<string, Found & { readonly path: string }>
  /** Why a trial for a promise could not be told to its end. */
  readonly obstacles: Map<string, string>
  /** Promises with a trial that there was no time for. */
  readonly leftOut: Set<string>
}

export const newEvidence = (): Evidence => ({
  tries: new Map(),
  millis: new Map(),
  found: new Map(),
  obstacles: new Map(),
  leftOut: new Set(),
})

/** Who acts: client 0 first, the others after it; and what client 0 can see. */
export interface Cast {
  readonly clients: ReadonlyArray<WireClient>
  readonly standpoint: Standpoint
}

/** What came of acting: judged, with what it takes to judge a part of it. */
const performed = async (issuer: Issuer, clients: ReadonlyArray<WireClient>, act: Trial["act"]) => {
  const system = makeHttpSystem(issuer, clients)
  const model = openingOf(issuer, clients, system.now())
  const actor = makeActor(system)
  let obstacle: string | undefined
  const objected = await act(actor, issuer).catch((cause: unknown) => {
    obstacle = isObstacle(cause) ? cause.message : `it could not be tried: ${String(cause)}`
  })
  const turns = actor.turns()
  const judgeSome = (some: ReadonlyArray<Turn>, originals: ReadonlyMap<Step, Step> = new Map()): Account => {
    const original = (step: Step): Step => originals.get(step) ?? step
    const witness = {
      exchangeOf: (step: Step) => system.exchangeOf(original(step).reply),
      isSelfContained: (step: Step) => {
        const { operation } = original(step)
        return operation._tag === "Verify" && system.isSelfContained(operation.token)
      },
    }
    return judge(model, some, witness, some === turns ? (objected ?? undefined) : undefined)
  }
  return { turns, obstacle, judgeSome, account: judgeSome(turns) }
}

type Played = Awaited<ReturnType<typeof performed>>

/**
 * The story of one breach without what it does not take. Where nobody has to sign in for it and nothing is left to chance,
 * it is told again in earnest: what does not break the promise by itself is told as it was.
 */
const shortest = async (
  issuer: Issuer,
  clients: ReadonlyArray<WireClient>,
  { turns, judgeSome }: Played,
  promise: string,
  found: Found,
): Promise<Found> => {
  if (found.turn === undefined) return found
  const foundIn = (account: Account, count: number): Found | undefined => {
    const again = account.found.get(promise)
    return again?.turn === count - 1 ? again : undefined
  }
  const whole = turns.slice(0, found.turn + 1)
  const short = shortened(whole, (some) => foundIn(judgeSome(some), some.length) !== undefined)
  const excerpt = foundIn(judgeSome(short.turns, short.originals), short.turns.length) ?? found
  if (!issuer.isUnattended || short.turns.some((turn) => turn.length > 1)) return excerpt
  const again = await performed(issuer, clients, async (actor) => {
    for (const turn of short.turns) await actor.together(turn.map(({ operation }) => operation))
  })
  return foundIn(again.account, short.turns.length) ?? found
}

const tell = async (issuer: Issuer, { clients }: Cast, trial: Trial, evidence: Evidence): Promise<void> => {
  const startedAt = performance.now()
  const played = await performed(issuer, clients, trial.act)
  const { account, obstacle } = played
  const took = performance.now() - startedAt
  for (const promise of trial.promises) {
    evidence.millis.set(promise, (evidence.millis.get(promise) ?? 0) + took)
    if (obstacle !== undefined && !evidence.obstacles.has(promise)) evidence.obstacles.set(promise, obstacle)
  }
  for (const [promise, count] of account.tries) evidence.tries.set(promise, (evidence.tries.get(promise) ?? 0) + count)
  for (const [promise, found] of account.found) {
    if (evidence.found.has(promise)) continue
    const short = await shortest(issuer, clients, played, promise, found)
    evidence.found.set(promise, { ...short, path: trial.name })
  }
}

/** Tells a trial, a race several times: more often where it takes nobody to sign in. */
export const runTrial = async (issuer: Issuer, cast: Cast, trial: Trial, evidence: Evidence): Promise<void> => {
  const count = trial.isRace === true && issuer.isUnattended ? RACE_COUNT : 1
  for (let time = 0; time < count; time += 1) await tell(issuer, cast, trial, evidence)
}

/** Promises about refresh tokens: where there are none they are neither kept nor broken. */
const aboutRefresh: ReadonlySet<string> = new Set(["RotationIsLinear", "RetryIsIdempotent", "ReuseKillsGrant"])

const BLIND =
  "nothing here tells whether an access token is alive: there is no introspection of own tokens and no user info; name a resource with --resource-url"
const BEYOND_REACH =
  "access tokens are judged by themselves alone and live until they expire, and there was nothing else to see it by"

/** What keeps a promise from being kept, however often it was at stake. */
const blindnessOf = (name: string, casts: ReadonlyArray<Cast>): string | undefined => {
  const standpoints = casts.map(({ standpoint }) => standpoint)
  if (aboutRefresh.has(name) && !standpoints.some(({ hasRefresh }) => hasRefresh)) return NO_REFRESH
  return aboutLife.has(name) && !standpoints.some(({ isSeeing }) => isSeeing) ? BLIND : undefined
}

const reasonNotTried = (
  { name, situation, onStep }: Invariant,
  evidence: Evidence,
  casts: ReadonlyArray<Cast>,
): string => {
  if (onStep === undefined) return "it takes a look into the store"
  const isBeyondReach = aboutLife.has(name) && casts.every(({ standpoint }) => standpoint.isSelfContained)
  return (
    blindnessOf(name, casts) ??
    evidence.obstacles.get(name) ??
    (isBeyondReach ? BEYOND_REACH : `it takes what cannot be brought about from outside: ${situation}`)
  )
}

/** What is wrong, the exchange in which it showed, and the clause that it goes against. */
const objectionIn = ({ objection, steps }: Found, { requirements }: Invariant): string => {
  const exchange = steps.at(-1)?.exchange
  if (exchange === undefined) return against(objection, requirements)
  // Of what was no answer, the answer is all that there is to say.
  return against(exchange.endsWith(objection) ? exchange : `${objection}; ${exchange}`, requirements)
}

/** One result for each promise that is asked for. */
export const promiseResults = (
  evidence: Evidence,
  casts: ReadonlyArray<Cast>,
  seed: number,
  isWanted: (name: string) => boolean,
): ReadonlyArray<PromiseResult> =>
  judged
    .filter(({ name }) => isWanted(name))
    .map((promise): PromiseResult => {
      const { name, sentence } = promise
      const tries = evidence.tries.get(name) ?? 0
      const result = { promise: name, sentence, millis: evidence.millis.get(name) ?? 0 }
      const found = evidence.found.get(name)
      if (found !== undefined) {
        const objection = objectionIn(found, promise)
        const counterexample = { objection, steps: found.steps, seed, path: found.path }
        return { ...result, tries: Math.max(1, tries), verdict: "broken", reason: objection, counterexample }
      }
      if (evidence.leftOut.has(name)) {
        const reason = `the time was up: tried ${tries} ${tries === 1 ? "time" : "times"}, and not all that was to be`
        return { ...result, tries, verdict: "not tried", reason, isCutShort: true }
      }
      if (promise.onStep !== undefined && tries > 0 && blindnessOf(name, casts) === undefined) {
        return { ...result, tries, verdict: "kept" }
      }
      return { ...result, tries, verdict: "not tried", reason: reasonNotTried(promise, evidence, casts) }
    })
