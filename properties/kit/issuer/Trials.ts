/**
 * What is tried on a server that nobody can look into: short stories, each with one login and one trouble.
 *
 * They only act. Whether what came of it breaks a promise is judged afterwards, and by the promises alone; `promises`
 * names those that a story is told for, so that it can be left out when they are not asked for.
 */
import { approving, refreshing, redeeming, refreshTokensIn, revoking, tokensIn, type Actor } from "./Actor.ts"
import { NotTried, type Issuer } from "./Issuer.ts"

export interface Trial {
  /** Also the path to replay it by. */
  readonly name: string
  readonly promises: ReadonlyArray<string>
  /** Whether chance decides: it is told more than once where logins cost nothing. */
  readonly isRace?: boolean
  /** What two sessions show side by side, and no step by itself, is objected to here. */
  readonly act: (actor: Actor, issuer: Issuer) => Promise<Objected | void>
}

export interface Objected {
  readonly promise: string
  readonly objection: string
}

/** A token that ends in the middle of a second is looked at a little later. */
const ROUNDING_MILLIS = 500

const times = <A>(count: number, item: A): ReadonlyArray<A> => Array.from({ length: count }, () => item)

/** Refreshes with each, and looks at what came of it: a session that is answered has to be one. */
const useAll = async ({ act, look }: Actor, tokens: ReadonlyArray<number>): Promise<void> => {
  for (const token of tokens) {
    const [next] = tokensIn([await act(refreshing(token))])
    if (next !== undefined) await look(next.access)
  }
}

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

export const trials: ReadonlyArray<Trial> = [
  {
    name: "code-replay",
    promises: ["CodeIsSingleUse", "ReplayKillsGrant", "RotationIsLinear"],
    act: async (actor) => {
      const { access, refresh } = await actor.session()
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
      if (next?.refresh != null) await useAll(actor, [next.refresh])
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
      if (next?.refresh != null) await useAll(actor, [next.refresh])
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
    act: async (actor, issuer) => {
      const [one, two] = twoScopes(issuer)
      const { refresh } = await actor.session({ scopes: [one] })
      const [wide] = tokensIn([await actor.act(refreshing(refresh, { scopes: [one, two] }))])
      if (wide !== undefined) await actor.look(wide.access)
      const made = ["no-such-scope-here"]
      const [madeUp] = tokensIn([await actor.act(refreshing(wide?.refresh ?? refresh, { scopes: made }))])
      if (madeUp !== undefined) await actor.look(madeUp.access)
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
      const { access, refresh } = await actor.session()
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
