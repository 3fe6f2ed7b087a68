/** Whole explanations of a short story: what is told of each thing in it, by positions in its log. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Event } from "../../../src/core/index.ts"
import { explain, isKnown, questionOf, type Explained, type Meaning } from "../../../src/audit/index.ts"
import { eventsOf } from "../StoredLog.ts"
import { storyAudit, type StoryAudit } from "../StoryAudit.ts"
import {
  alice,
  app,
  at,
  denyDevice,
  digest,
  grantId,
  initialize,
  login,
  metadata,
  open,
  redeem,
  redeemed,
  refresh,
  register,
  registerDevice,
  revokeGrant,
  standing,
  toClient,
  toSubject,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise

const ask = ({ audit, size }: StoryAudit, id: string, minute = 2) =>
  run(explain(audit, questionOf(id), { size, at: at(minute) }))

/** What is told, with entries by their positions, and the rest whole. */
const told = async (world: StoryAudit, id: string, minute = 2) => {
  const found = await ask(world, id, minute)
  if (!found.isOurs) return expect.fail(found.sentence)
  const { chain, ancestry, presentations, standing: stands, next, proof, ...rest } = found
  const positions = (lines: Explained["chain"]) => lines.map(({ position }) => position)
  return {
    ...rest,
    chain: positions(chain),
    ancestry: positions(ancestry),
    presentations: positions(presentations),
    status: stands.status,
    rule: stands.cause?.rule,
    next: next.map(({ command }) => command),
    proof: proof.map(({ command }) => command),
  }
}

const named = { metadata: { ...metadata, client_name: "The app" } }
const story = [initialize(), register(named), open(), redeem(), refresh(1)]
// Positions: 0 issuer, 1 client, 2 grant, 3 code, 4 redeemed, 5 access-1, 6 refresh-1, 7 refresh-2, 8 access-2.
const size = 9
const moment = { size, at: at(2) }
const ofGrant = {
  isOurs: true,
  grantId: login,
  clientId: app,
  clientName: "The app",
  subjectId: alice,
  asOf: moment,
  untold: { generations: 0, presentations: 0 },
  grants: [],
  hasMoreGrants: false,
}
const alive = { chain: [], status: "alive", rule: undefined }
const relative = (kind: string, name: string, expiresAt: number, generation: number, position: number) => ({
  kind,
  digest: digest(name),
  expiresAt,
  generation,
  position,
})
const access1 = relative("access token", "access-1", at(10), 1, 5)
const access2 = relative("access token", "access-2", at(11), 2, 8)
const refresh2 = relative("refresh token", "refresh-2", at(61), 2, 7)

