/**
 * Asks a running authorization server what a token is worth (RFC 7662).
 *
 * A revocation counts here at the latest `cacheSeconds` after it was acknowledged, or as soon as a lookup that was then
 * under way has been answered, which takes `timeoutMillis` at most, if that is later; without a cache, which is the
 * default, only the lookup counts. Only tokens that are alive are cached, never beyond their end: a refused one may be
 * good again when a suspended client is resumed, and whoever makes tokens up fills nothing.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { addressFault } from "../protocol/index.ts"
import type { Verifier } from "./Access.ts"
import { makeAnswerCache } from "./AnswerCache.ts"
import { readAnswer } from "./IntrospectionAnswer.ts"
import { requireFunctions } from "./Options.ts"
import { ResourceFault, VerifierUnavailable, type UnavailableCode } from "./ResourceError.ts"

const Settings = Schema.Struct({
  /** https, or http on this machine. */
  introspectionEndpoint: Schema.String,
  /** What `grantlog client add --audience` printed; sent by HTTP Basic. */
  clientId: Schema.NonEmptyString,
  clientSecret: Schema.NonEmptyString,
  /** How long an answer is good for, and so how long a revoked token may live on; default 0, for no time. */
  cacheSeconds: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 3600 }))),
  /** How many answers are kept; default 1000. */
  maxEntries: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))),
  /** How long an answer may take; default 5000. */
  timeoutMillis: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60_000 }))),
})

export interface IntrospectionOptions extends Schema.Codec.Encoded<typeof Settings> {
  /** Default the platform's own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since the epoch; default the machine's clock. */
  readonly now?: () => number
}

const decode = Schema.decodeUnknownResult(Settings, { onExcessProperty: "error" })

const checked = (input: unknown): typeof Settings.Type => {
  const settings = Result.getOrThrowWith(
    decode(input),
    ({ message }) => new ResourceFault({ code: "option_invalid", message: `introspectionVerifier: ${message}` }),
  )
  const fault = addressFault(settings.introspectionEndpoint)
  if (fault === undefined) return settings
  const message = `introspectionEndpoint \`${settings.introspectionEndpoint}\` ${fault}`
  throw new ResourceFault({ code: "endpoint_invalid", message })
}

const MAX_ANSWER_BYTES = 65_536
const MAX_RETRY_AFTER_SECONDS = 300
/** A mistake in the configuration does not heal by itself. */
const RETRY_AFTER_OPERATOR_SECONDS = 60

const unavailable = (code: UnavailableCode, message: string, cause?: unknown, retryAfterSeconds = 1) =>
  new VerifierUnavailable({ code, message, retryAfterSeconds, ...(cause === undefined ? {} : { cause }) })

/**
 * A verifier that introspects; throws a `ResourceFault` that says what to change.
 *
 * @example
 * const verifier = introspectionVerifier({
 *   introspectionEndpoint: "https://id.example.com/introspect",
 *   clientId: process.env.RS_CLIENT_ID,
 *   clientSecret: process.env.RS_CLIENT_SECRET,
 * })
 */
export const introspectionVerifier = ({
  fetch: send = (url, init) => fetch(url, init),
  now = () => Effect.runSync(Clock.currentTimeMillis),
  ...input
}: IntrospectionOptions): Verifier => {
  const settings = checked(input)
  requireFunctions("introspectionVerifier", { fetch: send, now })
  const { introspectionEndpoint: endpoint, clientId, clientSecret, timeoutMillis = 5000 } = settings
  // RFC 6749 2.3.1: each half is form-encoded, which changes nothing about the ids and secrets of grantlog.
  const credentials = [clientId, clientSecret].map(encodeURIComponent).join(":")
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  }

  const ask = async (token: string): Promise<string> => {
    const body = new URLSearchParams({ token, token_type_hint: "access_token" }).toString()
    const signal = AbortSignal.timeout(timeoutMillis)
    try {
      const response = await send(endpoint, { method: "POST", headers, body, signal, redirect: "manual" })
      const text = await readText(response)
      const fault = faultOf(response, endpoint, clientId)
      if (fault !== undefined) throw fault
      return text
    } catch (cause) {
      if (cause instanceof VerifierUnavailable) throw cause
      if (signal.aborted) {
        throw unavailable("timed_out", `\`${endpoint}\` did not answer within ${timeoutMillis} ms`, cause)
      }
      throw unavailable("unreachable", `\`${endpoint}\` cannot be reached: see whether the server runs`, cause)
    }
  }

  const lookUp = async (token: string) => {
    const answer = readAnswer(token, await ask(token), now())
    if ("access" in answer) return answer.access
    throw unavailable("answer_malformed", `the answer of \`${endpoint}\` ${answer.fault}`)
  }

  const { cacheSeconds = 0, maxEntries = 1000 } = settings
  return { verify: makeAnswerCache({ lookUp, cacheSeconds, maxEntries, now }) }
}

/** The body as text; refuses one that is larger than any answer. */
const readText = async (response: Response): Promise<string> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_ANSWER_BYTES) {
      throw unavailable("answer_malformed", `the introspection answer is larger than ${MAX_ANSWER_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** What an answer other than 200 is; credentials and tokens are never sent on to where it points. */
const faultOf = (response: Response, endpoint: string, clientId: string): VerifierUnavailable | undefined => {
  const { status } = response
  if (status === 200) return undefined
  if (status === 401 || status === 403) {
    const message = `\`${endpoint}\` refuses the credentials of \`${clientId}\`: check clientId and clientSecret`
    return unavailable("credentials_refused", message, undefined, RETRY_AFTER_OPERATOR_SECONDS)
  }
  if ((status >= 300 && status < 400) || response.type === "opaqueredirect") {
    const message = `\`${endpoint}\` redirects, which is not followed: configure where it leads`
    return unavailable("redirected", message, undefined, RETRY_AFTER_OPERATOR_SECONDS)
  }
  const retryAfter = Number(response.headers.get("retry-after") ?? 1)
  const seconds = Number.isInteger(retryAfter) ? Math.min(Math.max(retryAfter, 1), MAX_RETRY_AFTER_SECONDS) : 1
  return unavailable("answered_with_error", `\`${endpoint}\` answered with ${status}`, undefined, seconds)
}
