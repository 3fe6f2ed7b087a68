/** What is withheld of an entry: digests of tokens wherever they stand, and nothing that only looks like one. */
import { expect, it } from "vitest"
import { redact } from "../../../src/audit/erase/Redaction.ts"

const withheld = (data: unknown) => {
  const { envelope, digestCount } = redact(JSON.stringify({ type: "Any", data }))
  return [envelope.data, digestCount]
}

it.each(["digest", "parent", "accessToken", "registrationToken", "deviceCode", "salt"])(
  "a digest is withheld as %s, also within something else, and counted",
  (name) => {
    expect(withheld({ [name]: "d", grantId: "g" })).toEqual([{ grantId: "g" }, 1])
    expect(withheld({ secret: { [name]: "d" }, list: [{ [name]: "e", generation: 1 }] })).toEqual([
      { secret: {}, list: [{ generation: 1 }] },
      2,
    ])
  },
)

it("what is no digest of a token stays: none, of a document, and under a name of every object", () => {
  const kept = { parent: null, metadataDigest: "m", toString: "s", constructor: "c", keyId: "k", digest: 7 }
  expect(withheld(kept)).toEqual([kept, 0])
})
