/**
 * What a client sends with: where requests go, what time it is, what it signs by, and what every request to an endpoint
 * has in common.
 *
 * What carries a secret is sent once, to the address it was meant for: no redirect is followed here.
 */
import * as protocol from "oauth4webapi"
import type { Fetch } from "../outbound/index.ts"
import type { ClientKey } from "../proof/ClientAssertion.ts"

export type { Fetch } from "../outbound/index.ts"

/** The edges to the world: where time comes from, where requests go to, and by which key. */
export interface Outbound {
  /** Goes nowhere that a server elsewhere must not send a client. */
  readonly fetch: Fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** What the client proves itself by, where it was given a key. */
  readonly clientKey?: ClientKey
}

const REQUEST_TIMEOUT_MILLIS = 15_000

/** Ends a request that takes longer than any server that works. */
export const requestSignal = (): AbortSignal => AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS)

/** How oauth4webapi sends a request of ours; `given` ends it earlier. */
export const requestOptions = (fetch: Fetch, given?: AbortSignal) => ({
  [protocol.customFetch]: (url: string, init: object) => fetch(url, init),
  // What may be insecure was decided where the metadata was believed: loopback alone.
  [protocol.allowInsecureRequests]: true,
  signal: () => (given === undefined ? requestSignal() : AbortSignal.any([requestSignal(), given])),
})
