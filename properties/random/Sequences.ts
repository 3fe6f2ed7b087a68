/**
 * Sequences of drafts: single ones, and phrases in which several belong together for something rare to come of them.
 *
 * A phrase is taken in part as often as in whole, and somebody is mostly logged in before anything goes wrong. Also
 * makes a failing sequence shorter, one draft at a time, where fast-check has to leave a phrase as it is.
 */
import fc, { type Arbitrary } from "fast-check"
import {
  approve,
  assert,
  exchange,
  openPushed,
  passTo,
  push,
  redeem,
  refresh,
  registerInvited,
  revoke,
  verify,
} from "../Drafting.ts"
import { draftArbitrary, type Draft, type DraftTag } from "../Drafts.ts"
import { hasKeys, plainly, policy, type Start } from "../Opening.ts"
import type { Ref } from "../Operation.ts"

/** A request for as much as most clients have. */
const opened = (client: Ref): Draft => approve({ client, scopes: ["read", "write"], resources: policy.resources })
const times = (count: number, draft: Draft): ReadonlyArray<Draft> => Array.from({ length: count }, () => draft)

const login = (client: Ref): ReadonlyArray<Draft> => [opened(client), redeem()]
const beginnings: ReadonlyArray<ReadonlyArray<Draft>> = [[], login(0), login(1), [...login(0), ...login(1)]]

/** A client of its own that has no part in what others were granted. */
const STRANGER = 2
const byStranger = { by: STRANGER }

/** Clients that prove themselves: one by a secret, one by keys, where there is such a one. */
const [CONFIDENTIAL, SIGNING] = [1, 4]

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

/** What sequences are made of: drafts that are possible, among clients as there are at the start. */
export interface Parts {
  readonly start?: Start
  readonly isPossible?: (tag: DraftTag) => boolean
}

/** With clients that sign, and secrets that overlap; and what only a wire has. */
const morePhrases: ReadonlyArray<ReadonlyArray<Draft>> = [
  // A secret that was replaced is good for two seconds, where that was asked for, and for no second more.
  [
    opened(CONFIDENTIAL),
    { _tag: "RotateSecret", client: CONFIDENTIAL, hasOverlap: true },
    redeem({ authentication: "superseded" }),
    passTo("overlap", -1),
    refresh(0, { authentication: "superseded" }),
    passTo("overlap", 0),
    refresh(0, { authentication: "superseded" }),
  ],
  // Exchanged again and again: what ends the first token ends the last.
  [...login(CONFIDENTIAL), ...times(3, exchange), revoke("access", 3), verify(0), verify(2)],
  // A client that signs shows the same assertion twice, an old one, and one for somebody else.
  [opened(SIGNING), redeem(), refresh(0, { authentication: "replayed" }), refresh(0)],
  [
    opened(SIGNING),
    redeem({ authentication: "misdirected" }),
    redeem({ authentication: "expired" }),
    redeem({ authentication: "wrong" }),
    redeem(),
  ],
  [push(0), openPushed(0), openPushed(0)],
  [push(0), push(1), openPushed(1, 1), openPushed(1), redeem()],
  [push(0), passTo("pushed", -1), openPushed(0), push(0), passTo("pushed", 0), openPushed(0)],
  [{ _tag: "Invite" }, registerInvited, registerInvited],
  [assert("right"), assert("replayed"), revoke("access", 0), verify(0)],
]

/** All of a phrase, or some of it. */
const phraseArbitrary = ({ start, isPossible }: Required<Parts>): Arbitrary<ReadonlyArray<Draft>> => {
  const known = hasKeys(start) ? [...phrases, ...morePhrases] : phrases
  const possible = known.map((phrase) => phrase.filter(({ _tag }) => isPossible(_tag)))
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
  { start = plainly, isPossible = () => true }: Parts = {},
): Arbitrary<ReadonlyArray<Draft>> => {
  const single = draftArbitrary(isPossible, start.profiles.length, start.profiles).map(
    (draft): ReadonlyArray<Draft> => [draft],
  )
  const part = fc.oneof(
    { withCrossShrink: true },
    { weight: DRAFTS_PER_PHRASE, arbitrary: single },
    { weight: 1, arbitrary: phraseArbitrary({ start, isPossible }) },
  )
  const possible = (phrase: ReadonlyArray<Draft>) => phrase.filter(({ _tag }) => isPossible(_tag))
  // What few sequences would come to by chance, some begin with.
  const first = hasKeys(start) ? [...beginnings, ...morePhrases.map(possible)] : beginnings
  return fc
    .tuple(fc.constantFrom(...first), fc.array(part, { maxLength, size: "max" }))
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
