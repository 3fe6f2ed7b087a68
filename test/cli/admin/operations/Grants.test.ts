/** What an operator is told of grants: how each stands, and what happened to one, a page at a time. */
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { listGrants, revokeGrant, showGrant } from "../../../../src/cli/admin/operations/Grants.ts"
import type { Place } from "../../../../src/cli/admin/Place.ts"
import type { SubjectId } from "../../../../src/core/index.ts"
import { memoryStore } from "../../../../src/provider/index.ts"
import { ALICE, logins, RESOURCE, run, type Logins } from "../../../audit/Logins.ts"
import { faultOf, notThere, placeOf } from "./PlaceHere.ts"

const BOB = "sub_bob" as SubjectId
const DENIED = "0000000000000000denied"
const HOUR = 3600

const placeIn = ({ native, store }: Logins): Place => placeOf({ server: native, log: store })

describe("a list of grants", () => {
  let place: Place
  let ids: Readonly<Record<"expired" | "open" | "revoked" | "suspended" | "ended" | "direct" | "denied", string>>

  beforeAll(async () => {
    const world = await logins({ config: { lifetimes: { grant: HOUR } } })
    const { native, clock } = world
    const opened = async (clientId: string, subjectId: SubjectId) => {
      clock.pass(1)
      return (await world.login(clientId, subjectId)).grantId
    }
    const expired = await opened("app", ALICE)
    clock.pass(HOUR)
    await world.addClient("paused")
    const ended = await opened("app", BOB)
    const revoked = await opened("app", ALICE)
    const suspended = await opened("paused", ALICE)
    const open = await opened("app", ALICE)
    await run(
      native.denyGrant({
        grantId: DENIED,
        clientId: "app",
        subjectId: ALICE,
        redirectUri: "http://127.0.0.1:8123/callback",
      }),
    )
    const metadata = {
      client_name: undefined,
      redirect_uris: [],
      grant_types: ["client_credentials"],
      response_types: [],
      token_endpoint_auth_method: "client_secret_basic",
    }
    const service = await run(native.addClient({ clientId: "service", metadata }))
    clock.pass(1)
    await run(
      native.issueToken({ credentials: { clientId: "service", clientSecret: service.client_secret! }, scopes: [] }),
    )
    await run(native.revokeSubjectSessions(BOB))
    await run(native.disableClient("paused"))
    clock.pass(1)
    await run(native.revokeGrant(revoked, "operator"))
    place = placeIn(world)
    const [direct] = await run(native.grants({ clientId: "service" }))
    ids = {
      expired,
      open,
      revoked,
      suspended,
      ended,
      direct: direct!._tag === "Absent" ? "" : direct!.grantId,
      denied: DENIED,
    }
  })

  const START = Date.parse("2030-01-01T00:00:00Z")
  const at = (seconds: number) => new Date(START + seconds * 1000).toISOString()

  it("says of each whose it is, what it is for, and how it stands", async () => {
    const { grants, before, after } = await run(listGrants.run(place, {}))
    expect([before, after]).toEqual([null, null])
    const usual = { client_id: "app", client_name: "app", subject: ALICE, scope: "read", resource: [RESOURCE] }
    const found = Object.fromEntries(grants.map((grant) => [grant.grant_id, grant]))
    const expected = {
      expired: { ...usual, status: "expired", opened: at(1), ends: at(1 + HOUR) },
      ended: { ...usual, status: "ended", subject: BOB, opened: at(HOUR + 2), ends: at(2 * HOUR + 2) },
      revoked: { ...usual, status: "revoked", opened: at(HOUR + 3), ends: at(HOUR + 7) },
      suspended: {
        ...usual,
        ...{ client_id: "paused", client_name: "paused" },
        ...{ status: "suspended", opened: at(HOUR + 4), ends: at(2 * HOUR + 4) },
      },
      open: { ...usual, status: "open", opened: at(HOUR + 5), ends: at(2 * HOUR + 5) },
      denied: { ...usual, status: "denied", scope: "", resource: [], opened: "", ends: at(HOUR + 5) },
      direct: {
        ...usual,
        ...{ client_id: "service", client_name: null, subject: null, resource: [] },
        ...{ status: "open", opened: at(HOUR + 6), ends: at(2 * HOUR + 6) },
      },
    }
    for (const [name, grant] of Object.entries(expected)) {
      const id = ids[name as keyof typeof ids]
      expect(found[id], name).toEqual({ grant_id: id, ...grant })
    }
    expect(grants).toHaveLength(7)
  })

  it("is of one client or of one subject, or both, and goes on from page to page", async () => {
    const listed = async (asked: Parameters<typeof listGrants.run>[1]) =>
      (await run(listGrants.run(place, asked))).grants.map(({ grant_id: id }) => id)
    expect(await listed({ client: "paused" })).toEqual([ids.suspended])
    expect(await listed({ user: BOB })).toEqual([ids.ended])
    expect(await listed({ user: ALICE, client: "paused" })).toEqual([ids.suspended])
    expect(await listed({ user: BOB, client: "paused" })).toEqual([])
    const all = await listed({})
    expect(await listed({ reverse: true })).toEqual(all.toReversed())
    const first = await run(listGrants.run(place, { limit: 2 }))
    expect([first.grants.map(({ grant_id: id }) => id), first.before, first.after]).toEqual([
      all.slice(0, 2),
      null,
      all[1],
    ])
    expect(await listed({ after: all[1]!, limit: 3 })).toEqual(all.slice(2, 5))
    expect(await faultOf(listGrants.run(place, { user: "nobody" }))).toEqual(
      notThere("there is no account `nobody`, and no subject of that id"),
    )
  })
})

