/** A grant that was refreshed for weeks: what is told of it is what its whole stream tells, and costs no more than of a short one. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  aliveOf,
  blastRadius,
  explain,
  momentAtPosition,
  openAuditIndex,
  questionOf,
  standingOfGrant,
  standingOfToken,
  verifyLog,
  type Audit,
  type Explained,
  type Moment,
  type StateAt,
} from "../../../src/audit/index.ts"
import { streamAt, versionAt } from "../../../src/audit/asof/StreamAt.ts"
import { grantLineageOf } from "../../../src/audit/console/GrantLineage.ts"
import { statesAt } from "../../../src/audit/asof/StateAt.ts"
import { evolve, initial, issuedDigest, type Event, type State } from "../../../src/core/index.ts"
import {
  bytesOfHash,
  canonicalText,
  leafHash,
  makeSqliteLog,
  openNodeSqlite,
  type OpenSqlite,
  type Recorded,
} from "../../../src/log/index.ts"
import { inlineProjection, type About } from "../../../src/projection/index.ts"
import { appendOn } from "../../projection/Histories.ts"
import { sqliteStore } from "../../../src/provider/index.ts"
import { hooked } from "../../log/Connections.ts"
import {
  accessDigest,
  codeDigest,
  digestNamed,
  LONG_GRANT,
  lengthenLog,
  refreshDigest,
  SUBJECT,
  type LongLog,
} from "../../support/LongLog.ts"
import { START_MILLIS } from "../../support/ManualClock.ts"
import { serverOver, temporaryFolder } from "../../support/TestServer.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"
import { sideTables } from "../../../src/provider/SideTables.ts"

const run = Effect.runPromise
const END_MILLIS = START_MILLIS + 400 * 86_400_000

/** Counts rows that statements give: all, and the most in one turn of the event loop. */
const rowCounter = () => {
  let total = 0
  let inTurn = 0
  let most = 0
  let isCounting = false
  const turn = () => {
    most = Math.max(most, inTurn)
    inTurn = 0
    if (isCounting) setImmediate(turn)
  }
  const open: OpenSqlite = hooked(openNodeSqlite, (_sql, go) => {
    const result = go()
    const count = Array.isArray(result) ? result.length : result === undefined ? 0 : 1
    total += count
    inTurn += count
    return result
  })
  const counted = async <A>(effect: Effect.Effect<A, unknown>) => {
    ;[total, inTurn, most, isCounting] = [0, 0, 0, true]
    setImmediate(turn)
    const result = await run(effect)
    isCounting = false
    return { result, total, most: Math.max(most, inTurn) }
  }
  return { open, counted }
}

