/**
 * Arbitrary operations, biased to trouble: replays, wrong proofs, others' tokens, the moment before and after an end.
 *
 * A draft names things relative to what there is by then ("the latest", "the one before"), so that any part of a
 * sequence makes sense without the rest and a failing one can be shortened. `resolve` turns it into an operation.
 */
import fc, { type Arbitrary } from "fast-check"
import { deviceDraftsOf, resolveDevice, type DeviceDraft } from "./DeviceDrafts.ts"
import type { Model } from "./Model.ts"
import { hasKeys, policy, profiles } from "./Opening.ts"
import type { Authentication, Operation, OperationOf, OperationTag, Profile, Ref } from "./Operation.ts"
import { endOf, latest, ownerOf, tagged, type Back, type By, type End } from "./Relative.ts"
import { isOverWire, resolveOverWire, wireDraftsOf, type WireDraft } from "./WireDrafts.ts"

export { isOverWire }

type Relative<Tag extends OperationTag, Names extends string> = Omit<OperationOf<Tag>, Names>

/** An operation whose things are named relative to the model it will meet. */
export type Draft =
  | Exclude<
      Operation,
      {
        _tag:
          | ("Approve" | "Deny" | "Redeem" | "Refresh" | "Exchange" | "Revoke" | "RevokeGrant" | "Verify" | "Pass")
          | ("Push" | "Invite")
      }
    >
  /** `isReplay`: the request that was answered last is answered once more. */
  | (Relative<"Approve", "grant"> & { readonly isReplay: boolean })
  | (Relative<"Deny", "grant"> & { readonly isReplay: boolean })
  | (Relative<"Redeem", "code" | "by"> & { readonly back: Back; readonly by: By })
  | (Relative<"Refresh", "token" | "by"> & { readonly back: Back; readonly by: By })
  /** `by` may be anybody who exchanges; `acting`: which access token is that of who acts, if any. */
  | (Relative<"Exchange", "token" | "actor"> & { readonly back: Back; readonly acting: Back | null })
  | (Relative<"Revoke", "token" | "by"> & { readonly back: Back; readonly by: By })
  | (Relative<"RevokeGrant", "grant"> & { readonly back: number })
  | (Relative<"Verify", "token"> & { readonly back: Back })
  | DeviceDraft
  | WireDraft
  /** Until an end that the latest of its kind has: a second before, at the end, a second after. */
  | {
      readonly _tag: "PassTo"
      readonly end: End
      readonly edge: -1 | 0 | 1
    }
  | { readonly _tag: "Pass"; readonly millis: number }

/** Whole seconds: what every wire format can tell apart. */
const SECOND = 1000

/** The usual, fourteen times of fifteen: a sequence in which everything is wrong gets nowhere. */
const mostly = <A>(usual: A, ...others: ReadonlyArray<A>): Arbitrary<A> =>
  fc.oneof(
    // What shrinks becomes the usual, so that a counterexample says what is odd about it.
    { withCrossShrink: true },
    { weight: 14, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )

const back: Arbitrary<Back> = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constant<Back>(0) },
  { weight: 4, arbitrary: fc.constant<Back>(1) },
  { weight: 2, arbitrary: fc.constantFrom<Array<Back>>(2, 3) },
  { weight: 1, arbitrary: fc.constant<Back>("made up") },
)
const subject = fc.constantFrom(0, 1)
const key = mostly(null, "k1" as const, "k2" as const)
const usualAuthentication = mostly<Authentication>("right", "wrong", "absent")
/** Where some client has keys, and where secrets are replaced with an overlap. */
const anyAuthentication = mostly<Authentication>(
  "right",
  ...(["wrong", "absent", "superseded", "superseded", "replayed", "expired", "misdirected"] as const),
)
const scopes = mostly<ReadonlyArray<string> | null>(
  null,
  ["read"],
  ["read", "write"],
  ["admin"],
  ["unknown"],
  ["unknown", "write"],
  ["offline_access"],
  [],
)
const [one, two] = policy.resources as readonly [string, string]
const resources = mostly<ReadonlyArray<string> | null>(
  null,
  [one],
  [one, two],
  [two],
  ["https://two.example"],
  ["https://other.example/"],
)
type Drafts = {
  readonly [Tag in Draft["_tag"]]?: readonly [weight: number, Arbitrary<Extract<Draft, { _tag: Tag }>>]
}

/**
 * One arbitrary for each kind of draft, and how often it is drawn against the others; so many clients there are, and may
 * register as one of these.
 */
