/**
 * Calling a stranger's methods: each call is waited for so long and no longer, and whatever it throws becomes a reply.
 * That it was waited for in vain is noted besides (`Watch.ts`): a check that met a hang is not to be relied on.
 *
 * An error is a refusal, of whatever class it is, unless it is one that nobody throws on purpose.
 */
import type { OAuthErrorCode } from "../../../src/protocol/index.ts"
import { refusals } from "../../../src/core/index.ts"
import type { Reply } from "../../Operation.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { asCall, nameOf, noteFailure } from "./Watch.ts"

/** How long a call may take, in real time, and how long an exchange took at least. */
export interface Patience {
  millis: number
  fastestMillis: number
}

export const newPatience = (): Patience => ({ millis: 5000, fastestMillis: Infinity })
/** Whoever hung once is not waited for as long again. */
export const LITTLE_PATIENCE_MILLIS = 250

/** Calls a method with as much patience as there is. */
export type Ask = <A>(method: string, body: () => A | Promise<A>) => Promise<A>

/** A call that ended badly, and which it was. */
class Failed extends Error {
  readonly method: string
  constructor(method: string, cause: unknown) {
    super(method, { cause })
    this.method = method
  }
}

/** Nothing came for so long that nothing is waited for any more. */
class Silence extends Error {}

/** The answer is not what its method gives. */
export class Nonsense extends Error {}

/** Patience is used up part by part: however long this process itself stands still, that is one of them. */
const PARTS = 10

/** Runs `then` when so much time was waited for, unless what it gives is called before. */
const afterWaiting = (millis: number, then: () => void): (() => void) => {
  let left = PARTS
  const wait = () => setTimeout(() => (--left > 0 ? (timer = wait()) : then()), millis / PARTS)
  let timer = wait()
  return () => clearTimeout(timer)
}

export const call = async <A>(method: string, body: () => A | Promise<A>, patienceMillis: number): Promise<A> => {
  const { promise: silence, reject } = Promise.withResolvers<never>()
  const stopWaiting = afterWaiting(patienceMillis, () => {
    noteFailure(`${nameOf(method)} did not answer within ${patienceMillis / 1000} s`)
    reject(new Silence(`no answer within ${patienceMillis / 1000} s`))
  })
  try {
    return await asCall(method, () => Promise.race([(async () => body())(), silence]))
  } catch (cause) {
    // Whoever cannot be asked any more has refused nothing.
    throw cause instanceof CannotCheck ? cause : new Failed(method, cause)
  } finally {
    stopWaiting()
  }
}

const codes: ReadonlySet<unknown> = new Set<OAuthErrorCode>([
  ...Object.values(refusals).map(([code]) => code),
  "unsupported_grant_type",
  "server_error",
])

const isCode = (value: unknown): value is OAuthErrorCode => codes.has(value)

/** An error that is known to be one that nobody throws on purpose, whatever it is called. */
export class Accident extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/** Errors that a program throws without meaning to. */
const accidents: ReadonlySet<unknown> = new Set(["TypeError", "ReferenceError", "RangeError", "SyntaxError"])

const MAX_MESSAGE_LENGTH = 200

/** What a call that ended badly ended with, in words. */
export const messageOf = (thrown: unknown): string => {
  const cause = thrown instanceof Failed ? thrown.cause : thrown
  const { message } = Object(cause) as Readonly<Record<string, unknown>>
  return String(message ?? cause).slice(0, MAX_MESSAGE_LENGTH)
}

/** The refusal that an error is, in any of the shapes that providers have for it. */
export const refusalIn = (
  cause: unknown,
  otherwise: OAuthErrorCode,
): { readonly _tag: "Refused"; readonly error: OAuthErrorCode } => {
  const { error, errorCode, code } = Object(cause) as Readonly<Record<string, unknown>>
  return { _tag: "Refused", error: [error, errorCode, code].find(isCode) ?? otherwise }
}

const isAccident = (cause: unknown): boolean => {
  const { error, errorCode, code, name } = Object(cause) as Readonly<Record<string, unknown>>
  return (cause instanceof Accident || accidents.has(name)) && ![error, errorCode, code].some(isCode)
}

/** Whether what was to be exchanged was not loaded: some say so by throwing. */
export const isOfLoading = (thrown: unknown): boolean => thrown instanceof Failed && thrown.method.startsWith("load")

/** What a call that ended badly says, as a reply; `otherwise` is the code of an error that names none. */
export const replyTo = (thrown: unknown, otherwise: OAuthErrorCode): Reply => {
  if (thrown instanceof Nonsense) return { _tag: "Fault", message: thrown.message }
  if (!(thrown instanceof Failed)) throw thrown
  const { method, cause } = thrown
  const { name } = Object(cause) as Readonly<Record<string, unknown>>
  const told = messageOf(thrown)
  if (cause instanceof Silence) return { _tag: "Fault", message: `${method}: ${told}` }
  if (isAccident(cause)) return { _tag: "Fault", message: `${method} threw ${String(name)}: ${told}` }
  return refusalIn(cause, otherwise)
}

/** Whether a reply says that a call hung: whatever runs on it is not to be waited for. */
export const isSilence = (reply: Reply): boolean =>
  reply._tag === "Fault" && /: no answer within [\d.]+ s$/.test(reply.message)
