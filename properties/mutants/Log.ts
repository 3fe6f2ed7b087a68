/** Mutants of the log, its rows and their removal: what comes of a decision that was right. */
import { against, memory, simulated, sqlite, noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const LIVE = "src/projection/LiveAccess.ts"
const REBUILD = "src/log/Rebuild.ts"
const SCHEMA = "test/log/sql/Schema.test.ts"

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
    edit(LIVE, `client?.["status"] === "enabled" &&`, "client !== undefined &&"),
  ),
  against(
    [memory, sqlite],
    undefined,
    "rows",
    "the rows keep the epoch that a subject had before",
    edit("src/projection/SubjectRow.ts", "const { status, epoch } = after", "const { status, epoch } = before.state"),
  ),
  against(
    [memory, sqlite],
    "ExpiryIsExact",
    "rows",
    "the rows have an access token alive at its end",
    edit(LIVE, "now < Number(end)", "now <= Number(end)"),
  ),
  against(
    [simulated],
    undefined,
    "rows",
    "rows that go with several entries at once go only when folded one by one",
    edit(
      "src/projection/GrantRow.ts",
      "filter(({ digest }) => !alive.has(digest))",
      "filter(({ digest }) => !alive.has(digest) && events.length === 1)",
    ),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "is not believed, and a rebuild removes nothing that may be alive by it",
    "a bound of removed rows is believed, whatever it says",
    edit(REBUILD, "(isWithin(kept, nothingPruned) || kept.diedAt <= latest)", "kept.diedAt >= -1"),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "is held against the clock of who judges",
    "a bound is not held against the judge's clock",
    edit(REBUILD, "now - ROW_RETENTION_MILLIS + MAX_CLOCK_LAG_MILLIS", "now"),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "is a difference, and is right after a rebuild",
    "the bound is not compared with what was removed",
    edit(REBUILD, "const all = [...compared, ...noted.map(compare)]", "const all = compared"),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "that was set forward is a difference",
    "a row that is served and that nothing folds to is no difference",
    edit(
      "src/log/sql/CompareTable.ts",
      "WHERE NOT EXISTS (SELECT 1 FROM ${folded} f WHERE ${hasKey}${isSame})",
      "WHERE EXISTS (SELECT 1 FROM ${folded} f WHERE ${hasKey}) AND NOT EXISTS (SELECT 1 FROM ${folded} f WHERE ${hasKey}${isSame})",
    ),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "whose schema is another is found out, and a rebuild puts it right",
    "what a schema has besides is not looked at",
    edit("src/log/Schema.ts", `return [{ kind: "foreign", object }]`, "return []"),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "whose index does not say what its table does",
    "indexes are not held against their tables",
    edit("src/log/sql/File.ts", `.filter((told) => told !== "ok")`, ".filter(() => false)"),
  ),
  noticed(
    "log-verify",
    SCHEMA,
    "that has an entry at no position of the log",
    "entries that stand beside the log are not counted",
    edit(
      "src/log/sql/File.ts",
      "const isStray = rowCount !== judged.entryCount",
      "const isStray = rowCount < judged.entryCount",
    ),
  ),
  noticed(
    "log-verify",
    "test/projection",
    "a grant's row dies no earlier than its newest entry",
    "a row dies before its newest entry",
    edit(
      "src/projection/GrantRow.ts",
      "Math.max(diesAt(grant) ?? 0, happenedAt(newest) + MAX_CLOCK_LAG_MILLIS)",
      "diesAt(grant) ?? 0",
    ),
  ),
  noticed(
    "log-verify",
    "test/log",
    "stops before the newest entry, whatever the clock says",
    "rows are removed up to whatever the clock says",
    edit(REBUILD, "diedAt: Math.min(diedAt, newestAt - 1), id: LAST_ID", "diedAt, id: LAST_ID"),
  ),
  noticed(
    "log-verify",
    "test/audit/proof/Verify.test.ts",
    "a stream that has no beginning is found without any checkpoint",
    "a stream without a beginning passes",
    edit("src/audit/proof/Verify.ts", "orphanCount += entryCount", "orphanCount = 0"),
  ),
  noticed(
    "log-verify",
    "test/log/SqliteLog.test.ts",
    "in which a stream lacks an entry is neither compared nor folded",
    "the versions of a stream are not counted",
    edit("src/log/Walk.ts", "if (version !== ++own.entryCount) own.gapBefore ??= position", "own.entryCount++"),
  ),
  ...(
    [
      ["entries may be said to be recorded at any time", "before the one in front", "leaf.recordedAt < recordedAt"],
      ["the spelling of entries is not looked at", "spelled as no log", "!isCanonical(bytes, read.success.said)"],
      ["a stream may go back in the log", "stand in each other's place", "back !== undefined"],
    ] as const
  ).map(([name, title, condition]) =>
    noticed(
      "log-verify",
      "test/audit/proof/Verify.test.ts",
      title,
      name,
      edit("src/audit/proof/Verify.ts", condition, "false"),
    ),
  ),
  noticed(
    "log-verify",
    "test/audit/proof/Verify.test.ts",
    "is named beside what is wrong with the schema",
    "a log is not read where its schema is wrong",
    edit("src/log/sql/File.ts", "if (!isSound && judging.inspector === undefined) return", "if (!isSound) return"),
  ),
  noticed(
    "log-verify",
    "test/log/SqliteLog.test.ts",
    "is compared with its log as of one moment, while the event loop turns",
    "a file is compared with its log in one go",
    edit("src/log/SqliteLog.ts", "compare(own, Effect.yieldNow)", "compare(own, Effect.void)"),
  ),
  noticed(
    "log-commit",
    "test/log/sql/Commit.test.ts",
    "that took place although it threw is found also where the first caller",
    "a COMMIT that threw is looked up by its first caller, appended or not",
    edit("src/log/sql/Commit.ts", 'outcome?._tag !== "Appended" || ', ""),
  ),
  noticed(
    "log-commit-known",
    "test/log/sql/Commit.test.ts",
    "that fails answers nobody with success",
    "what a COMMIT that failed would have written is taken for written",
    edit("src/log/sql/Commit.ts", "      knownAt = undefined\n", "      knownAt = version\n"),
  ),
  noticed(
    "log-commit-foreign",
    "test/log/SqliteLog.test.ts",
    "gets positions without gap from two logs that append at the same time",
    "what is known of streams is believed after somebody else's commit",
    edit("src/log/sql/Commit.ts", "version !== knownAt", "knownAt === undefined"),
  ),
  noticed(
    "log-commit-place",
    "test/log/sql/Commit.test.ts",
    "in whose place somebody else's event stands by now",
    "a COMMIT that threw took place if anything stands where its event was to stand",
    edit("src/log/sql/Commit.ts", "=== events.at(-1)!.id", "!== undefined"),
  ),
  noticed(
    "log-ids",
    "test/log/MemoryLog.test.ts",
    "one id twice in an append is refused",
    "an append may have one id twice",
    edit(
      "src/log/Transaction.ts",
      "events.findIndex((event) => event.id === id) < index",
      "events.findIndex((event) => event.id === id) > index",
    ),
  ),
  noticed(
    "audit-moment",
    "test/audit/asof/IntrospectAt.test.ts",
    "a token is there from right behind the entry that issued it",
    "a token is there before the entry that issued it",
    edit("src/audit/asof/StreamAt.ts", "entry.position < size)", "entry.position <= size)"),
  ),
  noticed(
    "audit-since",
    "test/audit/explain/BlastRadius.test.ts",
    "since a time leaves out what was opened before it",
    "--since is ignored for a grant that is named",
    edit("src/audit/explain/BlastRadius.ts", "one.openedAt < (openedSince ?? 0)", "one.openedAt < 0"),
  ),
]
