/** An explanation as text: what is said of each kind of thing, whole. */
import { describe, expect, it } from "vitest"
import { explainText } from "../../../src/cli/audit/ExplainText.ts"
import { showTime } from "../../../src/cli/audit/Times.ts"
import { causeOf, DIGEST, jwt, known, knownClient, lineOf, living, notOurs, relativeOf } from "./Sample.ts"

const show = showTime(false)

describe("the text", () => {
  it("tells of a token all that is known, in the order in which it is asked", () => {
    expect(explainText(known({ jwt }), show))
      .toBe(`refresh token with SHA-256 0123456789abcdefghijklmnopqrstuvwxyzABCDEFG
grant 0000000000000000000001, client desk ("Desk <app>"), subject sub_1
as of 2030-01-01T00:09:00.000Z, 9 entries
a JWT: it was signed by the key k?1 of this server; it says otherwise than the log of aud

DEAD since 2030-01-01T00:05:00.000Z: it ended by rotated
rule rotated (RULE-1, RULE-2)
THEFT since 2030-01-01T00:06:00.000Z: two parties presented it (reused)
also since 2030-01-01T00:05:00.000Z: it ended by expired (expired)

what led to that
  #6  2030-01-01T00:06:00.000Z  event 6 happened  (by desk ("Desk <app>"), request request-6)

where it came from
  #2  2030-01-01T00:02:00.000Z  event 2 happened  (by desk ("Desk <app>"), request request-2)
  #3  2030-01-01T00:03:00.000Z  event 3 happened  (by nobody named, request request-3)

who presented it (verifications are not recorded)
  #5  2030-01-01T00:05:00.000Z  event 5 happened  (by desk ("Desk <app>"), request request-5)
  #6  2030-01-01T00:06:00.000Z  event 6 happened  (by desk ("Desk <app>"), request request-6)

alive because of it: 1
  access token 7ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #7

alive beside it: 1
  refresh token 8ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #8

what to do next
  grantlog history --grant 0000000000000000000001
      everything that happened

how to prove it
  grantlog prove 6
      a proof`)
  })

  it("tells of a client its name and its grants, and of what lives until when", () => {
    expect(explainText(knownClient(), show)).toBe(`client desk ("Desk <app>")
as of 2030-01-01T00:09:00.000Z, 9 entries

ALIVE until 2030-01-01T01:30:00.000Z

where it came from
  #2  2030-01-01T00:02:00.000Z  event 2 happened  (by desk ("Desk <app>"), request request-2)
  #3  2030-01-01T00:03:00.000Z  event 3 happened  (by nobody named, request request-3)

grants with something alive: 2
  grant-0  client desk ("Desk <app>"), opened 2030-01-01T00:00:00.000Z, alive: 1
  grant-1  client desk ("Desk <app>"), opened 2030-01-01T00:01:00.000Z, alive: 2

what to do next
  grantlog history --grant 0000000000000000000001
      everything that happened

how to prove it
  grantlog prove 6
      a proof`)
  })

  it("says what is left out, and that there may be more", () => {
    const told = known({
      kind: "subject",
      id: "sub_1",
      grantId: null,
      standing: { ...living, until: null, status: "suspended" },
      chain: [lineOf(6, { isRequestOriginSealed: true })],
      untold: { generations: 3, presentations: 4 },
      siblings: [],
      grants: [{ ...knownClient().grants[0]!, clientName: null }],
      hasMoreGrants: true,
      next: [],
      proof: [],
    })
    expect(explainText(told, show)).toBe(`subject sub_1
client desk ("Desk <app>")
as of 2030-01-01T00:09:00.000Z, 9 entries

SUSPENDED

what led to that
  #6  2030-01-01T00:06:00.000Z  event 6 happened  (by desk ("Desk <app>"), request request-6, origin sealed)

where it came from
  #2  2030-01-01T00:02:00.000Z  event 2 happened  (by desk ("Desk <app>"), request request-2)
  #3  2030-01-01T00:03:00.000Z  event 3 happened  (by nobody named, request request-3)
  … 3 generations between are left out: grantlog history has them

what happened to it
  … 4 older events are left out: grantlog history has them
  #5  2030-01-01T00:05:00.000Z  event 5 happened  (by desk ("Desk <app>"), request request-5)
  #6  2030-01-01T00:06:00.000Z  event 6 happened  (by desk ("Desk <app>"), request request-6)

alive because of it: 1
  access token 7ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #7

grants with something alive: 1 or more
  grant-0  client desk, opened 2030-01-01T00:00:00.000Z, alive: 1`)
  })

  it("names no owner that there is none of, and what was exchanged for a token by its grant", () => {
    const descendants = [relativeOf("access token", 7, { grantId: "another", clientId: "desk" })]
    const owners = { grantId: null, clientId: null, subjectId: null }
    const standing = { ...living, status: "suspended", until: null, cause: causeOf("disabled") } as const
    const none = { chain: [], ancestry: [], presentations: [], siblings: [], next: [], proof: [] }
    const one = known({ kind: "access token", ...owners, standing, descendants, ...none })
    expect(explainText(one, show)).toBe(`access token with SHA-256 0123456789abcdefghijklmnopqrstuvwxyzABCDEFG
as of 2030-01-01T00:09:00.000Z, 9 entries

SUSPENDED since 2030-01-01T00:05:00.000Z: it ended by disabled
rule disabled (RULE-1, RULE-2)

alive because of it: 1
  access token 7ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #7, of grant another of client desk, for which it was exchanged`)
    const code = explainText(known({ kind: "code" }), show)
    expect(code.split("\n")[0]).toBe(`code with SHA-256 ${DIGEST}`)
    expect(code).toContain("\nwho presented it (verifications are not recorded)\n")
  })

  it("leaves out of each thing its own id among those of its owners", () => {
    const ownersOf = (kind: "grant" | "client" | "subject") => explainText(known({ kind }), show).split("\n")[1]
    expect(ownersOf("grant")).toBe(`client desk ("Desk <app>"), subject sub_1`)
    expect(ownersOf("client")).toBe("grant 0000000000000000000001, subject sub_1")
    expect(ownersOf("subject")).toBe(`grant 0000000000000000000001, client desk ("Desk <app>")`)
  })

  it("of what is not ours says what a JWT says of itself, and what to ask next", () => {
    expect(explainText({ ...notOurs, jwt, next: known().next, proof: known().proof }, show)).toBe(`NOT OURS
as of 1970-01-01T00:00:00.000Z, 0 entries
a JWT: it was signed by the key k?1 of this server; it says otherwise than the log of aud

what to do next
  grantlog history --grant 0000000000000000000001
      everything that happened

how to prove it
  grantlog prove 6
      a proof`)
  })
})
