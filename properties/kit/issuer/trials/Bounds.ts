/** Scopes and resources that are asked for less and for more. */
import { redeeming, refreshing } from "../../../Asking.ts"
import { tokensIn } from "../Actor.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import type { Issuer } from "../Issuer.ts"
import { useAll, type Trial } from "./Trial.ts"

const twoScopes = ({ scopes }: Issuer): readonly [string, string] => {
  const [one, two] = scopes
  if (one === undefined || two === undefined) throw new NotTried("it takes two scopes: name them with --scope")
  return [one, two]
}

const twoResources = ({ resources }: Issuer): readonly [string, string] => {
  const [one, two] = resources
  if (one === undefined || two === undefined) throw new NotTried("it takes two resources: name them with --resource")
  return [one, two]
}

const NO_SUCH_SCOPE = "no-such-scope-here"

export const boundTrials: ReadonlyArray<Trial> = [
  {
    name: "narrowing",
    promises: ["ScopeNeverGrows"],
    act: async (actor, issuer) => {
      const [one, two] = twoScopes(issuer)
      const { refresh } = await actor.session({ scopes: [one, two] })
      const [narrow] = tokensIn([await actor.act(refreshing(refresh, { scopes: [one] }))])
      if (narrow === undefined) return
      await actor.look(narrow.access)
      await useAll(actor, [narrow.refresh ?? refresh])
    },
  },
  {
    name: "widening",
    promises: ["ScopeNeverGrows"],
    act: async (actor, { scopes: [one, two] }) => {
      const granted = one === undefined ? [] : [one]
      const { refresh } = await actor.session({ scopes: granted })
      let current = refresh
      for (const more of two === undefined ? [NO_SUCH_SCOPE] : [two, NO_SUCH_SCOPE]) {
        const [wide] = tokensIn([await actor.act(refreshing(current, { scopes: [...granted, more] }))])
        if (wide === undefined) continue
        await actor.look(wide.access)
        current = wide.refresh ?? current
      }
    },
  },
  {
    name: "other-resource",
    promises: ["AudienceNeverGrows"],
    act: async (actor, issuer) => {
      const [one, two] = twoResources(issuer)
      const { access, refresh } = await actor.session({ resources: [one] })
      await actor.look(access)
      const [grown] = tokensIn([await actor.act(refreshing(refresh, { resources: [two] }))])
      if (grown !== undefined) await actor.look(grown.access)
      const code = await actor.code({ resources: [one] })
      const [other] = tokensIn([await actor.act(redeeming(code, { resources: [two] }))])
      if (other !== undefined) await actor.look(other.access)
    },
  },
]
