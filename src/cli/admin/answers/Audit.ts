/** What is answered to questions to the log: explanations, what is alive, and the keys that the server signs with. */
import * as Schema from "effect/Schema"
import type { BlastRadius as BlastRadiusRecord, Explanation as ExplanationRecord } from "../../../audit/index.ts"
import { EpochMillis, eventTypes } from "../../../core/index.ts"
import { signingAlgorithms } from "../../../provider/index.ts"

const Millis = EpochMillis.annotate({ description: "milliseconds since the epoch" })
const Position = Schema.Int.annotate({ description: "where the entry stands in the log, from 0" })
const NullableText = Schema.NullOr(Schema.String)
const millis = Schema.Int.annotate({ description: "milliseconds since the epoch" })

/** What is said of a grant in a list. */
const namedGrant = {
  grantId: Schema.String,
  clientId: Schema.String,
  clientName: NullableText,
  subjectId: NullableText,
  openedAt: millis,
}

const Moment = Schema.Struct({
  size: Schema.Int.annotate({ description: "how many entries had been recorded" }),
  at: Millis,
}).annotate({ identifier: "Moment", description: "The moment that an answer is about" })

const OpenedOrigin = Schema.Union([
  Schema.TaggedStruct("RequestOrigin", { address: NullableText, userAgent: NullableText }),
  Schema.TaggedStruct("NotRecorded", {}),
  Schema.TaggedStruct("Forgotten", {}),
  Schema.Struct({ _tag: Schema.Literals(["Lost", "Damaged"]), message: Schema.String }),
]).annotate({ identifier: "RequestOrigin", description: "Where a request came from, which was sealed" })

const EventLine = Schema.Struct({
  position: Position,
  at: millis,
  type: Schema.Literals(eventTypes),
  sentence: Schema.String.annotate({ description: "what happened" }),
  actor: NullableText,
  actorName: NullableText,
  clientName: NullableText,
  correlationId: Schema.String,
  causationId: NullableText,
  isRequestOriginSealed: Schema.Boolean,
  requestOrigin: Schema.optionalKey(OpenedOrigin),
}).annotate({ identifier: "EventLine", description: "An entry of the log, as it is told" })

const Cause = Schema.Struct({
  rule: Schema.String,
  sentence: Schema.String,
  requirements: Schema.Array(Schema.String),
  isPassing: Schema.Boolean,
  isTheft: Schema.Boolean,
  since: Millis,
  positions: Schema.Array(Position),
}).annotate({ identifier: "Cause", description: "Why something is not alive" })

const Standing = Schema.Struct({
  status: Schema.Literals(["alive", "suspended", "dead"]),
  until: Schema.NullOr(Millis),
  cause: Schema.NullOr(Cause),
  others: Schema.Array(Cause),
}).annotate({ identifier: "Standing", description: "Whether something is alive, and if not, since when and why" })

const Relative = Schema.Struct({
  kind: Schema.Literals(["code", "refresh token", "access token"]),
  digest: Schema.String.annotate({ description: "its SHA-256" }),
  expiresAt: Millis,
  generation: Schema.Int,
  position: Position,
  grantId: Schema.optionalKey(Schema.String),
  clientId: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "Relative", description: "A code or token that is alive" })

const Command = Schema.Struct({ command: Schema.String, purpose: Schema.String }).annotate({
  identifier: "Command",
  description: "A command to type where the store is",
})

const JwtChecked = Schema.Struct({
  kid: NullableText,
  signature: Schema.Literals(["verified", "wrong", "by a compromised key", "not checked"]),
  differing: Schema.Array(Schema.String),
}).annotate({ identifier: "JwtChecked", description: "What was checked of a JWT" })

const advice = { next: Schema.Array(Command), proof: Schema.Array(Command) }

const Explained = Schema.Struct({
  isOurs: Schema.Literal(true),
  kind: Schema.Literals(["code", "refresh token", "access token", "grant", "client", "subject"]),
  id: Schema.String,
  grantId: NullableText,
  clientId: NullableText,
  clientName: NullableText,
  subjectId: NullableText,
  asOf: Moment,
  jwt: Schema.optionalKey(JwtChecked),
  standing: Standing,
  chain: Schema.Array(EventLine).annotate({ description: "the events that ended it" }),
  ancestry: Schema.Array(EventLine).annotate({ description: "where it came from" }),
  presentations: Schema.Array(EventLine).annotate({ description: "who presented it, and what happened to it" }),
  untold: Schema.Struct({ generations: Schema.Int, presentations: Schema.Int }),
  descendants: Schema.Array(Relative).annotate({ description: "what came of it and is alive" }),
  siblings: Schema.Array(Relative).annotate({ description: "what else of its grant is alive" }),
  grants: Schema.Array(
    Schema.Struct({
      ...namedGrant,
      aliveCount: Schema.Int,
    }),
  ),
  hasMoreGrants: Schema.Boolean,
  ...advice,
}).annotate({ identifier: "Explained", description: "What is known of something that was issued or recorded here" })

const NotOurs = Schema.Struct({
  isOurs: Schema.Literal(false),
  archived: Schema.NullOr(
    Schema.Struct({ grantId: Schema.String, archive: Schema.Int, file: Schema.String, entryCount: Schema.Int }),
  ),
  asOf: Moment,
  jwt: Schema.optionalKey(JwtChecked),
  sentence: Schema.String,
  ...advice,
}).annotate({ identifier: "NotOurs", description: "It was never issued or recorded here, or is in an archive" })

export const Explanation: Schema.Codec<ExplanationRecord, unknown> = Schema.Union([Explained, NotOurs]).annotate({
  identifier: "Explanation",
  description: "What something is, whether it is alive, and if not, why",
})

const BlastRadius: Schema.Codec<BlastRadiusRecord, unknown> = Schema.Struct({
  asOf: Moment,
  root: Schema.String,
  rootName: NullableText,
  counts: Schema.Struct({
    grants: Schema.Int,
    suspendedGrants: Schema.Int,
    clients: Schema.Int,
    subjects: Schema.Int,
    codes: Schema.Int,
    refreshTokens: Schema.Int,
    accessTokens: Schema.Int,
  }),
  grants: Schema.Array(
    Schema.Struct({
      ...namedGrant,
      position: Position,
      isSuspended: Schema.Boolean,
      alive: Schema.Array(Relative),
    }),
  ),
}).annotate({ identifier: "BlastRadius", description: "Everything alive that descends from something" })

export const BlastAnswer = Schema.Struct({
  radius: BlastRadius,
  grantIds: Schema.Array(Schema.String).annotate({ description: "every grant that is counted, named or not" }),
}).annotate({
  identifier: "BlastAnswer",
  description: "Everything alive that descends from something, to the last grant",
})

export const BlastRevoked = Schema.Struct({
  revokedGrantIds: Schema.Array(Schema.String),
  left: BlastRadius,
}).annotate({
  identifier: "BlastRevoked",
  description: "What was ended, and what is alive nevertheless: approved in the meantime",
})

export const SigningKeyList = Schema.Struct({
  keys: Schema.Array(
    Schema.Struct({
      kid: Schema.String,
      alg: Schema.Literals(signingAlgorithms),
      publicKey: Schema.Record(Schema.String, Schema.String),
      isCompromised: Schema.Boolean,
    }),
  ),
}).annotate({ identifier: "SigningKeyList", description: "The public keys by which JWTs of the server are verified" })
