/**
 * The scopes: what the machine is searched for, one alphabet at a time.
 *
 * Everything at once would be too much to exhaust, and most of it without a bearing on the rest. Together they reach
 * every command, event and refusal.
 */
import { approving, exchanging, redeeming, refreshing, registering } from "../Asking.ts"
import { opening } from "../Opening.ts"
import { PUBLIC, approved, nothing, policy, two, wide } from "./alphabets/Setting.ts"
import { clients, documented, documents, subjects } from "./alphabets/Clients.ts"
import { devices, television } from "./alphabets/Devices.ts"
import { agents, chains, exchanges } from "./alphabets/Exchanges.ts"
import { naming, narrowing, proofs, retries, tokens, undirected } from "./alphabets/Grants.ts"
import { allowed, details, secrets, signers, signing } from "./alphabets/Proofs.ts"
import type { Limit, Scope } from "./Scope.ts"

const FULLY: Limit = { depth: Infinity, uniqueStates: Infinity }
const upTo = (depth: number): Limit => ({ depth, uniqueStates: Infinity })

const base = {
  policy,
  opening: two,
  clientCount: 2,
  subjectCount: 1,
  interchangeable: { clients: [], subjects: [] },
} as const

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
    opening: opening.slice(0, 4),
    clientCount: 3,
    alphabet: narrowing,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "several resources",
    purpose: "requests that name no resource, or an origin, where two are known and none is the default",
    policy: undirected,
    alphabet: naming,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "one resource",
    purpose: "the same where one is known",
    policy: { ...undirected, resources: undirected.resources!.slice(1) },
    alphabet: naming,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "retries",
    purpose: "one spent refresh token presented again and again, for ever new subsets",
    opening: [...two, approved, redeeming(), refreshing(0)],
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
    name: "documents",
    purpose: "a client that one document describes and then another, approved on the right one and on the other",
    opening: documented,
    clientCount: 3,
    alphabet: documents,
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
    name: "exchanges",
    purpose: "tokens exchanged for others, by their client or another, and every way in which what they came of ends",
    opening: agents,
    alphabet: exchanges,
    quick: upTo(4),
    deep: upTo(5),
  },
  {
    ...base,
    name: "chains",
    purpose: "a token exchanged again and again, up to the last time, and a link of it that is revoked",
    opening: [...agents, ...Array.from({ length: 7 }, (_, token) => exchanging(token, { by: (token + 1) % 2 }))],
    alphabet: chains,
    quick: upTo(3),
    deep: upTo(4),
  },
  {
    ...base,
    name: "strangers to exchange",
    purpose: "exchanges by clients that may not: public ones, those without the grant type, those nobody vouched for",
    opening: [...opening, approving(0, { ...wide, key: "k1" }), redeeming(0, { key: "k1" })],
    clientCount: 4,
    alphabet: {
      ...nothing,
      bounds: { ...nothing.bounds, grantCount: 3 },
      exchanges: [{}, { by: "others" }, { by: "others", key: null }],
      refreshes: [{}],
      revocations: [{ kind: "access" }],
      hasTime: true,
    },
    quick: upTo(5),
    deep: upTo(7),
  },
  {
    ...base,
    name: "device codes",
    purpose: "what devices ask for, answered yes or no, asked with until then and redeemed, beside authorization codes",
    opening: [opening[0]!, registering(PUBLIC, television), opening[2]!],
    alphabet: devices,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "keys",
    purpose: "a client that proves itself by its keys, or by a secret again, and clients that want bound tokens alone",
    opening: signers,
    alphabet: signing,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "secrets",
    purpose:
      "a secret that is replaced, once and again, with an overlap and without, and the old ones over all of time",
    alphabet: secrets,
    quick: FULLY,
    deep: FULLY,
  },
  {
    ...base,
    name: "details",
    purpose: "what is allowed besides scopes: asked for, narrowed, and asked for again",
    opening: allowed,
    alphabet: details,
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
      redeeming(),
      ...Array.from({ length: 62 }, (_, token) => refreshing(token)),
      ...Array.from({ length: 7 }, () => refreshing(61)),
    ],
    alphabet: {
      ...nothing,
      bounds: { ...nothing.bounds, liveAccessCount: Infinity, retryCount: Infinity },
      refreshes: [{}, { scopes: ["read"] }],
      revocations: [{ kind: "access" }],
    },
    quick: upTo(4),
    deep: upTo(10),
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
