/**
 * Getting to know a provider before anything is judged: one login with everything right, and what is done to it alone.
 *
 * Nothing that is found out here is a fault. Without a login there is nothing to check.
 */
import { approving, redeeming, refreshing, revoking } from "../../Asking.ts"
import { policy as wishes } from "../../Opening.ts"
import { tellReply } from "../../linearize/Telling.ts"
import type { Policy } from "../../Model.ts"
import type { Operation, Reply } from "../../Operation.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Habits } from "../judging/Judge.ts"
import { unknownAbilities, type Abilities } from "./Abilities.ts"
import type { ProviderSystem, Unit } from "./ProviderSystem.ts"
import { open, type Opening } from "./Stage.ts"

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 86_400 * SECOND

/** Any window for lost replies is a policy: one that is too long to be wrong about. */
const RETRY_WINDOW = 15 * MINUTE
/** What a code is taken to live that does not say. */
const CODE_LIFETIME = 5 * MINUTE

interface Asking {
  readonly hasScopes: boolean
  readonly hasResources: boolean
}

/** What is asked for, from everything to nothing. */
const askings: ReadonlyArray<Asking> = [
  { hasScopes: true, hasResources: true },
  { hasScopes: true, hasResources: false },
  { hasScopes: false, hasResources: true },
  { hasScopes: false, hasResources: false },
]

const policyOf = (
  code: number,
  accessToken: number,
  refreshIdle: number,
  defaultScopes: ReadonlyArray<string>,
): Policy => {
  const lifetimes = { code, accessToken, refreshIdle, grant: Infinity, retryWindow: RETRY_WINDOW }
  const scopes = [...new Set([...wishes.scopes, ...defaultScopes])]
  return {
    scopes,
    defaultScopes,
    resources: null,
    registrationGrants: ["authorization_code", "refresh_token"],
    public: lifetimes,
    confidential: lifetimes,
    isGuessed: true,
  }
}

const nothingKnown = policyOf(CODE_LIFETIME, Infinity, Infinity, wishes.defaultScopes)

const [one] = wishes.resources as readonly [string]

/** When a record says that it ends; nothing where it does not, or where it says never. */
const endIn = (record: unknown): number | undefined => {
  const { expiresAt } = Object(record) as { readonly expiresAt?: unknown }
  return typeof expiresAt === "number" && expiresAt > 0 ? expiresAt * SECOND : undefined
}

type Tokens = Extract<Reply, { readonly _tag: "Tokens" }>

interface Login {
  readonly system: ProviderSystem
  readonly act: (operation: Operation) => Promise<Reply>
  readonly asking: Asking
}

const asked = ({ hasScopes, hasResources }: Asking, grant: number) =>
  approving(grant, { scopes: hasScopes ? ["read", "write"] : null, resources: hasResources ? [one] : null })

/** A fresh provider with a code for client 0. */
const codeOf = async (opening: Omit<Opening, "abilities">, asking: Asking): Promise<Login | Reply> => {
  const abilities = { ...unknownAbilities(nothingKnown), ...asking }
  const opened = await open({ ...opening, abilities }).catch((cause: unknown) => {
    // A provider that knows none of the scopes may still know a client that asks for none.
    const reply = cause instanceof CannotCheck ? (cause.cause as Reply | undefined) : undefined
    if (reply?._tag === "Refused" && asking.hasScopes) return reply
    throw cause
  })
  if ("_tag" in opened) return opened
  const { system } = opened
  const act = async (operation: Operation) => {
    opening.onOperation()
    return system.run(operation)
  }
  const reply = await act(asked(asking, 0))
  return reply._tag === "Code" ? { system, act, asking } : reply
}

/** What may be asked of it, and a code for that; less is asked for only where it was refused. */
const anyCode = async (opening: Omit<Opening, "abilities">): Promise<Login> => {
  let reply: Reply | undefined
  for (const asking of askings) {
    const login = await codeOf(opening, asking)
    if ("act" in login) return login
    reply = login
    if (reply._tag !== "Refused") break
  }
  throw new CannotCheck(`an honest client gets no code: ${tellReply(reply!)}`)
}

/** What its clock is like. */
export interface ClockFinding {
  readonly isFollowed: boolean
  readonly unit: Unit
  readonly told: string
}

type Seen = "followed" | "ignored" | "confused"

const MISTAKEN = "`now` gives milliseconds since the epoch"

/** Whether it goes by the clock it is given, and what it takes that for: the other unit is tried where one confuses it. */
export const probeClock = async (openingIn: (unit: Unit) => Omit<Opening, "abilities">): Promise<ClockFinding> => {
  const seen = await seenOf(openingIn("milliseconds"))
  if (seen === "followed") return { isFollowed: true, unit: "milliseconds", told: "turned: by `now` or by `Date`" }
  if (seen === "ignored") {
    return { isFollowed: false, unit: "milliseconds", told: "its own: what takes time is not tried" }
  }
  if ((await seenOf(openingIn("seconds"))) === "followed") {
    return {
      isFollowed: true,
      unit: "seconds",
      told: `turned: by \`now\`, taken for seconds and given in them; ${MISTAKEN}`,
    }
  }
  return { isFollowed: false, unit: "milliseconds", told: `confused: ${MISTAKEN}, and \`expiresAt\` is in seconds` }
}

const isNear = (left: number, right: number): boolean => Math.abs(left - right) < 5 * SECOND