const draftsOf = (clientCount: number, registered: ReadonlyArray<Profile>): Drafts => {
  const clients = Array.from({ length: clientCount }, (_, client) => client)
  const isSigning = hasKeys({ profiles: registered })
  const authentication = isSigning ? anyAuthentication : usualAuthentication
  const client = fc.constantFrom(...clients)
  const by = mostly<By>("owner", ...clients)
  const usual = { client, subject, by, back, key, authentication, scopes, resources, mostly }
  return {
    Approve: [
      20,
      tagged("Approve", {
        client,
        subject,
        basis: mostly<"User" | "Auto" | "Policy">("User", "Auto", "Policy"),
        redirectUri: mostly<"loopback" | "app" | "unregistered">("loopback", "app", "unregistered"),
        key,
        isLate: mostly(false, true),
        scopes,
        resources,
        isReplay: mostly(false, true),
      }),
    ],
    Deny: [
      1,
      tagged("Deny", {
        client,
        subject,
        redirectUri: mostly<"loopback" | "unregistered">("loopback", "unregistered"),
        isReplay: fc.boolean(),
      }),
    ],
    Redeem: [
      30,
      tagged("Redeem", {
        back,
        by,
        authentication,
        verifier: mostly<"right" | "wrong" | "absent" | "malformed">("right", "wrong", "absent", "malformed"),
        redirectUri: mostly<"right" | "wrong" | "absent">("right", "wrong", "absent"),
        resources,
        key,
      }),
    ],
    ...deviceDraftsOf(usual, isSigning),
    ...wireDraftsOf(usual, registered),
    Refresh: [50, tagged("Refresh", { back, by, authentication, scopes, resources, key })],
    ClientCredentials: [
      4,
      tagged("ClientCredentials", {
        by: client,
        authentication,
        scopes,
        resources,
        subject: fc.constantFrom(undefined, 0, 1),
      }),
    ],
    Exchange: [
      8,
      tagged("Exchange", {
        by: mostly(1, ...clients),
        back,
        acting: mostly<Back | null>(null, 0, 1, "made up"),
        authentication,
        scopes,
        resources,
        key,
        mayAct: mostly<Ref | null>(null, 0, 1),
      }),
    ],
    Revoke: [
      8,
      tagged("Revoke", {
        kind: fc.constantFrom("access" as const, "refresh" as const),
        back,
        by,
        authentication,
        cascade: mostly(false, true),
      }),
    ],
    Verify: [20, tagged("Verify", { back })],
    RevokeGrant: [
      1,
      tagged("RevokeGrant", {
        back: fc.constantFrom(0, 1),
        subject: fc.constantFrom<Array<Ref | "operator">>(0, 1, "operator"),
      }),
    ],
    EndSessions: [1, tagged("EndSessions", { subject })],
    DisableSubject: [1, tagged("DisableSubject", { subject })],
    EnableSubject: [1, tagged("EnableSubject", { subject })],
    ForgetSubject: [1, tagged("ForgetSubject", { subject })],
    DisableClient: [1, tagged("DisableClient", { client })],
    EnableClient: [3, tagged("EnableClient", { client })],
    DeleteClient: [1, tagged("DeleteClient", { client })],
    RaiseIssuerEpoch: [1, fc.constant({ _tag: "RaiseIssuerEpoch" })],
    Register: [2, tagged("Register", { client, profile: fc.constantFrom(...registered), flaw: fc.constant(null) })],
    Update: [1, tagged("Update", { client, profile: fc.constantFrom(...registered), flaw: fc.constant(null) })],
    RotateSecret: [
      isSigning ? 3 : 1,
      isSigning
        ? fc.oneof(
            tagged("RotateSecret", { client }),
            tagged("RotateSecret", { client, hasOverlap: fc.constant(true as const) }),
          )
        : tagged("RotateSecret", { client }),
    ],
    PassTo: [
      14,
      tagged("PassTo", {
        end: fc.constantFrom<Array<End>>("code", "access", "window", "refresh", "grant"),
        edge: fc.constantFrom(-1 as const, 0 as const, 1 as const),
      }),
    ],
    Pass: [6, tagged("Pass", { millis: fc.constantFrom(0, SECOND, 29 * SECOND) })],
  }
}

export type DraftTag = Draft["_tag"]

/** Drafts of the kinds that a system can do, with as many clients as it has. */
export const draftArbitrary = (
  isPossible: (tag: DraftTag) => boolean = () => true,
  clientCount: number = profiles.length,
  registered: ReadonlyArray<Profile> = profiles,
): Arbitrary<Draft> =>
  fc.oneof(
    ...Object.entries(draftsOf(clientCount, registered))
      .filter(([tag]) => isPossible(tag as DraftTag))
      .map(([, [weight, arbitrary]]) => ({ weight, arbitrary: arbitrary as Arbitrary<Draft> })),
  )

/** What `draft` means to `model`. What is further back than anything is made up. */
export const resolve = (model: Model, draft: Draft): Operation => {
  switch (draft._tag) {
    case "ApproveDevice":
    case "DenyDevice":
    case "RedeemDevice":
    case "PollDevice":
      return resolveDevice(model, draft)
    case "Push":
    case "OpenPushed":
    case "Invite":
    case "RegisterInvited":
    case "Assert":
      return resolveOverWire(model, draft)
    case "Approve":
    case "Deny": {
      const { isReplay, ...operation } = draft
      return { ...operation, grant: Math.max(0, model.grants.length - (isReplay ? 1 : 0)) }
    }
    case "Redeem": {
      const { back, by, ...operation } = draft
      const code = latest(model.grants, back)
      return { ...operation, code, by: ownerOf(model, by, code === "made up" ? undefined : code) }
    }
    case "Refresh": {
      const { back, by, ...operation } = draft
      const token = latest(model.refreshTokens, back)
      return {
        ...operation,
        token,
        by: ownerOf(model, by, token === "made up" ? undefined : model.refreshTokens[token]!.grant),
      }
    }
    case "Exchange": {
      const { back, acting, ...operation } = draft
      const actor = acting === null ? null : latest(model.accessTokens, acting)
      return { ...operation, token: latest(model.accessTokens, back), actor }
    }
    case "Revoke": {
      const { back, by, ...operation } = draft
      const tokens = operation.kind === "access" ? model.accessTokens : model.refreshTokens
      const token = latest(tokens, back)
      return { ...operation, token, by: ownerOf(model, by, token === "made up" ? undefined : tokens[token]!.grant) }
    }
    case "RevokeGrant": {
      const { back, ...operation } = draft
      return { ...operation, grant: Math.max(0, model.grants.length - 1 - back) }
    }
    case "Verify":
      return { _tag: "Verify", token: latest(model.accessTokens, draft.back) }
    case "PassTo":
      return { _tag: "Pass", millis: Math.max(0, endOf(model, draft.end) + draft.edge * SECOND - model.at) }
    default:
      return draft
  }
}
