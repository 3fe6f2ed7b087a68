/** Making a backup: what is copied and how, what was left behind by another run, and what cannot be written. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, type Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeBackup, type BackupOptions } from "../../../src/cli/backup/Backup.ts"
import { openBeside } from "../../../src/cli/Beside.ts"
import { existingKeys, openExisting, openStore, type Opened } from "../../../src/cli/OpenStore.ts"
import { locate } from "../../../src/cli/StoreLocation.ts"
import type { SubjectId } from "../../../src/core/index.ts"
import { takeLock, type Row } from "../../../src/log/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
const issuer = "http://localhost:4000"
const place = (path: string) => ({ store: `sqlite:${path}`, beside: Option.none(), keysFile: Option.none() })
const inScope = <A>(effect: Effect.Effect<A, unknown, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

const names = (...ends: ReadonlyArray<string>) => ends.map((end) => `grantlog.db${end}`)
const modeOf = (...path: ReadonlyArray<string>) => (statSync(folder.at(...path)).mode & 0o777).toString(8)

/** The rows of the subjects' keys beside a store. */
const subjectKeysOf = (path: string): Promise<ReadonlyArray<Row>> =>
  inScope(
    Effect.gen(function* () {
      const { subjectKeyPlace } = yield* openBeside(yield* locate(place(path)), Option.none())
      return yield* (yield* subjectKeyPlace).list({})
    }),
  )

const make = (
  target: string,
  options: Partial<BackupOptions> = {},
  changed: (opened: Opened) => Opened = (same) => same,
) =>
  inScope(
    Effect.gen(function* () {
      const opened = changed(yield* openExisting(place(file)))
      const chosen = { withSubjectKeys: false, withKeyRing: true, onProgress: () => {}, ...options }
      return yield* makeBackup(opened, folder.at(target), chosen)
    }),
  )

const refused = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await grantlogHere(["backup", ...args])
  expect([code, stdout]).toEqual([1, ""])
  return stderr.replaceAll(folder.at(), "FOLDER")
}

beforeAll(async () => {
  const app = ["client", "add", "--name", "app", "--redirect-uri", "http://127.0.0.1/"]
  await grantlogJsonHere([...app, ...store, "--issuer", issuer])
  await inScope(
    Effect.gen(function* () {
      const { beside, location } = yield* openExisting(place(file))
      const keys = yield* beside.openSubjectKeys(yield* existingKeys(location))
      yield* keys.ensure("sub_kept" as SubjectId)
    }),
  )
  await grantlogHere(["user", "add", "gone", ...store])
  await grantlogHere(["forget", "gone", "--yes", ...store])
})
afterAll(() => folder[Symbol.dispose]())

describe("a backup", () => {
  it("is for its owner alone, has every subject's key only where that is said, and always who is to be forgotten", async () => {
    const made = await make("without")
    expect(Object.keys(made.files)).toEqual(
      names("", ".checkpoint", ".checkpoint-key.json", ".forgotten", ".keys.json"),
    )
    expect(JSON.parse(readFileSync(folder.at("without", "backup.json"), "utf8"))).toEqual(made)
    expect([modeOf("without"), modeOf("without", "grantlog.db")]).toEqual(["700", "600"])
    const { files, hasSubjectKeys, hasKeyRing } = await make("with", { withSubjectKeys: true, withKeyRing: false })
    expect([hasSubjectKeys, hasKeyRing]).toEqual([true, false])
    expect(Object.keys(files)).toEqual(names("", ".checkpoint", ".checkpoint-key.json", ".forgotten", ".subject-keys"))
    const rows = await subjectKeysOf(folder.at("with", "grantlog.db"))
    expect(rows.map(({ wrapped }) => wrapped === null).toSorted()).toEqual([false, true])
    expect(rows).toEqual(await subjectKeysOf(file))
  })

  it("of a store that is in no file has the same entries, one by one", async () => {
    const told: Array<readonly [number, number]> = []
    const of = ({ location, ...opened }: Opened) => ({ ...opened, location: { ...location, file: undefined } })
    const made = await make("entries", { onProgress: (...counts) => void told.push(counts) }, of)
    const { entryCount, root } = await make("pages")
    expect([made.entryCount, made.root]).toEqual([entryCount, root])
    expect(told).toEqual([[entryCount, entryCount]])
    const copied = await inScope(
      Effect.gen(function* () {
        const log = yield* openStore(yield* locate(place(folder.at("entries", "grantlog.db"))))
        return yield* log.head
      }),
    )
    expect(copied.size).toBe(entryCount)
  })

  it("is one that nobody else is making, and takes away what a run that was killed had left", async () => {
    const stage = folder.at("monday.partial")
    mkdirSync(join(stage, "grantlog.db.left"), { recursive: true })
    writeFileSync(join(stage, "grantlog.db.left", "file"), "left behind")
    writeFileSync(join(stage, "grantlog.db.keys.json"), "left behind")
    const release = takeLock(join(stage, ".lock"))
    expect(await refused(folder.at("monday"), ...store)).toBe(
      "grantlog: another grantlog is writing `FOLDER/monday.partial`: wait for it, or name another folder\n",
    )
    release()
    const isLocked = () => {
      expect(() => takeLock(join(stage, ".lock"))).toThrow(expect.objectContaining({ reason: "busy" }))
    }
    const made = await make("monday", { onProgress: isLocked })
    expect(Object.keys(made.files)).toEqual(
      names("", ".checkpoint", ".checkpoint-key.json", ".forgotten", ".keys.json"),
    )
    expect(readdirSync(folder.at("monday")).toSorted()).toEqual(["backup.json", ...Object.keys(made.files)])
    expect(readFileSync(folder.at("monday", "grantlog.db.keys.json"), "utf8")).toBe(
      readFileSync(`${file}.keys.json`, "utf8"),
    )
  })

  it("is refused where nothing can be written, where the lock is none, and of a log that has no issuer", async () => {
    expect(await refused(join(file, "within"), ...store)).toBe(
      "grantlog: `FOLDER/grantlog.db/within.partial` cannot be written (ENOTDIR): make its folder writable\n",
    )
    mkdirSync(folder.at("odd.partial"))
    writeFileSync(folder.at("odd.partial", ".lock"), "x".repeat(5000))
    expect(await refused(folder.at("odd"), ...store)).toMatch(/^grantlog: .*(?:damaged|not a database)/)
    await inScope(Effect.flatMap(locate(place(folder.at("empty.db"))), (location) => openStore(location)))
    expect(await refused(folder.at("none"), "--store", `sqlite:${folder.at("empty.db")}`)).toBe(
      "grantlog: this log has no issuer yet: there is nothing to back up\n",
    )
    expect(readdirSync(folder.at(".")).filter((name) => name.startsWith("none"))).toEqual([])
  })
})
