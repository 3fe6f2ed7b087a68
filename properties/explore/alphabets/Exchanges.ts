/** Alphabets of tokens that are exchanged for others, and of the ends of what they came of. */
import { approving, exchanging, redeeming, registering } from "../../Asking.ts"
import { opening, profiles } from "../../Opening.ts"
import type { Alphabet } from "../Alphabet.ts"
import { CONFIDENTIAL, nothing, one, other, wide } from "./Setting.ts"

/** Everybody is confidential, and may exchange what it holds: a token for less than its grant. */
export const agents = [
  opening[0]!,
  ...[0, 1].map((client) => registering(client, profiles[CONFIDENTIAL])),
  approving(0, wide),
  redeeming(0, { resources: [one] }),
]

export const exchanges: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, grantCount: 3 },
  exchanges: [
    {},
    { by: "others" },
    { by: "others", scopes: ["read"], resources: [one] },
    { scopes: ["admin"] },
    { resources: [other] },
    { isActing: true },
    { mayAct: 0 },
    { authentication: "wrong" },
  ],
  revocations: [{ kind: "access" }, { kind: "refresh" }],
  revokers: ["operator"],
  others: () => [
    { _tag: "DisableClient", client: 0 },
    { _tag: "EnableClient", client: 0 },
    { _tag: "DeleteClient", client: 1 },
    { _tag: "EndSessions", subject: 0 },
    exchanging("made up"),
  ],
  hasTime: true,
}

export const chains: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, grantCount: Infinity },
  exchanges: [{ by: "others" }],
  revocations: [{ kind: "access" }],
}
