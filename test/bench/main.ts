/**
 * `npm run bench`: CPU per operation, beside a bare node:http server that does the same authentication, one digest and
 * one SELECT; both interleaved in one run, so that the ratios hold whatever the machine.
 *
 * Writes its table into README.md, between the markers. Nothing passes or fails here.
 */
import { fork, type ChildProcess } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { measureEngines } from "./Engines.ts"
import { loads, type LoadName } from "./Load.ts"
import type { Target } from "./Server.ts"

const ROUNDS = 7
const PER_ROUND = 640

const folder = mkdtempSync(join(tmpdir(), "grantlog-bench-"))
const README = new URL("../../README.md", import.meta.url)

const next = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    const end = (code: number | null) => reject(new Error(`a server ended with ${code}`))
    child.once("exit", end)
    child.once("message", (message) => {
      child.off("exit", end)
      resolve(message as A)
    })
  })

const start = async (kind: "bare" | "grantlog") => {
  const child = fork(new URL("./Server.ts", import.meta.url), [kind, folder])
  const target = await next<Target>(child)
  const cpuMicros = async () => {
    child.send("cpu")
    const { user, system } = await next<NodeJS.CpuUsage>(child)
    return user + system
  }
  return { child, target, cpuMicros }
}

type Side = Awaited<ReturnType<typeof start>>

/** CPU microseconds of the server per operation. */
const measure = async ({ target, cpuMicros }: Side, load: LoadName): Promise<number> => {
  const before = await cpuMicros()
  await loads[load](target, PER_ROUND)
  return ((await cpuMicros()) - before) / PER_ROUND
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const bare = await start("bare")
const grantlog = await start("grantlog")
const names = Object.keys(loads) as ReadonlyArray<LoadName>
const measured = new Map<LoadName, Array<{ readonly ours: number; readonly ratio: number }>>(
  names.map((name) => [name, []]),
)
const bareMicros: Array<number> = []

for (let round = -1; round < ROUNDS; round++) {
  process.stderr.write(round < 0 ? "warming up\n" : `round ${round + 1} of ${ROUNDS}\n`)
  for (const name of names) {
    const least = await measure(bare, "introspection")
    const ours = await measure(grantlog, name)
    if (round < 0) continue
    bareMicros.push(least)
    measured.get(name)!.push({ ours, ratio: ours / least })
  }
}

process.stderr.write("engines\n")
const rows = names.map((name) => {
  const values = measured.get(name)!
  const ours = median(values.map((value) => value.ours)).toFixed(0)
  return `| ${name} | ${ours} | ${median(values.map((value) => value.ratio)).toFixed(1)} |`
})
const table = [
  `Medians of ${ROUNDS} rounds of ${PER_ROUND} operations, 16 connections, SQLite with \`synchronous=FULL\`; Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${process.platform}.`,
  "",
  "| operation | CPU-µs | times the bare server |",
  "| --- | ---: | ---: |",
  `| bare node:http server: authentication, digest, one SELECT | ${median(bareMicros).toFixed(0)} | 1.0 |`,
  ...rows,
  "",
  "The engines that try the promises:",
  "",
  measureEngines(),
].join("\n")

bare.child.disconnect()
grantlog.child.disconnect()
rmSync(folder, { recursive: true, force: true })

const [BEGIN, END] = ["<!-- bench -->", "<!-- /bench -->"]
const text = readFileSync(README, "utf8")
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
if (begin >= 0 && end > begin) {
  writeFileSync(README, `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`)
}
console.log(table)
