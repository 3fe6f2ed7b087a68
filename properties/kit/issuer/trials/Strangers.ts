/** What others do with codes and tokens that are not theirs, or without the proof that they are. */
import { redeeming, refreshing, revoking } from "../../../Asking.ts"
import { refreshTokensIn, tokensIn } from "../Actor.ts"
import { useAll, type Trial } from "./Trial.ts"

export const strangerTrials: ReadonlyArray<Trial> = [
  {
    name: "another-client-redeems",
    promises: ["OnlyTheOwnerCanHarm", "BoundMeansBound"],
    act: async (actor) => {
      const code = await actor.code()
      await actor.act(redeeming(code, { by: 1 }))
      const [tokens] = tokensIn([await actor.act(redeeming(code))])
      if (tokens !== undefined) await actor.look(tokens.access)
    },
  },
  {
    name: "another-client-refreshes",
    promises: ["OnlyTheOwnerCanHarm", "BoundMeansBound"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      await actor.act(refreshing(refresh, { by: 1 }))
      await actor.look(access)
      await useAll(actor, [refresh])
    },
  },
  {
    name: "another-client-revokes",
    promises: ["OnlyTheOwnerCanHarm"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      await actor.act(revoking("access", access, { by: 1 }))
      await actor.look(access)
      await actor.act(revoking("refresh", refresh, { by: 1 }))
      await actor.look(access)
      await useAll(actor, [refresh])
    },
  },
  {
    name: "another-client-shows-spent-things",
    promises: ["OnlyTheOwnerCanHarm"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      const [next] = tokensIn([await actor.act(refreshing(refresh))])
      await actor.act(refreshing(refresh, { by: 1 }))
      await actor.act(redeeming(0, { by: 1 }))
      await actor.look(access)
      await useAll(actor, refreshTokensIn(next === undefined ? [] : [next]))
    },
  },
  {
    name: "wrong-proofs",
    promises: ["OnlyTheOwnerCanHarm", "BoundMeansBound"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      await actor.act(refreshing(refresh, { authentication: "wrong" }))
      await actor.act(revoking("refresh", refresh, { authentication: "wrong" }))
      await actor.act(redeeming(0, { verifier: "wrong" }))
      await actor.act(redeeming(0, { verifier: "absent" }))
      await actor.act(redeeming(0, { redirectUri: "wrong" }))
      await actor.look(access)
      await useAll(actor, [refresh])
    },
  },
  {
    name: "wrong-context",
    promises: ["BoundMeansBound"],
    act: async (actor) => {
      await actor.act(redeeming(await actor.code(), { verifier: "wrong" }))
      await actor.act(redeeming(await actor.code(), { redirectUri: "wrong" }))
      await actor.act(redeeming(await actor.code(), { authentication: "wrong" }))
    },
  },
]
