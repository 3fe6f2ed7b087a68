/** Nothing that a request waits for walks a table: every statement finds its rows by an index. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { makeSqliteLog, openNodeSqlite } from "../../src/log/index.ts"
import {
  countDynamicClients,
  inlineProjection,
  isAudience,
  listAudiences,
  keyIdsOf,
  listGrants,
  liveAccess,
  readClient,
  readGrant,
} from "../../src/projection/index.ts"
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
import { readNow } from "../support/ReadNow.ts"

const run = Effect.runPromise

it("no statement of a request scans a table", async () => {
  const file = temporaryFile()
  const executed = new Set<string>()
  const log = makeSqliteLog(file, {
    projection: inlineProjection,
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
  await run(log.append({ stream: "issuer", expectedVersion: 1, events: [], checks: [], claims, at: at(2) }))
  readNow(log, (rows) => {
    readGrant(rows, login)
    readClient(rows, app)
    countDynamicClients(rows)
    isAudience(rows, resources(FILES)[0]!)
    listAudiences(rows, "", 10)
    listGrants(rows, { subjectId: alice }, { limit: 10 })
    listGrants(rows, { clientId: app }, { after: login, limit: 10 })
    rows.join(liveAccess, [login, digest("access-1"), at(0), at(0)])
  })
  await run(log.head)
  await run(log.readAll(3))
  await run(log.readStream("issuer"))
  await run(log.readIssued(digest("code")))

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

  // The list of key ids is read at the start only; that this test can fail shows in it.
  executed.clear()
  readNow(log, keyIdsOf)
  const [whole] = [...executed].filter((sql) => sql.includes("key_rows"))
  const details = onFile(file, openNodeSqlite, (driver) => driver.prepare(`EXPLAIN QUERY PLAN ${whole!}`).all())
  expect(String(details[0]?.["detail"])).toMatch(/^SCAN key_rows/)
})
