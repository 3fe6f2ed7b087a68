/**
 * What a provider judges of what comes with a code or a refresh token, and what it leaves to whoever calls it.
 *
 * Something is left to the handler only where it is never judged and the record says what to judge it by: who refuses some
 * and takes others, or insists on what it does not compare, judges wrongly. Reading a proof, into a log for one, shows nothing.
 */
import { policy as wishes } from "../../Opening.ts"
import type { OperationOf, Ref, Reply } from "../../Operation.ts"
import { approving, looking, redeeming, refreshing } from "../../Asking.ts"
import type { Abilities, Terms } from "./Abilities.ts"
import { noDuties, type Duties } from "./Handler.ts"
import { endIn } from "./Ends.ts"
import { asked, SECOND, type Login } from "./ProbeTerms.ts"

type SignIn = (client?: Ref) => Promise<Login>
type Changes = Partial<Pick<OperationOf<"Redeem">, "verifier" | "redirectUri">>

const isTokens = (reply: Reply) => reply._tag === "Tokens"

const recordOf = async ({ system }: Login): Promise<Readonly<Record<string, unknown>>> =>
  Object((await system.codeRecord(0)) ?? {}) as Readonly<Record<string, unknown>>

/** Whether tokens are given in each of these cases: to the public client, to the confidential one. */
const isAlwaysGiven = async (signIn: SignIn, ...cases: ReadonlyArray<readonly [Ref, Changes]>): Promise<boolean> => {
  for (const [client, changes] of cases) {
    const { act } = await signIn(client)
    if (!isTokens(await act(redeeming(0, { by: client, ...changes })))) return false
  }
  return true
}

const leavesVerifier = async (signIn: SignIn): Promise<boolean> => {
  const wrong = { verifier: "wrong" } as const
  const others = [
    [0, { verifier: "absent" }],
    [0, { verifier: "malformed" }],
    [1, wrong],
  ] as const
  if (!(await isAlwaysGiven(signIn, [0, wrong], ...others))) return false
  const login = await signIn()
  return (await recordOf(login))["codeChallenge"] === login.system.request(0).codeChallenge
}

const leavesRedirectUri = async (signIn: SignIn): Promise<boolean> => {
  const wrong = { redirectUri: "wrong" } as const
  if (!(await isAlwaysGiven(signIn, [0, wrong], [1, wrong]))) return false
  const login = await signIn()
  return (await recordOf(login))["redirectUri"] === login.system.request(0).redirectUri
}

/** Who gives tokens for what its own record says to be over leaves that to the handler. */
const leavesCodeExpiry = async (login: Login, pass: (millis: number) => void): Promise<boolean> => {
  const { act, system } = login
  const { end } = endIn(await system.codeRecord(0))
  if (end === undefined) return false
  pass(Math.max(0, end - system.now()) + SECOND)
  const { end: told } = endIn(await system.codeRecord(0))
  return told !== undefined && told <= system.now() && isTokens(await act(redeeming(0)))
}

const leavesRefreshExpiry = async ({ act, system }: Login, pass: (millis: number) => void): Promise<boolean> => {
  const reply = await act(redeeming(0))
  const token = reply._tag === "Tokens" ? reply.refresh : null
  const { end } = token === null ? {} : endIn(await system.refreshRecord(token))
  if (token === null || end === undefined) return false
  pass(Math.max(0, end - system.now()) + SECOND)
  const { end: told } = endIn(await system.refreshRecord(token))
  return told !== undefined && told <= system.now() && isTokens(await act(refreshing(token)))
}

/** What the handler has to judge; nothing, for who says that it judges all of it. */
export const probeDuties = async (signIn: SignIn, pass: ((millis: number) => void) | undefined): Promise<Duties> => {
  const { isJudge, handled } = (await signIn()).system
  if (handled !== undefined) return handled.duties
  if (isJudge) return noDuties
  const verifier = await leavesVerifier(signIn)
  // No handler judges when things have ended for a provider that judges what comes with them itself.
  const passing = verifier ? pass : undefined
  return {
    clients: false,
    verifier,
    redirectUri: await leavesRedirectUri(signIn),
    codeExpiry: passing !== undefined && (await leavesCodeExpiry(await signIn(), passing)),
    refreshExpiry: passing !== undefined && (await leavesRefreshExpiry(await signIn(), passing)),
  }
}

const [one, two] = wishes.resources as readonly [string, string]

/**
 * Whether the resource of a token request makes any difference: it is refused where it was not granted, or the token is for
 * another resource than without it.
 */
export const probeResource = async (signIn: SignIn, terms: Terms): Promise<Abilities["takesResource"]> => {
  if (terms.resources === "none") return { code: false, refresh: false }
  const isTaken = async (kind: "code" | "refresh", granted: ReadonlyArray<string>, named: ReadonlyArray<string>) => {
    const { act } = await signIn()
    const approved = await act(approving(1, { ...asked(terms, 1), resources: granted }))
    if (approved._tag !== "Code") return false
    const redeemed = await act(redeeming(1, { resources: kind === "code" ? named : null }))
    const isOver = kind === "code" || redeemed._tag !== "Tokens" || redeemed.refresh === null
    const reply = isOver ? redeemed : await act(refreshing(redeemed.refresh, { resources: named }))
    if (reply._tag !== "Tokens") return true
    const seen = await act(looking(reply.access))
    return seen._tag !== "Active" || seen.resources.join(" ") !== granted.join(" ")
  }
  const isTakenAt = async (kind: "code" | "refresh") =>
    (await isTaken(kind, [one], [two])) || (terms.resources === "several" && (await isTaken(kind, [one, two], [one])))
  return { code: await isTakenAt("code"), refresh: await isTakenAt("refresh") }
}

/**
 * Whether only tokens for the first resource are ever seen alive: who verifies for one resource takes no token for another,
 * nor one for none.
 */
export const probeAudience = async (signIn: SignIn, terms: Terms): Promise<boolean> => {
  if (terms.resources === "none") return false
  const isDead = async (resources: ReadonlyArray<string> | null) => {
    const { act } = await signIn()
    if ((await act(approving(1, { ...asked(terms, 1), resources })))._tag !== "Code") return false
    const reply = await act(redeeming(1))
    return reply._tag === "Tokens" && (await act(looking(reply.access)))._tag === "Inactive"
  }
  return (await isDead(null)) || (await isDead([two]))
}
