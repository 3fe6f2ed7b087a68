/** An export of a few entries: what each fault of it is called, and that the file is read to its end or to its first fault. */
import { Effect, Result, Stream } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { cloudEventLines, exportLines, type ExportOptions } from "../../../src/audit/proof/Export.ts"
import { verifyExport } from "../../../src/audit/proof/VerifyExport.ts"
import type { SignedHead } from "../../../src/audit/proof/Checkpoints.ts"
import { leafHash, nodeHash, signCheckpoint, type StoredEntry } from "../../../src/log/index.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"
import { collect, faultOf, ISSUER, key, parsed, signedHead, textOf, verified, verifiedBytes } from "./ExportedLog.ts"
import { logins, run } from "../Logins.ts"

let log: ServerStore
let head: SignedHead
let size: number
let stored: ReadonlyArray<StoredEntry>
beforeAll(async () => {
  const world = await logins()
  await world.login()
  log = world.store
  head = await signedHead(log)
  size = head.size
  stored = await run(log.readStored(0, size))
})

const exported = (options: Partial<ExportOptions> = {}, of: ServerStore = log, below = head) =>
  collect(exportLines(of, below, { from: 0, withDigests: true, ...options }))

describe("an export", () => {
  it("says what it is, then its entries as they were hashed, then what was signed", async () => {
    const lines = await exported()
    expect(parsed(lines[0]!)).toEqual({
      format: "grantlog-export",
      version: 1,
      origin: key.name,
      from: 0,
      size,
      left: [],
    })
    expect(lines.slice(1, -1).map(parsed)).toEqual(
      stored.map(({ position, leaf, bytes }) => ({ position, leaf, bytes })),
    )
    expect(parsed(lines.at(-1)!)).toEqual({ checkpoint: head.checkpoint })
    expect(Result.getOrThrow(await verified(lines))).toEqual({
      origin: key.name,
      size,
      root: head.root,
      from: 0,
      readableCount: size,
      hashedCount: 0,
    })
  })

  it("from any position holds, and counts what is readable of it", async () => {
    for (let from = 0; from <= size; from++) {
      let redactedCount = 0
      const lines = await exported({ from, withDigests: false, onRedacted: () => redactedCount++ })
      expect(lines).toHaveLength(size - from + 2)
      const found = Result.getOrThrow(await verified(lines))
      expect(found).toMatchObject({ from, hashedCount: redactedCount, readableCount: size - from - redactedCount })
      expect(lines.filter((line) => line.includes('"redacted"'))).toHaveLength(redactedCount)
      expect(await collect(cloudEventLines(log, ISSUER, size, { from, withDigests: false }))).toHaveLength(size - from)
    }
    // Nothing of what was recorded since, and what has no digests whole.
    expect(await collect(cloudEventLines(log, ISSUER, size - 2, { from: 1, withDigests: true }))).toHaveLength(size - 3)
    expect(parsed((await exported({ withDigests: false }))[1]!)["bytes"]).toBe(stored[0]!.bytes)
    const code = stored.findIndex(({ bytes }) => bytes.includes("AuthorizationCodeIssued"))
    const [, line] = await exported({ from: code, withDigests: false })
    const { bytes, redacted, leaf } = parsed(line!)
    expect([bytes, leaf]).toEqual([undefined, stored[code]!.leaf])
    expect(redacted).toMatchObject({ type: "AuthorizationCodeIssued", position: code })
    expect(JSON.stringify(redacted)).not.toContain("digest")
    const [event] = await collect(cloudEventLines(log, ISSUER, size, { from: code, withDigests: true }))
    expect(JSON.stringify(parsed(event!)["data"])).toContain("digest")
  })

  it("of what is not as it was recorded ends in what is wrong", async () => {
    const reading = (change: (entry: StoredEntry) => StoredEntry): ServerStore => ({
      ...log,
      readStored: (position, limit) => Effect.map(log.readStored(position, limit), (page) => page.map(change)),
    })
    const other = reading((one) => (one.position === 3 ? { ...one, bytes: `${one.bytes} ` } : one))
    await expect(exported({}, other)).rejects.toThrow(/^entry 3 is not what was recorded.*: run grantlog verify$/)
    const moved = reading((one) => (one.position === 3 ? { ...one, position: 4 } : one))
    await expect(exported({}, moved)).rejects.toMatchObject({ message: "entry 3 is missing: run grantlog verify" })
    const short: ServerStore = { ...log, readStored: (position) => log.readStored(position, position > 0 ? 0 : 2) }
    await expect(exported({}, short)).rejects.toThrow("entry 2 is missing: run grantlog verify")
    await expect(exported({}, log, { ...head, root: leafHash("x") })).rejects.toMatchObject({
      reason: "corrupt",
      message: "the entries are not those of the checkpoint: run grantlog verify",
    })
  })
})

