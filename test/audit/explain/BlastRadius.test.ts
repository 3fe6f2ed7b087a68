/** The blast radius of a thing is what is alive and descends from it: no more, no less, and counted. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  blastRadius,
  explain,
  momentNow,
  questionOf,
  statesAt,
  aliveOf,
  type BlastRadius,
} from "../../../src/audit/index.ts"
import type { SubjectId } from "../../../src/core/index.ts"
import {
  TOKEN_EXCHANGE,
  parseToken,
  sqliteStore,
  standardFeatures,
  tokenExchange,
} from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { addService, startSession } from "../../support/Session.ts"
import { overMemory } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"
import { busyLog } from "../BusyLog.ts"
import { ALICE, auditOf, logins, run, type Logins } from "../Logins.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

const SEED = 7
const BOB = "sub_bob" as SubjectId

const radius = async (
  world: Pick<Logins, "store" | "clock">,
  id: string | undefined,
  openedSince?: number,
  limit = 100,
): Promise<BlastRadius | undefined> => {
  const question = id === undefined ? undefined : questionOf(id)
  const audit = await auditOf(world)
  return run(blastRadius(audit, { question, openedSince, limit }, await run(momentNow(world.store, world.clock.now()))))
}

const grantsOf = async (...args: Parameters<typeof radius>) =>
  (await radius(...args))?.grants.map(({ grantId }) => grantId).toSorted()

describe("what is alive", () => {
  it("is found below a grant, its token, its client, its subject, and a time, and below nothing else", async () => {
    const world = await logins()
    await world.addClient("other")
    const one = await world.login("app", ALICE)
    world.clock.pass(10)
    const noon = world.clock.now()
    const two = await world.login("other", ALICE)
    const three = await world.login("other", BOB)
    const [first, second, third] = [one.grantId, two.grantId, three.grantId]
    expect(await grantsOf(world, first)).toEqual([first])
    expect(await grantsOf(world, "app")).toEqual([first])
    expect(await grantsOf(world, "other")).toEqual([second, third].toSorted())
    expect(await grantsOf(world, ALICE)).toEqual([first, second].toSorted())
    expect(await grantsOf(world, undefined, noon)).toEqual([second, third].toSorted())
    expect(await grantsOf(world, ALICE, noon)).toEqual([second])
    expect(await grantsOf(world, "nobody")).toBeUndefined()
    expect(await grantsOf(world, hash("sha256", two.access_token, "base64url"))).toEqual([second])
    expect((await radius(world, "other"))!.counts).toEqual({
      grants: 2,
      suspendedGrants: 0,
      clients: 1,
      subjects: 2,
      codes: 0,
      refreshTokens: 2,
      accessTokens: 2,
    })
  })

  it("is found below a token that was exchanged, whosever what came of it is, and explained with all that it came of", async () => {
    const features = [...standardFeatures, tokenExchange({ policy: () => ({ policy: "tests" }) })]
    const { native, store, clock, wire, app } = await startSession(overMemory, { features })
    const agent = await addService({ native }, { grant_types: [TOKEN_EXCHANGE] })
    const { access } = await wire.login(app, { resource: RESOURCE })
    const type = "urn:ietf:params:oauth:token-type:access_token"
    const exchanged = async (token: string) =>
      (await wire.token(agent, { grant_type: TOKEN_EXCHANGE, subject_token: token, subject_token_type: type })).body
        .access_token!
    const second = await exchanged(access)
    const third = await exchanged(second)
    const grants = [access, second, third].map((token) => parseToken(token)!.grantId)
    const world = { store, clock }
    expect(await grantsOf(world, grants[0]!)).toEqual([...grants].toSorted())
    expect(await grantsOf(world, app.clientId)).toEqual([...grants].toSorted())
    expect(await grantsOf(world, grants[2]!)).toEqual([grants[2]])

    const audit = await auditOf(world)
    const told = async (token: string) => {
      const found = await run(
        explain(audit, questionOf(hash("sha256", token, "base64url")), await run(momentNow(store, clock.now()))),
      )
      return found.isOurs ? found : expect.fail("not ours")
    }
    const last = await told(third)
    expect(last.standing.status).toBe("alive")
    expect(last.ancestry.map(({ type: tag }) => tag)).toEqual([
      ...["GrantOpened", "AuthorizationCodeIssued", "AuthorizationCodeRedeemed", "AccessTokenIssued"],
      ...["GrantOpened", "AccessTokenIssued", "GrantOpened", "AccessTokenIssued"],
    ])
    expect(last.ancestry.map(({ sentence }) => sentence).join()).toContain(`acting: ${agent.clientId}`)
    expect((await told(access)).descendants.map(({ grantId }) => grantId).toSorted()).toEqual(
      grants.slice(1).toSorted(),
    )

    await wire.revoke(app, access)
    const dead = await told(third)
    expect(dead.standing).toMatchObject({ status: "dead", cause: { rule: "ancestor-ended" } })
    expect(dead.chain.map(({ type: tag }) => tag)).toContain("AccessTokenRevoked")
    expect(await grantsOf(world, grants[0]!)).not.toContain(grants[2])
  })

  it("since a time leaves out what was opened before it, by whatever it is asked for, and takes that moment in", async () => {
    const world = await logins()
    const old = await world.login("app", ALICE)
    world.clock.pass(10)
    const noon = world.clock.now()
    const fresh = await world.login("app", ALICE)
    const asked = ({ grantId, access_token, refresh_token }: typeof old) => [
      grantId,
      ...[access_token, refresh_token].map((token) => hash("sha256", token!, "base64url")),
    ]
    for (const id of asked(old)) {
      expect(await grantsOf(world, id, noon), id).toEqual([])
      expect((await radius(world, id, noon))!.counts).toMatchObject({ grants: 0, accessTokens: 0 })
      expect(await grantsOf(world, id, noon - 10_000)).toEqual([old.grantId])
      expect(await grantsOf(world, id, noon - 9_999)).toEqual([])
    }
    for (const id of asked(fresh)) {
      expect(await grantsOf(world, id, noon)).toEqual([fresh.grantId])
      expect(await grantsOf(world, id, noon + 1)).toEqual([])
    }
    for (const id of ["app", ALICE, undefined]) {
      expect(await grantsOf(world, id, noon)).toEqual([fresh.grantId])
      expect(await grantsOf(world, id, noon + 1)).toEqual([])
    }
  })

  it("shrinks as things end, by themselves or not; a disabled client's are suspended", async () => {
    const world = await logins({ config: { lifetimes: { accessToken: 100, refreshIdle: 1000 } } })
    const kept = await world.login()
    const ended = await world.login()
    await run(world.native.revokeGrant(ended.grantId, "operator"))
    expect(await grantsOf(world, "app")).toEqual([kept.grantId])
    await run(world.native.disableClient("app"))
    expect((await radius(world, "app"))!.counts).toMatchObject({ grants: 1, suspendedGrants: 1, refreshTokens: 0 })
    await run(world.native.enableClient("app"))
    world.clock.pass(100)
    expect((await radius(world, "app"))!.counts).toMatchObject({ grants: 1, refreshTokens: 1, accessTokens: 0 })
    world.clock.pass(900)
    expect((await radius(world, "app"))!.counts).toMatchObject({ grants: 0, refreshTokens: 0 })
  })

  it("is counted in full when only some of it is named, whatever the page", async () => {
    const world = await logins()
    for (let count = 0; count < 300; count++) await world.approve()
    const found = (await radius(world, "app", undefined, 2))!
    expect([found.counts.grants, found.counts.codes, found.grants.length]).toEqual([300, 300, 2])
  })
})

describe("while others take new entries into the index", () => {
  it("nothing alive is missed or counted twice, although what it is found by moves between two pages", async () => {
    const world = await logins()
    const soonest = await world.approve()
    world.clock.pass(1)
    for (let count = 0; count < 257; count++) await world.approve()
    const { log, index } = await auditOf(world)
    let pageCount = 0
    const moving = Effect.promise(async () => {
      await world.redeem(soonest.code)
      await run(index.catchUp())
    })
    const shared = {
      ...index,
      grants: (...asked: Parameters<typeof index.grants>) =>
        Effect.andThen(pageCount++ === 1 ? moving : Effect.void, index.grants(...asked)),
    }
    const moment = await run(momentNow(world.store, world.clock.now()))
    const told: Array<string> = []
    const options = {
      question: questionOf("app"),
      limit: 2,
      onGrant: ({ grantId }: { readonly grantId: string }) => void told.push(grantId),
    }
    const found = (await run(blastRadius({ log, index: shared }, options, moment)))!
    expect(pageCount).toBeGreaterThan(1)
    expect([found.counts.grants, found.counts.codes, found.grants.length]).toEqual([258, 258, 2])
    expect(new Set(told).size).toBe(258)
    expect(told).toHaveLength(258)
    expect(told).toContain(soonest.grantId)
  })
})

describe("over a log on which everything happened", () => {
  const folder = temporaryFolder()
  let log: ServerStore
  beforeAll(async () => {
    log = sqliteStore(await busyLog(folder.at("."), SEED, 12))
  })
  afterAll(async () => {
    await run(log.close)
    folder[Symbol.dispose]()
  })

  it(`everything that is alive, at the end and before, is below a time, a client and its subject (seed ${SEED})`, async () => {
    const audit = await auditOf({ store: log })
    const { size, recordedAt } = await run(log.head)
    const entries = await run(log.readAll(0, size))
    const opened = entries.flatMap(({ event }) => (event._tag === "GrantOpened" ? [event] : []))
    let aliveCount = 0
    for (const at of [recordedAt, recordedAt + 1000]) {
      const moment = await run(momentNow(log, at))
      const readStateAt = statesAt(log, moment)
      const alive = new Set<string>()
      for (const { grantId } of opened) {
        if (aliveOf(await run(readStateAt({ grantId }))).length > 0) alive.add(grantId)
      }
      aliveCount += alive.size
      const below = async (question: string | undefined) => {
        const asked = question === undefined ? undefined : questionOf(question)
        const found = await run(blastRadius(audit, { question: asked, openedSince: 0, limit: size }, moment))
        return found!.grants.filter((grant) => !grant.isSuspended).map(({ grantId }) => grantId)
      }
      expect((await below(undefined)).toSorted()).toEqual([...alive].toSorted())
      for (const { grantId, clientId, subjectId } of opened) {
        if (!alive.has(grantId)) continue
        expect(await below(grantId)).toEqual([grantId])
        expect(await below(clientId)).toContain(grantId)
        if (subjectId !== null) expect(await below(subjectId)).toContain(grantId)
      }
    }
    expect(aliveCount).toBeGreaterThan(3)
    await Effect.runPromise(audit.index.close)
  })
})
