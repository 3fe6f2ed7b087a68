/**
 * A rule of the wire protocol: a requirement of the catalogue, and exchanges that show whether it holds.
 *
 * A rule makes its own requests and reports every exchange, kept or not. What the server would not answer now (429, 503)
 * shows nothing.
 */
import type { RequirementId } from "../../../../spec/requirements/index.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import type { Issuer } from "../Issuer.ts"
import type { Login, LoginRequest } from "../Login.ts"
import { isUnanswered } from "../Patience.ts"
import { errorOf, hasTokens, tell, tellRequest } from "../Telling.ts"
import type { WireAnswer, WireRequest } from "../Wire.ts"

/** One exchange of a rule. */
export interface Finding {
  readonly text: string
  /** What was sent, where that is one request. */
  readonly request?: string
  readonly expected: string
  readonly observed: string
  /** `undefined` when nothing could be seen. */
  readonly isKept: boolean | undefined
}

export interface Rule {
  readonly id: RequirementId
  readonly check: (issuer: Issuer) => Promise<ReadonlyArray<Finding>>
}

/** What an answer has to be, and whether it is. */
export interface Expectation {
  readonly expected: string
  readonly isMet: (answer: WireAnswer) => boolean
}

/** An error of RFC 6749 5.2: any of these, each with its status. */
export const refusedWith = (...errors: ReadonlyArray<readonly [status: number, error: string]>): Expectation => ({
  expected: errors.map(([status, error]) => `${status} ${error}`).join(" or "),
  isMet: (answer) => errors.some(([status, error]) => answer.status === status && errorOf(answer) === error),
})

/** Whatever it is called: no tokens, and the request's fault. */
export const refused: Expectation = {
  expected: "a refusal",
  isMet: (answer) => !hasTokens(answer) && answer.status >= 400 && answer.status < 500,
}

export const exchange = async (
  { wire }: Issuer,
  text: string,
  request: WireRequest,
  { expected, isMet }: Expectation,
): Promise<Finding> => {
  const answer = await wire.send(request)
  const isKept = isUnanswered(answer) ? undefined : isMet(answer)
  return { text, request: tellRequest(request), expected, observed: tell(answer), isKept }
}

export const tellLogin = (login: Login): string =>
  login._tag === "Code" ? "a code" : login._tag === "Refused" ? `an error for the client: ${login.error}` : login.what

/** A code that a client got by the rules, or the rule cannot be tried. */
export const codeFor = async ({ logins }: Issuer, request: LoginRequest): Promise<Extract<Login, { _tag: "Code" }>> => {
  const login = await logins.login(request)
  if (login._tag !== "Code") throw new NotTried(`no login: ${tellLogin(login)}`)
  return login
}
