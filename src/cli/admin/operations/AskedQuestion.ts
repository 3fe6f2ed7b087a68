/** A question as it is sent: what `grantlog` makes of what was pasted, so that a token never leaves where it was pasted. */
import * as Schema from "effect/Schema"
import type { PresentedJwt } from "../../../audit/asof/PresentedJwt.ts"
import type { Question } from "../../../audit/index.ts"

const Text = Schema.String.check(Schema.isMaxLength(2048))

/** A SHA-256, base64url. */
const Digest = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z_-]{43}$/))

const Meaning = Schema.Union([
  Schema.TaggedStruct("Token", { digest: Digest }),
  Schema.TaggedStruct("Metadata", { digest: Digest }),
  Schema.TaggedStruct("Grant", { grantId: Text }),
  Schema.TaggedStruct("Client", { clientId: Text }),
  Schema.TaggedStruct("Subject", { subjectId: Text }),
])

const Jwt = Schema.Struct({
  kid: Schema.NullOr(Text),
  signature: Schema.Literals(["verified", "wrong", "by a compromised key", "not checked"]),
  named: Schema.Struct({ grantId: Text, digest: Digest }),
  claims: Schema.Record(Text, Schema.String),
}).annotate({ description: "what a JWT says that was pasted, without its signature" })

export const AskedQuestion = Schema.Struct({
  meanings: Schema.Array(Meaning).check(Schema.isMaxLength(8)),
  namedGrant: Schema.optionalKey(Text.annotate({ description: "the grant that a token names" })),
  name: Schema.optionalKey(Text.annotate({ description: "what may be the name of an account" })),
  jwt: Schema.optionalKey(Jwt),
}).annotate({
  identifier: "Question",
  description:
    "What a text may mean, the likeliest first, as grantlog reads what is pasted; a token by its SHA-256 alone",
})
export type AskedQuestion = typeof AskedQuestion.Type

/** The question that was sent. */
export const questionIn = ({ meanings, namedGrant, name, jwt }: AskedQuestion): Question => ({
  meanings,
  namedGrant,
  name,
  ...(jwt === undefined ? {} : { jwt }),
})

const saidOf = (claims: PresentedJwt["claims"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(claims).flatMap(([name, said]) => (said === undefined ? [] : [[name, said]])))

/** The question as it is sent; what it does not say is left out. */
export const sentQuestion = ({ meanings, namedGrant, name, jwt }: Question): AskedQuestion => ({
  meanings,
  ...(namedGrant === undefined ? {} : { namedGrant }),
  ...(name === undefined ? {} : { name }),
  ...(jwt === undefined ? {} : { jwt: { ...jwt, claims: saidOf(jwt.claims) } }),
})
