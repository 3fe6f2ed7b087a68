/** Why mutants of Stryker in `src/cli/check` may live. */
import { at, type Explanation } from "../../Explanation.ts"

const [ASK, LOGIN, PYTHON] = ["check/AskForLogin.ts", "check/LoginCommand.ts", "check/Python.ts"] as const
const noted = at("check/Job.ts", "{ return undefined }", "{}")

export const check: ReadonlyArray<Explanation> = [
  {
    why: "runs in a process of its own, or ends it, which no test in process can do: tried in test/cli/check/Watching.test.ts and test/cli/Check.test.ts",
    files: ["check/Child.ts", "check/Watching.ts"],
  },
  {
    why: "is about what Node alone loads, which is another thing where the tests load modules: tried as a process in test/cli/check/Module.test.ts",
    files: ["check/Loader.ts"],
  },
  {
    why: "only five minutes of silence come to it",
    places: [
      at(ASK, "() => resolve(undefined)", "() => undefined"),
      at(ASK, "line === undefined || line.done === true", "false"),
      at(ASK, "line === undefined || line.done === true", "line === undefined && line.done === true"),
      at(ASK, "line === undefined", "false"),
    ],
  },
  {
    why: "for the compiler alone: behind the end there is no value",
    places: [at(ASK, "line.done === true", "false")],
  },
  {
    why: "the same but for how long the process stays when all is done",
    places: [at(ASK, "{ clearTimeout(timer) }", "{}"), at(ASK, "clearTimeout(timer)", ";")],
  },
  {
    why: "tests may be run by a user who may write to everything",
    places: [at("check/Files.ts", "accessSync(path, constants.W_OK)", ";")],
  },
  {
    why: "the same: a function that goes on to its end gives `undefined`, too",
    places: [noted, noted],
  },
  {
    why: "for the compiler alone: a text has a last line, and a first word",
    places: [
      at(LOGIN, '""', '"Stryker was here!"'),
      at(LOGIN, '""', '"Stryker was here!"'),
      at(LOGIN, 'text.trim().split("\\n").at(-1)?.trim', 'text.trim().split("\\n").at(-1).trim'),
    ],
  },
  {
    why: "only a program that takes two minutes comes to it",
    places: [
      at(LOGIN, "{ timeout: PATIENCE_MILLIS }", "{}"),
      at(LOGIN, "error.killed === true", "false"),
      at(LOGIN, "`it took longer than ${PATIENCE_MILLIS / 1000} s`", "``"),
      at(LOGIN, "PATIENCE_MILLIS / 1000", "PATIENCE_MILLIS * 1000"),
    ],
  },
  {
    why: "only with an interpreter of Python, which is a process of its own: tried in test/peers/PythonProviders.test.ts",
    places: [at(PYTHON, "{ seedCount: Infinity, ...options, onProgress }", "{}")],
  },
  {
    why: "the same where standard error is no terminal; what is said on one is tried in test/cli/check/Asking.test.ts",
    places: [at(PYTHON, "{ isAsking: false }", "{}"), at(PYTHON, "false", "true")],
  },
  {
    why: "the same but for the very millisecond at which ten seconds are over",
    places: [
      at("check/Run.ts", "performance.now() < toldAt + QUIET_MILLIS", "performance.now() <= toldAt + QUIET_MILLIS"),
    ],
  },
]