describe("what is told", () => {
  it("of an access token", async () => {
    expect(await told(await storyAudit(story), digest("access-2"))).toEqual({
      ...ofGrant,
      ...alive,
      kind: "access token",
      id: digest("access-2"),
      ancestry: [2, 3, 4, 6, 8],
      presentations: [],
      descendants: [],
      siblings: [refresh2, access1],
      next: [`grantlog blast-radius ${login}`, `grantlog grant revoke ${login}`, `grantlog history --grant ${login}`],
      proof: [`grantlog prove ${digest("access-2")}`],
    })
  })

  it("in sentences that name clients by what they call themselves, and of no JWT where none was asked about", async () => {
    const found = await ask(await storyAudit(story), digest("access-2"))
    expect(found.isOurs && found.ancestry[0]!.sentence).toContain('approved client app ("The app")')
    expect(found).not.toHaveProperty("jwt")
  })

  it("of what came of a token that ended is by what, in the order of the log", async () => {
    const named = { grantId: login, digest: digest("access-1") }
    const [opening, , , issuing] = eventsOf(...redeemed).slice(2)
    const revoking = (grantId: string) => ({ ...eventsOf(...redeemed, revokeGrant()).at(-1)!, grantId }) as Event
    const exchanged = grantId("exchanged")
    const world = await storyAudit(redeemed, {
      more: [
        { ...opening, grantId: exchanged, descent: { ancestors: [named], actors: [], mayAct: null } } as Event,
        { ...issuing, grantId: exchanged, digest: digest("access-x") } as Event,
        revoking(login),
        revoking(exchanged),
      ],
    })
    // 2–6 the login, 7 and 8 the exchange, 9 the end of the login, 10 its own.
    expect(await told(world, digest("access-x"))).toMatchObject({
      status: "dead",
      chain: [9, 10],
      ancestry: [2, 3, 4, 5, 7, 8],
      grantId: exchanged,
    })
  })

  it("of a grant without a beginning is not whose it is", async () => {
    const world = await storyAudit(standing, { more: eventsOf(...redeemed).slice(3, 4) })
    expect(await told(world, login)).toMatchObject({ kind: "grant", clientId: null, clientName: null, subjectId: null })
  })

  it("of a refresh token that was spent", async () => {
    expect(await told(await storyAudit(story), digest("refresh-1"))).toMatchObject({
      ...ofGrant,
      kind: "refresh token",
      status: "dead",
      rule: "rotated",
      chain: [7],
      ancestry: [2, 3, 4, 6],
      presentations: [7],
      descendants: [refresh2, access2],
      siblings: [access1],
      proof: [`grantlog prove ${digest("refresh-1")}`, "grantlog prove 7"],
    })
    expect((await told(await storyAudit(story), digest("refresh-2"))).kind).toBe("refresh token")
  })

  it("of a code, and of a device code that was denied", async () => {
    expect(await told(await storyAudit(story), digest("code"))).toMatchObject({
      ...ofGrant,
      kind: "code",
      rule: "redeemed",
      chain: [4],
      ancestry: [2, 3],
      presentations: [4],
      descendants: [refresh2, access1, access2],
    })
    const denied = await storyAudit([initialize(), registerDevice(), denyDevice()])
    expect(await told(denied, digest("device-code"))).toMatchObject({
      kind: "code",
      grantId: login,
      clientId: "television",
      subjectId: alice,
      status: "dead",
      rule: "denied",
      chain: [2],
      ancestry: [],
    })
  })

  it("of a grant", async () => {
    expect(await told(await storyAudit(story), login)).toMatchObject({
      ...ofGrant,
      ...alive,
      kind: "grant",
      id: login,
      ancestry: [2],
      presentations: [3, 4, 5, 6, 7, 8],
      descendants: [refresh2, access1, access2],
      siblings: [],
      proof: ["grantlog prove 2"],
    })
  })

  it("of a client", async () => {
    const changed = [...story, toClient("DisableClient"), toClient("EnableClient")]
    expect(await told(await storyAudit(changed), app)).toEqual({
      ...ofGrant,
      ...alive,
      asOf: { size: 11, at: at(2) },
      kind: "client",
      id: app,
      grantId: null,
      subjectId: null,
      ancestry: [1],
      presentations: [9, 10],
      descendants: [],
      siblings: [],
      grants: [
        { grantId: login, clientId: app, clientName: "The app", subjectId: alice, openedAt: at(0), aliveCount: 3 },
      ],
      next: ["grantlog blast-radius app", "grantlog history --client=app"],
      proof: ["grantlog prove 1"],
    })
  })

  it("of a subject, also of one to whom nothing happened but a login", async () => {
    expect(await told(await storyAudit(story), alice)).toMatchObject({
      ...alive,
      kind: "subject",
      id: alice,
      grantId: null,
      clientId: null,
      clientName: null,
      subjectId: alice,
      ancestry: [],
      presentations: [],
      untold: { generations: 0, presentations: 0 },
      grants: [{ grantId: login, aliveCount: 3 }],
    })
    const ended = await storyAudit([...story, toSubject("RevokeSubjectSessions"), toSubject("DisableSubject")])
    expect(await told(ended, alice)).toMatchObject({ ancestry: [9], presentations: [10], chain: [10], grants: [] })
    expect((await told(await storyAudit(story), alice, 300)).grants).toEqual([])
  })

  it("of what much happened to is the first and the last fifty, and how many are between", async () => {
    const changes = Array.from({ length: 60 }, () => [toClient("DisableClient"), toClient("EnableClient")]).flat()
    const client = await told(await storyAudit([...standing, ...changes]), app)
    expect(client).toMatchObject({ ancestry: [1], untold: { generations: 0, presentations: 70 } })
    expect(client.presentations).toEqual(Array.from({ length: 50 }, (_, index) => 72 + index))
    const refreshes = Array.from({ length: 40 }, (_, index) => refresh(index + 1))
    const grant = await told(await storyAudit([...redeemed, ...refreshes]), login)
    expect(grant).toMatchObject({ ancestry: [2], untold: { generations: 0, presentations: 34 } })
    expect(grant.presentations).toEqual(Array.from({ length: 50 }, (_, index) => 37 + index))
    const last = await told(await storyAudit([...redeemed, ...refreshes]), digest("access-41"))
    expect(last.untold).toEqual({ generations: 33, presentations: 0 })
  })

  it("of what was never here is that, and nothing else", async () => {
    const world = await storyAudit(story)
    for (const id of ["nobody", "sub_nobody", "n".repeat(22), digest("nobodys")]) {
      expect(await ask(world, id)).toEqual({
        isOurs: false,
        asOf: moment,
        archived: null,
        sentence: "nothing of that name or digest was ever issued or registered here",
        next: [],
        proof: [],
      })
    }
  })

  it("of what may be behind the end of the index is that", async () => {
    const world = await storyAudit(story, { indexedCount: 8 })
    expect(await ask(world, digest("access-2"))).toMatchObject({
      isOurs: false,
      sentence: expect.stringContaining("the index has not come to the end of the log"),
    })
    const question = { ...questionOf(digest("access-2")), namedGrant: login }
    expect(await run(explain(world.audit, question, moment))).toMatchObject({ isOurs: true, kind: "access token" })
    const forged = { ...questionOf(digest("nobodys")), namedGrant: login }
    expect(await run(explain(world.audit, forged, moment))).toMatchObject({
      isOurs: false,
      archived: null,
      sentence: expect.stringContaining(`it names the grant ${login}, which is real`),
    })
  })

  it("of a client is what the log has of it, though the index has come to none of that", async () => {
    const { state } = await storyAudit(redeemed)
    const world = await storyAudit(redeemed, { indexedCount: 1, grantRows: [{ state: state.grant }] })
    expect(await told(world, app)).toMatchObject({ kind: "client", ancestry: [1], grants: [{ grantId: login }] })
  })

  it("of a grant that is in an archive is where it is", async () => {
    const archivedStream = (stream: string) =>
      Effect.succeed(stream === "grant-gone" ? { archive: 3, file: "old.archive", version: 7 } : undefined)
    const world = await storyAudit(story, { over: { archivedStream } })
    const question = { meanings: [{ _tag: "Grant", grantId: "gone" } as const], namedGrant: undefined, name: undefined }
    expect(await run(explain(world.audit, question, moment))).toEqual({
      isOurs: false,
      asOf: moment,
      archived: { grantId: "gone", archive: 3, file: "old.archive", entryCount: 7 },
      sentence: expect.stringContaining("its 7 entries are in archive 3, made as old.archive"),
      next: [expect.objectContaining({ command: "grantlog explain gone --archive old.archive" })],
      proof: [],
    })
  })

  it("is what was known by then: a token whose entry came later was never issued", async () => {
    const { audit } = await storyAudit(story)
    const before = { size: 8, at: at(2) }
    expect(await run(explain(audit, questionOf(digest("access-2")), before))).toMatchObject({ isOurs: false })
    expect(await run(explain(audit, questionOf(digest("refresh-2")), before))).toMatchObject({ isOurs: true })
    expect(await run(explain(audit, questionOf(alice), { size: 2, at: at(2) }))).toMatchObject({ isOurs: false })
  })
})

