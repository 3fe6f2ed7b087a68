/** What the rows answer to each question by name, over a small world in which every answer differs from every other. */
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import type { ClientId, Command, Resource } from "../../src/core/index.ts"
import { makeMemoryLog, makeSqliteLog } from "../../src/log/index.ts"
import { inlineProjection, type RowAnswers } from "../../src/projection/index.ts"
import {
  FILES,
  MAIL,
  actForItself,
  alice,
  app,
  at,
  clientId,
  digest,
  grantId,
  initialize,
  keyId,
  open,
  redeem,
  register,
  registerService,
  resources,
  refresh,
  service,
  subjectId,
  toClient,
  toSubject,
} from "../core/support/Facts.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import { execute, type HistoryStore } from "./Histories.ts"

const run = Effect.runPromise
const bob = subjectId("bob")
const [first, second, third, own] = [grantId("g1"), grantId("g2"), grantId("g3"), grantId("g4")]
const many = clientId("many")
const [disabled, deleted, unused, deletedUnused] = ["disabled", "deleted", "unused", "deleted-unused"].map(clientId)

/** More resource servers than are read at once, so that the last ones are on a page of their own. */
const servers: ReadonlyArray<readonly [ClientId, Resource]> = Array.from({ length: 65 }, (_, index) => [
  clientId(`server-${String(index).padStart(2, "0")}`),
  resources(`https://${String(index).padStart(2, "0")}.example/mcp`)[0]!,
])

const commands: ReadonlyArray<Command> = [
  initialize(),
  register(),
  registerService({ at: at(1) }),
  register({ clientId: unused!, at: at(2) }),
  register({ clientId: deletedUnused!, at: at(2) }),
  toClient("DeleteClient", { clientId: deletedUnused!, at: at(3) }),
  register({ clientId: deleted!, origin: "operator", at: at(3) }),
  toClient("DeleteClient", { clientId: deleted!, at: at(4) }),
  register({ clientId: disabled!, at: at(5) }),
  toClient("DisableClient", { clientId: disabled!, at: at(5) }),
  register({ clientId: many, at: at(5) }),
  toSubject("RevokeSubjectSessions", { subjectId: bob, at: at(5) }),
  open({ grantId: first, at: at(6), requestedAt: at(6) }),
  redeem({ grantId: first, at: at(6) }),
  refresh(1, { grantId: first, at: at(6) }),
  open({
    grantId: second,
    code: digest("code-2"),
    basis: { _tag: "User", subjectId: bob, approvedAt: at(6) },
    at: at(6),
    requestedAt: at(6),
  }),
  open({ clientId: many, grantId: third, code: digest("code-3"), at: at(6), requestedAt: at(6) }),
  actForItself({ grantId: own, accessToken: digest("access-own"), at: at(6) }),
]

const stores = [
  ["memory", () => makeMemoryLog({ projection: inlineProjection, side: rowsByHand })],
  ["SQLite", () => makeSqliteLog(":memory:", { projection: inlineProjection, side: rowsByHand })],
] as const

