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
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** The value that a text is in JSON; `undefined` for one that is none. */
export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The members of what is an object in JSON, without those that are `null` (some servers write absent ones so). */
export const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : {}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The members of the object in a body; `undefined` where there is none. */
export const jsonObject = async (response: Response): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const value = jsonIn((await boundedText(response)) ?? "")
  return isObject(value) ? membersOf(value) : undefined
}

const MAX_SAID_CHARACTERS = 500

/** What somebody else wrote, on one line of what can be seen, as far as a person reads it. */
export const brief = (said: string, limit = MAX_SAID_CHARACTERS): string => {
  const line = said.replaceAll(/\s+/g, " ").trim()
  const cut = line.length <= limit ? line : `${line.slice(0, limit - 1)}…`
  return cut.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?")
}

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
