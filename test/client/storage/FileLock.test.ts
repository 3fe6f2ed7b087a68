/**
 * The lock of several processes when something goes wrong with it: it is given back or told, and never taken from
 * whoever holds it by then. What happens between two looks at it happens here by stand-ins, so that nothing is a race.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import promises from "node:fs/promises"
import timers, { setImmediate as soon } from "node:timers/promises"
import { expect, it, onTestFinished, vi } from "vitest"
import { STALE_MILLIS, withFileLock } from "../../../src/client/storage/FileLock.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { standIn } from "../support/StandIn.ts"

const open = () => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  const folder = made.at("locks")
  mkdirSync(folder)
  const path = made.at("locks", "a.lock")
  return { folder, path, takeover: `${path}.takeover`, moved: made.at("moved") }
}

const done = async () => "done"

/** A lock that somebody left behind so long ago. */
const leave = (path: string, ageMillis = STALE_MILLIS + 1000) => {
  mkdirSync(path)
  const then = (Date.now() - ageMillis) / 1000
  utimesSync(path, then, then)
}

/** Pauses that take no time; before each one `before` is told how many there were. */
const pauses = (before: (count: number) => void) => {
  let count = 0
  const pause = async () => {
    before(++count)
    await soon()
  }
  standIn(timers, "setTimeout", () => pause as typeof timers.setTimeout)
}

/** Whoever looks at a lock from now on sees it so; `look` is what a look shows. */
const looksAt = (see: (look: () => Promise<unknown>, count: number) => Promise<unknown>) => {
  let count = 0
  standIn(promises, "stat", (honest) => {
    const stat = (...args: Parameters<typeof honest>) => see(() => honest(...args), ++count)
    return stat as typeof honest
  })
}

const faultOf = (code: string) => Object.assign(new Error(code), { code })

it("gives what the work gave, and is gone", async () => {
  const { folder, path } = open()
  expect(await withFileLock(path, "a", async () => readdirSync(folder))).toEqual(["a.lock"])
  expect(readdirSync(folder)).toEqual([])
})

it("is given back also where somebody set its time", async () => {
  const { folder, path } = open()
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const outcome = withFileLock(path, "a", async () => {
    utimesSync(path, 1_000_000, 1_000_000)
    // The renewal sees it, and the package gives the lock up.
    vi.advanceTimersByTime(2_000)
    for (let turn = 0; turn < 20; turn++) await promises.lstat(path)
    return "done"
  })
  expect(await outcome).toBe("done")
  expect(readdirSync(folder)).toEqual([])
})

it.each<readonly [string, (at: ReturnType<typeof open>) => unknown, string, string]>([
  ["cannot be taken", ({ folder }) => rmdirSync(folder), "taking", "ENOENT"],
  ["left behind cannot be taken over", ({ path }) => (leave(path), blocked(path)), "taking over", "ENOTEMPTY"],
])("a lock that %s is told with its place and the reason", async (_, prepare, doing, reason) => {
  const at = open()
  prepare(at)
  await expect(withFileLock(at.path, "a", done)).rejects.toMatchObject({
    _tag: "StorageError",
    code: "unavailable",
    message: `${doing} the lock \`${at.path}\` failed (${reason})`,
  })
})

/** With something in it, no folder is removed; its time stays. */
const blocked = (path: string) => {
  const { atime, mtime } = statSync(path)
  writeFileSync(`${path}/something`, "")
  utimesSync(path, atime, mtime)
}

it("a lock that cannot be given back is told with its place and the reason", async () => {
  const { path } = open()
  const outcome = withFileLock(path, "a", async () => writeFileSync(`${path}/something`, ""))
  await expect(outcome).rejects.toMatchObject({
    code: "unavailable",
    message: `giving back the lock \`${path}\` failed (ENOTEMPTY)`,
  })
})

