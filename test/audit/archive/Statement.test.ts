/** What is signed about an archive: a text of its own, which says one thing only, and is read back as it was written. */
import { Result } from "effect"
import { expect, it } from "vitest"
import { openStatement, signStatement, streamHasher } from "../../../src/audit/archive/Statement.ts"
import { openNote, signingKey, signNote } from "../../../src/log/index.ts"
import { key } from "./InMemory.ts"

const statement = {
  before: 1_767_225_600_000,
  entryCount: 11,
  root: "r".repeat(43),
  streamCount: 2,
  streamHash: "s".repeat(43),
  logSize: 40,
  logRoot: "l".repeat(43),
}
const TEXT = [
  "localhost:4000 grantlog-archive/v1",
  "before 1767225600000",
  `entries 11 ${"r".repeat(43)}`,
  `streams 2 ${"s".repeat(43)}`,
  `log 40 ${"l".repeat(43)}`,
  "",
].join("\n")
const NONE = "the note is signed, but is no statement about an archive"

it("is a signed note of five lines, and is read back as it was signed", () => {
  const note = signStatement(statement, key)
  expect(openNote(note, key)).toEqual(Result.succeed(TEXT))
  expect(openStatement(note, key)).toEqual(Result.succeed(statement))
})

it("is nobody else's: one that another key signed is refused, with why", () => {
  const other = signingKey("localhost:4000", Buffer.alloc(32, 8))
  const read = openStatement(signStatement(statement, other), key)
  expect(Result.isFailure(read) && read.failure).toMatch(/^the note is not signed by/)
})

it.each([
  ["the name of another log", TEXT.replace("localhost:4000", "localhost:4001")],
  ["another version", TEXT.replace("v1", "v2")],
  ["a line before it", `localhost:4000\n${TEXT}`],
  ["a line in front of its second", TEXT.replace("before", "and\nbefore")],
  ["a line behind it", `${TEXT}more\n`],
  ["a line less", TEXT.replace(/log .*\n/, "")],
  ["a time that is none", TEXT.replace("1767225600000", "soon")],
  ["a time that is too long", TEXT.replace("1767225600000", "1".repeat(17))],
  ["a count that is none", TEXT.replace("entries 11", "entries x")],
  ["a count that is too long", TEXT.replace("entries 11", `entries ${"1".repeat(17)}`)],
  ["a root that is too short", TEXT.replace("r".repeat(43), "r".repeat(42))],
  ["a root that is no hash", TEXT.replace("r".repeat(43), "+".repeat(43))],
  ["a count of streams that is none", TEXT.replace("streams 2", "streams x")],
  ["a count of streams that is too long", TEXT.replace("streams 2", `streams ${"1".repeat(17)}`)],
  ["a hash of streams that is too short", TEXT.replace("s".repeat(43), "s".repeat(42))],
  ["a hash of streams that is none", TEXT.replace("s".repeat(43), "+".repeat(43))],
  ["a size that is none", TEXT.replace("log 40", "log x")],
  ["a size that is too long", TEXT.replace("log 40", `log ${"1".repeat(17)}`)],
  ["a root of the log that is too short", TEXT.replace("l".repeat(43), "l".repeat(42))],
  ["a root of the log that is none", TEXT.replace("l".repeat(43), "+".repeat(43))],
])("is not what the key signed with %s", (_, text) => {
  expect(openStatement(signNote(text, key), key)).toEqual(Result.fail(NONE))
})

it("has numbers of as many digits as a safe integer has", () => {
  const most = { ...statement, before: 9_007_199_254_740_991, logSize: 9_007_199_254_740_991 }
  expect(openStatement(signStatement(most, key), key)).toEqual(Result.succeed(most))
})

it("counts and hashes what stays of each stream, in the order in which they are given", () => {
  const one = { stream: "grant-a", version: 3, diedAt: 5, clientId: "app", keyIds: ["key-1"] }
  const hashed = (...streams: ReadonlyArray<typeof one>) => {
    const hasher = streamHasher()
    streams.forEach(hasher.add)
    return hasher.end()
  }
  expect(hashed()).toEqual({ streamCount: 0, streamHash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" })
  expect(hashed(one)).toEqual({ streamCount: 1, streamHash: "U5lvwNMaSubLg9KAJCsdjg19kJ1knZl7lDSOcSBUl5A" })
  const two = { ...one, stream: "grant-b" }
  expect(hashed(one, two).streamCount).toBe(2)
  expect(hashed(one, two).streamHash).not.toBe(hashed(two, one).streamHash)
})
