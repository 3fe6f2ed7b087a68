/** Question e: whether starting, and answering, costs more as the grants grow in number, or one grant in age. */
import { mkdirSync, statSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { sqliteStore } from "../../src/entry/grantlog.ts"
import { measureAgeing } from "./Ageing.ts"
import { fillLog, keepTokens, ownToken } from "./FilledLog.ts"
import { databaseIn, keysIn, startServer } from "./Grantlog.ts"
import { microsPerOperation, type LoadName } from "./Load.ts"
import { interleave, median, ratioOf, type Asked, type Taken } from "./Measure.ts"
import { bytes, grouped, micros, type Row, type Section } from "./Report.ts"
import { startSide, type ForkedSide } from "./Sides.ts"

const FEW = 10
const FLAT = { atMost: 1.2 }
/** Bytes: three times what a grant of two entries was seen to need. */
const ROOM_PER_GRANT = 8000

const loadNames: ReadonlyArray<LoadName> = ["introspection", "refresh", "code flow"]

const fill = async (folder: string, grantCount: number): Promise<void> => {
  mkdirSync(folder)
  const log = sqliteStore(databaseIn(folder))
  const [{ id: keyId }] = keysIn(folder).keys
  await fillLog(log, { grantCount, eventsOf: ownToken, startMillis: Date.now() - grantCount, keyId })
  keepTokens(folder, grantCount)
  await Effect.runPromise(log.close)
}

const millisToStart = async (folder: string): Promise<number> => {
  const started = performance.now()
  const server = await startServer(folder)
  const millis = performance.now() - started
  await server.close()
  return millis
}

const hasRoom = async (folder: string, grantCount: number): Promise<boolean> => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize > grantCount * ROOM_PER_GRANT
}

/** A row for each size but the smallest, held against that. */
const rowsOf = (
  name: string,
  counts: ReadonlyArray<number>,
  taken: Taken<string>,
  format: (value: number) => string,
  why: string,
): ReadonlyArray<Row> =>
  counts
    .filter((count) => count !== FEW)
    .map((count) => ({
      name: `${name}, ${grouped(count)} grants`,
      ours: format(median(taken[count]!)),
      other: format(median(taken[FEW]!)),
      ratio: ratioOf(taken[count]!, taken[FEW]!),
      aim: FLAT,
      why,
    }))

export const measureGrowth = async ({
  rounds,
  operationCount,
  isFull,
  folder: parent,
  progress,
}: Asked): Promise<Section> => {
  const folderOf = (count: number) => join(parent, `growth-${count}`)
  const [counts, skipped]: [Array<number>, Array<Row>] = [[], []]
  for (const count of [FEW, 10_000, isFull ? 1_000_000 : 100_000]) {
    if (!(await hasRoom(parent, count))) {
      progress(
        `SKIPPED: ${grouped(count)} grants need ${bytes(count * ROOM_PER_GRANT)} of room in the temporary folder`,
      )
      skipped.push({ name: `${grouped(count)} grants`, ours: "SKIPPED: no room on the disk", other: "" })
      continue
    }
    progress(`filling: ${grouped(count)} grants`)
    await fill(folderOf(count), count)
    counts.push(count)
  }
  const byCount = <A>(of: (count: number) => A) =>
    Object.fromEntries(counts.map((count) => [String(count), of(count)])) as Readonly<Record<string, A>>
  const largest = counts.at(-1)!
  const size = bytes(statSync(databaseIn(folderOf(largest))).size)
  const starting = await interleave(
    rounds,
    byCount((count) => () => millisToStart(folderOf(count))),
  )
  const rows: Array<Row> = [
    ...rowsOf(
      "start",
      counts,
      starting,
      (value) => `${value.toFixed(1)} ms`,
      "every start checks the newest 100 entries, and ten grants have fewer",
    ),
  ]
  const sides = new Map<number, ForkedSide>()
  try {
    for (const count of counts) sides.set(count, await startSide("grantlog", folderOf(count)))
    for (const load of loadNames) {
      progress(load)
      const taken = await interleave(
        rounds,
        byCount((count) => () => microsPerOperation(sides.get(count)!, load, operationCount)),
      )
      rows.push(...rowsOf(load, counts, taken, micros, "deeper trees, and pages that SQLite's cache does not hold"))
    }
    const resident = await Promise.all(
      [FEW, largest].map(async (count) => (await sides.get(count)!.usage()).residentBytes),
    )
    rows.push({
      name: `resident memory after all that, ${grouped(largest)} grants`,
      ours: bytes(resident[1]!),
      other: bytes(resident[0]!),
    })
  } finally {
    await Promise.all([...sides.values()].map((side) => side.stop()))
  }
  progress("refreshing one grant over and over")
  rows.push(await measureAgeing(join(parent, "ageing")))
  return {
    title: `e. growing; the largest file has ${size}`,
    columns: ["grantlog", `with ${FEW} grants`, "× few"],
    rows: [...rows, ...skipped],
  }
}
