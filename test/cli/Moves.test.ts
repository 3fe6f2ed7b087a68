/** `grantlog restore`, `migrate` and `rebuild` word by word: what they say was done, and what they refuse. */
import { existsSync, rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { growingLog, type GrowingLog } from "../support/GrowingLog.ts"

const folder = temporaryFolder()
const monday = folder.at("monday")
let log: GrowingLog
let backup: { readonly entryCount: number; readonly root: string }

beforeAll(async () => {
  log = await growingLog(folder.at("grantlog.db"))
  await log.grow(2)
  backup = await grantlogJsonHere(["backup", monday, ...log.store])
  return () => folder[Symbol.dispose]()
})

/** A place with nothing in it. */
let placeCount = 0
const place = () => {
  const path = folder.at(`place-${++placeCount}.db`)
  return { path, name: `sqlite:${path}`, store: ["--store", `sqlite:${path}`] }
}

/** Two seconds pass between any two looks at the clock that progress is told by. */
const slowly = () => {
  let now = 0
  const spy = vi.spyOn(performance, "now").mockImplementation(() => (now += 2000))
  onTestFinished(() => spy.mockRestore())
}

/** All that was said, progress included. */
const said = async (...args: ReadonlyArray<string>) => {
  let all = ""
  const ran = await grantlogHere(args, { onSaid: (text) => (all = text) })
  return { ...ran, all }
}

const PROGRESS = /^entries (\d+) of \1, \d+\/s, 0 s left$/m

describe("restore", () => {
  const restore = (...args: ReadonlyArray<string>) => said("restore", monday, ...args)
  const told = (name: string, hasEnded: boolean) =>
    new RegExp(
      [
        `^from +${monday}`,
        `to +${name}`,
        String.raw`madeAt +\d{4}-[\d:.T-]+Z`,
        `entryCount +${backup.entryCount}`,
        `root +${backup.root}`,
        String.raw`accountCount +0`,
        String.raw`forgottenCount +0`,
        `hasEndedEveryGrant +${hasEnded}`,
        String.raw`verifierKey +\S+\n$`,
      ].join("\n"),
    )

  it("says what is there now, and how far it is on the way; JSON alone to programs", async () => {
    slowly()
    const [one, other] = [place(), place()]
    const { code, stdout, stderr, all } = await restore("--nothing-since", ...one.store)
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(told(one.name, false))
    expect(all).toMatch(PROGRESS)
    const programs = await restore("--nothing-since", "--json", ...other.store)
    expect(programs.all).toBe(programs.stdout)
    expect(JSON.parse(programs.stdout)).toMatchObject({ from: monday, to: other.name, root: backup.root })
  })

  it("says whether grants ended, and where that was not needed", async () => {
    const { path, name, store: there } = place()
    const gone = () => {
      for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true })
    }
    await restore("--nothing-since", ...there)
    gone()
    const needless = await restore("--accept-rollback", ...there)
    expect(needless.stdout).toMatch(told(name, false))
    expect(needless.stderr).toBe("the backup is as the last checkpoint says: --accept-rollback was not needed\n")
    await grantlogJsonHere(["client", "add", "--name", "since", "--redirect-uri", "http://127.0.0.1/", ...there])
    await grantlogJsonHere(["checkpoint", ...there])
    gone()
    const older = await restore("--accept-rollback", ...there)
    expect(older.stdout).toMatch(told(name, true))
    expect(older.stderr).toBe(
      "every grant that was opened in this state has ended; checkpoints go on under a new key\n",
    )
  })

  it.each([
    [
      ["--accept-rollback", "--nothing-since", "--store", "sqlite:nowhere.db"],
      "--accept-rollback and --nothing-since contradict each other: give one",
    ],
    [["--store", "memory:"], "`memory:` is seen by no other process"],
  ])("%j is refused", async (args, sentence) => {
    expect(await grantlogHere(["restore", monday, ...args])).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: ${sentence}\n`,
    })
  })
})

describe("migrate", () => {
  it("says what is there now, and how far it is on the way; JSON alone to programs", async () => {
    slowly()
    const [from, one, other] = [log.store[1], place(), place()]
    const { code, stdout, stderr, all } = await said("migrate", "--from", from, "--to", one.name)
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(new RegExp(`^from +${from}\nto +${one.name}\nentryCount +(\\d+)\ncopiedEntryCount +\\1\n`))
    expect(all).toMatch(PROGRESS)
    const programs = await said("migrate", "--from", from, "--to", other.name, "--json")
    expect(programs.all).toBe(programs.stdout)
    expect(JSON.parse(programs.stdout)).toMatchObject({ from, to: other.name, root: backup.root })
  })

  const POSTGRES = "postgres://a@localhost:1/b"
  it.each([
    [["--from", "nonsense", "--to", "sqlite:x"], "--from `nonsense` is neither sqlite:FILE, postgres://… nor memory:"],
    [["--to", "nonsense"], "--to `nonsense` is neither sqlite:FILE, postgres://… nor memory:"],
    [["--to", "memory:"], "--to `memory:` is seen by no other process"],
    [["--from", "memory:", "--to", "sqlite:x"], "--from `memory:` is seen by no other process"],
    [
      ["--to", POSTGRES],
      "--to postgres://… needs --beside: the address of another database, for what must not come back with a backup of the first",
    ],
    [
      ["--from", POSTGRES, "--to", "sqlite:x"],
      "--from postgres://… needs --beside: the address of another database, for what must not come back with a backup of the first",
    ],
    [
      ["--from", POSTGRES, "--to", POSTGRES],
      "between two databases --from-beside is needed: the address of what lies beside that of --from",
    ],
    [
      ["--from", POSTGRES, "--to", POSTGRES, "--from-beside", "nonsense", "--beside", POSTGRES],
      "--from-beside is no address of a database: postgres://USER@HOST/DATABASE",
    ],
    [
      ["--from", POSTGRES, "--to", POSTGRES, "--from-beside", POSTGRES, "--beside", "nonsense"],
      "--beside is no address of a database: postgres://USER@HOST/DATABASE",
    ],
    [
      ["--from", POSTGRES, "--to", "sqlite:x", "--beside", "nonsense"],
      "--beside is no address of a database: postgres://USER@HOST/DATABASE",
    ],
  ])("%j is refused in the words of its flags", async (args, sentence) => {
    const from = args.includes("--from") ? [] : ["--from", log.store[1]]
    onTestFinished(() => rmSync("x", { force: true }))
    expect(await grantlogHere(["migrate", ...from, ...args])).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: ${sentence}\n`,
    })
    expect(existsSync("x")).toBe(false)
  })

  it("makes no store where there is none to move", async () => {
    const { path, name } = place()
    expect(await grantlogHere(["migrate", "--from", name, "--to", place().name])).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: there is no store \`${name}\`\n`,
    })
    expect(existsSync(path)).toBe(false)
  })
})

