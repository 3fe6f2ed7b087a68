/**
 * The way to the server under test: HTTP requests, bounded in number, rate, time and size, to allowed hosts only. A
 * server on this machine may be on several of its ports; one elsewhere leads to its own host and nowhere else, and from
 * TLS never to where it is missing, for what is sent there has codes and secrets in it.
 *
 * Redirects are given back, never followed. A server that asks to come again (429) is asked again when it says so, and
 * all other requests wait with that one. What comes is read as text, and as JSON where it is; nobody is judged here.
 */
import { setTimeout as delay } from "node:timers/promises"
import { guardedBrowser, guardedFetch, makeGuard, type Fetch } from "../../../src/outbound/index.ts"
import { boundedText, isThisMachine } from "../../../src/protocol/index.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { unbounded, unhurried } from "./Pace.ts"
import { comesAgainAfter, MAX_PATIENCE_MILLIS, type Patience } from "./Patience.ts"

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
  /** Asked for as a browser asks for a page: some servers answer a script with JSON instead. */
  readonly isPage?: boolean
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
  /** How often the server asked to come again, and for how long that was waited for. */
  readonly patience: () => Patience
}

export interface WireOptions {
  /** Whether hosts other than loopback may be asked: the one of this URL, and no other. */
  readonly issuer: string
  readonly mayTestHost: boolean
  /** Requests a second to hosts other than loopback. */
  readonly ratePerSecond: number
  /** Asked as well, by leave of whoever gave it: no server can send anybody there. */
  readonly resourceUrl?: string | undefined
  readonly fetch?: Fetch
  /** How time goes by where the server asks for it; default: the real one. */
  readonly wait?: (millis: number) => Promise<unknown>
}

/** The body as text, or a throw once it is larger than an answer needs to be. */
const readBody = async (response: Response): Promise<string> => {
  const text = await boundedText(response.body, MAX_BODY_BYTES)
  if (text === undefined) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`)
  return text
}

const objectOf = (text: string): WireAnswer["body"] => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as WireAnswer["body"]) : {}
  } catch {
    return {}
  }
}

/** What a browser sends that opens an address which somebody typed. */
const pageHeaders = {
  accept: "text/html,application/xhtml+xml",
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "none",
  "upgrade-insecure-requests": "1",
  "user-agent": "Mozilla/5.0 (compatible; grantlog check)",
}

export const makeWire = ({ issuer, mayTestHost, ratePerSecond, resourceUrl, ...options }: WireOptions): Wire => {
  const target = new URL(issuer)
  const also = resourceUrl === undefined ? [] : [new URL(resourceUrl)]
  const guard = makeGuard({ target, also })
  const { fetch: ask = guardedFetch(guard), fetch: browse = guardedBrowser(guard), wait = delay } = options
  const pace = isThisMachine(target.hostname) ? unbounded : unhurried(ratePerSecond)
  let requestCount = 0
  let patience: Patience = { count: 0, millis: 0 }
  /** Resolves when the server takes requests again. */
  let pause: Promise<unknown> = Promise.resolve()
  const isAllowed = (text: string): boolean => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false
    if (isThisMachine(target.hostname)) return isThisMachine(url.hostname)
    const isSecured = url.protocol === "https:" || url.protocol === target.protocol
    return mayTestHost && isSecured && url.hostname === target.hostname
  }

  const sendOnce = async ({ method, url, headers, form, json, ...request }: WireRequest): Promise<WireAnswer> => {
    if (requestCount >= MAX_REQUESTS) throw new EnoughRequests()
    requestCount += 1
    await pace.turn()
    const { isBodyless = false, isPage = false } = request
    const response = await (isPage ? browse : ask)(url, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      headers: {
        ...(isPage ? pageHeaders : { accept: "application/json" }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form.map(([name, value]) => [name, value])) }),
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    if (isBodyless) await response.body?.cancel()
    const text = isBodyless ? "" : await readBody(response)
    return { status: response.status, headers: response.headers, text, body: objectOf(text) }
  }

  return {
    isAllowed,
    requestCount: () => requestCount,
    patience: () => patience,
    send: async (request) => {
      const { url } = request
      if (!isAllowed(url) && url !== resourceUrl) throw new CannotCheck(`\`${url}\` is on a host that may not be asked`)
      for (let time = 1; ; time += 1) {
        await pause
        const answer = await sendOnce(request)
        const millis = comesAgainAfter(answer, time)
        if (millis === undefined || patience.millis + millis > MAX_PATIENCE_MILLIS) return answer
        patience = { count: patience.count + 1, millis: patience.millis + millis }
        pause = Promise.all([pause, wait(millis)])
      }
    },
  }
}
