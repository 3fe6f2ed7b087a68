/**
 * Question j: where the CPU of an operation goes, by parts of the house and of what it stands on.
 *
 * A sampling profile of the server's thread while a load runs. What other threads do, and what sampling itself costs, is
 * not in it, so that its figures are shares and not times. A sample says where the thread is, at work or waiting: how long
 * commits waited for the disk is taken from SQLite's share.
 */
import { join } from "node:path"
import type { Profiler } from "node:inspector"
import { prepareLoad, type LoadName } from "./Load.ts"
import type { Asked } from "./Measure.ts"
import type { Profiled } from "./Server.ts"
import { startSide } from "./Sides.ts"

const asks = ["introspection", "client credentials", "refresh", "code flow"] as const satisfies ReadonlyArray<LoadName>

const parts = {
  http: "our HTTP layer",
  provider: "our provider",
  core: "our core: deciding, folding",
  projection: "our rows",
  log: "our log: canonical text, hashes, group commit",
  sqlite: "SQLite",
  effect: "Effect: fibers and schemas",
  node: "Node: HTTP, streams, cryptography",
  idle: "",
  garbage: "garbage collection",
  other: "the rest",
} as const
type Part = keyof typeof parts

const folders = new Set<string>(["http", "provider", "core", "projection", "log"])

/** Native code has no address: it belongs to whoever called it, and what a driver calls is SQLite. */
const partOf = ({ url, functionName }: Profiler.ProfileNode["callFrame"], caller: Part): Part => {
  if (functionName === "(garbage collector)") return "garbage"
  if (functionName === "(idle)") return "idle"
  if (url === "") return functionName.startsWith("(") ? "other" : caller
  if (/\/src\/log\/sql\/(?:NodeSqlite|BetterSqlite3)\.ts$/.test(url)) return "sqlite"
  const folder = /\/src\/([^/]+)\//.exec(url)?.[1]
  if (folder !== undefined && folders.has(folder)) return folder as Part
  if (url.includes("/node_modules/effect/")) return "effect"
  return url.startsWith("node:") ? "node" : "other"
}

/** Shares of the CPU, by the part on top of the stack. */
const sharesOf = ({ profile, waitedMicros }: Profiled): ReadonlyMap<Part, number> => {
  const { nodes, samples = [], timeDeltas = [] } = profile
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const partById = new Map<number, Part>()
  const place = (id: number, caller: Part): void => {
    const node = byId.get(id)!
    const part = partOf(node.callFrame, caller)
    partById.set(id, part)
    for (const child of node.children ?? []) place(child, part)
  }
  place(nodes[0]!.id, "other")
  const micros = new Map<Part, number>()
  for (const [index, id] of samples.entries()) {
    const part = partById.get(id)!
    if (part !== "idle") micros.set(part, (micros.get(part) ?? 0) + timeDeltas[index]!)
  }
  const seen = [...micros.values()].reduce((sum, own) => sum + own, 0)
  micros.set("sqlite", (micros.get("sqlite") ?? 0) - waitedMicros)
  return new Map([...micros].map(([part, own]) => [part, own / (seen - waitedMicros)]))
}

/** A table of Markdown. */
export const measureProfile = async ({ rounds, operationCount, folder, progress }: Asked): Promise<string> => {
  const side = await startSide("grantlog", join(folder, "profile"))
  try {
    const columns: Array<ReadonlyMap<Part, number>> = []
    for (const load of asks) {
      progress(load)
      const send = await prepareLoad(load, side.target)
      await send(operationCount)
      columns.push(sharesOf(await side.profileOf(() => send(operationCount * rounds))))
    }
    const percent = (share = 0) => `${(share * 100).toFixed(0)} %`
    const rows = Object.entries(parts)
      .filter(([part]) => part !== "idle")
      .map(([part, name]) => [name, ...columns.map((shares) => percent(shares.get(part as Part)))])
    return [["j. where the CPU of the server's thread goes", ...asks], ["---", ...asks.map(() => "---:")], ...rows]
      .map((cells) => `| ${cells.join(" | ")} |`)
      .join("\n")
  } finally {
    await side.stop()
  }
}
