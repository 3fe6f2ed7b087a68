/** Mutants of the log, its rows and their removal: what comes of a decision that was right. */
import { against, memory, simulated, sqlite, noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const LIVE = "src/projection/LiveAccess.ts"

export const logMutants: ReadonlyArray<Mutant> = [
  noticed(
    "log",
    "test/log/MemoryLog.test.ts",
    "is not taken by an append that is refused or fails",
    "a claim outlives the append that failed with it",
    edit("src/log/MemoryLog.ts", "undo.push(() => claims.delete(key))", ""),
  ),
  noticed(
    "log",
    "test/log/SqliteLog.test.ts",
    "is not taken by an append that is refused or fails",
    "claims are taken before the append is judged",
    edit(
      "src/log/Transaction.ts",
      "  const actual = tx.versionOf(stream)\n",
      "  const taken = claims.find(({ key }) => tx.isClaimed(key))\n  if (taken === undefined) for (const { key, until } of new Map(claims.map((claim) => [claim.key, claim])).values()) tx.claim(key, until)\n  const actual = tx.versionOf(stream)\n",
    ),
    edit("src/log/Transaction.ts", "if (isTwice || tx.isClaimed(key))", "if (isTwice || taken !== undefined)"),
    edit("src/log/Transaction.ts", "  for (const { key, until } of claims) tx.claim(key, until)\n  for", "  for"),
  ),
  against(
    [memory, sqlite],
    "RevocationIsFinal",
    "rows",
    "the rows do not say that a client is disabled",
    edit(LIVE, "AND g.status = 'open' AND c.status = 'enabled'", "AND g.status = 'open'"),
    edit(LIVE, `client?.["status"] === "enabled" &&`, "client !== undefined &&"),
  ),
  against(
    [memory, sqlite],
    undefined,
    "rows",
    "the rows keep the epoch that a subject had before",
    edit("src/projection/SubjectRow.ts", "const { status, epoch } = state", "const { status, epoch } = before"),
  ),
  against(
    [memory, sqlite],
    "ExpiryIsExact",
    "rows",
    "the rows have an access token alive at its end",
    edit(LIVE, "? < a.expires_at", "? <= a.expires_at"),
    edit(LIVE, "Number(now) < Number(end)", "Number(now) <= Number(end)"),
  ),
  against(
    [simulated],
    undefined,
    "rows",
    "rows that go with several entries at once go only when folded one by one",
    edit(
      "src/projection/GrantRow.ts",
      "for (const digest of gone) if (!alive.has(digest))",
      "for (const digest of gone) if (!alive.has(digest) && entries.length === 1)",
    ),
  ),
]
