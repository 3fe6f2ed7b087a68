/**
 * The server for programs that do not use Effect: the same operations as Promises, and the stores to make it over.
 *
 * A refusal rejects with an `OAuthError`, a store that is not to be had with `Unavailable`.
 */
import * as Effect from "effect/Effect"
import {
  makeMemoryLog,
  makePostgresStore,
  makeSqliteLog,
  type PostgresSettings,
  type SqliteSettings,
} from "../log/index.ts"
import { inlineProjection } from "../projection/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import { newKeyRing, type KeyRingFile } from "./Keys.ts"
import { liveRandomness } from "./Randomness.ts"
import { makeServer, type ServerOptions } from "./Server.ts"
import type { ServerStore } from "./ServerStore.ts"
import { sideTables } from "./SideTables.ts"

type Promised<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends (...input: infer Input) => Effect.Effect<infer A, infer _E>
    ? (...input: Input) => Promise<A>
    : Shape[Name] extends Effect.Effect<infer A, infer _E>
      ? () => Promise<A>
      : Shape[Name]
}

/** Every operation of the server, as a Promise; `effects` has them as Effects, for `createHandler` and for Effect programs. */
export interface EmbeddedServer extends Promised<Omit<AuthorizationServer, "accounts" | "sessions">> {
  readonly accounts: Promised<AuthorizationServer["accounts"]>
  readonly sessions: Promised<AuthorizationServer["sessions"]>
  readonly effects: AuthorizationServer
  /** Waits for what is being committed, then closes the store. */
  readonly close: () => Promise<void>
}

const promised = <Shape extends object>(shape: Shape): Promised<Shape> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, member]) => {
      if (Effect.isEffect(member)) return [name, () => Effect.runPromise(member as Effect.Effect<unknown>)]
      if (typeof member !== "function") return [name, member]
      return [
        name,
        (...input: ReadonlyArray<unknown>) => {
          const result: unknown = member(...input)
          return Effect.isEffect(result) ? Effect.runPromise(result as Effect.Effect<unknown>) : result
        },
      ]
    }),
  ) as Promised<Shape>

/** A store in memory: for tests and trials. */
export const memoryStore = (): ServerStore => makeMemoryLog({ projection: inlineProjection, side: sideTables })

/** A store in a SQLite file; `open` chooses the driver, default node:sqlite. */
export const sqliteStore = (file: string, options: SqliteSettings = {}): ServerStore =>
  makeSqliteLog(file, { projection: inlineProjection, side: sideTables, ...options })

/**
 * A store in a PostgreSQL database, which any number of instances share: `postgres://USER:PASSWORD@HOST/DATABASE`. Nothing
 * is opened before something is asked of it. Keys are to be given (`keys`): none are kept beside it. What a lost refresh is
 * answered from lies in the same database, and in every backup of it, unless `retrySecrets` is a place elsewhere.
 */
export const postgresStore = (url: string, options: PostgresSettings = {}): ServerStore =>
  makePostgresStore(url, { projection: inlineProjection, side: sideTables, ...options })

/** A key ring for a store that does not outlive the process. */
export const ephemeralKeys = (): KeyRingFile => newKeyRing(liveRandomness)

/**
 * Makes a server; rejects with a `ConfigFault` that says what to change.
 *
 * @example
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 */
export const authorizationServer = async (options: ServerOptions): Promise<EmbeddedServer> => {
  const effects = await Effect.runPromise(makeServer(options))
  const { accounts, sessions, ...operations } = effects
  return {
    ...promised(operations),
    accounts: promised(accounts),
    sessions: promised(sessions),
    effects,
    close: () => Effect.runPromise(options.store.close),
  }
}
