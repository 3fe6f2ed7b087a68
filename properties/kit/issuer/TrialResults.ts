/**
 * Every trial told on a server, and what each promise comes to by it.
 *
 * A promise about what is alive is not kept by nobody having looked: where access tokens cannot be seen, it can be
 * broken, but never kept. The same for a promise that no trial put at stake.
 */
import type { Invariant } from "../../invariants/Invariant.ts"
import { tellOperation, tellReply } from "../../linearize/Telling.ts"
import { emptyModel, expect, type Model, type Policy } from "../../Model.ts"
import type { Operation } from "../../Operation.ts"
import { judged } from "../judging/Judge.ts"
import type { PromiseResult, StoryStep } from "../Report.ts"
import { makeActor } from "./Actor.ts"
import { makeHttpSystem } from "./HttpSystem.ts"
import type { Issuer } from "./Issuer.ts"
import type { WireClient } from "./Registration.ts"
import { isObstacle } from "./RuleResults.ts"
import type { Standpoint } from "./Setup.ts"
import { judge, type Found } from "./TrialJudge.ts"
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

/** Nothing is known of a stranger's lifetimes; these are long enough never to explain a death. */
const policyOf = ({ scopes, resources }: Issuer): Policy => {
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
    registrationGrants: ["authorization_code", "refresh_token"],
    public: lifetimes,
    confidential: lifetimes,
    isGuessed: true,
  }
}

/** The model of a server at which these clients are registered, and how that is told. */
const openingOf = (issuer: Issuer, clients: ReadonlyArray<WireClient>, at: number) => {
  const registrations = clients.map(({ secret }, client): Operation => ({
    _tag: "Register",
    client,
    profile: {
      isPublic: secret === undefined,
      isSelfRegistered: true,
      scopes: null,
      grantTypes: ["authorization_code", "refresh_token"],
    },
    flaw: null,
  }))
  const told = registrations.map((operation, client): StoryStep => {
    const reply = { _tag: "Stored", client } as const
    return {
      text: tellOperation(operation),
      operation,
      burst: null,
      expected: tellReply(reply),
      observed: tellReply(reply),
      reply,
    }
  })
  const operations: ReadonlyArray<Operation> = [{ _tag: "Initialize" }, ...registrations]
  const model = operations.reduce<Model>(
    (before, operation) => expect(before, operation).model,
    emptyModel(policyOf(issuer), at),
  )
  return { model, told }
}

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

const tell = async (issuer: Issuer, { clients, standpoint }: Cast, trial: Trial, evidence: Evidence): Promise<void> => {
  const startedAt = performance.now()
  const system = makeHttpSystem(issuer, clients, standpoint.liveness)
  const { model, told } = openingOf(issuer, clients, system.now())
  const actor = makeActor(system)
  let obstacle: string | undefined
  const objected = await trial.act(actor, issuer).catch((cause: unknown) => {
    obstacle = isObstacle(cause) ? cause.message : `it could not be tried: ${String(cause)}`
  })
  const account = judge(model, told, actor.turns(), objected ?? undefined)
  const took = performance.now() - startedAt
  for (const promise of trial.promises) {
    evidence.millis.set(promise, (evidence.millis.get(promise) ?? 0) + took)
    if (obstacle !== undefined && !evidence.obstacles.has(promise)) evidence.obstacles.set(promise, obstacle)
  }
  for (const [promise, count] of account.tries) evidence.tries.set(promise, (evidence.tries.get(promise) ?? 0) + count)
  for (const [promise, found] of account.found) {
    if (!evidence.found.has(promise)) evidence.found.set(promise, { ...found, path: trial.name })
  }
}

/** Tells a trial, a race several times: more often where it takes nobody to sign in. */
export const runTrial = async (issuer: Issuer, cast: Cast, trial: Trial, evidence: Evidence): Promise<void> => {
  const count = trial.isRace === true && issuer.isAuto ? RACE_COUNT : 1
  for (let time = 0; time < count; time += 1) await tell(issuer, cast, trial, evidence)
}

const BLIND =
  "nothing here tells whether an access token is alive: there is no introspection of own tokens and no user info; name a resource with --resource-url"

const reasonNotTried = ({ name, situation, onStep }: Invariant, evidence: Evidence, cast: Cast): string => {
  if (onStep === undefined) return "it takes a look into the store"
  if (aboutLife.has(name) && cast.standpoint.liveness === undefined) return BLIND
  return evidence.obstacles.get(name) ?? `it takes what cannot be brought about from outside: ${situation}`
}

/** One result for each promise that is asked for. */
export const promiseResults = (
  evidence: Evidence,
  cast: Cast,
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
        const counterexample = { objection: found.objection, steps: found.steps, seed, path: found.path }
        return { ...result, tries: Math.max(1, tries), verdict: "broken", reason: found.objection, counterexample }
      }
      if (evidence.leftOut.has(name)) {
        const reason = `the time was up: tried ${tries} ${tries === 1 ? "time" : "times"}, and not all that was to be`
        return { ...result, tries, verdict: "not tried", reason, isCutShort: true }
      }
      const isBlind = aboutLife.has(name) && cast.standpoint.liveness === undefined
      if (promise.onStep !== undefined && tries > 0 && !isBlind) return { ...result, tries, verdict: "kept" }
      return { ...result, tries, verdict: "not tried", reason: reasonNotTried(promise, evidence, cast) }
    })
