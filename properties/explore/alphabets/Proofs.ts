/** Alphabets of what clients prove themselves with, keys and secrets that are replaced; and of what may be allowed besides scopes. */
import { approving, registering } from "../../Asking.ts"
import { opening, profiles } from "../../Opening.ts"
import type { Operation, Profile } from "../../Operation.ts"
import type { Alphabet } from "../Alphabet.ts"
import { CONFIDENTIAL, PUBLIC, nothing, wide } from "./Setting.ts"

const keyed: Profile = { ...profiles[CONFIDENTIAL]!, hasKeys: true }
/** A client that wants bound tokens alone, and one that proves itself by its keys. */
export const signers = [
  opening[0]!,
  registering(PUBLIC, { ...profiles[PUBLIC]!, isBound: true }),
  registering(CONFIDENTIAL, { ...keyed, isBound: true }),
]

const asked = (profile: Profile): Operation => ({ _tag: "Update", client: CONFIDENTIAL, profile, flaw: null })

export const signing: Alphabet = {
  ...nothing,
  approvals: [{ client: PUBLIC }, { client: PUBLIC, key: "k1" }, { client: CONFIDENTIAL }],
  redemptions: [{}, { key: null }, { key: "k1" }, { key: "k2" }, { authentication: "replayed" }],
  refreshes: [{}, { key: null }, { key: "k1" }, { key: "k2" }, { authentication: "expired" }],
  credentials: [{}, { key: "k1" }, { key: "k1", authentication: "misdirected" }],
  others: () => [
    { _tag: "RotateSecret", client: CONFIDENTIAL },
    { _tag: "RotateSecret", client: CONFIDENTIAL, hasOverlap: true },
    asked(keyed),
    asked({ ...keyed, isBound: true }),
    asked(profiles[CONFIDENTIAL]!),
  ],
}

export const secrets: Alphabet = {
  ...nothing,
  approvals: [{ client: CONFIDENTIAL }],
  redemptions: [{}, { authentication: "superseded" }, { authentication: "wrong" }],
  refreshes: [{}, { authentication: "superseded" }],
  revocations: [{ kind: "refresh", authentication: "superseded" }],
  others: () => [
    { _tag: "RotateSecret", client: CONFIDENTIAL },
    { _tag: "RotateSecret", client: CONFIDENTIAL, hasOverlap: true },
    { _tag: "RotateSecret", client: PUBLIC, hasOverlap: true },
    asked({ ...profiles[CONFIDENTIAL]!, hasKeys: true }),
    asked(profiles[CONFIDENTIAL]!),
  ],
  hasTime: true,
}

/** Somebody allowed to see payments, and accounts; the operator registered the other client for payments alone. */
export const allowed = [
  opening[0]!,
  opening[1]!,
  registering(CONFIDENTIAL, { ...profiles[CONFIDENTIAL]!, detailTypes: ["payments"] }),
  approving(0, { ...wide, details: ["some payments", "accounts"] }),
]

export const details: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, grantCount: 2, liveAccessCount: 2, retryCount: 2 },
  redemptions: [{}, { details: ["some payments"] }, { details: ["payments"] }],
  refreshes: [
    {},
    { details: [] },
    { details: ["payments"] },
    { details: ["some payments"] },
    { details: ["accounts"] },
  ],
  exchanges: [
    { by: "others" },
    { by: "others", details: ["some payments"] },
    { by: "others", details: ["payments"] },
    { by: "others", details: ["accounts"] },
  ],
  credentials: [{ details: ["payments"] }, { details: ["some payments", "accounts"] }],
}
