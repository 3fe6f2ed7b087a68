/** Of an export that somebody changed, verifying says which line, whatever was done to it. */
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ExportHeader } from "../../../src/audit/proof/Export.ts"
import { MAX_LINE_CHARACTERS, verifyExport } from "../../../src/audit/proof/VerifyExport.ts"
import { leafHash, signCheckpoint, signingKey } from "../../../src/log/index.ts"
import { unlessMutated } from "../../support/Breadth.ts"
import { busyExport, faultOf, key, parsed, SEED, textOf, verified, verifiedBytes } from "./ExportedLog.ts"
import { flip, tamperings } from "./Tampering.ts"

const TAMPERING_COUNT = unlessMutated(600, 80)
const busy = busyExport()

it(`of ${TAMPERING_COUNT} tamperings with a line every one is found, and named (seed ${SEED})`, async () => {
  const met = new Set<string>()
  const { head, exported } = busy()
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
})

it.each(["nonsense", '{"a":1,"a":2}', '{ "a":1}', '{"b":1,"a":2}', "1e999", "[".repeat(50_000) + "]".repeat(50_000)])(
  "an entry that a log would not write does not hold, although it is signed for: %.20s",
  async (bytes) => {
    const leaf = leafHash(bytes)
    const lines = [
      { format: "grantlog-export", version: 1, origin: key.name, from: 0, size: 1, left: [] },
      { position: 0, leaf, bytes },
      { checkpoint: signCheckpoint(1, leaf, key) },
    ]
    expect(await faultOf(lines.map((line) => JSON.stringify(line)))).toMatch(/^line 2: entry 0 is not as a log writes/)
  },
)

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
    expect(await faultOf(withHeader(await busy().exported(5), change))).toMatch(fault)
  })

  it("is found by any character of its header that is another", async () => {
    for (const from of [0, 5]) {
      const lines = await busy().exported(from)
      for (let at = 0; at < lines[0]!.length; at += unlessMutated(1, 7)) {
        expect(await faultOf(lines.with(0, flip(lines[0]!, at)))).toMatch(/^line 1\b|, or a hash over those before 5,/)
      }
    }
  })

  it("with one more member in any line, or another spelling of a hash, is refused", async () => {
    const lines = await busy().exported(5)
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
    const { head, exported } = busy()
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
    const { head, exported } = busy()
    const lines = await exported(head.size - 3)
    const bytes = Buffer.from(textOf(lines))
    for (let length = 1; length < bytes.length; length += unlessMutated(1, 7)) {
      const result = await verifiedBytes(bytes.subarray(0, length))
      expect(Result.isFailure(result) && result.failure).toMatch(/^the file (?:is cut off in|ends behind) line \d/)
    }
    expect(await faultOf([...lines, lines.at(-1)!])).toBe(
      `line ${lines.length + 1}: nothing belongs behind the checkpoint`,
    )
    expect(await faultOf(lines.slice(0, -2))).toMatch(/^the file ends behind line/)
    expect(await faultOf([])).toBe("the file is empty")
  })

  it("that is cut within a character says in which line", async () => {
    const { head, exported } = busy()
    const lines = await exported(head.size - 2)
    const cut = Buffer.concat([Buffer.from(textOf(lines.slice(0, 2))), Buffer.from("é").subarray(0, 1)])
    const result = await verifiedBytes(cut)
    expect(Result.isFailure(result) && result.failure).toBe("the file is cut off in line 3")
  })

  it("whose last entry, or several, are missing names them", async () => {
    const { head, exported } = busy()
    const lines = await exported(head.size - 3)
    const [header, first, second] = lines
    const end = lines.at(-1)!
    expect(await faultOf([header!, first!, second!, end])).toBe(
      `line 4 is the checkpoint, and entry ${head.size - 1} is missing`,
    )
    expect(await faultOf([header!, first!, end])).toBe(
      `line 3 is the checkpoint, and entries ${head.size - 2} to ${head.size - 1} are missing`,
    )
    expect(await faultOf([header!, first!, lines[3]!, end])).toBe(
      `line 3 is of entry ${head.size - 1}, and entry ${head.size - 2} belongs there`,
    )
  })

  it("with bytes that are no text, a mark in front, or half a character in an entry is refused", async () => {
    const { head, exported } = busy()
    const bytes = Buffer.from(textOf(await exported(head.size - 3, true)))
    const invalid = Buffer.from(bytes)
    invalid[invalid.length - 200] = 0xff
    const broken = await verifiedBytes(invalid)
    expect(Result.isFailure(broken) && broken.failure).toMatch(/^the file is not UTF-8, at line \d/)
    const marked = await verifiedBytes(Buffer.concat([Buffer.from("\ufeff"), bytes]))
    expect(Result.isFailure(marked) && marked.failure).toMatch(/^line 1 is not the header/)

    // Both hash alike, for what is no character is replaced before it is hashed.
    const [whole, half] = ['"a\ufffd"', '"a\ud800"']
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
    const lines = await busy().exported()
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
