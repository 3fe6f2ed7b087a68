/**
 * The node:http listener: requests as plain data, sizes and times bounded before anything is parsed.
 *
 * Under Express and its like it is a middleware: it looks at the path that the request came with, whatever a router took
 * away of it, and what is not ours goes on untouched.
 *
 * Node itself answers headers that are too large (431) and requests that take too long (408).
 */
import { pipeline, Readable } from "node:stream"
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { effectsOf, liveRandomness, mintRequestId, type ProtocolServer, type ServedBy } from "../../provider/index.ts"
import { makeEndpoints, type EndpointOptions } from "../Endpoints.ts"
import { sourceResolver } from "../Source.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { takeBody, type NodeRequest } from "./NodeBody.ts"

/** In milliseconds: how long headers and a whole request may take, how often that is looked at, how long a connection idles. */
export interface ServerTimeouts {
  /** How long the headers of a request may take; default 10 000. */
  readonly headersTimeout: number
  /** How long a whole request may take; default 15 000. */
  readonly requestTimeout: number
  /** How often that is looked at; default 1000. */
  readonly connectionsCheckingInterval: number
  /** How long a connection idles before it is closed; default 5000. */
  readonly keepAliveTimeout: number
}

const defaultTimeouts: ServerTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5_000,
}
const MAX_HEADER_BYTES = 32_768

const send = (response: ServerResponse, reply: WireReply, isHead: boolean): void => {
  // A middleware with a deadline may have answered meanwhile.
  if (response.headersSent) return
  const { status, cookies, body, pieces } = reply
  const headers = cookies === undefined ? reply.headers : { ...reply.headers, "set-cookie": [...cookies] }
  if (pieces !== undefined && !isHead) {
    response.writeHead(status, headers)
    // One that breaks off, on either side, ends the connection: nobody takes a part for the whole.
    pipeline(Readable.from(pieces), response, () => {})
    return
  }
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) })
  response.end(isHead ? undefined : body)
}

/** A header that came twice is both of them, as in the fetch standard: nobody picks one. */
const headersOf = ({ rawHeaders }: NodeRequest): WireRequest["headers"] => {
  const headers: Record<string, string> = Object.create(null)
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    headers[name] = name in headers ? `${headers[name]}, ${rawHeaders[index + 1]}` : rawHeaders[index + 1]!
  }
  return headers
}

/** How a listener for node:http answers: as the endpoints do, and which proxies it believes. */
export interface ListenerOptions extends EndpointOptions {
  /** Addresses and networks whose `X-Forwarded-For` is believed; none by default. */
  readonly trustedProxies?: ReadonlyArray<string>
}

/** A listener for node:http, and a middleware for Express and its like: what is not ours goes on to `next`. */
export type NodeListener = (message: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void) => void

/** The path and query of a request line, which may name the whole URL (RFC 9112 3.2.2). */
const splitTarget = (target: string): Pick<WireRequest, "path" | "query"> => {
  const relative = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*/i, "")
  const end = relative.includes("?") ? relative.indexOf("?") : relative.length
  return { path: relative.slice(0, end) || "/", query: relative.slice(end + 1) }
}

/**
 * Makes the listener. Mount it so that it sees the issuer's path, and `/.well-known` at the root of the host, where clients
 * look for the metadata of an issuer that has a path (RFC 8414 3.1).
 *
 * @example
 * import { createServer } from "node:http"
 * import { authorizationServer, ephemeralKeys, memoryStore, nodeListener } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const http = createServer(nodeListener(server)) // and in Express: app.use(nodeListener(server))
 */
export const nodeListener = (
  server: ServedBy<ProtocolServer>,
  { trustedProxies = [], ...options }: ListenerOptions = {},
): NodeListener => {
  const sourceOf = sourceResolver(trustedProxies)
  const endpoints = makeEndpoints(effectsOf(server), options)
  return (message, response, next) => {
    const { originalUrl, url = "/" } = message
    const came = splitTarget(typeof originalUrl === "string" ? originalUrl : url)
    // A router that took away its own path may have left one of ours.
    const target = endpoints.has(came.path) ? came : splitTarget(url)
    if (next !== undefined && !endpoints.has(target.path)) return next()
    respond(message, response, target, { sourceOf, answerTo: endpoints, onDefect: options.onDefect })
  }
}

/** A listener for requests that one function answers; `refused` gives the reply to a body that is too large. */
export const wireListener = (
  answerTo: Answering["answerTo"],
  options: Pick<Answering, "onDefect" | "refused">,
): RequestListener => {
  const sourceOf = sourceResolver([])
  return (message, response) =>
    respond(message, response, splitTarget(message.url ?? "/"), { ...options, sourceOf, answerTo })
}

interface Answering {
  readonly sourceOf: ReturnType<typeof sourceResolver>
  readonly answerTo: (request: WireRequest, requestId: string) => Effect.Effect<WireReply>
  readonly onDefect: ((defect: unknown) => void) | undefined
  /** The reply in the place of the one to a body that is too large, or was taken before. */
  readonly refused?: (reply: WireReply) => WireReply
}

const respond = (
  message: NodeRequest,
  response: ServerResponse,
  target: Pick<WireRequest, "path" | "query">,
  { sourceOf, answerTo, onDefect, refused = (reply) => reply }: Answering,
): void => {
  const method = message.method ?? "GET"
  const giveUp = (defect: unknown) => {
    onDefect?.(defect)
    response.destroy()
  }
  const answer = (reply: WireReply) => {
    try {
      send(response, reply, method === "HEAD")
    } catch (defect) {
      giveUp(defect)
    }
  }
  takeBody(message, (body) => {
    if (body === undefined) return response.destroy()
    if (typeof body !== "string") return answer(refused(body))
    const headers = headersOf(message)
    const source = sourceOf(message.socket.remoteAddress ?? "", headers["x-forwarded-for"])
    const request = { method, ...target, headers, body, source }
    Effect.runFork(answerTo(request, mintRequestId(liveRandomness))).addObserver((exit) =>
      Exit.isSuccess(exit) ? answer(exit.value) : giveUp(Cause.squash(exit.cause)),
    )
  })
}

/**
 * A server whose limits on headers and time fit the listener's own.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, httpServer, memoryStore, nodeListener } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const http = httpServer(nodeListener(server)).listen(4000, "localhost")
 */
export const httpServer = (listener: RequestListener, timeouts: Partial<ServerTimeouts> = {}): Server =>
  createServer({ ...defaultTimeouts, ...timeouts, maxHeaderSize: MAX_HEADER_BYTES }, listener)
