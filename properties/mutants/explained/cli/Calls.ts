/** Why mutants of Stryker may live in the parts of `src/cli` that every call has: its flags, its failures, and what lies beside a store. */
import { at, type Explanation, type Place } from "../../Explanation.ts"

const named = (file: string): Place => at(file, "true", "false")

export const calls: ReadonlyArray<Explanation> = [
  {
    why: "the same: no digest is `undefined` or any of these texts, so that nothing is found under them",
    places: [
      at("EventTree.ts", '"parent" in event && event.parent !== null', "true"),
      at("EventTree.ts", '"parent" in event && event.parent !== null', '"parent" in event || event.parent !== null'),
      at("EventTree.ts", "event.parent !== null", "true"),
      at("EventTree.ts", '""', '"Stryker was here!"'),
      at("EventTree.ts", "digest !== undefined", "true"),
    ],
  },
  {
    why: "only with PostgreSQL, which the tests here have not: tried by `test/audit/archive/Archive.test.ts`",
    places: [at("Archiving.ts", "database === undefined", "true")],
  },
  {
    why: "never reached: a store that outlives the process is in a file where it is in no database",
    places: [at("Archiving.ts", '""', '"Stryker was here!"'), at("Beside.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "only with PostgreSQL, which the tests here have not: the tables are made in `test/live/Instances.test.ts`",
    places: [
      at("Beside.ts", "[subjectKeyTable, signingKeyTable, forgottenTable, checkpointTable, retrySecretT…", "[]"),
    ],
  },
  {
    why: "the same: who asks for the version is answered by the presenter, which reads it itself",
    places: [at("Call.ts", "{ version: version() }", "{}")],
  },
  {
    why: "the same: for the compiler alone; no other fault of a store or a checkpoint is called inconsistent",
    places: [at("Checkpointing.ts", 'agreed.failure._tag === "CheckpointFault"', "true")],
  },
  {
    why: "the same: for the compiler alone; without it nothing is returned, either",
    places: [
      at("Defaults.ts", 'case "Single": return undefined', 'case "Single":'),
      at("Defaults.ts", '"Single"', '""'),
      at("DetailsTypes.ts", "{ return undefined }", "{}"),
    ],
  },
  {
    why: "the same: for the compiler alone, which wants every tag in the table; what stands beside one is not read",
    places: Array.from({ length: 8 }, () => named("Failure.ts")),
  },
  {
    why: "the same: nothing else that is handed on is called by that name",
    places: [at("Flags.ts", '"grantlog/cli/Configured"', '""')],
  },
  {
    why: "runs as a process of its own, which it is the whole of: the modes of its files are tried in `test/live/KeyRing.test.ts`, how it ends in `test/live/Stop.test.ts`",
    files: ["Grantlog.ts"],
  },
  {
    why: "never seen: nothing of what is typed there is shown, nor what would stand before it",
    places: [at("Hidden.ts", '""', '"Stryker was here!"')],
  },
]
