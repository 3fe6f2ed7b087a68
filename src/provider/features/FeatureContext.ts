/**
 * What protocol features may ask of the server that they are in, and how they give their answers.
 *
 * Asking changes nothing but what it says: what `authenticate` used up is taken. What cannot be known for now rejects
 * with `Unavailable`, which a feature lets through: the caller is told to come again.
 */
import type { CarriedValues } from "../CarriedValues.ts"
import type { OAuthError } from "../OAuthError.ts"
import type { AccessToken, OAuthClientInformationFull } from "../Records.ts"
import type { Signer } from "../signing/Signer.ts"
import type { Credentials } from "../TokenRequests.ts"
import type { KeysOf } from "./clients/PublishedKeys.ts"
import type { WireRequest } from "./Wire.ts"

/** Who calls an endpoint: its credentials, and the thumbprint of the key that it proved to hold, if any. */
export interface Caller extends Credentials {
  /** The thumbprint of the key that was proven (RFC 7638). */
  readonly jkt?: string
}

/** Who is signed in. */
export interface PageVisitor {
  /** Who it is. */
  readonly subjectId: string
  /** What the person is shown as their own name. */
  readonly name: string
}

/** What was read, or the refusal; at once where nothing has to be waited for. */
export type FeatureAnswer<A> = A | OAuthError | Promise<A | OAuthError>

/**
 * What every server knows of itself. `sign` is for a feature that says in `signs` which algorithms it signs by:
 * `await context.sign({ aud, iat, exp, … }, { typ: "example+jwt" })`.
 */
export interface ServerContext extends Signer {
  /** The issuer identifier. */
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** What is known of a client, without its secret: what it says of itself now, or what was approved of it. */
  readonly client: (clientId: string) => Promise<OAuthClientInformationFull | undefined>
  /** Keys of 32 bytes for a purpose that only this feature has, the one in use first: the same in every instance. */
  readonly secrets: (purpose: string) => ReadonlyArray<Uint8Array>
}

/** What a feature may ask of the server that it is in. */
export interface FeatureContext extends ServerContext {
  /** The client that these credentials prove to be, a public one by its name alone; what they used up is taken. */
  readonly authenticate: (credentials: Credentials) => Promise<OAuthClientInformationFull | OAuthError>
  /**
   * The client that these credentials prove to be, if it is a confidential one, registered for the grant type, that the
   * server has it for: for a grant type that looks at what is brought before it is decided. Nothing is used up by asking.
   */
  readonly clientFor: (credentials: Credentials, grantType: string) => Promise<OAuthClientInformationFull | OAuthError>
  /** The record of an access token of this server that is alive. */
  readonly accessOf: (token: string) => Promise<AccessToken | undefined>
  /** The resource that a client is the server of. */
  readonly audienceOf: (clientId: string) => Promise<string | undefined>
  /** Who somebody is here whom another issuer knows, made known if need be; `undefined` for who can be nobody here. */
  readonly subjectOf: (issuer: string, sub: string) => Promise<string | undefined>
  /** Seals what comes back from outside later, to this instance or another. */
  readonly carried: CarriedValues
  /** The id of a grant that may be opened later: nobody's guess. */
  readonly newGrantId: () => string
  /**
   * An authorization request that did not come by a browser, read by the source that knows it and judged as the
   * authorization endpoint would judge it, but for asking anybody. `by`: the source that it came through.
   */
  readonly judgeRequest: (
    parameters: URLSearchParams,
    request: WireRequest,
    by: Pick<AuthorizationRequestRead, "jkt"> & { readonly source: string },
  ) => Promise<AuthorizationRequestRead | OAuthError>
  /** The public keys of a client, by value or fetched from where it publishes them. */
  readonly keysOf: KeysOf
}

/** An authorization request as its source gives it. */
export interface AuthorizationRequestRead {
  /** All that counts of the request. */
  readonly parameters: URLSearchParams
  /** Other sources that it came through on its way to this one, by name. */
  readonly through?: ReadonlyArray<string>
  /** The grant that it opens, where that was settled before any browser came; default derived from what it says and from the browser. */
  readonly grantId?: string
  /** The thumbprint of a key that was proven before any browser came. */
  readonly jkt?: string
  /** Why it can be put to nobody, though it is known whose it is: told to the client where that is allowed. */
  readonly fault?: OAuthError
}
