/** An export proves itself to who has the key; of a line that was changed it says which, and no digest slips out. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect, Result, Stream } from "effect"
import { CloudEvent, HTTP, type CloudEventV1 } from "cloudevents"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkpointNow, type SignedHead } from "../../src/audit/Checkpoints.ts"
import { toCloudEvent } from "../../src/audit/CloudEvent.ts"
import { coveredTree, coverOf } from "../../src/audit/Cover.ts"
import { cloudEventLines, exportLines, type ExportHeader } from "../../src/audit/Export.ts"
import { MAX_LINE_CHARACTERS, verifyExport } from "../../src/audit/VerifyExport.ts"
import type { StoredEnvelope } from "../../src/audit/Withheld.ts"
import { EpochMillis, eventTypes } from "../../src/core/index.ts"
import { leafHash, nodeHash, rootOf, signCheckpoint, signingKey, toStored, type EventLog } from "../../src/log/index.ts"
import { memoryStore, sqliteStore } from "../../src/provider/index.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { busyLog } from "./BusyLog.ts"

const run = Effect.runPromise
const SEED = 20_261_207
const TAMPERING_COUNT = 600
const ISSUER = "https://id.example.com"
const key = signingKey("id.example.com", Buffer.alloc(32, 7))

const folder = temporaryFolder()
let log: EventLog
let head: SignedHead
beforeAll(async () => {
  log = sqliteStore(await busyLog(folder.at("."), SEED, 40))
  head = await run(checkpointNow(log, key, { read: () => [], write: () => {} }))
})
afterAll(async () => {
  await run(log.close)
  folder[Symbol.dispose]()
})

const collect = (lines: Stream.Stream<string, unknown>) => run(Stream.runCollect(lines))
const exported = (from = 0, withDigests = false, of = log, below = head) =>
  collect(exportLines(of, below, { from, withDigests }))

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const verifiedBytes = (bytes: Uint8Array, size?: number) => verifyExport(inPieces(bytes, size), key)
const textOf = (lines: ReadonlyArray<string>) => lines.map((line) => `${line}\n`).join("")
const verified = (lines: ReadonlyArray<string>) => verifiedBytes(Buffer.from(textOf(lines)))
const faultOf = async (lines: ReadonlyArray<string>): Promise<string> => {
  const result = await verified(lines)
  return Result.isFailure(result) ? result.failure : "the export holds"
}

/** Every digest of a token, code or client secret of the log, by the digest index and by name. */
const tokenDigests = async (): Promise<ReadonlySet<string>> => {
  const entries = await run(log.readAll(0, head.size))
  const found = entries.flatMap(({ event }) => {
    const { digest, parent, accessToken, secret } = event as unknown as Record<string, unknown>
    return [digest, parent, accessToken, (secret as { readonly digest?: unknown } | null | undefined)?.digest]
  })
  return new Set(found.filter((value) => typeof value === "string"))
}

