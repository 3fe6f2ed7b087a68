/** What a soak left behind: what was acknowledged is in the log, the rows are what it folds to, every root was one of it. */
import { Effect } from "effect"
import { verifyLog } from "../../src/audit/index.ts"
import type { StoreFault, TreeHead } from "../../src/log/index.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import type { Acknowledged, Tally } from "./Tally.ts"

/** What is in the log of what the instances may have acknowledged. */
const inLog = Effect.fnUntraced(function* (store: ServerStore): Effect.fn.Return<Acknowledged, StoreFault> {
  const found = { issued: new Set<string>(), endedAccess: new Set<string>(), endedGrants: new Set<string>() }
  for (let position = 0; ;) {
    const page = yield* store.readAll(position)
    if (page.length === 0) return found
    position += page.length
    for (const { event } of page) {
      if (event._tag === "RefreshTokenIssued" || event._tag === "RefreshTokenRotated") found.issued.add(event.digest)
      if (event._tag === "AccessTokenRevoked") found.endedAccess.add(event.digest)
      if (event._tag === "GrantRevoked") found.endedGrants.add(event.grantId)
    }
  }
})

/** Gives how many entries there are. */
export const judgeLog = Effect.fnUntraced(function* (
  store: ServerStore,
  heads: ReadonlyArray<TreeHead>,
  { acknowledged, violate }: Tally,
): Effect.fn.Return<number, StoreFault> {
  const found = yield* inLog(store)
  for (const kind of ["issued", "endedAccess", "endedGrants"] as const) {
    const { length } = [...acknowledged[kind]].filter((one) => !found[kind].has(one))
    if (length > 0) violate("acknowledged writes that are not in the log", `${length} of what was ${kind}`, length)
  }
  const rows = yield* store.compareRows({})
  if (rows.differingRowCount > 0) {
    violate("rows that differ from what the log folds to", String(rows.firstDiffering), rows.differingRowCount)
  }
  for (const fault of rows.faults) violate("rows that differ from what the log folds to", fault)
  const compareRows = () => Effect.succeed({ ...rows, differingRowCount: 0, faults: [] })
  const { size, findings } = yield* verifyLog({ ...store, compareRows }, { checkpoints: heads })
  for (const { message } of findings) violate("entries or roots that do not verify", message)
  return size
})
