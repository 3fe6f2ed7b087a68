/** A blast radius as a tree: clients, their grants, what is alive of each, and how many there are of all of them. */
import { expect, it } from "vitest"
import type { BlastGrant, BlastRadius } from "../../../src/audit/index.ts"
import { blastText } from "../../../src/cli/audit/BlastText.ts"
import { showTime } from "../../../src/cli/audit/Times.ts"
import { minute, relativeOf } from "./Sample.ts"

const show = showTime(false)

const grantOf = (count: number, given: Partial<BlastGrant> = {}): BlastGrant => ({
  grantId: `grant-${count}`,
  clientId: "desk",
  clientName: "Desk\u001b app",
  subjectId: "sub_1",
  openedAt: minute(count),
  position: count,
  isSuspended: false,
  alive: [relativeOf("access token", count)],
  ...given,
})

const radiusOf = (
  grants: ReadonlyArray<BlastGrant>,
  counts: Partial<BlastRadius["counts"]> = {},
  given: Partial<BlastRadius> = {},
): BlastRadius => ({
  asOf: { size: 9, at: minute(9) },
  root: "subject sub_1",
  rootName: null,
  counts: {
    grants: grants.length,
    suspendedGrants: 0,
    clients: 1,
    subjects: 1,
    codes: 1,
    refreshTokens: 1,
    accessTokens: 1,
    ...counts,
  },
  grants,
  ...given,
})

it("each client has its grants below it, each grant what is alive of it, and the last of each closes its branch", () => {
  const grants = [
    grantOf(1, { alive: [relativeOf("refresh token", 1), relativeOf("access token", 2)] }),
    grantOf(3, { isSuspended: true }),
    grantOf(4, { clientId: "phone", clientName: null, subjectId: null }),
    grantOf(5, { clientId: "phone", clientName: null, alive: [] }),
  ]
  const counts = { suspendedGrants: 1, clients: 2, subjects: 2, codes: 0, refreshTokens: 1, accessTokens: 3 }
  expect(blastText(radiusOf(grants, counts), show))
    .toBe(`subject sub_1  4 grants (1 suspended with their client) of 2 clients and 2 subjects; alive: 1 refresh token, 3 access tokens, 0 codes
├─ client desk ("Desk\\u001b app")  2 grants
│  ├─ grant grant-1  subject sub_1, opened 2030-01-01T00:01:00.000Z
│  │  ├─ refresh token 1ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #1
│  │  └─ access token 2ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #2
│  └─ grant grant-3  subject sub_1, opened 2030-01-01T00:03:00.000Z, suspended
│     └─ access token 3ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #3
└─ client phone  2 grants
   ├─ grant grant-4  its own, opened 2030-01-01T00:04:00.000Z
   │  └─ access token 4ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #4
   └─ grant grant-5  subject sub_1, opened 2030-01-01T00:05:00.000Z`)
})

it("what is not named is counted, and what everything comes of has its name", () => {
  const given = { root: "client desk", rootName: "Desk\u001b app" }
  expect(blastText(radiusOf([grantOf(1)], { grants: 2 }, given), show))
    .toBe(`client desk ("Desk\\u001b app")  2 grants of 1 client and 1 subject; alive: 1 refresh token, 1 access token, 1 code
└─ client desk ("Desk\\u001b app")  1 grant
   └─ grant grant-1  subject sub_1, opened 2030-01-01T00:01:00.000Z
      └─ access token 1ddddddddddd…  generation 2, until 2030-01-01T01:00:00.000Z, issued as #1
… and 1 grant more: --limit`)
  const none = { grants: 3, clients: 0, subjects: 0, codes: 2, refreshTokens: 0, accessTokens: 0 }
  expect(blastText(radiusOf([], none), show))
    .toBe(`subject sub_1  3 grants of 0 clients and 0 subjects; alive: 0 refresh tokens, 0 access tokens, 2 codes
… and 3 grants more: --limit`)
})
