/**
 * Requests to witnesses: one request without redirects, for a short time, and no more of the answer than it may have.
 *
 * The operator named the address, so that it may lie on this machine or in its network. What is sent is meant to be
 * public, and what comes back is signed.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AskWitness, WitnessReply } from "../../audit/index.ts"
import { guardedFetch, makeGuard, refusalIn, type Fetch } from "../../outbound/index.ts"
import { boundedText } from "../../protocol/index.ts"

const MAX_WAIT_MILLIS = 10_000
/** Far above the cosignatures of one witness, which have 5 KB where it has a key of each kind. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Why nothing came, in a word of the platform. */
const reasonOf = (cause: unknown, maxWaitMillis: number): string => {
  if (cause instanceof Error && cause.name === "TimeoutError") return `no answer within ${maxWaitMillis / 1000} s`
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? ((inner as NodeJS.ErrnoException).code ?? inner.message) : String(inner)
}

const send = async (send: Fetch, address: URL, body: string, signal: AbortSignal): Promise<WitnessReply> => {
  const headers = { "content-type": "text/plain; charset=utf-8" }
  const response = await send(address, { method: "POST", body, headers, redirect: "manual", signal })
  const text = await boundedText(response.body, MAX_ANSWER_BYTES)
  if (text === undefined) return Result.fail(`answered with more than ${MAX_ANSWER_BYTES} bytes`)
  return Result.succeed({ status: response.status, body: text })
}

/** Posts to `add-checkpoint` under the submission prefix (C2SP tlog-witness); gives up so long after it began. */
export const askWithin =
  (maxWaitMillis: number): AskWitness =>
  (prefix, body) => {
    const address = new URL(`${prefix.replace(/\/$/, "")}/add-checkpoint`)
    const guarded = guardedFetch(makeGuard({ target: address }))
    return Effect.tryPromise({
      try: (stopped) => send(guarded, address, body, AbortSignal.any([stopped, AbortSignal.timeout(maxWaitMillis)])),
      catch: (cause) => refusalIn(cause)?.message ?? `cannot be reached (${reasonOf(cause, maxWaitMillis)})`,
    }).pipe(Effect.catch((message) => Effect.succeed(Result.fail(message))))
  }

export const askWitness: AskWitness = askWithin(MAX_WAIT_MILLIS)
