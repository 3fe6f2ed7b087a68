/**
 * Credentials for one server over any {@link KeyValue}.
 *
 * What is read back is decoded, never trusted: a value that is not what was stored is an error with a way out, not a
 * silent logout. Times stay absolute. It knows nothing of files or encryption.
 */
import { machineTime } from "../../outbound/index.ts"
import { isFiniteNumber, isRecordOf, isText, type Shape } from "../LenientReading.ts"
import { jsonIn } from "../ResponseBody.ts"
import { clientShapes, tokenShapes } from "../Records.ts"
import type { KeyValue } from "./KeyValue.ts"
import { isComparing, withLease } from "./LeaseLock.ts"
import { StorageError } from "./StorageError.ts"
import type { ProofKey, StoredClient, StoredTokens, TokenStorage } from "./TokenStorage.ts"
import { makeKeyedMutex, type KeyedMutex } from "./KeyedMutex.ts"

const isProofKey = (value: unknown): value is ProofKey => {
  const { kty, crv, x, y, d } = Object(value) as Record<string, unknown>
  return kty === "EC" && crv === "P-256" && [x, y, d].every(isText)
}

// Members that this version does not know are kept: servers send their own.
const isStoredTokens = isRecordOf<StoredTokens>(
  {
    tokens: isRecordOf(tokenShapes, ["access_token", "token_type"]),
    expiresAt: isFiniteNumber,
    issuer: isText,
    proofKey: isProofKey,
  },
  ["tokens", "issuer"],
)
const isStoredClient = isRecordOf<StoredClient>({ client: isRecordOf(clientShapes, ["client_id"]), issuer: isText }, [
  "client",
  "issuer",
])

/** The clock of a token storage, for tests. */
export interface TokenStorageAdapterOptions {
  /** The time in milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
}

/**
 * Keeps the credentials for `serverUrl` in `keyValue`, apart from those of every other server and namespace.
 *
 * With `withLock` or `compareAndSet`, `exclusively` holds across all processes that share the store. With neither it
 * holds within this process only: two processes that refresh at once may then log each other out.
 *
 * @example
 * import { TokenStorageAdapter, memoryKeyValue } from "grantlog/client"
 *
 * const storage = TokenStorageAdapter(memoryKeyValue(), "https://mcp.example.com/mcp")
 */
export const TokenStorageAdapter = (
  keyValue: KeyValue,
  serverUrl: string,
  namespace = "grantlog",
  { now = machineTime }: TokenStorageAdapterOptions = {},
): TokenStorage => {
  const prefix = `${encodeURIComponent(namespace)}/${encodeURIComponent(canonicalUrl(serverUrl).href)}`
  const names = { tokens: `${prefix}/tokens`, client: `${prefix}/client`, lock: `${prefix}/lock` }

  const read = async <A>(key: string, isStored: Shape<A>): Promise<A | undefined> => {
    const text = await keyValue.get(key)
    if (text === undefined) return undefined
    const stored = jsonIn(text)
    if (isStored(stored)) return stored
    const message = `what is stored under \`${key}\` cannot be read: clear it and log in again`
    throw new StorageError({ code: "corrupt", message })
  }

  return {
    getTokens: () => read(names.tokens, isStoredTokens),
    setTokens: (tokens) => keyValue.set(names.tokens, JSON.stringify(tokens)),
    getClientInfo: async () => {
      const stored = await read(names.client, isStoredClient)
      return stored === undefined || now() >= secretEndOf(stored) ? undefined : stored
    },
    setClientInfo: async (stored) => {
      const end = secretEndOf(stored)
      if (now() >= end) return keyValue.delete(names.client)
      const ttl = Number.isFinite(end) ? { ttlSeconds: (end - now()) / 1000 } : undefined
      return keyValue.set(names.client, JSON.stringify(stored), ttl)
    },
    clear: async () => {
      await keyValue.delete(names.tokens)
      await keyValue.delete(names.client)
    },
    exclusively: (body) => {
      if (keyValue.withLock !== undefined) return keyValue.withLock(names.lock, body)
      return mutexOf(keyValue).run(names.lock, () =>
        isComparing(keyValue) ? withLease(keyValue, names.lock, now, body) : body(),
      )
    },
  }
}

/** The address by which a server's credentials are told from another's; throws a {@link StorageError}. */
export const canonicalUrl = (serverUrl: string): URL => {
  if (!URL.canParse(serverUrl)) {
    const message = `\`${serverUrl}\` is not a URL: give the address of the server, as in https://example.com/mcp`
    throw new StorageError({ code: "invalid_argument", message })
  }
  const url = new URL(serverUrl)
  url.hash = ""
  return url
}

/** When the registration ends with its secret, in ms since the epoch; a public client's does not (RFC 7591 3.2.1). */
const secretEndOf = ({ client }: StoredClient): number =>
  client.client_secret === undefined || (client.client_secret_expires_at ?? 0) === 0
    ? Infinity
    : client.client_secret_expires_at! * 1000

/** Adapters that were made apart still share a mutex, as long as it is one store. */
const mutexes = new WeakMap<KeyValue, KeyedMutex>()
const mutexOf = (keyValue: KeyValue): KeyedMutex => {
  const made = mutexes.get(keyValue) ?? makeKeyedMutex()
  mutexes.set(keyValue, made)
  return made
}
