/**
 * The alphabets that the scopes are searched with, and what they start from.
 *
 * Each has the rules that meet each other in full, and the rest at its simplest.
 */
import {
  approving,
  exchanging,
  looking,
  redeeming,
  redeemingDevice,
  refreshing,
  registering,
  revoking,
} from "../Asking.ts"
import { deviceProfile, opening, policy as lived, profiles } from "../Opening.ts"
import type { Lifetimes, Model, Policy } from "../Model.ts"
import { flaws, type Flaw, type Operation, type Profile } from "../Operation.ts"
import { TICK_MILLIS, type Alphabet } from "./Alphabet.ts"

const ticks = (lifetimes: Lifetimes): Lifetimes => ({
  code: lifetimes.code * TICK_MILLIS,
  accessToken: lifetimes.accessToken * TICK_MILLIS,
  refreshIdle: lifetimes.refreshIdle * TICK_MILLIS,
  grant: lifetimes.grant * TICK_MILLIS,
  retryWindow: lifetimes.retryWindow * TICK_MILLIS,
})

/** As short as may be with no two that could be mixed up: what matters is which end comes first, not when. */
export const policy: Policy = {
  ...lived,
  public: ticks({ retryWindow: 2, code: 1, accessToken: 3, refreshIdle: 4, grant: 5 }),
  confidential: ticks({ retryWindow: 1, code: 2, accessToken: 4, refreshIdle: 3, grant: 4 }),
}

export const nothing: Alphabet = {
  bounds: { grantCount: 1, liveAccessCount: 2, retryCount: 1, attemptCount: 1 },
  approvals: [],
  denials: [],
  hasSecondAnswers: false,
  redemptions: [],
  refreshes: [],
  revocations: [],
  revokers: [],
  credentials: [],
  exchanges: [],
  others: () => [],
  hasTime: false,
}

const madeUp = ({ clients }: Model): ReadonlyArray<Operation> => [
  looking("made up"),
  ...[...clients.keys()].flatMap((by): ReadonlyArray<Operation> => [
    redeeming("made up", { by }),
    refreshing("made up", { by }),
    revoking("refresh", "made up", { by }),
  ]),
]

/** An issuer, a public and a confidential client. */
export const two = opening.slice(0, 3)
export const [PUBLIC, CONFIDENTIAL, NARROW] = [0, 1, 2]
const [one, other] = policy.resources as readonly [string, string]

/** A request of the public client that asked for two scopes and two resources. */
export const wide = { scopes: ["read", "write"], resources: [one, other] } as const
export const approved = approving(0, wide)

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

const asDevice = { verifier: "absent", redirectUri: "absent", isDevice: true } as const

/** Both clients may use device codes; what waits is of either, and so is who asks with it. */
export const devices: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, retryCount: 0 },
  approvals: [PUBLIC, CONFIDENTIAL].flatMap((client) => [
    { client },
    { client, isDevice: true },
    { client, isDevice: true, basis: "Auto" },
    { client, isDevice: true, isLate: true },
  ]),
  denials: [PUBLIC, CONFIDENTIAL].map((client) => ({ client, isDevice: true })),
  hasSecondAnswers: true,
  redemptions: [
    {},
    { ...asDevice },
    { ...asDevice, by: "others" },
    { ...asDevice, authentication: "wrong" },
    { ...asDevice, key: "k1" },
    { ...asDevice, resources: [one] },
    { ...asDevice, resources: ["https://other.example/"] },
  ],
  refreshes: [{}],
  revocations: [{ kind: "refresh" }],
  others: ({ clients }) => [
    ...[...clients.keys()].flatMap((client): ReadonlyArray<Operation> => [
      redeemingDevice("made up", { by: client }),
      ...[...clients.keys()].flatMap((by) =>
        [false, true].map((isLate) => redeemingDevice("made up", { by, waits: { client, isLate } })),
      ),
    ]),
    { _tag: "DisableClient", client: CONFIDENTIAL },
    { _tag: "EnableClient", client: CONFIDENTIAL },
  ],
  hasTime: true,
}

/** The public client is good for device codes as well, as the operator said. */
export const television = {
  ...profiles[PUBLIC]!,
  isSelfRegistered: false,
  grantTypes: deviceProfile.grantTypes.filter((one) => one !== "client_credentials"),
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

export const clients: Alphabet = {
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

/** A client that two documents describe in turn, and one that is registered. */
const byDocument = [1, 2].map((document): Profile => ({ ...profiles[PUBLIC]!, isSelfRegistered: true, document }))
export const documented = [opening[0]!, registering(0, byDocument[0]), registering(1, profiles[PUBLIC])]

export const documents: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, grantCount: 2 },
  approvals: [{ document: 1 }, { document: 2 }, {}, { client: 1 }, { client: 2, document: 1 }],
  redemptions: [{}],
  refreshes: [{}],
  others: ({ clients }) => [
    ...byDocument.map((profile): Operation => ({ _tag: "Update", client: 0, profile, flaw: null })),
    { _tag: "Update", client: 0, profile: profiles[PUBLIC]!, flaw: null },
    { _tag: "Update", client: 1, profile: byDocument[0]!, flaw: null },
    { _tag: "Register", client: 0, profile: byDocument[1]!, flaw: null },
    ...(clients.length < 3 ? [registering(2, byDocument[0])] : []),
    { _tag: "DisableClient", client: 0 },
    { _tag: "EnableClient", client: 0 },
    { _tag: "DeleteClient", client: 0 },
  ],
}

export const subjects: Alphabet = {
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
      { _tag: "ForgetSubject", subject },
    ]),
    { _tag: "RaiseIssuerEpoch" },
    { _tag: "DisableClient", client: PUBLIC },
    { _tag: "EnableClient", client: PUBLIC },
  ],
}
