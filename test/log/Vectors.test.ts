/** What was stored once is read for ever, and the bytes that are hashed are those that the standards say. */
import { readFileSync, readdirSync } from "node:fs"
import canonicalize from "canonicalize"
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { eventTypes, schemaVersionOf } from "../../src/core/index.ts"
import { canonicalText, fromStored, leafHash, readCanonical, toStored, type StoredEntry } from "../../src/log/index.ts"
import { otherExamples } from "./Examples.ts"
import { vectorFolder, vectorNameOf, type Vector } from "./vectors.ts"

const read = (path: string): unknown => JSON.parse(readFileSync(`${vectorFolder}${path}`, "utf8"))

describe("the vector of an event", () => {
  const names = readdirSync(`${vectorFolder}events`).map((file) => file.replace(/\.json$/, ""))
  const vectorOf = (name: string) => read(`events/${name}.json`) as Vector
  const storedFrom = ({ bytes, leaf, recorded }: Vector): StoredEntry => {
    const { position, stream, version, recordedAt } = recorded
    return { position, stream, version, recordedAt, bytes, leaf }
  }

  it("exists for every event type in its newest version, for other forms of some, and for an envelope that is sealed", () => {
    const others = Object.keys(otherExamples)
    expect(names).toEqual(expect.arrayContaining([...eventTypes.map(vectorNameOf), ...others, "sealed"]))
    for (const name of others) expect(vectorOf(name).recorded.event).toEqual(otherExamples[name])
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
  })

  it("is refused with a sentence when a member of its envelope is missing or of another type", () => {
    const stored = storedFrom(vectorOf("GrantRevoked"))
    const { position, bytes } = stored
    const failure = `entry ${position} cannot be read: its envelope is malformed`
    const refusalOf = (text: string) => fromStored({ ...stored, bytes: text, leaf: leafHash(text) })
    for (const text of ["", "null", '"text"', "7", "[]", "{"]) expect(refusalOf(text), text).toMatchObject({ failure })
    const envelope = JSON.parse(bytes) as Record<string, unknown>
    expect(Result.isSuccess(refusalOf(JSON.stringify(envelope)))).toBe(true)
    for (const name of Object.keys(envelope)) {
      const { [name]: _, ...others } = envelope
      expect(refusalOf(JSON.stringify(others)), name).toMatchObject({ failure })
      const isNumber = typeof envelope[name] === "number"
      for (const value of name === "data" ? [] : isNumber ? ["1", 1.5, null, 2 ** 53] : [1, true, [], {}]) {
        expect(refusalOf(JSON.stringify({ ...others, [name]: value })), name).toMatchObject({ failure })
      }
    }
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

  const notJson = [undefined, { a: undefined }, [() => 1], Array(1), 1n, Symbol("s"), Number.NaN, Infinity]
  const ofAClass = [new Date(0), new Map(), Object("boxed"), { a: [new (class {})()] }, [{ b: 1, a: new Set() }]]
  it.each([...notJson, ...ofAClass].map((value) => [value]))("%s, which is not JSON, has none", (value) => {
    expect(() => canonicalText(value)).toThrow(TypeError)
  })

  const text = fc.string({ unit: "grapheme" })
  const key = fc.oneof(text, fc.constantFrom("__proto__", "toString", "10", "9", "01", "\u{10000}", "\uffff", "_tag"))
  const { json } = fc.letrec<{ readonly json: unknown }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.constantFrom(null, 0, -0, "\u2028\u007f")),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.uniqueArray(fc.tuple(key, tie("json")), { maxLength: 6, selector: ([name]) => name }).map(Object.fromEntries),
    ),
  }))

  it("is that of the package `canonicalize`, which has been tried by others, for all that has one", () => {
    fc.assert(
      fc.property(json, (value) => {
        const canonical = canonicalText(value)
        expect(canonical).toBe(canonicalize(value))
        expect(canonicalText(JSON.parse(canonical))).toBe(canonical)
        expect(canonicalText(readCanonical(canonical))).toBe(canonical)
      }),
    )
  })

  it("is that one or none, whatever it is asked of", () => {
    const canonical = (value: unknown) => {
      try {
        return canonicalText(value)
      } catch (cause) {
        expect(cause).toBeInstanceOf(TypeError)
        return undefined
      }
    }
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true }), (value) => {
        const text = canonical(value)
        if (text !== undefined) expect(text).toBe(canonicalize(value))
      }),
    )
  })

  it("is all that is read as such: of two texts of one value the other is none", () => {
    for (const other of [
      ' {"a":1}',
      '{"a":1,"a":1}',
      '{"b":1,"a":1}',
      '{"a":1.0}',
      '"\\u0041"',
      '{"10":1,"9":',
      "",
      "a",
    ]) {
      expect(readCanonical(other)).toBeUndefined()
    }
    expect(readCanonical('{"10":1,"9":{"__proto__":1}}')).toEqual(JSON.parse('{"10":1,"9":{"__proto__":1}}'))
  })
})

describe("the leaf hash (RFC 9162)", () => {
  const { leaves } = read("leaf.json") as {
    readonly leaves: ReadonlyArray<{ readonly entry: string; readonly leaf: string }>
  }

  it.each(leaves)("of 0x$entry is $leaf", ({ entry, leaf }) => {
    expect(leafHash(Buffer.from(entry, "hex").toString("utf8"))).toBe(Buffer.from(leaf, "hex").toString("base64url"))
  })
})
