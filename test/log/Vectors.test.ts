/** What was stored once is read for ever, and the bytes that are hashed are those that the standards say. */
import { readFileSync, readdirSync } from "node:fs"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { eventTypes, schemaVersionOf } from "../../src/core/index.ts"
import { canonicalText, fromStored, leafHash, toStored, type StoredEntry } from "../../src/log/index.ts"
import { vectorFolder, vectorNameOf, type Vector } from "./vectors.ts"

const read = (path: string): unknown => JSON.parse(readFileSync(`${vectorFolder}${path}`, "utf8"))

describe("the vector of an event", () => {
  const names = readdirSync(`${vectorFolder}events`).map((file) => file.replace(/\.json$/, ""))
  const vectorOf = (name: string) => read(`events/${name}.json`) as Vector
  const storedFrom = ({ bytes, leaf, recorded }: Vector): StoredEntry => {
    const { position, stream, version, id, recordedAt } = recorded
    return { position, stream, version, id, recordedAt, bytes, leaf }
  }

  it("exists for every event type in its newest version, and for an envelope that is sealed", () => {
    expect(names).toEqual(expect.arrayContaining([...eventTypes.map(vectorNameOf), "sealed"]))
    expect(vectorOf("sealed").recorded.sealed).toEqual(expect.any(String))
    for (const type of eventTypes) expect(vectorOf(vectorNameOf(type)).recorded.event._tag).toBe(type)
  })

  it.each(names)("%s is read as it was written", (name) => {
    const vector = vectorOf(name)
    const recorded = Result.getOrThrow(fromStored(storedFrom(vector)))
    expect(recorded).toEqual(vector.recorded)
    expect(leafHash(vector.bytes)).toBe(vector.leaf)
    const { type, schemaVersion } = JSON.parse(vector.bytes) as {
      readonly type: string
      readonly schemaVersion: number
    }
    if (schemaVersion === schemaVersionOf(recorded.event._tag)) {
      expect(toStored(recorded)).toEqual(storedFrom(vector))
    }
    expect(type).toBe(recorded.event._tag)
  })

  it.each(names)("%s is refused when any character of it is another", (name) => {
    const stored = storedFrom(vectorOf(name))
    for (let index = 0; index < stored.bytes.length; index += 7) {
      const other = stored.bytes[index] === "x" ? "y" : "x"
      const bytes = stored.bytes.slice(0, index) + other + stored.bytes.slice(index + 1)
      expect(Result.isFailure(fromStored({ ...stored, bytes }))).toBe(true)
    }
  })

  it("is refused with a sentence when a newer grantlog wrote it", () => {
    const { bytes, ...stored } = storedFrom(vectorOf("GrantRevoked"))
    const later = [
      bytes.replace('"schemaVersion":1', '"schemaVersion":2'),
      bytes.replace('"GrantRevoked"', '"GrantMoved"'),
    ]
    for (const text of later) {
      const result = fromStored({ ...stored, bytes: text, leaf: leafHash(text) })
      expect(Result.isFailure(result) && result.failure).toMatch(
        /^entry 41 cannot be read: .*written by a newer version/,
      )
    }
    const bare = JSON.stringify({ type: "GrantRevoked" })
    expect(fromStored({ ...stored, bytes: bare, leaf: leafHash(bare) })).toMatchObject({
      failure: "entry 41 cannot be read: its envelope is malformed",
    })
  })
})

describe("canonical text (RFC 8785)", () => {
  const { canonical, refused } = read("canonical.json") as {
    readonly canonical: ReadonlyArray<{ readonly rule: string; readonly json: string; readonly canonical: string }>
    readonly refused: ReadonlyArray<{ readonly rule: string; readonly json: string }>
  }

  it.each(canonical)("$rule", ({ json, canonical }) => {
    expect(canonicalText(JSON.parse(json))).toBe(canonical)
    expect(canonicalText(JSON.parse(canonical))).toBe(canonical)
  })

  it.each(refused)("$rule has none", ({ json }) => {
    expect(() => canonicalText(JSON.parse(json))).toThrow(TypeError)
  })

  it.each([[undefined], [{ a: undefined }], [[() => 1]], [1n], [Symbol("s")], [Number.NaN], [Infinity]])(
    "%s, which is not JSON, has none",
    (value) => {
      expect(() => canonicalText(value)).toThrow(TypeError)
    },
  )
})

describe("the leaf hash (RFC 9162)", () => {
  const { leaves } = read("leaf.json") as {
    readonly leaves: ReadonlyArray<{ readonly entry: string; readonly leaf: string }>
  }

  it.each(leaves)("of 0x$entry is $leaf", ({ entry, leaf }) => {
    expect(leafHash(Buffer.from(entry, "hex").toString("utf8"))).toBe(Buffer.from(leaf, "hex").toString("base64url"))
  })
})
