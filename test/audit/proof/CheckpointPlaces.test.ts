/** Places for checkpoints in files, and in rows, keep the rules of every place for them. */
import { readFileSync, readdirSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { checkpointFiles, keyFromText, newKeyText } from "../../../src/audit/proof/CheckpointFiles.ts"
import { checkpointTable, checkpointsIn } from "../../../src/audit/proof/CheckpointRows.ts"
import { memoryPlace, StoreFault } from "../../../src/log/index.ts"
import { liveRandomness } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { latePlace } from "../../support/LateStore.ts"
import { checkpointPlaceRules } from "./CheckpointPlaceRules.ts"

const run = Effect.runPromise
const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
let count = 0
const path = () => folder.at(`checkpoints-${++count}`)

describe("in files", () => {
  checkpointPlaceRules(async () => {
    const file = path()
    const open = () => checkpointFiles(`${file}.key`, [`${file}.note`])
    return [open(), open()]
  })

  it("what is set aside stays under a name that says how far it came", async () => {
    const file = path()
    const place = checkpointFiles(`${file}.key`, [`${file}.note`, `${file}.copy`])
    const key = await run(place.openKey("https://id.example.com", liveRandomness))
    await run(place.replace([], "a note", key))
    await run(place.setAside(41))
    const names = readdirSync(folder.at(".")).filter((name) => folder.at(name).startsWith(`${file}.`))
    expect(names.map((name) => folder.at(name).slice(file.length)).toSorted()).toEqual([
      ".copy.until-41",
      ".key.until-41",
      ".note-lock",
      ".note.until-41",
    ])
    expect(readFileSync(`${file}.copy.until-41`, "utf8")).toBe("a note")
  })
})

describe("in rows", () => {
  checkpointPlaceRules(async () => {
    const place = latePlace(memoryPlace(checkpointTable))
    return [checkpointsIn(place, "there", []), checkpointsIn(place, "there", [])]
  })

  it("what is set aside stays under a name that says how far it came, copies as well", async () => {
    const [rows, copy] = [memoryPlace(checkpointTable), path()]
    const place = checkpointsIn(rows, "there", [copy])
    const key = await run(place.openKey("https://id.example.com", liveRandomness))
    await run(place.replace([], "a note", key))
    expect(await run(place.read)).toEqual(["a note", "a note"])
    await run(place.setAside(41))
    expect(await run(rows.list({}))).toMatchObject([{ name: "until-41", checkpoint: "a note" }])
    expect(readFileSync(`${copy}.until-41`, "utf8")).toBe("a note")
  })

  it("a key is not made anew beside a copy of what another signed", async () => {
    const copy = path()
    const before = checkpointsIn(memoryPlace(checkpointTable), "there", [copy])
    await run(before.replace([], "a note", await run(before.openKey("https://id.example.com", liveRandomness))))
    const emptied = checkpointsIn(memoryPlace(checkpointTable), "there", [copy])
    await expect(run(emptied.openKey("https://id.example.com", liveRandomness))).rejects.toThrow(
      "the checkpoint key `there` is gone, and checkpoints that it signed are kept",
    )
    await expect(run(emptied.readKey)).rejects.toThrow("there is no checkpoint key at `there`")
  })

  it("what another puts there meanwhile is held against it: the key that it made, the checkpoint that it kept", async () => {
    const rows = memoryPlace(checkpointTable)
    let meanwhile: (() => Promise<unknown>) | undefined
    const place = checkpointsIn(
      {
        ...rows,
        exchange: (exchanges) =>
          Effect.andThen(
            Effect.promise(async () => {
              const first = meanwhile
              meanwhile = undefined
              await first?.()
            }),
            rows.exchange(exchanges),
          ),
      },
      "there",
      [],
    )
    const other = checkpointsIn(rows, "there", [])
    const text = newKeyText("https://id.example.com", liveRandomness)
    meanwhile = () => run(other.openKey("https://id.example.com", liveRandomness))
    await expect(run(place.takeKey(text))).rejects.toThrow("another checkpoint key was put at `there`")
    const key = await run(other.readKey)
    meanwhile = () => run(other.keepWitnessed("another", key))
    await run(place.keepWitnessed("cosigned", key))
    expect(await run(other.readWitnessed)).toEqual(["cosigned"])
    await run(rows.exchange([{ before: (await run(rows.get(["last"])))! }]))
    meanwhile = () => run(other.takeKey(text))
    expect((await run(place.openKey("https://id.example.com", liveRandomness))).id).toBe(keyFromText(text, "").id)
  })

  it("its rows have the names that a store of an earlier version has", async () => {
    expect(checkpointTable).toEqual({
      name: "checkpoints",
      columns: { name: "TEXT", key: "TEXT", checkpoint: "TEXT" },
      key: ["name"],
      indexes: [],
    })
    const [rows, copy] = [memoryPlace(checkpointTable), path()]
    const place = checkpointsIn(rows, "there", [copy])
    const key = await run(place.openKey("https://id.example.com", liveRandomness))
    await run(place.keepWitnessed("cosigned", key))
    const names = async () => (await run(rows.list({}))).map(({ name }) => name).toSorted()
    expect(await names()).toEqual(["last", "witnessed"])
    expect(await run(place.readWitnessed)).toEqual(["cosigned", "cosigned"])
    await run(place.setAside(41))
    expect(await names()).toEqual(["until-41", "witnessed-until-41"])
    expect(readFileSync(`${copy}.witnessed.until-41`, "utf8")).toBe("cosigned")
  })

  it("a place that cannot be read or written is a fault that says so", async () => {
    const fault = Effect.fail(new StoreFault({ reason: "busy", message: "the store is busy" }))
    const place = checkpointsIn(
      { ...memoryPlace(checkpointTable), get: () => fault, exchange: () => fault },
      "there",
      [],
    )
    for (const effect of [place.read, place.readWitnessed, place.readKey, place.takeKey("{}"), place.setAside(1)]) {
      await expect(run(effect as typeof place.read)).rejects.toMatchObject({
        _tag: "CheckpointFault",
        reason: "not-kept",
        message: "the store is busy",
      })
    }
  })
})
