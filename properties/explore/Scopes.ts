/**
 * The scopes: what the machine is searched for, one alphabet at a time.
 *
 * Everything at once would be too much to exhaust, and most of it without a bearing on the rest. Each scope has the
 * rules that meet each other in full and the rest at its simplest; together they reach every command, event and refusal.
 */
import { opening, policy as lived, profiles } from "../Commands.ts"
import type { Lifetimes, Model, Policy } from "../Model.ts"
import { flaws, type Flaw, type Operation } from "../Operation.ts"
import { TICK_MILLIS, type Alphabet } from "./Alphabet.ts"
import type { Limit } from "./Explore.ts"
import type { Scope } from "./Scope.ts"

const ticks = (lifetimes: Lifetimes): Lifetimes => ({
  code: lifetimes.code * TICK_MILLIS,
  accessToken: lifetimes.accessToken * TICK_MILLIS,
  refreshIdle: lifetimes.refreshIdle * TICK_MILLIS,
  grant: lifetimes.grant * TICK_MILLIS,
  retryWindow: lifetimes.retryWindow * TICK_MILLIS,
})

/** As short as may be with no two that could be mixed up: what matters is which end comes first, not when. */
const policy: Policy = {
  ...lived,
  public: ticks({ retryWindow: 2, code: 1, accessToken: 3, refreshIdle: 4, grant: 5 }),
  confidential: ticks({ retryWindow: 1, code: 2, accessToken: 4, refreshIdle: 3, grant: 4 }),
}

const nothing: Alphabet = {
  bounds: { grantCount: 1, liveAccessCount: 2, retryCount: 1, attemptCount: 1 },
  approvals: [],
  denials: [],
  hasSecondAnswers: false,
  redemptions: [],
  refreshes: [],
  revocations: [],
  revokers: [],
  credentials: [],
  others: () => [],
  hasTime: false,
}

const FULLY: Limit = { depth: Infinity, uniqueStates: Infinity }
const upTo = (depth: number): Limit => ({ depth, uniqueStates: Infinity })

const madeUp = ({ clients }: Model): ReadonlyArray<Operation> => [
  { _tag: "Verify", token: "made up" },
  ...[...clients.keys()].flatMap((by): ReadonlyArray<Operation> => {
    const proven = { by, authentication: "right" } as const
    return [
      { _tag: "Redeem", code: "made up", ...proven, ...PROOFS },
      { _tag: "Refresh", token: "made up", ...proven, ...ALL },
      { _tag: "Revoke", kind: "refresh", token: "made up", ...proven, cascade: false },
    ]
  }),
]

/** An issuer, a public and a confidential client. */
const two = opening.slice(0, 3)
const [PUBLIC, CONFIDENTIAL, NARROW] = [0, 1, 2]
const [one, other] = policy.resources as readonly [string, string]

const PROOFS = { verifier: "right", redirectUri: "right", resources: null, key: null } as const
const ALL = { scopes: null, resources: null, key: null } as const

/** A request of the public client that asked for two scopes and two resources. */
const wide = { scopes: ["read", "write"], resources: [one, other] } as const
const proven = { by: PUBLIC, authentication: "right" } as const
const approved: Operation = {
  _tag: "Approve",
  grant: 0,
  client: PUBLIC,
  subject: 0,
  basis: "User",
  redirectUri: "loopback",
  key: null,
  isLate: false,
  ...wide,
}
const redeemed: Operation = { _tag: "Redeem", code: 0, ...proven, ...PROOFS }
const refreshed = (token: number): Operation => ({ _tag: "Refresh", token, ...proven, ...ALL })

const base = {
  policy,
  opening: two,
  clientCount: 2,
  subjectCount: 1,
  interchangeable: { clients: [], subjects: [] },
} as const

const tokens: Alphabet = {
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

const proofs: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, liveAccessCount: 3, attemptCount: Infinity },
  approvals: [PUBLIC, CONFIDENTIAL].flatMap((client) => [
    { client },
    { client, key: "k1" },
    { client, redirectUri: "app" },
    { client, redirectUri: "unregistered" },
  ]),
  redemptions: [
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
  refreshes: [{ key: null }, { key: "k1" }, { key: "k2" }, { authentication: "absent" }, { authentication: "wrong" }],
  revocations: [{ authentication: "absent" }, { authentication: "wrong" }, { kind: "access", authentication: "wrong" }],
}

const SCOPES = [["read"], ["write", "read"], ["admin"], []]
const RESOURCES = [[one], [other, one], ["https://other.example/"], []]
const narrowing: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, liveAccessCount: 3 },
  approvals: [
    wide,
    {},
    { client: NARROW },
    { client: NARROW, scopes: ["admin"] },
    { scopes: ["unknown"] },
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

const retries: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, liveAccessCount: 3, retryCount: Infinity },
  refreshes: [{}, { scopes: ["read"] }, { resources: [one] }, { by: "others" }],
  hasTime: true,
}

