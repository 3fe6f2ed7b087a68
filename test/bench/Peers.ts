/** Question b: durable grantlog beside other people's servers that keep everything in memory. */
import { join } from "node:path"
import { microsPerOperation, type LoadName } from "./Load.ts"
import { interleave, median, ratioOf, type Asked, type Taken } from "./Measure.ts"
import { micros, type Row, type Section } from "./Report.ts"
import { startFastmcpSide, startSide, type Side } from "./Sides.ts"

type Peer = "oidc-provider" | "FastMCP"

const asks: ReadonlyArray<{ readonly load: LoadName; readonly peer: Peer; readonly atMost: number }> = [
  { load: "code flow", peer: "oidc-provider", atMost: 0.25 },
  { load: "code flow of a new browser", peer: "oidc-provider", atMost: 0.25 },
  { load: "code flow", peer: "FastMCP", atMost: 0.5 },
  { load: "refresh", peer: "oidc-provider", atMost: 0.5 },
  { load: "refresh", peer: "FastMCP", atMost: 0.5 },
  { load: "introspection", peer: "oidc-provider", atMost: 0.25 },
]

const DURABLE = "SQLite writes entries, rows and their indexes; the peer writes to a map"

const why: Readonly<Record<string, string>> = {
  "code flow": DURABLE,
  "code flow of a new browser": DURABLE,
  refresh: DURABLE,
  introspection: "most of it is node:http; then the file is asked whether somebody else wrote",
}

export const measurePeers = async ({ rounds, operationCount, folder, progress }: Asked): Promise<Section> => {
  const grantlog = await startSide("grantlog", join(folder, "peers"))
  const oidcProvider = await startSide("oidc-provider", join(folder, "oidc-provider"))
  const fastmcp = await startFastmcpSide()
  try {
    if ("skipped" in fastmcp) progress(`SKIPPED: ${fastmcp.skipped}`)
    const takenOf = async (load: LoadName): Promise<Taken<"grantlog" | Peer>> => {
      progress(load)
      const of = (side: Side) => () => microsPerOperation(side, load, operationCount)
      const sides = { grantlog: of(grantlog), "oidc-provider": of(oidcProvider) }
      const isAsked = asks.some((ask) => ask.load === load && ask.peer === "FastMCP")
      if ("skipped" in fastmcp || !isAsked) return { ...(await interleave(rounds, sides)), FastMCP: [] }
      return interleave(rounds, { ...sides, FastMCP: of(fastmcp) })
    }
    const taken = {
      // First, for oidc-provider's memory forgets what was not asked for while a thousand other things were kept.
      introspection: await takenOf("introspection"),
      "code flow": await takenOf("code flow"),
      "code flow of a new browser": await takenOf("code flow of a new browser"),
      refresh: await takenOf("refresh"),
    }
    const rows = asks.map(({ load, peer, atMost }): Row => {
      const { grantlog: ours, [peer]: other } = taken[load as keyof typeof taken]
      const row = { name: `${load}, beside ${peer}`, ours: micros(median(ours)) }
      if (other.length === 0) return { ...row, other: "SKIPPED: not on this machine" }
      return {
        ...row,
        other: micros(median(other)),
        ratio: ratioOf(ours, other),
        aim: { atMost },
        why: why[load]!,
      }
    })
    return {
      title: "b. CPU of the server an operation",
      columns: ["grantlog, durable", "the peer, in memory", "× the peer"],
      rows,
    }
  } finally {
    const stops = "skipped" in fastmcp ? [] : [fastmcp.stop()]
    await Promise.all([grantlog.stop(), oidcProvider.stop(), ...stops])
  }
}
