/**
 * The signing keys of a server where they are kept: one row of a place beside the log, beside that of the subjects' keys.
 *
 * All keys are one row, which is exchanged for the one that was read: however many instances begin, rotate and retire at
 * once, each algorithm has one key that signs, and all instances the same. Private keys are wrapped under the key ring,
 * so that the place alone signs nothing; they are never in the log, nor in a copy of it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { calculateJwkThumbprint } from "jose/jwk/thumbprint"
import { exportJWK } from "jose/key/export"
import { generateKeyPair } from "jose/key/generate/keypair"
import {
  SEAL_NONCE_BYTES,
  StoreFault,
  asFault,
  memoryPlace,
  placeInFile,
  seal,
  sealingKeyIdOf,
  unseal,
  type Place,
  type Row,
  type Table,
} from "../../log/index.ts"
import { wrappingKeys, type KeyRingFile } from "../Keys.ts"
import type { Randomness } from "../Randomness.ts"
import {
  SigningKey,
  retired,
  signingKeyOf,
  signingUntil,
  stateOf,
  tidied,
  type SigningAlgorithm,
} from "./SigningKey.ts"

/** What became of a key that was to be retired, and the key that signs by its algorithm from now on. */
export interface Retirement {
  /** The key, as it is now. */
  readonly key: SigningKey
  /** The key that signs from now on; `undefined` where the retired one did not. */
  readonly successor: SigningKey | undefined
}

/** The keys that a server signs with. Moments are milliseconds since the epoch. */
export interface SigningKeys {
  /** All that are kept, the newest first. */
  readonly list: Effect.Effect<ReadonlyArray<SigningKey>, StoreFault>
  /** The key that signs by an algorithm now, made if there is none. */
  readonly active: (alg: SigningAlgorithm, now: number) => Effect.Effect<SigningKey, StoreFault>
  /** A new key, which signs after `overlapMillis`, while which the old one signs and the new one is published already. */
  readonly rotate: (
    alg: SigningAlgorithm,
    at: { readonly now: number; readonly overlapMillis: number },
  ) => Effect.Effect<SigningKey, StoreFault>
  /**
   * A key signs no more from now on; one that is compromised verifies nothing either. Where it was the one that signs,
   * another takes its place at once. `undefined` where there is no such key.
   */
  readonly retire: (
    kid: string,
    at: { readonly now: number; readonly isCompromised: boolean },
  ) => Effect.Effect<Retirement | undefined, StoreFault>
  /** Wraps what is wrapped under that key of the ring under the one in use; gives how many keys that were. */
  readonly rewrap: (from: string, now: number) => Effect.Effect<number, StoreFault>
  /** The private key as a JWK, of a key that has one still. */
  readonly privateKeyOf: (key: SigningKey) => Effect.Effect<Readonly<Record<string, string>>, StoreFault>
  /** Closes the file. */
  readonly close: Effect.Effect<void>
}

/** One row: `keys` is the list as JSON. */
export const signingKeyTable: Table = {
  name: "signing_keys",
  columns: { name: "TEXT", keys: "TEXT" },
  key: ["name"],
  indexes: [],
}

const NAME = "signing"

const SigningKeyList = Schema.fromJsonString(Schema.Array(SigningKey))
const decode = Schema.decodeUnknownResult(SigningKeyList)
const encode = Schema.encodeSync(SigningKeyList)
const decodeJwk = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.String)))

/** Keys that are gone when the process ends. */
export const memorySigningKeys = (ring: KeyRingFile, randomness: Randomness): SigningKeys =>
  signingKeysIn(memoryPlace(signingKeyTable), "memory:", ring, randomness)

/** The place that the signing keys of a store in a file have, made with mode 0600 if it is not there. */
export const signingKeyPlace = (file: string): Effect.Effect<Place, StoreFault> =>
  Effect.try({
    // "glsg"
    try: () => placeInFile(file, { holds: "signing keys", table: signingKeyTable, applicationId: 0x676c7367 }),
    catch: asFault,
  })

/** Opens the keys in such a file. */
export const openSigningKeys = (
  file: string,
  ring: KeyRingFile,
  randomness: Randomness,
): Effect.Effect<SigningKeys, StoreFault> =>
  Effect.map(signingKeyPlace(file), (place) => signingKeysIn(place, file, ring, randomness))

/** The keys that are to be kept from now on; `undefined` where they stay as they are. */
interface Changed<A> {
  readonly keys: ReadonlyArray<SigningKey> | undefined
  readonly outcome: A
}

/** A new key, and its private half wrapped. */
const newKey = (
  alg: SigningAlgorithm,
  createdAt: number,
  signsFrom: number,
  wrap: (kid: string, privateKey: string) => string,
): Effect.Effect<SigningKey> =>
  Effect.promise(async () => {
    const pair = await generateKeyPair(alg, { extractable: true, ...(alg === "EdDSA" ? { crv: "Ed25519" } : {}) })
    const publicKey = (await exportJWK(pair.publicKey)) as Record<string, string>
    const kid = await calculateJwkThumbprint(publicKey)
    const privateKey = JSON.stringify(await exportJWK(pair.privateKey))
    const times = { createdAt, signsFrom, retiredAt: null }
    return { kid, alg, publicKey, wrapped: wrap(kid, privateKey), ...times, isCompromised: false }
  })

