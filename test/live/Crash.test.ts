/**
 * A server killed under load, again and again, and started again on the same file.
 *
 * Several clients log in, refresh, ask twice at once, and revoke, and remember what was acknowledged. After each kill
 * all of it must hold, and who got no answer asks again and goes on. The seed is in the title of what fails; set
 * `CRASH_SEED` to have its choices again (when exactly a kill hits stays the machine's affair).
 */
import { randomInt } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import { expect, it, onTestFinished } from "vitest"
import type { Recorded } from "../../src/log/index.ts"
import { isLong } from "../support/Breadth.ts"
import { grantlogJson } from "./support/Command.ts"
import { untilCommitted } from "./support/Commit.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { objectionsTo, readLog, successorOf } from "./support/LogAudit.ts"
import { seeded } from "./support/Random.ts"
import { serve } from "./support/ServeProcess.ts"
import {
  Unanswered,
  digestOf,
  objectionsOf,
  openSession,
  refreshSession,
  resumeSession,
  revokeAccess,
  revokeSession,
  type Session,
} from "./support/Session.ts"
import { register, type Client } from "./support/Wire.ts"

const KILLS = isLong ? 20 : 5
/** A kill may hit nothing that is looked for: as many more as it takes, up to these. */
const MAX_KILLS = 10 * KILLS
const WORKERS = 10
const MAX_ACKNOWLEDGED_PER_ROUND = 110
/** The 65th access token of a grant ends the oldest: a session is let go well before. */
const MAX_TOKENS = 16
/** Half a minute on an idle machine with two cores; this only ends one that hangs. */
const TIMEOUT_MILLIS = 900_000
const RESOURCE = "http://localhost:9999/mcp"
const SEED = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31))

const TITLE = `what was acknowledged survives ${KILLS} kills, and who got no answer goes on (seed ${SEED})`

it(TITLE, { timeout: TIMEOUT_MILLIS }, async () => {
  using folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const random = seeded(SEED)
  const lifetimes = ["--refresh-retry-window", "600", "--access-token-ttl", "3600", "--token-rate", "off"]

  let server = await serve(file, ...lifetimes)
  onTestFinished(() => server.kill())
  const { issuer } = server
  const restart = () => serve(file, "--issuer", issuer, ...lifetimes)
  const add = ["client", "add", "--name", "rs", "--audience", RESOURCE, "--store", `sqlite:${file}`]
  const resourceServer = await grantlogJson<Client>(add)

  const sessions: Array<Session> = []
  const held: Array<Session | undefined> = Array.from({ length: WORKERS })
  const clients: Array<Client> = []
  const log: Array<Recorded> = []
  const counts = { acknowledged: 0, lost: 0, committedButLost: 0 }

  /** One client at work on one session after the other, until an answer does not come. */
  const work = async (index: number, onAcknowledged: () => void): Promise<void> => {
    const { url } = server
    try {
      for (;;) {
        const session = held[index]
        if (session === undefined || session.access.size >= MAX_TOKENS) {
          // A session that is let go stays alive, and is held to it at the end.
          held[index] = await openSession(url, clients[random.below(clients.length)]!, RESOURCE)
          sessions.push(held[index])
        } else if (session.isRevoked) {
          held[index] = undefined
        } else if (random.chance(6)) {
          await revokeSession(url, session)
        } else if (random.chance(8) && session.access.size > 1) {
          await revokeAccess(url, session, [...session.access][random.below(session.access.size)]!)
        } else {
          await refreshSession(url, session, random.chance(25) ? 2 : 1)
        }
        counts.acknowledged++
        onAcknowledged()
      }
    } catch (cause) {
      if (!(cause instanceof Unanswered)) throw cause
    }
  }

  /** Load, until the server is killed: after a random number of answers, at any moment or right behind a commit. */
  const loadUntilKilled = async (): Promise<void> => {
    let leftCount = 20 + random.below(MAX_ACKNOWLEDGED_PER_ROUND - 20)
    const [isBehindCommit, delay] = [random.chance(50), random.below(6)]
    const kill = () => {
      if (isBehindCommit) untilCommitted(file)
      return server.kill()
    }
    const onAcknowledged = () => {
      if (--leftCount === 0) void wait(delay).then(kill)
    }
    const working = Promise.all(held.map((_, index) => work(index, onAcknowledged)))
    await Promise.all([working, server.ended])
  }

  const check = async (some: ReadonlyArray<Session>): Promise<void> => {
    const found = await Promise.all(some.map((session) => objectionsOf(server.url, session, resourceServer)))
    expect(found.flat()).toEqual([])
  }

  const hasHitAll = () => counts.lost > KILLS && counts.committedButLost > 0
  for (let round = 0; round < KILLS || (round < MAX_KILLS && !hasHitAll()); round++) {
    clients.push(await register(server.url))
    const before = sessions.length
    await loadUntilKilled()
    server = await restart()

    log.push(...(await readLog(file, log.length)))
    const unanswered = sessions.filter((session) => session.lost !== undefined)
    counts.lost += unanswered.length
    await Promise.all(
      unanswered.map((session) => {
        const committed = successorOf(log, digestOf(session.refreshToken))
        if (session.lost?._tag === "Refresh" && committed !== undefined) counts.committedButLost++
        return resumeSession(server.url, session, committed)
      }),
    )
    await check([...sessions.slice(before), ...held.filter((session) => session !== undefined)])
  }

  expect(counts.acknowledged).toBeGreaterThan(KILLS * 20)
  expect(counts.lost).toBeGreaterThan(KILLS)
  expect(counts.committedButLost).toBeGreaterThan(0)
  await check(sessions)
  for (const session of sessions.filter(({ isRevoked }) => !isRevoked)) await refreshSession(server.url, session)
  expect(await server.stop()).toBe(0)
  expect(server.complaints()).toBe("")

  const whole = await readLog(file)
  expect(objectionsTo(whole)).toEqual([])
  // What was read between the kills is how the log still begins.
  expect(whole.slice(0, log.length)).toEqual(log)
  expect(await grantlogJson(["rebuild", "--store", `sqlite:${file}`])).toMatchObject({
    entryCount: whole.length,
    differingRowCount: 0,
  })
})
