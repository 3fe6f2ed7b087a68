/**
 * Putting the server together, and refusing to when something does not fit: a wrong issuer, a missing key, a bad clock.
 *
 * Effects inside; `authorizationServer` gives the same operations as Promises for programs that do not use Effect.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Command, type SubjectId } from "../core/index.ts"
import { ROW_RETENTION_MILLIS, type StoreFault } from "../log/index.ts"
import { accountsOf, passwordHashFault } from "./Accounts.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import type { Failure } from "./TokenRequests.ts"
import { clientDocuments } from "./ClientDocuments.ts"
import { clientLookup } from "./ClientLookup.ts"
import { clientManagement } from "./ClientManagement.ts"
import { OPERATOR, clientOperations } from "./ClientOperations.ts"
import { initialAccess } from "./InitialAccess.ts"
import { settingsOf, type Config } from "./Config.ts"
import { ConfigFault } from "./ConfigFault.ts"
import { subjectIdOf } from "./Decoding.ts"
import { deviceOperations } from "./DeviceOperations.ts"
import { execute, orUnavailable, useUp, type HandlerContext } from "./CommandHandler.ts"
import type { Feature, ServerContext } from "./features/Feature.ts"
import { featuresOf } from "./features/Features.ts"
import { standardFeatures } from "./features/standard.ts"
import { forgetter } from "./Forget.ts"
import type { ForgetLedger } from "./ForgetLedger.ts"
import { givesFrozen } from "./Frozen.ts"
import { requireOwner } from "./LogOwner.ts"
import { grantOpening } from "./GrantOpening.ts"
import { grantOperations } from "./GrantOperations.ts"
import { KeyRingFile, keyRing, type KeyRing } from "./Keys.ts"
import { keysBeside } from "./KeysBeside.ts"
import { oauthError } from "./OAuthError.ts"
import { passkeysOf } from "./Passkeys.ts"
import { makeOffers } from "./Offer.ts"
import { readOperations } from "./ReadOperations.ts"
import { doneOrFail } from "./Replies.ts"
import { retrySalts } from "./RetrySalts.ts"
import { carriedValues, type CarriedValues } from "./CarriedValues.ts"
import { upstreamName } from "./UpstreamName.ts"
import type { ServerStore } from "./ServerStore.ts"
import { sessionsOf } from "./Sessions.ts"
import { liveRandomness, mintGrantId, type Randomness } from "./Randomness.ts"
import type { SigningAlgorithm } from "./signing/SigningKey.ts"
import { signerOver, signsNothing, type Signer } from "./signing/Signer.ts"
import { memorySigningKeys, type SigningKeys } from "./signing/SigningKeys.ts"
import type { SubjectKeys } from "./SubjectKeys.ts"
import { makeTimekeeper } from "./Timekeeper.ts"
import { tokenReader } from "./Token.ts"
import { tokenLifetimes } from "./TokenLifetimes.ts"
import { tokenOperations } from "./TokenOperations.ts"

/** What a server is made of: a store, a key ring and a configuration. */
export interface ServerOptions {
  /** Where everything is: `sqliteStore`, `postgresStore` or `memoryStore`. */
  readonly store: ServerStore
  /**
   * What successors of tokens are derived under. By default it is kept beside the file of the store, as `FILE.keys.json`,
   * and made with a new database.
   */
  readonly keys?: typeof KeyRingFile.Encoded
  /** The issuer, and what else can be set. */
  readonly config: Config
  /** Keys that origins of requests are sealed under, of the same ring, or what opens them; without them no origin is recorded. */
  readonly subjectKeys?: SubjectKeys | ((ring: KeyRingFile) => Effect.Effect<SubjectKeys, StoreFault>) | undefined
  /**
   * Keys that the server signs with, of the same ring, or what opens them; asked for only where a feature signs. A store
   * in memory has some of its own; every other needs them.
   */
  readonly signingKeys?: SigningKeys | ((ring: KeyRingFile) => Effect.Effect<SigningKeys, StoreFault>) | undefined
  /** Who is to be forgotten, whatever the store says: what is left of that is done before there is a server. */
  readonly forgetLedger?: ForgetLedger | undefined
  /** Told in a sentence what failed beside the requests: that what a lost reply is repeated with cannot be destroyed yet. */
  readonly onFault?: ((sentence: string) => void) | undefined
  /** Told, once each, in a sentence what the operator can set right; a warning of the process unless set. */
  readonly onNotice?: ((sentence: string) => void) | undefined
  /** Told whenever a command is decided again because something else had been appended meanwhile, for metrics. */
  readonly onDecidedAgain?: (() => void) | undefined
  /** What the protocol consists of here; the standard features by default. A list of one's own begins with those. */
  readonly features?: ReadonlyArray<Feature>
  /** Randomness, for tests; unpredictable by default. */
  readonly randomness?: Randomness
  /** How what comes back from outside is kept till then, for tests; by default it is encrypted under the ring. */
  readonly carried?: CarriedValues
}

