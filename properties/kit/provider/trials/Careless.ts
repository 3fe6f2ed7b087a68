/**
 * What happens when the handler in between does not do its part: it exchanges for one client what another has loaded,
 * what was loaded long ago, or, where a provider says that it judges all that it is given, a record that was changed.
 *
 * Whoever is refused so must not have done harm, and what is dead is so whatever a record says. Much is tried on one
 * provider: what did it is found by leaving out the rest.
 */
import { approve, passTo, redeem, refresh, revoke, verify } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import type { Abilities } from "../Abilities.ts"
import type { RecordManner } from "../Manner.ts"
import { odd, type Phase } from "../Plan.ts"
import { login, trial, type Trial } from "./Trial.ts"

const forAnother = (draft: Draft): Phase => odd(draft, "with the record that its owner loaded")

/** Whose something is, and who comes with it: public and public, public and confidential, confidential and public. */
const pairs = [
  [0, 2],
  [0, 1],
  [1, 0],
] as const

const strangers: ReadonlyArray<Trial> = pairs.flatMap(([client, by]) => [
  trial(
    `code-for-another.${client}${by}`,
    "BoundMeansBound OnlyTheOwnerCanHarm",
    approve({ client }),
    forAnother(redeem({ by })),
    redeem(),
    forAnother(redeem({ by })),
    verify(),
  ),
  trial(
    `refresh-for-another.${client}${by}`,
    "BoundMeansBound OnlyTheOwnerCanHarm",
    approve({ client }),
    redeem(),
    forAnother(refresh(0, { by })),
    refresh(),
    forAnother(refresh(1, { by })),
    verify(),
    refresh(),
    forAnother(refresh(2, { by })),
  ),
])

/** `manner`: with what was kept. */
const late = (manner: RecordManner): ReadonlyArray<Trial> => {
  const kept = (draft: Draft): Phase => odd(draft, manner)
  return [
    trial("code-twice-by-record", "CodeIsSingleUse ReplayKillsGrant", ...login, kept(redeem())),
    trial("code-after-refresh-by-record", "CodeIsSingleUse ReplayKillsGrant", ...login, refresh(), kept(redeem())),
    trial("refresh-twice-by-record", "RotationIsLinear RetryIsIdempotent", ...login, refresh(), kept(refresh(1))),
    trial("older-refresh-by-record", "ReuseKillsGrant", ...login, refresh(), refresh(), kept(refresh(2))),
    trial("revoked-by-record", "RevocationIsFinal", ...login, revoke("refresh"), kept(refresh())),
    trial("revoked-access-by-record", "RevocationIsFinal", ...login, revoke("access"), kept(refresh())),
    trial("replayed-by-record", "ReplayKillsGrant", ...login, redeem(), kept(refresh())),
    trial("reused-by-record", "ReuseKillsGrant", ...login, refresh(), refresh(), refresh(2), kept(refresh())),
  ]
}

const expired = (name: string, manner: RecordManner): ReadonlyArray<Trial> => [
  trial(`code-${name}`, "ExpiryIsExact", approve(), passTo("code", 0), odd(redeem(), manner)),
  trial(`refresh-${name}`, "ExpiryIsExact", ...login, passTo("refresh", 0), odd(refresh(), manner)),
]

const itsOwn = "with a record that was given to its own client"
const wider = "with a record that was given more scopes"

const changed: ReadonlyArray<Trial> = [
  trial("code-made-its-own", "BoundMeansBound", approve(), odd(redeem({ by: 2 }), itsOwn)),
  trial("refresh-made-its-own", "BoundMeansBound", ...login, odd(refresh(0, { by: 2 }), itsOwn)),
  trial("code-made-wider", "ScopeNeverGrows", approve(), odd(redeem(), wider)),
  trial("refresh-made-wider", "ScopeNeverGrows", ...login, odd(refresh(0, { scopes: ["read", "write"] }), wider)),
]

/** With what a handler comes that kept it: a copy, where nothing is left to handlers that hand back what they got. */
export const keptBy = ({ duties }: Abilities): RecordManner =>
  duties.verifier ? "with a record that was loaded before" : "with a copy of a record that was loaded before"

/** Trials for a handler that does not do its part; a provider that knows one handler is asked by that alone. */
export const carelessTrials = (abilities: Abilities): ReadonlyArray<Trial> => {
  const { followsClock, duties, isJudge, isHandled } = abilities
  if (isHandled) return []
  return [
    ...strangers,
    ...late(keptBy(abilities)),
    ...(followsClock && !duties.verifier ? expired("expired-by-record", keptBy(abilities)) : []),
    ...(isJudge ? changed : []),
    ...(isJudge && followsClock ? expired("made-longer", "with a record that was given a later end") : []),
  ]
}
