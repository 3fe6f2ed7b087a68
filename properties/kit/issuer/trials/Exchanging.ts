/** Tokens that are exchanged for others, on servers that say that they do so: what came of one is less, and ends with it. */
import { exchanging } from "../../../Asking.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { tellReply } from "../../../linearize/Telling.ts"
import type { Ref } from "../../../Operation.ts"
import type { Actor } from "../Actor.ts"
import { isExchanging } from "../Discovery.ts"
import type { Issuer } from "../Issuer.ts"
import type { Trial } from "./Trial.ts"

const requireExchange = (actor: Actor, { metadata }: Issuer): void => {
  if (!isExchanging(metadata)) throw new NotTried("the metadata does not say that tokens can be exchanged")
  if (actor.isPublic) throw new NotTried("a public client exchanges nothing")
}

/** Exchanges a token as it is, or the trial cannot go on. */
const exchanged = async (actor: Actor, token: Ref): Promise<Ref> => {
  const reply = await actor.act(exchanging(token))
  if (reply._tag !== "Tokens") throw new NotTried(`the client may exchange nothing: ${tellReply(reply)}`)
  return reply.access
}

export const exchangeTrials: ReadonlyArray<Trial> = [
  {
    name: "exchanged-and-revoked",
    promises: ["AncestorsBound"],
    act: async (actor, issuer) => {
      requireExchange(actor, issuer)
      const { access } = await actor.login()
      const first = await exchanged(actor, access)
      const second = await exchanged(actor, first)
      await actor.look(access, first, second)
      await actor.revoke("access", access)
      await actor.look(first, second)
      await actor.act(exchanging(second))
    },
  },
  {
    name: "exchanged-for-more",
    promises: ["AncestorsBound"],
    act: async (actor, issuer) => {
      requireExchange(actor, issuer)
      const [least] = issuer.scopes
      if (least === undefined || issuer.scopes.length < 2) throw new NotTried("it takes two scopes")
      const { access } = await actor.login({ scopes: [least] })
      await exchanged(actor, access)
      await actor.act(exchanging(access, { scopes: issuer.scopes }))
    },
  },
]
