/**
 * Names of accounts, wherever a subject is asked about: one place that looks them up, beside the log, for the operator.
 *
 * What goes on from here is the subject's id. A name that is the id of something else as well is said to be so, and never
 * repeated: it is somebody's. Whoever has been forgotten has no name, also between the restoring of a backup and the
 * next start of the server.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isKnown, withoutIdMark, type Meaning, type Question } from "../../audit/index.ts"
import { SubjectId } from "../../core/index.ts"
import type { StoreFault } from "../../log/index.ts"
import { accountsOf, liveRandomness } from "../../provider/index.ts"
import { absent, CommandFault, UsageFault } from "../Failure.ts"
import type { Beside } from "../Beside.ts"
import type { ServerStore } from "../../provider/index.ts"
import type { StoreAudit } from "./OpenAudit.ts"

const isSubjectId = Schema.is(SubjectId)

/** A log, and what lies beside it: the ledger of the forgotten is there. */
export interface Named {
  readonly log: ServerStore
  readonly beside: Pick<Beside, "forgetLedger">
}

/** The subject of the account of that name, unless it was forgotten. */
const subjectCalled = Effect.fnUntraced(function* (
  { log, beside }: Named,
  name: string,
): Effect.fn.Return<SubjectId | undefined, StoreFault> {
  const account = yield* accountsOf(log, liveRandomness).find(name)
  if (account === undefined) return undefined
  const { subjectId } = account
  const { state } = yield* log.rows.subject(subjectId)
  const noted = beside.forgetLedger === undefined ? [] : yield* beside.forgetLedger.read
  const isForgotten = state.status === "forgotten" || noted.some((one) => one.subjectId === subjectId)
  return isForgotten ? undefined : subjectId
})

const ambiguous = (what: string, subjectId: string) =>
  new UsageFault({
    message: `that is the id of a ${what}, and the name of an account, too: put id: in front of it for the ${what}, or give ${subjectId} for the account`,
  })

const kinds = {
  Token: "code or token",
  Metadata: "metadata document",
  Grant: "grant",
  Client: "client",
  Subject: "subject",
} as const satisfies Record<Meaning["_tag"], string>

/** The question, where its text is the name of an account, about the account's subject. */
export const questionByName = Effect.fnUntraced(function* (
  audit: StoreAudit,
  beside: Named["beside"],
  question: Question,
): Effect.fn.Return<Question, StoreFault | CommandFault | UsageFault> {
  const subjectId =
    question.name === undefined ? undefined : yield* subjectCalled({ log: audit.log, beside }, question.name)
  if (subjectId === undefined) return question
  for (const meaning of question.meanings) {
    if (yield* isKnown(audit, meaning)) return yield* ambiguous(kinds[meaning._tag], subjectId)
  }
  const meaning = { _tag: "Subject", subjectId } as const
  // The index may not have come as far as the rows.
  const [grant] = yield* audit.log.rows.grants({ subjectId }, { limit: 1 })
  if (grant !== undefined || (yield* isKnown(audit, meaning))) {
    return { meanings: [meaning], namedGrant: undefined, name: undefined }
  }
  const message = `that is the account of the subject ${subjectId}, of which nothing is recorded yet`
  return yield* new CommandFault({ message })
})

/** The subject that is meant, by its id or the name of its account, where nothing else would do. */
export const subjectNamed = Effect.fnUntraced(function* (
  place: Named,
  text: string,
): Effect.fn.Return<SubjectId, StoreFault | CommandFault | UsageFault> {
  const id = withoutIdMark(text)
  const subjectId = id === text ? yield* subjectCalled(place, text) : undefined
  if (isSubjectId(id)) return subjectId === undefined ? id : yield* ambiguous("subject", subjectId)
  if (subjectId !== undefined) return subjectId
  return yield* absent(`there is no account \`${text}\`, and no subject of that id`)
})

/** Who did something, by the id that the log has of them, or the name of their account. */
export const actorNamed = Effect.fnUntraced(function* (
  place: Named,
  text: string,
): Effect.fn.Return<string, StoreFault | UsageFault> {
  const id = withoutIdMark(text)
  const subjectId = id === text ? yield* subjectCalled(place, text) : undefined
  if (subjectId === undefined) return id
  if (id === "operator") return yield* ambiguous("operator", subjectId)
  if (isSubjectId(id)) return yield* ambiguous("subject", subjectId)
  return (yield* place.log.streamVersion(`client-${id}`)) > 0 ? yield* ambiguous("client", subjectId) : subjectId
})
