/**
 * The model's things: what there is, what of it is alive, and how a grant ends.
 *
 * Plain data; the rules stand in `Clients.ts` and `Grants.ts`.
 */
import type { OAuthErrorCode } from "../../src/protocol/index.ts"
import type { Authentication, Detail, Key, OperationOf, Profile, Ref, Reply, Step } from "../Operation.ts"

export interface Lifetimes {
  readonly code: number
  readonly accessToken: number
  readonly refreshIdle: number
  readonly grant: number
  /** How long a spent refresh token gets its successor again; 0 is never. */
  readonly retryWindow: number
}

/** What the server was set up to give. `resources` is `null` where any is. */
export interface Policy {
  readonly scopes: ReadonlyArray<string>
  readonly defaultScopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string> | null
  /** Which one a request that names none is for, where that was said. */
  readonly defaultResource?: string
  /** What a client that registered itself may use. */
  readonly registrationGrants: Profile["grantTypes"]
  readonly public: Lifetimes
  readonly confidential: Lifetimes
  /** The key that successors were derived with is not at hand: no answer can be repeated. */
  readonly isRetryKeyMissing?: boolean
  /** Somebody else's server: what it does not say of its lifetimes and of repeating answers is not known for certain. */
  readonly isGuessed?: boolean
  /** Somebody else's server: it says that access tokens live until they expire, whatever becomes of their grant. */
  readonly isAccessStateless?: boolean
  /** How long what a device asked for can be redeemed; default `DEVICE_MILLIS`. */
  readonly device?: number
  /** Who registers itself needs an invitation. */
  readonly isInvited?: boolean
}

/** How long what a device asked for can be answered and redeemed (RFC 8628 3.2). */
export const DEVICE_MILLIS = 600_000
/** How long a secret is good that was replaced with an overlap. */
export const OVERLAP_MILLIS = 2000
/** How long a client can register itself that was invited. */
export const INVITATION_MILLIS = 600_000
/** How long a browser can bring what was pushed (RFC 9126 2.2). */
export const PUSHED_MILLIS = 90_000

export interface ClientThing {
  readonly profile: Profile
  readonly standing: "enabled" | "disabled" | "deleted"
  /** When the secret before ends, where there is one that is not over at once. */
  readonly supersededEnd?: number
}

/** What lets one client register itself. */
export interface InvitationThing {
  readonly expiresAt: number
  readonly isUsed: boolean
}

/** What a client pushed, for a browser to bring. */
export interface PushedThing extends Pick<OperationOf<"Push">, "redirectUri" | "key" | "scopes" | "resources"> {
  readonly client: Ref
  readonly expiresAt: number
  readonly isAnswered: boolean
}

/** Why a grant is over, besides time; `unsure` where somebody else's policy may have ended it (`Tolerance.ts`). */
export type End =
  "unsure" | "denied" | "replay" | "reuse" | "client" | "subject" | "operator" | "client deleted" | "issuer"

export interface GrantThing {
  readonly client: Ref
  readonly subject: Ref | null
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly details: ReadonlyArray<Detail>
  readonly key: Key | null
  readonly hasRefresh: boolean
  readonly code: "none" | "unspent" | "spent"
  /** Whether a device asked for it. */
  readonly isDevice?: true
  readonly codeExpiresAt: number
  readonly expiresAt: number
  readonly end: End | null
  /** The access tokens that were exchanged for it. */
  readonly from: ReadonlyArray<Ref>
  /** The client that alone may exchange its token. */
  readonly mayAct: Ref | null
}

export interface RefreshThing {
  readonly grant: Ref
  readonly key: Key | null
  readonly expiresAt: number
  readonly spentAt: number | null
  readonly successor: Ref | null
  readonly retryCount: number
}

export interface AccessThing {
  readonly grant: Ref
  /** The refresh token that it was got with. */
  readonly from: Ref | null
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly details: ReadonlyArray<Detail>
  readonly key: Key | null
  readonly expiresAt: number
  readonly isRevoked: boolean
}

/** What was asked and answered before, newest first. */
export interface Past {
  readonly step: Step
  readonly older: Past | undefined
}

export interface Model {
  readonly policy: Policy
  readonly at: number
  readonly isInitialized: boolean
  readonly clients: ReadonlyArray<ClientThing>
  readonly disabledSubjects: ReadonlyArray<Ref>
  /** For good; one of these is in no other list. */
  readonly forgottenSubjects: ReadonlyArray<Ref>
  readonly grants: ReadonlyArray<GrantThing>
  readonly refreshTokens: ReadonlyArray<RefreshThing>
  readonly accessTokens: ReadonlyArray<AccessThing>
  readonly invitations: ReadonlyArray<InvitationThing>
  readonly pushed: ReadonlyArray<PushedThing>
  /** Kept by engines that walk one way (`remembering`), for promises that ask who did it. No rule looks at it. */
  readonly past?: Past
}

/** What an operation has to be answered, and how things are afterwards. */
export interface Expected {
  readonly reply: Reply
  readonly model: Model
}

export const emptyModel = (policy: Policy, at: number): Model => ({
  policy,
  at,
  isInitialized: false,
  clients: [],
  disabledSubjects: [],
  forgottenSubjects: [],
  grants: [],
  refreshTokens: [],
  accessTokens: [],
  invitations: [],
  pushed: [],
})

/** `model`, with `step` as what happened last. */
export const remembering = (model: Model, step: Step): Model => ({ ...model, past: { step, older: model.past } })

export const lifetimesOf = (model: Model, client: Ref): Lifetimes =>
  model.clients[client]?.profile.isPublic === false ? model.policy.confidential : model.policy.public

export const done = (model: Model): Expected => ({ reply: { _tag: "Done" }, model })
export const refuse = (model: Model, error: OAuthErrorCode): Expected => ({
  reply: { _tag: "Refused", error },
  model,
})

/** Whether a client shows what proves that it is itself; a public one has nothing to show. */
export const isProof = (model: Model, { profile, supersededEnd = model.at }: ClientThing, shown: Authentication) => {
  if (profile.isPublic) return shown === "right" || shown === "absent"
  return shown === "right" || (shown === "superseded" && profile.hasKeys !== true && model.at < supersededEnd)
}

/** Open and not over, nor is anything that it came of: what came of it may be alive, if no client is suspended. */
export const isGrantAlive = (model: Model, ref: Ref): boolean => {
  const grant = model.grants[ref]
  return (
    grant !== undefined &&
    grant.end === null &&
    model.at < grant.expiresAt &&
    grant.from.every((token) => isAccessAlive(model, token))
  )
}

/** Whether its client, or that of anything it came of, is not enabled. */
export const isSuspended = (model: Model, ref: Ref): boolean => {
  const { client, from } = model.grants[ref]!
  return (
    model.clients[client]?.standing !== "enabled" ||
    from.some((token) => isSuspended(model, model.accessTokens[token]!.grant))
  )
}

export const isAccessAlive = (model: Model, ref: Ref): boolean => {
  const access = model.accessTokens[ref]
  return access !== undefined && !access.isRevoked && model.at < access.expiresAt && isGrantAlive(model, access.grant)
}

/** Ends a grant that is alive; what is over already keeps its reason. */
export const endGrant = (model: Model, ref: Ref, end: End): Model =>
  isGrantAlive(model, ref) ? { ...model, grants: model.grants.with(ref, { ...model.grants[ref]!, end }) } : model

export const endGrants = (model: Model, isMeant: (grant: GrantThing) => boolean, end: End): Model => ({
  ...model,
  grants: model.grants.map((grant) => (grant.end === null && isMeant(grant) ? { ...grant, end } : grant)),
})
