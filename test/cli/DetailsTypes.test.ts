/** `--authorization-details`: a JSON object of types, and in a sentence what is none. */
import { describe, expect, it } from "vitest"
import { detailsTypes } from "../../src/cli/DetailsTypes.ts"

const payment = { members: { to: { kind: "text" } }, words: "pay {to}" }

describe("types of authorization details", () => {
  it("become features of the server", () => {
    expect(detailsTypes(JSON.stringify({ payment })).map(({ kind }) => kind)).toEqual([
      "authorization details type",
      "token response member",
    ])
  })

  it.each([
    "",
    "payment",
    "[]",
    "null",
    "1",
    '"payment"',
    '[{"members":{}}]',
    '{"payment":1}',
    '{"payment":null}',
    '{"payment":[]}',
    `{"payment":${JSON.stringify(payment)},"other":"x"}`,
  ])("are none in %j", (given) => {
    expect(() => detailsTypes(given)).toThrow("--authorization-details is no JSON object of types")
  })
})
