/** The operations on subjects: what is kept of one, and forgetting it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { SubjectId } from "../../../core/index.ts"
import type { Connections } from "../../../provider/index.ts"
import { subjectNamed } from "../../audit/Subjects.ts"
import { absent } from "../../Failure.ts"
import { time } from "../../Print.ts"
import { Subject, SubjectForgotten } from "../answers/Accounts.ts"
import { operation } from "../Operation.ts"
import type { Place, Workplace } from "../Place.ts"

const subject = {
  subject: Schema.String.annotate({
    description: "the id that the log knows them by, or the name of the account",
  }),
  is_name: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "whether it is the name of an account and nothing else" }),
  ),
}

interface Named {
  readonly subject: string
  readonly is_name?: boolean
}

/** The subject that was named, by its id or by the name that it signs in with. */
const subjectOf = Effect.fnUntraced(function* ({ server, log, beside }: Workplace, asked: Named) {
  if (asked.is_name !== true) return yield* subjectNamed({ log, beside }, asked.subject)
  const account = yield* server.accounts.find(asked.subject)
  return account === undefined ? yield* absent(`there is no account \`${asked.subject}\``) : account.subjectId
})

const countConnections = Effect.fnUntraced(function* (server: Workplace["server"], subjectId: SubjectId) {
  let count = 0
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const page: Connections = yield* server.connections(subjectId, after === undefined ? {} : { after })
    count += page.connections.length
    after = page.after
  }
  return count
})

const found = Effect.fnUntraced(function* ({ workplace }: Place, asked: Named) {
  const opened = yield* workplace
  const { server, log, subjectKeys } = opened
  const subjectId = yield* subjectOf(opened, asked)
  const account = yield* server.accounts.ofSubject(subjectId)
  const own = yield* log.readStream(`subject-${subjectId}`)
  const sessions = yield* server.sessions.list(subjectId, server.now())
  const liveGrantCount = yield* countConnections(server, subjectId)
  const [grant] = yield* server.grants({ subjectId }, { limit: 1 })
  if (account === undefined && own.length === 0 && grant === undefined) {
    return yield* absent(`there is nothing of a subject \`${subjectId}\``)
  }
  const forgotten = own.find(({ event }) => event._tag === "SubjectForgotten")
  const kept = {
    subject: subjectId,
    account: account?.name ?? null,
    browserSessionCount: sessions.length,
    liveGrantCount,
    isKeyDestroyed: yield* subjectKeys.isForgotten(subjectId),
    forgotten: forgotten === undefined ? null : time(forgotten.recordedAt),
  }
  return { server, subjectId, kept }
})

export const showSubject = operation({
  name: "showSubject",
  group: "subjects",
  method: "GET",
  path: "/admin/subjects/{subject}",
  summary: "Show what is kept of a subject",
  description: "And so what forgetting it would end and remove.",
  status: 200,
  refusals: ["not_found"],
  fields: subject,
  answer: Subject,
  run: (place, asked) => Effect.map(found(place, asked), ({ kept }) => kept),
})

export const forgetSubject = operation({
  name: "forgetSubject",
  group: "subjects",
  method: "POST",
  path: "/admin/subjects/{subject}/forget",
  summary: "Forget somebody for good",
  description:
    "Ends every grant and removes account, browser sessions and the key of what was sealed. What happened stays recorded, under the id. It cannot be undone.",
  status: 200,
  refusals: ["not_found"],
  fields: subject,
  answer: SubjectForgotten,
  run: Effect.fnUntraced(function* (place, asked) {
    const { server, subjectId, kept } = yield* found(place, asked)
    yield* server.forgetSubject(subjectId)
    return { ...kept, done: "forgotten" as const }
  }),
})
