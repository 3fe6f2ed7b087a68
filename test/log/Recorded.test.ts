/** An entry is what was recorded, where it was recorded, or it is refused with a sentence that says which is not so. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { fromStored, leafHash, toStored, type StoredEntry } from "../../src/log/index.ts"
import { findIssued, indexedDigest } from "../../src/log/Issued.ts"
import { memoryRows } from "../../src/log/MemoryRows.ts"
import { archiveOf, archiveStream, idOfStream, isArchived } from "../../src/log/Retired.ts"
import { issuedTable } from "../../src/log/Tables.ts"
import { at, codeIssued, digest, proposed, refreshIssued, signedOut } from "./Samples.ts"

const recorded = {
  ...proposed(signedOut("alice")),
  position: 4,
  stream: "subject-sub_alice",
  version: 2,
  recordedAt: at(7),
}
const stored = toStored(recorded)
const refusal = (entry: StoredEntry) => Result.merge(Result.map(fromStored(entry), () => "read"))

describe("an entry", () => {
  it("is read where it was recorded, as it was recorded", () => {
    expect(fromStored(stored)).toEqual(Result.succeed(recorded))
  })

  it.each([
    ["position", { position: 5 }],
    ["stream", { stream: "subject-sub_bob" }],
    ["version", { version: 3 }],
    ["time", { recordedAt: at(8) }],
  ])("is refused at another %s", (_, place) => {
    const position = { ...stored, ...place }.position
    const said = `entry ${position} is not where it was recorded: its columns and its bytes disagree`
    expect(refusal({ ...stored, ...place })).toBe(said)
  })

  it("is refused with other bytes, or another hash", () => {
    const said = "entry 4 is not what was recorded: its bytes and its hash disagree"
    expect(refusal({ ...stored, bytes: stored.bytes.replace("alice", "clive") })).toBe(said)
    expect(refusal({ ...stored, leaf: leafHash("other") })).toBe(said)
  })

  it("that is in an archive says in which", () => {
    const place = { ...stored, stream: archiveStream(12), version: 4, bytes: "" }
    expect(refusal(place)).toBe("entry 4 is in archive 12: give its file with --archive")
  })
})

describe("the place of an archived entry", () => {
  it("is one without a text, under the name of an archive", () => {
    const stream = archiveStream(12)
    expect([isArchived({ stream, bytes: "" }), archiveOf({ stream })]).toEqual([true, 12])
    expect(isArchived({ stream, bytes: "{}" })).toBe(false)
    expect(isArchived({ stream: "grant-12", bytes: "" })).toBe(false)
    expect(idOfStream("grant-a-b")).toBe("a-b")
  })
})

describe("the digest index", () => {
  it("has the refresh tokens that name no version, and no other token", () => {
    expect(indexedDigest(refreshIssued("old"))).toBe(digest("old"))
    expect(indexedDigest(refreshIssued("new", 3))).toBeUndefined()
    expect(indexedDigest(codeIssued("code"))).toBeUndefined()
    const rotated = { ...refreshIssued("rotated"), _tag: "RefreshTokenRotated" } as unknown as ReturnType<
      typeof codeIssued
    >
    expect(indexedDigest(rotated)).toBe(digest("rotated"))
    expect(indexedDigest({ ...rotated, afterVersion: 3 } as typeof rotated)).toBeUndefined()
  })

  it("is held against the entry that it names", () => {
    const rows = memoryRows(new Map())
    rows.put(issuedTable, { digest: digest("old"), position: 9 })
    const issued = { ...recorded, event: refreshIssued("old") }
    expect(findIssued(rows, digest("none"), () => issued)).toBeUndefined()
    expect(findIssued(rows, digest("old"), (position) => (position === 9 ? issued : undefined))).toBe(issued)
    const wrong = expect.objectContaining({
      reason: "corrupt",
      message: "the digest index names entry 9, which issued something else: run grantlog rebuild",
    })
    for (const entry of [undefined, recorded, { ...recorded, event: refreshIssued("other") }]) {
      expect(() => findIssued(rows, digest("old"), () => entry)).toThrow(wrong)
    }
  })
})
