/**
 * Asking again until nothing is missing: how a synchronous function that reads rows is served by a database elsewhere.
 *
 * The function runs over the rows that are known. A row that is not known is treated as absent, so that the function goes
 * on and shows what else it reads; its result is dropped. One statement then fetches everything that was missing, and the
 * function runs again, until it asks for nothing unknown. It must not have side effects.
 */
import { StoreFault } from "../EventLog.ts"
import type { Row, RowReader } from "../Rows.ts"
import { subtreeTable } from "../Tables.ts"
import type { Answers, Ask, Asks } from "./Asks.ts"

/** Stands for the hash of a subtree or leaf that is not known yet. */
export const UNKNOWN_HASH: Row = { hash: new Uint8Array(32), leaf: new Uint8Array(32) }

/** How many rounds of questions may follow from the answers to others. */
const MAX_ROUNDS = 1000

export interface Known {
  readonly rows: RowReader
  readonly answers: Answers
  /** The questions that were asked since and are not known. */
  readonly missing: Map<string, Ask>
  /** Answers a question with `guess` for as long as it is not known. */
  readonly ask: (ask: Ask, guess: ReadonlyArray<Row>) => ReadonlyArray<Row>
}

export const nothingKnown = ({ get, list, count }: Asks): Known => {
  const answers: Answers = new Map()
  const missing = new Map<string, Ask>()
  const ask: Known["ask"] = (one, guess) => {
    const known = answers.get(one.name)
    if (known === undefined) missing.set(one.name, one)
    return known ?? guess
  }
  return {
    answers,
    missing,
    ask,
    rows: {
      // An unknown hash may be any, so the hashes beside it are asked for as well.
      get: (table, key) => ask(get(table, key), table === subtreeTable ? [UNKNOWN_HASH] : [])[0],
      list: (table, listing) => ask(list(table, listing), []),
      count: (table, where) => Number(ask(count(table, where), [])[0]?.["n"] ?? 0),
    },
  }
}

/** `fetch` answers the missing questions, and may refresh answers that were known. */
export const untilKnown = async <A>(
  { missing }: Known,
  fetch: (missing: ReadonlyArray<Ask>) => Promise<void>,
  body: () => A,
): Promise<A> => {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    try {
      const answer = body()
      if (missing.size === 0) return answer
    } catch (cause) {
      if (missing.size === 0) throw cause
    }
    const asked = [...missing.values()]
    missing.clear()
    await fetch(asked)
  }
  throw new StoreFault({ reason: "other", message: "a question leads to ever more questions: please report it" })
}
