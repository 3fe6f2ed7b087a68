/** What sequences are made of, and how one that fails is made shorter. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { pass } from "../Drafting.ts"
import type { Draft } from "../Drafts.ts"
import { sequences, shortened } from "./Sequences.ts"

/** The shortest of `drafts` that still has all of `needed`. */
const shortest = (drafts: ReadonlyArray<Draft>, needed: ReadonlyArray<Draft>): ReadonlyArray<Draft> => {
  const shortening = shortened(drafts)
  let next = shortening.next()
  while (next.done !== true) {
    const tried = next.value
    next = shortening.next(needed.every((draft) => tried.includes(draft)))
  }
  return next.value
}

describe("a failing sequence", () => {
  const drafts = Array.from({ length: 20 }, (_, millis) => pass(millis))

  it("is left with what it fails for, in the same order", () => {
    const needed = [drafts[2]!, drafts[11]!, drafts[19]!]
    expect(shortest(drafts, needed)).toEqual(needed)
  })

  it("can come to nothing at all, and stay as it is", () => {
    expect(shortest(drafts, [])).toEqual([])
    expect(shortest(drafts, drafts)).toEqual(drafts)
  })
})

describe("sequences", () => {
  const tagsOf = (isPossible?: (tag: Draft["_tag"]) => boolean): ReadonlyArray<Draft["_tag"]> => {
    const sampled = fc.sample(sequences(24, isPossible === undefined ? {} : { isPossible }), { numRuns: 500, seed: 1 })
    return [...new Set(sampled.flat().map(({ _tag }) => _tag))].sort()
  }

  it("have everything in them that is possible, and nothing else", () => {
    const everything = tagsOf()
    const impossible: ReadonlyArray<Draft["_tag"]> = ["Refresh", "DisableClient", "Deny"]
    const isPossible = (tag: Draft["_tag"]) => !impossible.includes(tag)
    expect(everything).toEqual(expect.arrayContaining([...impossible]))
    expect(tagsOf(isPossible)).toEqual(everything.filter(isPossible))
  })
})
