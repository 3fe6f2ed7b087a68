/**
 * What a resource says with a 401 or 403: where its metadata is, which scopes it wants, what is wrong (RFC 9110 11.6.1,
 * RFC 6750 3, RFC 9449 7.1, RFC 9470 3, RFC 9728 5.1).
 *
 * Servers put several challenges into one header and several headers into one answer; the first of a scheme counts.
 */
import { formatScopes } from "./Scope.ts"

/** What is read of a challenge. */
export interface Challenge {
  /** The error code, as `invalid_token`; absent where no token was sent. */
  readonly error?: string
  /** The scopes that are needed. */
  readonly scopes?: ReadonlyArray<string>
  /** Where the metadata of the resource is (RFC 9728 section 5.1). */
  readonly resourceMetadata?: string
  /** The strengths of a login that will do, in the order of preference (RFC 9470 section 3). */
  readonly acrValues?: ReadonlyArray<string>
  /** How many seconds ago the person may have signed in (RFC 9470 section 3). */
  readonly maxAgeSeconds?: number
}

/** What is wrong with a token whose person signed in too long ago, or too weakly (RFC 9470 section 3). */
export const INSUFFICIENT_AUTHENTICATION = "insufficient_user_authentication"

/** How an access token is used: by whoever has it, or by the owner of a key (RFC 6750 2.1, RFC 9449 7.1). */
export type TokenScheme = "Bearer" | "DPoP"

/** The value of a `WWW-Authenticate` header with this challenge. */
//= OAUTH21-5.3.1-www-authenticate
export const formatChallenge = ({ scheme = "Bearer", ...challenge }: ChallengeToSend): string => {
  const { resourceMetadata, scopes = [], error, description, algorithms, acrValues, maxAgeSeconds } = challenge
  const parameters = {
    resource_metadata: resourceMetadata,
    scope: scopes.length === 0 ? undefined : formatScopes(scopes),
    error,
    error_description: description,
    algs: algorithms?.join(" "),
    acr_values: acrValues?.join(" "),
    max_age: maxAgeSeconds?.toString(),
  }
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`],
  )
  return `${scheme} ${written.join(", ")}`
}

export interface ChallengeToSend extends Challenge {
  /** Default `Bearer`. */
  readonly scheme?: TokenScheme
  readonly description?: string
  /** In which proofs may be signed. */
  readonly algorithms?: ReadonlyArray<string>
}

/** No header that Node reads is longer. */
const MAX_CHARACTERS = 16_384

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
/** A comma ends a parameter; some servers write a semicolon, or nothing but a space before the next name. */
const END = `(?:\\s*(?:[,;]|$)|\\s+(?=${TOKEN}\\s*=))`
const PARAMETER = new RegExp(`^\\s*(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}|[^\\s,]+))${END}`)
const SCHEME = new RegExp(`^[\\s,]*(${TOKEN})(?=\\s|,|$)(?!\\s*=)`)

/** The first `Bearer` challenge of a `WWW-Authenticate` header. */
export const bearerChallenge = (header: string | null): Challenge | undefined => firstChallenge(header, "bearer")

/** The first `DPoP` challenge of a `WWW-Authenticate` header. */
export const dpopChallenge = (header: string | null): Challenge | undefined => firstChallenge(header, "dpop")

const firstChallenge = (header: string | null, wanted: string): Challenge | undefined => {
  let rest = (header ?? "").slice(0, MAX_CHARACTERS)
  for (;;) {
    const scheme = SCHEME.exec(rest)
    if (scheme === null) return undefined
    const [read, after] = parametersOf(rest.slice(scheme[0].length))
    if (scheme[1]!.toLowerCase() === wanted) return challengeOf(read)
    rest = after
  }
}

/** The parameters up to the next scheme, and what is left; the first of a name counts. */
const parametersOf = (text: string): readonly [ReadonlyMap<string, string>, string] => {
  const found = new Map<string, string>()
  let rest = text
  for (;;) {
    const match = PARAMETER.exec(rest)
    if (match === null) return [found, found.size === 0 ? rest.replace(/^\s*[^\s,]*/, "") : rest]
    const [whole, name, quoted, plain] = match
    const key = name!.toLowerCase()
    if (!found.has(key)) found.set(key, quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "")
    rest = rest.slice(whole.length)
  }
}

/** As many names, and as long ones, as anybody would demand; of anything else nothing is read. */
const acrValuesIn = (text: string | undefined): ReadonlyArray<string> | undefined => {
  const values = (text ?? "").split(" ").filter((value) => value !== "")
  const isReadable = values.length > 0 && values.length <= 16 && values.every((value) => /^[!-~]{1,255}$/.test(value))
  return isReadable ? values : undefined
}

const challengeOf = (parameters: ReadonlyMap<string, string>): Challenge => {
  const error = parameters.get("error")
  const scope = parameters.get("scope")?.trim() ?? ""
  const resourceMetadata = parameters.get("resource_metadata")
  const acrValues = acrValuesIn(parameters.get("acr_values"))
  const maxAge = parameters.get("max_age") ?? ""
  return {
    ...(error === undefined ? {} : { error }),
    ...(scope === "" ? {} : { scopes: scope.split(/\s+/) }),
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(/^\d{1,9}$/.test(maxAge) ? { maxAgeSeconds: Number(maxAge) } : {}),
  }
}
