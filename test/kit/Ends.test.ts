/**
 * What the kit says of how far an end reaches and how long it lasts: too far, not far enough, until there is no room, until
 * time has passed, until a restart; of long chains, and of two grants at the same time.
 */
import { describe, expect, it } from "vitest"
import { checkProvider, renderStories, type KitReport } from "../../properties/index.ts"
import { entangled, lostByRestart, mixedUp, tooFar, tooNear, tooShort, type Faults } from "./LedgerFaults.ts"
import { ledgerProvider, restartLedger } from "./LedgerProvider.ts"
import { someOf } from "../support/Breadth.ts"
import { inStillTime } from "./StillTime.ts"

/** What chance finds beside is tried on the examples in `Providers.test.ts`. */
const quick = { seedCount: 0, restart: restartLedger }

inStillTime()

const brokenIn = ({ results }: KitReport) =>
  results
    .filter(({ verdict }) => verdict === "broken")
    .map(({ promise }) => promise)
    .toSorted()

const promisesIn = (broken: string) => broken.split(" ").toSorted()

describe.each<readonly [string, Faults]>([
  ["whose ends reach too far", tooFar],
  ["whose ends do not reach far enough", tooNear],
  ["that forgets", tooShort],
  ["that a restart makes forget", lostByRestart],
  ["that mixes up two calls at the same time", mixedUp],
])("a provider %s is caught, and for nothing else: it", (_, faults) => {
  it.each(someOf(Object.entries(faults)))("%s", async (_name, [tuning, broken]) => {
    expect(brokenIn(await checkProvider(ledgerProvider(tuning), quick))).toEqual(promisesIn(broken))
  })
})

describe("a provider that mixes up so much that more comes of it is caught for", () => {
  it.each(someOf(Object.entries(entangled)))("%s", async (_, [tuning, broken]) => {
    const report = await checkProvider(ledgerProvider(tuning), quick)
    expect(brokenIn(report)).toEqual(expect.arrayContaining(promisesIn(broken)))
  })
})

it("a ledger without fault is acquitted, restarts and all", async () => {
  expect(renderStories(await checkProvider(ledgerProvider(), quick))).toEqual([])
})
