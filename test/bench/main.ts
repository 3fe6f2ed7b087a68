/**
 * `npm run bench`: what grantlog costs, beside the least that would do, and beside other people's servers.
 *
 * Every figure that says something is a ratio within one interleaved run, so that it holds whatever the machine. Writes
 * its tables into README.md beside it, between the markers. Nothing passes or fails here; aims that are missed are printed as
 * missed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { measureAppends } from "./Appends.ts"
import { measureBytes } from "./Bytes.ts"
import { measureEngines } from "./Engines.ts"
import { measureGrowth } from "./Growth.ts"
import { measureLoading } from "./Loading.ts"
import { measureLogVerification } from "./LogVerification.ts"
import type { Asked } from "./Measure.ts"
import { measurePeers } from "./Peers.ts"
import { measurePostgres } from "./OnPostgres.ts"
import { measureProfile } from "./Profile.ts"
import { tableOf, type Section } from "./Report.ts"
import { measureRequests } from "./Requests.ts"
import { measureVerification } from "./Verification.ts"

const ROUNDS = 7
const OPERATIONS = 640

const tabled = (measure: (asked: Asked) => Promise<Section>) => async (asked: Asked) => tableOf(await measure(asked))

interface Question {
  readonly about: string
  readonly table: (asked: Asked) => Promise<string>
}

const questions: Readonly<Record<string, Question>> = {
  a: { about: "requests, beside a bare server", table: tabled(measureRequests) },
  b: { about: "logins, refreshes, introspections, beside oidc-provider and FastMCP", table: tabled(measurePeers) },
  c: { about: "verifying in the process, beside the SELECT", table: tabled(measureVerification) },
  d: { about: "appends, beside the bare driver", table: tabled(measureAppends) },
  e: { about: "starting and answering, as grants grow", table: tabled(measureGrowth) },
  f: { about: "bytes of the file", table: tabled(measureBytes) },
  g: { about: "verifying a whole log, beside hashing it", table: tabled(measureLogVerification) },
  h: { about: "the same over PostgreSQL, beside SQLite, and several instances of it", table: tabled(measurePostgres) },
  i: { about: "loading the entry points, beside jose, and starting the command, beside Node", table: measureLoading },
  j: { about: "where the CPU of an operation goes, by a profile", table: measureProfile },
  engines: { about: "the engines that try the promises", table: async () => measureEngines() },
}

const HELP = `usage: npm run bench -- [--full] [--only NAME,NAME...] [--rounds N] [--operations N]

  --full          the sizes that take many minutes and gigabytes of the temporary folder: a million grants, of entries
  --only NAMES    only these questions:
${Object.entries(questions)
  .map(([name, { about }]) => `                  ${name.padEnd(8)} ${about}`)
  .join("\n")}
  --rounds N      medians of N rounds, default ${ROUNDS}
  --operations N  operations of one side in one round, default ${OPERATIONS}
  --help          print this

test/bench/README.md is written when everything is measured as it is by default, or in full; else the tables are only printed.`

interface Flags {
  readonly names: ReadonlyArray<string>
  readonly rounds: number
  readonly operationCount: number
  readonly isFull: boolean
  /** Whether the figures are those that README shows. */
  readonly isForReadme: boolean
}

const flagsOf = (): Flags | "help" => {
  const { values } = parseArgs({
    options: {
      full: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      operations: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: false,
  })
  if (values.help) return "help"
  const count = (name: "rounds" | "operations", otherwise: number): number => {
    const given = values[name] ?? String(otherwise)
    if (!/^[1-9]\d{0,6}$/.test(given)) throw new Error(`--${name} \`${given}\` is no count: give a number from 1 on`)
    return Number(given)
  }
  const names = values.only?.split(",") ?? Object.keys(questions)
  const unknown = names.find((name) => !Object.hasOwn(questions, name))
  if (unknown !== undefined) throw new Error(`there is no question \`${unknown}\`: there are ${Object.keys(questions)}`)
  return {
    names,
    rounds: count("rounds", ROUNDS),
    operationCount: count("operations", OPERATIONS),
    isFull: values.full,
    isForReadme: [values.only, values.rounds, values.operations].every((flag) => flag === undefined),
  }
}

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

const versions = (): string => {
  const { devDependencies } = JSON.parse(textOf("../../package.json")) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  const fastmcp = /^fastmcp==(.*)$/m.exec(textOf("../peers/fastmcp/requirements.txt"))?.[1]
  const { node, sqlite } = process.versions
  return `Node ${node}, SQLite ${sqlite}, oidc-provider ${devDependencies["oidc-provider"]}, FastMCP ${fastmcp}`
}

const introduction = ({ rounds, operationCount }: Flags): string => {
  const machine = `${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${process.platform}`
  return `Medians of ${rounds} rounds of ${operationCount} operations from 16 callers, the sides of a table taking turns within each round; SQLite with \`synchronous=FULL\`. ${versions()}; ${machine}.`
}

const writeReadme = (report: string): void => {
  const readme = new URL("README.md", import.meta.url)
  const [beginMark, endMark] = ["<!-- bench -->", "<!-- /bench -->"]
  const text = readFileSync(readme, "utf8")
  const [begin, end] = [text.indexOf(beginMark), text.indexOf(endMark)]
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${beginMark} and ${endMark}: put them back`)
  writeFileSync(readme, `${text.slice(0, begin + beginMark.length)}\n\n${report}\n\n${text.slice(end)}`)
}

const measure = async (flags: Flags): Promise<string> => {
  const { names, rounds, operationCount, isFull } = flags
  const folder = mkdtempSync(join(tmpdir(), "grantlog-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  process.once("SIGINT", () => process.exit(130))
  process.once("SIGTERM", () => process.exit(143))
  const tables: Array<string> = []
  for (const name of names) {
    const { about, table } = questions[name]!
    console.error(`${name}: ${about}`)
    const progress = (what: string) => console.error(`${name}: ${what}`)
    const asked = { rounds, operationCount, isFull, folder: join(folder, name), progress }
    mkdirSync(asked.folder)
    tables.push(await table(asked))
    // The next one may need the room.
    rmSync(asked.folder, { recursive: true })
  }
  return [introduction(flags), ...tables].join("\n\n")
}

const flagsOrComplaint = (): Flags | "help" | undefined => {
  try {
    return flagsOf()
  } catch (cause) {
    console.error(`${cause instanceof Error ? cause.message : String(cause)}; --help shows what can be asked`)
    return undefined
  }
}

const flags = flagsOrComplaint()
if (flags === "help") console.log(HELP)
else if (flags === undefined) process.exitCode = 2
else {
  const report = await measure(flags)
  console.log(report)
  if (flags.isForReadme) writeReadme(report)
}
