/** Nothing that a request waits for walks a table: every statement finds its rows by an index. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { makeSqliteLog, openNodeSqlite } from "../../src/log/index.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import {
  FILES,
  actForItself,
  alice,
  app,
  at,
  digest,
  grantId,
  login,
  open,
  redeem,
  resources,
  refresh,
  revoke,
  toSubject,
} from "../core/support/Facts.ts"
import { hooked, onFile, temporaryFile } from "../log/Connections.ts"
import { beginning, execute } from "./Histories.ts"
import { rowsByHand } from "../log/RowsByHand.ts"

const run = Effect.runPromise

it("no statement of a request scans a table, or is prepared anew for another limit", async () => {
  const file = temporaryFile()
  const executed = new Set<string>()
  const log = makeSqliteLog(file, {
    projection: inlineProjection,
    side: rowsByHand,
    open: hooked(openNodeSqlite, (sql, go) => {
      executed.add(sql)
      return go()
    }),
  })
  executed.clear()
  const commands = [
    ...beginning,
    open(),
    redeem(),
    refresh(1),
    revoke({ presented: { _tag: "AccessToken", digest: digest("access-2") } }),
    actForItself({ grantId: grantId("own"), at: at(1) }),
    toSubject("RevokeSubjectSessions"),
  ]
  for (const command of commands) expect(await execute(log, command)).toBeDefined()
  const claims = [{ key: "jti", until: at(1) }]
  await run(
    log.append({
      stream: "issuer",
      expectedVersion: 1,
      events: [],
      checks: [],
      claims,
      rows: [],
      projection: inlineProjection.description,
      at: at(2),
    }),
  )
  const { rows } = log
  const answers: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
    rows.slice({ grantId: login }),
    rows.dynamicClientCount(),
    rows.clients({ after: app, isReversed: true, limit: 10 }),
    rows.unusedClients(at(0), 10),
    rows.slice({ resources: { asked: resources(FILES), configured: resources(FILES) } }),
    rows.slice({ resources: { asked: resources(), configured: resources() } }),
    rows.grants({ subjectId: alice }, { limit: 10 }),
    rows.grants({ clientId: app }, { after: login, limit: 10 }),
    rows.grantSlices({ subjectId: alice }, { limit: 10 }),
    rows.liveAccess({ grantId: login, digest: digest("access-1") }, at(0)),
  ]
  for (const answer of answers) await run(answer)
  await run(log.head)
  await run(log.readAll(3))
  await run(log.readStream("issuer"))
  await run(log.readUnversioned(digest("code")))

  const statements = [...executed].filter((sql) => /^\s*(SELECT|INSERT|DELETE|UPDATE)/.test(sql))
  expect(statements.length).toBeGreaterThan(20)
  const plans = onFile(file, openNodeSqlite, (driver) =>
    statements.flatMap((sql) =>
      driver
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map((step) => `${String(step["detail"])} <- ${sql}`),
    ),
  )
  expect(plans.filter((plan) => /SCAN (?!CONSTANT)|TEMP B-TREE/.test(plan))).toEqual([])
  expect(statements.filter((sql) => sql.includes("LIMIT"))).not.toEqual([])
  expect(statements.filter((sql) => /LIMIT \?/.test(sql))).toEqual([])

  // The list of key ids is read at the start only; that this test can fail shows in it.
  executed.clear()
  await run(rows.keyIds())
  const [whole] = [...executed].filter((sql) => sql.includes("key_rows"))
  const details = onFile(file, openNodeSqlite, (driver) => driver.prepare(`EXPLAIN QUERY PLAN ${whole!}`).all())
  expect(String(details[0]?.["detail"])).toMatch(/^SCAN key_rows/)
})
