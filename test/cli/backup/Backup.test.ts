/** A backup of a file, restored and moved: what is copied, what is refused, and what is told, without a server. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { serveHere } from "../ServeHere.ts"

interface Made {
  readonly entryCount: number
  readonly root: string
  readonly files: ReadonlyArray<string>
}

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
const monday = folder.at("monday")
let issuer: string
let backup: Made

const add = (name: string, at = store) =>
  grantlogJsonHere(["client", "add", "--name", name, "--redirect-uri", "http://127.0.0.1/", ...at])

const refused = async (sentence: string | RegExp, ...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await grantlogHere(args)
  expect([code, stdout]).toEqual([1, ""])
  expect(stderr.replaceAll(folder.at("."), "FOLDER/")).toMatch(sentence)
}

/** A place with nothing in it. */
let placeCount = 0
const place = () => {
  const path = folder.at(`place-${++placeCount}.db`)
  return { path, store: ["--store", `sqlite:${path}`] }
}

beforeAll(async () => {
  const server = await serveHere(file)
  issuer = server.url
  await server[Symbol.asyncDispose]()
  await add("before")
  await grantlogHere(["user", "add", "ann", ...store])
  backup = await grantlogJsonHere<Made>(["backup", monday, ...store])
})
afterAll(() => folder[Symbol.dispose]())

describe("a backup", () => {
  it("has the log, its checkpoint and its keys, and says in a file which, how long, and under which root", async () => {
    const own = ["", ".checkpoint", ".checkpoint-key.json", ".keys.json"].map((end) => `grantlog.db${end}`)
    expect(backup.files).toEqual(own)
    expect(readdirSync(monday).toSorted()).toEqual(["backup.json", ...own])
    const { stdout } = await grantlogHere(["verify", "--store", `sqlite:${monday}/grantlog.db`, "--key", await key()])
    expect(stdout).toContain(`${backup.entryCount} entries`)
    expect(stdout).toContain(`root ${backup.root}`)
  })

  it("leaves the key ring out, or has the subjects' keys too, where that is said", async () => {
    const tuesday = folder.at("tuesday")
    await grantlogJsonHere(["backup", tuesday, "--no-key-ring", "--with-subject-keys", ...store])
    expect(readdirSync(tuesday)).not.toContain("grantlog.db.keys.json")
    expect(readdirSync(tuesday)).toContain("grantlog.db.subject-keys")
  })

  it("is not made over one that is there, or where there is no folder", async () => {
    const before = readFileSync(`${monday}/backup.json`, "utf8")
    expect(await grantlogHere(["backup", monday, ...store])).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: \`${monday}\` is there already: name a new folder\n`,
    })
    const nowhere = folder.at("no", "where")
    expect(await grantlogHere(["backup", nowhere, ...store])).toMatchObject({
      code: 2,
      stderr: `grantlog: there is no folder \`${folder.at("no")}\`: make it, or name another\n`,
    })
    expect(readFileSync(`${monday}/backup.json`, "utf8")).toBe(before)
  })
})

const key = async () => (await grantlogJsonHere<{ readonly verifierKey: string }>(["checkpoint", ...store])).verifierKey