describe("a grant that has ended", () => {
  const ended = { _tag: "Revoked", grantId: "old", clientId: "app", subjectId: ALICE, revokedAt: 1_700_000_060_000 }
  const known = { ...{ grant_id: "old", status: "revoked", client_id: "app", client_name: null, subject: ALICE } }
  /** It is all that there is, and these are its entries. */
  const listed = async (...entries: ReadonlyArray<object>) => {
    const log = {
      ...memoryStore(),
      readStream: (...asked: ReadonlyArray<unknown>) =>
        Effect.succeed(asked.join(" ") === "grant-old 0 1" ? entries : []),
    } as never
    const server = { grants: () => Effect.succeed([ended]), now: () => 1_700_000_090_000 } as never
    return (await run(listGrants.run(placeOf({ server, log }), {}))).grants
  }

  it("is told from its first entry, which says what it was for", async () => {
    const event = {
      ...{ _tag: "GrantOpened", scopes: ["read", "write"], resources: [RESOURCE], openedAt: 1_700_000_000_000 },
    }
    expect(await listed({ event })).toEqual([
      {
        ...{ ...known, scope: "read write", resource: [RESOURCE] },
        ...{ opened: "2023-11-14T22:13:20.000Z", ends: "2023-11-14T22:14:20.000Z" },
      },
    ])
  })

  it("is told without what it was for, where its entries are in an archive", async () => {
    expect(await listed()).toEqual([
      { ...known, scope: "", resource: [], opened: "", ends: "2023-11-14T22:14:20.000Z" },
    ])
  })
})

