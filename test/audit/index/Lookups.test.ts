/** What an index in memory finds: tokens by their digests, and grants by whose they are, a page at a time, either way. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { openAuditIndex, type GrantQuery, type IndexedGrant } from "../../../src/audit/index.ts"
import type { Event } from "../../../src/core/index.ts"
import { openNodeSqlite, StoreFault, type OpenSqlite } from "../../../src/log/index.ts"
import { hooked } from "../../log/Connections.ts"
import { eventsOf, placeIn, recordedOf, storedLog } from "../StoredLog.ts"
import {
  alice,
  at,
  clientId,
  digest,
  grantId,
  login,
  redeemed,
  refresh,
  revoke,
  subjectId,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise

const story = recordedOf(eventsOf(...redeemed, refresh(1), revoke()))
const [opening, issuing] = ["GrantOpened", "AuthorizationCodeIssued"].map(
  (tag) => story.find(({ event }) => event._tag === tag)!.event,
)

const indexOver = async (events: ReadonlyArray<Event>, open?: OpenSqlite) => {
  const world = storedLog(recordedOf(events))
  const index = openAuditIndex(world.log, undefined, open)
  await run(index.catchUp())
  return { ...world, index }
}

describe("a code or token", () => {
  const digests = ["refresh-2", "nobodys", "code", "access-1"].map(digest)

  it("is found by its digest: the entry that issued it, its grant, and what ended it before its time", async () => {
    const { index } = await indexOver(story.map(({ event }) => event))
    expect(await run(index.issuesOf(digests))).toEqual([story[7], story[3], story[5]])
    expect(await run(index.endsOf(digests))).toEqual([9])
    expect(await run(Effect.forEach(digests, index.grantIdOf))).toEqual([login, undefined, login, login])
  })

  it("is left out where its entry is in an archive that is not at hand", async () => {
    const { index, stored } = await indexOver(story.map(({ event }) => event))
    stored[3] = placeIn(1, stored[3]!)
    expect(await run(index.issuesOf(digests))).toEqual([story[7], story[5]])
    expect(await run(index.grantIdOf(digest("code")))).toBe(login)
  })

  it("is not believed to be issued by an entry that issued something else, or is not there", async () => {
    const { index, stored } = await indexOver(story.map(({ event }) => event))
    const refusal = (position: number) => ({
      _tag: "StoreFault",
      reason: "corrupt",
      message: `the audit index names entry ${position}, which issued something else: delete its file, to have it made anew`,
    })
    stored[7] = { ...stored[8]! }
    expect(await run(Effect.flip(index.issuesOf(digests)))).toMatchObject(refusal(7))
    stored.splice(7)
    expect(await run(Effect.flip(index.issuesOf(digests)))).toMatchObject(refusal(7))
  })

  it("has no grant where the index knows its entry, and no grant of that", async () => {
    const driver: Array<ReturnType<OpenSqlite>> = []
    const { index } = await indexOver(
      story.map(({ event }) => event),
      (file) => (driver[0] = openNodeSqlite(file)),
    )
    driver[0]!.exec("UPDATE audited_entries SET grant_id = NULL WHERE position = 3")
    driver[0]!.exec("DELETE FROM audited_entries WHERE position = 5")
    expect(await run(Effect.forEach(digests, index.grantIdOf))).toEqual([login, undefined, undefined, undefined])
  })
})

interface Grant {
  readonly name: string
  readonly client?: string
  readonly subject?: string | null
  readonly document?: string | null
  /** Minutes. */
  readonly opened: number
  readonly ends: number
}

const grantOf = ({ name, client = "app", subject = "alice", document = null, opened, ends }: Grant) => [
  {
    ...opening,
    grantId: grantId(name),
    clientId: clientId(client),
    subjectId: subject === null ? null : subjectId(subject),
    metadataDigest: document === null ? null : digest(document),
    openedAt: at(opened),
  } as Event,
  { ...issuing, grantId: grantId(name), digest: digest(name), expiresAt: at(ends) } as Event,
]

