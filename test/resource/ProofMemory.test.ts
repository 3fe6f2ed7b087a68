/** Proofs that were shown are remembered while they are good, within bounds that nobody else can fill. */
import { expect, it } from "vitest"
import { makeProofMemory } from "../../src/resource/ProofMemory.ts"

const proof = (id: string, jkt = "key", until = 1000) => ({ id, jkt, until })

it("a proof is new once, and new again when it is good no longer", () => {
  const { remember } = makeProofMemory()
  expect(remember(proof("a"), 0)).toBe("first")
  expect(remember(proof("a"), 999)).toBe("again")
  expect(remember(proof("b"), 0)).toBe("first")
})

it("who shows too many proofs at once comes again, and others do not", () => {
  const { remember } = makeProofMemory({ maxProofs: 10, maxProofsOfKey: 2 })
  expect([1, 2, 3].map((id) => remember(proof(`${id}`, "busy"), 0))).toEqual(["first", "first", "full"])
  expect(remember(proof("4", "other"), 0)).toBe("first")
  expect(remember(proof("1", "busy"), 0)).toBe("again")
  expect(remember(proof("5", "busy"), 1000)).toBe("first")
})

it("what is no longer good makes room, and nothing that is good is forgotten", () => {
  const { remember } = makeProofMemory({ maxProofs: 3, maxProofsOfKey: 3 })
  for (const id of ["a", "b"]) remember(proof(id, id, 10), 0)
  remember(proof("late", "c", 100), 0)
  expect(remember(proof("d", "d"), 9)).toBe("full")
  expect(remember(proof("d", "d"), 10)).toBe("first")
  expect(remember(proof("late", "c", 100), 10)).toBe("again")
})
