/**
 * Where operations are carried out: a store that the command opens, or one that a server has open.
 *
 * Everything is opened when it is first asked for, so that a question to the log needs no keys.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { OpenRequestOrigin } from "../../audit/index.ts"
import type { StoreFault } from "../../log/index.ts"
import type { AuthorizationServer, ConfigFault, Failure, ServerStore, VerifyingKey } from "../../provider/index.ts"
import type { StoreAudit } from "../audit/OpenAudit.ts"
import type { Beside, Forgettable } from "../Beside.ts"
import { openExisting, openForOperator, type OperatorFlags } from "../OpenStore.ts"
import { grantProgress } from "../Progress.ts"
import type { StoreLocation } from "../StoreLocation.ts"
import type { CommandFault, UsageFault } from "../Failure.ts"

/** How an operation fails. */
export type OperationFault = CommandFault | UsageFault | ConfigFault | StoreFault | Failure

/** What an operator works on. */
export interface Workplace extends Forgettable {
  readonly server: AuthorizationServer
  readonly log: ServerStore
  readonly beside: Pick<Beside, "forgetLedger">
}

/** What is asked about the log. */
export interface Examined {
  readonly audit: StoreAudit
  readonly location: StoreLocation
  readonly beside: Pick<Beside, "forgetLedger">
}

export interface Place {
  readonly workplace: Effect.Effect<Workplace, OperationFault>
  /** The log and its index, brought up to date. */
  readonly examined: Effect.Effect<Examined, OperationFault>
  /** The log as it is read together with the archives that were named. */
  readonly withArchives: (log: ServerStore) => Effect.Effect<ServerStore, OperationFault>
  /** The keys by which the server signs; none where they, or the key ring, are elsewhere: they only check what is asked. */
  readonly signingKeys: Effect.Effect<ReadonlyArray<VerifyingKey>, OperationFault>
  /** Opens the origins of requests, which are sealed. */
  readonly requestOrigins: Effect.Effect<OpenRequestOrigin, OperationFault>
  /** Told how many grants were looked at. */
  readonly onProgress: (count: number) => void
}

export interface PlaceFlags extends Omit<OperatorFlags, "issuer"> {
  readonly issuer?: Option.Option<string>
  readonly archive?: ReadonlyArray<string>
}

const questions = Effect.promise(() => import("./StoreQuestions.ts"))

/** The store that flags name, for as long as the scope lives. */
export const storePlace = Effect.fnUntraced(function* ({
  issuer = Option.none(),
  archive = [],
  ...flags
}: PlaceFlags): Effect.fn.Return<Place, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const kept = <A, E>(opening: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E> =>
    Effect.provideService(opening, Scope.Scope, scope)
  const workplace = yield* Effect.cached(kept(openForOperator({ ...flags, issuer })))
  const existing = yield* Effect.cached(kept(openExisting(flags)))
  const examined = Effect.gen(function* () {
    return yield* (yield* questions).examinedIn(yield* existing, archive)
  })
  return {
    workplace,
    examined: yield* Effect.cached(kept(examined)),
    withArchives: (log) =>
      archive.length === 0
        ? Effect.succeed(log)
        : kept(Effect.flatMap(questions, ({ archivedIn }) => archivedIn(log, archive))),
    signingKeys: Effect.gen(function* () {
      return yield* (yield* questions).signingKeysIn(yield* existing)
    }),
    requestOrigins: Effect.gen(function* () {
      return yield* kept((yield* questions).requestOriginsIn(yield* existing))
    }),
    onProgress: grantProgress(),
  }
})
