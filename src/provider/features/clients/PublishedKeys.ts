/**
 * The keys of clients: those that were registered by value, and those that a client publishes at its `jwks_uri`.
 *
 * What is published is read by the one guarded reader (`outbound/Documents.ts`), and believed for ten minutes at most,
 * whatever the answer says. It is read again before that only for a signature that no key of it fits, at most twice a
 * minute; and so is what could not be had, so that nobody is asked more often than that for what strangers send here.
 */
import { createLocalJWKSet } from "jose/jwks/local"
import * as Result from "effect/Result"
import { makeRecent } from "../../../log/index.ts"
import { DocumentFault, documentReader, type DocumentOptions } from "../../../outbound/index.ts"
import type { OAuthClientInformationFull } from "../../Records.ts"
import { readVerificationKeys } from "./VerificationKeys.ts"

/** Finds the key that a JWS was signed with, by its header, as `jose` asks for it. */
export type KeySet = ReturnType<typeof createLocalJWKSet>

/**
 * The keys of a client, by value or published; empty where it has none, or where they cannot be had. `isFresh`: no key of
 * what this gave before fits; the same set again where there can be nothing newer yet.
 */
export type KeysOf = (
  client: Pick<OAuthClientInformationFull, "client_id" | "jwks" | "jwks_uri">,
  isFresh?: boolean,
) => Promise<KeySet>

export interface KeySource extends Pick<DocumentOptions, "allowsLoopback" | "fetch"> {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Whether somebody vouched for a client: its keys are read and kept apart from those of strangers. */
  readonly isKnown: (clientId: string) => Promise<boolean>
}

const BELIEVED_MILLIS = 600_000
const PAUSE_MILLIS = 30_000
const MAX_DOCUMENT_BYTES = 65_536
const MAX_FAILURES = 1_000

export const noKeys: KeySet = createLocalJWKSet({ keys: [] })

/** `jose` takes lists that could be written to, and writes to none. */
const keySetOf = ({ keys }: NonNullable<OAuthClientInformationFull["jwks"]>): KeySet =>
  createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) })

const nameOf = (address: string, isFresh: boolean): string => `${isFresh ? "missed" : "none"} ${address}`

const parse = ({ text }: { readonly text: string }): KeySet =>
  keySetOf(Result.getOrThrowWith(readVerificationKeys(JSON.parse(text)), (sentence) => new Error(sentence)))

export const makeKeysOf = ({ now, isKnown, ...options }: KeySource): KeysOf => {
  const read = documentReader<KeySet>({ maxBytes: MAX_DOCUMENT_BYTES, ...options })
  /** When an address gave no keys: to who had none before, and to who missed one. */
  const failures = makeRecent<string, number>(MAX_FAILURES)

  return async (client, isFresh = false) => {
    const { client_id: clientId, jwks, jwks_uri: address } = client
    if (jwks !== undefined) return keySetOf(jwks)
    if (address === undefined) return noKeys
    const time = now()
    const failedAt = failures.get(nameOf(address, isFresh))
    if (failedAt !== undefined && time - failedAt < PAUSE_MILLIS) return noKeys
    try {
      const since = time - (isFresh ? PAUSE_MILLIS - 1 : BELIEVED_MILLIS - 1)
      return await read(address, { now: time, isKnown: await isKnown(clientId), since, parse })
    } catch (cause) {
      if (!(cause instanceof DocumentFault)) throw cause
      // Who could not even be asked did not fail.
      if (cause.reason !== "busy") {
        failures.keep(nameOf(address, true), time)
        // Keys that are known are believed on, whatever became of the question for others.
        if (!isFresh) failures.keep(nameOf(address, false), time)
      }
      return noKeys
    }
  }
}
