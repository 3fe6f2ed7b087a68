/** Question f: how many bytes of the file a grant, a refresh and a client's own tokens leave behind. */
import { join } from "node:path"
import { openNodeSqlite } from "../../src/log/index.ts"
import { databaseIn } from "./Grantlog.ts"
import { prepareLoad, type LoadName } from "./Load.ts"
import type { Asked } from "./Measure.ts"
import { bytes, type Row, type Section } from "./Report.ts"
import { startSide } from "./Sides.ts"

/** Enough that whole pages do not show. */
const MIN_OPERATIONS = 1000

interface Sizes {
  /** Entries, their index and the tree: for ever. */
  readonly log: number
  /** What is folded from it, and goes when it is dead. */
  readonly rows: number
  /** The canonical text of the entries. */
  readonly text: number
}

const SIZES = `
  SELECT
    coalesce(sum(iif(s.tbl_name IN ('entries', 'issued', 'subtrees'), d.pgsize, 0)), 0) AS log,
    coalesce(sum(iif(s.tbl_name LIKE '%\\_rows' ESCAPE '\\', d.pgsize, 0)), 0) AS rows,
    (SELECT sum(length(CAST(bytes AS BLOB))) FROM entries) AS text
  FROM dbstat d JOIN sqlite_schema s ON s.name = d.name
  WHERE d.aggregate = TRUE`

const sizesOf = (file: string): Sizes => {
  const driver = openNodeSqlite(file)
  try {
    return driver.prepare(SIZES).get() as unknown as Sizes
  } finally {
    driver.close()
  }
}

const asks = [
  { load: "code flow", name: "a grant: login, code, first tokens", times: 1 },
  { load: "refresh", name: "a refresh", times: 1 },
  { load: "client credentials", name: "a million tokens of clients for themselves", times: 1_000_000 },
] as const satisfies ReadonlyArray<{ readonly load: LoadName; readonly name: string; readonly times: number }>

export const measureBytes = async ({ operationCount, folder: parent, progress }: Asked): Promise<Section> => {
  const folder = join(parent, "bytes")
  const count = Math.max(operationCount, MIN_OPERATIONS)
  const side = await startSide("grantlog", folder)
  const rows: Array<Row> = []
  try {
    for (const { load, name, times } of asks) {
      progress(load)
      const run = await prepareLoad(load, side.target)
      const before = sizesOf(databaseIn(folder))
      await run(count)
      const after = sizesOf(databaseIn(folder))
      const each = (of: keyof Sizes) => ((after[of] - before[of]) / count) * times
      rows.push({ name, ours: bytes(each("log")), other: bytes(each("rows")), ratio: each("log") / each("text") })
    }
  } finally {
    await side.stop()
  }
  return {
    title: "f. bytes of the file",
    columns: ["log, for ever, indexes included", "rows, while it lives", "log, × the text of its entries"],
    rows,
  }
}