describe("grants", () => {
  const all: ReadonlyArray<Grant> = [
    { name: "a", opened: 0, ends: 30 },
    { name: "b", opened: 1, ends: 20, subject: "bob" },
    { name: "c", opened: 2, ends: 20, client: "other", document: "doc" },
    { name: "d", opened: 3, ends: 10, subject: null },
    { name: "e", opened: 4, ends: 40, client: "other", document: "doc" },
    { name: "f", opened: 4, ends: 5 },
  ]
  const made = () => indexOver(all.flatMap(grantOf))
  const names = (found: ReadonlyArray<IndexedGrant>) => found.map((one) => one.grantId[0]).join("")

  it("are told with whose they are, and from when until when they last", async () => {
    const { index } = await made()
    expect(await run(index.grant(grantId("c")))).toEqual({
      grantId: grantId("c"),
      clientId: "other",
      subjectId: alice,
      metadataDigest: digest("doc"),
      position: 4,
      openedAt: at(2),
      endsAt: at(20),
    })
    expect(await run(index.grant(grantId("d")))).toMatchObject({ subjectId: null, metadataDigest: null })
    expect(await run(index.grant(grantId("nobodys")))).toBeUndefined()
  })

  it.each<readonly [string, Partial<GrantQuery>, string]>([
    ["a client", { clientId: "app" }, "abdf"],
    ["another client", { clientId: "other" }, "ec"],
    ["a subject", { subjectId: alice }, "eacf"],
    ["a document", { metadataDigest: digest("doc") }, "ec"],
    ["a client, but for those that ended", { clientId: "app", endsAtLeast: at(10) }, "abd"],
    ["a client, but for all that ended", { clientId: "app", endsAtLeast: at(31) }, ""],
    ["a client, of those opened since", { clientId: "app", openedSince: at(1) }, "bdf"],
    ["time", {}, "fedcba"],
    ["time, of those opened since", { openedSince: at(2) }, "fedc"],
    ["time, but for those that ended", { endsAtLeast: at(20) }, "ecba"],
  ])(
    "are found by %s, those first that last longest, or were opened last; and the other way round",
    async (_, query, found) => {
      const { index } = await made()
      const asked = { endsAtLeast: 0, ...query }
      expect(names(await run(index.grants(asked, { limit: 9 })))).toBe(found)
      const backwards = found.split("").toReversed().join("")
      expect(names(await run(index.grants(asked, { limit: 9, isUpwards: true })))).toBe(backwards)
      for (const [isUpwards, order] of [
        [false, found],
        [true, backwards],
      ] as const) {
        let turned = ""
        let after: IndexedGrant | undefined
        for (;;) {
          const page = await run(index.grants(asked, { after, limit: 2, isUpwards }))
          turned += names(page)
          if (page.length < 2) break
          after = page[1]
        }
        expect(turned).toBe(order)
      }
    },
  )

  it("that came of one by exchanges are found with the token that each came of, where they are known", async () => {
    const [begun, issued] = grantOf({ name: "z", opened: 5, ends: 6, client: "service" })
    const ancestors = [
      { grantId: grantId("a"), digest: digest("second") },
      { grantId: grantId("a"), digest: digest("first") },
      { grantId: grantId("b"), digest: digest("third") },
    ]
    const exchanged = { ...begun!, descent: { ancestors, actors: [], mayAct: null } } as unknown as Event
    const connection: Array<ReturnType<OpenSqlite>> = []
    const { index } = await indexOver(
      [...all.flatMap(grantOf), exchanged, issued!],
      (file) => (connection[0] = openNodeSqlite(file)),
    )
    const grant = await run(index.grant(grantId("z")))
    expect(await run(index.exchangedFrom(grantId("a")))).toEqual([
      { grant, digest: digest("first") },
      { grant, digest: digest("second") },
    ])
    expect(await run(index.exchangedFrom(grantId("b")))).toEqual([{ grant, digest: digest("third") }])
    expect(await run(index.exchangedFrom(grantId("c")))).toEqual([])
    connection[0]!.exec("DELETE FROM audited_grants WHERE client_id = 'service'")
    expect(await run(index.exchangedFrom(grantId("b")))).toEqual([])
  })
})

describe("an answer", () => {
  /** An index whose connection can be made to refuse. */
  const refusing = async (reason: StoreFault["reason"], times: number) => {
    const executed: Array<string> = []
    let left = 0
    const open = hooked(openNodeSqlite, (sql, go) => {
      executed.push(sql)
      if (sql === "BEGIN" && left-- > 0) throw new StoreFault({ reason, message: "refused" })
      return go()
    })
    const { index } = await indexOver(
      story.map(({ event }) => event),
      open,
    )
    left = times
    executed.length = 0
    return { index, executed, beginCount: () => executed.filter((sql) => sql === "BEGIN").length }
  }

  it("waits while another process writes, by trying again", async () => {
    const { index, beginCount } = await refusing("busy", 3)
    expect((await run(index.grant(login)))?.grantId).toBe(login)
    expect(beginCount()).toBe(4)
  })

  it("is not tried again where anything else is wrong, and that is said", async () => {
    const { index, beginCount } = await refusing("disk", 1)
    expect(await run(Effect.flip(index.grant(login)))).toMatchObject({ reason: "disk", message: "refused" })
    expect(beginCount()).toBe(1)
  })

  it("is of one moment: all of it is read in a transaction, which ends with it", async () => {
    const { index, executed } = await refusing("busy", 0)
    await run(index.grant(login))
    expect([executed[0], executed.at(-1)]).toEqual(["BEGIN", "COMMIT"])
    expect(executed.filter((sql) => sql === "COMMIT")).toHaveLength(1)
  })

  it("is not given while another process makes the index anew, and is once that has come as far", async () => {
    const connection: Array<ReturnType<OpenSqlite>> = []
    const { index, stored } = await indexOver(
      story.map(({ event }) => event),
      (file) => (connection[0] = openNodeSqlite(file)),
    )
    connection[0]!.exec(`UPDATE bookmark SET size = ${stored.length - 1}`)
    expect(await run(Effect.flip(index.grant(login)))).toMatchObject({
      _tag: "StoreFault",
      reason: "locked",
      message: "another process is making the audit index anew: try again",
    })
    // How far it has come is told nevertheless.
    expect(await run(index.size)).toBe(stored.length - 1)
    connection[0]!.exec(`UPDATE bookmark SET size = ${stored.length}`)
    expect((await run(index.grant(login)))?.grantId).toBe(login)
    await run(index.close)
    expect(() => connection[0]!.prepare("SELECT 1")).toThrow()
  })
})
