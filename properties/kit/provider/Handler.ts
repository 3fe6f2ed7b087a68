/**
 * What whoever calls a provider judges before asking it to exchange something: SDKs' handlers look at the verifier, the
 * redirect URI and the expiry that a record names, so that a provider may leave these to them.
 *
 * Only what was found to be left to the handler (`ProbeDuties.ts`) is judged here, by the record and by nothing else.
 */
import { challengeOf } from "../../Secrets.ts"

/** What the handler judges, because the provider does not. */
export interface Duties {
  /** Who the client is, by its secret. */
  readonly clients: boolean
  readonly verifier: boolean
  readonly redirectUri: boolean
  readonly codeExpiry: boolean
  readonly refreshExpiry: boolean
}

export const noDuties: Duties = {
  clients: false,
  verifier: false,
  redirectUri: false,
  codeExpiry: false,
  refreshExpiry: false,
}

/** What comes with a code. */
export interface Shown {
  readonly codeVerifier?: string | undefined
  readonly redirectUri?: string | undefined
}

type Members = Readonly<Record<string, unknown>>

const hasExpired = ({ expiresAt }: Members, now: number): boolean =>
  typeof expiresAt === "number" && expiresAt > 0 && now >= expiresAt * 1000

/** Whether the handler refuses a code by its record. `now` in milliseconds. */
export const refusesCode = (duties: Duties, record: Members, { codeVerifier, redirectUri }: Shown, now: number) =>
  (duties.verifier && (codeVerifier === undefined || challengeOf(codeVerifier) !== record["codeChallenge"])) ||
  (duties.redirectUri && redirectUri !== undefined && redirectUri !== record["redirectUri"]) ||
  (duties.codeExpiry && hasExpired(record, now))

export const refusesRefresh = (duties: Duties, record: Members, now: number): boolean =>
  duties.refreshExpiry && hasExpired(record, now)

/** What is left to the handler, in words. */
export const toldDuties = (duties: Duties): ReadonlyArray<string> =>
  [
    duties.clients ? "the secret of the client" : "",
    duties.verifier ? "the code verifier" : "",
    duties.redirectUri ? "the redirect URI of the token request" : "",
    duties.codeExpiry ? "the expiry of codes" : "",
    duties.refreshExpiry ? "the expiry of refresh tokens" : "",
  ].filter(Boolean)