it("a lock that cannot be looked at is told with its place and the reason", async () => {
  const { folder, path, moved } = open()
  const outcome = withFileLock(path, "a", async () => {
    renameSync(folder, moved)
    writeFileSync(folder, "")
  })
  await expect(outcome).rejects.toMatchObject({
    code: "unavailable",
    message: `looking at the lock \`${path}\` failed (ENOTDIR)`,
  })
})

const lost = {
  _tag: "StorageError",
  code: "lock_lost",
  message: "the lock of `a` was taken over while this process stood still: read what is stored again",
}

it("a lock that somebody removed is lost", async () => {
  const { path } = open()
  await expect(withFileLock(path, "a", async () => rmdirSync(path))).rejects.toMatchObject(lost)
})

it("a lock that was gone before it could be looked at was never held", async () => {
  const { path } = open()
  looksAt(async () => Promise.reject(faultOf("ENOENT")))
  await expect(withFileLock(path, "a", done)).rejects.toMatchObject(lost)
})

it("a lock made anew is another one, also where the file system uses its number again", async () => {
  const { path } = open()
  looksAt(async (look) => {
    const seen = (await look()) as { ino: number | bigint }
    seen.ino = typeof seen.ino === "bigint" ? 7n : 7
    return seen
  })
  const outcome = withFileLock(path, "a", async () => {
    rmdirSync(path)
    mkdirSync(path)
  })
  await expect(outcome).rejects.toMatchObject(lost)
  expect(existsSync(path)).toBe(true)
})

it("what the work threw is told, whatever became of the lock", async () => {
  const { path } = open()
  const outcome = withFileLock(path, "a", async () => {
    rmdirSync(path)
    throw new Error("the work failed")
  })
  await expect(outcome).rejects.toThrow("the work failed")
})

it("a lock is left behind once it was not renewed for longer than that, and not a millisecond before", async () => {
  const { path } = open()
  vi.useFakeTimers({ now: 1_900_000_000_000, toFake: ["Date"] })
  onTestFinished(() => void vi.useRealTimers())
  leave(path, STALE_MILLIS)
  const { ino } = statSync(path)
  pauses((count) => {
    if (count <= 3) expect(statSync(path).ino).toBe(ino)
    if (count === 3) vi.setSystemTime(1_900_000_000_001)
    if (count > 4) throw new Error("it is not taken over")
  })
  expect(await withFileLock(path, "a", done)).toBe("done")
})

it("a lock is taken over by one at a time: who finds that under way waits", async () => {
  const { folder, path, takeover } = open()
  leave(path)
  mkdirSync(takeover)
  pauses((count) => {
    expect(existsSync(path)).toBe(count < 6)
    if (count === 5) rmdirSync(takeover)
  })
  expect(await withFileLock(path, "a", done)).toBe("done")
  expect(readdirSync(folder)).toEqual([])
})

it("a lock that somebody else took over in between is theirs", async () => {
  const { path } = open()
  leave(path)
  looksAt(async (look, count) => {
    const seen = await look()
    if (count === 1) utimesSync(path, new Date(), new Date())
    return seen
  })
  let seenCount = 0
  pauses(() => {
    seenCount++
    expect(existsSync(path)).toBe(true)
    rmdirSync(path)
  })
  expect(await withFileLock(path, "a", done)).toBe("done")
  expect(seenCount).toBe(1)
})

it("a lock that was given back between being found and being looked at is simply taken", async () => {
  const { path } = open()
  mkdirSync(path)
  looksAt((look, count) => {
    if (count === 1) rmdirSync(path)
    return look()
  })
  pauses(() => undefined)
  expect(await withFileLock(path, "a", done)).toBe("done")
})

it("a lock that was given back just before it is taken over is simply taken", async () => {
  const { path } = open()
  leave(path)
  standIn(promises, "rmdir", () => async () => {
    rmdirSync(path)
    throw faultOf("ENOENT")
  })
  pauses(() => undefined)
  expect(await withFileLock(path, "a", done)).toBe("done")
})
