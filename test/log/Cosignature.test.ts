/** Cosignatures under checkpoints: what a witness signed is believed, and counted by witness; nothing else is. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { signCheckpoint, openCheckpoint } from "../../src/log/Checkpoint.ts"
import {
  cosignaturesIn,
  cosignaturesOf,
  parseWitnessKey,
  requireQuorum,
  withCosignatures,
  witnessCount,
} from "../../src/log/Cosignature.ts"
import { emptyRoot } from "../../src/log/Merkle.ts"
import { formatVerifierKey, signingKey } from "../../src/log/SignedNote.ts"
import { cosigner, type WitnessAlgorithm } from "../support/Witness.ts"

const key = signingKey("id.example.com/log", Buffer.alloc(32, 1))
const checkpoint = signCheckpoint(7, emptyRoot, key)
const body = checkpoint.slice(0, checkpoint.lastIndexOf("\n\n") + 1)
const SECONDS = 1_679_315_147

describe.each<WitnessAlgorithm>(["ed25519", "ml-dsa-44"])("a cosignature by %s", (algorithm) => {
  const witness = cosigner("witness.example/w1", algorithm)
  const known = parseWitnessKey(witness.vkey)!
  const line = witness.sign(body, SECONDS)

  it("says which witness saw the checkpoint, and when", () => {
    expect(known).toMatchObject({ name: "witness.example/w1", algorithm })
    const found = cosignaturesIn(line, checkpoint, [known])
    const expected = [{ name: "witness.example/w1", seconds: SECONDS, line: line.trimEnd() }]
    expect(found).toEqual(Result.succeed(expected))
    const cosigned = withCosignatures(checkpoint, expected)
    expect(cosigned).toBe(checkpoint + line)
    expect(cosignaturesOf(cosigned, [known])).toEqual(found)
    expect(openCheckpoint(cosigned, key)).toEqual(openCheckpoint(checkpoint, key))
  })

  it("of a key that nobody asked about is ignored, and answers nothing", () => {
    const other = parseWitnessKey(cosigner("witness.example/w2", algorithm).vkey)!
    expect(cosignaturesOf(checkpoint + line, [other])).toEqual(Result.succeed([]))
    expect(cosignaturesIn(line, checkpoint, [other])).toEqual(Result.fail(expect.stringContaining("no cosignature")))
  })

  const raw = (change: (bytes: Buffer) => Buffer): string => {
    const [dash, name, encoded = ""] = line.trimEnd().split(" ")
    return `${dash} ${name} ${change(Buffer.from(encoded, "base64")).toString("base64")}\n`
  }
  it.each([
    ["another checkpoint", signCheckpoint(8, emptyRoot, key) + line],
    [
      "another time",
      checkpoint + raw((bytes) => Buffer.concat([bytes.subarray(0, 11), Buffer.of(1), bytes.subarray(12)])),
    ],
    ["no time", checkpoint + witness.sign(body, 0)],
    ["nothing", checkpoint + raw((bytes) => bytes.subarray(0, 12))],
    ["a part of it", checkpoint + raw((bytes) => bytes.subarray(0, 8))],
  ])("of %s spoils the checkpoint", (_, note) => {
    expect(cosignaturesOf(note, [known])).toEqual(
      Result.fail("the cosignature of `witness.example/w1` does not verify"),
    )
  })
})

describe("a quorum", () => {
  const cosigners = [1, 2, 3].map((number) => cosigner(`w${number}.example`, number === 2 ? "ml-dsa-44" : "ed25519"))
  const keys = cosigners.map(({ vkey }) => parseWitnessKey(vkey)!)
  const twice = [...cosigners.slice(0, 2), cosigner("w1.example", "ml-dsa-44")]
  const cosigned = checkpoint + cosigners[0]!.sign(body) + cosigners[1]!.sign(body)

  it("is as many witnesses as there have to be", () => {
    expect(Result.map(requireQuorum(cosigned, { keys, count: 2 }), witnessCount)).toEqual(Result.succeed(2))
    expect(requireQuorum(cosigned, { keys, count: 3 })).toEqual(
      Result.fail("the checkpoint was cosigned by 2 witnesses, and has to be by 3: not by `w3.example`"),
    )
  })

  it("counts a witness once, however many keys it has and however often it cosigned", () => {
    const both = [keys[0]!, parseWitnessKey(twice[2]!.vkey)!]
    const note = checkpoint + twice[0]!.sign(body, 1) + twice[0]!.sign(body, 2) + twice[2]!.sign(body)
    expect(Result.map(cosignaturesOf(note, both), (found) => [found.length, witnessCount(found)])).toEqual(
      Result.succeed([3, 1]),
    )
    expect(Result.isFailure(requireQuorum(note, { keys: both, count: 2 }))).toBe(true)
  })

  it("is spoilt by one cosignature that is wrong", () => {
    const wrong = cosigned + cosigners[2]!.sign(body.replace("7", "8"))
    expect(requireQuorum(wrong, { keys, count: 1 })).toEqual(
      Result.fail("the cosignature of `w3.example` does not verify"),
    )
  })
})

describe("a verifier key of a witness", () => {
  const { vkey } = cosigner("w.example", "ed25519")
  it.each([
    ["of a log", formatVerifierKey(key)],
    ["with another name", vkey.replace("w.example", "v.example")],
    ["cut short", vkey.slice(0, -4)],
    ["that is no text of one", "w.example"],
    ["with nothing behind its id", "w.example+00000000+"],
  ])("%s is none", (_, text) => {
    expect(parseWitnessKey(text)).toBeUndefined()
  })

  it("has nothing to say about lines that are no signatures", () => {
    const keys = [parseWitnessKey(vkey)!]
    expect(cosignaturesIn("200 OK\n", checkpoint, keys)).toEqual(
      Result.fail("it answered with a line that is no signature"),
    )
    expect(cosignaturesOf("no note", keys)).toEqual(Result.fail(expect.stringContaining("no blank line")))
  })
})
