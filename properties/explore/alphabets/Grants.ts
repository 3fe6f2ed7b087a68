/** Alphabets of one grant and of a few: codes, tokens, proofs, what is asked for and what is asked for again. */
import { looking, redeeming, refreshing, revoking } from "../../Asking.ts"
import type { Model, Policy } from "../../Model.ts"
import type { Operation } from "../../Operation.ts"
import type { Alphabet } from "../Alphabet.ts"
import { CONFIDENTIAL, NARROW, PUBLIC, nothing, one, other, policy, wide } from "./Setting.ts"

const madeUp = ({ clients }: Model): ReadonlyArray<Operation> => [
  looking("made up"),
  ...[...clients.keys()].flatMap((by): ReadonlyArray<Operation> => [
    redeeming("made up", { by }),
    refreshing("made up", { by }),
    revoking("refresh", "made up", { by }),
  ]),
]

export const tokens: Alphabet = {
  ...nothing,
  approvals: [{ client: PUBLIC }, { client: CONFIDENTIAL }],
  redemptions: [{}, { by: "others" }, { authentication: "wrong" }, { verifier: "wrong" }],
  refreshes: [{}, { by: "others" }, { authentication: "wrong" }],
  revocations: [
    { kind: "refresh" },
    { kind: "access" },
    { kind: "access", cascade: true },
    { kind: "refresh", by: "others" },
    { kind: "access", by: "others" },
    { kind: "refresh", authentication: "wrong" },
  ],
  others: madeUp,
  hasTime: true,
}

export const proofs: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, liveAccessCount: 3, attemptCount: Infinity },
  approvals: [PUBLIC, CONFIDENTIAL].flatMap((client) => [
    { client },
    { client, key: "k1" },
    { client, redirectUri: "app" },
    { client, redirectUri: "unregistered" },
  ]),
  redemptions: [
    {},
    { verifier: "wrong" },
    { verifier: "absent" },
    { verifier: "malformed" },
    { redirectUri: "wrong" },
    { redirectUri: "absent" },
    { authentication: "wrong" },
    { authentication: "absent" },
    { key: null },
    { key: "k1" },
    { key: "k2" },
  ],
  refreshes: [
    {},
    { key: null },
    { key: "k1" },
    { key: "k2" },
    { authentication: "absent" },
    { authentication: "wrong" },
  ],
  revocations: [{ authentication: "absent" }, { authentication: "wrong" }, { kind: "access", authentication: "wrong" }],
}

const SCOPES = [["read"], ["write", "read"], ["admin"], []]
const RESOURCES = [[one], [other, one], ["https://two.example"], ["https://other.example/"], []]
export const narrowing: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, liveAccessCount: 3 },
  approvals: [
    wide,
    {},
    { client: NARROW },
    { client: NARROW, scopes: ["admin"] },
    { client: NARROW, scopes: ["unknown"] },
    { scopes: ["unknown"] },
    { scopes: ["unknown", "write"] },
    { scopes: ["offline_access"] },
    { resources: ["https://two.example"] },
    { resources: ["https://other.example/"] },
  ],
  redemptions: [{}, ...RESOURCES.map((resources) => ({ resources }))],
  refreshes: [
    {},
    ...SCOPES.map((scopes) => ({ scopes })),
    ...RESOURCES.map((resources) => ({ resources })),
    { scopes: ["read"], resources: [one] },
  ],
}

const { defaultResource: _, ...withoutDefault } = policy
/** Nothing is said of requests that name no resource. */
export const undirected: Policy = withoutDefault

const NAMED = [null, [one], [other], ["https://two.example"], ["https://other.example"]]

export const naming: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, grantCount: 2 },
  approvals: NAMED.map((resources) => ({ resources })),
  redemptions: NAMED.map((resources) => ({ resources })),
  credentials: NAMED.map((resources) => ({ resources })),
}

export const retries: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, liveAccessCount: 3, retryCount: Infinity },
  refreshes: [{}, { scopes: ["read"] }, { resources: [one] }, { by: "others" }],
  hasTime: true,
}