describe.each(stores)("the rows in %s", (_, make) => {
  let log: HistoryStore
  let rows: RowAnswers
  const idsOf = (clients: ReadonlyArray<{ readonly state: object }>) =>
    clients.map(({ state }) => "clientId" in state && state.clientId)
  const grantIdsOf = (grants: ReadonlyArray<{ readonly state: object }>) =>
    grants.map(({ state }) => "grantId" in state && state.grantId)

  beforeAll(async () => {
    log = make()
    rows = log.rows
    for (const command of commands) await execute(log, command)
  })

  it("list clients the newest first, deleted ones where they were, and the oldest first if asked", async () => {
    const all = ["many", "disabled", "deleted", "unused", "deleted-unused", "service", "app"]
    expect(idsOf(await run(rows.clients({ limit: 99 })))).toEqual(all)
    expect(idsOf(await run(rows.clients({ limit: 99, isReversed: true })))).toEqual(all.toReversed())
    expect(idsOf(await run(rows.clients({ limit: 2 })))).toEqual(["many", "disabled"])
  })

  it("go on behind a client, a deleted one too, and know nothing behind one that is unknown", async () => {
    expect(idsOf(await run(rows.clients({ after: "unused", limit: 2 })))).toEqual(["deleted-unused", "service"])
    expect(idsOf(await run(rows.clients({ after: "deleted-unused", limit: 9 })))).toEqual(["service", "app"])
    expect(idsOf(await run(rows.clients({ after: "deleted", limit: 1 })))).toEqual(["unused"])
    expect(idsOf(await run(rows.clients({ after: "unused", isReversed: true, limit: 2 })))).toEqual([
      "deleted",
      "disabled",
    ])
    expect(await run(rows.clients({ after: "nobody", limit: 9 }))).toEqual([])
  })

  it("count the clients that registered themselves and were not deleted", async () => {
    expect(await run(rows.dynamicClientCount())).toBe(4)
  })

  it("name clients for which nobody approved anything, up to a moment, and what has to be so for that", async () => {
    const named = async (upTo: number, limit = 9) =>
      (await run(rows.unusedClients(upTo, limit))).map(({ clientId }) => clientId)
    expect(await named(at(9))).toEqual([unused, disabled])
    expect(await named(at(9), 1)).toEqual([unused])
    expect(await named(at(2))).toEqual([unused])
    expect(await named(at(2, -1))).toEqual([])
    const [one] = await run(rows.unusedClients(at(2), 1))
    expect(one?.rowCheck).toMatchObject({
      table: { name: "unused_rows" },
      key: [unused],
      has: { client_id: unused, since: at(2) },
    })
  })

  it("list grants of a client, of a subject or of all, the newest first, page by page", async () => {
    const grants = async (where: object, page: object = {}) =>
      grantIdsOf(await run(rows.grants(where, { limit: 9, ...page })))
    expect(await grants({})).toEqual([own, third, second, first])
    expect(await grants({}, { isReversed: true })).toEqual([first, second, third, own])
    expect(await grants({}, { limit: 1 })).toEqual([own])
    expect(await grants({ clientId: app })).toEqual([second, first])
    expect(await grants({ subjectId: alice })).toEqual([third, first])
    expect(await grants({ clientId: app, subjectId: alice })).toEqual([first])
    expect(await grants({}, { after: third })).toEqual([second, first])
    expect(await grants({}, { after: second, isReversed: true })).toEqual([third, own])
  })

  it("give the grants of a subject with the client, subject and issuer that each depends on", async () => {
    const slices = await run(rows.grantSlices({ subjectId: alice }, { limit: 9 }))
    expect(slices.map(({ grant, client, subject, issuer }) => [grant, client, subject, issuer])).toMatchObject([
      [{ grantId: third }, { clientId: many }, { epoch: 0 }, { _tag: "Initialized" }],
      [{ grantId: first }, { clientId: app }, { epoch: 0 }, { _tag: "Initialized" }],
    ])
    const [ofBob] = await run(rows.grantSlices({ subjectId: bob }, { limit: 9 }))
    expect(ofBob).toMatchObject({ grant: { grantId: second }, subject: { epoch: 1 } })
  })

  it("give the slice of a grant with its owners, the versions of their streams and their names", async () => {
    expect(await run(rows.slice({ grantId: second }))).toMatchObject({
      state: { client: { clientId: app }, subject: { epoch: 1 }, grant: { grantId: second } },
      versions: { issuer: 1, client: 1, subject: 1, grant: 2 },
      streams: { issuer: "issuer", client: `client-${app}`, subject: `subject-${bob}`, grant: `grant-${second}` },
      grantDiesAt: expect.any(Number),
      audiences: [],
    })
  })

  it("give a slice without what was not asked for, and without a subject where there is none", async () => {
    const nothing = { issuer: "issuer", client: undefined, subject: undefined, grant: undefined }
    expect(await run(rows.slice({}))).toMatchObject({
      state: { issuer: { _tag: "Initialized" }, client: { _tag: "Absent" }, grant: { _tag: "Absent" } },
      versions: { issuer: 1, client: 0, subject: 0, grant: 0 },
      streams: nothing,
      grantDiesAt: null,
    })
    expect((await run(rows.slice({ grantId: own }))).streams).toEqual({
      ...nothing,
      client: `client-${service}`,
      grant: `grant-${own}`,
    })
    expect((await run(rows.slice({ clientId: app, subjectId: bob }))).streams).toEqual({
      ...nothing,
      client: `client-${app}`,
      subject: `subject-${bob}`,
    })
  })

  it("do not look for a grant whose id was made up just now", async () => {
    const { state, versions, streams } = await run(rows.slice({ grantId: first, isNewGrant: true, clientId: app }))
    expect([state.grant._tag, versions.grant]).toEqual(["Absent", 0])
    expect(streams.grant).toBe(`grant-${first}`)
  })

  it("introspect an access token by what it leads to, a refresh token by its owner, a code by neither", async () => {
    const ask = (kind: "access" | "refresh" | "code", name: string) =>
      run(rows.introspection(service, { kind, grantId: first, digest: digest(name) }, at(6)))
    const access = await ask("access", "access-1")
    expect(access).toMatchObject({
      caller: { clientId: service },
      access: { token: { digest: digest("access-1") }, clientId: app, subjectId: alice },
    })
    expect(access.owner).toBeUndefined()
    const owned = await ask("refresh", "refresh-2")
    expect(owned).toMatchObject({ caller: { clientId: service }, owner: { grant: { grantId: first } } })
    expect(owned.access).toBeUndefined()
    expect(await ask("code", "code")).toMatchObject({ access: undefined, owner: undefined })
    expect(await run(rows.introspection("nobody", undefined, at(6)))).toEqual({
      caller: { _tag: "Absent" },
      access: undefined,
      owner: undefined,
    })
  })

  it("name the keys that the log names", async () => {
    expect(await run(rows.keyIds())).toEqual([keyId("key-1")])
  })

  describe("among many resource servers", () => {
    beforeAll(async () => {
      for (const [id, audience] of servers) await execute(log, registerService({ clientId: id, audience, at: at(7) }))
    })
    const audiences = async (asked: ReadonlyArray<string>, configured: ReadonlyArray<string> = []) =>
      (await run(rows.slice({ resources: { asked: resources(...asked), configured: resources(...configured) } })))
        .audiences
    const everyone = servers.map(([, audience]) => audience)

    it("are all read where no resource is named", async () => {
      expect(await audiences([])).toEqual(everyone)
    })

    it("are found by name alone where each resource is named", async () => {
      expect(await audiences([everyone[3]!, FILES])).toEqual([everyone[3]])
      expect(await audiences([FILES, MAIL])).toEqual([])
    })

    it("are all read where one is named by its origin alone, unless that is known or configured itself", async () => {
      const origin = "https://07.example/"
      expect(await audiences([origin])).toEqual(everyone)
      expect(await audiences([FILES, origin])).toEqual(everyone)
      expect(await audiences([origin], [origin])).toEqual([])
      expect(await audiences([everyone[2]!, origin])).toEqual([everyone[2], ...everyone])
    })

    it("are no longer read of a resource server that was deleted", async () => {
      const [id, audience] = servers[64]!
      await execute(log, toClient("DeleteClient", { clientId: id, at: at(8) }))
      expect(await audiences([audience])).toEqual([])
      expect(await audiences([])).toEqual(everyone.slice(0, 64))
    })
  })
})
