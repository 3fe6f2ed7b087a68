/**
 * The admin API: who may ask, which operation is meant, and its answer as JSON.
 *
 * It is for programs that hold the credential. A page in a browser is refused by its Origin, and a name that somebody let
 * lead here by the Host, before anything is read. Wrong credentials are counted against their source; the right one is
 * never refused because of them. Nothing of a request is written anywhere but what the operation records.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { tellingOf, type Answered } from "../../http/Answered.ts"
import { defaultLimits, makeLimits } from "../../http/Limits.ts"
import { json } from "../../http/Reply.ts"
import type { WireReply, WireRequest } from "../../http/index.ts"
import { parseParameters } from "../../provider/features/Form.ts"
import { CorrelationId } from "../../provider/index.ts"
import { shownValue } from "../Invocation.ts"
import { isOwnHost } from "../OwnHost.ts"
import { passwordTest } from "../console/Password.ts"
import { namesInPath, placesOf, type AnyOperation } from "./Operation.ts"
import type { Place } from "./Place.ts"
import { refusal, refusalFor, retryAfter } from "./Refusals.ts"

export interface AdminParts {
  readonly place: Place
  readonly operations: ReadonlyArray<AnyOperation>
  readonly credential: string
  /** The OpenAPI document, as JSON. */
  readonly document: () => string
  /** The name that the listener was given, where it is one. */
  readonly host: string | undefined
  /** Wrong credentials that one source has in a minute. */
  readonly failuresPerMinute?: number
  readonly onAnswered?: ((answered: Answered) => void) | undefined
  /** Told of a defect, for the operator. */
  readonly onDefect?: (defect: unknown) => void
  /** Told why an answer was 500 or 503 that is no defect, in a sentence for the operator. */
  readonly onFault?: (sentence: string) => void
}

export const DOCUMENT_PATH = "/openapi.json"
export const CHALLENGE = 'Bearer realm="grantlog admin"'
const MAX_URL_CHARACTERS = 16_384

type Values = Readonly<Record<string, string>>

const decoded = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** The values of the names in the path of an operation; `undefined` for another path. */
const matching = (template: string): ((path: string) => Values | undefined) => {
  const wanted = template.split("/").map((part) => ({ part, name: namesInPath(part)[0] }))
  return (path) => {
    const parts = path.split("/")
    if (parts.length !== wanted.length) return undefined
    const values: Record<string, string> = {}
    for (const [index, { part, name }] of wanted.entries()) {
      if (name === undefined) {
        if (parts[index] !== part) return undefined
        continue
      }
      const value = decoded(parts[index]!)
      if (value === undefined || value === "") return undefined
      values[name] = value
    }
    return values
  }
}

const isJson = (contentType = ""): boolean => /^\s*application\/json\s*(?:;|$)/i.test(contentType)

const parsed = (body: string): Result.Result<unknown, undefined> => {
  try {
    return Result.succeed(JSON.parse(body) as unknown)
  } catch {
    return Result.fail(undefined)
  }
}

/** Every path, with how it is matched and what it takes. */
const routesOf = (operations: ReadonlyArray<AnyOperation>) =>
  [...Map.groupBy(operations, ({ path }) => path)].map(([path, own]) => ({ path, match: matching(path), own }))

/** The name of something that is given and not asked for, as it may be shown. */
const strangerIn = (given: object, asked: object): string | undefined => {
  const name = Object.keys(given).find((one) => !Object.hasOwn(asked, one))
  return name === undefined ? undefined : shownValue(name)
}

/** Reads what is asked by an operation of a request whose path has these values. */
const askedOf = (one: AnyOperation) => {
  const { params, query, body } = placesOf(one)
  const readTexts = Schema.decodeUnknownResult(Schema.toCodecStringTree(Schema.Struct({ ...params, ...query })), {
    onExcessProperty: "error",
  })
  const refuse = (sentence: string) => Result.fail(refusal("invalid_request", sentence))
  return (request: WireRequest, values: Values): Result.Result<object, WireReply> => {
    const given = parseParameters(request.query)
    if (Result.isFailure(given)) return refuse(given.failure)
    const search = Object.fromEntries(new URLSearchParams(request.query))
    const unknown = strangerIn(search, query)
    if (unknown !== undefined) return refuse(`${unknown}: there is no such parameter`)
    const texts = readTexts({ ...search, ...values })
    if (Result.isFailure(texts)) return Result.fail(refusalFor(texts.failure))
    if (request.body === "") return Result.succeed(texts.success)
    if (one.method !== "POST") return refuse(`a ${one.method} has no body`)
    if (!isJson(request.headers["content-type"])) return Result.fail(refusal("unsupported_media_type"))
    const found = parsed(request.body)
    if (Result.isFailure(found)) return refuse("the body is no JSON")
    const said = found.success
    if (typeof said !== "object" || said === null || Array.isArray(said)) return refuse("the body is no JSON object")
    const misplaced = strangerIn(said, body)
    if (misplaced !== undefined) return refuse(`${misplaced}: there is no such member in the body`)
    return Result.succeed({ ...said, ...texts.success })
  }
}

