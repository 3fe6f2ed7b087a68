/** A token is alive as long as every row says so that it depends on: each is edited by hand, and nothing else. */
import { describe, expect, it } from "vitest"
import type { Row, RowWriter, Table, Value } from "../../src/log/index.ts"
import { readLiveAccess } from "../../src/projection/index.ts"
import { accessTable, clientTable, grantTable, issuerTable, subjectTable } from "../../src/projection/Tables.ts"
import {
  actForItself,
  alice,
  app,
  at,
  digest,
  exchange,
  grantId,
  login,
  open,
  redeem,
  service,
  toSubject,
} from "../core/support/Facts.ts"
import { beginning } from "./Histories.ts"
import { rowsAfter } from "./Worlds.ts"

const NOW = at(1)
const first = { grantId: login, digest: digest("access-1") }
/** Alice signed out once before, so that she has a row; the login says how she proved who she is. */
const proven = { authTime: at(0), acr: "urn:example:2", amr: ["pwd", "otp"] }
const basis = { _tag: "User", subjectId: alice, approvedAt: at(0), login: proven } as const
const granted = [...beginning, toSubject("RevokeSubjectSessions", { at: at(0) }), open({ basis }), redeem()]

type Edit = (rows: RowWriter) => void
const set =
  (table: Table, key: ReadonlyArray<Value>, columns: Row): Edit =>
  (rows) =>
    rows.set(table, key, columns)
const without =
  (table: Table, key: ReadonlyArray<Value>): Edit =>
  (rows) =>
    rows.delete(table, key)

const own = [login, first.digest]

describe("an access token", () => {
  it("is alive with its client, its subject and the login that it goes back to", async () => {
    expect(readLiveAccess(await rowsAfter(...granted), first, NOW)).toEqual({
      token: expect.objectContaining({ digest: first.digest }),
      clientId: app,
      subjectId: alice,
      descent: null,
      login: proven,
    })
  })

  it("is alive where its subject has no row, or where it is nobody's", async () => {
    const unknown = await rowsAfter(...beginning, open(), redeem())
    expect(readLiveAccess(unknown, first, NOW)).toMatchObject({ subjectId: alice, login: null })
    const nobodys = await rowsAfter(...beginning, actForItself())
    expect(readLiveAccess(nobodys, first, NOW)).toMatchObject({ clientId: service, subjectId: null })
  })

  const edits: ReadonlyArray<readonly [string, Edit]> = [
    ["its row is gone", without(accessTable, own)],
    ["its row says another end", set(accessTable, own, { expires_at: NOW })],
    ["its grant's row is gone", without(grantTable, [login])],
    ["its grant ended", set(grantTable, [login], { status: "revoked" })],
    ["its grant's time is over", set(grantTable, [login], { expires_at: NOW })],
    ["its client's row is gone", without(clientTable, [app])],
    ["its client is disabled", set(clientTable, [app], { status: "disabled" })],
    ["its client began a new epoch", set(clientTable, [app], { epoch: 1 })],
    ["the issuer's row is gone", without(issuerTable, ["issuer"])],
    ["the issuer began a new epoch", set(issuerTable, ["issuer"], { epoch: 1 })],
    ["its subject's row is gone", without(subjectTable, [alice])],
    ["its subject is disabled", set(subjectTable, [alice], { status: "disabled" })],
    ["its subject began a new epoch", set(subjectTable, [alice], { epoch: 2 })],
  ]
  it.each(edits)("is dead where %s", async (_, edit) => {
    const rows = await rowsAfter(...granted)
    edit(rows)
    expect(readLiveAccess(rows, first, NOW)).toBeUndefined()
  })

  it("is alive up to the millisecond before its end", async () => {
    const rows = await rowsAfter(...granted)
    for (const table of [accessTable, grantTable]) {
      rows.set(table, table === grantTable ? [login] : own, { expires_at: NOW + 1 })
    }
    expect(readLiveAccess(rows, first, NOW)).toBeDefined()
  })
})

describe("an access token that came of others", () => {
  const between = { grantId: grantId("exchanged"), digest: digest("access-x") }
  const last = { grantId: grantId("again"), digest: digest("access-y") }
  const chain = [
    ...granted,
    exchange(),
    exchange({ grantId: last.grantId, subject: between, accessToken: last.digest }),
  ]

  it("is alive as long as each of them is, and says which they are", async () => {
    const rows = await rowsAfter(...chain)
    expect(readLiveAccess(rows, last, NOW)).toMatchObject({
      clientId: service,
      subjectId: alice,
      descent: { ancestors: [between, first] },
      login: proven,
    })
  })

  it.each([
    ["nearest", between],
    ["first", first],
  ])("is dead where the %s of them is gone", async (_, gone) => {
    const rows = await rowsAfter(...chain)
    rows.delete(accessTable, [gone.grantId, gone.digest])
    expect(readLiveAccess(rows, last, NOW)).toBeUndefined()
  })
})
