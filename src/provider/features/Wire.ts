/** A request and its reply as plain data: what every endpoint takes and gives, whichever server carries it. */
import type * as Effect from "effect/Effect"

/** A request as plain data. */
export interface WireRequest {
  /** The method of HTTP, in capital letters. */
  readonly method: string
  /** The path of the URL, without query. */
  readonly path: string
  /** The query, without `?`. */
  readonly query: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The body as text; empty where there is none. */
  readonly body: string
  /** The address that the request came from; from a header only as far as a trusted proxy wrote it. */
  readonly source: string
}

/** A reply as plain data. */
export interface WireReply {
  /** The status code of HTTP. */
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** `Set-Cookie` lines. */
  readonly cookies?: ReadonlyArray<string>
  /** The body as text; empty where there is none. */
  readonly body: string
  /** A long text in place of the body, taken a piece at a time as whoever asked for it reads on. */
  readonly pieces?: AsyncIterable<string>
}

export type Endpoint = (request: WireRequest) => Effect.Effect<WireReply>

/** Bytes that a body may have; more is answered 413. */
export const MAX_BODY_BYTES = 65_536
/** Characters that path and query may have together; more is answered 414. */
export const MAX_URL_CHARACTERS = 16_384
