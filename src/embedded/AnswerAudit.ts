/**
 * The questions to the log, answered over a store.
 *
 * The index of the log is opened with the first question, in a file beside the store or else in memory, and brought up to
 * date with each.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  CheckpointFault,
  alarmWatch,
  blastRadius,
  checkpointNow,
  explain,
  exportLines,
  followHistory,
  historyPage,
  introspectAt,
  keptHeads,
  momentAtPosition,
  momentAtTime,
  momentNow,
  openAuditIndex,
  pastedQuestion,
  proveEntry,
  verifyLog,
  withRequestOrigins,
  type AuditIndex,
  type CheckpointPlace,
  type EntryAlarm,
  type JwtSignature,
  type Moment,
} from "../audit/index.ts"
import {
  formatProof,
  formatVerifierKey,
  openCheckpoint,
  parseVerifierKey,
  type StoreFault,
  type TreeHead,
} from "../log/index.ts"
import {
  liveRandomness,
  oauthError,
  openRequestOrigin,
  type OAuthError,
  type ServerStore,
  type SubjectKeys,
} from "../provider/index.ts"
import type { AsOf, AuditFailure, AuditQuestions, VerifyQuestion } from "./AuditQuestions.ts"
import { keepCheckpoints } from "./KeepCheckpoints.ts"

/** What is asked, and what lies beside it. */
export interface Audited {
  readonly store: ServerStore
  readonly issuer: string
  readonly subjectKeys: SubjectKeys | undefined
  /** Where the index is kept; in memory without. */
  readonly indexFile: string | undefined
  readonly checkpoints: CheckpointPlace | undefined
  /** Whether a key of the server signed a JWT; absent where the keys are not at hand. */
  readonly signatureBy?: (jwt: string) => Promise<JwtSignature>
}

const HISTORY_LIMIT = 100
const BLAST_LIMIT = 100
const CHECKPOINT_SECONDS = 10

const refuse = (sentence: string): Effect.Effect<never, OAuthError> =>
  Effect.fail(oauthError("invalid_request", sentence))

/** A count or an index, as a caller has it. */
const countOf = (name: string, value: number): Effect.Effect<number, OAuthError> =>
  Number.isSafeInteger(value) && value >= 0
    ? Effect.succeed(value)
    : refuse(`\`${name}\` is not a whole number of 0 or more`)

const textOf = (name: string, value: string): Effect.Effect<string, OAuthError> =>
  typeof value === "string" && value.trim() !== "" ? Effect.succeed(value) : refuse(`\`${name}\` is no text`)

/** Ends a stream when a signal is aborted, and by itself otherwise. */
const endingBy =
  (signal: AbortSignal | undefined) =>
  <A, E>(stream: Stream.Stream<A, E>): Stream.Stream<A, E> => {
    if (signal === undefined) return stream
    const aborted = Effect.callback<void>((resume) => {
      const end = () => resume(Effect.void)
      if (signal.aborted) return end()
      signal.addEventListener("abort", end, { once: true })
      return Effect.sync(() => signal.removeEventListener("abort", end))
    })
    return Stream.suspend(() => (signal.aborted ? Stream.empty : Stream.interruptWhen(stream, aborted)))
  }

