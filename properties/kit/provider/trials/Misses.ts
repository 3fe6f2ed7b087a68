/**
 * What is nearly right and so is wrong: redirect URIs, verifiers and challenges that a sloppy comparison takes for the
 * right ones.
 *
 * Each code is tried once, for a server may let it go after one attempt.
 */
import { approve, redeem, refresh, verify } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import type { Abilities } from "../Abilities.ts"
import {
  challengeMisses,
  redirectMisses,
  verifierMisses,
  type ChallengeMiss,
  type Manner,
  type RedirectMiss,
  type VerifierMiss,
} from "../Manner.ts"
import { odd, type Phase } from "../Plan.ts"
import { login, trial, type Trial } from "./Trial.ts"

const namesOf = <Key extends Manner>(table: Readonly<Record<Key, unknown>>): ReadonlyArray<Key> =>
  Object.keys(table) as Array<Key>

const unregistered = (miss: RedirectMiss): Phase => odd(approve({ redirectUri: "unregistered" }), miss)

const elsewhere = (miss: RedirectMiss) =>
  [approve({ redirectUri: "app" }), odd(redeem({ redirectUri: "wrong" }), miss)] as const

const unproven = (miss: VerifierMiss) => [approve(), odd(redeem({ verifier: "wrong" }), miss)] as const

/** What an odd challenge was made of is no verifier of it. */
const made: VerifierMiss = "namely the one that the challenge was made of"

const unanswerable = (miss: ChallengeMiss) => [odd(approve(), miss), odd(redeem({ verifier: "wrong" }), made)] as const

const unasked: ReadonlyArray<Phase | Draft> = [
  ...(["absent", "wrong", "malformed"] as const).flatMap((verifier) => [
    odd(approve(), "with an empty challenge"),
    redeem({ verifier }),
  ]),
  odd(approve(), "with an empty challenge"),
  odd(redeem({ verifier: "wrong" }), "namely nothing at all"),
]

/** Trials for comparisons. */
export const missTrials = ({ checksRedirectUri, duties, loadsAccess }: Abilities): ReadonlyArray<Trial> => {
  const redirects = namesOf(redirectMisses)
  const verifiers = namesOf(verifierMisses).filter((miss) => miss !== made)
  const loaded = odd(verify(), "through loadAccessToken")
  return [
    trial("state", "EveryCallIsAnswered", approve(), odd(approve(), "without state")),
    ...(checksRedirectUri
      ? [trial("redirect-nearly-registered", "ConsentComesFirst", ...redirects.map(unregistered))]
      : []),
    ...(duties.redirectUri ? [] : [trial("redirect-nearly-right", "BoundMeansBound", ...redirects.flatMap(elsewhere))]),
    ...(duties.verifier
      ? []
      : [
          trial("verifier-nearly-right", "BoundMeansBound", ...verifiers.flatMap(unproven)),
          trial("challenge-nearly-right", "BoundMeansBound", ...namesOf(challengeMisses).flatMap(unanswerable)),
          trial("challenge-empty", "BoundMeansBound", ...unasked),
        ]),
    ...(loadsAccess ? [trial("access-is-loaded", "ExpiryIsExact", ...login, loaded, refresh(), loaded)] : []),
  ]
}
