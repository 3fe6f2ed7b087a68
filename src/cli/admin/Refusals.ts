/**
 * Every way in which the admin API says no: status, name, and the sentence that the command would print.
 *
 * The sentence is for the operator, whose credential was shown, so that it says all there is to say.
 */
import type * as Schema from "effect/Schema"
import type { WireReply } from "../../http/index.ts"
import type { StoreFault } from "../../log/index.ts"
import { json } from "../../http/Reply.ts"
import { MAX_BODY_BYTES } from "../../provider/features/Wire.ts"
import { wanted } from "../Invocation.ts"
import type { OperationFault } from "./Place.ts"

/** Refusals by name, with the status of each, when it comes, and a sentence as an example. */
export const refusals = {
  invalid_request: {
    status: 400,
    when: "What was asked cannot be meant",
    example: "limit: expected a value between 1 and 10000",
  },
  unauthorized: {
    status: 401,
    when: "No credential, or not the one of this server",
    example: "show the admin credential of this server: Authorization: Bearer …",
  },
  forbidden: {
    status: 403,
    when: "A page in a browser asked; this API is for programs",
    example: "this is for programs: a request with an Origin is refused",
  },
  not_found: {
    status: 404,
    when: "What was named is not there",
    example: "there is no client `app-1`",
  },
  method_not_allowed: {
    status: 405,
    when: "The path takes other methods",
    example: "this takes GET and POST",
  },
  refused: {
    status: 409,
    when: "It was understood, and cannot be done as things are",
    example: "the name `alice` is taken",
  },
  too_large: {
    status: 413,
    when: "The body has too many bytes",
    example: `the body is larger than ${MAX_BODY_BYTES} bytes`,
  },
  unsupported_media_type: {
    status: 415,
    when: "The body is not said to be JSON",
    example: "send JSON, with content-type: application/json",
  },
  misdirected_request: {
    status: 421,
    when: "The Host is a name that this address was not given, as when a page lets its own name lead here",
    example: "ask by localhost, by an IP address, or by the name of --admin-host",
  },
  invalid_client_metadata: {
    status: 422,
    when: "The rules of OAuth refuse it; the name is that of the RFC",
    example: "redirect_uris: https, or http on a loopback",
  },
  too_many_requests: {
    status: 429,
    when: "Too many wrong credentials came from this source, or too many requests at all; Retry-After says when to come again",
    example: "too many wrong credentials: come again later",
  },
  server_error: {
    status: 500,
    when: "Something is wrong with the server, its store or its settings, and stays so until somebody has mended it",
    example: "something went wrong here: it was written to standard error",
  },
  temporarily_unavailable: {
    status: 503,
    when: "The store cannot be read or written now; Retry-After says when to come again",
    example: "the store is busy",
  },
} as const

export type RefusalName = keyof typeof refusals

/** What every operation may be refused by. */
export const common: ReadonlyArray<RefusalName> = [
  ...(["invalid_request", "unauthorized", "forbidden", "misdirected_request", "too_large"] as const),
  ...(["too_many_requests", "server_error", "temporarily_unavailable"] as const),
]

export const refusal = (
  name: RefusalName,
  sentence: string = refusals[name].example,
  headers: WireReply["headers"] = {},
): WireReply => named(refusals[name].status, name, sentence, headers)

const named = (status: number, error: string, sentence: string, headers: WireReply["headers"] = {}): WireReply => {
  const reply = json(status, { error, error_description: sentence })
  return { ...reply, headers: { ...reply.headers, ...headers } }
}

/** When to come again, in seconds. */
export const retryAfter = (seconds: number) => ({ "retry-after": String(Math.ceil(seconds)) })

/** The name of a member, and what would do there; nothing of what was given. */
const misfitSentence = ({ message }: Schema.SchemaError): string => {
  const lines = message.split("\n").map((line) => line.trim())
  const [expected = ""] = lines
  const way = lines.find((line) => line.startsWith("at [")) ?? ""
  const name = way.slice("at [".length, -1).replaceAll('"', "").replaceAll("][", ".")
  const would = expected.startsWith("Expected ") ? `expected ${wanted(expected)}` : wanted(expected)
  return name === "" ? would : `${name}: ${would}`
}

/** What is wrong with a store that nobody gets around by coming again. */
const lasting: ReadonlySet<StoreFault["reason"]> = new Set(["corrupt", "not-a-log", "newer", "too-large"])

/** What an operation that failed is answered with. */
export const refusalFor = (failure: OperationFault | Schema.SchemaError): WireReply => {
  switch (failure._tag) {
    case "SchemaError":
      return refusal("invalid_request", misfitSentence(failure))
    case "CommandFault":
      return refusal(failure.isAbsence === true ? "not_found" : "refused", failure.message)
    case "UsageFault":
      return refusal("invalid_request", failure.message)
    case "OAuthError":
      return named(refusals.invalid_client_metadata.status, failure.error, failure.description)
    case "RateLimited":
      return refusal("too_many_requests", failure.message, retryAfter(failure.retryAfterSeconds))
    case "Unavailable":
      return refusal("temporarily_unavailable", failure.message, retryAfter(failure.retryAfterSeconds))
    case "StoreFault":
      return lasting.has(failure.reason)
        ? refusal("server_error", failure.message)
        : refusal("temporarily_unavailable", failure.message, retryAfter(1))
    case "ConfigFault":
      return refusal("server_error", failure.message)
  }
}
