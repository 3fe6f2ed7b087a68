/** A year of traffic in its short form: archived by quarter, verified whole, and the first day explained. `npm run year` is the long one. */
import { beforeAll, expect, it } from "vitest"
import { isLong } from "../support/Breadth.ts"
import { faultsOf, tableOf } from "../year/Page.ts"
import { simulateYear, type Year } from "../year/Year.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere } from "./support/InProcess.ts"

const GRANTS = isLong ? 20_000 : 600
const SEED = 1

let year: Year

beforeAll(async () => {
  const folder = temporaryFolder()
  const options = { folder: folder.at("."), grantCount: GRANTS, seed: SEED, grantlog: grantlogHere, progress: () => {} }
  year = await simulateYear(options)
  return () => folder[Symbol.dispose]()
}, 600_000)

it("a year that was archived by quarter is verified whole, and a theft of its first days is explained from the archive", () => {
  expect(faultsOf(year)).toEqual([])
})

it("thefts are caught, and what ended leaves the file, which stays behind what was written", () => {
  const [first, ...later] = year.quarters
  expect(first).toMatchObject({ loginCount: expect.any(Number), bytesAfter: first!.bytesBefore })
  expect(first!.archive).toBeUndefined()
  expect(later.map(({ archive }) => archive!.grantCount > GRANTS / 10)).toEqual([true, true, true])
  for (const { bytesBefore, bytesAfter } of later) expect(bytesAfter).toBeLessThan(bytesBefore)
  const last = later.at(-1)!
  expect(last).toMatchObject({ loginCount: GRANTS })
  expect([last.theftCount > 5, last.signOutCount > GRANTS / 10, last.refreshCount > GRANTS]).toEqual([true, true, true])
})

it("what is not as it was made is named", () => {
  const [lost] = faultsOf({ ...year, verified: { ...year.verified, archived: { entryCount: 0, readCount: 0 } } })
  expect(lost).toBe("verify knows of other archived entries than were archived")
  expect(faultsOf({ ...year, explained: "alive" })).toEqual([expect.stringContaining("is not told: alive")])
  expect(tableOf(year).split("\n")[0]).toBe(`${GRANTS.toLocaleString("en")} grants over a year, seed ${SEED}.`)
})
