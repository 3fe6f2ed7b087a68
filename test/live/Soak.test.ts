/** The soak in short: two instances as processes over the PostgreSQL of the run. `npm run soak` is the long one. */
import { expect, inject, it } from "vitest"
import { recordRun } from "../../properties/Run.ts"
import { engineRunOf, soak } from "../soak/Soak.ts"
import { violationCountOf } from "../soak/Tally.ts"

const ROUNDS = 12
const SEED = 20_300_101

const url = inject("postgres")

it.skipIf(url === undefined)("two instances that race and are killed keep every promise to their clients", async () => {
  const soaked = await soak({
    url: url!,
    schema: `soak_${process.pid}`,
    instanceCount: 2,
    workerCount: 4,
    seed: SEED,
    isOver: (roundCount) => roundCount >= ROUNDS,
    roundsADisturbance: 3,
  })
  recordRun("soak", engineRunOf(soaked))
  expect(soaked.stories).toEqual([])
  expect(violationCountOf(soaked)).toBe(0)
  const [codes, refreshes, revocations, questions] = Object.values(soaked.trials)
  expect([codes, refreshes, revocations]).toEqual([ROUNDS, ROUNDS * 4, ROUNDS * 5])
  expect(questions).toBeGreaterThanOrEqual(revocations!)
  expect(soaked.killCount).toBeGreaterThan(0)
  expect(soaked.rootCount).toBeGreaterThan(1)
})