/** Who goes by a clock hands out later what ends later, by as much. */
const seenOf = async (opening: Omit<Opening, "abilities">): Promise<Seen> => {
  const { clock } = opening.connection
  const { system, act, asking } = await anyCode(opening)
  const end = endIn(await system.codeRecord(0))
  if (end === undefined) return seenByDeath(await anyCode(opening), clock)
  const told = end / SECOND - clock.now()
  if (told >= 0 && told < DAY) return "confused"
  const isFuture = end > clock.now() && end < clock.now() + 400 * DAY
  clock.pass(CODE_LIFETIME)
  const later = await act(asked(asking, 1))
  if (later._tag !== "Code" || !isFuture) return "ignored"
  const laterEnd = endIn(await system.codeRecord(1))
  return laterEnd !== undefined && isNear(laterEnd - end, CODE_LIFETIME) ? "followed" : "ignored"
}

/** A provider that does not say when things end shows its clock by their ending: too early, if it mistakes the unit. */
const seenByDeath = async ({ system, act }: Login, clock: Opening["connection"]["clock"]): Promise<Seen> => {
  const reply = await act(redeeming(0))
  if (reply._tag !== "Tokens" || !Number.isFinite(reply.expiresAt)) return "ignored"
  const isActive = async () => (await act({ _tag: "Verify", token: reply.access }))._tag === "Active"
  const lifetime = reply.expiresAt - system.now()
  if (!(await isActive())) return "ignored"
  clock.pass(lifetime / 2)
  if (!(await isActive())) return "confused"
  clock.pass(lifetime / 2 + MINUTE)
  return (await isActive()) ? "ignored" : "followed"
}

const isTokens = (reply: Reply): reply is Tokens => reply._tag === "Tokens"

/** What can be done with it, one provider for each question. */
export const probe = async (
  opening: Omit<Opening, "abilities">,
  { isFollowed, told }: ClockFinding,
): Promise<Abilities> => {
  const { asking, ...first } = await anyCode(opening)
  const now = first.system.now()
  const codeEnd = endIn(await first.system.codeRecord(0))
  const tokens = await first.act(redeeming(0))
  if (!isTokens(tokens)) throw new CannotCheck(`an honest redemption gives no tokens: ${tellReply(tokens)}`)
  const seen = await first.act({ _tag: "Verify", token: tokens.access })
  if (seen._tag !== "Active") throw new CannotCheck(`a token that was just handed out is not alive: ${tellReply(seen)}`)
  const refreshEnd = tokens.refresh === null ? undefined : endIn(await first.system.refreshRecord(tokens.refresh))
  const refreshed = tokens.refresh === null ? undefined : await first.act(refreshing(tokens.refresh))
  const hasRefresh = refreshed !== undefined && isTokens(refreshed)
  const isRotating = hasRefresh && refreshed.refresh !== null && refreshed.refresh !== tokens.refresh
  const again = isRotating ? await first.act(refreshing(tokens.refresh!)) : undefined

  const login = async (): Promise<Login> => {
    const made = await codeOf(opening, asking)
    if (!("act" in made)) throw new CannotCheck(`a second login leads to no code: ${tellReply(made)}`)
    return made
  }
  const bound = await probeKey(await login(), asking.hasResources, hasRefresh)
  const lifetimes = [
    codeEnd === undefined ? CODE_LIFETIME : codeEnd - now,
    tokens.expiresAt - now,
    refreshEnd === undefined ? Infinity : refreshEnd - now,
  ] as const
  return {
    policy: policyOf(...lifetimes, tokens.scopes),
    ...asking,
    followsClock: isFollowed,
    clock: told,
    hasRefresh,
    isRotating,
    retry: again === undefined || !isTokens(again) ? "nothing" : sameAs(refreshed, again),
    showsResources: seen.resources.length > 0,
    takesVerifier: bound.reads.has("codeVerifier"),
    takesRedirectUri: bound.reads.has("redirectUri"),
    takesResource: bound.reads.has("resource"),
    bindsKeys: bound.isBinding,
    habits: await probeHabits(login, hasRefresh),
  }
}

const sameAs = (first: Reply | undefined, again: Tokens): Abilities["retry"] =>
  first?._tag === "Tokens" && first.refresh === again.refresh ? "the same" : "another"

/** What of the proof it looks at, and whether a refresh token is of no use without the key it was got with. */
const probeKey = async ({ act, system }: Login, hasResources: boolean, hasRefresh: boolean) => {
  const reply = await act(redeeming(0, { key: "k1", resources: hasResources ? [one] : null }))
  const reads = system.proofReads
  if (!isTokens(reply) || reply.refresh === null || !hasRefresh) return { reads, isBinding: false }
  const without = await act(refreshing(reply.refresh))
  const with_ = isTokens(without) ? undefined : await act(refreshing(reply.refresh, { key: "k1" }))
  return { reads, isBinding: with_ !== undefined && isTokens(with_) }
}

/** What a revocation ends, when nothing else happens. */
const probeHabits = async (login: () => Promise<Login>, hasRefresh: boolean): Promise<Habits> => {
  const endsAfter = async (isRefreshed: boolean, kind: "access" | "refresh"): Promise<boolean> => {
    const { act } = await login()
    const first = await act(redeeming(0))
    if (!isTokens(first)) return false
    const last = isRefreshed && first.refresh !== null ? await act(refreshing(first.refresh)) : first
    if (!isTokens(last) || last.refresh === null) return false
    const revoked = await act(revoking(kind, kind === "access" ? first.access : first.refresh!, { cascade: true }))
    const seen = await act({ _tag: "Verify", token: last.access })
    const next = await act(refreshing(last.refresh))
    return revoked._tag === "Done" && seen._tag === "Inactive" && !isTokens(next)
  }
  if (!hasRefresh) return { endsBySpentRefresh: false, endsByAccess: false, endsByOlderAccess: false }
  return {
    endsBySpentRefresh: await endsAfter(true, "refresh"),
    endsByAccess: await endsAfter(false, "access"),
    endsByOlderAccess: await endsAfter(true, "access"),
  }
}
