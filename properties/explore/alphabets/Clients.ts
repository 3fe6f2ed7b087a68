/** Alphabets of clients that come, change and go, of documents that describe them, and of subjects. */
import { registering } from "../../Asking.ts"
import { opening, profiles } from "../../Opening.ts"
import { flaws, type Flaw, type Operation, type Profile } from "../../Operation.ts"
import type { Alphabet } from "../Alphabet.ts"
import { CONFIDENTIAL, PUBLIC, nothing } from "./Setting.ts"

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
