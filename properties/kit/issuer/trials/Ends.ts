/** What was revoked, what has expired, and what looking at either does. */
import { refreshing, revoking } from "../../../Asking.ts"
import { refreshTokensIn, tokensIn } from "../Actor.ts"
import { useAll, type Trial } from "./Trial.ts"

/** A token that ends in the middle of a second is looked at a little later. */
const ROUNDING_MILLIS = 500

export const endTrials: ReadonlyArray<Trial> = [
  {
    name: "revoked-by-refresh-token",
    promises: ["RevocationIsFinal"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      const [next] = tokensIn([await actor.act(refreshing(refresh))])
      const current = next?.refresh ?? refresh
      await actor.revoke("refresh", current)
      await actor.look(access, ...(next === undefined ? [] : [next.access]))
      await useAll(actor, [current, refresh])
    },
  },
  {
    name: "revoked-access-token",
    promises: ["RevocationIsFinal"],
    act: async (actor) => {
      const { access, refresh } = await actor.login()
      await actor.look(access)
      await actor.revoke("access", access)
      await actor.look(access)
      await useAll(actor, [refresh])
      await actor.look(access)
    },
  },
  {
    name: "revoked-while-refreshing",
    promises: ["RevocationIsFinal"],
    isRace: true,
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      const replies = await actor.together([refreshing(refresh), revoking("refresh", refresh), refreshing(refresh)])
      await actor.look(access, ...new Set(tokensIn(replies).map((tokens) => tokens.access)))
      await useAll(actor, [refresh, ...refreshTokensIn(replies)])
    },
  },
  {
    name: "reading",
    promises: ["ReadsChangeNothing"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
      await actor.revoke("access", access)
      const [next] = tokensIn([await actor.act(refreshing(refresh))])
      // Where that ends the whole session there is nothing left that a reading could change.
      if (next === undefined || next.refresh === null) return
      await actor.look(next.access, access, access, next.access)
      await useAll(actor, [next.refresh])
    },
  },
  {
    name: "reading-expired",
    promises: ["ReadsChangeNothing", "ExpiryIsExact"],
    act: async (actor) => {
      const [read, unread] = [await actor.session(), await actor.session()]
      await actor.waitUntil(Math.max(read.expiresAt, unread.expiresAt) + ROUNDING_MILLIS)
      await actor.look(read.access)
      const control = await actor.act(refreshing(unread.refresh))
      const reply = await actor.act(refreshing(read.refresh))
      if (control._tag !== "Tokens" || reply._tag !== "Refused") return
      const objection = `refresh token ${read.refresh} is dead since its expired access token was looked at; refresh token ${unread.refresh}, as old, is alive`
      return { promise: "ReadsChangeNothing", objection }
    },
  },
]
