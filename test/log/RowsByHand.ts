/** Side tables of a store whose rows a test reads and writes as it likes: what no server can ask of a store. */
import { Effect } from "effect"
import type { Answering, RowReader, RowWriter, SideTables } from "../../src/log/index.ts"
import { accountTable, sessionTable } from "../../src/provider/AccountTables.ts"

export const rowsByHand = {
  tables: [accountTable, sessionTable],
  personal: [accountTable],
  queries: {
    ask: (rows: RowReader, body: (rows: RowReader) => unknown) => body(rows),
  },
  operations: {
    /** Whatever a test does in one transaction. */
    write: (rows: RowWriter, body: (rows: RowWriter) => unknown) => body(rows),
  },
} satisfies SideTables

type ByHand = { readonly side: Answering<typeof rowsByHand.queries> }

/** Reads rows in place, as of one moment. */
export const askRows = <A>({ side }: ByHand, body: (rows: RowReader) => A): Promise<A> =>
  Effect.runPromise(side.ask(body)) as Promise<A>