describe("an export", () => {
  it.each([true, false])("of a busy log holds, whole and in any piece (with digests: %s)", async (withDigests) => {
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
    const bytes = Buffer.from(textOf(await exported(head.size - 40)))
    for (const size of [1, 7, 100, bytes.length]) expect(Result.isSuccess(await verifiedBytes(bytes, size))).toBe(true)
  })

  it("of an empty log holds, and proves that it is empty", async () => {
    const empty = memoryStore()
    const below = await run(checkpointNow(empty, key, { read: () => [], write: () => {} }))
    const lines = await exported(0, false, empty, below)
    expect(Result.getOrThrow(await verified(lines))).toMatchObject({ size: 0, readableCount: 0, hashedCount: 0 })
  })

  it("gives an entry's bytes exactly as they were hashed", async () => {
    const stored = await run(log.readStored(0, head.size))
    const lines = await exported(0, true)
    const bytes = lines.slice(1, -1).map((line) => (JSON.parse(line) as { readonly bytes: string }).bytes)
    expect(bytes).toEqual(stored.map((entry) => entry.bytes))
  })

  it("has no digest of any token, code or client secret unless asked, and withholds nothing else", async () => {
    const digests = await tokenDigests()
    const kinds = new Set((await run(log.readAll(0, head.size))).map(({ event }) => event._tag))
    expect(digests.size).toBeGreaterThan(100)
    // Else the digests would be of too few kinds of events to show anything.
    expect(eventTypes.filter((type) => !kinds.has(type)).length).toBeLessThan(eventTypes.length / 3)
    const withDigests = textOf(await exported(0, true))
    const without = textOf(await exported(0, false))
    const events = textOf(await collect(cloudEventLines(log, ISSUER, head.size, { from: 0, withDigests: false })))
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
  }, 60_000)

  it("of a log that was edited ends with what is wrong, and without a checkpoint", async () => {
    const edited: EventLog = {
      ...log,
      readStored: (position, limit) =>
        Effect.map(log.readStored(position, limit), (page) =>
          page.map((entry) => (entry.position === 9 ? { ...entry, bytes: `${entry.bytes} ` } : entry)),
        ),
    }
    await expect(exported(0, false, edited)).rejects.toThrow(/^entry 9 is not what was recorded.*run grantlog verify$/)
    const short: EventLog = { ...log, readStored: (position) => log.readStored(position, position > 0 ? 0 : 3) }
    await expect(exported(0, false, short)).rejects.toThrow("entry 3 is missing")
    const other = { ...head, root: leafHash("another") }
    await expect(exported(5, false, log, other)).rejects.toThrow("the entries are not those of the checkpoint")
  })
})

interface Tampering {
  readonly name: string
  /** Whether the line that the fault names is the one that was changed, or one that it is told by. */
  readonly names: "line" | "next line" | "somewhere"
  /** Changes the lines at an entry's line, `undefined` where this cannot be done there. */
  readonly apply: (lines: Array<string>, at: number, pick: number) => Array<string> | undefined
}

const changed = (lines: Array<string>, at: number, line: string) => lines.with(at, line)
const parsed = (line: string) => JSON.parse(line) as Record<string, unknown>
const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === "x" ? "y" : "x") + text.slice(at + 1)

