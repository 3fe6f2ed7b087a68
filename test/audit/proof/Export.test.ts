/** An export proves itself to who has the key, whole and in any piece, and no digest slips out of it. */
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { eventTypes } from "../../../src/core/index.ts"
import { leafHash } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { busyExport, signedHead, textOf, verified, verifiedBytes, type BusyExport } from "./ExportedLog.ts"
import { run } from "../Logins.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

const busy = busyExport()

/** Every digest of a token, code or client secret of the log, by the digest index and by name. */
const tokenDigests = async ({ log, head }: Pick<BusyExport, "log" | "head">): Promise<ReadonlySet<string>> => {
  const entries = await run(log.readAll(0, head.size))
  const found = entries.flatMap(({ event }) => {
    const { digest, parent, accessToken, secret } = event as unknown as Record<string, unknown>
    return [digest, parent, accessToken, (secret as { readonly digest?: unknown } | null | undefined)?.digest]
  })
  return new Set(found.filter((value) => typeof value === "string"))
}

describe("an export", () => {
  it.each([true, false])("of a busy log holds, whole and in any piece (with digests: %s)", async (withDigests) => {
    const { head, exported } = busy()
    const { size, root, origin } = head
    for (const from of [0, 1, 2, 63, 64, 255, Math.floor(size / 2), size - 1, size]) {
      const lines = await exported(from, withDigests)
      expect(lines).toHaveLength(size - from + 2)
      const result = Result.getOrThrow(await verified(lines))
      expect(result).toMatchObject({ origin, size, root, from })
      expect(result.readableCount + result.hashedCount).toBe(size - from)
      if (withDigests) expect(result.hashedCount).toBe(0)
    }
  })

  it("is read in pieces of any size, whatever characters they cut through", async () => {
    const { head, exported } = busy()
    const bytes = Buffer.from(textOf(await exported(head.size - 40)))
    for (const size of [1, 7, 100, bytes.length]) expect(Result.isSuccess(await verifiedBytes(bytes, size))).toBe(true)
  })

  it("of an empty log holds, and proves that it is empty", async () => {
    const empty = memoryStore()
    const lines = await busy().exported(0, false, empty, await signedHead(empty))
    expect(Result.getOrThrow(await verified(lines))).toMatchObject({ size: 0, readableCount: 0, hashedCount: 0 })
  })

  it("gives an entry's bytes exactly as they were hashed", async () => {
    const { log, head, exported } = busy()
    const stored = await run(log.readStored(0, head.size))
    const lines = await exported(0, true)
    const bytes = lines.slice(1, -1).map((line) => (JSON.parse(line) as { readonly bytes: string }).bytes)
    expect(bytes).toEqual(stored.map((entry) => entry.bytes))
  })

  it("has no digest of any token, code or client secret unless asked, and withholds nothing else", async () => {
    const { log, head, exported, cloudEvents } = busy()
    const digests = await tokenDigests({ log, head })
    const kinds = new Set((await run(log.readAll(0, head.size))).map(({ event }) => event._tag))
    expect(digests.size).toBeGreaterThan(100)
    // Else the digests would be of too few kinds of events to show anything.
    expect(eventTypes.filter((type) => !kinds.has(type)).length).toBeLessThan(eventTypes.length / 3)
    const withDigests = textOf(await exported(0, true))
    const without = textOf(await exported(0, false))
    const events = textOf(await cloudEvents(0, false))
    for (const digest of digests) {
      expect(withDigests).toContain(digest)
      expect(without).not.toContain(digest)
      expect(events).not.toContain(digest)
    }
    const stored = await run(log.readStored(0, head.size))
    const lines = without.split("\n").slice(1, -2)
    for (const [position, line] of lines.entries()) {
      const { bytes, redacted, leaf } = JSON.parse(line) as Record<string, unknown>
      expect(leaf).toBe(stored[position]!.leaf)
      const hasDigest = [...digests].some((digest) => stored[position]!.bytes.includes(digest))
      expect([position, bytes === undefined, redacted === undefined]).toEqual([position, hasDigest, !hasDigest])
    }
  })

  it("of a log that was edited ends with what is wrong, and without a checkpoint", async () => {
    const { log, head, exported } = busy()
    const edited: ServerStore = {
      ...log,
      readStored: (position, limit) =>
        Effect.map(log.readStored(position, limit), (page) =>
          page.map((entry) => (entry.position === 9 ? { ...entry, bytes: `${entry.bytes} ` } : entry)),
        ),
    }
    await expect(exported(0, false, edited)).rejects.toThrow(/^entry 9 is not what was recorded.*run grantlog verify$/)
    const short: ServerStore = { ...log, readStored: (position) => log.readStored(position, position > 0 ? 0 : 3) }
    await expect(exported(0, false, short)).rejects.toThrow("entry 3 is missing")
    const other = { ...head, root: leafHash("another") }
    await expect(exported(5, false, log, other)).rejects.toThrow("the entries are not those of the checkpoint")
  })
})
