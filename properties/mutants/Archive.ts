/** Mutants of archiving: what lives is taken out, what was signed is not looked at, what has to stay does not. */
import { noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const ARCHIVE = "test/audit/archive/Archive.test.ts"
const KILLED = "test/audit/archive/Killed.test.ts"

const [MAKE, VERIFY, STATEMENT, WITH] = ["MakeArchive", "VerifyArchive", "Statement", "WithArchives"].map(
  (name) => `src/audit/archive/${name}.ts`,
) as [string, string, string, string]
const ARCHIVIST = "src/log/Archivist.ts"
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
    edit(WITH, "if (leafHash(found.bytes) === stored.leaf) return", 'if (found.bytes !== "") return'),
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
