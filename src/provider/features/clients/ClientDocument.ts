/** What a source of clients is asked, and what it answers: a document in which a client says of itself what it is. */
import type { OAuthError } from "../../OAuthError.ts"

/** What a client says of itself where it is not registered: a document that is read whenever it asks for something. */
export interface ClientDocument {
  /** As in RFC 7591 section 2; it is judged like a registration. */
  readonly metadata: object
  /** SHA-256 in base64url: names what somebody approves. */
  readonly digest: string
}

/** What a source is told of the client that it is asked for. */
export interface ClientReading {
  /** The issuer of the server that reads it. */
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Whether somebody has approved a request of the client before: then it is no stranger. */
  readonly isKnown: boolean
  /** Why there can be no such client here, of what a document says; `undefined` where there can. */
  readonly faultOf: (metadata: object) => OAuthError | undefined
}
