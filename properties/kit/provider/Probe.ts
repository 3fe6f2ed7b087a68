/**
 * Getting to know a provider before anything is judged: one login with everything right, and what is done to it alone.
 *
 * Nothing that is found out here is a fault. Without a login there is nothing to check.
 */
import { looking, redeeming, refreshing, revoking } from "../../Asking.ts"
import { policy as wishes } from "../../Opening.ts"
import { tellReply } from "../../linearize/Telling.ts"
import type { Reply } from "../../Operation.ts"
import type { Habits } from "../judging/Judge.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Abilities, Terms } from "./Abilities.ts"
import { isStateless, type Limit } from "./Limits.ts"
import { isKeepingTime, type ClockFinding } from "./ProbeClock.ts"
import { probeAudience, probeDuties, probeResource } from "./ProbeDuties.ts"
import { endIn } from "./Ends.ts"
import { asked, CODE_LIFETIME, findTerms, policyOf, signInOn, type Login, type Unknowing } from "./ProbeTerms.ts"

type Tokens = Extract<Reply, { readonly _tag: "Tokens" }>

const isTokens = (reply: Reply): reply is Tokens => reply._tag === "Tokens"

/** What of the kit's words a provider gives that was asked for `read` and `write`. */
const isOfKit = (words: ReadonlyArray<string> | null, given: ReadonlyArray<string>): boolean =>
  words !== null && given.every((one) => words.includes(one))

/** Who gives scopes or resources of its own, whatever it is asked for, is asked for none. */
const narrowerThan = (terms: Terms, { scopes }: Tokens, resources: ReadonlyArray<string>): Terms => ({
  ...terms,
  scopes: isOfKit(wishes.scopes, scopes) ? terms.scopes : "none",
  resources: isOfKit(wishes.resources, resources) ? terms.resources : "none",
})

interface First {
  readonly login: Login
  readonly terms: Terms
  readonly codeEnd: number | undefined
  readonly tokens: Tokens
  readonly seen: Extract<Reply, { readonly _tag: "Active" }>
}

/** A first login with everything right, and what it gives. */
const firstLogin = async (opening: Unknowing, terms: Terms): Promise<First> => {
  const login = await signInOn(opening, terms)
  const { end: codeEnd } = endIn(await login.system.codeRecord(0))
  const tokens = await login.act(redeeming(0))
  if (!isTokens(tokens)) throw new CannotCheck(`an honest redemption gives no tokens: ${tellReply(tokens)}`)
  const seen = await login.act(looking(tokens.access))
  if (seen._tag === "Active") return { login, terms, codeEnd, tokens, seen }
  // Whoever verifies for a resource of its own takes no token for another.
  if (terms.resources !== "none") return firstLogin(opening, { ...terms, resources: "none" })
  const hint = seen._tag === "Inactive" ? ": name the resource that it verifies for with `resources`" : ""
  throw new CannotCheck(`a token that was just handed out is not alive: ${tellReply(seen)}${hint}`)
}

