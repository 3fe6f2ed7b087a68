/** Checkpoints and proof files in C2SP's form: what is signed is read back, and nothing else is believed. */
import { readFileSync } from "node:fs"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { leafHash } from "../../src/log/Canonical.ts"
import { formatProof, openCheckpoint, parseProof, signCheckpoint, verifyProof } from "../../src/log/Checkpoint.ts"
import { nodeHash } from "../../src/log/Merkle.ts"
import { formatVerifierKey, openNote, parseVerifierKey, signNote, signingKey } from "../../src/log/SignedNote.ts"
import { vectorFolder } from "./vectors.ts"

const { note } = JSON.parse(readFileSync(`${vectorFolder}merkle.json`, "utf8")) as {
  readonly note: { readonly key: string; readonly text: string; readonly signature: string }
}
const key = signingKey("id.example.com/log", Buffer.alloc(32, 1))
const otherKey = signingKey("id.example.com/log", Buffer.alloc(32, 2))
const entries = ["first", "second"]
const leaves = entries.map(leafHash)
const root = nodeHash(leaves[0]!, leaves[1]!)
const checkpoint = signCheckpoint(2, root, key)

describe("a signed note", () => {
  it("of the standard's example is opened with the standard's key", () => {
    const known = parseVerifierKey(note.key)!
    expect(formatVerifierKey(known)).toBe(note.key)
    const signed = `${note.text}\n— ${known.name} ${note.signature}\n`
    expect(openNote(signed, known)).toEqual(Result.succeed(note.text))
  })

  it("is opened by the key that signed it, after its verifier key travelled as text", () => {
    const signed = signNote("two lines\n\nand an empty one\n", key)
    const opened = openNote(signed, parseVerifierKey(formatVerifierKey(key))!)
    expect(opened).toEqual(Result.succeed("two lines\n\nand an empty one\n"))
  })

  it("with signatures of others is opened, in any order", () => {
    const [text, mine] = signNote("text\n", key).split("\n\n")
    const theirs = signNote("text\n", otherKey).split("\n\n")[1]
    for (const signatures of [mine! + theirs!, theirs! + mine!]) {
      expect(openNote(`${text}\n\n${signatures}`, key)).toEqual(Result.succeed("text\n"))
    }
  })

  const signed = signNote("text\n", key)
  it.each([
    ["without a blank line", "text\n— a b\n", "no blank line"],
    ["cut off", signed.slice(0, -1), "does not end with a newline"],
    ["of another text", signed.replace("text", "tent"), "does not verify"],
    ["of another key of that name", signNote("text\n", otherKey), "is not signed by"],
    ["with a line that is no signature", `${signed}nonsense\n`, "malformed"],
    ["with a signature that is too short", signed.replace(/.{8}\n$/, "AA==\n"), "does not verify"],
    ["with control characters", signed.replace("text", "te\u0007t"), "characters that no note has"],
    ["too long to be one", "x".repeat(100_001), "longer than"],
  ])("%s is refused, and says why", (_, text, message) => {
    const opened = openNote(text, key)
    expect(opened).toEqual(Result.fail(expect.stringContaining(message)))
  })

  it("is not made of what is no text of lines, nor by a key with a space in its name", () => {
    expect(() => signNote("no newline", key)).toThrow(TypeError)
    expect(() => signingKey("a b", Buffer.alloc(32))).toThrow("has no spaces")
  })

  it.each([
    ["", "nothing"],
    [formatVerifierKey(key).replace("id.example", "it.example"), "an id of another name"],
    ["name+00000000+AQ==", "no key"],
    [`${formatVerifierKey(key)}AA`, "something after it"],
  ])("has no verifier key `%s` (%s)", (text) => expect(parseVerifierKey(text)).toBeUndefined())
})

