/**
 * What is tried in one go: calls one after the other, and calls at the same time.
 *
 * Calls name their things relative to what there is by then, so that a plan makes sense with any part of it left out.
 */
import type { Draft } from "../../Drafts.ts"
import type { Profile } from "../../Operation.ts"
import type { Terms } from "./Abilities.ts"
import type { Manner } from "./Manner.ts"

/** How long a call waits for others to get ahead of it: turns of the event loop, or of the queue of promises. */
export interface Start {
  readonly turnCount: number
  readonly isMacro: boolean
  /** In real time, instead of turns. */
  readonly millis?: number
}

export interface PlannedCall {
  readonly draft: Draft
  readonly start: Start
  /** Absent where the handler keeps to its part. */
  readonly manner?: Manner | undefined
}

export interface Phase {
  /** More than one run at the same time. */
  readonly calls: ReadonlyArray<PlannedCall>
  readonly isAfterRestart: boolean
}

export interface Plan {
  readonly phases: ReadonlyArray<Phase>
  /** Whether everything is looked at in the end. */
  readonly isLookedAt: boolean
}

export const atOnce: Start = { turnCount: 0, isMacro: false }

export const alone = (draft: Draft): Phase => ({ calls: [{ draft, start: atOnce }], isAfterRestart: false })

/** A draft, asked for in an odd manner. */
export const odd = (draft: Draft, manner: Manner): Phase => ({
  calls: [{ draft, start: atOnce, manner }],
  isAfterRestart: false,
})

/** A number of drafts at the same time; the first of them first unless `starts` says otherwise. */
export const together = (drafts: ReadonlyArray<Draft>, starts: ReadonlyArray<Start> = []): Phase => ({
  calls: drafts.map((draft, index) => ({ draft, start: starts[index] ?? atOnce })),
  isAfterRestart: false,
})

/** Everybody who acts: registered for much, for nothing in particular, and for less. */
export const profilesOf = ({ scopes, clients }: Terms): ReadonlyArray<Profile> => {
  const common = { isSelfRegistered: true, grantTypes: ["authorization_code", "refresh_token"] as const }
  const isPublic = clients !== "confidential"
  const names = (...named: ReadonlyArray<string>) => (scopes === "registered and asked" ? named : null)
  return [
    { isPublic, scopes: names("read", "write", "admin"), ...common },
    { isPublic: clients === "public", scopes: null, ...common },
    { isPublic, scopes: names("read", "write"), ...common },
  ]
}

/** How many clients a plan cannot do without: who is not named in it need not be there. */
export const clientCountOf = ({ phases }: Plan): number =>
  1 +
  Math.max(
    0,
    ...phases.flatMap(({ calls }) =>
      calls.flatMap(({ draft }) => [
        "client" in draft ? draft.client : 0,
        "by" in draft && typeof draft.by === "number" ? draft.by : 0,
      ]),
    ),
  )

const withoutManner = ({ draft, start }: PlannedCall): PlannedCall => ({ draft, start })

/** Every plan with one call, one restart or one odd manner less. */
export const withOneLess = (plan: Plan): ReadonlyArray<Plan> =>
  plan.phases.flatMap(({ calls, isAfterRestart }, place) => {
    const plainer = calls.flatMap((call, index) => {
      if (call.manner === undefined) return []
      const phase = { calls: calls.with(index, withoutManner(call)), isAfterRestart }
      return [{ ...plan, phases: plan.phases.with(place, phase) }]
    })
    const shorter = calls.map((_, index) => {
      const left = calls.toSpliced(index, 1)
      const phases =
        left.length === 0 ? plan.phases.toSpliced(place, 1) : plan.phases.with(place, { calls: left, isAfterRestart })
      return { ...plan, phases }
    })
    return isAfterRestart
      ? [...shorter, ...plainer, { ...plan, phases: plan.phases.with(place, { calls, isAfterRestart: false }) }]
      : [...shorter, ...plainer]
  })

/** Under this name a provider whose calls take turns elsewhere, in another process, has its own `waitFor`. */
export const TURNS: unique symbol = Symbol("turns")

export interface Turning {
  readonly [TURNS]: (start: Start) => Promise<void>
}

/** Waits for so many turns, or for so long. */
export const waitFor = async ({ turnCount, isMacro, millis }: Start): Promise<void> => {
  if (millis !== undefined) return void (await new Promise((resolve) => setTimeout(resolve, millis)))
  for (let turn = 0; turn < turnCount; turn += 1) {
    await (isMacro ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve())
  }
}
