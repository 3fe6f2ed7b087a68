/**
 * OpenID Connect as a kind of feature: what the server asks of whoever tells clients who somebody is.
 *
 * It writes ID tokens and names what there is; codes, tokens and logins stay the server's affair.
 */
import type { SigningAlgorithm } from "../../signing/SigningKey.ts"
import type { Described } from "../Described.ts"
import type { ServerContext } from "../FeatureContext.ts"
import type { IssuedAccessToken } from "../IssuedAccessToken.ts"

/** What an ID token is made of (OpenID Connect Core 2): the access token beside it, and how its subject signed in. */
export interface SignIn {
  /** Who signed in. */
  readonly subjectId: string
  /** What is known of the access token. */
  readonly issued: IssuedAccessToken
  /** The access token, as the client gets it. */
  readonly accessToken: string
  /** As the authorization request has it; absent where it had none. */
  readonly nonce?: string
}

/** An ID token that a client shows again: whose it was, and of whom, as it knows them. */
export interface IdTokenHint {
  readonly clientId: string
  readonly sub: string
  /** The grant that it was issued under, which is what a client calls the session. */
  readonly sid?: string
}

/** Tells clients who somebody is (OpenID Connect Core), where they ask by its scopes. */
export interface OpenIdProvider extends Described {
  readonly kind: "openid provider"
  /** `openid`, and those by which more is asked. */
  readonly scopes: ReadonlyArray<string>
  /** Where an access token is good for what is known of its subject; behind the issuer's own path. */
  readonly userInfo: `/${string}`
  /** Where clients send somebody to sign out; likewise. */
  readonly endSession: `/${string}`
  /** What signs for a client. */
  readonly algorithmOf: (clientId: string, context: ServerContext) => Promise<SigningAlgorithm>
  /** Who somebody is to a client: the subject's id, or one that no client of another site knows it by. */
  readonly subjectFor: (clientId: string, subjectId: string, context: ServerContext) => Promise<string>
  /** What an ID token of this server says, expired or not; `undefined` for anything else. */
  readonly hintOf: (idToken: string, context: ServerContext) => Promise<IdTokenHint | undefined>
  /** The ID token that a code is good for. */
  readonly idToken: (signIn: SignIn, context: ServerContext) => Promise<string>
}