describe("restoring", () => {
  it("to an empty place gives the same log, with its accounts, for who says that nothing happened since", async () => {
    const { path, store: there } = place()
    await refused(/nothing-since/, "restore", monday, ...there)
    expect(existsSync(path)).toBe(false)
    const restored = await grantlogJsonHere(["restore", monday, "--nothing-since", ...there])
    expect(restored).toMatchObject({ root: backup.root, accountCount: 1, hasEndedEveryGrant: false })
    expect(await grantlogHere(["verify", ...there])).toMatchObject({ code: 0 })
    expect((await grantlogHere(["user", "list", ...there])).stdout).toContain("ann")
    // It goes on under the same key.
    await add("after", there)
    await refused(/holds a log of \d+ entries: name an empty place/, "restore", monday, ...there)
  })

  it("of an older state than was served is refused, or ends every grant under a new key", async () => {
    const { path, store: there } = place()
    await grantlogJsonHere(["restore", monday, "--nothing-since", ...there])
    await add("since", there)
    const { verifierKey } = await grantlogJsonHere<{ readonly verifierKey: string }>(["checkpoint", ...there])
    for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true })
    await refused(/it is an older state than the one that was served/, "restore", monday, ...there)
    const restored = await grantlogJsonHere<{ readonly verifierKey: string }>([
      ...["restore", monday, "--accept-rollback", ...there],
    ])
    expect(restored).toMatchObject({ root: backup.root, hasEndedEveryGrant: true })
    expect(restored.verifierKey).not.toBe(verifierKey)
    const { stdout } = await grantlogHere(["history", "--limit", "1", ...there])
    expect(stdout).toContain("every grant that was opened before ended")
  })

  it("refuses what is no backup, or is not what was backed up", async () => {
    const { store: there } = place()
    const bad = (name: string) => {
      const path = folder.at(name)
      mkdirSync(path)
      for (const one of ["", ".checkpoint", ".checkpoint-key.json", ".keys.json"])
        copyFileSync(`${monday}/grantlog.db${one}`, `${path}/grantlog.db${one}`)
      return path
    }
    const none = bad("none")
    await refused(/is no backup, or one that was not finished/, "restore", none, "--nothing-since", ...there)
    const cut = bad("cut")
    copyFileSync(`${monday}/backup.json`, `${cut}/backup.json`)
    for (const name of backup.files) {
      writeFileSync(`${cut}/${name}`, " ", { flag: "a" })
      await refused(
        new RegExp(`${name}\` is not as it was backed up: its SHA-256 is another; use another backup\n$`),
        ...["restore", cut, "--nothing-since", ...there],
      )
      copyFileSync(`${monday}/${name}`, `${cut}/${name}`)
    }
    const text = bad("text")
    writeFileSync(`${text}/backup.json`, "[]")
    await refused(
      /is not the manifest of a backup that this grantlog knows/,
      "restore",
      text,
      "--nothing-since",
      ...there,
    )
    expect(existsSync(there[1]!.slice("sqlite:".length))).toBe(false)
  })
})

describe("migrate between files", () => {
  it("moves a log byte for byte, says what came along, and does nothing the second time", async () => {
    const { store: there, path } = place()
    const args = ["migrate", "--from", `sqlite:${file}`, "--to", `sqlite:${path}`]
    const moved = await grantlogJsonHere<{ readonly entryCount: number; readonly root: string }>(args)
    expect(moved).toMatchObject({ accountCount: 1, copiedEntryCount: moved.entryCount })
    expect(await grantlogJsonHere(args)).toEqual({ ...moved, copiedEntryCount: 0 })
    const told = await grantlogHere(args)
    expect(told.stdout).toMatch(new RegExp(`^from +sqlite:.*\nto +sqlite:.*\nentryCount +${moved.entryCount}\n`))
    const entries = async (at: ReadonlyArray<string>) =>
      (await grantlogHere(["export", ...at])).stdout.split("\n").slice(1)
    expect(await entries(there)).toEqual(await entries(store))
  })

  it("refuses a log that is another, a file that is not there, and a store that nobody else sees", async () => {
    const { path, store: there } = place()
    await grantlogJsonHere(["client", "add", "--name", "x", "--issuer", `${issuer}/other`, ...there])
    await refused(/^grantlog: .*(?:another|holds)/, "migrate", "--from", `sqlite:${file}`, "--to", `sqlite:${path}`)
    await refused(
      /there is no store/,
      "migrate",
      "--from",
      `sqlite:${folder.at("no.db")}`,
      "--to",
      `sqlite:${place().path}`,
    )
    const memory = await grantlogHere(["migrate", "--from", "memory:", "--to", `sqlite:${place().path}`])
    expect(memory).toEqual({ code: 2, stdout: "", stderr: "grantlog: --from `memory:` is seen by no other process\n" })
    const between = await grantlogHere(["migrate", "--from", "postgres://a@b/c", "--to", "postgres://a@b/d"])
    expect(between).toMatchObject({ code: 2, stderr: expect.stringContaining("--from-beside is needed") })
  })
})
