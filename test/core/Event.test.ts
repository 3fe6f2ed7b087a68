/** Which family an event is of: each belongs to one lifecycle, which is the only one that reads it. */
import { describe, expect, it } from "vitest"
import { Event, isClientEvent, isGrantEvent, isIssuerEvent, isSubjectEvent } from "../../src/core/index.ts"

const families = { issuer: isIssuerEvent, client: isClientEvent, subject: isSubjectEvent, grant: isGrantEvent }

const familiesOf = (tag: string) =>
  Object.entries(families).flatMap(([family, isOf]) => (isOf({ _tag: tag } as Event) ? [family] : []))

describe("an event", () => {
  it.each(Object.keys(Event.cases))("is of one family: %s", (tag) => {
    expect(familiesOf(tag)).toHaveLength(1)
  })

  it.each([
    ["IssuerInitialized", "issuer"],
    ["ClientRegistered", "client"],
    ["SubjectDisabled", "subject"],
    ["GrantOpened", "grant"],
    ["RefreshTokenRotated", "grant"],
  ])("%s is of the family of the %s", (tag, family) => {
    expect(familiesOf(tag)).toEqual([family])
  })

  it("that is none is of no family", () => {
    expect(familiesOf("SomethingElse")).toEqual([])
  })
})
