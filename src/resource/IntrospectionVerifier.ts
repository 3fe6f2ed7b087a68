/**
 * Asks a running authorization server what a token is worth (RFC 7662).
 *
 * A revocation counts here at the latest `cacheSeconds` after it was acknowledged, or as soon as a lookup that was then
 * under way has been answered, which takes `timeoutMillis` at most, if that is later; without a cache, which is the
 * default, only the lookup counts. Only tokens that are alive are cached, never beyond their end: a refused one may be
 * good again when a suspended client is resumed, and whoever makes tokens up fills nothing. The resource server proves
 * itself by a secret, or by an assertion that it signs anew for each question.
 */
import { freshIdentifier } from "../outbound/Randomness.ts"
import { machineTime } from "../outbound/Time.ts"
import { ASSERTION_TYPE, keyFault, makeClientAssertion, type ClientKey } from "../proof/ClientAssertion.ts"
import { addressFault, boundedText, readIntrospection } from "../protocol/index.ts"
import { numberBetween, objectWith, text, textLike, wholeBetween, type Rule } from "../protocol/Shape.ts"
import { makeAnswerCache } from "./AnswerCache.ts"
import { optionsLike, requireFunctions } from "./Options.ts"
import { ResourceFault, VerifierUnavailable, type UnavailableCode } from "./ResourceError.ts"
import type { Verifier } from "./Verifier.ts"

interface Settings {
  /** https, or http on this machine. */
  readonly introspectionEndpoint: string
  /** What `grantlog client add --audience` printed. */
  readonly clientId: string
  /** The secret that was printed with it, sent by HTTP Basic; not where there is a `clientKey`. */
  readonly clientSecret?: string
  /** The issuer identifier of the authorization server, for which assertions are; needed with `clientKey`, and only there. */
  readonly issuer?: string
  /** How long an answer is good for, and so how long a revoked token may live on; default 0, for no time. At most 3600. */
  readonly cacheSeconds?: number
  /** How many answers are kept; default 1000, at most a million. */
  readonly maxEntries?: number
  /** How long an answer may take; default 5000, at most 60 000. */
  readonly timeoutMillis?: number
}

/** The introspection endpoint (RFC 7662), and how this resource server is known there. */
export interface IntrospectionOptions extends Settings {
  /**
   * What this resource server signs assertions by (`private_key_jwt`), in place of a secret: a private JWK, a `CryptoKey`, or
   * an object that signs. The server knows its public half (`grantlog client add --audience URL --jwks FILE`).
   */
  readonly clientKey?: ClientKey
  /** Default the platform's own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since the epoch; default the machine's clock. */
  readonly now?: () => number
}

const notEmpty = textLike("a text that is not empty", /./s)

const shape = objectWith({
  required: { introspectionEndpoint: text, clientId: notEmpty } satisfies Rules,
  optional: {
    clientSecret: notEmpty,
    issuer: notEmpty,
    cacheSeconds: numberBetween(0, 3600),
    maxEntries: wholeBetween(1, 1_000_000),
    timeoutMillis: wholeBetween(1, 60_000),
  } satisfies Rules,
  isOpen: false,
})
type Rules = Partial<Record<keyof Settings, Rule>>

const checked = (input: Settings, clientKey: ClientKey | undefined): Settings => {
  const settings = optionsLike("introspectionVerifier", shape, input)
  const wrong = credentialsFault(settings, clientKey)
  if (wrong !== undefined)
    throw new ResourceFault({ code: "option_invalid", message: `introspectionVerifier: ${wrong}` })
  const fault = addressFault(settings.introspectionEndpoint)
  if (fault === undefined) return settings
  const message = `introspectionEndpoint \`${settings.introspectionEndpoint}\` ${fault}`
  throw new ResourceFault({ code: "endpoint_invalid", message })
}

