/** Codes that are redeemed again: after the tokens came, after they were used, and all at the same time. */
import { approving, redeeming, refreshing } from "../../../Asking.ts"
import { refreshTokensIn, tokensIn } from "../Actor.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { times, useAll, type Trial } from "./Trial.ts"

export const codeTrials: ReadonlyArray<Trial> = [
  {
    name: "code-replay",
    promises: ["CodeIsSingleUse", "ReplayKillsGrant", "RotationIsLinear"],
    act: async (actor) => {
      const { access, refresh } = await actor.login()
      await actor.look(access)
      const replies = [await actor.act(redeeming(0))]
      await actor.look(access, ...tokensIn(replies).map((tokens) => tokens.access))
      await useAll(actor, [refresh, ...refreshTokensIn(replies)])
    },
  },
  {
    name: "code-replay-after-refresh",
    promises: ["CodeIsSingleUse", "ReplayKillsGrant"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      const [next] = tokensIn([await actor.act(refreshing(refresh))])
      await actor.act(redeeming(0))
      await actor.look(access, ...(next === undefined ? [] : [next.access]))
      await useAll(actor, refreshTokensIn(next === undefined ? [] : [next]))
    },
  },
  {
    name: "redeem-8-at-once",
    promises: ["CodeIsSingleUse", "ReplayKillsGrant", "RotationIsLinear"],
    isRace: true,
    act: async (actor) => {
      const replies = await actor.together(times(8, redeeming(await actor.code())))
      await actor.look(...tokensIn(replies).map((tokens) => tokens.access))
      await useAll(actor, refreshTokensIn(replies))
    },
  },
  {
    name: "made-up",
    promises: ["ConsentComesFirst"],
    act: async (actor) => {
      await actor.act(redeeming("made up"))
      await actor.act(refreshing("made up"))
      await actor.lookAtMadeUp()
    },
  },
  {
    name: "unregistered-redirect",
    promises: ["ConsentComesFirst"],
    act: async (actor, { isAuto }) => {
      if (!isAuto) throw new NotTried("nobody is asked to sign in for what has to be refused")
      await actor.act(approving(0, { redirectUri: "unregistered" }))
    },
  },
]
