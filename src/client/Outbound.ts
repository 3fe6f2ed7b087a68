/**
 * Reading what a server answers: in bounded time and size, and as JSON or not at all.
 *
 * The only place that follows a redirect, and only for public documents: what carries a secret is sent once, to the
 * address it was meant for.
 */
import type { Fetch } from "../outbound/index.ts"
import { isSecure } from "./Endpoint.ts"

export type { Fetch } from "../outbound/index.ts"

/** Where time comes from and requests go to: the two edges to the world. */
export interface Outbound {
  /** Judged: goes nowhere that a server elsewhere must not send a client. */
  readonly fetch: Fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export const REQUEST_TIMEOUT_MILLIS = 15_000
const MAX_BODY_BYTES = 512 * 1024
const MAX_HOPS = 3

/** The text of a body, `undefined` for one that is longer than any answer to a client is. */
export const boundedText = async (response: Response): Promise<string | undefined> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** The object in a body, without the members that are `null` (some servers write absent ones so). */
export const jsonObject = async (response: Response): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const text = await boundedText(response)
  try {
    const value: unknown = JSON.parse(text ?? "")
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
  } catch {
    return undefined
  }
}

const MAX_SAID_CHARACTERS = 500

/** What a server says of a fault, as far as a person reads it. */
export const brief = (said: string): string =>
  said.length <= MAX_SAID_CHARACTERS ? said : `${said.slice(0, MAX_SAID_CHARACTERS - 1)}…`

/** Lets go of a body that nobody reads. */
export const discard = async (response: Response): Promise<void> => {
  await response.body?.cancel().catch(() => undefined)
}

/** Gets a public document, along at most three redirects that stay on TLS or loopback. */
export const getPublic = async (fetch: Fetch, address: string, accept = "application/json"): Promise<Response> => {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS)
  const hop = async (url: string, left: number): Promise<Response> => {
    const response = await fetch(url, { headers: { accept }, redirect: "manual", signal })
    const location = response.headers.get("location")
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await discard(response)
    const next = URL.parse(location, url)
    if (next === null || !isSecure(next) || left === 0) return Response.error()
    return hop(next.href, left - 1)
  }
  return hop(address, MAX_HOPS)
}
