/** Ids: their form keeps one kind from being taken for another. */
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import {
  ClientId,
  Digest,
  DisplayText,
  Epoch,
  Generation,
  GrantId,
  Jkt,
  KeyId,
  SubjectId,
  Text,
  nextEpoch,
} from "../../src/core/index.ts"

describe("ids", () => {
  const isClientId = Schema.is(ClientId)
  const isSubjectId = Schema.is(SubjectId)

  //= OAUTH21-7.4-sub-namespace
  //= A45
  it("name a client or a subject, never both", () => {
    const clients = ["app", "https://app.example/client.json", "SUB_1", "sub", "sub-1", "a_sub_1", "~", "a".repeat(512)]
    const subjects = ["sub_1", "sub_alice", `sub_${"a".repeat(64)}`]
    expect(clients.filter(isClientId)).toEqual(clients)
    expect(clients.filter(isSubjectId)).toEqual([])
    expect(subjects.filter(isSubjectId)).toEqual(subjects)
    expect(subjects.filter(isClientId)).toEqual([])
  })

  it.each(["", " ", "a b", "tab\t", "line\n", "é", "\u007f", "sub_", "sub_é", "a".repeat(513)])(
    "of a client are printable ASCII without space, at most 512: not %j",
    (text) => {
      expect(isClientId(text)).toBe(false)
    },
  )

  it.each(["", "alice", "sub_", "sub_a b", "sub_a@b.example", `sub_${"a".repeat(65)}`, "sub_a\n"])(
    "of a subject are a prefix and a random part, no address: not %j",
    (text) => {
      expect(isSubjectId(text)).toBe(false)
    },
  )

  it("of a grant are 22 characters of base62", () => {
    expect(Schema.is(GrantId)("0123456789abcdefghijAZ")).toBe(true)
    for (const text of ["", "a".repeat(21), "a".repeat(23), "-".repeat(22)]) {
      expect(Schema.is(GrantId)(text)).toBe(false)
    }
  })
})

describe("a digest", () => {
  it("is 43 characters of base64url, so that a token is not taken for one", () => {
    expect(Schema.is(Digest)("-_".padEnd(43, "a"))).toBe(true)
    for (const text of ["", "a".repeat(42), "a".repeat(44), "a".repeat(64), "+".repeat(43), `gla_${"a".repeat(71)}`]) {
      expect(Schema.is(Digest)(text)).toBe(false)
    }
  })
})

describe("a thumbprint and the name of a key", () => {
  it.each([
    ["Jkt", Jkt, 43, 43],
    ["KeyId", KeyId, 1, 64],
  ] as const)("are base64url of a length of their own: %s", (_, schema, shortest, longest) => {
    const fits = Schema.is(schema)
    const long = (length: number) => "-_09AZaz".repeat(9).slice(0, length)
    expect([shortest, longest].map(long).every(fits)).toBe(true)
    expect([shortest - 1, longest + 1].map(long).some(fits)).toBe(false)
    for (const foreign of "+/=. \n") {
      const text = "a".repeat(shortest - 1)
      expect([`${foreign}${text}`, `${text}${foreign}`].some(fits)).toBe(false)
    }
  })
})

describe("a count", () => {
  it("is an integer from 0 on", () => {
    for (const schema of [Epoch, Generation]) {
      expect([0, 1, 2 ** 31].every((count) => Schema.is(schema)(count))).toBe(true)
      expect([-1, 0.5, Number.NaN, Infinity, 2 ** 53].some((count) => Schema.is(schema)(count))).toBe(false)
    }
    expect(nextEpoch(Epoch.make(1))).toBe(2)
  })
})

describe("text", () => {
  it("is well-formed Unicode of bounded length", () => {
    const isText = Schema.is(Text(4))
    expect(["", "abcd", "é", "😀😀"].every(isText)).toBe(true)
    expect(["abcde", "\ud800", "a\udc00", "😀😀a"].some(isText)).toBe(false)
  })

  it("that is shown to people is text without control and direction characters", () => {
    const isShown = Schema.is(DisplayText(4))
    expect(["", "abcd", "é", "שלום", "😀😀"].every(isShown)).toBe(true)
    expect(["abcde", "\ud800"].some(isShown)).toBe(false)
    const ranges = [
      [0, 0x1f],
      [0x7f, 0x9f],
      [0x200e, 0x200f],
      [0x202a, 0x202e],
      [0x2066, 0x2069],
    ] as const
    for (const [first, last] of ranges) {
      for (let code = first; code <= last; code++) expect(isShown(`a${String.fromCodePoint(code)}b`)).toBe(false)
    }
  })
})
