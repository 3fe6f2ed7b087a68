/**
 * The keys of clients: those that were registered by value, and those that a client publishes at its `jwks_uri`.
 *
 * What is published is fetched behind the guard: one document of bounded size in bounded time, status 200 alone, no
 * redirect. It is believed for ten minutes, and fetched again before that only for a signature that no key of it fits,
 * at most twice a minute; so is what could not be fetched. Nothing is stored, and of many addresses the least used are
 * forgotten.
 */
import { createLocalJWKSet } from "jose"
import { boundedText } from "../../../protocol/index.ts"
import { makeRecent } from "../../../log/index.ts"
import type { Fetch } from "../../../outbound/index.ts"
import type { OAuthClientInformationFull } from "../../Records.ts"
import * as Result from "effect/Result"
import { readVerificationKeys } from "./VerificationKeys.ts"

/** Finds the key that a JWS was signed with, by its header, as `jose` asks for it. */
export type KeySet = ReturnType<typeof createLocalJWKSet>

/**
 * The keys of a client, by value or published; empty where it has none, or where they cannot be had. `isFresh`: no key of
 * what this gave before fits; the same set again where there can be nothing newer yet.
 */
export type KeysOf = (
  client: Pick<OAuthClientInformationFull, "jwks" | "jwks_uri">,
  isFresh?: boolean,
) => Promise<KeySet>

interface Published {
  readonly fetchedAt: number
  readonly set: Promise<KeySet>
  /** How long it is believed, unless a signature fits no key of it. */
  believedMillis: number
}

const BELIEVED_MILLIS = 600_000
const PAUSE_MILLIS = 30_000
const FETCH_MILLIS = 5_000
const MAX_DOCUMENT_BYTES = 65_536
const MAX_ADDRESSES = 1_000
const MAX_FETCHES_AT_ONCE = 64

export const noKeys: KeySet = createLocalJWKSet({ keys: [] })

const fetchKeys = async (fetch: Fetch, address: string): Promise<KeySet> => {
  const signal = AbortSignal.timeout(FETCH_MILLIS)
  const response = await fetch(address, { headers: { accept: "application/json" }, redirect: "error", signal })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the answer has the status ${response.status}`)
  }
  const text = await boundedText(response.body, MAX_DOCUMENT_BYTES)
  const keys = readVerificationKeys(JSON.parse(text ?? ""))
  return createLocalJWKSet(mutable(Result.getOrThrowWith(keys, (sentence) => new Error(sentence))))
}

/** `jose` takes lists that could be written to, and writes to none. */
const mutable = ({ keys }: NonNullable<OAuthClientInformationFull["jwks"]>) => ({
  keys: keys.map((key) => ({ ...key })),
})

/** `fetch` goes where the server may send a request for a client; `now` is in milliseconds since the epoch. */
export const makeKeysOf = ({ fetch, now }: { readonly fetch: Fetch; readonly now: () => number }): KeysOf => {
  const published = makeRecent<string, Published>(MAX_ADDRESSES)
  let fetchCount = 0

  const fetchAnew = (address: string): Promise<KeySet> => {
    if (fetchCount >= MAX_FETCHES_AT_ONCE) return Promise.resolve(noKeys)
    fetchCount++
    const set = fetchKeys(fetch, address)
      // A set that cannot be had is one without keys: nobody is known by it, and it is asked for again after the pause.
      .catch(() => {
        entry.believedMillis = PAUSE_MILLIS
        return noKeys
      })
      .finally(() => fetchCount--)
    const entry: Published = { fetchedAt: now(), set, believedMillis: BELIEVED_MILLIS }
    published.keep(address, entry)
    return set
  }

  return async ({ jwks, jwks_uri: address }, isFresh = false) => {
    if (jwks !== undefined) return createLocalJWKSet(mutable(jwks))
    if (address === undefined) return noKeys
    const known = published.get(address)
    if (known === undefined) return fetchAnew(address)
    const age = now() - known.fetchedAt
    return age < (isFresh ? PAUSE_MILLIS : known.believedMillis) ? known.set : fetchAnew(address)
  }
}
