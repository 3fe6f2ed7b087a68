/**
 * Question i: what it costs to load: each entry point of the package beside jose, the command beside a bare Node.
 *
 * All of it as the package has it: built, and each time in a process of its own. CPU of an import is that of the import
 * alone; CPU of the command is that of the process from its start, to its end or to what is named.
 */
import { execFile, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { interleave, median, ratioOf, type Asked, type Taken } from "./Measure.ts"
import { bytes, tableOf, type Row } from "./Report.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, unknown>>
  readonly bin: Readonly<Record<"grantlog", string>>
}
const entryPoints = Object.keys(manifest.exports).map((path) => path.replace(/^\./, "grantlog"))
const command = join(ROOT, manifest.bin.grantlog)

const millis = (cpuMicros: number): string => `${(cpuMicros / 1000).toFixed(0)} ms`

const NOTHING = "data:text/javascript,"

const IMPORTING = `const before = process.cpuUsage()
await import(process.argv[1])
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ cpuMicros: user + system, residentBytes: process.memoryUsage.rss() }))`

interface Imported {
  readonly cpuMicros: number
  readonly residentBytes: number
}

const importing = async (module: string): Promise<Imported> => {
  const args = ["--input-type=module", "--eval", IMPORTING, module]
  return JSON.parse((await promisify(execFile)(process.execPath, args, { cwd: ROOT })).stdout) as Imported
}

const measureImports = async (of: keyof Imported, rounds: number, modules: ReadonlyArray<string>) =>
  interleave(rounds, Object.fromEntries(modules.map((module) => [module, async () => (await importing(module))[of]])))

/** What a server that has to check a token is willing to carry for it. */
const importAims: Readonly<Record<string, { readonly cpu: Row["aim"]; readonly memory: Row["aim"] }>> = {
  "grantlog/resource": { cpu: { atMost: 2 }, memory: { atMost: 25 } },
}

const cpuRows = (taken: Taken<string>): ReadonlyArray<Row> =>
  entryPoints.map((name) => ({
    name: `\`${name}\``,
    ours: millis(median(taken[name]!)),
    other: millis(median(taken["jose"]!)),
    ratio: ratioOf(taken[name]!, taken["jose"]!),
    ...(importAims[name]?.cpu === undefined ? {} : { aim: importAims[name].cpu }),
  }))

const memoryRows = (taken: Taken<string>): ReadonlyArray<Row> =>
  [...entryPoints, "jose"].map((name) => ({
    name: `\`${name}\``,
    ours: bytes(median(taken[name]!)),
    other: bytes(median(taken[NOTHING]!)),
    ratio: (median(taken[name]!) - median(taken[NOTHING]!)) / 1e6,
    ...(importAims[name]?.memory === undefined ? {} : { aim: importAims[name].memory }),
  }))

/** Tells on a descriptor of its own what CPU the process has used: when it ends, and when it is asked by a signal. */
const TELLING = `data:text/javascript,${encodeURIComponent(`import { writeSync } from "node:fs"
const tell = () => {
  const { user, system } = process.cpuUsage()
  writeSync(3, String(user + system) + " ")
}
process.on("exit", tell)
process.on("SIGUSR2", tell)`)}`

/** CPU of a process in microseconds: to its end, or until what its first line leads to has happened. */
const cpuMicrosOf = async (args: ReadonlyArray<string>, until?: (firstLine: string) => Promise<unknown>) => {
  const child = spawn(process.execPath, ["--import", TELLING, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  })
  const told = text(child.stdio[3] as NodeJS.ReadableStream)
  const ended = once(child, "exit")
  if (until !== undefined) {
    const [line] = await Promise.race([once(child.stdout!.setEncoding("utf8"), "data"), ended])
    if (typeof line !== "string") throw new Error(`${args.join(" ")} ended before it was asked`)
    await until(line)
    child.kill("SIGUSR2")
    child.kill("SIGTERM")
  }
  await ended
  return Number((await told).split(" ")[0])
}

const askForMetadata = async (firstLine: string): Promise<void> => {
  const { port } = JSON.parse(firstLine) as { readonly port: number }
  const { status } = await fetch(`http://localhost:${port}/.well-known/oauth-authorization-server`)
  if (status !== 200) throw new Error(`the server answered ${status}`)
}

/** The store is one that was served before, as it is at every start but the first. */
const measureCommand = async (rounds: number, store: string) => {
  // The port is another each time, and the issuer that of the store.
  const flags = ["--json", "--port", "0", "--issuer", "http://localhost:4000", "--store", store]
  const serve = () => cpuMicrosOf([command, "serve", ...flags], askForMetadata)
  await serve()
  return interleave(rounds, {
    "a bare Node": () => cpuMicrosOf(["--eval", "0"]),
    "`grantlog --version`": () => cpuMicrosOf([command, "--version"]),
    "`grantlog --help`": () => cpuMicrosOf([command, "--help"]),
    "`grantlog client list`": () => cpuMicrosOf([command, "client", "list", "--store", store]),
    "`grantlog serve` to its first answer": serve,
  })
}

const commandAims: Readonly<Record<string, number>> = {
  "`grantlog --version`": 3,
  "`grantlog client list`": 8,
  "`grantlog serve` to its first answer": 15,
}

const commandRows = (taken: Taken<string>): ReadonlyArray<Row> => {
  const { "a bare Node": bare, ...commands } = taken
  return Object.entries(commands).map(([name, cpuMicros]) => ({
    name,
    ours: millis(median(cpuMicros)),
    other: millis(median(bare!)),
    ratio: ratioOf(cpuMicros, bare!),
    ...(commandAims[name] === undefined ? {} : { aim: { atMost: commandAims[name] } }),
  }))
}

export const measureLoading = async ({ rounds, folder, progress }: Asked): Promise<string> => {
  progress("building")
  execFileSync("npm", ["run", "--silent", "prepare"], { cwd: ROOT, stdio: "inherit" })
  progress("entry points")
  const cpu = await measureImports("cpuMicros", rounds, [...entryPoints, "jose"])
  const memory = await measureImports("residentBytes", rounds, [...entryPoints, "jose", NOTHING])
  progress("the command")
  const commands = await measureCommand(rounds, `sqlite:${join(folder, "grantlog.db")}`)
  return [
    { title: "i. importing, CPU", columns: ["entry point", "jose", "× jose"] as const, rows: cpuRows(cpu) },
    {
      title: "i. importing, memory",
      columns: ["resident", "bare Node", "MB over bare Node"] as const,
      rows: memoryRows(memory),
    },
    {
      title: "i. starting the command, CPU",
      columns: ["command", "bare Node", "× bare"] as const,
      rows: commandRows(commands),
    },
  ]
    .map(tableOf)
    .join("\n\n")
}
