/**
 * The resource server's half of OAuth: who comes with a good token is let in, everybody else is told how to get one.
 *
 * Its own answers may be read by the pages of every origin: the metadata document, preflights, and refusals with their
 * challenge. Which pages may read what the host's handler answers is the host's own affair.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { machineTime } from "../outbound/Time.ts"
import type { VerifiedAccess } from "../protocol/index.ts"
import type { Verifier } from "./Verifier.ts"
import { makeGate } from "./Gate.ts"
import { metadataPaths, metadataUrl, resourceMetadata, type ResourceMetadata } from "./Metadata.ts"
import { openRequests } from "./OpenRequests.ts"
import { checkedOptions, requireFunctions, type ResourceOptions } from "./Options.ts"
import { checkedProofOptions, type ProofOptions } from "./ProofOptions.ts"
import { AccessRefused, ResourceFault, type PlainReply } from "./ResourceError.ts"
import { checkedStepUp, type StepUpDemand } from "./StepUp.ts"
import { warnOnce } from "./Warning.ts"

/** What is protected, who judges tokens, and what is answered without one. */
export interface ProtectOptions extends ResourceOptions {
  /** Who says what a token is worth. */
  readonly verifier: Verifier
  /**
   * How proofs of possession are asked for (RFC 9449). By default they are not: a token that is bound to a key is taken
   * with a proof, and nobody is told to bring one.
   */
  readonly dpop?: ProofOptions
  /**
   * How whoever is behind a token has to have signed in (RFC 9470); in whatever way by default. Where that differs from path
   * to path, protect each by a resource of its own with the same `resource`.
   */
  readonly stepUp?: StepUpDemand
  /** The time in milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
  /**
   * Told why a token could not be checked, and once why tokens without audience are refused, in a sentence that says what
   * to do. By default each sentence is a warning of the process, once.
   */
  readonly onUnavailable?: (sentence: string, cause?: unknown) => void
}

/** What a middleware calls to go on. */
export type Next = (error?: unknown) => void

/** A protected resource: a fetch wrapper, a middleware, and its metadata (RFC 9728). */
export interface ProtectedResource {
  /** The metadata document, and where it is: the inserted path first, then the root's. */
  readonly metadata: ResourceMetadata
  /** The address of the metadata document. */
  readonly metadataUrl: string
  /** The paths that it is served at. */
  readonly metadataPaths: ReadonlyArray<string>
  /**
   * Wraps a fetch-standard handler; also answers at {@link metadataPaths}, where it is mounted so that it sees them. What
   * the options hand on without a token gets to `open`; without `open` it is answered as if it were not listed.
   */
  readonly fetch: <Rest extends ReadonlyArray<unknown>>(
    handler: (request: Request, access: VerifiedAccess, ...rest: Rest) => Response | Promise<Response>,
    open?: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  ) => (request: Request, ...rest: Rest) => Promise<Response>
  /**
   * A middleware for Express and everything like it; {@link accessOf} gives the access to what comes after it, but for
   * what is handed on without a token. Also answers at {@link metadataPaths}: mount it there too, where it is not in front
   * of everything.
   */
  readonly express: (request: IncomingMessage, response: ServerResponse, next: Next) => void
  /**
   * For any other framework: the access, or a rejection with an `AccessRefused` whose `reply` is the answer. `request` is
   * needed for tokens that are bound to a key; without it they are refused.
   */
  readonly authenticate: (
    authorization: HeaderValues,
    request?: { readonly method: string; readonly url: string; readonly dpop: HeaderValues },
  ) => Promise<VerifiedAccess>
}

type HeaderValues = string | ReadonlyArray<string> | undefined | null

const accesses = new WeakMap<object, VerifiedAccess>()

/** What the token of a request allows that the Express middleware let in. */
export const accessOf = (request: object): VerifiedAccess => {
  const access = accesses.get(request)
  if (access !== undefined) return access
  throw new ResourceFault({
    code: "option_invalid",
    message: "the request was not let in by `protectResource`: mount its `express` in front of this handler",
  })
}

const toResponse = ({ status, headers, body }: PlainReply): Response =>
  new Response(body === "" ? null : body, { status, headers })

const send = (response: ServerResponse, { status, headers, body }: PlainReply): void => {
  // A middleware with a deadline may have answered while the token was looked up.
  if (response.headersSent) return
  // Who may read an answer was said already, where the host did so itself.
  const isSaid = response.hasHeader("access-control-allow-origin")
  for (const [name, value] of Object.entries(headers)) {
    if (!isSaid || !name.startsWith("access-control-")) response.setHeader(name, value)
  }
  response.statusCode = status
  response.end(body)
}

/** The request's path and query, below whatever router it was handed to. */
const targetOf = (request: IncomingMessage & { readonly originalUrl?: unknown }): string =>
  typeof request.originalUrl === "string" ? request.originalUrl : (request.url ?? "/")