const credentialsFault = ({ clientSecret, issuer }: Settings, clientKey: ClientKey | undefined): string | undefined => {
  if ((clientSecret === undefined) === (clientKey === undefined)) return "give one of clientSecret and clientKey"
  if ((issuer === undefined) !== (clientKey === undefined)) return "give the issuer with clientKey, and only with it"
  const fault = clientKey === undefined ? undefined : keyFault(clientKey)
  return fault === undefined ? undefined : `clientKey ${fault}`
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
 * import { introspectionVerifier } from "grantlog/resource"
 *
 * const verifier = introspectionVerifier({
 *   introspectionEndpoint: "https://id.example.com/introspect",
 *   clientId: "rs",
 *   clientSecret: "a secret that was printed once",
 * })
 */
export const introspectionVerifier = ({
  fetch: send = (url, init) => fetch(url, init),
  now = machineTime,
  clientKey,
  ...input
}: IntrospectionOptions): Verifier => {
  const settings = checked(input, clientKey)
  requireFunctions("introspectionVerifier", { fetch: send, now })
  const { introspectionEndpoint: endpoint, clientId, timeoutMillis = 5000 } = settings
  const headers = {
    ...basicOf(settings),
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  }
  const proofBy = async (key: ClientKey): Promise<Readonly<Record<string, string>>> => {
    const request = { clientId, issuer: settings.issuer!, jti: freshIdentifier(), now: now() }
    const assertion = await makeClientAssertion(key, request).catch((cause: unknown) => {
      const message = `the key of \`${clientId}\` does not sign: check clientKey`
      throw unavailable("credentials_refused", message, cause, RETRY_AFTER_OPERATOR_SECONDS)
    })
    return { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }
  }

  const ask = async (token: string): Promise<string> => {
    const asked = {
      token,
      token_type_hint: "access_token",
      ...(clientKey === undefined ? {} : await proofBy(clientKey)),
    }
    const body = new URLSearchParams(asked).toString()
    const signal = AbortSignal.timeout(timeoutMillis)
    try {
      const response = await send(endpoint, { method: "POST", headers, body, signal, redirect: "manual" })
      const text = await readText(response)
      const fault = faultOf(response, endpoint, settings)
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
    const answer = readIntrospection(token, await ask(token), now())
    if ("access" in answer) return answer.access
    throw unavailable("answer_malformed", `the answer of \`${endpoint}\` ${answer.fault}`)
  }

  const { cacheSeconds = 0, maxEntries = 1000 } = settings
  const answered = makeAnswerCache({ lookUp, cacheSeconds, maxEntries, now })
  return {
    verify: async (token, jkt) => {
      const access = await answered(token)
      //= RFC9449-7.2-no-bearer-downgrade
      return access?.jkt === jkt ? access : undefined
    },
  }
}

/** RFC 6749 2.3.1: each half is form-encoded, which changes nothing about the ids and secrets of grantlog. */
const basicOf = ({ clientId, clientSecret }: Settings): Readonly<Record<string, string>> => {
  if (clientSecret === undefined) return {}
  const credentials = [clientId, clientSecret].map(encodeURIComponent).join(":")
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }
}

/** The body as text; refuses one that is larger than any answer. */
const readText = async (response: Response): Promise<string> => {
  const body = await boundedText(response.body, MAX_ANSWER_BYTES)
  if (body !== undefined) return body
  throw unavailable("answer_malformed", `the introspection answer is larger than ${MAX_ANSWER_BYTES} bytes`)
}

/** What an answer other than 200 is; credentials and tokens are never sent on to where it points. */
const faultOf = (
  response: Response,
  endpoint: string,
  { clientId, clientSecret }: Settings,
): VerifierUnavailable | undefined => {
  const { status } = response
  if (status === 200) return undefined
  if (status === 401 || status === 403) {
    const given = clientSecret === undefined ? "clientKey" : "clientSecret"
    const message = `\`${endpoint}\` refuses the credentials of \`${clientId}\`: check clientId and ${given}`
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
