/** Events as they are stored: written in their newest form, read at every age, never by exception. */
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  commandTypes,
  eventTypes,
  schemaVersionOf,
  storedForm,
  upcast,
  type StoredEvent,
} from "../../src/core/index.ts"
import { storiesOf } from "./support/Rules.ts"
import { retry } from "./decide/Retry.ts"
import { redeemCode } from "./decide/RedeemCode.ts"
import { registerClient } from "./decide/RegisterClient.ts"

const history = () => [retry, redeemCode, registerClient].flatMap(storiesOf).flatMap((story) => story.history)

describe("a stored event", () => {
  it("is read as it was written, by way of JSON", () => {
    for (const event of history()) {
      const stored = JSON.parse(JSON.stringify(storedForm(event))) as StoredEvent
      expect(stored.type).toBe(event._tag)
      expect(stored.schemaVersion).toBe(schemaVersionOf(event._tag))
      expect(stored.data).not.toHaveProperty("_tag")
      expect(Result.getOrThrow(upcast(stored))).toEqual(event)
    }
  })

  it.each([
    ["RefreshTokenIssued", 1],
    ["RefreshTokenRotated", 1],
    ["RefreshTokenRotated", 2],
  ] as const)(
    "of %s at version %s is read without a salt, and names no version of its stream",
    (tag, schemaVersion) => {
      const issues = history().filter(({ _tag }) => _tag === tag)
      expect(issues).not.toEqual([])
      for (const event of issues) {
        const { type, schemaVersion: newest, data } = storedForm(event)
        expect(newest).toBe(tag === "RefreshTokenIssued" ? 2 : 3)
        expect(event).toMatchObject({ afterVersion: expect.any(Number) })
        const { afterVersion, ...old } = data as { readonly afterVersion: number }
        const read = upcast({ type, schemaVersion, data: { ...old, salt: "what led to today's token" } })
        expect(Result.getOrThrow(read)).toStrictEqual({ ...event, afterVersion: null })
      }
    },
  )

  it.each([undefined, null, 5, "salt"])("of a rotation whose data is %s is answered with a sentence", (data) => {
    for (const schemaVersion of [1, 2, 3]) {
      const read = upcast({ type: "RefreshTokenRotated", schemaVersion, data })
      expect(Result.isFailure(read) && read.failure).toContain(
        `\`RefreshTokenRotated\` of version ${schemaVersion} is not what it should be`,
      )
    }
  })

  it.each([
    [
      "of an unknown type",
      { type: "GrantForgotten", schemaVersion: 1, data: {} },
      "unknown event type `GrantForgotten`",
    ],
    [
      "of a type that objects inherit",
      { type: "toString", schemaVersion: 1, data: {} },
      "unknown event type `toString`",
    ],
    ["of a command's type", { type: commandTypes[0] ?? "", schemaVersion: 1, data: {} }, "unknown event type"],
    ["of a later version", { type: "GrantRevoked", schemaVersion: 2, data: {} }, "written by a newer version"],
    ["later than the third", { type: "RefreshTokenRotated", schemaVersion: 4, data: {} }, "by a newer version"],
    [
      "with a member that is ill-formed",
      { type: "ClientDisabled", schemaVersion: 1, data: { clientId: "sub_1" } },
      "is not",
    ],
    ["without data", { type: "GrantRevoked", schemaVersion: 1, data: null }, "is not what it should be"],
  ])("%s is answered with a sentence", (_, stored, sentence) => {
    const read = upcast(stored)
    expect(Result.isFailure(read) ? read.failure : "read").toContain(sentence)
  })

  it.each([0, -1, 0.5, 1.5, Number.NaN, Infinity, -Infinity])(
    "of version %s, which is none, is not read",
    (version) => {
      const data = { subjectId: "sub_1", enabledAt: 0 }
      const read = upcast({ type: "SubjectEnabled", schemaVersion: version, data })
      expect(Result.isFailure(read) && read.failure).toBe("`SubjectEnabled` has no schema version")
      expect(Result.isSuccess(upcast({ type: "SubjectEnabled", schemaVersion: 1, data }))).toBe(true)
    },
  )

  it("never makes reading throw, whatever it holds", () => {
    const stored = fc.record({
      type: fc.oneof(fc.constantFrom(...eventTypes), fc.string()),
      schemaVersion: fc.oneof(fc.constant(1), fc.integer(), fc.double()),
      data: fc.anything(),
    })
    fc.assert(
      fc.property(stored, (one) => void expect(Result.isResult(upcast(one))).toBe(true)),
      { numRuns: 200 },
    )
  })
})
