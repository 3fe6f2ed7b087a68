/** Why mutants of Stryker in `src/cli` may live: what serves, what looks after it, and what copies it. */
import { at, type Explanation } from "../../Explanation.ts"

const SERVE = "commands/Serve.ts"
const FEATURES = "ServeFeatures.ts"
const [FILES, KEPT, REACHED] = ["doctor/Files.ts", "doctor/Kept.ts", "doctor/Reached.ts"] as const
const [BACKUP, RESTORE] = ["backup/Backup.ts", "backup/Restore.ts"] as const

export const serve: ReadonlyArray<Explanation> = [
  {
    why: "runs before anything else of the command is loaded, in a process of its own: tried in test/live/OldNode.test.ts and test/live/Cli.test.ts",
    files: ["main.ts"],
  },
  {
    why: "never reached: nobody proves anything to the server of an operator, so that no key of an issuer is looked for",
    places: [at(FEATURES, "{ keys: [] }", "{}"), at(FEATURES, "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: no request leads to an endpoint without a path",
    places: [at(SERVE, "[]", '["Stryker was here"]')],
  },
  {
    why: "only a defect comes to it, which is what nobody foresaw, or a collector besides",
    places: [
      at(SERVE, '{ tell(`grantlog: defect: ${inspect(defect)}`) otlp?.said("defect", "standard er…', "{}"),
      at(SERVE, "`grantlog: defect: ${inspect(defect)}`", "``"),
      at(SERVE, "otlp?.said", "otlp.said"),
      at(SERVE, '"defect"', '""'),
      at(SERVE, '"standard error has it"', '""'),
      at(SERVE, '"answered 503"', '""'),
    ],
  },
  {
    why: "only a name in front of a fault of what was opened before, while it runs; each is tried where it comes about, in test/cli and test/live",
    places: [
      ...["retry secrets", "note", "signing out", "no checkpoint", "console", "access log", "tiles", "admin API"].map(
        (name) => at(SERVE, `"${name}"`, '""'),
      ),
      at(SERVE, '{ onFault: told("signing out") }', "{}"),
    ],
  },
  {
    why: "the same: who asks whether there is one is told so by all, too",
    places: [at(SERVE, "{ limit: 1 }", "{}")],
  },
  {
    why: "for the compiler alone: where there is no account, the first has its name to itself",
    places: [at(SERVE, "account === undefined", "false")],
  },
  {
    why: "the same: a password is made up for what is no address, as for a loopback",
    places: [at(SERVE, '() => "http://localhost"', "() => undefined"), at(SERVE, '"http://localhost"', '""')],
  },
  {
    why: "for the compiler alone: flags of witnesses are refused of a store in memory, which alone has no checkpoints",
    places: [
      at(SERVE, "checkpoints === undefined", "false"),
      at(SERVE, "checkpoints !== undefined", "true"),
      at(SERVE, "kept !== undefined", "true"),
    ],
  },
  {
    why: "the same: by default no proxy is believed",
    places: [at(SERVE, "() => []", "() => undefined")],
  },
  {
    why: "for the compiler alone: where there is a credential, a port was given",
    places: [at(SERVE, "() => 0", "() => undefined")],
  },
  {
    why: "for the compiler alone: the key was opened just before, and so has a text",
    places: [at(BACKUP, "keyText !== undefined", "true")],
  },
  {
    why: "the same: what is read as bytes is written as the same bytes",
    places: [at(BACKUP, '"utf8"', '""'), at(RESTORE, '"utf8"', '""')],
  },
  {
    why: "the same: `undefined` is as false",
    places: [at(BACKUP, "() => false", "() => undefined")],
  },
  {
    why: "only a power cut shows what had not reached the disk",
    places: [at(BACKUP, "(name) => settleFile(join(stage, name))", "() => undefined")],
  },
  {
    why: "only of a database, which a test in process has not: tried in test/live/Backup.test.ts",
    places: [at(RESTORE, "location.file === undefined", "false")],
  },
  {
    why: "the same: a backup without keys of subjects has none that could be taken",
    places: [at(RESTORE, "manifest.hasSubjectKeys", "true")],
  },
  {
    why: "the same: such a file is not there, and is left out",
    places: [at(FILES, "[]", '["Stryker was here"]')],
  },
  {
    why: "for the compiler alone: a store in a file has the name of a key ring",
    places: [at(KEPT, "keyFile !== undefined", "true")],
  },
  {
    why: "never reached: the head of a log that was read a moment before can be read",
    places: [at(KEPT, '"clock"', '""')],
  },
  {
    why: "the same: a function that goes on to its end gives `undefined`, too",
    places: [at(REACHED, "{ return undefined }", "{}")],
  },
  {
    why: "the same: neither text is JSON",
    places: [at(REACHED, '""', '"Stryker was here!"')],
  },
  {
    why: "for the compiler alone: `null` is no date, either",
    places: [at(REACHED, "date === null", "false")],
  },
  {
    why: "only ten seconds of silence come to it",
    places: [at(REACHED, "() => done(undefined)", "() => undefined")],
  },
]
