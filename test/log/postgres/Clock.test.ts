/** An instance whose clock is another than that of the database appends nothing until it is set, and goes on reading. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { appendOne, appending, signedOut } from "../Samples.ts"
import { newSchema, openIn, postgres } from "./Schemas.ts"

const run = Effect.runPromise

describe.runIf(postgres !== undefined)("an instance on PostgreSQL", () => {
  it.each([
    ["behind", -60_000],
    ["ahead", 60_000],
  ])("whose clock is %s appends nothing until it is set, and reads on; others do not notice", async (_, off) => {
    const schema = newSchema()
    let wrongBy = off
    const wrong = openIn(schema, { now: () => Date.now() + wrongBy })
    const right = openIn(schema)
    expect(await appendOne(right, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Appended", position: 0 })
    const refused = await appendOne(wrong, appending(0, [signedOut("bob")]))
    expect(refused).toMatchObject({
      _tag: "Rejected",
      reason: "clock",
      message: expect.stringMatching(
        /^this machine's clock differs by \d+ ms from that of the database: set the clock$/,
      ),
    })
    expect((await run(wrong.readAll(0, 10))).length).toBe(1)
    wrongBy = 0
    expect(await appendOne(wrong, appending(0, [signedOut("bob")]))).toMatchObject({ _tag: "Appended", position: 1 })
  })
})
