/**
 * Sequences of drafts: single ones, and phrases in which several belong together for something rare to come of them.
 *
 * A phrase is taken in part as often as in whole, and somebody is mostly logged in before anything goes wrong. Also
 * makes a failing sequence shorter, one draft at a time, where fast-check has to leave a phrase as it is.
 */
import fc, { type Arbitrary } from "fast-check"
import { approve, passTo, redeem, refresh, revoke } from "../Drafting.ts"
import { draftArbitrary, type Draft, type DraftTag } from "../Drafts.ts"
import { policy } from "../Opening.ts"
import type { Ref } from "../Operation.ts"

/** A request for as much as most clients have. */
const opened = (client: Ref): Draft => approve({ client, scopes: ["read", "write"], resources: policy.resources })
const times = (count: number, draft: Draft): ReadonlyArray<Draft> => Array.from({ length: count }, () => draft)

const login = (client: Ref): ReadonlyArray<Draft> => [opened(client), redeem()]
const beginnings: ReadonlyArray<ReadonlyArray<Draft>> = [[], login(0), login(1), [...login(0), ...login(1)]]

/** A client of its own that has no part in what others were granted. */
const STRANGER = 2
const byStranger = { by: STRANGER }

/** One more than is recorded of anything. */
const TOO_OFTEN = 9

const phrases: ReadonlyArray<ReadonlyArray<Draft>> = [
  // The retry window is measured from the rotation, whatever was retried since.
  [refresh(0), passTo("window", -1), refresh(1), passTo("window", 0), refresh(1)],
  [refresh(0), refresh(0), refresh(2)],
  [
    revoke("refresh", 0, STRANGER),
    revoke("access", 0, STRANGER),
    refresh(0),
    refresh(1, byStranger),
    refresh(0, byStranger),
  ],
  [redeem({ verifier: "wrong" }), redeem({ verifier: "absent" }), redeem()],
  [revoke("access"), revoke("refresh")],
  [
    { _tag: "DisableClient", client: 0 },
    { _tag: "EnableClient", client: 0 },
    { _tag: "DeleteClient", client: 0 },
  ],
  [{ _tag: "EndSessions", subject: 0 }],
  [{ _tag: "RaiseIssuerEpoch" }],
  [refresh(0), ...times(TOO_OFTEN, refresh(1))],
  [opened(0), ...times(TOO_OFTEN, redeem({ verifier: "wrong" })), redeem()],
  [refresh(0), passTo("access", 0), refresh(0), passTo("access", -1), refresh(0), passTo("grant", -1), refresh(0)],
]

/** All of a phrase, or some of it. */
const phraseArbitrary = (isPossible: (tag: DraftTag) => boolean): Arbitrary<ReadonlyArray<Draft>> => {
  const possible = phrases.map((phrase) => phrase.filter(({ _tag }) => isPossible(_tag)))
  const whole = fc.constantFrom(...possible.filter((phrase) => phrase.length > 0))
  return fc.oneof(
    whole,
    whole.chain((phrase) => fc.subarray([...phrase], { minLength: 1 })),
  )
}

/** How much rarer a phrase is than a single draft. */
const DRAFTS_PER_PHRASE = 12

export const sequences = (
  maxLength: number,
  isPossible: (tag: DraftTag) => boolean = () => true,
): Arbitrary<ReadonlyArray<Draft>> => {
  const single = draftArbitrary(isPossible).map((draft): ReadonlyArray<Draft> => [draft])
  const part = fc.oneof(
    { withCrossShrink: true },
    { weight: DRAFTS_PER_PHRASE, arbitrary: single },
    { weight: 1, arbitrary: phraseArbitrary(isPossible) },
  )
  return fc
    .tuple(fc.constantFrom(...beginnings), fc.array(part, { maxLength, size: "max" }))
    .map(([beginning, parts]) => [...beginning, ...parts.flat()])
}

/** Leaves out whatever `drafts` fail without: yields what to try, is told whether it fails, ends with the shortest. */
export function* shortened(
  drafts: ReadonlyArray<Draft>,
): Generator<ReadonlyArray<Draft>, ReadonlyArray<Draft>, boolean> {
  let shortest = drafts
  for (let size = Math.max(1, shortest.length >> 1); size >= 1; size >>= 1) {
    for (let index = shortest.length - size; index >= 0; index--) {
      const without = shortest.toSpliced(index, size)
      if (yield without) shortest = without
    }
  }
  return shortest
}
