/**
 * Asking again until nothing is missing: how a function that reads rows in place is answered by a database elsewhere.
 *
 * The function runs over what is known. What is not known is taken for not being there, so that the function goes on and
 * shows what else it asks; whatever came of that is dropped. Everything that was missing is fetched by one statement and
 * the function runs again, until it has asked nothing that was not known. It must do nothing but compute.
 */
import { StoreFault } from "../EventLog.ts"
import type { Row, RowReader } from "../Rows.ts"
import { subtreeTable } from "../Tables.ts"
import type { Answers, Ask, Asks } from "./Asks.ts"

/** What stands for a hash, of a subtree or a leaf, that is not known yet. */
export const UNKNOWN_HASH: Row = { hash: new Uint8Array(32), leaf: new Uint8Array(32) }

/** Questions that come of the answers to others, one behind the other. */
const MAX_ROUNDS = 1000

export interface Known {
  readonly rows: RowReader
  readonly answers: Answers
  /** What was asked since and is not known. */
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
      // A hash that is not known yet stands for any, so that those beside it are asked for as well.
      get: (table, key) => ask(get(table, key), table === subtreeTable ? [UNKNOWN_HASH] : [])[0],
      list: (table, listing) => ask(list(table, listing), []),
      count: (table, where) => Number(ask(count(table, where), [])[0]?.["n"] ?? 0),
    },
  }
}

/** `fetch` answers what is missing, and may answer anew what was known. */
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
