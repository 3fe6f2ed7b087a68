/** An export of any length needs the memory of a few pages: read when its lines are taken, and let go. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { cloudEventLines } from "../../../src/audit/proof/Export.ts"
import { EpochMillis } from "../../../src/core/index.ts"
import { toStored } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { collect, ISSUER } from "./ExportedLog.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

describe("a long log", () => {
  const PAGE = 128
  const SIZE = 12 * PAGE + 1
  const entryAt = (position: number) =>
    toStored({
      position,
      stream: "issuer",
      version: position + 1,
      recordedAt: position,
      id: `event${position}`,
      correlationId: `request${position}`,
      causationId: null,
      actor: null,
      sealed: null,
      event: { _tag: "IssuerEpochRaised", reason: "again", raisedAt: EpochMillis.make(position) },
    })

  const longLog = (): { readonly log: ServerStore; readonly pages: Array<WeakRef<object>> } => {
    const pages: Array<WeakRef<object>> = []
    const read = (start: number, limit = PAGE) =>
      Effect.sync(() => {
        const page = Array.from({ length: Math.min(limit, SIZE - start) }, (_, index) => entryAt(start + index))
        pages.push(new WeakRef(page))
        return page
      })
    return { log: { ...memoryStore(), readStored: read }, pages }
  }

  it("is read a page at a time, when the lines before it are taken, and let go", async () => {
    setFlagsFromString("--expose-gc")
    const collectGarbage = runInNewContext("gc") as () => void
    const { log: long, pages } = longLog()
    const lines = cloudEventLines(long, ISSUER, SIZE, { from: 0, withDigests: false })
    let lineCount = 0
    let mostAlive = 0
    for await (const line of Stream.toAsyncIterable(lines)) {
      expect(line).toContain(`"id":"event${lineCount}"`)
      lineCount++
      if (lineCount % PAGE !== 0) continue
      expect(pages.length).toBe(lineCount / PAGE)
      // A reference that was read is kept until the task has ended.
      await new Promise(setImmediate)
      collectGarbage()
      mostAlive = Math.max(mostAlive, pages.filter((page) => page.deref() !== undefined).length)
    }
    expect(lineCount).toBe(SIZE)
    expect(mostAlive).toBeLessThanOrEqual(3)
  })

  it("is read no further when nobody takes more of it", async () => {
    const { log: long, pages } = longLog()
    const lines = cloudEventLines(long, ISSUER, SIZE, { from: 0, withDigests: false })
    expect(await collect(Stream.take(lines, 10))).toHaveLength(10)
    expect(pages).toHaveLength(1)
  })
})
