/** In PostgreSQL what a request waits for is read by one statement, which finds its rows by an index. */
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { makeMemoryLog, makePostgresStore } from "../../src/log/index.ts"
import { openPostgres } from "../../src/log/postgres/Connections.ts"
import { inlineProjection, type RowAnswers } from "../../src/projection/index.ts"
import {
  FILES,
  alice,
  app,
  at,
  digest,
  grantId,
  login,
  open,
  redeem,
  refresh,
  resources,
} from "../core/support/Facts.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import { newSchema, postgres } from "../log/postgres/Schemas.ts"
import { beginning, execute } from "./Histories.ts"

const run = Effect.runPromise
const commands = [...beginning, open(), redeem(), refresh(1)]
const options = { projection: inlineProjection, side: rowsByHand }

/** What is asked of the rows, and how many statements one after the other answer it at most. */
const asked: ReadonlyArray<readonly [string, number, (rows: RowAnswers) => Effect.Effect<unknown, unknown>]> = [
  ["the slice of a grant", 1, (rows) => rows.slice({ grantId: login })],
  [
    "the slice of a new grant",
    1,
    (rows) => rows.slice({ clientId: app, subjectId: alice, grantId: "x", isNewGrant: true }),
  ],
  ["the slice of a grant that is not there", 1, (rows) => rows.slice({ grantId: grantId("none") })],
  ["a live access token", 1, (rows) => rows.liveAccess({ grantId: login, digest: digest("access-2") }, at(0))],
  [
    "introspecting an access token",
    1,
    (rows) => rows.introspection(app, { kind: "access", grantId: login, digest: digest("access-2") }, at(0)),
  ],
  [
    "introspecting a refresh token",
    1,
    (rows) => rows.introspection(app, { kind: "refresh", grantId: login, digest: digest("refresh-2") }, at(0)),
  ],
  ["a client", 1, (rows) => rows.client(app)],
  ["a grant", 1, (rows) => rows.grant(login)],
  ["the issuer", 1, (rows) => rows.issuer()],
  ["a subject", 1, (rows) => rows.subject(alice)],
  ["how many clients registered themselves", 1, (rows) => rows.dynamicClientCount()],
  [
    "a slice with what resource servers were added for",
    2,
    (rows) => rows.slice({ grantId: login, resources: { asked: resources(FILES), configured: resources() } }),
  ],
  [
    "all grants of a subject, with what they depend on",
    2,
    (rows) => rows.grantSlices({ subjectId: alice }, { limit: 50 }),
  ],
]

describe.runIf(postgres !== undefined)("in PostgreSQL", () => {
  it.each(asked)("%s takes %i statement(s), none of which walks a table", async (_, most, question) => {
    const statements: Array<readonly [string, ReadonlyArray<unknown>]> = []
    const connections = await openPostgres(postgres!, 1)
    onTestFinished(() => connections.close())
    const log = makePostgresStore(postgres!, {
      ...options,
      schema: newSchema(),
      open: async () => ({
        ...connections,
        read: (sql, values) => {
          statements.push([sql, values])
          return connections.read(sql, values)
        },
        close: async () => {},
      }),
    })
    const memory = makeMemoryLog(options)
    for (const command of commands) for (const one of [log, memory]) await execute(one, command)
    statements.length = 0
    const answer = await run(question(log.rows))
    expect(answer).toEqual(await run(question(memory.rows)))
    expect(statements.length).toBeGreaterThan(0)
    expect(statements.length).toBeLessThanOrEqual(most)
    for (const [sql, values] of statements) {
      const plan = await connections.write(async ({ run: send, script }) => {
        // A table of a few rows is walked, unless that is made to look dear.
        await script("BEGIN; SET LOCAL enable_seqscan = off; SELECT 1")
        const found = await send(`EXPLAIN ${sql}`, values as ReadonlyArray<string>)
        await script("ROLLBACK;")
        return found.map((row) => String(row["QUERY PLAN"])).join("\n")
      })
      expect(plan).not.toMatch(/Seq Scan/)
    }
  })
})