/** The keys in a place, which `name` stands for in messages. */
export const signingKeysIn = (place: Place, name: string, ring: KeyRingFile, randomness: Randomness): SigningKeys => {
  const wrapping = wrappingKeys(ring, "signing key")
  const wrap = (kid: string, privateKey: string) =>
    seal(wrapping.current, kid, Buffer.from(privateKey), randomness.bytes(SEAL_NONCE_BYTES))

  /** What was wrapped of a key; `undefined` where nothing is left, or the ring lacks what it was wrapped under. */
  const plainOf = ({ kid, wrapped: text }: SigningKey): Uint8Array | undefined => {
    const ringKey = wrapping.find(sealingKeyIdOf(text ?? "") ?? "")
    return ringKey === undefined || text === null ? undefined : unseal(ringKey, kid, text)
  }

  const keysIn = (row: Row | undefined): Effect.Effect<ReadonlyArray<SigningKey>, StoreFault> => {
    if (row === undefined) return Effect.succeed([])
    const message = `the signing keys in \`${name}\` cannot be read: put back a copy, or remove them to begin anew`
    const fault = () => new StoreFault({ reason: "corrupt", message })
    return Effect.fromResult(Result.mapError(decode(row["keys"]), fault))
  }
  let remembered: ReadonlyArray<SigningKey> | undefined
  const list = Effect.gen(function* () {
    if (yield* place.mayHaveChanged) remembered = undefined
    return (remembered ??= yield* keysIn(yield* place.get([NAME])))
  })
  /** Puts other keys in the place of those that are there; once more where somebody else was quicker. */
  const change = Effect.fnUntraced(function* <A>(
    now: number,
    changed: (keys: ReadonlyArray<SigningKey>) => Effect.Effect<Changed<A>>,
  ): Effect.fn.Return<A, StoreFault> {
    for (;;) {
      const before = yield* place.get([NAME])
      const { keys, outcome } = yield* changed(yield* keysIn(before))
      if (keys === undefined) return outcome
      const after = { name: NAME, keys: encode(tidied(keys, now)) }
      remembered = undefined
      if (yield* place.exchange([{ before, after }])) return outcome
    }
  })
  const make = (alg: SigningAlgorithm, now: number, signsFrom: number) => newKey(alg, now, signsFrom, wrap)

  /** The keys with one that signs by this algorithm now, and which that is: the next in line, or else a new one. */
  const withActive = (keys: ReadonlyArray<SigningKey>, alg: SigningAlgorithm, now: number) =>
    Effect.gen(function* () {
      const there = signingKeyOf(keys, alg, now)
      if (there !== undefined) return { keys, active: there }
      const waiting = keys.find((key) => key.alg === alg && stateOf(key, now) === "next")
      const active = waiting === undefined ? yield* make(alg, now, now) : { ...waiting, signsFrom: now }
      return { keys: [active, ...keys.filter((key) => key !== waiting)], active }
    })

  return {
    list,
    active: Effect.fnUntraced(function* (alg, now) {
      const there = signingKeyOf(yield* list, alg, now)
      if (there !== undefined) return there
      return yield* change(now, (keys) =>
        Effect.map(withActive(keys, alg, now), (found) => ({
          keys: found.keys === keys ? undefined : found.keys,
          outcome: found.active,
        })),
      )
    }),
    rotate: (alg, { now, overlapMillis }) =>
      change(now, (keys) =>
        Effect.gen(function* () {
          // Without one that signs meanwhile there is nothing to overlap with.
          const signsFrom = signingKeyOf(keys, alg, now) === undefined ? now : now + overlapMillis
          const made = yield* make(alg, now, signsFrom)
          return { keys: [made, ...signingUntil(keys, alg, signsFrom)], outcome: made }
        }),
      ),
    retire: (kid, { now, isCompromised }) =>
      change(now, (keys) =>
        Effect.gen(function* (): Effect.fn.Return<Changed<Retirement | undefined>> {
          const found = keys.find((key) => key.kid === kid)
          if (found === undefined) return { keys: undefined, outcome: undefined }
          const key = retired(found, now, isCompromised)
          const left = keys.map((one) => (one === found ? key : one))
          if (stateOf(found, now) !== "active") return { keys: left, outcome: { key, successor: undefined } }
          const { active, keys: all } = yield* withActive(left, key.alg, now)
          return { keys: all, outcome: { key, successor: active } }
        }),
      ),
    rewrap: (from, now) =>
      change(now, (keys) => {
        const old = keys.filter(({ wrapped }) => sealingKeyIdOf(wrapped ?? "") === from)
        if (old.length === 0) return Effect.succeed({ keys: undefined, outcome: 0 })
        // What cannot be opened stays as it is, and says so when it is to sign.
        const anew = (key: SigningKey): SigningKey => {
          const plain = old.includes(key) ? plainOf(key) : undefined
          return plain === undefined ? key : { ...key, wrapped: wrap(key.kid, Buffer.from(plain).toString()) }
        }
        return Effect.succeed({ keys: keys.map(anew), outcome: old.length })
      }),
    privateKeyOf: (key) => {
      const plain = plainOf(key)
      const read = plain === undefined ? undefined : decodeJwk(Buffer.from(plain).toString())
      if (read !== undefined && Result.isSuccess(read)) return Effect.succeed(read.success)
      const message = `the signing key \`${key.kid}\` in \`${name}\` cannot be opened: bring the key ring that it was made with, or retire it`
      return Effect.fail(new StoreFault({ reason: "other", message }))
    },
    close: place.close,
  }
}
