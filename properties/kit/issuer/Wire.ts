/**
 * The way to the server under test: HTTP requests, bounded in number, rate, time and size, to allowed hosts only. A
 * server on this machine may be on several of its ports; one elsewhere leads to its own host and nowhere else, and from
 * TLS never to where it is missing, for what is sent there has codes and secrets in it.
 *
 * Redirects are given back, never followed. What comes is read as text, and as JSON where it is; nobody is judged here.
 */
import { guardedFetch, makeGuard } from "../../../src/outbound/index.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { unbounded, unhurried } from "./Pace.ts"

/** How many requests a check makes at most. */
export const MAX_REQUESTS = 2000
const TIMEOUT_MILLIS = 10_000
const MAX_BODY_BYTES = 1_048_576

/** The bound on requests is reached: what was not tried by now stays so. */
export class EnoughRequests extends Error {
  override readonly name = "EnoughRequests"
  constructor() {
    super(`the bound of ${MAX_REQUESTS} requests was reached`)
  }
}

export interface WireRequest {
  readonly method: "GET" | "POST"
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of a form; pairs, because some are sent twice on purpose. */
  readonly form?: ReadonlyArray<readonly [name: string, value: string]>
  readonly json?: unknown
  /** The body may never end: only status and headers are wanted. */
  readonly isBodyless?: boolean
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body, where it is a JSON object. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface Wire {
  readonly send: (request: WireRequest) => Promise<WireAnswer>
  readonly isAllowed: (url: string) => boolean
  readonly requestCount: () => number
}

export interface WireOptions {
  /** Whether hosts other than loopback may be asked: the one of this URL, and no other. */
  readonly issuer: string
  readonly mayTestHost: boolean
  /** Requests a second to hosts other than loopback. */
  readonly ratePerSecond: number
  /** Asked as well, by leave of whoever gave it: no server can send anybody there. */
  readonly resourceUrl?: string | undefined
  readonly fetch?: typeof fetch
}

export const isLoopback = (url: URL): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)

/** The body as text, or a throw once it is larger than an answer needs to be. */
const readBody = async (response: Response): Promise<string> => {
  if (response.body === null) return ""
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

const objectOf = (text: string): WireAnswer["body"] => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as WireAnswer["body"]) : {}
  } catch {
    return {}
  }
}

export const makeWire = ({ issuer, mayTestHost, ratePerSecond, resourceUrl, ...options }: WireOptions): Wire => {
  const target = new URL(issuer)
  const also = resourceUrl === undefined ? [] : [new URL(resourceUrl)]
  const { fetch: ask = guardedFetch(makeGuard({ target, also })) } = options
  const pace = isLoopback(target) ? unbounded : unhurried(ratePerSecond)
  let requestCount = 0
  const isAllowed = (text: string): boolean => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false
    if (isLoopback(target)) return isLoopback(url)
    const isSecured = url.protocol === "https:" || url.protocol === target.protocol
    return mayTestHost && isSecured && url.hostname === target.hostname
  }
  return {
    isAllowed,
    requestCount: () => requestCount,
    send: async ({ method, url, headers = {}, form, json, isBodyless = false }) => {
      if (!isAllowed(url) && url !== resourceUrl) throw new CannotCheck(`\`${url}\` is on a host that may not be asked`)
      if (requestCount >= MAX_REQUESTS) throw new EnoughRequests()
      requestCount += 1
      await pace.turn()
      const response = await ask(url, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
        headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), accept: "*/*", ...headers },
        ...(form === undefined ? {} : { body: new URLSearchParams(form.map(([name, value]) => [name, value])) }),
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      })
      if (isBodyless) await response.body?.cancel()
      const text = isBodyless ? "" : await readBody(response)
      return { status: response.status, headers: response.headers, text, body: objectOf(text) }
    },
  }
}