describe("of a file it is said", () => {
  const withHeader = async (change: object, options?: Partial<ExportOptions>) => {
    const lines = await exported(options)
    return faultOf(lines.with(0, JSON.stringify({ ...parsed(lines[0]!), ...change })))
  }

  it("that its header is none, or not of this log", async () => {
    const none = "line 1 is not the header of a grantlog-export of version 1"
    for (const change of [
      { format: "other" },
      { version: 2 },
      { from: -1 },
      { from: 0.5 },
      { size: "1" },
      { more: 1 },
    ]) {
      expect(await withHeader(change)).toBe(none)
    }
    for (const hash of ["", "x".repeat(43), "A".repeat(44), `!${"A".repeat(42)}`, `${"A".repeat(42)}B`]) {
      expect(await withHeader({ left: [hash] })).toBe(none)
    }
    expect(await withHeader({ origin: "elsewhere" })).toBe(
      `line 1: the export is of the log \`elsewhere\`, the key is of \`${key.name}\``,
    )
    const together = "line 1: position, size and hashes of the header do not belong together"
    expect(await withHeader({ from: 1 })).toBe(together)
    expect(await withHeader({ left: [leafHash("x")] })).toBe(together)
    expect(await withHeader({ size: 2 }, { from: 3 })).toBe(together)
  })

  it("which entries are missing before the checkpoint, or what stands in the place of one", async () => {
    const lines = await exported()
    const end = lines.at(-1)!
    expect(await faultOf([...lines.slice(0, -2), end])).toBe(
      `line ${size + 1} is the checkpoint, and entry ${size - 1} is missing`,
    )
    expect(await faultOf([lines[0]!, lines[1]!, end])).toBe(
      `line 3 is the checkpoint, and entries 1 to ${size - 1} are missing`,
    )
    const { position, leaf, bytes } = parsed(lines[3]!)
    const third = (entry: object) => faultOf(lines.with(3, JSON.stringify(entry)))
    const noEntry = "line 4 is not an entry, or not as an export writes it"
    for (const entry of [
      { position, leaf },
      { position, leaf, bytes: 1 },
      { position: 1.5, leaf, bytes },
      { leaf, position, bytes, more: 1 },
    ]) {
      expect(await third(entry)).toBe(noEntry)
    }
    expect(await faultOf(lines.with(3, ` ${lines[3]}`))).toBe(noEntry)
    expect(await faultOf(lines.with(3, "{"))).toBe(noEntry)
    expect(await third({ position: 5, leaf, bytes })).toBe("line 4 is of entry 5, and entry 2 belongs there")
    const disagree = "line 4: entry 2 is not what was recorded: its bytes and its hash disagree"
    expect(await third({ position, leaf, bytes: "{}" })).toBe(disagree)
    expect(await third({ position, leaf: leafHash("x"), bytes })).toBe(disagree)
    expect(await third({ position, leaf: leafHash("x"), redacted: {} })).toBe(
      `one of the entries 0 to ${size - 1} is not what it was: they do not lead to the checkpoint`,
    )
    expect(
      await faultOf(
        (await exported({ from: 2 })).with(1, JSON.stringify({ position, leaf: leafHash("x"), redacted: {} })),
      ),
    ).toBe(
      `one of the entries 2 to ${size - 1}, or a hash over those before 2, is not what it was: they do not lead to the checkpoint`,
    )
  })

  it("that an entry is not as a log writes one, where its place is proven", async () => {
    const odd = ['{ "a":1}', "nonsense"]
    const leaves = odd.map(leafHash)
    const lines = [
      { format: "grantlog-export", version: 1, origin: key.name, from: 0, size: 2, left: [] },
      ...odd.map((bytes, position) => ({ position, leaf: leaves[position], bytes })),
      { checkpoint: signCheckpoint(2, nodeHash(leaves[0]!, leaves[1]!), key) },
    ]
    expect(await faultOf(lines.map((line) => JSON.stringify(line)))).toBe(
      "line 2: entry 0 is not as a log writes one: others might read it otherwise",
    )
  })

  it("that the checkpoint is none, or of another size, or that something follows on it", async () => {
    const lines = await exported()
    const ending = (end: unknown) => faultOf(lines.with(-1, JSON.stringify(end)))
    const last = `line ${size + 2}`
    expect(await ending({})).toBe(`${last} is not the checkpoint, which belongs behind ${size} entries`)
    expect(await ending({ checkpoint: "no note" })).toMatch(`${last}: `)
    expect(await ending({ checkpoint: signCheckpoint(2, head.root, key) })).toBe(
      `${last}: the checkpoint is of 2 entries, the export of ${size}`,
    )
    expect(await faultOf([...lines, "{}"])).toBe(`line ${size + 3}: nothing belongs behind the checkpoint`)
    expect(await faultOf(lines.slice(0, -1))).toBe(`the file ends behind line ${size + 1}, before the checkpoint`)
    expect(await faultOf([])).toBe("the file is empty")
  })

  it("where it is cut off, is no text, or does not end", async () => {
    const lines = await exported()
    const bytes = Buffer.from(textOf(lines))
    const told = async (some: Uint8Array) => {
      const result = await verifiedBytes(some)
      return Result.isFailure(result) ? result.failure : "the export holds"
    }
    expect(await told(bytes.subarray(0, -1))).toBe(`the file is cut off in line ${size + 2}`)
    expect(await told(bytes.subarray(0, 10))).toBe("the file is cut off in line 1")
    const first = Buffer.from(textOf(lines.slice(0, 2)))
    expect(await told(Buffer.concat([first, Buffer.from("é").subarray(0, 1)]))).toBe("the file is cut off in line 3")
    expect(await told(Buffer.concat([first, Buffer.from([0xff])]))).toBe(
      "the file is not UTF-8, at line 1 or soon after it",
    )
    expect(await told(Buffer.concat([Buffer.from("\ufeff"), bytes]))).toMatch(/^line 1 is not the header/)
    const long = await verifyExport(Stream.toAsyncIterable(Stream.make(Buffer.alloc(1_000_001, "x"))), key)
    expect(Result.isFailure(long) && long.failure).toBe("line 1 is longer than any of an export")
    const most = await verifyExport(Stream.toAsyncIterable(Stream.make(Buffer.alloc(1_000_000, "x"))), key)
    expect(Result.isFailure(most) && most.failure).toBe("the file is cut off in line 1")
  })

  it("nothing where it cannot be read: whoever reads it has to", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("{")
      throw new Error("the disk is gone")
    }
    await expect(verifyExport(broken(), key)).rejects.toThrow("the disk is gone")
  })
})
