/** The grants of a client or subject of which something is alive: looked for page by page, up to a number, and told so. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { explain, questionOf, type Audit, type AuditIndex, type IndexedGrant } from "../../../src/audit/index.ts"
import type { About, StateAt } from "../../../src/audit/asof/StateAt.ts"
import { after } from "../Story.ts"
import { alice, app, at, initialize, redeemed, revokeGrant } from "../../core/support/Facts.ts"

const run = Effect.runPromise
const SIZE = 1000
const [living, dead, nothing] = [
  after(redeemed, at(2)),
  after([...redeemed, revokeGrant()], at(2)),
  after([initialize()], at(2)),
]

const grant = (name: string, position = 1): IndexedGrant => ({
  grantId: name,
  clientId: `${name}'s client`,
  subjectId: `${name}'s subject`,
  metadataDigest: null,
  position,
  openedAt: position,
  endsAt: 9,
})
const grants = (from: number, to: number, position = 1) =>
  Array.from({ length: to - from }, (_, index) => grant(`${from + index}`, position))

interface Setting {
  readonly id?: string
  /** What the index gives, page by page, and what the rows do. */
  readonly pages: ReadonlyArray<ReadonlyArray<IndexedGrant>>
  readonly rows?: ReadonlyArray<{ readonly state: object }>
  readonly indexSize?: number
  readonly isDead?: (grantId: string) => boolean
}

const told = async ({ id = app, pages, rows = [], indexSize = SIZE, isDead = () => false }: Setting) => {
  const asked: Array<unknown> = []
  const read: Array<string> = []
  const index = {
    size: Effect.succeed(indexSize),
    positions: (query: object) => Effect.sync(() => (asked.push(query), [7])),
    grants: (query: object, page: { readonly after?: IndexedGrant }) =>
      Effect.sync(() => {
        asked.push([query, { ...page, after: page.after?.grantId }])
        return pages[asked.length - 1] ?? []
      }),
  } as unknown as AuditIndex
  const log = {
    rows: {
      client: () => Effect.succeed({ version: 0, state: { _tag: "Absent" } }),
      grants: (owner: object, page: object) => Effect.sync(() => (asked.push(["rows", owner, page]), rows)),
    },
  } as unknown as Audit["log"]
  const readStateAt = (about: About): Effect.Effect<StateAt> =>
    Effect.sync(() => {
      if (!("grantId" in about)) return nothing
      expect(about.isBrief).toBe(true)
      read.push(about.grantId!)
      return isDead(about.grantId!) ? dead : living
    })
  const found = await run(explain({ log, index }, questionOf(id), { size: SIZE, at: at(2) }, readStateAt))
  if (!found.isOurs) return expect.fail(found.sentence)
  return {
    asked,
    read,
    grants: found.grants,
    names: found.grants.map(({ grantId }) => grantId),
    hasMore: found.hasMoreGrants,
  }
}

const names = (from: number, to: number) => grants(from, to).map(({ grantId }) => grantId)
const client = { _tag: "Client", clientId: app }
const ofApp = { ...client, endsAtLeast: at(2) }

describe("the grants of an owner", () => {
  it("are those of which something is alive, with whose they are", async () => {
    const found = await told({ pages: [grants(0, 3)], isDead: (name) => name === "1" })
    expect(found.grants).toEqual(
      ["0", "2"].map((name) => ({
        grantId: name,
        clientId: `${name}'s client`,
        clientName: null,
        subjectId: `${name}'s subject`,
        openedAt: 1,
        aliveCount: 2,
      })),
    )
    expect([found.hasMore, found.read]).toEqual([false, ["0", "1", "2"]])
    expect(found.asked).toEqual([[ofApp, { after: undefined, limit: 100 }]])
    const ofAlice = await told({ id: alice, pages: [grants(0, 1)] })
    expect(ofAlice.asked[0]).toEqual([
      { _tag: "Subject", subjectId: alice, endsAtLeast: at(2) },
      { after: undefined, limit: 100 },
    ])
  })

  it("that were opened since the moment are passed over, and the next page is looked at", async () => {
    const later = grants(0, 100, SIZE)
    const found = await told({ pages: [later, [...grants(100, 103, SIZE - 1), grant("later", SIZE)]] })
    expect([found.names, found.hasMore]).toEqual([names(100, 103), false])
    expect(found.asked).toEqual([
      [ofApp, { after: undefined, limit: 100 }],
      [ofApp, { after: "99", limit: 100 }],
    ])
  })

  it("are a hundred at most, and that there are more is told", async () => {
    const full = await told({ pages: [grants(0, 100)] })
    expect([full.names, full.hasMore, full.asked.length]).toEqual([names(0, 100), true, 1])
    const over = await told({ pages: [[...grants(0, 60), ...grants(60, 100, SIZE)], grants(100, 150)] })
    expect([over.names, over.hasMore]).toEqual([[...names(0, 60), ...names(100, 140)], true])
    const even = await told({ pages: [[...grants(0, 60), ...grants(60, 100, SIZE)], grants(100, 140)] })
    expect([even.names.length, even.hasMore]).toEqual([100, false])
    const last = await told({ pages: [[...grants(0, 60), ...grants(60, 100, SIZE)], grants(100, 200)] })
    expect([last.names.length, last.hasMore]).toEqual([100, true])
  })

  it("are not looked for on more than a hundred pages, and that there may be more is told", async () => {
    const page = grants(0, 100, SIZE)
    const found = await told({ pages: Array.from({ length: 101 }, () => page), indexSize: SIZE + 1 })
    // One of what is asked is whether anything is known of it.
    expect([found.names, found.hasMore, found.asked.length]).toEqual([[], true, 101])
    expect(found.asked.at(-1)).toEqual({ ...client, from: 0, to: SIZE, limit: 1 })
  })
})

describe("where the index is behind", () => {
  const row = (name: string, over: object = {}) => ({ state: { _tag: "Open", ...grant(name), ...over } })

  it("those that the rows know are told as well, each once, as the index has it", async () => {
    const rows = [row("0", { clientId: "of the row" }), row("5"), row("6", { _tag: "Denied" })]
    const found = await told({ pages: [grants(0, 2)], rows, indexSize: SIZE - 1 })
    expect(found.grants.map(({ grantId, clientId }) => [grantId, clientId])).toEqual([
      ["0", "0's client"],
      ["5", "5's client"],
      ["1", "1's client"],
    ])
    expect(found.read).toEqual(["0", "5", "1"])
    expect(found.asked[1]).toEqual(["rows", client, { limit: 100 }])
    expect(found.hasMore).toBe(false)
  })

  it("there may be more where the rows have as many as were asked for, or the index had", async () => {
    const rows = Array.from({ length: 100 }, () => row("5"))
    expect((await told({ pages: [[]], rows, indexSize: SIZE - 1 })).hasMore).toBe(true)
    expect((await told({ pages: [[]], rows: rows.slice(1), indexSize: SIZE - 1 })).hasMore).toBe(false)
    expect((await told({ pages: [grants(0, 100)], indexSize: SIZE - 1 })).hasMore).toBe(true)
  })

  it("the rows are not asked where it is not", async () => {
    expect((await told({ pages: [grants(0, 2)], rows: [row("5")] })).names).toEqual(["0", "1"])
  })
})