/** What can be done with it, one provider for each question. */
export const probe = async (
  opening: Unknowing,
  { isFollowed, told, terms: taken }: ClockFinding,
  stated: ReadonlyArray<Limit> = [],
): Promise<Abilities> => {
  const { clock, patience } = opening.connection
  const widest = taken ?? (await findTerms(opening))
  const tried = await firstLogin(opening, widest)
  const terms = narrowerThan(tried.terms, tried.tokens, tried.seen.resources)
  const isSame = terms.scopes === tried.terms.scopes && terms.resources === tried.terms.resources
  const { login, codeEnd, tokens, seen } = isSame ? tried : await firstLogin(opening, terms)
  const { act, system } = login
  const now = system.now()
  const { end: refreshEnd } = tokens.refresh === null ? {} : endIn(await system.refreshRecord(tokens.refresh))
  const loadsAccess = await system.loadsAccess(tokens.access)
  const stray = await act({ ...asked(terms, 1), redirectUri: "unregistered" })
  const refreshed = tokens.refresh === null ? undefined : await act(refreshing(tokens.refresh))
  const hasRefresh = refreshed !== undefined && isTokens(refreshed)
  const isRotating = hasRefresh && refreshed.refresh !== null && refreshed.refresh !== tokens.refresh
  const again = isRotating ? await act(refreshing(tokens.refresh!)) : undefined

  const signIn = (client?: number): Promise<Login> => signInOn(opening, terms, client)
  const lifetimes = [
    codeEnd === undefined ? CODE_LIFETIME : codeEnd - now,
    tokens.expiresAt - now,
    refreshEnd === undefined ? Infinity : refreshEnd - now,
  ] as const
  // Who leaves out one of two scopes knows no others of the kit's either.
  const known = terms.scopes !== "none" && tokens.scopes.length < 2 ? tokens.scopes : wishes.scopes
  const limits = [...new Set([...stated, ...system.limits])]
  const policy = policyOf(...lifetimes, known, tokens.scopes)
  return {
    policy: isStateless(limits) ? { ...policy, isAccessStateless: true } : policy,
    terms,
    followsClock: isFollowed,
    clock: told,
    keepsTime: isFollowed && (await isKeepingTime(await signIn(), terms, clock)),
    hasRefresh,
    isRotating,
    retry: again === undefined || !isTokens(again) ? "nothing" : sameAs(refreshed, again),
    hasOneAudience: await probeAudience(signIn, terms),
    showsResources: seen.resources.length > 0,
    isHandled: system.handled !== undefined,
    hasRevocation: system.handled === undefined || system.handled.revoke !== undefined,
    duties: await probeDuties(signIn, isFollowed ? clock.pass : undefined),
    checksRedirectUri: system.handled === undefined && stray._tag === "Refused",
    loadsAccess: system.handled === undefined && loadsAccess,
    isJudge: system.isJudge,
    takesResource: await probeResource(signIn, terms),
    bindsKeys: hasRefresh && (await isBindingKeys(await signIn())),
    isOne: (await signIn()).system.made() === system.made(),
    habits: await probeHabits(signIn, hasRefresh, isStateless(limits)),
    limits,
    latencyMillis: patience.fastestMillis,
  }
}

const sameAs = (first: Reply | undefined, again: Tokens): Abilities["retry"] =>
  first?._tag === "Tokens" && first.refresh === again.refresh ? "the same" : "another"

/** Whether a refresh token is of no use without the key it was got with. */
const isBindingKeys = async ({ act }: Login): Promise<boolean> => {
  const reply = await act(redeeming(0, { key: "k1" }))
  if (!isTokens(reply) || reply.refresh === null) return false
  if (isTokens(await act(refreshing(reply.refresh)))) return false
  return isTokens(await act(refreshing(reply.refresh, { key: "k1" })))
}

/** What a revocation ends, when nothing else happens. */
const probeHabits = async (
  login: () => Promise<Login>,
  hasRefresh: boolean,
  areTokensStateless: boolean,
): Promise<Habits> => {
  const endsAfter = async (isRefreshed: boolean, kind: "access" | "refresh"): Promise<boolean> => {
    const { act } = await login()
    const first = await act(redeeming(0))
    if (!isTokens(first)) return false
    const last = isRefreshed && first.refresh !== null ? await act(refreshing(first.refresh)) : first
    if (!isTokens(last) || last.refresh === null) return false
    const revoked = await act(revoking(kind, kind === "access" ? first.access : first.refresh!, { cascade: true }))
    const seen = await act(looking(last.access))
    const next = await act(refreshing(last.refresh))
    return revoked._tag === "Done" && (areTokensStateless || seen._tag === "Inactive") && !isTokens(next)
  }
  if (!hasRefresh) return { endsBySpentRefresh: false, endsByAccess: false, endsByOlderAccess: false }
  return {
    endsBySpentRefresh: await endsAfter(true, "refresh"),
    endsByAccess: await endsAfter(false, "access"),
    endsByOlderAccess: await endsAfter(true, "access"),
  }
}