const isKeyRing = Schema.is(KeyRingFile)
const isReason = Schema.is(Command.cases.RaiseIssuerEpoch.fields.reason)

/** After how many new grants rows of what is dead are looked for. */
const PRUNE_EVERY = 64
/** After how many claims those that have ended are looked for: where many clients ask and no grant is opened. */
const PRUNE_EVERY_CLAIMS = 1024

/** Makes a server, in Effect; fails with a `ConfigFault` that says what to change. */
export const makeServer = Effect.fnUntraced(function* (
  options: ServerOptions,
): Effect.fn.Return<AuthorizationServer, ConfigFault | StoreFault | Failure> {
  const { store, config, forgetLedger, onFault = () => {}, randomness = liveRandomness } = options
  const { onDecidedAgain = () => {} } = options
  const { onNotice = (sentence) => process.emitWarning(sentence, "GrantlogWarning") } = options
  if (passwordHashFault !== undefined) return yield* new ConfigFault({ message: passwordHashFault })
  const { features, settings, lifetimesFor } = yield* Effect.try({
    try: () => {
      const listed = featuresOf(options.features ?? standardFeatures)
      const checked = settingsOf(config, listed)
      return {
        features: listed,
        settings: checked,
        lifetimesFor: tokenLifetimes(checked, listed.accessTokenFormats),
      }
    },
    catch: (cause) => cause as ConfigFault,
  })
  if (typeof store?.append !== "function") {
    const message = "`store` is no store: give what `sqliteStore` or `memoryStore` returned"
    return yield* new ConfigFault({ message })
  }
  const ringFile = "keys" in options ? options.keys : yield* keysBeside(store, undefined, randomness)
  // A ring that is given and is none, such as a variable that is not set, is not replaced by another.
  if (!isKeyRing(ringFile)) {
    const message = "`keys` is no key ring: give what `openKeyFile` or `ephemeralKeys` returned"
    return yield* new ConfigFault({ message })
  }
  const keys = keyRing(ringFile)
  const subjectKeys =
    typeof options.subjectKeys === "function" ? yield* options.subjectKeys(ringFile) : options.subjectKeys
  const clock = yield* Clock.Clock
  const { recordedAt } = yield* store.head
  const time = makeTimekeeper(clock, recordedAt, randomness.upMillis)
  const signer = yield* signerFor(options, ringFile, settings.issuer, features.signingAlgorithms, time.now)
  const prune = Effect.asVoid(Effect.suspend(() => store.prune(Math.max(0, time.now() - ROW_RETENTION_MILLIS))))
  /** Prunes now and then: at every so many of what it is told of. */
  const pruning = (every: number): Effect.Effect<void> => {
    let count = 0
    return Effect.suspend(() => (++count % every === 0 ? Effect.ignore(prune) : Effect.void))
  }
  const onClaimed = pruning(PRUNE_EVERY_CLAIMS)
  const context: HandlerContext = { log: store, randomness, time, subjectKeys, onClaimed, onDecidedAgain }
  yield* initialize(context, settings.issuer, keys)
  const salts = retrySalts({ log: store, randomness, time, clock, onFault: ({ message }) => onFault(message) })
  yield* salts.start

  const onOpened = pruning(PRUNE_EVERY)
  if (store.notice !== undefined) onNotice(store.notice)
  const offers = makeOffers(settings, onNotice, features)
  const accounts = accountsOf(store, randomness)
  const sessions = sessionsOf(store, randomness, settings.session)
  const onSubject =
    (tag: "DisableSubject" | "EnableSubject" | "ForgetSubject") =>
    (id: string): Effect.Effect<SubjectId, Failure> =>
      Effect.gen(function* () {
        const subjectId = yield* subjectIdOf(id)
        const { reply } = yield* execute(context, { subjectId }, OPERATOR, () => ({
          _tag: tag,
          subjectId,
          at: time.now(),
        }))
        yield* doneOrFail(reply)
        return subjectId
      })
  const forgetting = forgetter({
    log: store,
    accounts,
    sessions,
    subjectKeys,
    ledger: forgetLedger,
    now: time.now,
    record: (subjectId) => Effect.asVoid(onSubject("ForgetSubject")(subjectId)),
  })
  yield* forgetting.finish

  const documents = clientDocuments(context, settings, features)
  const carried = options.carried ?? carriedValues(ringFile)
  const invitations = initialAccess(context, carried)
  const { operations: clients, parts } = clientOperations(context, settings, features, invitations)
  const lookup = clientLookup(context, settings, documents)
  const serverContext: ServerContext = {
    issuer: settings.issuer,
    now: time.now,
    client: (clientId) => Effect.runPromise(lookup.knownClient(clientId)),
    secrets: keys.secrets,
    ...signer,
  }
  const readToken = tokenReader(features.accessTokenFormats, serverContext)
  const opening = grantOpening(context, settings, offers, documents, onOpened)
  const grants = grantOperations(context, settings, accounts, documents, opening, readToken)
  return {
    settings,
    isRefreshRetryable: true,
    features,
    serverContext,
    accounts,
    sessions,
    passkeys: passkeysOf({ context, settings, onNotice }),
    carried,
    newInitialAccessToken: invitations.newInitialAccessToken,
    ...clientManagement(context, settings, parts),
    requestId: keys.requestId,
    newGrantId: () => mintGrantId(randomness, time.now()),
    ...clients,
    ...lookup,
    client: givesFrozen(lookup.client),
    clients: givesFrozen(clients.clients),
    askingClient: givesFrozen(lookup.askingClient),
    ...opening,
    ...grants,
    grant: givesFrozen(grants.grant),
    grants: givesFrozen(grants.grants),
    connections: givesFrozen(grants.connections),
    audienceOf: (clientId) =>
      Effect.map(orUnavailable(store.rows.client(clientId)), ({ state }) =>
        state._tag === "Registered" ? (state.audience ?? undefined) : undefined,
      ),
    subjectOf: (issuer, sub) => {
      const name = upstreamName(issuer, sub)
      if (name === undefined) return Effect.succeed(undefined)
      return Effect.map(orUnavailable(accounts.ensure(name, time.now(), name)), ({ subjectId }) => subjectId)
    },
    ...tokenOperations(
      context,
      settings,
      offers,
      keys,
      salts,
      onOpened,
      features,
      serverContext,
      lifetimesFor,
      readToken,
    ),
    ...deviceOperations({
      context,
      settings,
      offers,
      features,
      keys,
      carried,
      documents,
      serverContext,
      lifetimesFor,
      onOpened,
    }),
    ...readOperations(context, settings, readToken),
    // Else the browsers that were signed in would be again, once the subject is enabled.
    disableSubject: (id) =>
      Effect.flatMap(onSubject("DisableSubject")(id), (subjectId) => orUnavailable(sessions.endAll(subjectId))),
    enableSubject: (subjectId) => Effect.asVoid(onSubject("EnableSubject")(subjectId)),
    forgetSubject: (id) => Effect.flatMap(subjectIdOf(id), forgetting.forget),
    isSubjectDisabled: (subjectId) =>
      Effect.map(orUnavailable(store.rows.subject(subjectId)), ({ state }) => state.status !== "enabled"),
    useOnce: (claims) => useUp(context, claims),
    accountOf: (id) => Effect.flatMap(subjectIdOf(id), (subjectId) => orUnavailable(accounts.ofSubject(subjectId))),
    raiseIssuerEpoch: (reason) =>
      isReason(reason)
        ? Effect.flatMap(
            execute(context, {}, OPERATOR, () => ({ _tag: "RaiseIssuerEpoch" as const, reason, at: time.now() })),
            ({ reply }) => doneOrFail(reply),
          )
        : Effect.fail(oauthError("invalid_request", "the reason is longer than 256 characters, or not well-formed")),
    now: time.now,
    prune,
  }
})

