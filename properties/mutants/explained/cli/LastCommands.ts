/** Why mutants of Stryker in `src/cli/commands` may live: grants, keys, proofs, the ring, the catalogue and logins. */
import { at, type Explanation } from "../../Explanation.ts"

export const lastCommands: ReadonlyArray<Explanation> = [
  {
    why: "never reached: whatever event of a grant names a client is asked for by its id",
    places: [at("commands/Grant.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: for the compiler alone; nothing was recorded before `undefined`",
    places: [at("commands/History.ts", "times.since === undefined", "false")],
  },
  {
    why: "the same: of `undefined` nothing is spread",
    places: [
      at("commands/Login.ts", "() => ({})", "() => undefined"),
      at("commands/Logout.ts", "() => ({})", "() => undefined"),
      at("commands/Token.ts", "() => ({})", "() => undefined"),
    ],
  },
  {
    why: "the same: between two databases only the address of what lies beside can be wrong, and has a flag of its own",
    places: [at("commands/Migrate.ts", '"from"', '""')],
  },
  {
    why: "the same: a log that has no issuer yet belongs to nobody, and none is compared",
    places: [
      at("commands/Ring.ts", '""', '"Stryker was here!"'),
      at("commands/Ring.ts", 'state._tag === "Initialized"', "true"),
    ],
  },
  {
    why: "for the compiler alone: a ring that is in no file is refused, before or next",
    places: [at("commands/Ring.ts", "keyFile !== undefined", "true")],
  },
  {
    why: "never reached: a ring has a key",
    places: [at("commands/Ring.ts", '"no keys"', '""')],
  },
  {
    why: "the same: one more page is read, which is empty",
    places: [at("commands/Ring.ts", "from < size", "from <= size")],
  },
  {
    why: "the same: pages overlap then, and each of their entries is looked at",
    places: [at("commands/Ring.ts", "-1", "+1")],
  },
  {
    why: "never reached: below the size of the log there are entries",
    places: [at("commands/Ring.ts", "last === undefined", "false")],
  },
  {
    why: "never reached: the trace is made of the requirements, and has an entry for each",
    places: [
      at("commands/Spec.ts", "entry === undefined", "false"),
      at("commands/Spec.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "never reached: the trace is made of the attacks, and has each of them",
    places: [
      at("commands/Spec.ts", "[]", '["Stryker was here"]'),
      at("commands/Spec.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: nothing is shown as `-` too",
    places: [at("commands/Spec.ts", '"-"', '""')],
  },
  {
    why: "in an installed package alone, which has no tests and reads what its build wrote: test/peers/Package.test.ts",
    places: [
      at("commands/Spec.ts", '"test"', '""'),
      at("commands/Spec.ts", '{ const file = join(packageFolder, "dist/trace.json") if (!existsSync(file)) thr…', "{}"),
      at("commands/Spec.ts", '"dist/trace.json"', '""'),
      at("commands/Spec.ts", "!existsSync(file)", "existsSync(file)"),
      at("commands/Spec.ts", "!existsSync(file)", "true"),
    ],
  },
  {
    why: "only where a checkout or a package is broken: a file of the repository, or the trace that the build wrote, is gone",
    places: [
      at("commands/Spec.ts", "!existsSync(file)", "false"),
      at("commands/Spec.ts", '"this package was built without it; read spec/REPORT.md in the repository"', '""'),
      at(
        "commands/Spec.ts",
        "(cause) => new CommandFault({ message: `the trace cannot be read: ${cause instan…",
        "() => undefined",
      ),
      at("commands/Spec.ts", "{ message: `the trace cannot be read: ${cause instanceof Error ? cause.message :…", "{}"),
      at("commands/Spec.ts", "`the trace cannot be read: ${cause instanceof Error ? cause.message : String(cau…", "``"),
    ],
  },
  {
    why: "the same: a member that is `undefined` is none, and JSON leaves it out",
    places: [at("commands/User.ts", "password === undefined", "false")],
  },
]
