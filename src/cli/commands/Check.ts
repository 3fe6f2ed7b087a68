/**
 * `grantlog check TARGET`: the promises tried on somebody's provider, or on any authorization server from outside.
 *
 * Exit codes: 0 when nothing is broken, 1 when something is, 2 when the check could not be done or not be relied on.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Command from "effect/cli/Command"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { isThisMachine } from "../../protocol/index.ts"
import { askOnTerminal } from "../check/AskForLogin.ts"
import { BUDGET_SECONDS, flags, MAX_RATE, type CheckFlags } from "../check/CheckFlags.ts"
import { faultOf, shown } from "../check/Ending.ts"
import { checkWritable, write, writeTest, type Checkable } from "../check/Files.ts"
import { renderHtml } from "../check/Html.ts"
import { endpointsIn, issuerMisuse, openIssuerFlags } from "../check/IssuerFlags.ts"
import type { Checked, Job } from "../check/Job.ts"
import { loginCommand } from "../check/LoginCommand.ts"
import { misuseOfPython, runPython } from "../check/Python.ts"
import { runCheck } from "../check/Run.ts"
import { parseTarget, type Target } from "../check/Target.ts"
import { watched } from "../check/Watching.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { optional, words } from "../Flags.ts"
import { printJson, printLine } from "../Print.ts"

const SECOND_MILLIS = 1000

const usage = (message: string) => Effect.fail(new UsageFault({ message }))

/** Flags by the name they are typed with, where they were given. */
const given = (options: Readonly<Record<string, Option.Option<unknown> | boolean>>): ReadonlyArray<string> =>
  Object.entries(options).flatMap(([name, value]) => {
    const isGiven = typeof value === "boolean" ? value : Option.isSome(value)
    return isGiven ? [`--${name}`] : []
  })

/** What is wrong with the flags for this target. */
const misuseOf = (target: Target, all: CheckFlags): string | undefined => {
  if (Option.exists(all.budget, (seconds) => seconds < 1)) return "--budget is at least one second"
  if (Option.exists(all.writeTest, (file) => /\.c[jt]s$/.test(file))) {
    return "--write-test: the test is an ES module, so name it .mjs, .js or .ts"
  }
  if (Option.exists(all.seeds, (count) => count < 1)) return "--seeds is at least one"
  const pythonMisuse = misuseOfPython(target._tag === "Python", all)
  if (pythonMisuse !== undefined) return pythonMisuse
  if (target._tag !== "Issuer") {
    // Those that an environment variable may have set say nothing about this call.
    const { auto, rate, mayTestHost } = all
    const { "other-client-id": _, ...open } = openIssuerFlags(all)
    const wrong = given({ auto, rate, "resource-url": all.resourceUrl, ...open, "i-may-test-this-host": mayTestHost })
    return wrong.length === 0 ? undefined : `${wrong.join(", ")}: only for the URL of an issuer`
  }
  const foreign = [...(all.export === "default" ? [] : ["--export"]), ...(Option.isNone(all.seeds) ? [] : ["--seeds"])]
  if (foreign.length > 0) return `${foreign.join(", ")}: only for a module`
  if (!isThisMachine(new URL(target.url).hostname) && !all.mayTestHost) {
    return `\`${new URL(target.url).host}\` is not on this machine: add --i-may-test-this-host if you may`
  }
  if (Option.exists(all.rate, (rate) => rate < 1 || rate > MAX_RATE)) return `--rate is between 1 and ${MAX_RATE}`
  return Option.isSome(all.clientSecret) && Option.isNone(all.clientId)
    ? "--client-secret is a secret of --client-id, which is missing"
    : issuerMisuse(all, all)
}

const asking = (all: CheckFlags) => ({
  ...optional("scopes", Option.map(all.scope, words)),
  ...optional("resources", Option.map(all.resource, words)),
})

const inMillis = (seconds: number): number => seconds * SECOND_MILLIS
const budgetOf = ({ budget }: CheckFlags) => optional("budgetMillis", Option.map(budget, inMillis))

const common = (all: CheckFlags) => ({
  ...optional("seed", all.seed),
  ...optional("path", all.path),
  ...budgetOf(all),
  ...(all.only.length === 0 ? {} : { only: all.only }),
  ...asking(all),
})

/** What is said of an issuer; nothing secret, for a test that replays the check says it too. */
const issuerOptions = (all: CheckFlags) => ({
  ...optional("redirectUri", all.redirectUri),
  ...optional("resourceUrl", all.resourceUrl),
  ...optional("ratePerSecond", all.rate),
  ...optional("otherClientId", all.otherClientId),
  endpoints: endpointsIn(all),
  ...(all.mayTestHost ? { mayTestHost: true } : {}),
})

/** The call that was made, for who wants to see it again: what was tried, and how; no secret, and nothing that was left behind. */
const callOf = (all: CheckFlags): ReadonlyArray<string> => {
  const named = {
    python: all.python,
    export: all.export === "default" ? Option.none() : Option.some(all.export),
    scope: all.scope,
    resource: all.resource,
    "client-id": all.clientId,
    "redirect-uri": all.redirectUri,
    "resource-url": all.resourceUrl,
    rate: all.rate,
    ...openIssuerFlags(all),
  }
  const values = Object.entries(named).flatMap(([name, value]: [string, Option.Option<string | number>]) =>
    Option.match(value, { onNone: () => [], onSome: (one) => [`--${name}`, String(one)] }),
  )
  return [all.target, ...values, ...given({ auto: all.auto, "i-may-test-this-host": all.mayTestHost })]
}

