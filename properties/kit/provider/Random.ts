/**
 * What nobody thought of: random calls one after the other, and random calls at the same time.
 *
 * fast-check draws and shrinks; seed and path lead to the same plan again.
 */
import fc, { type Arbitrary } from "fast-check"
import { approve, redeem } from "../../Drafting.ts"
import { draftArbitrary, type DraftTag } from "../../Drafts.ts"
import { everything, type Abilities } from "./Abilities.ts"
import { forgeryNames } from "./Forgery.ts"
import type { RecordManner } from "./Manner.ts"
import { alone, atOnce, profilesOf, type Phase, type Plan, type PlannedCall, type Start } from "./Plan.ts"
import { play, type Played } from "./Play.ts"
import type { Stage } from "./Stage.ts"
import { keptBy } from "./trials/Careless.ts"

export type Kind = "sequence" | "burst"

export interface Drawn {
  /** Breaks a promise that is wanted. */
  readonly played: Played
  readonly path: string
}

const MAX_SEQUENCE = 16

/** What ten methods can do, as far as this provider can. */
const isPossible =
  ({ followsClock, hasRefresh }: Abilities) =>
  (tag: DraftTag): boolean => {
    if (tag === "Pass" || tag === "PassTo") return followsClock
    if (tag === "Refresh") return hasRefresh
    return tag === "Register" || tag === "Approve" || tag === "Redeem" || tag === "Revoke" || tag === "Verify"
  }

const clientCount = profilesOf(everything).length

/** What can meet in a race. */
const racing: ReadonlySet<DraftTag> = new Set<DraftTag>(["Redeem", "Refresh", "Revoke", "Verify"])

const calls = (abilities: Abilities): Arbitrary<PlannedCall> =>
  draftArbitrary(isPossible(abilities), clientCount).map((draft) => ({ draft, start: atOnce }))

/** Once in a while a handler exchanges what it should not, on behalf of whoever it likes; what is made up is forged. */
const carelessCalls = (abilities: Abilities): Arbitrary<PlannedCall> => {
  const manners = fc.oneof(
    { withCrossShrink: true },
    { weight: 14, arbitrary: fc.constant(undefined) },
    {
      weight: abilities.isHandled ? 0 : 1,
      arbitrary: fc.constantFrom<Array<RecordManner>>("with the record that its owner loaded", keptBy(abilities)),
    },
  )
  return fc
    .tuple(calls(abilities), manners, fc.nat({ max: clientCount - 1 }), fc.constantFrom(...forgeryNames))
    .map(([{ draft, start }, manner, client, forgery]): PlannedCall => {
      if (draft._tag !== "Revoke" && "back" in draft && draft.back === "made up") {
        return { draft, start, manner: forgery }
      }
      if (manner === undefined || (draft._tag !== "Redeem" && draft._tag !== "Refresh")) return { draft, start }
      const by = manner === "with the record that its owner loaded" ? client : draft.by
      return { draft: { ...draft, by }, start, manner }
    })
}

const starts: Arbitrary<Start> = fc.oneof(
  { withCrossShrink: true },
  { weight: 2, arbitrary: fc.constant(atOnce) },
  { weight: 3, arbitrary: fc.record({ turnCount: fc.nat({ max: 12 }), isMacro: fc.constant(false) }) },
  { weight: 3, arbitrary: fc.record({ turnCount: fc.nat({ max: 8 }), isMacro: fc.constant(true) }) },
)

const phaseOf = (call: PlannedCall): Phase => ({ calls: [call], isAfterRestart: false })

const sequences = (abilities: Abilities, canRestart: boolean): Arbitrary<Plan> => {
  const call = carelessCalls(abilities)
  const restarts = canRestart ? fc.integer({ min: 0, max: 11 }).map((drawn) => drawn === 11) : fc.constant(false)
  return fc.array(fc.tuple(call, restarts), { maxLength: MAX_SEQUENCE, size: "max" }).map((drawn) => ({
    phases: drawn.map(([one, isAfterRestart]): Phase => ({ calls: [one], isAfterRestart })),
    isLookedAt: true,
  }))
}

/** A login, some calls, a burst, some calls. */
const bursts = (abilities: Abilities): Arbitrary<Plan> => {
  const call = calls(abilities)
  const meant = isPossible(abilities)
  const met = fc.record({ draft: draftArbitrary((tag) => racing.has(tag) && meant(tag), clientCount), start: starts })
  return fc
    .tuple(
      fc.array(call, { maxLength: 2 }),
      fc.array(met, { minLength: 2, maxLength: 8, size: "max" }),
      fc.array(call, { maxLength: 3 }),
    )
    .map(([before, together, after]) => ({
      phases: [
        alone(approve()),
        alone(redeem()),
        ...before.map(phaseOf),
        { calls: together, isAfterRestart: false },
        ...after.map(phaseOf),
      ],
      isLookedAt: true,
    }))
}

export interface Drawing {
  readonly seed: number
  readonly runCount: number
  /** Where to go at once. */
  readonly path?: string
}

/** Thrown inside a property, for fast-check to shrink. */
class Broken extends Error {
  readonly played: Played
  constructor(played: Played) {
    super("a promise is broken")
    this.played = played
  }
}

/** Draws until something wanted is broken; then shrinks for as long as it stays the same promise. */
export const draw = async (stage: Stage, kind: Kind, { seed, runCount, path }: Drawing): Promise<Drawn | undefined> => {
  const { abilities, connection, isOver, isWanted, tally } = stage
  const plans = kind === "sequence" ? sequences(abilities, connection.restart !== undefined) : bursts(abilities)
  let target: ReadonlyArray<string> | undefined
  const { failed, counterexamplePath, errorInstance } = await fc.check(
    fc.asyncProperty(plans, async (plan) => {
      if (isOver()) return
      const isMeant = (name: string) => (target === undefined ? isWanted(name) : target.includes(name))
      const played = await play({ ...stage, isWanted: isMeant, tally: target === undefined ? tally : new Map() }, plan)
      const [found] = played.found
      if (found === undefined) return
      target ??= [found.promise, ...(found.beside ?? [])]
      throw new Broken(played)
    }),
    { seed, numRuns: runCount, ...(path === undefined ? {} : { path }) },
  )
  if (!failed) return undefined
  if (!(errorInstance instanceof Broken)) throw errorInstance
  return { played: errorInstance.played, path: counterexamplePath ?? "" }
}
