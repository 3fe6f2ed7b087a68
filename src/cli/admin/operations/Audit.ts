/** The operations that ask the log: what something is, what is alive because of it, and ending that. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  blastRadius as radiusOf,
  explain as explainAt,
  hasSecret,
  questionOf,
  withRequestOrigins,
  type Question,
} from "../../../audit/index.ts"
import { present } from "../../audit/OpenAudit.ts"
import { readMoment } from "../../audit/ReadMoment.ts"
import { questionByName } from "../../audit/Subjects.ts"
import { parseTime } from "../../audit/Times.ts"
import { absent, UsageFault } from "../../Failure.ts"
import { adviceAbout } from "../../Suggestions.ts"
import { BlastAnswer, BlastRevoked, Explanation, SigningKeyList } from "../answers/Audit.ts"
import { operation } from "../Operation.ts"
import type { Examined, Place } from "../Place.ts"
import { AskedQuestion, questionIn } from "./AskedQuestion.ts"

const MAX_TEXT_CHARACTERS = 2048

const Text = Schema.String.check(Schema.isMaxLength(MAX_TEXT_CHARACTERS))

const about = Schema.optionalKey(
  Text.annotate({
    description:
      "an id, a SHA-256, the name of an account, or `id:` and an id; a token itself is refused: give its SHA-256",
  }),
)

/** The question that a text asks; what may be a token is not looked up, and not repeated. */
const questionAbout = (text: string) =>
  hasSecret(text)
    ? Effect.fail(new UsageFault({ message: "`about` is a token or has one in it: give its SHA-256, and end it" }))
    : Effect.succeed(questionOf(text))

export const explain = operation({
  name: "explain",
  group: "audit",
  method: "POST",
  path: "/admin/explain",
  summary: "Tell what something is, whether it is alive, and why not",
  description:
    "A code or token by its SHA-256, a grant, a client, or a subject. It changes nothing. What was never here is answered with `isOurs: false`.",
  status: 200,
  refusals: ["refused"],
  fields: {
    about,
    question: Schema.optionalKey(AskedQuestion),
    at: Schema.optionalKey(
      Text.annotate({
        description: "as of a position in the log, a time, or `90m`, `24h`, `7d` ago; by default as of now",
      }),
    ),
    request_origin: Schema.optionalKey(
      Schema.Boolean.annotate({ description: "whether to open where requests came from: personal data" }),
    ),
  },
  answer: Explanation,
  run: Effect.fnUntraced(function* (place, { about: text, question: given, at, request_origin: opens = false }) {
    if ((text === undefined) === (given === undefined))
      return yield* new UsageFault({ message: "give `about` or `question`: one of them" })
    const question = given === undefined ? yield* questionAbout(text ?? "") : questionIn(given)
    const { audit, location, beside } = yield* place.examined
    const open = opens ? yield* place.requestOrigins : undefined
    const asked = yield* questionByName(audit, beside, question)
    const moment = at === undefined ? yield* present(audit) : yield* readMoment(audit.log, at)
    const told = yield* explainAt(audit, asked, moment)
    return adviceAbout(location)(open === undefined ? told : yield* withRequestOrigins(audit.log, open, told))
  }),
})

const blastFields = {
  about,
  since: Schema.optionalKey(
    Text.annotate({ description: "only what was approved from this time on: a time, or `90m`, `24h`, `7d` ago" }),
  ),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 })).annotate({
      description: "how many grants are named; all are counted; by default 100",
    }),
  ),
}

interface Blast {
  readonly about?: string
  readonly since?: string
  readonly limit?: number
}

/** What it is about, once its name and its time are read. */
const rootOf = Effect.fnUntraced(function* ({ audit, beside }: Examined, { about: text, since }: Blast) {
  if (text === undefined && since === undefined)
    return yield* new UsageFault({ message: "give `about` or `since`: one of them, or both" })
  const openedSince = since === undefined ? undefined : yield* parseTime(since, yield* Clock.currentTimeMillis)
  const question = text === undefined ? undefined : yield* questionByName(audit, beside, yield* questionAbout(text))
  return { question, openedSince }
})

const radius = Effect.fnUntraced(function* (
  place: Place,
  { audit }: Examined,
  root: { readonly question: Question | undefined; readonly openedSince: number | undefined },
  { limit = 100 }: Blast,
) {
  const grantIds: Array<string> = []
  const options = {
    ...root,
    limit,
    onGrant: ({ grantId }: { readonly grantId: string }) => grantIds.push(grantId),
    onProgress: place.onProgress,
  }
  const found = yield* radiusOf(audit, options, yield* present(audit))
  return found === undefined
    ? yield* absent("nothing of that name or digest was ever here")
    : { radius: found, grantIds }
})

export const blastRadius = operation({
  name: "blastRadius",
  group: "audit",
  method: "POST",
  path: "/admin/blast-radius",
  summary: "Show everything alive that descends from something",
  description:
    "From a grant, client, subject, token or metadata document, or from whatever was approved since a time. It changes nothing.",
  status: 200,
  refusals: ["not_found"],
  fields: blastFields,
  answer: BlastAnswer,
  run: Effect.fnUntraced(function* (place, asked) {
    const examined = yield* place.examined
    return yield* radius(place, examined, yield* rootOf(examined, asked), asked)
  }),
})

export const revokeBlastRadius = operation({
  name: "revokeBlastRadius",
  group: "audit",
  method: "POST",
  path: "/admin/blast-radius/revoke",
  summary: "End everything alive that descends from something",
  description:
    "The same, and every grant of it is ended. What was approved in the meantime is told as left: disable the client, or ask again.",
  status: 200,
  refusals: ["not_found"],
  fields: blastFields,
  answer: BlastRevoked,
  run: Effect.fnUntraced(function* (place, asked) {
    const examined = yield* place.examined
    const root = yield* rootOf(examined, asked)
    const { grantIds } = yield* radius(place, examined, root, asked)
    const { server } = yield* place.workplace
    for (const grantId of grantIds) yield* server.revokeGrant(grantId, "operator")
    yield* examined.audit.index.catchUp()
    const { radius: left } = yield* radius(place, examined, root, asked)
    return { revokedGrantIds: grantIds, left }
  }),
})

export const listSigningKeys = operation({
  name: "listSigningKeys",
  group: "audit",
  method: "GET",
  path: "/admin/signing-keys",
  summary: "List the public keys that JWTs of this server are verified with",
  description: "So that whoever holds one can check its signature without sending it.",
  status: 200,
  refusals: [],
  fields: {},
  answer: SigningKeyList,
  run: (place) =>
    Effect.map(place.signingKeys, (keys) => ({
      keys: keys.map(({ kid, alg, publicKey, isCompromised }) => ({ kid, alg, publicKey, isCompromised })),
    })),
})
