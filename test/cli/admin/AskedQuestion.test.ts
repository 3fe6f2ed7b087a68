/** A question as it is sent to a server: it arrives as it was read, and nothing of a token goes along but its SHA-256. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { AskedQuestion, questionIn, sentQuestion } from "../../../src/cli/admin/operations/AskedQuestion.ts"
import type { Question } from "../../../src/audit/index.ts"

const digest = "d".repeat(43)
const jwt = {
  kid: "key",
  signature: "verified",
  named: { grantId: "g".repeat(22), digest },
  claims: { sub: '"alice"', aud: undefined },
} as const

const nothing = { namedGrant: undefined, name: undefined }

it.each<[string, Question, AskedQuestion]>([
  [
    "a token",
    { meanings: [{ _tag: "Token", digest }], namedGrant: "grant", name: undefined },
    { meanings: [{ _tag: "Token", digest }], namedGrant: "grant" },
  ],
  [
    "a name",
    { meanings: [{ _tag: "Client", clientId: "demo" }], namedGrant: undefined, name: "demo" },
    { meanings: [{ _tag: "Client", clientId: "demo" }], name: "demo" },
  ],
  [
    "a JWT",
    { meanings: [{ _tag: "Grant", grantId: "g" }], ...nothing, jwt },
    { meanings: [{ _tag: "Grant", grantId: "g" }], jwt: { ...jwt, claims: { sub: '"alice"' } } },
  ],
])("%s is sent without what it does not say", (_, question, sent) => {
  expect(sentQuestion(question)).toStrictEqual(sent)
  expect(Schema.is(AskedQuestion)(sent)).toBe(true)
})

it("what was sent is the question that is answered", () => {
  const meanings = [{ _tag: "Subject", subjectId: "sub_a" }] as const
  expect(questionIn({ meanings })).toStrictEqual({ meanings, ...nothing })
  const all = { meanings, namedGrant: "grant", name: "demo", jwt: { ...jwt, claims: { sub: '"alice"' } } }
  expect(questionIn(all)).toStrictEqual(all)
})

it.each([
  ["Token", "digest"],
  ["Metadata", "digest"],
  ["Grant", "grantId"],
  ["Client", "clientId"],
  ["Subject", "subjectId"],
] as const)("a %s is asked about by its own id, in so many characters", (tag, name) => {
  const isQuestion = (value: string) => Schema.is(AskedQuestion)({ meanings: [{ _tag: tag, [name]: value }] })
  const fits = name === "digest" ? [digest] : ["", "x".repeat(2048)]
  const misfits = name === "digest" ? [`${digest}x`, digest.slice(1), ` ${digest.slice(1)}`] : ["x".repeat(2049)]
  expect([fits.map(isQuestion), misfits.map(isQuestion)]).toEqual([fits.map(() => true), misfits.map(() => false)])
})

it("no question has more than eight meanings, or a text that is longer than a text may be", () => {
  const meaning = { _tag: "Client", clientId: "a" }
  const isQuestion = (question: unknown) => Schema.is(AskedQuestion)(question)
  expect(isQuestion({ meanings: Array.from({ length: 8 }, () => meaning) })).toBe(true)
  expect(isQuestion({ meanings: Array.from({ length: 9 }, () => meaning) })).toBe(false)
  for (const name of ["namedGrant", "name"]) expect(isQuestion({ meanings: [], [name]: "x".repeat(2049) })).toBe(false)
  expect(isQuestion({ meanings: [], jwt: { ...jwt, signature: "right" } })).toBe(false)
  for (const signature of ["verified", "wrong", "by a compromised key", "not checked"])
    expect(isQuestion({ meanings: [], jwt: { ...jwt, signature, claims: {} } })).toBe(true)
})
