/** Why mutants of Stryker in `src/cli/commands`, from `archive` to `forget`, may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const firstCommands: ReadonlyArray<Explanation> = [
  {
    why: "of PostgreSQL alone: `test/audit/archive/Archive.test.ts` archives there",
    places: [
      at("commands/Archive.ts", '"a database is shrunk by its own VACUUM FULL"', '""'),
      at("commands/Archive.ts", "file === undefined", "false"),
    ],
  },
  {
    why: "only how far it has come, which is said of what takes more than a second; the words are those of `Progress.ts`",
    places: [
      at("commands/Backup.ts", "opened.location.file === undefined", "true"),
      at("commands/Backup.ts", "opened.location.file === undefined", "false"),
      at("commands/Backup.ts", "opened.location.file === undefined", "opened.location.file !== undefined"),
      at("commands/Export.ts", "lineCount += some.length", "lineCount -= some.length"),
      at("commands/Export.ts", "Math.min(lineCount, size - from)", "Math.max(lineCount, size - from)"),
      at("commands/Export.ts", "size - from", "size + from"),
      at("commands/Export.ts", "size - from", "size + from"),
    ],
  },
  {
    why: "of a reader that goes away, which only a process has: `test/live/Export.test.ts`",
    places: [
      at("commands/Export.ts", '"ReaderGone"', '""'),
      at("commands/Export.ts", "() => Effect.void", "() => undefined"),
    ],
  },
  {
    why: "the same: what is parsed is made a text first",
    places: [at("commands/ClientAdd.ts", '"utf8"', '""')],
  },
  {
    why: "the same: what is empty is not said, and this is the method of a client that says none (RFC 7591 2)",
    places: [at("commands/ClientAdd.ts", '"client_secret_basic"', '""')],
  },
  {
    why: "only with PostgreSQL, which the tests here have not: no other store leaves shrinking to its owner",
    places: [at("commands/Archive.ts", "shrink === undefined", "false")],
  },
  {
    why: "of a process of its own, which takes seconds: `test/peers/PythonProviders.test.ts` checks in Python",
    places: [
      at(
        "commands/Check.ts",
        "{ report: { ...report, subject: all.target, call: callOf(all) }, module: undefin…",
        "{}",
      ),
      at("commands/Check.ts", "{ ...report, subject: all.target, call: callOf(all) }", "{}"),
    ],
  },
  {
    why: "of a process of its own, which takes seconds: `test/cli/Check.test.ts` asks for two seeds, and tells which they were",
    places: [at("commands/Check.ts", '"seedCount"', '""')],
  },
  {
    why: "only whether it is written over on a terminal how far it has come",
    places: [
      at("commands/Check.ts", "{ isAsking: false }", "{}"),
      at("commands/Check.ts", "false", "true"),
      at("commands/Check.ts", "{ isAsking: terminal !== undefined, }", "{}"),
      at("commands/Check.ts", "terminal !== undefined", "true"),
      at("commands/Check.ts", "terminal !== undefined", "false"),
      at("commands/Check.ts", "terminal !== undefined", "terminal === undefined"),
    ],
  },
  {
    why: "of standard input, which a process has to let go of to end: `test/cli/Check.test.ts` has somebody paste an address",
    places: [
      at("commands/Check.ts", "program !== undefined", "false"),
      at("commands/Check.ts", "(open) => Effect.sync(() => open[Symbol.dispose]())", "() => undefined"),
      at("commands/Check.ts", "() => open[Symbol.dispose]()", "() => undefined"),
    ],
  },
  {
    why: "of a program that signs in: `test/cli/CheckIssuerFlags.test.ts` runs one, and the report says so",
    places: [at("commands/Check.ts", "true", "false")],
  },
  {
    why: "of a check that is stopped: `test/cli/check/Watching.test.ts` sends the signal",
    places: [
      at("commands/Check.ts", '{ message: "stopped before the check was done" }', "{}"),
      at("commands/Check.ts", '"stopped before the check was done"', '""'),
      at("commands/Check.ts", "() => stopped", "() => undefined"),
    ],
  },
]
