/**
 * The node:http listener: requests as plain data, sizes and times bounded before anything is parsed.
 *
 * Node itself answers headers that are too large (431) and requests that take too long (408).
 */
import { pipeline, Readable } from "node:stream"
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http"
import { Effect } from "effect"
import { liveSecrets, mintRequestId, type ProtocolServer } from "../../provider/index.ts"
import { makeEndpoints, tooLarge, type EndpointOptions } from "../Endpoints.ts"
import { sourceResolver } from "../Source.ts"
import { MAX_BODY_BYTES, type WireReply, type WireRequest } from "../Wire.ts"

/** In milliseconds: how long headers and a whole request may take, how often that is looked at, how long a connection idles. */
export interface ServerTimeouts {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
  readonly keepAliveTimeout: number
}

const defaultTimeouts: ServerTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5_000,
}
const MAX_HEADER_BYTES = 32_768
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024

const send = (response: ServerResponse, reply: WireReply, isHead: boolean): void => {
  const { status, headers, cookies, body, pieces } = reply
  const setCookie = cookies === undefined ? {} : { "set-cookie": [...cookies] }
  if (pieces !== undefined && !isHead) {
    response.writeHead(status, { ...headers, ...setCookie })
    // One that breaks off, on either side, ends the connection: nobody takes a part for the whole.
    pipeline(Readable.from(pieces), response, () => {})
    return
  }
  response.writeHead(status, { ...headers, ...setCookie, "content-length": Buffer.byteLength(body) })
  response.end(isHead ? undefined : body)
}

/** A header that came twice is both of them, as in the fetch standard: nobody picks one. */
const headersOf = (message: IncomingMessage): WireRequest["headers"] =>
  Object.fromEntries(Object.entries(message.headersDistinct).map(([name, values]) => [name, values?.join(", ")]))

export interface ListenerOptions extends EndpointOptions {
  /** Addresses and networks whose `X-Forwarded-For` is believed; none unless told. */
  readonly trustedProxies?: ReadonlyArray<string>
}

const toWire = (message: IncomingMessage, body: string, sourceOf: ReturnType<typeof sourceResolver>): WireRequest => {
  // A request line may name the whole URL (RFC 9112 3.2.2).
  const url = (message.url ?? "/").replace(/^https?:\/\/[^/?]*/i, "") || "/"
  const mark = url.indexOf("?")
  const headers = headersOf(message)
  return {
    method: message.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers,
    body,
    source: sourceOf(message.socket.remoteAddress ?? "", headers["x-forwarded-for"]),
  }
}

export const nodeListener = (
  server: ProtocolServer,
  { trustedProxies = [], ...options }: ListenerOptions = {},
): RequestListener => {
  const sourceOf = sourceResolver(trustedProxies)
  const endpoints = makeEndpoints(server, options)
  return (message, response) => {
    const isHead = message.method === "HEAD"
    const chunks: Array<Buffer> = []
    let size = 0
    message.on("data", (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
      else if (size > MAX_DISCARDED_BYTES) message.destroy()
      else if (!response.headersSent) {
        // What still comes is thrown away, so that a client that is still sending gets to read the answer.
        send(response, { ...tooLarge, headers: { ...tooLarge.headers, connection: "close" } }, isHead)
      }
    })
    message.on("end", () => {
      if (size > MAX_BODY_BYTES) return
      const request = toWire(message, Buffer.concat(chunks).toString("utf8"), sourceOf)
      Effect.runFork(
        endpoints(request, mintRequestId(liveSecrets)).pipe(
          Effect.map((reply) => send(response, reply, isHead)),
          Effect.catchDefect((defect) =>
            Effect.sync(() => {
              options.onDefect?.(defect)
              response.destroy()
            }),
          ),
        ),
      )
    })
    message.on("error", () => response.destroy())
  }
}

/** A server whose limits on headers and time fit the listener's own. */
export const httpServer = (listener: RequestListener, timeouts: Partial<ServerTimeouts> = {}): Server =>
  createServer({ ...defaultTimeouts, ...timeouts, maxHeaderSize: MAX_HEADER_BYTES }, listener)
