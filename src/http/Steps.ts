/**
 * What of a request took time elsewhere: appends to the log, and passwords.
 *
 * Noted only where somebody is told of requests, and gone with the request. It has no word of what was sent.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** Something that a request waited for. */
export interface Step {
  /** `append`: an append to the log; `password`: a password that was looked at, its wait for that included. */
  readonly name: "append" | "password"
  /** When it began, milliseconds after the request came. */
  readonly after: number
  /** How long it took, milliseconds. */
  readonly millis: number
  /** What an append came to, such as `Appended` or `WrongExpectedVersion`; `failed` where it did not end. */
  readonly outcome?: string
}

export interface StepsOfRequest {
  /** When the request came, by the monotonic clock, nanoseconds. */
  readonly began: bigint
  readonly taken: Array<Step>
}

/** Where the steps of the request are noted that is being answered; `undefined` where nobody asks. */
export const RequestSteps = Context.Reference<StepsOfRequest | undefined>("grantlog/http/RequestSteps", {
  defaultValue: () => undefined,
})

export const millisBetween = (from: bigint, to: bigint): number => Number(to - from) / 1e6

/** The same, noted as a step of the request that it is for. */
export const asStep = <A, E>(
  name: Step["name"],
  body: Effect.Effect<A, E>,
  outcomeOf: (result: A) => string | undefined = () => undefined,
): Effect.Effect<A, E> =>
  Effect.flatMap(RequestSteps, (steps) =>
    steps === undefined
      ? body
      : Clock.clockWith((clock) => {
          const began = clock.monotonicTimeNanosUnsafe()
          return Effect.onExit(body, (exit) =>
            Effect.sync(() => {
              const outcome = Exit.isSuccess(exit) ? outcomeOf(exit.value) : "failed"
              steps.taken.push({
                name,
                after: millisBetween(steps.began, began),
                millis: millisBetween(began, clock.monotonicTimeNanosUnsafe()),
                ...(outcome === undefined ? {} : { outcome }),
              })
            }),
          )
        }),
  )
