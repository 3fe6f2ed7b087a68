/**
 * One statement says whether an access token is alive; it, its form without SQL, and the core's definition agree on
 * every token of any history, at every time at which the answer could change.
 */
import { Effect } from "effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import {
  isGrantAlive,
  isLive,
  isUnsuspended,
  issuedDigest,
  type EpochMillis,
  type State,
} from "../../src/core/index.ts"
import { makeMemoryLog, makeSqliteLog } from "../../src/log/index.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import { digest } from "../core/support/Facts.ts"
import { grantIds, history, walk } from "./Histories.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import type { HistoryStore } from "./Histories.ts"

const run = Effect.runPromise

/** The same histories in every run, so that how often something is at stake is no chance. */
const SEED = 20_261_121

const sliceOf = (log: HistoryStore, grant: string): State => {
  return Effect.runSync(log.rows.slice({ grantId: grant })).state
}

const isAliveToTheCore = (state: State, token: string, now: EpochMillis): boolean =>
  state.grant._tag === "Open" &&
  isGrantAlive(state, now) &&
  isUnsuspended(state) &&
  state.grant.accessTokens.some((one) => one.digest === token && isLive(now, one.expiresAt))

const join = (log: HistoryStore, grant: string, token: string, now: number) =>
  log.rowsNow!.liveAccess({ grantId: grant, digest: token }, now)

const nothing = { actors: [], mayAct: null }

const around = (time: number) => [time - 1, time, time + 1]

it("both stores and the core agree", async () => {
  const seen = { alive: 0, dead: 0, exchanged: 0, "died of an ancestor": 0 }
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const memory = makeMemoryLog({ projection: inlineProjection, side: rowsByHand })
      const sqlite = makeSqliteLog(":memory:", { projection: inlineProjection, side: rowsByHand })
      const issued = new Set<string>([digest("never")])
      await walk(memory, steps, async (appended, now) => {
        await run(sqlite.append(appended))
        for (const { event } of appended.events) if (issuedDigest(event)) issued.add(issuedDigest(event)!)
        for (const grant of grantIds) {
          const state = sliceOf(memory, grant)
          const ends =
            state.grant._tag === "Open"
              ? [state.grant.expiresAt, ...state.grant.accessTokens.map((one) => one.expiresAt)]
              : []
          for (const token of issued) {
            for (const time of new Set([0, now, ...ends.flatMap(around)])) {
              const wanted = isAliveToTheCore(state, token, time as EpochMillis)
              const inMemory = join(memory, grant, token, time)
              if ((inMemory !== undefined) !== wanted)
                throw new Error(`follow differs: ${JSON.stringify([state, token, time])}`)
              // The statement is asked where something could be: the rest is the same join over nothing.
              if (state.grant._tag !== "Open") continue
              const inSqlite = join(sqlite, grant, token, time)
              if (JSON.stringify(inSqlite) !== JSON.stringify(inMemory)) {
                throw new Error(`the statement differs: ${JSON.stringify([state, token, time, inSqlite, inMemory])}`)
              }
              seen[wanted ? "alive" : "dead"]++
              if (state.grant.descent !== undefined && wanted) seen.exchanged++
              const bare = {
                ...state,
                grant: { ...state.grant, descent: { ...nothing, ...state.grant.descent, ancestors: [] } },
              }
              if (!wanted && isAliveToTheCore(bare, token, time as EpochMillis)) seen["died of an ancestor"]++
              if (inMemory === undefined) continue
              const { clientId, subjectId } = state.grant
              expect(inMemory).toMatchObject({ token: { digest: token }, clientId, subjectId })
            }
          }
        }
      })
      await run(sqlite.close)
    }),
    { seed: SEED, numRuns: 40 },
  )
  expect(Math.min(seen.alive, seen.dead)).toBeGreaterThan(100)
  expect(Math.min(seen.exchanged, seen["died of an ancestor"])).toBeGreaterThan(20)
})
