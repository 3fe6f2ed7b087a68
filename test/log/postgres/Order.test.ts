/** What a writer sends is done in the order in which it was sent, however it was sent. */
import { describe, expect, it } from "vitest"
import { openPostgres } from "../../../src/log/postgres/Connections.ts"
import { postgres } from "./Schemas.ts"

describe.runIf(postgres !== undefined)("a writer", () => {
  it("has done all that it sent before COMMIT within the transaction", async () => {
    const { write, close } = await openPostgres(postgres!, 1)
    try {
      const marks = await write(async ({ run, script }) => {
        await script("BEGIN; SET LOCAL grantlog.mark = 'within'; SELECT 1")
        const sent = [1, 2].map((value) => run("SELECT current_setting('grantlog.mark') AS mark, $1::int", [value]))
        const found = await Promise.all([...sent, script("COMMIT")])
        return found.slice(0, 2).map(([row]) => row?.["mark"])
      })
      expect(marks).toEqual(["within", "within"])
    } finally {
      await close()
    }
  })
})
