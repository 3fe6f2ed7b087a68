/** What an entry becomes in the index: it is found by everything that it is about, and by nothing else. */
import { describe, expect, it } from "vitest"
import { indexEntry } from "../../../src/audit/index/AuditRows.ts"
import {
  entryTable,
  exchangeTable,
  grantTable,
  resourceTable,
  tokenTable,
} from "../../../src/audit/index/AuditTables.ts"
import type { Event } from "../../../src/core/index.ts"
import type { Row, RowWriter, Table } from "../../../src/log/index.ts"
import { memoryRows } from "../../../src/log/MemoryRows.ts"
import { eventsOf, recordedOf } from "../StoredLog.ts"
import {
  at,
  denyDevice,
  digest,
  FILES,
  grantId,
  initialize,
  login,
  MAIL,
  open,
  redeemed,
  refresh,
  register,
  registerDevice,
  registerService,
  resources,
  revoke,
  revokeGrant,
  service,
  standing,
  toSubject,
} from "../../core/support/Facts.ts"

const indexed = (events: ReadonlyArray<Event>, onEntry: (rows: RowWriter) => void = () => {}): RowWriter => {
  const rows = memoryRows(new Map())
  for (const entry of recordedOf(events)) {
    indexEntry(rows, entry)
    onEntry(rows)
  }
  return rows
}

const listed = (rows: RowWriter, table: Table): ReadonlyArray<ReadonlyArray<unknown>> =>
  rows.list(table, {}).map((row) => Object.keys(table.columns).map((column) => row[column]))

const story = eventsOf(...redeemed, refresh(1), revoke(), revokeGrant())

describe("an entry", () => {
  it("is found by its type, its actor, its request, its grant, and the client and subject of that", () => {
    const own = ["app", "sub_alice"]
    expect(listed(indexed([...story, ...eventsOf(toSubject("DisableSubject"))]), entryTable)).toEqual([
      [0, "IssuerInitialized", "app", "request-0", null, null, null],
      [1, "ClientRegistered", null, "request-1", null, "app", null],
      [2, "GrantOpened", "app", "request-2", login, ...own],
      [3, "AuthorizationCodeIssued", null, "request-3", login, ...own],
      [4, "AuthorizationCodeRedeemed", "app", "request-4", login, ...own],
      [5, "AccessTokenIssued", null, "request-5", login, ...own],
      [6, "RefreshTokenIssued", "app", "request-6", login, ...own],
      [7, "RefreshTokenRotated", null, "request-7", login, ...own],
      [8, "AccessTokenIssued", "app", "request-8", login, ...own],
      [9, "AccessTokenRevoked", null, "request-9", login, ...own],
      [10, "GrantRevoked", "app", "request-10", login, ...own],
      [11, "SubjectDisabled", null, "request-11", null, null, "sub_alice"],
    ])
  })

  it("of a grant that was never opened is found by what it names itself", () => {
    const rows = indexed(eventsOf(initialize(), registerDevice(), denyDevice()))
    expect(listed(rows, entryTable).slice(2)).toEqual([
      [2, "GrantDenied", "app", "request-2", login, "television", "sub_alice"],
    ])
    expect(listed(rows, grantTable)).toEqual([])
    const [code] = story.filter(({ _tag }) => _tag === "AuthorizationCodeIssued")
    const [revoked] = story.filter(({ _tag }) => _tag === "GrantRevoked")
    const alone = indexed([code!, revoked!])
    expect(listed(alone, entryTable)).toEqual([
      [0, "AuthorizationCodeIssued", "app", "request-0", login, null, null],
      [1, "GrantRevoked", null, "request-1", login, null, null],
    ])
    expect(listed(alone, grantTable)).toEqual([])
  })

  it("is found by each resource that it names, in the form that resources are compared in, once", () => {
    const keys = (events: ReadonlyArray<Event>) => listed(indexed(events), resourceTable)
    expect(keys(story)).toEqual([FILES, MAIL].flatMap((resource) => [2, 5, 8].map((position) => [resource, position])))
    const asked = resources("https://FILES.example", "https://files.example/")
    expect(keys(eventsOf(...standing, open({ resources: asked })))).toEqual([["https://files.example", 2]])
    const [audience] = resources(MAIL)
    expect(keys(eventsOf(initialize(), register({ audience: audience! })))).toEqual([[MAIL, 1]])
  })
})

describe("a code or token", () => {
  it("is found by its digest at the entry that issued it, and at the one that ended it before its time", () => {
    expect(listed(indexed(story), tokenTable)).toEqual([
      [digest("access-1"), 5, 9],
      [digest("access-2"), 8, null],
      [digest("code"), 3, null],
      [digest("refresh-1"), 6, null],
      [digest("refresh-2"), 7, null],
    ])
    expect(listed(indexed(eventsOf(initialize(), registerDevice(), denyDevice())), tokenTable)).toEqual([
      [digest("device-code"), 2, null],
    ])
  })

  it("that ended and was never issued is not found", () => {
    expect(listed(indexed(story.filter(({ _tag }) => _tag === "AccessTokenRevoked")), tokenTable)).toEqual([])
  })
})

describe("a grant", () => {
  it("is found by its client, its subject and the document of its client, from when until when it lasts", () => {
    const metadataDigest = digest("document")
    const rows = indexed(eventsOf(...standing, open({ metadataDigest, at: at(2) })).slice(0, 3))
    expect(listed(rows, grantTable)).toEqual([[login, "app", "sub_alice", metadataDigest, 2, at(2), at(2)]])
  })

  it("lasts as long as the last thing of it, and ends when it is ended", () => {
    const ends: Array<unknown> = []
    indexed(story, (rows) => ends.push(rows.get(grantTable, [login])?.["ends_at"]))
    expect(ends.slice(2)).toEqual(
      [at(0), at(1), at(1), at(10), at(60), at(61), at(61), at(61), at(1)].map((end) => end as number),
    )
  })

  it("is written again only where something of it changed", () => {
    const written: Array<Row> = []
    const rows = memoryRows(new Map())
    const put: RowWriter["put"] = (table, row) => {
      if (table === grantTable) written.push(row)
      rows.put(table, row)
    }
    for (const entry of recordedOf(story)) indexEntry({ ...rows, put }, entry)
    expect(written.map((row) => row["ends_at"])).toEqual([at(0), at(1), at(10), at(60), at(61), at(1)])
  })

  it("is found by every token that it came of, and by the grants of those", () => {
    const ancestors = [
      { grantId: grantId("middle"), digest: digest("second") },
      { grantId: login, digest: digest("first") },
    ]
    const [begun] = story.filter(({ _tag }) => _tag === "GrantOpened")
    const exchanged = {
      ...begun!,
      grantId: grantId("last"),
      clientId: service,
      descent: { ancestors, actors: [service], mayAct: null },
    } as Event
    const rows = indexed([...eventsOf(initialize(), registerService()), exchanged])
    expect(listed(rows, exchangeTable)).toEqual([
      [login, digest("first"), grantId("last")],
      [grantId("middle"), digest("second"), grantId("last")],
    ])
    expect(listed(indexed(story), exchangeTable)).toEqual([])
    expect(rows.get(grantTable, [grantId("last")])).toMatchObject({ client_id: service, position: 2 })
  })
})