/** What signs here: nothing where no feature does. */
const signerFor = Effect.fnUntraced(function* (
  { store, signingKeys, randomness = liveRandomness }: ServerOptions,
  ring: KeyRingFile,
  issuer: string,
  algorithms: ReadonlyArray<SigningAlgorithm>,
  now: () => number,
): Effect.fn.Return<Signer, ConfigFault | StoreFault> {
  if (algorithms.length === 0) return signsNothing
  const given = typeof signingKeys === "function" ? yield* signingKeys(ring) : signingKeys
  if (given === undefined && (store.file !== undefined || store.isElsewhere === true)) {
    const message = "a feature signs, and there are no `signingKeys`: give what `openSigningKeys` opened"
    return yield* new ConfigFault({ message })
  }
  return signerOver(given ?? memorySigningKeys(ring, randomness), issuer, algorithms, now)
})

/** A new log learns whose it is; an old one must be this issuer's, and every key it names must be in the ring. */
const initialize = Effect.fnUntraced(function* (context: HandlerContext, issuer: string, keys: KeyRing) {
  const { log, time } = context
  if ((yield* log.rows.issuer()).state._tag === "Uninitialized") {
    // Another instance may be quicker: then this one is refused, and finds the issuer below.
    yield* execute(context, {}, OPERATOR, () => ({
      _tag: "InitializeIssuer" as const,
      issuer,
      keyId: keys.current,
      at: time.now(),
    }))
  }
  yield* requireOwner(log.rows, issuer, keys)
})
