/** Tiles of a log that cannot be read: whoever asks is told to come again, and the operator why. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Option } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { tilesListener, type TiledLog } from "../../../src/cli/tiles/TilesListener.ts"
import { StoreFault } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"

const serving = async (tiled: TiledLog): Promise<string> => {
  const http = createServer(tilesListener(tiled))
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

it("a log that cannot be read is answered with 503, and nothing of why", async () => {
  const told: Array<string> = []
  const fault = Effect.fail(new StoreFault({ reason: "corrupt", message: "the disk is gone" }))
  const log = { ...memoryStore(), readTree: () => fault }
  const url = await serving({ log, checkpoint: fault, onFault: (sentence) => told.push(sentence) })
  for (const path of ["checkpoint", "tile/0/000.p/1"]) {
    const answer = await fetch(`${url}/${path}`)
    const { status, headers } = answer
    expect([status, headers.get("retry-after"), headers.get("cache-control")]).toEqual([503, "1", "no-store"])
    expect(await answer.text()).toBe("the log cannot be read\n")
  }
  expect(told).toEqual(["the disk is gone", "the disk is gone"])
})

it("a log without entries has no tile, and a log without a checkpoint says so", async () => {
  const url = await serving({ log: memoryStore(), checkpoint: Effect.succeed(Option.none()), onFault: () => {} })
  const texts = await Promise.all(
    ["checkpoint", "tile/0/000.p/1"].map(async (path) => {
      const answer = await fetch(`${url}/${path}`)
      return [answer.status, await answer.text()]
    }),
  )
  expect(texts).toEqual([
    [404, "there is no checkpoint yet\n"],
    [404, "the log has no such tile\n"],
  ])
})
