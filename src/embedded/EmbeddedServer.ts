/**
 * The server inside a program that does not use Effect: every operation, and every question to its log, as a Promise.
 *
 * A refusal rejects with an `OAuthError`, a store that is not to be had with `Unavailable`. What lies beside the store has
 * the names that the command gives it, so that `grantlog` works on the same files.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import {
  liveRandomness,
  makeServer,
  memorySubjectKeys,
  openSigningKeys,
  signatureOf,
  openSubjectKeys,
  sessionDigestOf,
  subjectIdOf,
  tellLogouts,
  timeOf,
  type Accounts,
  type AuthorizationServer,
  type ConfigFault,
  type Failure,
  type KeyRingFile,
  type Passkeys,
  type ServerOptions,
  type Sessions,
  type SigningKeys,
  type SubjectKeys,
} from "../provider/index.ts"
import type { StoreFault } from "../log/index.ts"
import { auditQuestions } from "./AnswerAudit.ts"
import type { AuditQuestions } from "./AuditQuestions.ts"
import { auditIndexFileOf, checkpointsBeside, ledgersBeside, signingKeyFileOf, subjectKeyFileOf } from "./BesideFile.ts"
import { promised, type Promised } from "./Promised.ts"

/** What a program does with sessions of the built-in login; beginning and using them is the login's own affair. */
type SessionsAtHand = Pick<Sessions, "end" | "endAll" | "list">

/** What a program does with passkeys; adding and using them is the login's own affair. */
type PasskeysAtHand = Pick<Passkeys, "list" | "remove" | "removeAll">

/** The operations in Effect, which the Promises are made of. */
export interface EmbeddedEffects extends AuthorizationServer {
  /** The questions to the log. */
  readonly audit: AuditQuestions
}

/** Every operation of the server, as a Promise; `effects` has them as Effects, for `createHandler` and for Effect programs. */
export interface EmbeddedServer extends Promised<
  Omit<
    AuthorizationServer,
    | "accounts"
    | "accountOf"
    | "carried"
    | "devices"
    | "passkeys"
    | "serverContext"
    | "requestId"
    | "sessions"
    | "useOnce"
  >
> {
  /** The accounts of the built-in login. */
  readonly accounts: Promised<Accounts>
  /** What devices without a browser asked for, and the answers to it. */
  readonly devices: Promised<AuthorizationServer["devices"]>
  /** Browser sessions of the built-in login. */
  readonly sessions: Promised<SessionsAtHand>
  /** Passkeys of the accounts of the built-in login. */
  readonly passkeys: Promised<PasskeysAtHand>
  /** The questions to the log. */
  readonly audit: Promised<AuditQuestions>
  /** The same operations in Effect. */
  readonly effects: EmbeddedEffects
  /** Waits for what is being committed, signs a last checkpoint where they are kept, then closes the store. */
  readonly close: () => Promise<void>
}

/** What a server is made of: a store and a configuration; everything else has a default. */
export interface EmbeddedOptions extends Omit<ServerOptions, "subjectKeys" | "signingKeys" | "forgetLedger"> {
  /**
   * The path whose name is taken by what lies beside the store: `PATH.audit`, `PATH.checkpoint`, `PATH.subject-keys`,
   * `PATH.signing-keys` and their like; by default the store's own file.
   */
  readonly beside?: string
  /**
   * Whether it is recorded where requests come from, sealed under a key of the person that they concern
   * (`PATH.subject-keys`), and whether who was forgotten is noted (`PATH.forgotten`), so that a restored backup forgets them again. Default `false`.
   */
  readonly recordsRequestOrigin?: boolean
  /** Further files that each checkpoint is written to, best on another machine; beside each is a copy of who was forgotten. */
  readonly checkpointCopies?: ReadonlyArray<string>
}

const assemble = Effect.fnUntraced(function* ({
  beside,
  recordsRequestOrigin = false,
  checkpointCopies = [],
  ...options
}: EmbeddedOptions): Effect.fn.Return<EmbeddedEffects, ConfigFault | StoreFault | Failure, Scope.Scope> {
  const { store } = options
  const file = beside ?? store?.file
  let subjectKeys: SubjectKeys | undefined
  const openKeys = (ring: KeyRingFile) =>
    Effect.gen(function* () {
      if (file === undefined) return (subjectKeys = memorySubjectKeys(ring, liveRandomness))
      subjectKeys = yield* openSubjectKeys(subjectKeyFileOf(file), ring, liveRandomness)
      return subjectKeys
    })
  yield* Effect.addFinalizer(() => subjectKeys?.close ?? Effect.void)
  let signingKeys: SigningKeys | undefined
  const openSigning = (path: string) => (ring: KeyRingFile) =>
    Effect.map(openSigningKeys(path, ring, liveRandomness), (opened) => (signingKeys = opened))
  yield* Effect.addFinalizer(() => signingKeys?.close ?? Effect.void)
  const signing = file === undefined ? {} : { signingKeys: openSigning(signingKeyFileOf(file)) }
  const forgettable = {
    subjectKeys: openKeys,
    ...(file === undefined ? {} : { forgetLedger: ledgersBeside([file, ...checkpointCopies]) }),
  }
  const server = yield* makeServer({ ...options, ...signing, ...(recordsRequestOrigin ? forgettable : {}) })
  yield* Effect.forkScoped(tellLogouts(server, store))
  const audit = yield* auditQuestions({
    store,
    issuer: server.settings.issuer,
    subjectKeys,
    indexFile: file === undefined ? undefined : auditIndexFileOf(file),
    checkpoints: file === undefined ? undefined : checkpointsBeside(file, checkpointCopies),
    signatureBy: (jwt) =>
      Effect.runPromise(Effect.orElseSucceed(signingKeys?.list ?? Effect.succeed([]), () => [])).then((keys) =>
        signatureOf(jwt, keys),
      ),
  })
  return { ...server, audit }
})

/**
 * Makes a server; rejects with a `ConfigFault` that says what to change.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, memoryStore } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const client = await server.addClient({ metadata: { redirect_uris: ["http://127.0.0.1/callback"] } })
 * await server.close()
 */
export const authorizationServer = async (options: EmbeddedOptions): Promise<EmbeddedServer> => {
  const scope = Effect.runSync(Scope.make())
  const release = Scope.close(scope, Exit.void)
  const effects = await Effect.runPromise(Effect.onError(Scope.provide(assemble(options), scope), () => release))
  const { accounts, audit, devices, passkeys, sessions, ...others } = effects
  const { serverContext: _context, requestId: _requestId, carried: _carried, ...rest } = others
  const { accountOf: _accountOf, useOnce: _useOnce, ...operations } = rest
  const { end, endAll, list } = sessions
  return {
    ...promised(operations, {}),
    accounts: promised(accounts, { ofSubject: [subjectIdOf], removeOf: [subjectIdOf] }),
    devices: promised(devices, {}),
    passkeys: promised(
      { list: passkeys.list, remove: passkeys.remove, removeAll: passkeys.removeAll },
      { list: [subjectIdOf], remove: [subjectIdOf, null, null], removeAll: [subjectIdOf] },
    ),
    sessions: promised(
      { end, endAll, list },
      { end: [sessionDigestOf], endAll: [subjectIdOf, null], list: [subjectIdOf, timeOf] },
    ),
    audit: promised(audit, {}),
    effects,
    close: () => Effect.runPromise(Effect.ensuring(release, options.store.close)),
  }
}
