/** What others do with codes and tokens that are not theirs, or without the proof that they are. */
import { redeeming, refreshing, revoking } from "../../../Asking.ts"
import { refreshTokensIn, tokensIn, type Actor } from "../Actor.ts"
import { useAll, type Trial } from "./Trial.ts"

/** A public client has no secret that could be absent: it would come as it should. */
const badSecrets = ({ isPublic }: Actor): ReadonlyArray<"wrong" | "absent"> =>
  isPublic ? ["wrong"] : ["wrong", "absent"]

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
      const { access, refresh } = await actor.login()
      await actor.act(revoking("access", access, { by: 1 }))
      await actor.look(access)
      if (refresh === null) return
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
      const { access, refresh } = await actor.login()
      for (const authentication of badSecrets(actor)) {
        if (refresh !== null) await actor.act(refreshing(refresh, { authentication }))
        await actor.attempt(revoking("access", access, { authentication }))
        if (refresh !== null) await actor.attempt(revoking("refresh", refresh, { authentication }))
        await actor.act(redeeming(0, { authentication }))
      }
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
      for (const authentication of badSecrets(actor)) {
        await actor.act(redeeming(await actor.code(), { authentication }))
      }
    },
  },
]
