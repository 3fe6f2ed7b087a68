/**
 * Verifies JWT access tokens (RFC 9068) by the keys that their issuer publishes: no question for each token.
 *
 * That is its price: what was revoked is let in until it expires, and what was signed with a key that is known to be
 * compromised until the keys are fetched anew. Who needs to know at once introspects. Nothing in a token says by which key
 * or from where it is verified; `jose` is loaded with the first token.
 */
import { machineTime } from "../outbound/Time.ts"
import { addressFault, boundedText, readIntrospection } from "../protocol/index.ts"
import { expecting, listOf, numberBetween, objectWith, text, wholeBetween, type Rule } from "../protocol/Shape.ts"
import { optionsLike, requireFunctions } from "./Options.ts"
import { ResourceFault, VerifierUnavailable } from "./ResourceError.ts"
import type { Verifier } from "./Verifier.ts"

/** An algorithm that tokens may be signed by (RFC 7518 3.1, RFC 8037 3.1, RFC 9864). */
export type TokenAlgorithm = (typeof tokenAlgorithms)[number]

//= RFC9068-2.1-rs256-support
const tokenAlgorithms = ["ES256", "RS256", "EdDSA", "Ed25519", "PS256"] as const

interface Settings {
  /** Whose tokens are taken, exactly as its metadata spells it. */
  readonly issuer: string
  /** Where that issuer publishes its keys: `jwks_uri` of its metadata. https, or http on this machine. */
  readonly jwksUri: string
  /** What tokens may be signed by; ES256, RS256, EdDSA, Ed25519 and PS256 by default. */
  readonly algorithms?: ReadonlyArray<TokenAlgorithm>
  /** How long fetched keys are good for, in seconds; default 300, at most a day. */
  readonly keysMaxAgeSeconds?: number
  /** How long after fetching the keys a token under an unknown key has them fetched anew, in seconds; default 30. */
  readonly cooldownSeconds?: number
  /** How far this machine's clock may be off, in seconds; default 0, at most 300. */
  readonly clockToleranceSeconds?: number
  /** How long fetching the keys may take; default 5000, at most 60 000. */
  readonly timeoutMillis?: number
}

/** Whose JWT access tokens are taken, and how its keys are come by. */
export interface JwtVerifierOptions extends Settings {
  /** Fetches the keys; the platform's own by default. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since the epoch; default the machine's clock. */
  readonly now?: () => number
}

type Rules = Partial<Record<keyof Settings, Rule>>

const isAlgorithm = (value: unknown): boolean => (tokenAlgorithms as ReadonlyArray<unknown>).includes(value)

const shape = objectWith({
  required: { issuer: text, jwksUri: text } satisfies Rules,
  optional: {
    algorithms: (value, at) =>
      listOf(expecting(`one of ${tokenAlgorithms.join(", ")}`, isAlgorithm))(value, at) ??
      expecting("at least one", (list) => (list as ReadonlyArray<unknown>).length > 0)(value, at),
    keysMaxAgeSeconds: numberBetween(1, 86_400),
    cooldownSeconds: numberBetween(1, 3600),
    clockToleranceSeconds: numberBetween(0, 300),
    timeoutMillis: wholeBetween(1, 60_000),
  } satisfies Rules,
  isOpen: false,
})

const checked = (input: Settings): Settings => {
  const settings = optionsLike("jwtVerifier", shape, input)
  for (const name of ["issuer", "jwksUri"] as const) {
    const fault = addressFault(settings[name])
    if (fault === undefined) continue
    throw new ResourceFault({ code: "endpoint_invalid", message: `${name} \`${settings[name]}\` ${fault}` })
  }
  return settings
}

const MAX_KEYS_BYTES = 262_144
/** Tokens that come while the keys cannot be fetched have them asked for no more often than this. */
const RETRY_AFTER_MILLIS = 1000

//= RFC9068-4-rs-iss-aud-sig-exp
const REQUIRED = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]

/** What says that there is no key for this token, rather than no keys. */
const unknownKey = ["ERR_JWKS_NO_MATCHING_KEY", "ERR_JWKS_MULTIPLE_MATCHING_KEYS", "ERR_JOSE_NOT_SUPPORTED"]

const codeOf = (cause: unknown): unknown => Object(cause).code

const loadJose = async () => {
  const [{ jwtVerify }, { createRemoteJWKSet, customFetch }] = await Promise.all([
    import("jose/jwt/verify"),
    import("jose/jwks/remote"),
  ])
  return { jwtVerify, createRemoteJWKSet, customFetch }
}

