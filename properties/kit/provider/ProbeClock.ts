/**
 * What a provider takes for the time: the clock that it is given, in one unit or the other, or one of its own.
 *
 * Who goes by a clock shows it by when things end. Nothing is judged.
 */
import { looking, redeeming } from "../../Asking.ts"
import type { Terms } from "./Abilities.ts"
import { endIn, type ToldEnd } from "./Ends.ts"
import { asked, CODE_LIFETIME, findTerms, MINUTE, SECOND, signInOn, type Login, type Unknowing } from "./ProbeTerms.ts"
import type { Unit } from "./Connection.ts"

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

/**
 * A number that is as many milliseconds since the epoch as `now`, and a little more, was made of milliseconds that were
 * taken for seconds: a code that lives for so few milliseconds is none.
 */
const MOST_SECONDS_OF_A_CODE = 10_000

const isMistaken = ({ end, flaw }: ToldEnd, now: number): boolean =>
  flaw === "in milliseconds" && end !== undefined && end >= now && end - now < MOST_SECONDS_OF_A_CODE

const isAsMuchLater = (before: ToldEnd, after: ToldEnd): boolean =>
  before.end !== undefined && after.end !== undefined && isNear(after.end - before.end, CODE_LIFETIME)

/** What records say of the ends of a code, and of the access token that it gives. */
const endsOf = async ({ system, act }: Login, code: number): Promise<ReadonlyArray<ToldEnd>> => {
  const ofCode = endIn(await system.codeRecord(code))
  const reply = await act(redeeming(code))
  return [ofCode, reply._tag === "Tokens" ? endIn(await system.accessRecord(reply.access)) : {}]
}

/** Who goes by a clock hands out later what ends later, by as much. */
const seenOf = async (opening: Unknowing, terms: Terms): Promise<Seen> => {
  const { clock } = opening.connection
  const login = await signInOn(opening, terms)
  const first = await endsOf(login, 0)
  if (first.some((told) => isMistaken(told, clock.now()))) return "confused"
  clock.pass(CODE_LIFETIME)
  const later = await login.act(asked(terms, 1))
  if (later._tag !== "Code") return "ignored"
  const second = await endsOf(login, 1)
  if (first.some((told, index) => isAsMuchLater(told, second[index]!))) return "followed"
  return first.every(({ end }) => end === undefined) ? seenByDeath(await signInOn(opening, terms), clock) : "ignored"
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

/** Whether what is handed out while the clock is behind ends no sooner than what was handed out before. */
export const isKeepingTime = async (
  login: Login,
  terms: Terms,
  { pass }: Unknowing["connection"]["clock"],
): Promise<boolean> => {
  const before = await endsOf(login, 0)
  pass(-CODE_LIFETIME)
  const reply = await login.act(asked(terms, 1))
  const behind = reply._tag === "Code" ? await endsOf(login, 1) : []
  pass(CODE_LIFETIME)
  return behind.some(({ end = -Infinity }, index) => end >= (before[index]?.end ?? Infinity))
}
