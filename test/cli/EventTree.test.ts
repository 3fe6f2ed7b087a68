/** A grant as a tree: what is told of each event, and below what it hangs. */
import { expect, it } from "vitest"
import { eventTree } from "../../src/cli/EventTree.ts"
import type { EventType } from "../../src/core/index.ts"
import type { Recorded } from "../../src/log/index.ts"

const digest = (letter: string) => letter.repeat(43)
const START = Date.parse("2026-01-02T03:04:05.000Z")

interface Happened {
  readonly _tag: EventType
  readonly [member: string]: unknown
}

/** Entries of one stream, as they are recorded a second after each other; what a test does not look at is left out. */
const recorded = (...events: ReadonlyArray<Happened>) =>
  events.map((event, index) => ({
    event,
    position: 7 + index,
    recordedAt: START + index * 1000,
  })) as unknown as ReadonlyArray<Recorded>

const treeOf = (...events: ReadonlyArray<Happened>) =>
  eventTree("grant-1", recorded(...events), (id) => (id === "app-1" ? "Example app" : undefined)).split("\n")

it("what came of a code or a token hangs below it, and everything else stands at the top", () => {
  const tree = treeOf(
    { _tag: "GrantOpened", clientId: "app-1", subjectId: "sub_1", basis: { _tag: "User" }, scopes: ["read", "write"] },
    { _tag: "AuthorizationCodeIssued", digest: digest("a") },
    { _tag: "AuthorizationCodeAttemptRefused", fault: "verifier_wrong" },
    { _tag: "RefreshTokenIssued", digest: digest("b"), parent: digest("a"), generation: 0 },
    { _tag: "AccessTokenIssued", digest: digest("c"), parent: digest("b"), generation: 0, scopes: ["read"] },
    { _tag: "RefreshTokenRotated", digest: digest("d"), parent: digest("b"), generation: 1 },
    { _tag: "AccessTokenIssued", digest: digest("e"), parent: digest("d"), generation: 1, scopes: [] },
    { _tag: "AccessTokenRevoked", digest: digest("e"), reason: "client" },
    { _tag: "AuthorizationCodeRedeemed" },
    { _tag: "GrantRevoked", reason: "refresh_token_reused" },
  )
  expect(tree).toEqual([
    "grant-1",
    '├─ GrantOpened  #7  2026-01-02T03:04:05.000Z  client app-1 ("Example app"), subject sub_1, approved by user, scope read write',
    "├─ AuthorizationCodeIssued  #8  2026-01-02T03:04:06.000Z  sha256 aaaaaaaaaaaa…",
    "│  └─ RefreshTokenIssued  #10  2026-01-02T03:04:08.000Z  generation 0, sha256 bbbbbbbbbbbb…",
    "│     ├─ AccessTokenIssued  #11  2026-01-02T03:04:09.000Z  generation 0, sha256 cccccccccccc…, scope read",
    "│     └─ RefreshTokenRotated  #12  2026-01-02T03:04:10.000Z  generation 1, sha256 dddddddddddd…",
    "│        └─ AccessTokenIssued  #13  2026-01-02T03:04:11.000Z  generation 1, sha256 eeeeeeeeeeee…",
    "├─ AuthorizationCodeAttemptRefused  #9  2026-01-02T03:04:07.000Z  fault verifier_wrong",
    "├─ AccessTokenRevoked  #14  2026-01-02T03:04:12.000Z  reason client",
    "├─ AuthorizationCodeRedeemed  #15  2026-01-02T03:04:13.000Z",
    "└─ GrantRevoked  #16  2026-01-02T03:04:14.000Z  reason refresh_token_reused",
  ])
})

it("what hangs below an entry that is left out, or below none, stands at the top", () => {
  expect(
    treeOf(
      { _tag: "AccessTokenIssued", digest: digest("b"), parent: digest("a"), generation: 3, scopes: [] },
      { _tag: "AccessTokenIssued", digest: digest("c"), parent: null, generation: 0, scopes: [] },
    ),
  ).toEqual([
    "grant-1",
    "├─ AccessTokenIssued  #7  2026-01-02T03:04:05.000Z  generation 3, sha256 bbbbbbbbbbbb…",
    "└─ AccessTokenIssued  #8  2026-01-02T03:04:06.000Z  generation 0, sha256 cccccccccccc…",
  ])
})

it("a grant of a client that acts for itself has no subject, and an unnamed client its id alone", () => {
  const basis = { _tag: "Client" }
  expect(treeOf({ _tag: "GrantOpened", clientId: "app-2", subjectId: null, basis, scopes: [] })[1]).toBe(
    "└─ GrantOpened  #7  2026-01-02T03:04:05.000Z  client app-2, approved by client",
  )
})

it("nothing in it moves the cursor, whoever wrote it", () => {
  const [entry] = recorded({ _tag: "GrantDenied", clientId: "app-1", subjectId: "sub_1" })
  const tree = eventTree("grant-1", [entry!], () => "Red\u001b[31m\nline")
  expect(tree.split("\n")).toHaveLength(2)
  expect(tree).not.toContain("\u001b")
})
