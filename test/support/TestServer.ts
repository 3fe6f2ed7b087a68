/**
 * A real HTTP server for one test: on a free port, over a store of its own, with a clock that only the test moves.
 *
 * It is gone when the test is. The issuer is a fixed string; where the server listens is `url`.
 */
import { mkdtempSync, rmSync } from "node:fs"
import type { RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Clock, Effect } from "effect"
import { onTestFinished } from "vitest"
import { httpServer, nodeListener, type ListenerOptions, type ServerTimeouts } from "../../src/http/index.ts"
import {
  ephemeralKeys,
  fromOAuthProvider,
  liveRandomness,
  makeServer,
  memoryStore,
  openSigningKeys,
  sqliteStore,
  toOAuthProvider,
  type AuthorizationServer,
  type Config,
  type KeyRingFile,
  type ProtocolServer,
  type ServerOptions,
} from "../../src/provider/index.ts"
import { manualClock, type ManualClock } from "./ManualClock.ts"
import type { Answer } from "./WireClient.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

export const ISSUER = "http://localhost:4000"
export const ACCOUNT = "alice"

/** So many that no test meets them by accident. */
export const generousLimits = {
  registrationsPerMinute: 100_000,
  registrationsPerHour: 100_000,
  failedAuthenticationsPerMinute: 100_000,
  failedDocumentsPerMinute: 100_000,
  loginsPerMinute: 100_000,
  sourceLoginsPerMinute: 100_000,
  networkLoginsPerMinute: 100_000,
  deviceRequestsPerMinute: 100_000,
  userCodesPerMinute: 100_000,
  allUserCodesPerMinute: 100_000,
}

export interface Setting {
  readonly config?: Partial<Config>
  /** Whether every loopback request is approved without asking; default true. */
  readonly isAutoApproving?: boolean
  readonly endpoints?: ListenerOptions
  readonly timeouts?: Partial<ServerTimeouts>
  readonly store?: ServerStore
  readonly keys?: KeyRingFile
  readonly features?: ServerOptions["features"]
  /** By default in memory, or beside the file of the store. */
  readonly signingKeys?: ServerOptions["signingKeys"]
  readonly clock?: ManualClock
  /** Nobody is told unless it is given; `undefined` is the server's own way. */
  readonly onNotice?: ServerOptions["onNotice"]
}

/** Opens a path as a person does, who decides so when asked, to allow by default; gives what comes in the end. */
export type Visit = (path: string, decision?: "allow" | "deny") => Promise<Answer>

export interface TestServer {
  /** Where it listens, without a path. */
  readonly url: string
  readonly clock: ManualClock
  readonly store: ServerStore
  readonly keys: KeyRingFile
  /** The server behind the wire, for what an operator does. */
  readonly native: AuthorizationServer
  /** How codes are come by where somebody signs in and is asked; absent where requests are approved by themselves. */
  readonly visit?: Visit
}

/** A folder that is removed when the test has finished. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-test-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const configOf = ({ config, isAutoApproving = true }: Setting = {}): Config => ({
  issuer: ISSUER,
  tokenRate: "off",
  registrationRate: "off",
  ...(isAutoApproving ? { autoApprove: ACCOUNT } : {}),
  ...config,
})

/** What a server signs with, where one of its features signs: shared by all that have this store. */
const signingKeysBeside = ({ file }: ServerStore): ServerOptions["signingKeys"] =>
  file === undefined ? undefined : signingKeysIn(`${file}.signing-keys`)

/** The keys in a file, for each server that opens it. */
export const signingKeysIn =
  (file: string): NonNullable<ServerOptions["signingKeys"]> =>
  (ring) =>
    Effect.tap(openSigningKeys(file, ring, liveRandomness), ({ close }) =>
      Effect.sync(() => onTestFinished(() => Effect.runPromise(close))),
    )

/** The server without HTTP. */
export const serverOver = async (
  setting: Setting = {},
): Promise<Required<Pick<Setting, "store" | "keys" | "clock">> & Pick<TestServer, "native">> => {
  const { store = memoryStore(), keys = ephemeralKeys(), clock = manualClock() } = setting
  const { randomness } = clock
  const onNotice = "onNotice" in setting ? setting.onNotice : () => {}
  const features = setting.features === undefined ? {} : { features: setting.features }
  const made = makeServer({
    store,
    keys,
    randomness,
    config: configOf(setting),
    onNotice,
    signingKeys: setting.signingKeys ?? signingKeysBeside(store),
    ...features,
  })
  return { store, keys, clock, native: await Effect.runPromise(Effect.provideService(made, Clock.Clock, clock.clock)) }
}

/** Serves anything that speaks the protocol, several of it in turn, a request each; gives the address. */
export const serve = async (
  served: ProtocolServer | ReadonlyArray<ProtocolServer>,
  { endpoints = {}, timeouts }: Pick<Setting, "endpoints" | "timeouts"> = {},
): Promise<string> => {
  const limits = { ...generousLimits, ...endpoints.limits }
  const listeners = [served].flat().map((server) => nodeListener(server, { ...endpoints, limits }))
  let turn = 0
  const inTurn: RequestListener = (request, response) => listeners[turn++ % listeners.length]!(request, response)
  // A test that computes for long must not find its connections closed meanwhile.
  const http = httpServer(inTurn, { keepAliveTimeout: 0, ...timeouts })
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

/** A way to make a server; the token side of the protocol must be the same through each. */
export interface Factory {
  readonly name: string
  readonly isNative: boolean
  readonly start: (setting?: Setting) => Promise<TestServer>
}

const factory = (
  name: string,
  open: () => ServerStore,
  face?: (server: AuthorizationServer, config: Config) => ProtocolServer,
): Factory => ({
  name,
  isNative: face === undefined,
  start: async (setting = {}) => {
    const made = await serverOver({ ...setting, store: setting.store ?? open() })
    const shown = face === undefined ? made.native : face(made.native, configOf(setting))
    return { ...made, url: await serve(shown, setting) }
  },
})

export const openSqlite = (): ServerStore => {
  const store = sqliteStore(join(temporaryFolder(), "grantlog.db"))
  onTestFinished(() => Effect.runPromise(store.close))
  return store
}

export const overMemory = factory("native over memory", memoryStore)
export const overSqlite = factory("native over sqlite", openSqlite)
export const overAdapter = factory(
  "fromOAuthProvider(toOAuthProvider(server)) over memory",
  memoryStore,
  (server, config) => fromOAuthProvider(toOAuthProvider(server, { approve: () => ACCOUNT }), config),
)
export const factories: ReadonlyArray<Factory> = [overMemory, overSqlite, overAdapter]