/** What somebody does to the line of a readable entry, from clumsy to thorough. */
const tamperings: ReadonlyArray<Tampering> = [
  {
    name: "a character of the line is another",
    names: "line",
    apply: (lines, at, pick) => changed(lines, at, flip(lines[at]!, pick % lines[at]!.length)),
  },
  {
    name: "a character of the bytes is another",
    names: "line",
    apply: (lines, at, pick) => {
      const { bytes, ...rest } = parsed(lines[at]!)
      const text = String(bytes)
      return changed(lines, at, JSON.stringify({ ...rest, bytes: flip(text, pick % text.length) }))
    },
  },
  {
    name: "the line is spelled otherwise",
    names: "line",
    apply: (lines, at, pick) => {
      const line = lines[at]!
      const spellings = [
        ` ${line}`,
        `${line}\r`,
        line.replace("{", `{"bytes":"",`),
        line.replace("entry", "\\u0065ntry"),
      ]
      const spelling = spellings[pick % spellings.length]!
      return spelling === line ? undefined : changed(lines, at, spelling)
    },
  },
  { name: "the line is taken out", names: "line", apply: (lines, at) => lines.toSpliced(at, 1) },
  { name: "the line is there twice", names: "next line", apply: (lines, at) => lines.toSpliced(at, 0, lines[at]!) },
  {
    name: "the line is of another entry",
    names: "line",
    apply: (lines, at, pick) => {
      const other = 1 + (pick % (lines.length - 2))
      return other === at ? undefined : changed(lines, at, lines[other]!)
    },
  },
  {
    name: "the entry is another, and hashed anew",
    names: "somewhere",
    apply: (lines, at) => {
      const { position, bytes } = parsed(lines[at]!)
      const text = String(bytes).replace(/"correlationId":"/, "$&x")
      return changed(lines, at, JSON.stringify({ position, leaf: leafHash(text), bytes: text }))
    },
  },
  {
    name: "the entry is made another that is only hashed",
    names: "somewhere",
    apply: (lines, at) => {
      const { position } = parsed(lines[at]!)
      return changed(lines, at, JSON.stringify({ position, leaf: leafHash("another"), redacted: {} }))
    },
  },
]

it(`of ${TAMPERING_COUNT} tamperings with a line every one is found, and named (seed ${SEED})`, async () => {
  const met = new Set<string>()
  const from = head.size - 60
  const lines = await exported(from, true)
  const property = fc.asyncProperty(
    fc.constantFrom(...tamperings),
    fc.integer({ min: 1, max: lines.length - 2 }),
    fc.nat(),
    async ({ name, names, apply }, at, pick) => {
      const tampered = apply([...lines], at, pick)
      fc.pre(tampered !== undefined)
      met.add(name)
      const fault = await faultOf(tampered)
      if (names === "somewhere") {
        expect(fault).toMatch(new RegExp(`^one of the entries ${from} to ${head.size - 1}, or a hash`))
        return
      }
      expect([name, fault]).toEqual([
        name,
        expect.stringMatching(new RegExp(`^line ${at + (names === "line" ? 1 : 2)}\\b`)),
      ])
    },
  )
  await fc.assert(property, { seed: SEED, numRuns: TAMPERING_COUNT })
  expect([...met].toSorted()).toEqual(tamperings.map(({ name }) => name).toSorted())
}, 120_000)

describe("a tampered export", () => {
  const withHeader = (lines: ReadonlyArray<string>, change: Partial<Record<keyof ExportHeader, unknown>>) =>
    lines.with(0, JSON.stringify({ ...parsed(lines[0]!), ...change }))

  it.each<[string, Partial<Record<keyof ExportHeader, unknown>>, RegExp]>([
    ["another format", { format: "other" }, /^line 1 is not the header/],
    ["another version", { version: 2 }, /^line 1 is not the header/],
    ["another origin", { origin: "elsewhere" }, /^line 1: the export is of the log `elsewhere`, the key is of/],
    ["another position", { from: 4 }, /^line 1: position, size and hashes/],
    ["a position beyond the size", { from: 2 ** 40 }, /^line 1: position, size and hashes/],
    ["a size that is less", { size: 7 }, /^line 4 is not the checkpoint/],
    ["a size that is more", { size: 9999 }, /^line \d+ is the checkpoint, and entries \d+ to 9998 are missing/],
    [
      "another hash",
      { left: [leafHash("a"), leafHash("b")] },
      /^one of the entries 5 to \d+, or a hash over those before 5,/,
    ],
    ["too few hashes", { left: [leafHash("a")] }, /^line 1: position, size and hashes/],
  ])("whose header has %s says so", async (_, change, fault) => {
    expect(await faultOf(withHeader(await exported(5), change))).toMatch(fault)
  })

  it("is found by any character of its header that is another", async () => {
    for (const from of [0, 5]) {
      const lines = await exported(from)
      for (let at = 0; at < lines[0]!.length; at++) {
        expect(await faultOf(lines.with(0, flip(lines[0]!, at)))).toMatch(/^line 1\b|, or a hash over those before 5,/)
      }
    }
  }, 60_000)

  it("with one more member in any line, or another spelling of a hash, is refused", async () => {
    const lines = await exported(5)
    for (const at of [0, 1, lines.length - 1]) {
      const line = JSON.stringify({ ...parsed(lines[at]!), more: "x" })
      expect(await faultOf(lines.with(at, line))).toMatch(new RegExp(`^line ${at + 1} is not`))
    }
    const at = lines.findIndex((line) => line.includes('"redacted"'))
    const { leaf, ...rest } = parsed(lines[at]!)
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    const spelling = String(leaf).replace(/.$/, (last) => alphabet[alphabet.indexOf(last) + 1]!)
    expect(Buffer.from(spelling, "base64url")).toEqual(Buffer.from(String(leaf), "base64url"))
    const line = JSON.stringify({ position: rest["position"], leaf: spelling, redacted: rest["redacted"] })
    expect(await faultOf(lines.with(at, line))).toMatch(new RegExp(`^line ${at + 1} is not an entry`))
  })

  it("with another checkpoint says what is wrong with that", async () => {
    const lines = await exported(0, true)
    const ending = (checkpoint: string) => faultOf(lines.with(-1, JSON.stringify({ checkpoint })))
    const last = `^line ${lines.length}`
    const other = signingKey(key.name, Buffer.alloc(32, 8))
    expect(await ending(signCheckpoint(head.size, head.root, other))).toMatch(
      new RegExp(`${last}: the note is not signed`),
    )
    expect(await ending(signCheckpoint(3, head.root, key))).toMatch(
      new RegExp(`${last}: the checkpoint is of 3 entries`),
    )
    expect(await ending(signCheckpoint(head.size, leafHash("x"), key))).toMatch(/^one of the entries 0 to \d+ is not/)
    expect(await ending(head.checkpoint.slice(0, -1))).toMatch(new RegExp(last))
    // Beyond it base64 has spare bits: another spelling of the same signature.
    const line = lines.at(-1)!
    const short = await exported(head.size)
    for (let at = 0; at < line.lastIndexOf("=") - 1; at++) {
      expect(await faultOf(short.with(-1, flip(line, at)))).toMatch(/^line 2\b/)
    }
    expect(await faultOf(lines.with(-1, "{}"))).toMatch(new RegExp(`${last} is not the checkpoint`))
  })

  it("that is cut anywhere, goes on behind its end, or is empty says so", async () => {
    const lines = await exported(head.size - 3)
    const bytes = Buffer.from(textOf(lines))
    for (let length = 1; length < bytes.length; length++) {
      const result = await verifiedBytes(bytes.subarray(0, length))
      expect(Result.isFailure(result) && result.failure).toMatch(/^the file (?:is cut off in|ends behind) line \d/)
    }
    expect(await faultOf([...lines, lines.at(-1)!])).toBe(
      `line ${lines.length + 1}: nothing belongs behind the checkpoint`,
    )
    expect(await faultOf(lines.slice(0, -2))).toMatch(/^the file ends behind line/)
    expect(await faultOf([])).toBe("the file is empty")
  })

  it("with bytes that are no text, a mark in front, or half a character in an entry is refused", async () => {
    const bytes = Buffer.from(textOf(await exported(head.size - 3, true)))
    const invalid = Buffer.from(bytes)
    invalid[invalid.length - 200] = 0xff
    const broken = await verifiedBytes(invalid)
    expect(Result.isFailure(broken) && broken.failure).toMatch(/^the file is not UTF-8, at line \d/)
    const marked = await verifiedBytes(Buffer.concat([Buffer.from("\ufeff"), bytes]))
    expect(Result.isFailure(marked) && marked.failure).toMatch(/^line 1 is not the header/)

    // Both hash alike, for what is no character is replaced before it is hashed.
    const [whole, half] = ["a\ufffd", "a\ud800"]
    expect(leafHash(half)).toBe(leafHash(whole))
    const header = { format: "grantlog-export", version: 1, origin: key.name, from: 0, size: 1, left: [] }
    const checkpoint = signCheckpoint(1, leafHash(whole), key)
    const linesOf = (text: string) =>
      [header, { position: 0, leaf: leafHash(text), bytes: text }, { checkpoint }].map((line) => JSON.stringify(line))
    expect(await faultOf(linesOf(whole))).toBe("the export holds")
    expect(await faultOf(linesOf(half))).toMatch(/^line 2: entry 0 is not what was recorded/)
  })

  it("with a line that does not end is refused without being read on", async () => {
    let pieceCount = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; ; pieceCount++) yield Buffer.alloc(65_536, "x")
    }
    const result = await verifyExport(endless(), key)
    expect(Result.isFailure(result) && result.failure).toBe("line 1 is longer than any of an export")
    expect(pieceCount).toBeLessThanOrEqual(MAX_LINE_CHARACTERS / 65_536 + 1)
  })

  it("in what is left of an entry that is only hashed holds: that part is proven by nothing, and counted so", async () => {
    const lines = await exported()
    const at = lines.findIndex((line) => line.includes('"redacted"'))
    const { redacted, ...rest } = parsed(lines[at]!)
    const result = await verified(lines.with(at, JSON.stringify({ ...rest, redacted: { type: "GrantRevoked" } })))
    expect(redacted).toBeDefined()
    expect(Result.getOrThrow(result).hashedCount).toBe(lines.filter((line) => line.includes('"redacted"')).length)
    expect(await faultOf(lines.with(at, JSON.stringify({ ...rest, leaf: leafHash("x"), redacted })))).toMatch(
      /^one of the entries 0 to/,
    )
  })
})

