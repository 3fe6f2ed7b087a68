/** A store whose every answer comes a few turns later, as that of a database elsewhere does: none is there at once. */
import { Effect, Stream } from "effect"
import { eachAnswer } from "../../properties/simulate/EachAnswer.ts"
import type { Operations, Place, Queries, Store } from "../../src/log/index.ts"

const aFewTurns = Effect.promise(async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
})

/** Before it is asked, and after it has answered. */
const late = <A, E>(answer: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.andThen(
    aFewTurns,
    Effect.tap(answer, () => aFewTurns),
  )

const lately = <A, E>(ask: () => Effect.Effect<A, E>): Effect.Effect<A, E> => late(Effect.suspend(ask))

export const lateStore = <Asked extends Queries, SideAsked extends Queries, SideDone extends Operations>(
  store: Store<Asked, SideAsked, SideDone>,
): Store<Asked, SideAsked, SideDone> => {
  const {
    rowsNow: _,
    file,
    beside,
    rows,
    side,
    retrySecrets,
    head,
    scrub,
    close,
    subscribe,
    readTree,
    ...asked
  } = store
  return {
    ...eachAnswer(asked, lately),
    ...(file === undefined ? {} : { file }),
    beside,
    rows: eachAnswer(rows, lately),
    side: eachAnswer(side, lately),
    retrySecrets: eachAnswer(retrySecrets, lately),
    head: late(head),
    scrub: late(scrub),
    close: late(close),
    subscribe: (position) => Stream.mapEffect(subscribe(position), (entry) => late(Effect.succeed(entry))),
    readTree: (body) => late(readTree(body)),
  }
}

export const latePlace = ({ mayHaveChanged, close, ...asked }: Place): Place => ({
  ...eachAnswer(asked, lately),
  mayHaveChanged: late(mayHaveChanged),
  close: late(close),
})