export const adminEndpoints = (
  parts: AdminParts,
): ((request: WireRequest, requestId: string) => Effect.Effect<WireReply>) => {
  const { place, operations, credential, document, host, onAnswered, onDefect = () => {}, onFault = () => {} } = parts
  const routes = routesOf(operations)
  const readers = new Map(operations.map((one) => [one, askedOf(one)]))
  const isCredential = passwordTest(credential)
  const loginsPerMinute = parts.failuresPerMinute ?? defaultLimits.loginsPerMinute
  const limits = makeLimits({ ...defaultLimits, loginsPerMinute, sourceLoginsPerMinute: loginsPerMinute })

  /** Why this request is not looked at; `undefined` for one of who holds the credential. */
  const refuse = Effect.fnUntraced(function* ({
    headers,
    path,
    query,
    source,
  }: WireRequest): Effect.fn.Return<WireReply | undefined> {
    if (!isOwnHost(headers["host"] ?? "", host)) return refusal("misdirected_request")
    if (headers["origin"] !== undefined) return refusal("forbidden")
    if (path.length + query.length > MAX_URL_CHARACTERS)
      return refusal("invalid_request", `the URL is longer than ${MAX_URL_CHARACTERS} characters`)
    const given = /^bearer +(\S+)$/i.exec(headers["authorization"] ?? "")?.[1]
    if (given !== undefined && isCredential(given)) return undefined
    const challenge = { "www-authenticate": CHALLENGE }
    if (given === undefined) return refusal("unauthorized", undefined, challenge)
    const seconds = yield* limits.login(source, "admin")
    return seconds > 0
      ? refusal("too_many_requests", undefined, retryAfter(seconds))
      : refusal("unauthorized", "that is not the admin credential of this server", challenge)
  })

  const carriedOut = (one: AnyOperation, request: WireRequest, values: Values): Effect.Effect<WireReply> => {
    const asked = readers.get(one)!(request, values)
    if (Result.isFailure(asked)) return Effect.succeed(asked.failure)
    return Effect.match(one.carryOut(place, asked.success), {
      onSuccess: (answer) => json(one.status, answer),
      onFailure: (failure) => {
        const reply = refusalFor(failure)
        if (reply.status >= 500) onFault(failure.message)
        return reply
      },
    })
  }

  const found = (path: string) => {
    for (const { match, ...route } of routes) {
      const values = match(path)
      if (values !== undefined) return { ...route, values }
    }
    return undefined
  }

  const dispatch = (request: WireRequest, route: ReturnType<typeof found>): Effect.Effect<WireReply> => {
    const { path } = request
    // Whoever sends it drops the body.
    const method = request.method === "HEAD" ? "GET" : request.method
    const allowed = route?.own.map((one) => one.method) ?? (path === DOCUMENT_PATH ? ["GET"] : [])
    if (allowed.length === 0) return Effect.succeed(refusal("not_found", "there is nothing at this path"))
    if (!allowed.some((one) => one === method)) {
      const sentence = `this takes ${allowed.join(" and ")}`
      const allow = allowed.flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one])).join(", ")
      return Effect.succeed(refusal("method_not_allowed", sentence, { allow }))
    }
    const one = route?.own.find((other) => other.method === method)
    return one === undefined || route === undefined
      ? Effect.sync(() => ({ ...json(200, {}), body: document() }))
      : carriedOut(one, request, route.values)
  }

  return (request, requestId) => {
    const route = found(request.path)
    const answered = Effect.flatMap(refuse(request), (refused) =>
      refused === undefined ? dispatch(request, route) : Effect.succeed(refused),
    )
    const replied = Effect.catchDefect(answered, (defect) => {
      onDefect(defect)
      return Effect.succeed(refusal("server_error"))
    })
    const named = Effect.map(replied, (reply) => ({
      ...reply,
      headers: { ...reply.headers, "x-request-id": requestId },
    }))
    // What comes of it is found in the log by the id of the request.
    const own = Effect.provideService(named, CorrelationId, requestId)
    if (onAnswered === undefined) return own
    const endpoint = route?.path ?? (request.path === DOCUMENT_PATH ? DOCUMENT_PATH : "none")
    return tellingOf(onAnswered, request, { endpoint, requestId }, own)
  }
}
