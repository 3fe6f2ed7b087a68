/** An append changes the rows that its events change, column by column, and no more: that is what it costs a store. */
import { describe, expect, it } from "vitest"
import { decide, evolve, initial, type Command, type Event } from "../../src/core/index.ts"
import { makeMemoryLog, type RowChange } from "../../src/log/index.ts"
import { damagedRow } from "../../src/projection/Codec.ts"
import { differenceOf } from "../../src/projection/Difference.ts"
import { inlineProjection, nothingServed, rowChanges, type Served } from "../../src/projection/index.ts"
import { keyTable } from "../../src/projection/Tables.ts"
import {
  FILES,
  MAIL,
  actForItself,
  alice,
  app,
  at,
  digest,
  initialize,
  keyId,
  login,
  open,
  redeem,
  refresh,
  register,
  registerService,
  resources,
  revoke,
  service,
  toClient,
  update,
} from "../core/support/Facts.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import { beginning, execute } from "./Histories.ts"

/** Decides and appends in a world of its own, and gives what the last command changed in the rows. */
const changesOf = async (...commands: ReadonlyArray<Command>): Promise<ReadonlyArray<RowChange>> => {
  const log = makeMemoryLog({ projection: inlineProjection, side: rowsByHand })
  let changes: ReadonlyArray<RowChange> = []
  for (const command of commands) changes = (await execute(log, command))?.rows ?? []
  return changes
}

/** Without the columns of the state and the version, which every event changes. */
const told = (changes: ReadonlyArray<RowChange>) =>
  changes.map((change) => {
    const {
      state: _,
      version: __,
      ...columns
    } = change._tag === "Put" ? change.row : change._tag === "Set" ? change.columns : {}
    return [change._tag, change.table.name, ...(change._tag === "Put" ? [] : [change.key]), columns]
  })

const key = (key_id: string) => ["Put", "key_rows", { key_id }]
const used = ["Delete", "unused_rows", [app], {}]

