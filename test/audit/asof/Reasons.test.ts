/** The reasons that are given: their names, by which programs decide, stay, and each has a sentence and a clause behind it. */
import { describe, expect, it } from "vitest"
import { requirements } from "../../../spec/requirements/index.ts"
import { rules, type Rule } from "../../../src/audit/asof/Reasons.ts"

const all: ReadonlyArray<Rule> = Object.values(rules)
const namesOf = (some: ReadonlyArray<Rule>) => some.map(({ rule }) => rule).toSorted()

describe("of the reasons that are given", () => {
  it("the names stay as programs know them", () => {
    expect(namesOf(all)).toEqual([
      "access-token-expired",
      "access-token-revoked",
      "ancestor-ended",
      "client-deleted",
      "client-disabled",
      "code-expired",
      "code-replayed",
      "deleted",
      "denied",
      "disabled",
      "disabled",
      "forgotten",
      "grant-expired",
      "issuer-epoch-raised",
      "redeemed",
      "refresh-token-expired",
      "refresh-token-reused",
      "revoked-by-client",
      "revoked-by-operator",
      "revoked-by-subject",
      "rotated",
      "subject-disabled",
      "subject-forgotten",
      "subject-sessions-revoked",
      "too-many-access-tokens",
    ])
  })

  it("only those pass that enabling undoes, and only those are thefts that prove one", () => {
    expect(namesOf(all.filter(({ isPassing }) => isPassing))).toEqual(["client-disabled", "disabled", "disabled"])
    expect(namesOf(all.filter(({ isTheft }) => isTheft))).toEqual(["code-replayed", "refresh-token-reused"])
  })

  it("each has a sentence of its own without a period", () => {
    for (const { sentence } of all) expect(sentence).toMatch(/^\w+ .*[^.]$/)
    expect(new Set(all.map(({ sentence }) => sentence)).size).toBe(all.length)
  })

  it("each names requirements that the catalogue has", () => {
    const known = new Set<string>(requirements.map(({ id }) => id))
    for (const rule of all) {
      expect(rule.requirements, rule.rule).not.toEqual([])
      expect(rule.requirements.filter((id) => !known.has(id))).toEqual([])
    }
  })
})