describe("a checkpoint", () => {
  it("names log, size and root to whoever has the key", () => {
    expect(openCheckpoint(checkpoint, key)).toEqual(Result.succeed({ origin: key.name, size: 2, root }))
  })

  it("may be of any number of entries that can be counted", () => {
    for (const size of [0, 12, Number.MAX_SAFE_INTEGER]) {
      const opened = openCheckpoint(signCheckpoint(size, root, key), key)
      expect(opened).toEqual(Result.succeed({ origin: key.name, size, root }))
    }
  })

  const base64 = Buffer.from(root, "base64url").toString("base64")
  /** The same bytes: the last character has two bits that say nothing. */
  const respelled = `${base64.slice(0, -2)}${String.fromCharCode(base64.charCodeAt(42) + 1)}=`
  const notOne = "the note is signed, but is no checkpoint: origin, size and root are its first three lines"
  it.each([
    ["a size beyond all counting", `${key.name}\n9007199254740993\n${base64}\n`],
    ["a root in another spelling", `${key.name}\n2\n${respelled}\n`],
    ["a size with a leading zero", `${key.name}\n02\n${Buffer.from(root, "base64url").toString("base64")}\n`],
    ["a root that is too short", `${key.name}\n2\nAAAA\n`],
    ["nothing behind its origin", `${key.name}\n`],
  ])("is no note with %s, signed or not", (_, text) => {
    expect(openCheckpoint(signNote(text, key), key)).toEqual(Result.fail(notOne))
  })

  it("of another log is refused, though the key signed it", () => {
    const text = checkpoint.split("\n\n")[0]!.replace(key.name, "other.example/log") + "\n"
    const found = openCheckpoint(signNote(text, key), key)
    expect(found).toEqual(Result.fail(expect.stringContaining("is of the log `other.example/log`")))
  })
})

describe("a proof file", () => {
  const proof = { position: 1, hashes: [leaves[0]!], checkpoint, entry: "second" }
  const text = formatProof(proof)

  it("is read back as it was written, and holds for who has the key alone", () => {
    expect(parseProof(text)).toEqual(Result.succeed(proof))
    const later = { ...proof, position: 10 }
    expect(parseProof(formatProof(later))).toEqual(Result.succeed(later))
    expect(verifyProof(later, key, leafHash)).toEqual(
      Result.fail("the entry is not the one at position 10 under the checkpoint of 2 entries"),
    )
    expect(verifyProof(proof, key, leafHash)).toEqual(Result.succeed({ origin: key.name, size: 2, root }))
  })

  it.each([
    ["another entry", { ...proof, entry: "first" }],
    ["another position", { ...proof, position: 0 }],
    ["a position behind the checkpoint", { ...proof, position: 2 }],
    ["another hash", { ...proof, hashes: [leaves[1]!] }],
    ["no hash", { ...proof, hashes: [] }],
    ["a hash too many", { ...proof, hashes: [leaves[0]!, leaves[0]!] }],
    ["a checkpoint by another key", { ...proof, checkpoint: signCheckpoint(2, root, otherKey) }],
    ["a checkpoint of another root", { ...proof, checkpoint: signCheckpoint(2, leaves[0]!, key) }],
  ])("with %s does not hold", (_, tampered) => {
    expect(verifyProof(tampered, key, leafHash)).toSatisfy(Result.isFailure)
  })

  it.each([
    ["another header", text.replace("@v1", "@v2"), "begins with the line"],
    ["no entry", text.replace(/extra .*\n/, ""), "carries no entry"],
    ["no position", text.replace("index 1", "index one"), "names no position"],
    ["something before its entry", text.replace("extra ", "an extra "), "carries no entry"],
    ["something behind its entry", text.replace(/(extra .*)/, "$1 more"), "carries no entry"],
    ["no line for its position", text.replace("index 1\n", ""), "names no position"],
    ["something before its position", text.replace("index 1", "an index 1"), "names no position"],
    ["something behind its position", text.replace("index 1", "index 1\r"), "names no position"],
    ["one hash of two that is none", text.replace(/(index 1\n.+\n)/, "$1nonsense\n"), "is not 32 bytes"],
    ["a hash that is none", text.replace(/(index 1\n).+\n/, "$1nonsense\n"), "is not 32 bytes"],
    ["nothing in it", "", "begins with the line"],
  ])("with %s cannot be read, and says why", (_, broken, message) => {
    expect(parseProof(broken)).toEqual(Result.fail(expect.stringContaining(message)))
  })
})
