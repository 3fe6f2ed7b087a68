/** The soak in short: two instances as processes over PostgreSQL. `npm run soak` is the long one. */
import { expect, inject, it, onTestFinished } from "vitest"
import { recordRun } from "../../properties/Run.ts"
import { openPostgres } from "../../src/log/postgres/Connections.ts"
import { postgresFault } from "../../src/log/postgres/Fault.ts"
import { openProxy } from "../log/postgres/Proxy.ts"
import { engineRunOf, soak } from "../soak/Soak.ts"
import { violationCountOf } from "../soak/Tally.ts"
import { startPostgres, type PostgresServer } from "../support/Postgres.ts"

const ROUNDS = 12
const SEED = 20_300_101

/** Resolves once the primary has written what its standby has not. */
const untilBehind = async (primary: PostgresServer): Promise<void> => {
  const { read, close } = await openPostgres(primary.url, 1)
  const sql = "SELECT flush_lsn < pg_current_wal_flush_lsn() AS behind FROM pg_stat_replication"
  while ((await read(sql, []))[0]?.["behind"] !== true);
  await close()
}

it.skipIf(inject("postgres") === undefined)(
  "two instances that race and are killed keep every promise, on a server that is killed, started again, and replaced by its standby",
  async () => {
    const primary = (await startPostgres())!
    onTestFinished(primary.remove)
    const replication = await openProxy(primary.url)
    const standby = await primary.startStandby(replication.port)
    onTestFinished(standby.remove)
    const lagging = await openPostgres(`${standby.url}?target_session_attrs=read-write`, 1, 1)
    onTestFinished(lagging.close)
    const refusal = await lagging.read("SELECT 1", []).catch((cause: unknown) => cause)
    expect(postgresFault(refusal)).toMatchObject({ reason: "read-only" })

    const ofServer = [
      () => primary.kill().then(primary.start),
      async () => {
        replication.setDeaf(true)
        await untilBehind(primary)
        await primary.kill()
        await standby.promote()
      },
    ]
    let disturbanceCount = 0
    const hosts = [standby, primary].map(({ port }) => `127.0.0.1:${port}`)
    const soaked = await soak({
      url: `postgres://grantlog@${hosts.join()}/postgres`,
      schema: "soak",
      instanceCount: 2,
      workerCount: 4,
      seed: SEED,
      isOver: (roundCount) => roundCount >= ROUNDS,
      roundsADisturbance: 2,
      disturb: (instances) => (disturbanceCount++ % 2 === 0 ? instances : (ofServer.shift() ?? instances))(),
    })
    recordRun("soak", engineRunOf(soaked))
    expect(soaked.stories).toEqual([])
    expect(violationCountOf(soaked)).toBe(0)
    const [codes, refreshes, revocations, questions] = Object.values(soaked.trials)
    expect([codes, refreshes, revocations]).toEqual([ROUNDS, ROUNDS * 4, ROUNDS * 5])
    expect(questions).toBeGreaterThanOrEqual(revocations!)
    expect(soaked.killCount).toBeGreaterThan(0)
    expect(soaked.rootCount).toBeGreaterThan(1)
    expect(ofServer).toEqual([])
  },
)
