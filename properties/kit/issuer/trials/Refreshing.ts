/** Refresh tokens that are rotated, asked for again, reused, and shown by several at the same time. */
import { refreshing } from "../../../Asking.ts"
import { refreshTokensIn, tokensIn } from "../Actor.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { times, useAll, type Trial } from "./Trial.ts"

const parallelRefreshes = (count: number): Trial => ({
  name: `refresh-${count}-at-once`,
  promises: ["RotationIsLinear", "RetryIsIdempotent", "OnlyTheOwnerCanHarm"],
  isRace: true,
  act: async (actor) => {
    const { access, refresh } = await actor.session()
    const replies = await actor.together(times(count, refreshing(refresh)))
    await actor.look(access, ...new Set(tokensIn(replies).map((tokens) => tokens.access)))
    await useAll(actor, refreshTokensIn(replies))
  },
})

export const refreshTrials: ReadonlyArray<Trial> = [
  {
    name: "rotation",
    promises: ["RotationIsLinear", "LifetimeNeverGrows", "ConsentComesFirst"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      let current = refresh
      for (let generation = 0; generation < 3; generation += 1) {
        const [next] = tokensIn([await actor.act(refreshing(current))])
        if (next === undefined) return
        await actor.look(access, next.access)
        current = next.refresh ?? current
      }
    },
  },
  {
    name: "retry",
    promises: ["RetryIsIdempotent", "RotationIsLinear"],
    act: async (actor) => {
      const { refresh } = await actor.session()
      const replies = [await actor.act(refreshing(refresh)), await actor.act(refreshing(refresh))]
      await actor.look(...new Set(tokensIn(replies).map((tokens) => tokens.access)))
      await useAll(actor, refreshTokensIn(replies))
    },
  },
  {
    name: "reuse",
    promises: ["ReuseKillsGrant", "RotationIsLinear"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      const [first] = tokensIn([await actor.act(refreshing(refresh))])
      if (first === undefined || first.refresh === null || first.refresh === refresh) {
        throw new NotTried("the server does not rotate refresh tokens")
      }
      const [second] = tokensIn([await actor.act(refreshing(first.refresh))])
      const [stolen] = tokensIn([await actor.act(refreshing(refresh))])
      await actor.look(access, first.access, ...[second, stolen].flatMap((tokens) => (tokens ? [tokens.access] : [])))
      const last = refreshTokensIn([second, stolen].filter((tokens) => tokens !== undefined))
      await useAll(actor, last)
    },
  },
  parallelRefreshes(4),
  parallelRefreshes(8),
]