it("the first meaning that exists is told, and what a text may mean is known or not", async () => {
  const document = digest("document")
  const { audit } = await storyAudit([...standing, open({ metadataDigest: document }), redeem()])
  const meanings: ReadonlyArray<readonly [Meaning, boolean]> = [
    [{ _tag: "Token", digest: digest("nobodys") }, false],
    [{ _tag: "Token", digest: digest("access-1") }, true],
    [{ _tag: "Metadata", digest: document }, true],
    [{ _tag: "Metadata", digest: digest("access-1") }, false],
    [{ _tag: "Grant", grantId: login }, true],
    [{ _tag: "Grant", grantId: app }, false],
    [{ _tag: "Client", clientId: app }, true],
    [{ _tag: "Client", clientId: login }, false],
    [{ _tag: "Subject", subjectId: alice }, true],
    [{ _tag: "Subject", subjectId: app }, false],
  ]
  for (const [meaning, known] of meanings)
    expect([meaning, await run(isKnown(audit, meaning))]).toEqual([meaning, known])
  const question = { meanings: meanings.map(([meaning]) => meaning), namedGrant: undefined, name: undefined }
  expect(await run(explain(audit, question, { size: 7, at: at(1) }))).toMatchObject({ id: digest("access-1") })
  const metadataAlone = { ...question, meanings: [meanings[2]![0], meanings[6]![0]] }
  expect(await run(explain(audit, metadataAlone, { size: 7, at: at(1) }))).toMatchObject({ kind: "client" })
})
