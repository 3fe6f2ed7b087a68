/**
 * The questions to a log, for a program that serves nothing: an auditor's, over the store that a server writes.
 *
 * They are those of `server.audit`. What is alive is never changed; checkpoints and their key are written when they are
 * asked for, and the index of the log with the first question.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { ServerStore } from "../provider/index.ts"
import { auditQuestions } from "./AnswerAudit.ts"
import type { AuditQuestions } from "./AuditQuestions.ts"
import { auditIndexFileOf, checkpointsBeside } from "./BesideFile.ts"
import { promised, type Promised } from "./Promised.ts"

/** Which log is asked, and where what lies beside it is. */
export interface AuditOptions {
  /** The store of the log, as `sqliteStore` or `postgresStore` gives it. */
  readonly store: ServerStore
  /** The issuer whose log it is; checkpoints that are signed here are called after it. */
  readonly issuer: string
  /**
   * The path whose name is taken by what lies beside the store, `PATH.audit` and `PATH.checkpoint`; by default the
   * store's own file. Without either the index is in memory, and no checkpoint can be kept.
   */
  readonly beside?: string
  /** Further files that each checkpoint is written to; none by default. */
  readonly checkpointCopies?: ReadonlyArray<string>
}

/** The questions to a log, until it is closed. */
export interface OpenedAudit extends Promised<AuditQuestions> {
  /** Signs a last checkpoint where they are kept, then closes the index and the store. */
  readonly close: () => Promise<void>
}

/**
 * Opens a log to ask about it. A question rejects with a `StoreFault`, a `CheckpointFault` or an `OAuthError`, which
 * says what is wrong with the question. Origins of requests are not opened: their keys are the server's.
 *
 * @example
 * import { sqliteStore } from "grantlog"
 * import { openAudit } from "grantlog/audit"
 *
 * const audit = openAudit({ store: sqliteStore("grantlog.db"), issuer: "http://localhost:4000" })
 * const { findings, size } = await audit.verify()
 * console.log(size, findings)
 * await audit.close()
 */
export const openAudit = ({ store, issuer, beside, checkpointCopies = [] }: AuditOptions): OpenedAudit => {
  const file = beside ?? store.file
  const scope = Effect.runSync(Scope.make())
  const questions = auditQuestions({
    store,
    issuer,
    subjectKeys: undefined,
    indexFile: file === undefined ? undefined : auditIndexFileOf(file),
    checkpoints: file === undefined ? undefined : checkpointsBeside(file, checkpointCopies),
  })
  return {
    ...promised(Effect.runSync(Scope.provide(questions, scope)), {}),
    close: () => Effect.runPromise(Effect.ensuring(Scope.close(scope, Exit.void), store.close)),
  }
}
