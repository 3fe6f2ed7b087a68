/** Mutants of the log and its rows: what must be noticed below the contract. */
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const broken = (offends: string, name: string, title: string, ...edits: ReadonlyArray<Edit>): Mutant => ({
  name,
  offends,
  edits,
  tests: [edits[0]!.file.startsWith("src/projection") ? "test/projection" : "test/log"],
  titles: [title],
})

const TRANSACTION = "src/log/Transaction.ts"

export const storeMutants: ReadonlyArray<Mutant> = [
  broken(
    "log-checks",
    "checks of other streams are not looked at",
    "holds while the other stream is at that version, and fails once it moved on",
    edit(TRANSACTION, "if (tx.versionOf(check.stream) !== check.version)", "if (check.version < 0)"),
  ),
  broken(
    "log-claims",
    "a claim can be taken twice",
    "is taken once, with events or without",
    edit(TRANSACTION, "if (isTwice || tx.isClaimed(key))", "if (isTwice)"),
  ),
  broken(
    "log-projection",
    "rows that another projection makes are written",
    "for rows of another projection is refused, and says what to do",
    edit(TRANSACTION, "if (append.projection !== tx.projection())", 'if (append.projection === "")'),
  ),
  broken(
    "rows-known",
    "rows are taken as known although somebody else has written",
    "are read once, and then answered from until somebody else writes",
    edit(
      "src/log/sql/KnownRows.ts",
      "if (version === seenVersion) return true",
      "if (seenVersion !== undefined) return true",
    ),
  ),
  broken(
    "rows-fold",
    "an append makes another row than the fold of its entries",
    "the row of the stream is what its entries fold to, and no other row changed",
    edit(
      "src/projection/GrantRow.ts",
      "const version = before.version + events.length",
      "const version = before.version + 1",
    ),
  ),
  broken(
    "log-time",
    "the time of entries goes back",
    "is the command's, or the newest entry's if that is later",
    edit(TRANSACTION, "Math.max(at, head.recordedAt)", "at"),
  ),
  broken(
    "log-clock",
    "an instance whose clock is far behind writes",
    "is nobody's whose clock is more than 5 s behind",
    edit(TRANSACTION, "if (at < head.recordedAt - MAX_CLOCK_LAG_MILLIS)", "if (at < 0)"),
  ),
  broken(
    "log-hash",
    "entries are not checked against their hashes",
    "with a flipped byte is refused wherever it is read",
    edit("src/log/Recorded.ts", "if (leafHash(stored.bytes) !== stored.leaf)", 'if (stored.leaf === "")'),
  ),
  broken(
    "log-group",
    "every append is a commit of its own",
    "holds 8 appends or more on average when 64 callers append at a time",
    edit("src/log/GroupCommit.ts", "MAX_BATCH = 100", "MAX_BATCH = 1"),
  ),
  broken(
    "log-durable",
    "a commit may be lost with the power",
    "is written with WAL and synchronous=FULL",
    edit("src/log/sql/File.ts", "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"),
  ),
  broken(
    "log-newer",
    "a file from a newer grantlog is opened",
    "from a newer grantlog is refused and left as it is",
    edit("src/log/sql/Migrations.ts", "if (version > steps.length)", "if (version < 0)"),
  ),
  broken(
    "rows-revoked",
    "the rows of ended access tokens stay",
    "the row of the stream is what its entries fold to",
    edit(
      "src/projection/GrantRow.ts",
      "filter(({ digest }) => !alive.has(digest))",
      "filter(({ digest }) => alive.has(digest))",
    ),
  ),
  broken(
    "rows-epoch",
    "the rows have a token alive whose subject has another epoch",
    "both stores and the core agree",
    edit("src/projection/LiveAccess.ts", '(subject?.["epoch"] ?? 0) === grant["subject_epoch"] && ', ""),
  ),
]
