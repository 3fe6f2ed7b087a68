/** Mutants of archiving: what lives is taken out, what was signed is not looked at, what has to stay does not. */
import { noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const ARCHIVE = "test/audit/archive/Archive.test.ts"
const KILLED = "test/audit/archive/Killed.test.ts"
const QUESTIONS = "test/audit/archive/Questions.test.ts"

const [MAKE, VERIFY, STATEMENT, WITH] = ["MakeArchive", "VerifyArchive", "Statement", "WithArchives"].map(
  (name) => `src/audit/archive/${name}.ts`,
) as [string, string, string, string]
const ARCHIVIST = "src/log/Archivist.ts"
const CATCH_UP = "src/audit/index/CatchUp.ts"
const SQLITE = "src/log/sql/Archivist.ts"

const collectsTheLiving = edit(MAKE, " || death.diedAt >= before || !isWithin(death, bound)) continue", ") continue")
const believesTheLiving = edit(VERIFY, "retired === undefined || retired.diedAt >= before)", "retired === undefined)")

const QUIET = "never what has only been quiet"
const FIRST = "loses nothing when it is stopped"

export const archiveMutants: ReadonlyArray<Mutant> = [
  noticed("archive", KILLED, QUIET, "grants that live are archived with those that ended", collectsTheLiving),
  noticed(
    "archive",
    KILLED,
    QUIET,
    "grants that live are archived, and nothing that reads the archive minds",
    collectsTheLiving,
    believesTheLiving,
  ),
  noticed(
    "archive",
    ARCHIVE,
    FIRST,
    "what has rows of something alive is taken out of the log",
    edit(ARCHIVIST, "isWithin({ diedAt, id: idOfStream(stream) }, bound)", "diedAt > 0"),
  ),
  noticed(
    "archive",
    ARCHIVE,
    "an archive that somebody else signed",
    "nobody looks at the signature of an archive",
    edit(
      STATEMENT,
      "const opened = openNote(note, key)",
      'const opened: Result.Result<string, string> = Result.succeed(note.slice(0, note.indexOf("\\n\\n") + 1))',
    ),
  ),
  noticed(
    "archive",
    ARCHIVE,
    "an archiving that drops an entry from the archive",
    "an archive need not have the entries that were signed",
    edit(VERIFY, "if (contents.size() !== entryCount || contents.root() !== root) {", "if (contents.size() < 0) {"),
    edit(VERIFY, "return tree.root() === logRoot ? undefined :", "return tree.size() > 0 ? undefined :"),
    edit(VERIFY, "if (gapBefore !== undefined) return", "if (gapBefore === -1) return"),
    edit(VERIFY, "kept.version === entryCount &&", ""),
  ),
  noticed(
    "archive",
    ARCHIVE,
    "keeps roots, checkpoints and proofs",
    "the hash of an entry goes with its text",
    edit(SQLITE, "version = position, bytes = ''", "version = position, leaf = zeroblob(32), bytes = ''"),
  ),
  noticed(
    "archive",
    KILLED,
    "takes nothing out twice",
    "nothing stays of a stream that was taken out",
    edit(ARCHIVIST, "  rows.put(archivedTable, archivedRow({ ...stream, archive }))\n", ""),
  ),
  noticed(
    "archive",
    KILLED,
    "takes nothing out twice",
    "what was taken out already is taken out again",
    edit(ARCHIVIST, "    if (archived?.archive === number) return false\n", ""),
  ),
  noticed(
    "archive",
    KILLED,
    "leaves the log as it was, and no archive",
    "the archive has its name before it is whole",
    edit("src/cli/Archiving.ts", "const partial = `${path}.partial`", "const partial = path"),
  ),
  noticed(
    "archive",
    KILLED,
    "is believed by nobody who asks",
    "an entry of an archive is believed unseen",
    edit(WITH, "if (leafHash(entry.bytes) !== leaf) {", 'if (entry.bytes === "") {'),
  ),
  noticed(
    "archive",
    QUESTIONS,
    "is refused where the archive lacks an entry",
    "a grant is told without what is left out of its archive",
    edit(WITH, "      entries.length === count &&\n", ""),
  ),
  noticed(
    "archive",
    QUESTIONS,
    "has no index made of an archive that lacks an entry",
    "the audit index passes over what is left out of an archive",
    edit(
      WITH,
      "        if (entry === undefined) {",
      "        if (entry === undefined) continue\n        if (entry === undefined) {",
    ),
  ),
  noticed(
    "archive",
    QUESTIONS,
    "is answered as before",
    "what was out of reach when the audit index was made stays unknown to it",
    edit(CATCH_UP, "      yield* takeLacking(opened, before.size, pageSize, between)\n", ""),
  ),
  noticed(
    "archive",
    QUESTIONS,
    "reads the whole archive once",
    "each question reads the whole of every archive",
    edit(
      CATCH_UP,
      "    const from = Math.max(0, before.size - 1)\n",
      "    const from = Math.max(0, before.size - 1)\n    yield* log.readStored(0, before.size)\n",
    ),
  ),
  noticed(
    "archive",
    ARCHIVE,
    // Only with what was archived before is there an archived grant.
    "archiving",
    "an archived grant begins anew",
    edit(
      "src/log/sql/Commit.ts",
      "(SELECT version FROM archived_streams WHERE stream = ?)) AS version",
      "(SELECT 0 FROM archived_streams WHERE stream = ?)) AS version",
    ),
  ),
]
