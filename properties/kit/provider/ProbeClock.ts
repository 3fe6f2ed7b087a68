/**
 * What a provider takes for the time: the clock that it is given, in one unit or the other, or one of its own.
 *
 * Who goes by a clock shows it by when things end. Nothing is judged.
 */
import { looking, redeeming } from "../../Asking.ts"
import type { Terms } from "./Abilities.ts"
import {
  asked,
  CODE_LIFETIME,
  DAY,
  endIn,
  findTerms,
  MINUTE,
  SECOND,
  signInOn,
  type Login,
  type Unknowing,
} from "./ProbeTerms.ts"
import type { Unit } from "./ProviderSystem.ts"

/** What its clock is like. */
export interface ClockFinding {
  readonly isFollowed: boolean
  readonly unit: Unit
  readonly told: string
  /** Not known where nobody could log in by that clock. */
  readonly terms?: Terms
}

type Seen = "followed" | "ignored" | "confused"

const MISTAKEN = "`now` gives milliseconds since the epoch"

/** Whether it goes by the clock it is given, and what it takes that for: the other unit is tried where one confuses it. */
export const probeClock = async (openingIn: (unit: Unit) => Unknowing): Promise<ClockFinding> => {
  const opening = openingIn("milliseconds")
  const terms = await findTerms(opening)
  const seen = await seenOf(opening, terms)
  const inMillis = { unit: "milliseconds", terms } as const
  if (seen === "followed") return { ...inMillis, isFollowed: true, told: "turned: by `now` or by `Date`" }
  if (seen === "ignored") return { ...inMillis, isFollowed: false, told: "its own: what takes time is not tried" }
  if ((await seenOf(openingIn("seconds"), terms)) === "followed") {
    const told = `turned: by \`now\`, taken for seconds and given in them; ${MISTAKEN}`
    return { isFollowed: true, unit: "seconds", told, terms }
  }
  return { ...inMillis, isFollowed: false, told: `confused: ${MISTAKEN}, and \`expiresAt\` is in seconds` }
}

const isNear = (left: number, right: number): boolean => Math.abs(left - right) < 5 * SECOND

/** Who goes by a clock hands out later what ends later, by as much. */
const seenOf = async (opening: Unknowing, terms: Terms): Promise<Seen> => {
  const { clock } = opening.connection
  const { system, act } = await signInOn(opening, terms)
  const end = endIn(await system.codeRecord(0))
  if (end === undefined) return seenByDeath(await signInOn(opening, terms), clock)
  const told = end / SECOND - clock.now()
  if (told >= 0 && told < DAY) return "confused"
  const isFuture = end > clock.now() && end < clock.now() + 400 * DAY
  clock.pass(CODE_LIFETIME)
  const later = await act(asked(terms, 1))
  if (later._tag !== "Code" || !isFuture) return "ignored"
  const laterEnd = endIn(await system.codeRecord(1))
  return laterEnd !== undefined && isNear(laterEnd - end, CODE_LIFETIME) ? "followed" : "ignored"
}

/** A provider that does not say when things end shows its clock by their ending: too early, if it mistakes the unit. */
const seenByDeath = async ({ system, act }: Login, clock: Unknowing["connection"]["clock"]): Promise<Seen> => {
  const reply = await act(redeeming(0))
  if (reply._tag !== "Tokens" || !Number.isFinite(reply.expiresAt)) return "ignored"
  const isActive = async () => (await act(looking(reply.access)))._tag === "Active"
  const half = Math.round((reply.expiresAt - system.now()) / 2)
  if (!(await isActive())) return "ignored"
  clock.pass(half)
  if (!(await isActive())) return "confused"
  clock.pass(half + MINUTE)
  return (await isActive()) ? "ignored" : "followed"
}