/**
 * A verifier of JWT access tokens; throws a `ResourceFault` that says what to change.
 *
 * A token is taken that is typed `at+jwt`, from this issuer, signed by one of its keys and one of the algorithms, and not
 * expired. Whether it is for this resource is judged where the verifier is used. It rejects with a `VerifierUnavailable`
 * while the keys cannot be fetched.
 *
 * @example
 * import { jwtVerifier, protectResource } from "grantlog/resource"
 *
 * const issuer = "https://id.example.com"
 * const notes = protectResource({
 *   resource: "https://api.example.com/notes",
 *   authorizationServers: [issuer],
 *   verifier: jwtVerifier({ issuer, jwksUri: "https://id.example.com/jwks" }),
 * })
 */
export const jwtVerifier = ({
  fetch: send = (url, init) => fetch(url, init),
  now = machineTime,
  ...input
}: JwtVerifierOptions): Verifier => {
  const settings = checked(input)
  requireFunctions("jwtVerifier", { fetch: send, now })
  const { issuer, jwksUri, algorithms = tokenAlgorithms, clockToleranceSeconds = 0 } = settings
  const { keysMaxAgeSeconds = 300, cooldownSeconds = 30, timeoutMillis = 5000 } = settings
  let failed: { readonly at: number; readonly cause: unknown } | undefined

  /** One answer of 200 that is no larger than any key set; after a failure not at once again. */
  const fetchKeys = async (url: string, init: RequestInit): Promise<Response> => {
    if (failed !== undefined && now() < failed.at + RETRY_AFTER_MILLIS && now() >= failed.at) throw failed.cause
    try {
      const response = await send(url, init)
      if (response.status !== 200) throw new Error(`it answered with ${response.status}`)
      const body = await boundedText(response.body, MAX_KEYS_BYTES)
      if (body === undefined) throw new Error(`its answer is larger than ${MAX_KEYS_BYTES} bytes`)
      failed = undefined
      return new Response(body)
    } catch (cause) {
      failed = { at: now(), cause }
      throw cause
    }
  }
  const unavailable = (cause: unknown): VerifierUnavailable => {
    const why = cause instanceof Error ? `: ${cause.message}` : ""
    const message = `the keys of \`${issuer}\` cannot be fetched from \`${jwksUri}\`${why}`
    return new VerifierUnavailable({ code: "unreachable", message, retryAfterSeconds: 1, cause })
  }

  let loaded: Promise<(token: string) => Promise<Readonly<Record<string, unknown>> | undefined>> | undefined
  const load = async () => {
    const { jwtVerify, createRemoteJWKSet, customFetch } = await loadJose()
    //= RFC8725-3.8-keys-belong-to-iss
    const keys = createRemoteJWKSet(new URL(jwksUri), {
      [customFetch]: fetchKeys,
      cacheMaxAge: keysMaxAgeSeconds * 1000,
      cooldownDuration: cooldownSeconds * 1000,
      timeoutDuration: timeoutMillis,
    })
    const keyFor: typeof keys = Object.assign(async (...about: Parameters<typeof keys>) => {
      try {
        return await keys(...about)
      } catch (cause) {
        throw unknownKey.includes(String(codeOf(cause))) ? cause : unavailable(cause)
      }
    }, keys)
    return async (token: string) => {
      try {
        const { payload } = await jwtVerify(token, keyFor, {
          //= RFC8725-3.1-alg-allowlist
          algorithms: [...algorithms],
          issuer,
          //= RFC9068-4-rs-typ
          //= RFC8725-3.12-exclusive-validation
          typ: "at+jwt",
          requiredClaims: REQUIRED,
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(now()),
        })
        return payload
      } catch (cause) {
        if (cause instanceof VerifierUnavailable) throw cause
        // Whatever is wrong with it, it is no token of this issuer that is good now.
        return undefined
      }
    }
  }

  return {
    verify: async (token, jkt) => {
      // What has no three parts is no JWT, and has nobody fetch keys.
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
      const claimsOf = await (loaded ??= load())
      const claims = await claimsOf(token)
      if (claims === undefined) return undefined
      // What it says has the names and the meaning of an introspection answer.
      const skewed = now() - clockToleranceSeconds * 1000
      const answer = readIntrospection(token, JSON.stringify({ ...claims, active: true }), skewed)
      const access = "access" in answer ? answer.access : undefined
      //= RFC9449-7.2-no-bearer-downgrade
      return access?.jkt === jkt ? access : undefined
    },
  }
}
