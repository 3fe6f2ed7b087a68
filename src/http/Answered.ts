/**
 * What is told of a request that was answered, for access logs and metrics: which endpoint, how, and how long it took.
 *
 * Nothing that a client or a person sent is in it: the endpoint is one of the table, the error one of ours. The numbers of
 * a `traceparent` alone are passed on, because they are what two traces are joined by.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { WireReply, WireRequest } from "../provider/features/Wire.ts"
import { millisBetween, RequestSteps, type Step, type StepsOfRequest } from "./Steps.ts"

/** A request that was answered. */
export interface Answered {
  /** The id of the request, which the log has as the correlation of what came of it. */
  readonly requestId: string
  /** When it came, milliseconds since the epoch. */
  readonly at: number
  /** How long it took, milliseconds. */
  readonly millis: number
  /** `GET`, `HEAD`, `POST`, `PUT`, `DELETE` or `OPTIONS`; `other` for any other. */
  readonly method: string
  /** The path of the endpoint as the server has it; `none` where there is none. */
  readonly endpoint: string
  /** The status of the answer. */
  readonly status: number
  /** The OAuth error that it says, to a program or to a client by redirect; absent where it says none. */
  readonly error?: string
  /** What it waited for, in the order in which that ended. */
  readonly steps: ReadonlyArray<Step>
  /** The trace that the request says it is part of, as it came (W3C Trace Context 3.2, version 00): hexadecimal numbers. */
  readonly traceparent?: string
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

const METHODS: ReadonlyArray<string> = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]

const errorIn = ({ status, headers, body }: WireReply): string | undefined => {
  const { location } = headers
  if (location !== undefined) {
    const query = location.split("?")[1]?.split("#")[0]
    return query === undefined ? undefined : (new URLSearchParams(query).get("error") ?? undefined)
  }
  if (status < 400 || headers["content-type"] !== "application/json") return undefined
  return (JSON.parse(body) as { readonly error?: string }).error
}

/** The same reply, once `onAnswered` was told of it. */
export const tellingOf = (
  onAnswered: (answered: Answered) => void,
  { method, headers }: Pick<WireRequest, "method" | "headers">,
  { endpoint, requestId }: Pick<Answered, "endpoint" | "requestId">,
  replied: Effect.Effect<WireReply>,
): Effect.Effect<WireReply> =>
  Clock.clockWith((clock) => {
    const at = clock.currentTimeMillisUnsafe()
    const steps: StepsOfRequest = { began: clock.monotonicTimeNanosUnsafe(), taken: [] }
    const { traceparent } = headers
    return Effect.tap(Effect.provideService(replied, RequestSteps, steps), (reply) =>
      Effect.sync(() => {
        const error = errorIn(reply)
        onAnswered({
          requestId,
          at,
          millis: millisBetween(steps.began, clock.monotonicTimeNanosUnsafe()),
          method: METHODS.includes(method) ? method : "other",
          endpoint,
          status: reply.status,
          ...(error === undefined ? {} : { error }),
          steps: steps.taken,
          ...(traceparent !== undefined && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
        })
      }),
    )
  })
