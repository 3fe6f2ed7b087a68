/**
 * What was answered about tokens, for a while: bounded, and never beyond a token's own end.
 *
 * Effect's `Cache` is not used: lookups under way count against its capacity, so that whoever makes up tokens would
 * drive out the answers about good ones. Here only what was found alive is kept; tokens are known by their digest alone.
 */
import { hash } from "node:crypto"
import type { VerifiedAccess } from "../protocol/index.ts"
import { VerifierUnavailable } from "./ResourceError.ts"

/** So many questions at once are an attack or an outage; those in excess are told to come again. */
const MAX_LOOKUPS_UNDER_WAY = 256

interface Answer {
  readonly access: Omit<VerifiedAccess, "token">
  /** When it was asked for, and until when it is good; milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

export interface AnswerCacheOptions {
  readonly lookUp: (token: string) => Promise<VerifiedAccess | undefined>
  readonly cacheSeconds: number
  readonly maxEntries: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Nobody who is given an answer changes it for the next one. However deep it is: it was written elsewhere. */
const frozen = <A>(value: A): A => {
  const left: Array<unknown> = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one !== "object" || one === null || Object.isFrozen(one)) continue
    for (const member of Object.values(one)) left.push(member)
    Object.freeze(one)
  }
  return value
}

/** Looks tokens up through the cache; callers who ask for one token at once share one lookup. */
export const makeAnswerCache = ({ lookUp, cacheSeconds, maxEntries, now }: AnswerCacheOptions) => {
  /** The least recently used first. */
  const answers = new Map<string, Answer>()
  const underWay = new Map<string, Promise<VerifiedAccess | undefined>>()

  const keep = (key: string, from: number, { token: _, ...access }: VerifiedAccess): void => {
    const end = access.expiresAt === undefined ? Infinity : access.expiresAt * 1000
    const until = Math.min(from + cacheSeconds * 1000, end)
    if (until <= now()) return
    answers.set(key, { access, from, until })
    if (answers.size > maxEntries) answers.delete(answers.keys().next().value!)
  }

  const kept = (key: string): Answer | undefined => {
    const answer = answers.get(key)
    answers.delete(key)
    const at = now()
    // A clock that was set back makes an answer look as if it came from the future; its age is then unknown.
    if (answer === undefined || at < answer.from || at >= answer.until) return undefined
    answers.set(key, answer)
    return answer
  }

  return async (token: string): Promise<VerifiedAccess | undefined> => {
    const key = hash("sha256", token, "base64url")
    const answer = kept(key)
    if (answer !== undefined) return Object.freeze({ token, ...answer.access })
    const running = underWay.get(key)
    if (running !== undefined) return running
    if (underWay.size >= MAX_LOOKUPS_UNDER_WAY) {
      const message = `${MAX_LOOKUPS_UNDER_WAY} tokens are being introspected at once: the endpoint is slow or somebody tries tokens`
      throw new VerifierUnavailable({ code: "busy", message, retryAfterSeconds: 1 })
    }
    // INVARIANT: an answer is as old as its question: what was revoked before it was asked for is never kept as alive.
    const from = now()
    const asked = lookUp(token)
      .then((access) => {
        if (access !== undefined) keep(key, from, frozen(access))
        return access
      })
      .finally(() => underWay.delete(key))
    underWay.set(key, asked)
    return asked
  }
}
