/** The fetch-standard handler: `(Request) => Promise<Response>`, to mount under any framework. */
import * as Effect from "effect/Effect"
import { boundedText } from "../../protocol/index.ts"
import { effectsOf, liveRandomness, mintRequestId, type ProtocolServer, type ServedBy } from "../../provider/index.ts"
import { bodyTaken, makeEndpoints, tooLarge, type EndpointOptions } from "../Endpoints.ts"
import { errorReply } from "../Reply.ts"
import { MAX_BODY_BYTES, type WireReply } from "../../provider/features/Wire.ts"

/** `Context`: what the framework hands to its handlers besides the request, such as the connection. */
export interface HandlerOptions<Context extends ReadonlyArray<unknown> = ReadonlyArray<never>> extends EndpointOptions {
  /**
   * The address a request came from. A fetch request does not know it: without this, all share one limit, and
   * `autoApprove` approves nothing.
   */
  readonly sourceOf?: (request: Request, ...context: Context) => string
}

/** A piece at a time, as it is read; whoever stops reading ends it. */
const streamOf = (pieces: AsyncIterable<string>): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  const iterator = pieces[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const next = await iterator.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    cancel: async () => void (await iterator.return?.()),
  })
}

const toResponse = ({ status, headers, cookies = [], body, pieces }: WireReply, isHead: boolean): Response => {
  const fields = new Headers(headers)
  for (const cookie of cookies) fields.append("set-cookie", cookie)
  const content = isHead ? null : pieces === undefined ? body || null : streamOf(pieces)
  return new Response(content, { status, headers: fields })
}

const unreadable = errorReply(400, "invalid_request", "the body did not arrive")

/**
 * Makes the handler. Mount it so that it sees the whole path: endpoints are found below the issuer's path.
 *
 * @example
 * import { authorizationServer, createHandler, ephemeralKeys, memoryStore } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const handle = createHandler(server)
 * const response = await handle(new Request("http://localhost:4000/.well-known/oauth-authorization-server"))
 */
export const createHandler = <Context extends ReadonlyArray<unknown> = []>(
  server: ServedBy<ProtocolServer>,
  { sourceOf = () => "", ...options }: HandlerOptions<Context> = {},
): ((request: Request, ...context: Context) => Promise<Response>) => {
  const endpoints = makeEndpoints(effectsOf(server), options)
  return async (request, ...context) => {
    const isHead = request.method === "HEAD"
    if (request.bodyUsed) return toResponse(bodyTaken, isHead)
    const body = await boundedText(request.body, MAX_BODY_BYTES).catch(() => null)
    if (body === null) return toResponse(unreadable, isHead)
    if (body === undefined) return toResponse(tooLarge, isHead)
    const { host, pathname, search } = new URL(request.url)
    const wire = {
      method: request.method,
      path: pathname,
      query: search.slice(1),
      headers: { host, ...Object.fromEntries(request.headers) },
      body,
      source: sourceOf(request, ...context),
    }
    return toResponse(await Effect.runPromise(endpoints(wire, mintRequestId(liveRandomness))), isHead)
  }
}
