/** Question a: how many requests a CPU-second is worth, beside a bare server that does the least. */
import { join } from "node:path"
import { microsPerOperation } from "./Load.ts"
import { interleave, median, ratioOf, type Asked } from "./Measure.ts"
import { micros, type Row, type Section } from "./Report.ts"
import { startSide } from "./Sides.ts"

const DURABLE = "entries, rows and their indexes are on the disk before it answers; the bare server writes nothing"

const asks = [
  {
    name: "introspection",
    load: "introspection",
    why: "the file is asked whether somebody else wrote, every parameter and header is read with care, and the answer names its request",
  },
  { name: "token request: client credentials", load: "client credentials", why: DURABLE },
  { name: "token request: refresh", load: "refresh", why: DURABLE },
] as const

export const measureRequests = async ({ rounds, operationCount, folder }: Asked): Promise<Section> => {
  const bare = await startSide("bare", join(folder, "bare"))
  const grantlog = await startSide("grantlog", join(folder, "requests"))
  try {
    const taken = await interleave(rounds, {
      bare: () => microsPerOperation(bare, "introspection", operationCount),
      "bare token": () => microsPerOperation(bare, "client credentials", operationCount),
      introspection: () => microsPerOperation(grantlog, "introspection", operationCount),
      "client credentials": () => microsPerOperation(grantlog, "client credentials", operationCount),
      refresh: () => microsPerOperation(grantlog, "refresh", operationCount),
    })
    const rows = asks.map(({ name, load, why }): Row => {
      const other = taken[load === "introspection" ? "bare" : "bare token"]
      return {
        name,
        ours: micros(median(taken[load])),
        other: micros(median(other)),
        ratio: ratioOf(other, taken[load]),
        aim: { atLeast: 0.7 },
        why,
      }
    })
    return {
      title: "a. requests, CPU of the server each",
      columns: ["grantlog", "bare node:http: authentication, digest, one SELECT", "requests a CPU-second, × bare"],
      rows,
    }
  } finally {
    await Promise.all([bare.stop(), grantlog.stop()])
  }
}
