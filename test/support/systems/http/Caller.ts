/** A client that calls an endpoint: what it proves itself with, the proof of its key, and what it is answered. */
import type { OAuthErrorCode } from "../../../../src/protocol/index.ts"
import type { Holder } from "../../../../properties/Holder.ts"
import type { Authentication, Key, Ref, Reply } from "../../../../properties/Operation.ts"
import { assertionForm } from "../../Assertions.ts"
import type { DpopKey } from "../../DpopKey.ts"
import { ISSUER } from "../../TestServer.ts"
import { basic, type Answer, type App, type formOf, type WireClient } from "../../WireClient.ts"
import type { Running } from "../Running.ts"
import type { Signing } from "../Signing.ts"
import { sameToken } from "./Jwts.ts"

type Form = Parameters<typeof formOf>[0]

export interface Caller {
  readonly keys: Readonly<Record<Key, DpopKey>>
  readonly running: Running
  readonly wire: WireClient
  readonly watcher: App
  readonly holder: Holder
  readonly signing: Signing
  /** The verifier of what was pushed, by its reference, until there is a code that it belongs to. */
  readonly verifiers: Map<string, string>
  /** When a request was pushed, by its number: milliseconds since the epoch. */
  readonly pushedAt: Map<Ref, number>
  /** How somebody opens an address of the server. */
  readonly open: (path: string) => Promise<Answer>
}

export interface By {
  readonly by: Ref
  readonly authentication: Authentication
  readonly key?: Key | null
}

/** The resource of whoever looks at tokens. */
export const WATCHED = "https://watcher.example/"

/** Resources as they are asked for, with the one that is watched. */
export const watched = (resources: ReadonlyArray<string> | null): ReadonlyArray<string> | undefined =>
  resources === null ? undefined : [...resources, WATCHED]

export const refusal = ({ status, body, text }: Answer): Reply => {
  if (status === 503) return { _tag: "Unavailable" }
  if (status >= 400 && status < 500 && body.error !== undefined) {
    return { _tag: "Refused", error: body.error as OAuthErrorCode }
  }
  return { _tag: "Fault", message: `${status} ${text}` }
}

const asserted: ReadonlyArray<Authentication> = ["replayed", "expired", "misdirected"]

/**
 * A confidential client shows its secret in the header, or an assertion in the form; who has none, or a wrong one, says so
 * in the form.
 */
export const asClient = async (
  { wire, holder, signing, keys, running }: Caller,
  path: string,
  { by, authentication, key = null }: By,
  form: Form,
): Promise<Answer> => {
  const clientId = holder.textOf("client", by)
  const now = running.clock.now()
  const headers = key === null ? {} : { dpop: await keys[key].proof("POST", ISSUER + path, { now }) }
  const isSigning = holder.hasKeys(by) && authentication !== "absent"
  if (isSigning || asserted.includes(authentication)) {
    const jwt = await signing.proof(clientId, authentication)
    const answer = await wire.post(path, { ...assertionForm(jwt), ...form }, headers)
    if (answer.status < 300) signing.taken(jwt)
    return answer
  }
  const secret = holder.secretOf(by, authentication)
  return secret === undefined
    ? wire.post(path, { client_id: clientId, ...form }, headers)
    : wire.post(path, form, { ...basic(clientId, secret), ...headers })
}

export const tokens = async (caller: Caller, by: By, form: Form): Promise<Reply> => {
  const answer = await asClient(caller, "/token", by, form)
  const { status, body } = answer
  const { numberOf } = caller.holder
  if (status !== 200) return refusal(answer)
  return {
    _tag: "Tokens",
    access: numberOf("access", sameToken(caller.holder, body.access_token!)),
    refresh: body.refresh_token === undefined ? null : numberOf("refresh", body.refresh_token),
    scopes: body.scope?.split(" ") ?? [],
    expiresAt: caller.running.clock.now() + body.expires_in! * 1000,
  }
}
