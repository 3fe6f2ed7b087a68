/** An archive as the command makes it: whole under its name before anything is taken out, and of no other log. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { Effect, Option, Result } from "effect"
import { beforeAll, expect, it } from "vitest"
import { archiveInto, type Archived, type ArchivingOptions } from "../../src/cli/Archiving.ts"
import { openExisting, type Opened } from "../../src/cli/OpenStore.ts"
import { checkpointsBeside } from "../../src/embedded/BesideFile.ts"
import { signCheckpoint, StoreFault } from "../../src/log/index.ts"
import { liveRandomness, sqliteStore } from "../../src/provider/index.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { logins, run } from "../audit/Logins.ts"
import { manualClock } from "../support/ManualClock.ts"
import { ISSUER } from "../support/TestServer.ts"

const DAY_MILLIS = 86_400_000
const folder = temporaryFolder()
const before = Date.now() - 90 * DAY_MILLIS
let count = 0

/** A store in which so many grants ended long ago; a copy of its key signs for the others, too. */
const storeOf = async (grantCount: number): Promise<string> => {
  const file = folder.at(`${++count}.db`)
  const clock = manualClock(Date.now() - 200 * DAY_MILLIS)
  const { login, native, store } = await logins({ store: sqliteStore(file), clock })
  for (let grant = 0; grant < grantCount; grant++) await run(native.revokeGrant((await login()).grantId, "operator"))
  clock.pass(199 * 86_400)
  await login()
  await run(store.close)
  await run(checkpointsBeside(file, []).openKey(ISSUER, liveRandomness))
  if (count > 1) copyFileSync(`${first}.checkpoint-key.json`, `${file}.checkpoint-key.json`)
  return file
}
let first: string
let others: ReadonlyArray<string>
/** Of which no archive can be made. */
let kept: string

/** Where the system tells which files this process holds, if it does. */
const HELD = "/proc/self/fd"
const heldBy = (name: string): string => {
  try {
    return readlinkSync(`${HELD}/${name}`)
  } catch {
    return ""
  }
}
const heldHere = () =>
  (existsSync(HELD) ? readdirSync(HELD) : []).map(heldBy).filter((path) => path.startsWith(folder.at("")))

/** What is told of an archive that is to be made, its failure in a sentence; whatever it is, no file is held then. */
const archived = async (
  file: string,
  path: string,
  options: Partial<ArchivingOptions> = {},
  change: (opened: Opened) => Opened = (opened) => opened,
): Promise<Archived | string> => {
  const place = { store: `sqlite:${file}`, beside: Option.none(), keysFile: Option.none() }
  const given = { before, onCollected: () => {}, onRemoved: () => {}, ...options }
  const archiving = Effect.flatMap(openExisting(place), (opened) => archiveInto(change(opened), path, given))
  const result = await Effect.runPromise(Effect.result(Effect.scoped(archiving)))
  expect(heldHere()).toEqual([])
  return Result.isSuccess(result) ? result.success : result.failure.message
}

const partials = () => readdirSync(folder.at("")).filter((name) => name.endsWith(".partial"))

beforeAll(async () => {
  first = await storeOf(3)
  others = [await storeOf(1), await storeOf(4)]
  kept = await storeOf(1)
  return () => folder[Symbol.dispose]()
})

it("has what had ended, tells how far it is, and is gone on with where it is there", async () => {
  const path = folder.at("first.archive")
  // What one that was killed has left.
  writeFileSync(`${path}.partial`, "half of an archive")
  const told: Array<readonly [string, number]> = []
  const options = {
    onCollected: (grantCount: number) => told.push(["collected", grantCount]),
    onRemoved: (grantCount: number) => told.push(["removed", grantCount]),
  }
  const made = await archived(first, path, options)
  const counts = { number: 1, before, grantCount: 3, entryCount: expect.any(Number) as number }
  expect(made).toEqual({ ...counts, removedGrantCount: 3, shrink: expect.anything() as unknown })
  expect((made as Archived).entryCount).toBeGreaterThanOrEqual(3 * 5)
  expect(told).toEqual([
    ["collected", 1],
    ["collected", 2],
    ["collected", 3],
    ["removed", 3],
  ])
  expect([existsSync(path), partials()]).toEqual([true, []])
  const bytes = readFileSync(path)
  // The time of the first call counts.
  const again = await archived(first, path, { before: before + 1000 })
  expect(again).toEqual({ ...(made as Archived), removedGrantCount: 0, shrink: expect.anything() as unknown })
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

it("is not made where nothing had ended, and leaves nothing behind", async () => {
  const path = folder.at("none.archive")
  const early = Date.parse("2001-02-03T04:05:06.789Z")
  expect(await archived(first, path, { before: early })).toBe("no grant had ended before 2001-02-03T04:05:06.789Z")
  expect([existsSync(path), partials()]).toEqual([false, []])
})

it("of another log, shorter or longer, takes nothing out of this one", async () => {
  for (const other of others) {
    const path = `${other}.archive`
    expect(await archived(other, path)).toMatchObject({ removedGrantCount: other === others[0] ? 1 : 4 })
    expect(await archived(first, path)).toBe(`\`${path}\` is no archive of this log`)
  }
})

it("that another key signed is not right, and what is no archive is none", async () => {
  const path = folder.at("first.archive")
  const [strange] = others as [string]
  await run(checkpointsBeside(folder.at("strange"), []).openKey(ISSUER, liveRandomness))
  copyFileSync(folder.at("strange.checkpoint-key.json"), `${strange}.checkpoint-key.json`)
  rmSync(`${strange}.checkpoint`)
  expect(await archived(strange, path)).toMatch(new RegExp(`^the archive \`${path}\` is not right: .*(?:key|sign)`))
  const text = folder.at("text.archive")
  writeFileSync(text, "no archive")
  expect(await archived(first, text)).toBe("the file is not a database: check its path")
})

it("does not take the place of what came there meanwhile", async () => {
  const path = folder.at("meanwhile.archive")
  symlinkSync(folder.at("nowhere"), path)
  expect(await archived(kept, path)).toBe(`\`${path}\` cannot be made (EEXIST)`)
  expect(partials()).toEqual([])
})

it("that cannot be finished leaves nothing behind", async () => {
  const path = folder.at("unfinished.archive")
  const gone = Effect.fail(new StoreFault({ reason: "disk", message: "the disk is gone" }))
  expect(await archived(kept, path, {}, (opened) => ({ ...opened, log: { ...opened.log, head: gone } }))).toBe(
    "the disk is gone",
  )
  expect([existsSync(path), partials()]).toEqual([false, []])
})

it("is not made of a log that its last checkpoint contradicts", async () => {
  const checkpoints = checkpointsBeside(kept, [])
  const key = await run(checkpoints.readKey)
  await run(checkpoints.replace(await run(checkpoints.read), signCheckpoint(1000, "A".repeat(43), key), key))
  const path = folder.at("contradicted.archive")
  expect(await archived(kept, path)).toMatch(/^the log has \d+ entries, the last checkpoint 1000: /)
  expect(existsSync(path)).toBe(false)
})
