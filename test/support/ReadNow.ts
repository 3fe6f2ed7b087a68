/** Rows read at once, for tests that look at them between two steps. */
import { Effect } from "effect"
import type { EventLog, RowReader } from "../../src/log/index.ts"

export const readNow = <A>(log: Pick<EventLog, "read">, body: (rows: RowReader) => A): A =>
  Effect.runSync(log.read(body))
