/** Places in files and in memory keep the rules of every place. */
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { memoryPlace, openBetterSqlite3, openNodeSqlite, placeInFile, type Place } from "../../src/log/index.ts"
import { temporaryFile } from "./Connections.ts"
import { placeRules, samplePlaceTable } from "./PlaceRules.ts"

const run = Effect.runPromise
const side = { holds: "samples", table: samplePlaceTable, applicationId: 1 }

const closing = (place: Place): Place => {
  onTestFinished(() => run(place.close))
  return place
}

describe("in memory", () => {
  it("nobody else shares it, and nothing is noticed", async () => {
    const place = memoryPlace(samplePlaceTable)
    expect(await run(Effect.andThen(place.mayHaveChanged, place.mayHaveChanged))).toBe(false)
  })

  placeRules(async () => {
    const place = memoryPlace(samplePlaceTable)
    // Each of the two is somebody else to the other.
    return [{ ...place, mayHaveChanged: Effect.as(place.mayHaveChanged, true) }, place]
  })
})

describe.each([
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
])("in a file, over %s", (_, open) => {
  const shared = async () => {
    const file = temporaryFile()
    return [closing(placeInFile(file, side, open)), closing(placeInFile(file, side, open))] as const
  }

  placeRules(shared)

  it("what is written here is no news", async () => {
    const [place] = await shared()
    await run(place.mayHaveChanged)
    await run(place.exchange([{ after: { name: "a", part: 1, says: null } }]))
    expect(await run(place.mayHaveChanged)).toBe(false)
  })
})