describe("rebuild", () => {
  const rebuild = (...args: ReadonlyArray<string>) => said("rebuild", ...log.store, ...args)

  it("says that all rows were as served, and how far it is on the way; JSON alone to programs", async () => {
    slowly()
    const { code, stdout, stderr, all } = await rebuild()
    expect([code, stderr]).toEqual([0, ""])
    const [, entryCount, rowCount] =
      /^(\d+) entries folded into (\d+) rows; all of them were as served\n$/.exec(stdout) ?? expect.fail(stdout)
    expect(all).toMatch(PROGRESS)
    const programs = await rebuild("--json")
    expect(programs.all).toBe(programs.stdout)
    expect(JSON.parse(programs.stdout)).toEqual({
      entryCount: Number(entryCount),
      rowCount: Number(rowCount),
      differingRowCount: 0,
      faults: [],
    })
  })

  it("puts right the rows that differ, and says what it found in the log", async () => {
    using database = new DatabaseSync(log.file)
    database.exec("UPDATE issuer_rows SET epoch = 7")
    expect((await rebuild()).stdout).toMatch(/^\d+ entries folded into \d+ rows; 1 differed and were put right\n$/)
    database.exec("INSERT INTO pruned (name, died_at, id) VALUES ('rows', 99999999999999, 'x')")
    const { code, stdout } = await rebuild()
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^FOUND  rows are said to be removed up to a death [^\n]+\n\d+ entries folded into \d+ rows; \d+ differed and were put right\n$/,
    )
  })
})