describe("what an append changes in the rows", () => {
  it("of a client that registers itself: its own, and that it is unused", async () => {
    const columns = { client_id: app, status: "enabled", epoch: 0, origin: "dynamic", registered_at: at(0) }
    expect(told(await changesOf(initialize(), register()))).toEqual([
      ["Put", "client_rows", columns],
      ["Put", "unused_rows", { client_id: app, since: at(0) }],
    ])
  })

  it("of a client that the operator adds: its own, and what it is a resource server for", async () => {
    const columns = { client_id: service, status: "enabled", epoch: 0, origin: "operator", registered_at: at(0) }
    expect(told(await changesOf(initialize(), registerService()))).toEqual([["Put", "client_rows", columns]])
    const [audience] = resources(FILES)
    expect(told(await changesOf(initialize(), registerService({ audience: audience! })))).toEqual([
      ["Put", "client_rows", columns],
      ["Put", "audience_rows", { audience_key: FILES, client_id: service }],
    ])
  })

  it("of a client that changes: the state alone; of one that is disabled: its status", async () => {
    expect(told(await changesOf(...beginning, update()))).toEqual([["Set", "client_rows", [app], {}]])
    expect(told(await changesOf(...beginning, toClient("DisableClient")))).toEqual([
      ["Set", "client_rows", [app], { status: "disabled" }],
    ])
  })

  it("of a client that is deleted: it keeps when it registered, and is neither unused nor a resource server", async () => {
    const gone = { status: "deleted", epoch: 1, origin: null }
    expect(told(await changesOf(...beginning, toClient("DeleteClient")))).toEqual([
      ["Set", "client_rows", [app], gone],
      used,
    ])
    const server = registerService({ audience: resources(FILES)[0]! })
    expect(told(await changesOf(initialize(), server, toClient("DeleteClient", { clientId: service })))).toEqual([
      ["Set", "client_rows", [service], gone],
      ["Delete", "unused_rows", [service], {}],
      ["Delete", "audience_rows", [FILES, service], {}],
    ])
  })

  it("of a grant that somebody approves: its own, and that its client is used", async () => {
    const [mark, grant, ...more] = told(await changesOf(...beginning, open()))
    expect([mark, more]).toEqual([used, []])
    expect(grant).toMatchObject([
      "Put",
      "grant_rows",
      { grant_id: login, status: "open", client_id: app, subject_id: alice },
    ])
  })

  it("of a token that a client gets for itself: that the client is used by nobody stays", async () => {
    const changes = told(await changesOf(...beginning, actForItself()))
    expect(changes.map(([, table]) => table)).toEqual(["grant_rows", "access_rows"])
  })

  it("of a rotation: the key where it is another one, the state of the grant, and the token that is issued", async () => {
    const steps = [...beginning, open(), redeem(), refresh(1)]
    const rotated = told(await changesOf(...steps))
    expect(rotated).toMatchObject([
      key("key-1"),
      ["Set", "grant_rows", [login], {}],
      ["Put", "access_rows", { grant_id: login, digest: digest("access-2") }],
    ])
    const again = await changesOf(...steps, refresh(2))
    expect(told(again).map(([, table]) => table)).toEqual(["grant_rows", "access_rows"])
    const issued = again.find(({ table }) => table.name === "access_rows")
    expect(issued).toMatchObject({ row: { version: 9 } })
    const other = refresh(2)
    if (other.presented._tag !== "Current") throw new Error("a refresh presents the current token")
    const presented = { ...other.presented, successor: { ...other.presented.successor, keyId: keyId("key-2") } }
    expect(told(await changesOf(...steps, { ...other, presented }))[0]).toEqual(key("key-2"))
  })

  it("of a token that is revoked: its row goes, and the one of no other", async () => {
    const changes = told(await changesOf(...beginning, open(), redeem(), refresh(1), revoke()))
    expect(changes.filter(([, table]) => table === "access_rows")).toEqual([
      ["Delete", "access_rows", [login, digest("access-1")], {}],
    ])
  })

  it("of a grant that ends: its tokens go, and the end of its row is no later than a clock may lag", async () => {
    const changes = await changesOf(...beginning, open(), redeem(), {
      _tag: "RevokeGrant",
      grantId: login,
      subjectId: null,
      at: at(1, 1),
    })
    expect(told(changes)).toEqual([
      [
        "Set",
        "grant_rows",
        [login],
        {
          status: "revoked",
          issuer_epoch: null,
          client_epoch: null,
          subject_epoch: null,
          expires_at: null,
          dies_at: at(2),
        },
      ],
      ["Delete", "access_rows", [login, digest("access-1")], {}],
    ])
  })

  it("of a grant with tokens for several resources: the text of its state holds none of them", async () => {
    const [, grant] = await changesOf(...beginning, open({ resources: resources(FILES, MAIL) }), redeem(), refresh(1))
    const state = grant?._tag === "Set" ? String(grant.columns["state"]) : ""
    expect(JSON.parse(state)).toMatchObject({ grantId: login, accessTokens: [] })
  })

  it("is the same for entries that are folded again as for the append that wrote them", async () => {
    const commands = [open(), redeem(), refresh(1)]
    let state = [initialize(), register()].reduce(
      (before, one) => decide(before, one).events.reduce(evolve, before),
      initial,
    )
    const events: Array<Event> = []
    let served: Served = { ...nothingServed, state }
    for (const command of commands) {
      const decided = decide(state, command).events
      expect(rowChanges(served, []).length).toBe(0)
      events.push(...decided)
      state = decided.reduce(evolve, state)
      served = { ...nothingServed, state }
    }
    const changes = rowChanges(nothingServed, events)
    const row = changes.find(({ table }) => table.name === "grant_rows")
    expect(row).toMatchObject({ _tag: "Put", row: { version: events.length } })
    expect(changes.filter(({ table }) => table === keyTable)).toEqual([
      { _tag: "Put", table: keyTable, row: { key_id: "key-1" } },
    ])
  })
})

describe("the difference of two rows", () => {
  const row = { key_id: "one" }
  it("is the whole row where there was none, what differs where there was one, and nothing where nothing does", () => {
    expect(differenceOf(keyTable, undefined, row)).toEqual([{ _tag: "Put", table: keyTable, row }])
    expect(differenceOf(keyTable, { key_id: "other" }, row)).toEqual([
      { _tag: "Set", table: keyTable, key: ["one"], columns: row },
    ])
    expect(differenceOf(keyTable, row, row)).toEqual([])
  })
})

it("a damaged row is told as damage of the store, with its cause", () => {
  const cause = new Error("not JSON")
  expect(damagedRow(cause)).toMatchObject({
    reason: "corrupt",
    message: "a row is damaged: run grantlog rebuild",
    cause,
  })
})
