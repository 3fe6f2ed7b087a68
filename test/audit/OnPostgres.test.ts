/** What the audit and the console say of a log that is in PostgreSQL, and what verification finds after edits by hand. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TILE_WIDTH, tileBytes, verifyLog, type Tile, type Verified } from "../../src/audit/index.ts"
import { bytesOfHash, rootOf, type TreeHead } from "../../src/log/index.ts"
import { openPostgres, type Connections } from "../../src/log/postgres/Connections.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { newSchema, postgres } from "../log/postgres/Schemas.ts"
import { openPostgresStore } from "../support/OverPostgres.ts"
import { consoleUnderTest, PASSWORD } from "../cli/console/ConsoleUnderTest.ts"
import { explained, logins, run } from "./Logins.ts"

const told = ({ findings }: Verified): string => findings.map(({ message }) => message).join("\n")

const headOf = (store: ServerStore): Promise<TreeHead> =>
  run(store.readTree(({ size, hashOf }) => ({ origin: "test", size, root: rootOf(hashOf, size) })))

describe.runIf(postgres !== undefined)("over PostgreSQL", () => {
  let database: Connections
  beforeAll(async () => {
    database = await openPostgres(postgres!, 1)
  })
  afterAll(() => database.close())

  it("a stolen refresh token is explained: dead, by its second presentation, with all that came of it", async () => {
    const world = await logins({ store: openPostgresStore() })
    const first = await world.login()
    const second = await world.refresh(first.refresh_token)
    world.clock.pass(60)
    await world.refused(world.native.refresh({ credentials: { clientId: "app" }, refreshToken: first.refresh_token }))
    const found = await explained(world, { pasted: second.access_token })
    expect(found).toMatchObject({
      grantId: first.grantId,
      standing: { status: "dead", cause: { rule: "refresh-token-reused" } },
    })
    expect(found.isOurs && found.chain.map(({ type }) => type)).toEqual([
      "RefreshTokenRotated",
      "RefreshTokenReused",
      "GrantRevoked",
    ])
  })

  it("the console shows a log, and what became of a grant", async () => {
    const { signIn, get, stolen } = await consoleUnderTest({}, true, { store: openPostgresStore() })
    await signIn(PASSWORD)
    const { status, body } = await get(`/console?about=${stolen.grantId}`)
    expect([status, body.includes(stolen.grantId)]).toEqual([200, true])
  })

  it("its tiles have the leaves of its entries, and the hash over them", async () => {
    const { store, native } = await logins({ store: openPostgresStore() })
    const metadata = { redirect_uris: ["http://127.0.0.1/"] }
    for (let count = 0; count < TILE_WIDTH; count++) await run(native.addClient({ metadata }))
    const bytesOf = (tile: Tile) => run(store.readTree(({ hashOf }) => tileBytes(hashOf, tile)))
    const leaves = (await run(store.readStored(0, TILE_WIDTH))).map(({ leaf }) => bytesOfHash(leaf))
    expect(await bytesOf({ level: 0, index: 0, width: TILE_WIDTH })).toEqual(Buffer.concat(leaves))
    const root = await run(store.readTree(({ hashOf }) => rootOf(hashOf, TILE_WIDTH)))
    expect(await bytesOf({ level: 1, index: 0, width: 1 })).toEqual(Buffer.from(bytesOfHash(root)))
  })

  it("an entry or a row that was edited by hand is found, and so is a log that is not the one of a checkpoint", async () => {
    const schema = newSchema()
    const { store, native, login, clock } = await logins({ store: openPostgresStore(schema) })
    const { grantId } = await login()
    const verify = async (...checkpoints: ReadonlyArray<TreeHead>) => told(await run(verifyLog(store, { checkpoints })))
    const head = await headOf(store)
    expect(await verify(head)).toBe("")
    expect(await verify({ ...head, size: head.size - 1 })).toMatch(/checkpoint/)

    const status = `UPDATE ${schema}.grant_rows SET status = 'open' WHERE grant_id = $1::text`
    await run(native.revokeGrant(grantId, "operator"))
    await database.read(status, [grantId])
    expect(await verify(head)).toMatch(/rows are not what the log folds to, first `grant_rows/)
    await run(store.rebuild({ now: clock.now() }))
    expect(await verify(head)).toBe("")

    await database.read(
      `UPDATE ${schema}.entries SET bytes = replace(bytes, 'app', 'apx') WHERE position = $1::bigint`,
      [2],
    )
    expect(await verify(head)).toMatch(/entry 2/)
  })
})
