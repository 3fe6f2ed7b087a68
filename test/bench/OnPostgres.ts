/**
 * Question h: what an operation costs over PostgreSQL beside SQLite, and what several instances of it do together.
 *
 * The database tells its disk, as it would where it is served from; on a machine that everything shares, it and the
 * callers take from the instances what they need. Where none is packaged there are no rows.
 */
import { join } from "node:path"
import { startPostgres } from "../support/Postgres.ts"
import { loads, microsPerOperation, prepareLoad, type LoadName } from "./Load.ts"
import { interleave, median, ratioOf, type Asked, type Taken } from "./Measure.ts"
import { grouped, micros, type Row, type Section } from "./Report.ts"
import { cpuMicrosWithChildren, startSide, type ForkedSide, type Side } from "./Sides.ts"
import type { Target } from "./Target.ts"

const loadNames: ReadonlyArray<LoadName> = ["code flow", "refresh", "introspection"]
const INSTANCE_COUNTS = [1, 2, 4]
/** For the appends to be full: many more callers than there are cores. */
const CALLERS = 64
const ASKERS = 4

/** Operations a second, of as many callers in all however many servers they are spread over. */
const perSecond = async (targets: ReadonlyArray<Target>, count: number): Promise<number> => {
  const runs = await Promise.all(
    targets.map((target) => prepareLoad("client credentials", target, CALLERS / targets.length)),
  )
  const started = performance.now()
  await Promise.all(runs.map((run) => run(count / runs.length)))
  return (count / (performance.now() - started)) * 1000
}

const p99Millis = async (target: Target, count: number): Promise<number> => {
  const askers = await Promise.all(Array.from({ length: ASKERS }, () => loads.introspection(target)))
  const taken: Array<number> = []
  const ask = async (call: () => Promise<unknown>) => {
    for (let done = 0; done < count / ASKERS; done++) {
      const started = performance.now()
      await call()
      taken.push(performance.now() - started)
    }
  }
  await Promise.all(askers.map(ask))
  return taken.toSorted((left, right) => left - right)[Math.floor(taken.length * 0.99)]!
}

/** The same while appends go on that never cease. */
const p99UnderAppends = async (target: Target, count: number): Promise<number> => {
  const run = await prepareLoad("client credentials", target, CALLERS)
  let isOver = false
  const appending = (async () => {
    while (!isOver) await run(CALLERS)
  })()
  const p99 = await p99Millis(target, count)
  isOver = true
  await appending
  return p99
}

const rowsOf = (taken: Taken<string>): ReadonlyArray<Row> => {
  const figures = (name: string) => taken[name]!
  return [
    ...loadNames.flatMap((load): ReadonlyArray<Row> => [
      {
        name: `${load}: CPU of the instance`,
        ours: micros(median(figures(`${load} postgres`))),
        other: micros(median(figures(`${load} sqlite`))),
        ratio: ratioOf(figures(`${load} postgres`), figures(`${load} sqlite`)),
        aim: { atMost: 1.5 },
        why: "statements are written, sent and read instead of called",
      },
      { name: `${load}: CPU of the database besides`, ours: micros(median(figures(`${load} database`))), other: "" },
    ]),
    ...INSTANCE_COUNTS.map((count): Row => ({
      name: `tokens a second, ${CALLERS} callers, ${count} instance${count === 1 ? "" : "s"}`,
      ours: `${grouped(median(figures(`${count} instances`)))}/s`,
      other: `${grouped(median(figures("one file")))}/s`,
      ratio: ratioOf(figures(`${count} instances`), figures("one file")),
    })),
    {
      name: "p99 of introspection under full appends, beside an idle instance",
      ours: `${median(figures("p99 busy")).toFixed(1)} ms`,
      other: `${median(figures("p99 idle")).toFixed(1)} ms`,
      ratio: ratioOf(figures("p99 busy"), figures("p99 idle")),
      aim: { atMost: 3 },
      why: "it waits for the appends that the instance is working on",
    },
  ]
}

export const measurePostgres = async ({ rounds, operationCount, folder, progress }: Asked): Promise<Section> => {
  const section = {
    title: "h. over PostgreSQL",
    columns: ["PostgreSQL", "SQLite", "× SQLite"],
    rows: [] as ReadonlyArray<Row>,
  } as const
  const postgres = await startPostgres(["fsync=on"])
  if (postgres === undefined || process.platform !== "linux") {
    progress("skipped: no PostgreSQL is packaged for this platform, or its CPU cannot be read from /proc")
    await postgres?.remove()
    return section
  }
  const sides: Array<ForkedSide> = []
  const start = async (name: string, database?: string) => {
    const side = await startSide("grantlog", join(folder, name), database)
    sides.push(side)
    return side
  }
  try {
    const sqlite = await start("file")
    const instances: Array<ForkedSide> = []
    // One after the other: they have one key ring, which the first of them makes.
    for (let count = 0; count < Math.max(...INSTANCE_COUNTS); count++) {
      instances.push(await start("database", postgres.url))
    }
    const [instance] = instances
    const { target } = instance!
    const database: Pick<Side, "target" | "cpuMicros"> = {
      target,
      cpuMicros: async () => cpuMicrosWithChildren(postgres.pid()),
    }
    const measured: Record<string, () => Promise<number>> = {}
    for (const load of loadNames) {
      measured[`${load} sqlite`] = () => microsPerOperation(sqlite, load, operationCount)
      measured[`${load} postgres`] = () => microsPerOperation(instance!, load, operationCount)
      measured[`${load} database`] = () => microsPerOperation(database, load, operationCount)
    }
    measured["one file"] = () => perSecond([sqlite.target], operationCount * 4)
    for (const count of INSTANCE_COUNTS) {
      const targets = instances.slice(0, count).map((one) => one.target)
      measured[`${count} instances`] = () => perSecond(targets, operationCount * 4)
    }
    measured["p99 idle"] = () => p99Millis(target, operationCount)
    measured["p99 busy"] = () => p99UnderAppends(target, operationCount)
    return { ...section, rows: rowsOf(await interleave(rounds, measured)) }
  } finally {
    await Promise.all(sides.map((side) => side.stop()))
    await postgres.remove()
  }
}