/** What is said of a module besides, here and by a test that replays the check. */
const providerOptions = (all: CheckFlags) => optional("redirectUris", Option.map(all.redirectUri, words))

const moduleOptions = (all: CheckFlags): Job["options"] => ({
  budgetMillis: inMillis(BUDGET_SECONDS),
  ...common(all),
  ...providerOptions(all),
  ...optional("seedCount", all.seeds),
})

/** A report, and what is known by now of a module. */
interface Done {
  readonly report: KitReport
  readonly module: Omit<Checked, "report"> | undefined
}

const checkModule = Effect.fnUntraced(function* (target: Extract<Target, { _tag: "Provider" }>, all: CheckFlags) {
  const { path, exportName } = target
  const job = { path, exportName, options: moduleOptions(all) }
  const { report, ...module } = yield* runCheck((told) => watched(job, told), { isAsking: false })
  return { report: { ...report, subject: all.target, call: callOf(all) }, module }
})

const checkPython = Effect.fnUntraced(function* (target: Extract<Target, { _tag: "Python" }>, all: CheckFlags) {
  const report = yield* runPython(target, all.python, moduleOptions(all))
  return { report: { ...report, subject: all.target, call: callOf(all) }, module: undefined }
})

const checkServer = Effect.fnUntraced(function* (target: Extract<Target, { _tag: "Issuer" }>, all: CheckFlags) {
  // The kit is large and only this command wants it, so that it is loaded where it is wanted.
  const { checkIssuer } = yield* Effect.promise(() => import("../../../properties/kit/issuer/checkIssuer.ts"))
  const program = Option.getOrUndefined(all.loginCommand)
  const terminal =
    all.auto || program !== undefined
      ? undefined
      : yield* Effect.acquireRelease(Effect.sync(askOnTerminal), (open) => Effect.sync(() => open[Symbol.dispose]()))
  const options = {
    ...common(all),
    ...issuerOptions(all),
    ...optional("clientId", all.clientId),
    ...optional("clientSecret", all.clientSecret),
    ...optional("otherClientSecret", all.otherClientSecret),
    ...(terminal === undefined ? {} : { askForLogin: terminal.ask, approveDevice: terminal.allow }),
    ...(program === undefined ? {} : { askForLogin: loginCommand(program), isLoginProgram: true }),
  }
  const report = yield* runCheck(({ onProgress }) => checkIssuer(target.url, { ...options, onProgress }), {
    isAsking: terminal !== undefined,
  })
  return { report: { ...report, call: callOf(all) }, module: undefined }
})

const leaveFiles = Effect.fnUntraced(function* (report: KitReport, target: Checkable, all: CheckFlags) {
  if (Option.isSome(all.html)) {
    yield* write("html", all.html.value, yield* Effect.promise(() => renderHtml(report)))
  }
  if (Option.isNone(all.writeTest)) return
  const own = target._tag === "Issuer" ? issuerOptions(all) : providerOptions(all)
  const options = { ...budgetOf(all), ...asking(all), ...own }
  yield* writeTest(report, target, all.writeTest.value, options)
})

export const check = makeCommand(
  "check",
  flags,
  Effect.fn(function* (all) {
    const target = yield* parseTarget(all.target, all.export)
    const misuse = misuseOf(target, all)
    if (misuse !== undefined) return yield* usage(misuse)
    if (Option.isSome(all.html)) yield* checkWritable("html", all.html.value, all.force)
    if (Option.isSome(all.writeTest)) yield* checkWritable("write-test", all.writeTest.value, all.force)

    const checking: Effect.Effect<Done, UsageFault, Scope.Scope> =
      target._tag === "Provider"
        ? checkModule(target, all)
        : target._tag === "Python"
          ? checkPython(target, all)
          : checkServer(target, all)
    const stopped = Effect.die(new UsageFault({ message: "stopped before the check was done" }))
    const { report, module } = yield* Effect.onInterrupt(checking, () => stopped)
    const unknown = all.only.filter((name) => report.results.every(({ promise }) => promise !== name))
    if (unknown.length > 0)
      return yield* usage(`--only: there is nothing called \`${unknown.join("`, `")}\` to try here`)
    yield* all.json ? printJson(report) : printLine(shown(report))
    yield* leaveFiles(report, { ...target, ...module }, all)

    const fault = faultOf(report)
    if (fault !== undefined) return yield* Effect.fail(fault)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog check ./provider.ts", description: "A module whose default export makes a provider" },
    {
      command: "grantlog check python:my_package.auth:make_provider",
      description: "A provider on FastMCP's or the MCP Python SDK's contract",
    },
    { command: "grantlog check http://localhost:4000 --auto", description: "A server that approves by itself" },
    {
      command: "grantlog check http://localhost:8000/mcp --auto",
      description: "An MCP server, and the issuer it names",
    },
    {
      command: "grantlog check https://id.example.com --i-may-test-this-host --client-id app",
      description: "A server elsewhere: you sign in, and paste where that led",
    },
  ]),
)
