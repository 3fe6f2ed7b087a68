/** Stores have rows of these tables by this fold: another description makes each of them fold its rows anew. */
import { expect, it } from "vitest"
import { inlineProjection } from "../../src/projection/index.ts"

it("the tables and the fold are the ones that stores were made for, unless both were changed on purpose", () => {
  expect(inlineProjection.description).toBe("2 cZME9iGQNZpPP0C_A1BRW3t5GwjUQz5va_RlePOgw-E")
})

it("whoever asks for a grant asks next for its tokens, its client and its subject", () => {
  const named = inlineProjection.references!.map(({ from, column, to }) => [from.name, column, to.name])
  expect(named).toEqual([
    ["grant_rows", "grant_id", "access_rows"],
    ["grant_rows", "client_id", "client_rows"],
    ["grant_rows", "subject_id", "subject_rows"],
  ])
})