describe("the history of a grant", () => {
  let world: Logins
  let place: Place
  let id: string
  /** Where its events stand in the log. */
  let positions: ReadonlyArray<number>

  beforeAll(async () => {
    world = await logins()
    const { grantId, ...login } = await world.login()
    id = grantId
    // So that an event's place in the log is not its place in the grant.
    await world.login()
    for (let token = login.refresh_token, count = 0; count < 4; count++) {
      token = (await world.refresh(token)).refresh_token
      await world.login()
    }
    place = placeIn(world)
    positions = (await run(world.store.readStream(`grant-${id}`, 0, 100))).map(({ position }) => position)
  })

  interface Asked {
    readonly before?: number
    readonly after?: number
    readonly limit?: number
  }

  /** Which of its events are given, counted from 0. */
  const shown = async (asked: Asked) => {
    const { entries, clientNames, before, after, ...counts } = await run(
      showGrant.run(place, { grant_id: id, ...asked }),
    )
    const index = (position: number | null) => (position === null ? null : positions.indexOf(position))
    return {
      events: entries.map(({ position }) => index(position)),
      before: index(before),
      after: index(after),
      ...counts,
    }
  }

  it("is whole where it is short, with the names of the clients in it", async () => {
    const count = positions.length
    expect(count).toBeGreaterThan(10)
    expect(await shown({})).toEqual({
      ...{ events: positions.map((_, index) => index), before: null, after: null, olderCount: 0, newerCount: 0 },
    })
    const { entries, clientNames } = await run(showGrant.run(place, { grant_id: id }))
    expect(entries).toEqual(await run(world.store.readStream(`grant-${id}`, 0, 100)))
    expect(clientNames).toEqual({ app: "app" })
  })

  it("is the newest events, or those next to a position", async () => {
    const count = positions.length
    const [third, eighth] = [positions[2]!, positions[7]!]
    const page = (first: number, last: number) => ({
      events: Array.from({ length: last - first }, (_, index) => first + index),
      before: first === 0 ? null : first,
      after: last === count ? null : last - 1,
      olderCount: first,
      newerCount: count - last,
    })
    expect(await shown({ limit: 3 })).toEqual(page(count - 3, count))
    expect(await shown({ limit: 3, before: eighth })).toEqual(page(4, 7))
    expect(await shown({ limit: 30, before: eighth })).toEqual(page(0, 7))
    expect(await shown({ limit: 3, after: third })).toEqual(page(3, 6))
    expect(await shown({ limit: 3, after: -1 })).toEqual(page(0, 3))
    expect(await shown({ limit: 100, after: third })).toEqual(page(3, count))
    expect(await shown({ limit: 2, after: third, before: eighth })).toEqual(page(5, 7))
    expect(await shown({ limit: 100, after: third, before: eighth })).toEqual(page(3, 7))
    const nothing = { events: [], before: null, after: null }
    expect(await shown({ before: third, after: eighth })).toEqual({ ...nothing, olderCount: 8, newerCount: count - 8 })
    expect(await shown({ before: 0 })).toEqual({ ...nothing, olderCount: 0, newerCount: count })
    expect(await shown({ after: 1_000_000 })).toEqual({ ...nothing, olderCount: count, newerCount: 0 })
  })

  it("has no name of a client that has none", async () => {
    const named = async (clientId: string) => {
      const grants = await run(listGrants.run(place, { client: clientId }))
      const history = await run(showGrant.run(place, { grant_id: grants.grants[0]!.grant_id }))
      return history.clientNames
    }
    await run(
      world.native.addClient({
        clientId: "nameless",
        metadata: { redirect_uris: ["http://127.0.0.1:8123/callback"], token_endpoint_auth_method: "none" },
      }),
    )
    await world.login("nameless")
    expect([await named("app"), await named("nameless")]).toStrictEqual([{ app: "app" }, {}])
  })

  it("is there, or said not to be, and a grant that is not there is not ended", async () => {
    const absent = notThere("there is no grant `nobody`")
    expect(await faultOf(showGrant.run(place, { grant_id: "nobody" }))).toEqual(absent)
    expect(await faultOf(revokeGrant.run(place, { grant_id: "nobody" }))).toEqual(absent)
  })

  it("ends by the operator who says so", async () => {
    const { grantId } = await world.login()
    expect(await run(revokeGrant.run(place, { grant_id: grantId }))).toEqual({ grant_id: grantId, done: "revoked" })
    const last = (await run(world.store.readStream(`grant-${grantId}`, 0, 100))).at(-1)
    expect(last).toMatchObject({ actor: "operator", event: { _tag: "GrantRevoked", reason: "operator" } })
  })

  it("has at most 200 events by default", async () => {
    const asked: Array<unknown> = []
    const log = {
      archivedStream: () => Effect.undefined,
      streamVersion: () => Effect.succeed(250),
      readStream: (...given: ReadonlyArray<unknown>) => {
        asked.push(given)
        return Effect.succeed([])
      },
    } as never
    const history = await run(showGrant.run(placeOf({ log }), { grant_id: "long" }))
    expect(asked).toEqual([["grant-long", 50, 200]])
    expect(history).toEqual({ entries: [], olderCount: 50, newerCount: 0, before: null, after: null, clientNames: {} })
  })
})