/** The flaw stands in a profile that can have it. */
const flawed = flaws.map((flaw) => ({
  flaw,
  profile: profiles[flaw === "confidential-without-secret" ? CONFIDENTIAL : PUBLIC]!,
}))
const ofRegistrationAlone: ReadonlyArray<Flaw> = [
  "public-with-secret",
  "confidential-without-secret",
  "quota-exhausted",
]
const sound = profiles.map((profile) => ({ profile, flaw: null }))

const clients: Alphabet = {
  ...nothing,
  approvals: [0, 1].map((client) => ({ client })),
  credentials: [{}, { authentication: "wrong" }, { scopes: ["unknown"] }],
  redemptions: [{}],
  refreshes: [{}],
  others: ({ clients }) => [
    { _tag: "Initialize" },
    { _tag: "RaiseIssuerEpoch" },
    ...(clients.length < 2 ? [...clients.keys(), clients.length] : [...clients.keys()]).flatMap(
      (client): ReadonlyArray<Operation> => [
        ...[...sound, ...flawed].map((asked): Operation => ({ _tag: "Register", client, ...asked })),
        ...[...sound, ...flawed.filter(({ flaw }) => !ofRegistrationAlone.includes(flaw))].map((asked): Operation => ({
          _tag: "Update",
          client,
          ...asked,
        })),
        { _tag: "RotateSecret", client },
        { _tag: "DisableClient", client },
        { _tag: "EnableClient", client },
        { _tag: "DeleteClient", client },
      ],
    ),
  ],
}

const subjects: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, grantCount: 2, retryCount: 0 },
  approvals: [0, 1].flatMap((subject) => [
    { subject },
    { subject, basis: "Auto", redirectUri: "app" },
    { subject, isLate: true },
  ]),
  denials: [0, 1].flatMap((subject) => [{ subject }, { subject, redirectUri: "unregistered" }]),
  hasSecondAnswers: true,
  redemptions: [{}],
  refreshes: [{}],
  revokers: [0, 1, "operator"],
  others: () => [
    ...[0, 1].flatMap((subject): ReadonlyArray<Operation> => [
      { _tag: "EndSessions", subject },
      { _tag: "DisableSubject", subject },
      { _tag: "EnableSubject", subject },
    ]),
    { _tag: "RaiseIssuerEpoch" },
    { _tag: "DisableClient", client: PUBLIC },
    { _tag: "EnableClient", client: PUBLIC },
  ],
}

export const scopes: ReadonlyArray<Scope> = [
  {
    ...base,
    name: "one grant",
    purpose: "a code and its tokens, in the hands of their client and of another, over all of time",
    alphabet: tokens,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "proofs",
    purpose: "verifiers, redirect URIs, keys and secrets, right and wrong, up to the last recorded attempt",
    alphabet: proofs,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "narrowing",
    purpose: "scopes and resources asked for, granted, narrowed and asked for again",
    opening,
    clientCount: 3,
    alphabet: narrowing,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "retries",
    purpose: "one spent refresh token presented again and again, for ever new subsets",
    opening: [...two, approved, redeemed, refreshed(0)],
    alphabet: retries,
    quick: upTo(6),
    deep: FULLY,
  },
  {
    ...base,
    name: "clients",
    purpose: "clients come, change, are suspended and go, from a log without an issuer on",
    opening: [],
    interchangeable: { clients: [0, 1], subjects: [] },
    alphabet: clients,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "subjects",
    purpose: "requests answered, answered again, and ended by those who gave them, or by the operator",
    subjectCount: 2,
    interchangeable: { clients: [], subjects: [0, 1] },
    alphabet: subjects,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "limits",
    purpose: "a grant with nearly as many live access tokens and retries as are recorded, and a few more",
    opening: [
      ...two,
      approved,
      redeemed,
      ...Array.from({ length: 62 }, (_, token) => refreshed(token)),
      ...Array.from({ length: 7 }, () => refreshed(61)),
    ],
    alphabet: {
      ...nothing,
      bounds: { ...nothing.bounds, liveAccessCount: Infinity, retryCount: Infinity },
      refreshes: [{}, { scopes: ["read"] }],
      revocations: [{ kind: "access" }],
    },
    quick: upTo(4),
    deep: upTo(12),
  },
  {
    ...base,
    name: "no window",
    purpose: "a server that answers no refresh twice",
    policy: { ...policy, public: { ...policy.public, retryWindow: 0 } },
    alphabet: { ...tokens, approvals: [{ client: PUBLIC }] },
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "lost key",
    purpose: "a server that cannot derive again what it derived before",
    policy: { ...policy, isRetryKeyMissing: true },
    alphabet: { ...tokens, approvals: [{ client: PUBLIC }], revocations: [] },
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "three grants",
    purpose: "the tokens of three grants, of one client or of two, mixed up in every way",
    alphabet: { ...tokens, bounds: { ...tokens.bounds, grantCount: 3 } },
    quick: upTo(6),
    deep: upTo(11),
  },
]