/**
 * Protects a resource (RFC 6750, RFC 9728, MCP's authorization); throws a `ResourceFault` that says what to change.
 *
 * Answers 401 with a challenge without `error` to who has no token, 401 `invalid_token` to a token that is not alive or
 * for another resource, 401 `insufficient_user_authentication` with `acr_values` and `max_age` to one whose person signed in
 * otherwise than `stepUp` says, 403 `insufficient_scope` with every scope that is needed, 400 `invalid_request` to more than one
 * token, and 503 with `Retry-After` (seconds) while tokens cannot be checked. Preflights are answered with 204, and paths
 * below `/.well-known/` where nothing is with 404.
 *
 * @example
 * import { introspectionVerifier, protectResource } from "grantlog/resource"
 *
 * const verifier = introspectionVerifier({
 *   introspectionEndpoint: "https://id.example.com/introspect",
 *   clientId: "rs",
 *   clientSecret: "a secret that was printed once",
 * })
 * const authorizationServers = ["https://id.example.com"]
 * const notes = protectResource({ resource: "https://api.example.com/notes", authorizationServers, verifier })
 * const serve = notes.fetch((request, access) => Response.json({ hello: access.subject }))
 */
export const protectResource = ({
  verifier,
  onUnavailable = warnOnce(),
  dpop,
  stepUp,
  now = machineTime,
  ...rest
}: ProtectOptions): ProtectedResource => {
  const options = checkedOptions(rest)
  requireFunctions("protectResource", { onUnavailable, now })
  const proofs = dpop === undefined ? undefined : checkedProofOptions(dpop)
  if (typeof verifier?.verify !== "function") {
    const message = "verifier has no method `verify`: give it one of `inProcessVerifier` or `introspectionVerifier`"
    throw new ResourceFault({ code: "option_invalid", message })
  }
  const demand = stepUp === undefined ? {} : checkedStepUp("protectResource: stepUp", stepUp)
  const gate = makeGate(options, { verifier, onUnavailable, proofs, stepUp: demand, now })
  const openAnswer = openRequests(options, proofs)

  return {
    metadata: resourceMetadata(options, proofs),
    metadataUrl: metadataUrl(options.resource),
    metadataPaths: metadataPaths(options.resource),
    fetch:
      (handler, open) =>
      async (request, ...others) => {
        const { pathname, search } = new URL(request.url)
        const answer = openAnswer(request.method, pathname + search)
        if (answer?.isHandedOn === true && open !== undefined) return open(request, ...others)
        if (answer !== undefined) return toResponse(answer.reply)
        const asked = {
          authorization: valuesOf(request.headers.get("authorization")),
          proofs: valuesOf(request.headers.get("dpop")),
          method: request.method,
          target: pathname,
        }
        const outcome = await gate(asked).catch(refusedOrThrow)
        if (outcome instanceof AccessRefused) return toResponse(outcome.reply)
        return withNonce(await handler(request, outcome.access, ...others), outcome.nonce)
      },
    express: (request, response, next) => {
      const answer = openAnswer(request.method ?? "GET", targetOf(request))
      if (answer?.isHandedOn === true) return next()
      if (answer !== undefined) return send(response, answer.reply)
      // `headers` has only the first of several `Authorization` headers; nobody picks one here.
      const { authorization = [], dpop: shown = [] } = request.headersDistinct
      gate({ authorization, proofs: shown, method: request.method ?? "GET", target: targetOf(request) }).then(
        ({ access, nonce }) => {
          accesses.set(request, access)
          if (nonce !== undefined && !response.headersSent) response.setHeader("dpop-nonce", nonce)
          next()
        },
        (refused: unknown) => (refused instanceof AccessRefused ? send(response, refused.reply) : next(refused)),
      )
    },
    authenticate: async (authorization, { method, url, dpop: shown } = NO_REQUEST) => {
      const asked = { authorization: valuesOf(authorization), proofs: valuesOf(shown), method, target: url }
      return (await gate(asked)).access
    },
  }
}

const valuesOf = (values: HeaderValues): ReadonlyArray<string> => [values ?? []].flat()

const NO_REQUEST = { method: "", url: "/", dpop: undefined }

/** RFC 9449 8.2: the handler's own answer says what the next proof needs. */
const withNonce = (response: Response, nonce: string | undefined): Response => {
  const { status, statusText } = response
  // No other can be made anew: it is no answer, or only the beginning of one.
  if (nonce === undefined || status < 200) return response
  const headers = new Headers(response.headers)
  headers.set("dpop-nonce", nonce)
  return new Response(response.body, { status, statusText, headers })
}

const refusedOrThrow = (refused: unknown): AccessRefused => {
  if (refused instanceof AccessRefused) return refused
  throw refused
}
