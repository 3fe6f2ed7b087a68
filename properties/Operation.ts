/**
 * What can be tried on an authorization server, and what it can be seen to answer; the words of every engine here.
 *
 * Nothing has a real name in an operation. A client, a subject, a grant, a token is the number it came into being
 * with: client 0 is the first, access token 3 the fourth that was ever handed out. So a sequence of operations can be
 * shortened, replayed and compared between systems that mint different strings. It never says what is right.
 */
import type { DEVICE_CODE_GRANT, OAuthErrorCode } from "../src/protocol/index.ts"

/** The number of a thing, by order of appearance among its kind. */
export type Ref = number

/** A key that a caller proved possession of: as many as it takes to mix two of them up. */
export type Key = "k1" | "k2"

/** RFC 8693 2.1. */
export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
/** RFC 7523 2.1. */
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

/** What may be allowed besides scopes (RFC 9396): some of the payments are less than the payments, accounts are another thing. */
export type Detail = "payments" | "some payments" | "accounts"

/** What a client registers as. `scopes` is `null` for a client that names none; the operator adds it unless it does itself. */
export interface Profile {
  /** The document that describes it, by its number; absent for who registered, or was added. It counts as nobody's. */
  readonly document?: number
  readonly isPublic: boolean
  /** Whether it is confidential by keys that it published, and has no secret. */
  readonly hasKeys?: true
  /** The kinds of details that it may have, where it registered for some (RFC 9396 10). */
  readonly detailTypes?: ReadonlyArray<"payments" | "accounts">
  /** Whether it takes no token but one that is bound to a key (RFC 9449 5.2). */
  readonly isBound?: true
  readonly isSelfRegistered: boolean
  readonly scopes: ReadonlyArray<string> | null
  readonly grantTypes: ReadonlyArray<
    | "authorization_code"
    | "refresh_token"
    | "client_credentials"
    | typeof TOKEN_EXCHANGE
    | typeof DEVICE_CODE_GRANT
    | typeof JWT_BEARER
  >
}

/** What is wrong with a registration, on purpose; one for each rule it can break. */
export const flaws = [
  "metadata-too-large",
  "redirect-uri-bad",
  "redirect-uri-missing",
  "response-type-mismatch",
  "refresh-without-code",
  "public-with-secret",
  "confidential-without-secret",
  "public-for-itself",
  "scope-bad",
  "keys-twice",
  "keys-uri-bad",
  "quota-exhausted",
] as const
export type Flaw = (typeof flaws)[number]

/**
 * Superseded is the secret that was replaced last. The last three are assertions, of who proves itself by keys: one that
 * was taken before, one that is too old, and one for another server.
 */
export type Authentication = "right" | "wrong" | "absent" | "superseded" | "replayed" | "expired" | "misdirected"
export type Verifier = "right" | "wrong" | "absent" | "malformed"
export type RedirectUri = "right" | "wrong" | "absent"

/** A presented code or token: the number of one that was handed out, or something made up in its form. */
export type Presented = Ref | "made up"

export interface Proven {
  readonly by: Ref
  readonly authentication: Authentication
}

export interface Asked {
  readonly scopes: ReadonlyArray<string> | null
  readonly resources: ReadonlyArray<string> | null
}

/** What somebody else's word for a person is worth: an assertion as it should be, or what is wrong with it. */
export type Assertion = "right" | "replayed" | "expired" | "misdirected" | "of another client" | "of another kind"