it("the root over a cover and the leaves behind it is the root of the whole tree, for any position and size", () => {
  const leaves = Array.from({ length: 40 }, (_, at) => leafHash(`leaf ${at}`))
  const hashOf = (level: number, index: number): string =>
    level === 0 ? leaves[index]! : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
  for (let to = 0; to <= leaves.length; to++) {
    for (let from = 0; from <= to; from++) {
      const left = coverOf(0, from).map(({ level, index }) => hashOf(level, index))
      const tree = coveredTree(left, from, to)
      leaves.slice(from, to).forEach(tree.push)
      expect([from, to, tree.root()]).toEqual([from, to, rootOf(hashOf, to)])
    }
  }
})

describe("a long log", () => {
  const PAGE = 512
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

  const longLog = (): { readonly log: EventLog; readonly pages: Array<WeakRef<object>> } => {
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
  }, 60_000)

  it("is read no further when nobody takes more of it", async () => {
    const { log: long, pages } = longLog()
    const lines = cloudEventLines(long, ISSUER, SIZE, { from: 0, withDigests: false })
    expect(await collect(Stream.take(lines, 10))).toHaveLength(10)
    expect(pages).toHaveLength(1)
  })
})

describe("CloudEvents", () => {
  const events = (from: number, withDigests: boolean) =>
    collect(cloudEventLines(log, ISSUER, head.size, { from, withDigests }))

  it.each([true, false])("of a busy log are all valid by their own SDK (with digests: %s)", async (withDigests) => {
    const lines = await events(0, withDigests)
    expect(lines).toHaveLength(head.size)
    const entries = await run(log.readAll(0, head.size))
    let previous = ""
    for (const [position, body] of lines.entries()) {
      const message = { headers: { "content-type": "application/cloudevents+json" }, body }
      const received = HTTP.toEvent(message) as CloudEventV1<Record<string, unknown>>
      const event = new CloudEvent(received, true)
      expect(event.validate()).toBe(true)
      // The SDK forgives names that are too long, and takes what is missing for what it would make.
      const attributes = JSON.parse(body) as Record<string, unknown>
      expect(Object.keys(attributes).every((name) => /^[a-z0-9]{1,20}$/.test(name))).toBe(true)
      expect(Object.values(attributes).every((value) => value !== null)).toBe(true)
      const entry = entries[position]!
      expect(event).toMatchObject({
        specversion: "1.0",
        id: entry.id,
        source: ISSUER,
        type: `dev.grantlog.${entry.event._tag}.v1`,
        subject: entry.stream,
        time: new Date(entry.recordedAt).toISOString(),
        datacontenttype: "application/json",
        streamversion: entry.version,
        correlationid: entry.correlationId,
      })
      expect([event["causationid"] ?? null, event["actor"] ?? null]).toEqual([entry.causationId, entry.actor])
      expect(Number(event["sequence"])).toBe(position)
      expect(String(event["sequence"]) > previous).toBe(true)
      previous = String(event["sequence"])
    }
    expect(new Set(lines.map((line) => parsed(line)["id"])).size).toBe(lines.length)
  })

  it("leave out what an entry does not have", async () => {
    const entry = JSON.parse((await run(log.readStored(0, 1)))[0]!.bytes) as StoredEnvelope
    const names = Object.keys(toCloudEvent(ISSUER, { ...entry, actor: null, causationId: null }))
    expect(names).not.toContain("actor")
    expect(names).not.toContain("causationid")
    const given = toCloudEvent(ISSUER, { ...entry, actor: "operator", causationId: "before" })
    expect(given).toMatchObject({ actor: "operator", causationid: "before" })
  })

  it("from a position are those from there on", async () => {
    const all = await events(0, false)
    for (const from of [1, head.size - 2, head.size]) expect(await events(from, false)).toEqual(all.slice(from))
  })
})