/** The questions about a store; the index is closed with the scope. */
export const auditQuestions = Effect.fnUntraced(function* ({
  store: log,
  issuer,
  subjectKeys,
  indexFile,
  checkpoints,
  signatureBy,
}: Audited): Effect.fn.Return<AuditQuestions, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let index: AuditIndex | undefined
  yield* Effect.addFinalizer(() => index?.close ?? Effect.void)
  const open = Effect.try({
    try: () => (index ??= openAuditIndex(log, indexFile)),
    catch: (cause) => cause as StoreFault,
  })
  /** The log and its index, up to date. */
  const audited = Effect.map(
    Effect.tap(open, (opened) => opened.catchUp()),
    (opened) => ({ log, index: opened }),
  )

  const momentOf = Effect.fnUntraced(function* ({ time, position }: AsOf = {}): Effect.fn.Return<Moment, AuditFailure> {
    if (position !== undefined) {
      const found = yield* momentAtPosition(log, yield* countOf("position", position))
      if (found !== undefined) return found
      return yield* refuse(`the log has ${(yield* log.head).size} entries, and none at position ${position}`)
    }
    if (time !== undefined) return yield* momentAtTime(log, yield* countOf("time", time))
    return yield* momentNow(log, yield* Clock.currentTimeMillis)
  })

  /** What somebody pasted, a JWT's signature checked where the keys are at hand. */
  const asked = Effect.fnUntraced(function* (text: string) {
    const question = pastedQuestion(text)
    if (question.jwt === undefined || signatureBy === undefined) return question
    const signature = yield* Effect.promise(() => signatureBy(text.trim().replace(/^bearer\s+/i, "")))
    return { ...question, jwt: { ...question.jwt, signature } }
  })

  const place = Effect.suspend(() => {
    if (checkpoints !== undefined) return Effect.succeed(checkpoints)
    const message = "this store has no file to keep checkpoints beside: give the server a path as `beside`"
    return Effect.fail(new CheckpointFault({ reason: "no-key", message }))
  })
  const signing = Effect.gen(function* () {
    const storage = yield* place
    return { storage, key: yield* storage.openKey(issuer, liveRandomness) }
  })
  const newest: Effect.Effect<number, AuditFailure> = Effect.map(log.head, ({ size }) => size)
  const checkpoint = Effect.flatMap(signing, ({ storage, key }) => checkpointNow(log, key, storage))

  /** The heads that are kept beside the store, and those that were given. */
  const headsOf = Effect.fnUntraced(function* ({
    checkpoints: given = [],
    key,
  }: VerifyQuestion): Effect.fn.Return<ReadonlyArray<TreeHead>, AuditFailure> {
    const named = key === undefined ? undefined : parseVerifierKey(key)
    if (key !== undefined && named === undefined) return yield* refuse("`key` is no verifier key: NAME+ID+KEY")
    const isKept = checkpoints !== undefined && (yield* checkpoints.read).length > 0
    if (!isKept && given.length === 0) return []
    const verifier = named ?? (yield* (yield* place).readKey)
    const kept = isKept ? yield* keptHeads(checkpoints, verifier) : []
    const heads = yield* Effect.forEach(given, (note) => {
      const head = openCheckpoint(note, verifier)
      return Result.isSuccess(head) ? Effect.succeed(head.success) : refuse(`a checkpoint: ${head.failure}`)
    })
    return [...kept, ...heads]
  })

  return {
    explain: Effect.fnUntraced(function* (what, { asOf, requestOrigins = false } = {}) {
      const question = yield* asked(yield* textOf("what", what))
      if (requestOrigins && subjectKeys === undefined) {
        return yield* refuse("no origins are recorded here: make the server with `recordsRequestOrigin: true`")
      }
      const audit = yield* audited
      const explanation = yield* explain(audit, question, yield* momentOf(asOf))
      if (!requestOrigins || subjectKeys === undefined) return explanation
      return yield* withRequestOrigins(log, (entry) => openRequestOrigin(subjectKeys, entry), explanation)
    }),
    introspectAt: (token, asOf) =>
      Effect.flatMap(textOf("token", token), (text) =>
        Effect.flatMap(momentOf(asOf), (moment) =>
          Effect.flatMap(asked(text), ({ jwt }) => introspectAt(log, text, moment, jwt)),
        ),
      ),
    blastRadius: Effect.fnUntraced(function* ({ of, openedSince, limit = BLAST_LIMIT, asOf } = {}) {
      const question = of === undefined ? undefined : pastedQuestion(yield* textOf("of", of))
      const named = yield* countOf("limit", limit)
      const since = openedSince === undefined ? undefined : yield* countOf("openedSince", openedSince)
      const audit = yield* audited
      return yield* blastRadius(audit, { question, openedSince: since, limit: named }, yield* momentOf(asOf))
    }),
    history: Effect.fnUntraced(function* ({ from = 0, to, limit = HISTORY_LIMIT, ...query } = {}) {
      const audit = yield* audited
      const end = to ?? (yield* audit.index.size)
      return yield* historyPage(audit, {
        ...query,
        from: yield* countOf("from", from),
        to: yield* countOf("to", end),
        limit: yield* countOf("limit", limit),
      })
    }),
    follow: ({ from = 0, signal, ...query } = {}) =>
      Stream.unwrap(
        Effect.flatMap(countOf("from", from), (start) =>
          Effect.map(audited, (audit) => followHistory(audit, { ...query, from: start })),
        ),
      ).pipe(endingBy(signal)),
    watch: ({ from, signal } = {}) =>
      Stream.unwrap(
        Effect.map(
          from === undefined ? newest : countOf("from", from),
          (start): Stream.Stream<EntryAlarm, StoreFault> =>
            log.subscribe(start).pipe(
              Stream.map(alarmWatch()),
              Stream.filter((alarm) => alarm !== undefined),
            ),
        ),
      ).pipe(endingBy(signal)),
    verify: (question = {}) =>
      Effect.flatMap(headsOf(question), (heads) =>
        verifyLog(log, {
          checkpoints: heads,
          ...(question.onProgress === undefined ? {} : { onProgress: question.onProgress }),
        }),
      ),
    checkpoint: () => checkpoint,
    keepCheckpoints: Effect.fnUntraced(function* ({
      everySeconds = CHECKPOINT_SECONDS,
      onFault = (sentence: string) => process.emitWarning(sentence, "GrantlogWarning"),
    } = {}) {
      if (!(everySeconds > 0)) return yield* refuse("`everySeconds` is not above 0")
      const kept = keepCheckpoints(log, { place: yield* place, issuer, everySeconds, onFault })
      return formatVerifierKey(yield* Scope.provide(kept, scope))
    }),
    prove: Effect.fnUntraced(function* (position) {
      const asked = yield* countOf("position", position)
      const { storage, key } = yield* signing
      const kept = (yield* keptHeads(storage, key)).findLast(({ size }) => size > asked)
      const head = kept ?? (yield* checkpointNow(log, key, storage))
      const proven = yield* proveEntry(log, asked, head.size)
      if (proven !== undefined) return formatProof({ ...proven, checkpoint: head.checkpoint })
      return yield* refuse(`the log has ${head.size} entries, and none at position ${asked}`)
    }),
    exportLines: ({ from = 0, withDigests = false, signal } = {}) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const start = yield* countOf("from", from)
          const head = yield* checkpoint
          if (start <= head.size) return exportLines(log, head, { from: start, withDigests })
          return yield* refuse(`the log has ${head.size} entries, and none at position ${start}`)
        }),
      ).pipe(endingBy(signal)),
  }
})