export type Operation =
  | { readonly _tag: "Initialize" }
  /** `invitation`: what it was invited with, if anything. */
  | {
      readonly _tag: "Register"
      readonly client: Ref
      readonly profile: Profile
      readonly flaw: Flaw | null
      readonly invitation?: Presented
    }
  | { readonly _tag: "Update"; readonly client: Ref; readonly profile: Profile; readonly flaw: Flaw | null }
  /** The operator invites one client to register itself. */
  | { readonly _tag: "Invite"; readonly invitation: Ref }
  /** `hasOverlap`: the secret that is replaced is good for a while longer. */
  | { readonly _tag: "RotateSecret"; readonly client: Ref; readonly hasOverlap?: true }
  | { readonly _tag: "DisableClient"; readonly client: Ref }
  | { readonly _tag: "EnableClient"; readonly client: Ref }
  | { readonly _tag: "DeleteClient"; readonly client: Ref }
  /** A client sends by itself what a browser is to ask for (RFC 9126); the number of a request that was pushed is its own. */
  | ({
      readonly _tag: "Push"
      readonly request: Ref
      readonly redirectUri: "loopback" | "app" | "unregistered"
      readonly key: Key | null
    } & Proven &
      Asked)
  /**
   * `grant` is the request that is answered: the next number, or one that was answered before. All that is asked for was
   * pushed, where `pushed` says as what.
   */
  | ({
      readonly _tag: "Approve"
      readonly grant: Ref
      readonly client: Ref
      readonly subject: Ref
      readonly basis: "User" | "Auto" | "Policy"
      /** `app` is registered too, and leads to no loopback address. */
      readonly redirectUri: "loopback" | "app" | "unregistered"
      /** Whether a device asked for it: then its code is a device code, and it has neither redirect URI nor key. */
      readonly isDevice?: true
      readonly pushed?: Presented
      readonly details?: ReadonlyArray<Detail>
      readonly key: Key | null
      /** The document that was shown of the client, where one describes it. */
      readonly document?: number
      /** Whether the request came so long ago that it is not answered any more. */
      readonly isLate: boolean
    } & Asked)
  | {
      readonly _tag: "Deny"
      readonly grant: Ref
      readonly client: Ref
      readonly subject: Ref
      readonly redirectUri: "loopback" | "unregistered"
      readonly isDevice?: true
    }
  | ({
      readonly _tag: "Redeem"
      /** Code and grant have the same number. */
      readonly code: Presented
      readonly verifier: Verifier
      readonly redirectUri: RedirectUri
      /** Whether it is presented as a device code, with which neither verifier nor redirect URI come. */
      readonly isDevice?: true
      /** Of a device code: what this client asked for waits under it, unanswered, or has waited too long; asked twice at once. */
      readonly waits?: { readonly client: Ref; readonly isLate: boolean; readonly isHasty?: true }
      readonly details?: ReadonlyArray<Detail>
      readonly resources: ReadonlyArray<string> | null
      readonly key: Key | null
    } & Proven)
  | ({
      readonly _tag: "Refresh"
      readonly token: Presented
      readonly key: Key | null
      readonly details?: ReadonlyArray<Detail>
    } & Proven &
      Asked)
  | ({
      readonly _tag: "ClientCredentials"
      /** For whom a policy gives the token; the client itself without. */
      readonly subject?: Ref | undefined
      /** What an identity provider says of the subject (ID-JAG); then that is the policy. */
      readonly assertion?: Assertion
      readonly details?: ReadonlyArray<Detail>
      readonly key?: Key | null
    } & Proven &
      Asked)
  /** An access token for another one; `actor` is that of whoever acts, if it is not the caller. */
  | ({
      readonly _tag: "Exchange"
      readonly token: Presented
      readonly actor: Presented | null
      /** The client that alone may exchange it further. */
      readonly mayAct: Ref | null
      readonly details?: ReadonlyArray<Detail>
      readonly key: Key | null
    } & Proven &
      Asked)
  | ({
      readonly _tag: "Revoke"
      readonly kind: "access" | "refresh"
      readonly token: Presented
      readonly cascade: boolean
    } & Proven)
  /** By the subject with this number, or by the operator. */
  | { readonly _tag: "RevokeGrant"; readonly grant: Ref; readonly subject: Ref | "operator" }
  | { readonly _tag: "EndSessions"; readonly subject: Ref }
  | { readonly _tag: "DisableSubject"; readonly subject: Ref }
  | { readonly _tag: "EnableSubject"; readonly subject: Ref }
  | { readonly _tag: "ForgetSubject"; readonly subject: Ref }
  | { readonly _tag: "RaiseIssuerEpoch" }
  /** An access token is looked at, as a resource server does for each request. */
  | { readonly _tag: "Verify"; readonly token: Presented }
  | { readonly _tag: "Pass"; readonly millis: number }

export type OperationTag = Operation["_tag"]
export type OperationOf<Tag extends OperationTag> = Extract<Operation, { readonly _tag: Tag }>

/** What is known of an access token that was handed out or looked at. Times in milliseconds since the epoch. */
export interface Access {
  readonly client: Ref
  readonly subject: Ref | null
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly expiresAt: number
}

export type Reply =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Stored"; readonly client: Ref }
  | { readonly _tag: "Code"; readonly grant: Ref }
  /** A number that was not there before is a new token; one that was is that very token again. */
  | {
      readonly _tag: "Tokens"
      readonly access: Ref
      readonly refresh: Ref | null
      readonly scopes: ReadonlyArray<string>
      readonly expiresAt: number
    }
  | ({ readonly _tag: "Active" } & Access)
  | { readonly _tag: "Inactive" }
  /** `by`: who refused it, where it was not the exchange: nothing was loaded to exchange, or whoever calls judged it. */
  | { readonly _tag: "Refused"; readonly error: OAuthErrorCode; readonly by?: "load" | "handler" }
  /** Nothing was decided; the caller may come again. */
  | { readonly _tag: "Unavailable" }
  /** Neither an answer of the protocol nor an honest "come again": a defect, a 500, an error of no known kind. */
  | { readonly _tag: "Fault"; readonly message: string }

/** One operation, when it was tried, and what it was answered. */
export interface Step {
  readonly operation: Operation
  readonly reply: Reply
  /** Milliseconds since the epoch. */
  readonly at: number
}

export type Trace = ReadonlyArray<Step>