const worldOf = async (about: Partial<LongLog> = {}, open: OpenSqlite = openNodeSqlite) => {
  const file = join(temporaryFolder(), "grantlog.db")
  const store = sqliteStore(file)
  const { native } = await serverOver({ store })
  await run(
    native.addClient({
      clientId: "app",
      metadata: {
        client_name: "app",
        redirect_uris: ["http://127.0.0.1:8123/callback"],
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    }),
  )
  const [begun] = await run(store.readAll(0, 1))
  await run(store.close)
  const keyId = begun?.event._tag === "IssuerInitialized" ? begun.event.keyId : ""
  const given = { clientId: "app", keyId, endMillis: END_MILLIS, grantEntryCount: 1205, otherEntryCount: 40, ...about }
  lengthenLog(file, given)
  const log = makeSqliteLog(file, { projection: inlineProjection, side: sideTables, open })
  const index = openAuditIndex(log, undefined, open)
  onTestFinished(() => run(Effect.andThen(index.close, log.close)))
  return { log, index }
}

/** The state of the whole stream, folded here. */
const wholeStateAt = async (log: ServerStore, moment: Moment): Promise<StateAt> => {
  const read = async (stream: string) =>
    (await run(log.readStream(stream))).filter(({ position }) => position < moment.size)
  const entries = {
    issuer: await read("issuer"),
    client: await read("client-app"),
    subject: await read(`subject-${SUBJECT}`),
    grant: await read(`grant-${LONG_GRANT}`),
  }
  const state = Object.values(entries)
    .flat()
    .reduce<State>((before, { event }) => evolve(before, event), initial)
  const opened = entries.grant[0]?.event
  return {
    moment,
    state,
    entries,
    counts: { issuer: 0, client: 0, subject: 0, grant: entries.grant.length },
    opened: opened?._tag === "GrantOpened" ? opened : undefined,
    raised: { issuer: undefined, client: undefined, subject: undefined },
    ancestors: [],
  }
}

/** The parent that an event names of what it issued, by what that is. */
const parentsIn = (entries: ReadonlyArray<Recorded>): ReadonlyMap<string | undefined, string | null> =>
  new Map(entries.map(({ event }) => [issuedDigest(event), "parent" in event ? event.parent : null] as const))

/** The tokens above one. */
const aboveOf = (parents: ReturnType<typeof parentsIn>, digest: string): ReadonlySet<string> => {
  const above = new Set<string>()
  for (let at = parents.get(digest); at; at = parents.get(at)) above.add(at)
  return above
}

const momentOf = async ({ log }: Audit, version: number): Promise<Moment> => {
  const [entry] = await run(log.readStream(`grant-${LONG_GRANT}`, version - 1, 1))
  return (await run(momentAtPosition(log, entry!.position)))!
}

/** A token that is pasted names its grant. */
const explained = async (audit: Audit, id: string, moment: Moment, namedGrant?: string) =>
  (await run(explain(audit, { ...questionOf(id), namedGrant }, moment))) as Explained

describe.each([
  ["alive", {}],
  ["stolen", { reusedGeneration: 300 }],
] as const)("a grant of 1200 entries that is %s", (_, about) => {
  it.each([false, true])(
    "is told as its whole stream tells it, at any moment (index up to date: %s)",
    async (isIndexed) => {
      const endings = [
        [2, 50],
        [7, 7],
        [300, 355],
        [420, 420],
        [597, 600],
      ] as const
      const audit = await worldOf({ endings, ...about })
      if (isIndexed) await run(audit.index.catchUp())
      const count = await run(audit.log.streamVersion(`grant-${LONG_GRANT}`))
      const generations = [1, 2, 7, 34, 300, 301, 420, 598, 600]
      const digests = [codeDigest, ...generations.flatMap((one) => [refreshDigest(one), accessDigest(one)])]
      for (const version of [count, count - 5, 700]) {
        const moment = await momentOf(audit, version)
        const whole = await wholeStateAt(audit.log, moment)
        const parents = parentsIn(whole.entries.grant)
        const grant = await explained(audit, LONG_GRANT, moment)
        expect(grant.standing).toEqual(standingOfGrant(whole))
        expect(grant.untold.presentations).toBe(version - 51)
        for (const digest of digests) {
          const isIssued = parents.has(digest)
          const one = await explained(audit, digest, moment, isIndexed ? undefined : LONG_GRANT)
          expect(one.isOurs, `${digest} at ${version}`).toBe(isIssued)
          if (!isIssued) continue
          expect(one.standing, `${digest} at ${version}`).toEqual(standingOfToken(whole, digest))
          for (const below of one.descendants) expect(aboveOf(parents, below.digest)).toContain(digest)
          for (const beside of one.siblings) expect(aboveOf(parents, beside.digest)).not.toContain(digest)
          expect(one.descendants.length + one.siblings.length).toBe(
            grant.descendants.length - (one.standing.status === "alive" ? 1 : 0),
          )
          const above = aboveOf(parents, digest)
          const told = one.ancestry.length - 1 - (above.size > 0 ? 2 : 1)
          expect(told + one.untold.generations, `${digest} at ${version}`).toBe(above.size)
        }
      }
    },
  )
})

it("a digest that the index has not come to is not said to have never been issued", async () => {
  const audit = await worldOf({ grantEntryCount: 25 })
  const moment = await momentOf(audit, 25)
  const ask = async (id: string) =>
    (await run(explain(audit, questionOf(id), moment))) as { readonly sentence?: string }
  expect((await ask(codeDigest)).sentence).toContain("the index has not come to the end of the log")
  await run(audit.index.catchUp())
  expect(await ask(codeDigest)).toMatchObject({ isOurs: true })
  expect((await ask(digestNamed("never"))).sentence).toContain("was ever issued or registered here")
})

describe("a long lineage", () => {
  it("has its first and its last generations, what was stolen, and the number of those between", async () => {
    const audit = await worldOf({ grantEntryCount: 4005, reusedGeneration: 900 })
    const moment = await momentOf(audit, await run(audit.log.streamVersion(`grant-${LONG_GRANT}`)))
    const stateAt = await run(statesAt(audit.log, moment)({ grantId: LONG_GRANT }))
    const lineage = grantLineageOf(stateAt, LONG_GRANT)!
    const last = Array.from({ length: 10 }, (_, index) => 1992 + index)
    expect(lineage.generations.map(({ generation }) => generation)).toEqual([0, 1, 900, ...last])
    expect(lineage.unnamed.generationCount).toBe(2002 - 13)
    expect(lineage.generations.map(({ members }) => members.length)).toEqual([1, 2, 2, ...last.map(() => 2)])
  })
})

describe("what is read of a grant", () => {
  it("is bounded whatever it has been through, and the event loop is given back after few rows", async () => {
    const { open, counted } = rowCounter()
    const totals: Array<number> = []
    for (const grantEntryCount of [2005, 12_005]) {
      const audit = await worldOf({ grantEntryCount }, open)
      await run(audit.index.catchUp())
      const moment = await momentOf(audit, grantEntryCount)
      const middle = Math.floor(grantEntryCount / 4)
      let total = 0
      for (const id of [LONG_GRANT, refreshDigest(middle), refreshDigest(middle + 1), "app", SUBJECT]) {
        const one = await counted(explain(audit, questionOf(id), moment))
        // Among them is one that asks what came of the grant by exchange.
        expect(one.most, id).toBeLessThanOrEqual(301)
        total += one.total
      }
      totals.push(total)
    }
    // Halving reads a few rows more.
    expect(totals[1]! - totals[0]!).toBeLessThan(50)
    expect(totals[1]).toBeLessThan(4000)
  })

  it("is a handful of entries where only what is alive is asked for", async () => {
    const { open, counted } = rowCounter()
    const audit = await worldOf({ grantEntryCount: 2005 }, open)
    const moment = await momentOf(audit, 2005)
    await run(audit.index.catchUp())
    const radius = await counted(blastRadius(audit, { question: questionOf("app"), limit: 10 }, moment))
    const whole = aliveOf(await wholeStateAt(audit.log, moment))
    expect(radius.result?.grants[0]?.alive.map(({ digest }) => digest)).toEqual(whole.map(({ digest }) => digest))
    expect(radius.total).toBeLessThan(6 * whole.length)
  })

  it("gives the event loop back after few entries, also where all have to be folded or taken in", async () => {
    const { open, counted } = rowCounter()
    const audit = await worldOf({ grantEntryCount: 6005, otherEntryCount: 2000 }, open)
    const past = await momentOf(audit, 3000)
    const folded = await counted(explain(audit, questionOf(LONG_GRANT), past))
    expect(folded.result).toMatchObject({ isOurs: true, standing: { status: "alive" } })
    expect(folded.most).toBeLessThanOrEqual(300)
    const caughtUp = await counted(audit.index.catchUp())
    expect(caughtUp.result).toBe((await run(audit.log.head)).size)
    expect(caughtUp.most).toBeLessThanOrEqual(4 * 128 + 300)
  })
})

it("a stream's length at any size of the log is found by halving", async () => {
  const { log } = await worldOf({ grantEntryCount: 605 })
  const entries = await run(log.readStream(`grant-${LONG_GRANT}`))
  for (const size of [0, entries[0]!.position, entries[0]!.position + 1, entries[77]!.position, 1e9]) {
    const count = entries.filter(({ position }) => position < size).length
    expect(await run(versionAt(log, `grant-${LONG_GRANT}`, size))).toBe(count)
  }
  expect(await run(versionAt(log, "grant-none", 10))).toBe(0)
})

describe("a subject, or a client, to which hundreds of things were done", () => {
  const appendAll = async (log: ServerStore, about: About, events: ReadonlyArray<object>) =>
    appendOn(log, await run(log.rows.slice(about)), events as ReadonlyArray<Event>, END_MILLIS)

  it("is told by the same events, now and before, in bounded reads", async () => {
    const { open, counted } = rowCounter()
    const audit = await worldOf({ grantEntryCount: 25 }, open)
    const { log } = audit
    const end = (count: number) =>
      Array.from({ length: count }, () => ({
        _tag: "SubjectSessionsRevoked",
        subjectId: SUBJECT,
        revokedAt: END_MILLIS,
      }))
    await appendAll(log, { subjectId: SUBJECT }, [
      ...end(700),
      { _tag: "SubjectDisabled", subjectId: SUBJECT, disabledAt: END_MILLIS },
      ...end(400),
    ])
    const metadata = {
      client_name: "app",
      redirect_uris: [],
      token_endpoint_auth_method: "none",
      grant_types: [],
      response_types: [],
    }
    const updates = Array.from({ length: 1000 }, () => ({
      _tag: "ClientUpdated",
      clientId: "app",
      metadata,
      updatedAt: END_MILLIS,
    }))
    await appendAll(log, { clientId: "app" }, [
      { _tag: "ClientDisabled", clientId: "app", disabledAt: END_MILLIS },
      ...updates,
    ])

    const entries = await run(log.readStream(`subject-${SUBJECT}`))
    for (const count of [entries.length, 690]) {
      const read = await counted(streamAt(log, "subject", SUBJECT, entries[count - 1]!.position + 1))
      expect(read.result).toMatchObject({ count, state: { subject: { epoch: count } } })
      expect(read.result.entries.length).toBeLessThan(400)
      expect(read.most).toBeLessThanOrEqual(300)
      for (const epoch of [0, 1, 650, 689, 700, 1100, 1101]) {
        const raised = await run(read.result.raisedFrom(epoch))
        expect(raised?.position, `${epoch} of ${count}`).toBe(epoch < count ? entries[epoch]!.position : undefined)
      }
    }

    const now = (await run(momentAtPosition(log, (await run(log.head)).size - 1)))!
    expect((await explained(audit, SUBJECT, now)).standing).toMatchObject({
      status: "suspended",
      cause: { rule: "disabled", positions: [entries[700]!.position] },
    })
    const [, disabled] = await run(log.readStream("client-app"))
    expect((await explained(audit, "app", now)).standing.cause?.positions).toEqual([disabled!.position])
    expect((await explained(audit, LONG_GRANT, now)).standing).toMatchObject({
      status: "dead",
      cause: { rule: "subject-sessions-revoked", positions: [entries[0]!.position] },
      others: [{ rule: "client-disabled", positions: [disabled!.position] }],
    })
  })
})

describe("verification", () => {
  it("reads a stream to its end, on however many pages that is, and finds what is wrong there", async () => {
    const { log } = await worldOf({ reusedGeneration: 2 })
    const verify = () => run(verifyLog(log, { checkpoints: [] }))
    const { size } = await run(log.head)
    // The others were written without rows.
    await run(log.rebuild())
    expect(await verify()).toMatchObject({ size, findings: [] })

    const database = new DatabaseSync(log.file!)
    onTestFinished(() => database.close())
    const { bytes } = database.prepare("SELECT bytes FROM entries WHERE position = ?").get(size - 1)!
    const { data, ...envelope } = JSON.parse(String(bytes)) as { readonly data: { readonly revokedAt: number } }
    const { revokedAt: replayedAt, grantId } = { grantId: LONG_GRANT, ...data }
    const other = canonicalText({ ...envelope, type: "AuthorizationCodeReplayed", data: { grantId, replayedAt } })
    const leaf = bytesOfHash(leafHash(other))
    database.prepare("UPDATE entries SET bytes = ?, leaf = ? WHERE position = ?").run(other, leaf, size - 1)
    const told = (await verify()).findings.map(({ message }) => message)
    expect(told).toContainEqual(expect.stringMatching(`^entry ${size - 2} breaks ReuseKillsGrant: `))
  })
})
