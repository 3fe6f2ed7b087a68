/** Subject keys: one for each subject, wrapped in a file of their own, and gone for good once destroyed. */
import { execFileSync } from "node:child_process"
import { hkdfSync } from "node:crypto"
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import type { SubjectId } from "../../src/core/index.ts"
import { memoryPlace, unseal } from "../../src/log/index.ts"
import { ephemeralKeys, liveRandomness, openSubjectKeys, type KeyRingFile } from "../../src/provider/index.ts"
import { memorySubjectKeys, subjectKeyTable, subjectKeysIn } from "../../src/provider/SubjectKeys.ts"
import { latePlace } from "../support/LateStore.ts"
import { temporaryFolder } from "../support/TestServer.ts"

const alice = "sub_alice" as SubjectId
const bob = "sub_bob" as SubjectId
const run = Effect.runPromise

const open = async (file: string, ring: KeyRingFile) => {
  const keys = await run(openSubjectKeys(file, ring, liveRandomness))
  onTestFinished(() => run(keys.close))
  return keys
}

const opened = async () => {
  const folder = temporaryFolder()
  const file = join(folder, "grantlog.db.subject-keys")
  const ring = ephemeralKeys()
  return { folder, file, ring, keys: await open(file, ring) }
}

/** Every byte of every file of the folder, one file after the other. */
const bytesOf = (folder: string): Buffer =>
  Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))

describe("a subject's key", () => {
  it("is the same each time, for every connection, and another one for every subject", async () => {
    const { file, ring, keys } = await opened()
    const first = await run(keys.ensure(alice))
    expect(first!.secret).toHaveLength(32)
    expect(await run(keys.ensure(alice))).toEqual(first)
    expect(await run((await open(file, ring)).ensure(alice))).toEqual(first)
    expect((await run(keys.ensure(bob)))!.secret).not.toEqual(first!.secret)
    expect(await run(keys.find(first!.id))).toEqual({ _tag: "Key", key: first })
    expect(await run(keys.find("unheard-of"))).toEqual({ _tag: "Unknown" })
  })

  it("is in the file only wrapped, and the file is its owner's alone", async () => {
    const { folder, file, keys } = await opened()
    const { secret } = (await run(keys.ensure(alice)))!
    expect(bytesOf(folder).includes(Buffer.from(secret))).toBe(false)
    expect(bytesOf(folder).includes(Buffer.from(secret).toString("base64url"))).toBe(false)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it("that is destroyed is in no file, comes not back, and leaves the others alone", async () => {
    const { folder, file, keys } = await opened()
    const { id } = (await run(keys.ensure(alice)))!
    const other = await run(keys.ensure(bob))
    // So many that the file grew page by page, and rows moved from one to another.
    const others = Array.from({ length: 120 }, (_, index) => `sub_${(index * 7919) % 1000}` as SubjectId)
    for (const one of others) await run(keys.ensure(one))
    const database = new DatabaseSync(file, { readOnly: true })
    const wrapped = database.prepare("SELECT subject_id, wrapped FROM subject_keys").all()
    database.close()
    const gone = [alice, ...others.slice(0, 40)]
    const tails = wrapped
      .filter((row) => gone.includes(row["subject_id"] as SubjectId))
      .map((row) => String(row["wrapped"]).slice(-32))
    const left = () => tails.filter((tail) => bytesOf(folder).includes(tail))
    expect(left()).toHaveLength(gone.length)
    for (const one of gone) await run(keys.forget(one))
    expect(left()).toEqual([])
    expect(await run(keys.isForgotten(alice))).toBe(true)
    expect(await run(keys.ensure(alice))).toBeUndefined()
    expect(await run(keys.find(id))).toEqual({ _tag: "Forgotten" })
    expect(await run(keys.ensure(bob))).toEqual(other)
    await run(keys.forget(alice))
    expect(await run(keys.find(id))).toEqual({ _tag: "Forgotten" })
  })

  it("is never made for who was forgotten without having had one", async () => {
    const { keys } = await opened()
    expect(await run(keys.isForgotten(alice))).toBe(false)
    await run(keys.forget(alice))
    expect(await run(keys.ensure(alice))).toBeUndefined()
  })

  it("is made once, however many connections ask for it first", async () => {
    const { file, ring } = await opened()
    const connections = await Promise.all(Array.from({ length: 4 }, () => open(file, ring)))
    const made = await Promise.all(connections.map((keys) => run(keys.ensure(alice))))
    expect(new Set(made.map((key) => key!.id)).size).toBe(1)
  })
})

describe("a key that was used before", () => {
  /** The buffers that keys are unwrapped into, as they are when it is called. */
  const unwrappedBuffers = () => {
    const spy = vi.spyOn(Buffer, "concat")
    onTestFinished(() => spy.mockRestore())
    return () => spy.mock.results.flatMap(({ value }) => ((value as Buffer).length === 32 ? [value as Buffer] : []))
  }
  const nothing = Buffer.alloc(32)

  it("is used no more once another connection destroyed it, or put another in its place", async () => {
    const { file, ring, keys } = await opened()
    const other = await open(file, ring)
    const first = await run(keys.ensure(alice))
    expect(await run(other.ensure(alice))).toEqual(first)
    await run(other.forget(alice))
    expect(await run(keys.ensure(alice))).toBeUndefined()

    await run(keys.ensure(bob))
    const database = new DatabaseSync(file)
    onTestFinished(() => database.close())
    database.exec("DELETE FROM subject_keys")
    const second = await run(keys.ensure(bob))
    expect(await run(other.ensure(bob))).toEqual(second)
    expect(await run(keys.ensure(alice))).not.toEqual(first)
  })

  it("is used no more once another process destroyed it", async () => {
    const { file, keys } = await opened()
    await run(keys.ensure(alice))
    expect(await run(keys.ensure(alice))).toBeDefined()
    const program = `new (require("node:sqlite").DatabaseSync)(process.argv[1]).exec("UPDATE subject_keys SET wrapped = NULL")`
    execFileSync(process.execPath, ["-e", program, file])
    expect(await run(keys.ensure(alice))).toBeUndefined()
  })

  it("is read and unwrapped once, as long as nobody else writes", async () => {
    const { keys } = await opened()
    const buffers = unwrappedBuffers()
    const first = await run(keys.ensure(alice))
    const second = await run(keys.ensure(bob))
    expect(await run(keys.ensure(alice))).toEqual(first)
    expect(await run(keys.ensure(bob))).toEqual(second)
    expect(buffers()).toHaveLength(2)
  })

  it("is wiped where it is destroyed, others wrote, or the file is closed; who has it has it whole", async () => {
    const { file, ring, keys } = await opened()
    const buffers = unwrappedBuffers()
    const held = (await run(keys.ensure(alice)))!
    const secret = Buffer.from(held.secret)
    await run(keys.ensure(bob))
    expect(buffers()[0]).toEqual(secret)
    await run(keys.forget(alice))
    expect(buffers()[0]).toEqual(nothing)
    expect(buffers()[1]).not.toEqual(nothing)
    expect(Buffer.from(held.secret)).toEqual(secret)

    await run((await open(file, ring)).forget("sub_carol" as SubjectId))
    await run(keys.ensure(bob))
    expect(buffers()[1]).toEqual(nothing)
    expect(buffers()[2]).not.toEqual(nothing)
    await run(keys.close)
    expect(buffers()[2]).toEqual(nothing)
  })

  it("is wiped when 1024 others came after it", async () => {
    const keys = memorySubjectKeys(ephemeralKeys(), liveRandomness)
    const buffers = unwrappedBuffers()
    const first = await run(keys.ensure(alice))
    for (let index = 1; index < 1024; index++) await run(keys.ensure(`sub_${index}` as SubjectId))
    expect(buffers()[0]).not.toEqual(nothing)
    await run(keys.ensure(bob))
    expect(buffers()[0]).toEqual(nothing)
    expect(await run(keys.ensure(alice))).toEqual(first)
  })
})

describe("a wrapped key opens only where it was put", () => {
  it.each([
    ["under another subject", "UPDATE subject_keys SET subject_id = 'sub_bob' WHERE subject_id = 'sub_alice'", bob],
    ["under another id", "UPDATE subject_keys SET key_id = 'another' WHERE subject_id = 'sub_alice'", alice],
    [
      "in the place of another subject's",
      `INSERT INTO subject_keys SELECT 'sub_bob', key_id, wrapped FROM subject_keys WHERE subject_id = 'sub_alice'`,
      bob,
    ],
  ])("not %s", async (_, change, subjectId) => {
    const { file, ring, keys } = await opened()
    const { id } = (await run(keys.ensure(alice)))!
    const database = new DatabaseSync(file)
    database.exec(change)
    database.close()
    const fault = await run(Effect.flip((await open(file, ring)).ensure(subjectId)))
    expect(fault).toMatchObject({ reason: "corrupt", message: expect.stringContaining("is damaged") as string })
    expect(fault.message).not.toContain(id)
  })
})

describe("a file of subject keys is refused", () => {
  it("with another ring than the one they were wrapped under; a ring that only has a newer key besides will do", async () => {
    const { file, ring, keys } = await opened()
    const key = await run(keys.ensure(alice))
    const other = ephemeralKeys()
    await expect(open(file, other)).rejects.toThrow(/name the key `k_\w+`, which the key ring lacks/)
    expect(await run((await open(file, { keys: [other.keys[0], ...ring.keys] })).ensure(alice))).toEqual(key)
  })

  it("when it is something else, and is left as it was", async () => {
    const file = join(temporaryFolder(), "notes.txt")
    writeFileSync(file, "x".repeat(10_000))
    await expect(open(file, ephemeralKeys())).rejects.toThrow(/not a database/)
    expect(readFileSync(file, "utf8")).toBe("x".repeat(10_000))
  })

  it("when it cannot be written", async () => {
    await expect(open(join(temporaryFolder(), "no", "folder"), ephemeralKeys())).rejects.toThrow(
      /cannot be opened \(ENOENT\)/,
    )
  })
})

describe("a wrapped key", () => {
  /** Two subjects' keys, the file changed by hand, and the keys of the file as it is then. */
  const changed = async (...statements: ReadonlyArray<string>) => {
    const { file, ring, keys } = await opened()
    const [first, second] = [(await run(keys.ensure(alice)))!, (await run(keys.ensure(bob)))!]
    await run(keys.close)
    const database = new DatabaseSync(file)
    for (const statement of statements) database.exec(statement)
    database.close()
    return { keys: await open(file, ring), first, second }
  }

  it("is one subject's: under another's name it opens nothing", async () => {
    const { keys, first } = await changed(
      "UPDATE subject_keys SET subject_id = 'sub_x' WHERE subject_id = 'sub_alice'",
      "UPDATE subject_keys SET subject_id = 'sub_alice' WHERE subject_id = 'sub_bob'",
      "UPDATE subject_keys SET subject_id = 'sub_bob' WHERE subject_id = 'sub_x'",
    )
    await expect(run(keys.ensure(alice))).rejects.toThrow(/is damaged: put back a copy of the file/)
    await expect(run(keys.ensure(bob))).rejects.toThrow(/is damaged/)
    await expect(run(keys.find(first.id))).rejects.toThrow(/is damaged/)
  })

  it("is one key: under another's id it opens nothing", async () => {
    const { keys, first } = await changed("UPDATE subject_keys SET key_id = 'another' WHERE subject_id = 'sub_alice'")
    await expect(run(keys.ensure(alice))).rejects.toThrow(/is damaged/)
    await expect(run(keys.find("another"))).rejects.toThrow(/is damaged/)
    expect(await run(keys.find(first.id))).toEqual({ _tag: "Unknown" })
    expect(await run(keys.ensure(bob))).toBeDefined()
  })

  it("is nothing once it is changed, and another subject's is no less for it", async () => {
    const { keys, second } = await changed(
      "UPDATE subject_keys SET wrapped = (SELECT wrapped FROM subject_keys WHERE subject_id = 'sub_bob') WHERE subject_id = 'sub_alice'",
    )
    await expect(run(keys.ensure(alice))).rejects.toThrow(/is damaged/)
    expect(await run(keys.ensure(bob))).toEqual(second)
  })

  it("is under a key that is derived for wrapping alone", async () => {
    const { file, ring, keys } = await opened()
    const { id, secret } = (await run(keys.ensure(alice)))!
    await run(keys.close)
    const database = new DatabaseSync(file)
    const wrapped = String(database.prepare("SELECT wrapped FROM subject_keys").get()!["wrapped"])
    database.close()
    const [{ id: ringId, secret: ringSecret }] = ring.keys
    const under = (info: string) => {
      const derived = hkdfSync("sha256", Buffer.from(ringSecret, "base64url"), Buffer.alloc(0), info, 32)
      return unseal({ id: ringId, secret: new Uint8Array(derived) }, `${alice} ${id}`, wrapped)
    }
    expect(Buffer.from(under("grantlog/subject key")!)).toEqual(Buffer.from(secret))
    for (const info of ["grantlog/", "grantlog/successor", "grantlog/request id", ""]) {
      expect(under(info)).toBeUndefined()
    }
  })
})

describe("a file of subject keys", () => {
  it("that is somebody else's database is refused and left as it was", async () => {
    const file = join(temporaryFolder(), "other.db")
    const database = new DatabaseSync(file)
    database.exec("CREATE TABLE notes (text TEXT)")
    database.close()
    const before = readFileSync(file)
    await expect(open(file, ephemeralKeys())).rejects.toThrow(/holds no subject keys: check its path/)
    expect(readFileSync(file)).toEqual(before)
  })

  it("is closed once, however often it is told to be", async () => {
    const { keys } = await opened()
    await run(keys.close)
    await run(keys.close)
    await expect(run(keys.ensure(alice))).rejects.toThrow()
  })

  it("keeps no journal, and overwrites what it deletes", async () => {
    const { folder, file, keys } = await opened()
    await run(keys.ensure(alice))
    expect(readdirSync(folder)).toEqual(["grantlog.db.subject-keys"])
    const database = new DatabaseSync(file, { readOnly: true })
    onTestFinished(() => database.close())
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" })
    expect(database.prepare("PRAGMA application_id").get()).toEqual({ application_id: 0x676c736b })
  })
})

describe("keys in a place whose answers come later, where nobody can tell who wrote", () => {
  const elsewhere = async () => {
    const [place, ring] = [latePlace(memoryPlace(subjectKeyTable)), ephemeralKeys()]
    const shared = { ...place, mayHaveChanged: Effect.succeed(true) }
    const openThere = (keys: KeyRingFile = ring) => run(subjectKeysIn(shared, "there", keys, liveRandomness))
    return { place, first: await openThere(), second: await openThere(), openThere }
  }

  it("are made once, by whoever comes first, and used no more once anybody destroyed them", async () => {
    const { first, second } = await elsewhere()
    const made = await Promise.all([first, second, first].map((keys) => run(keys.ensure(alice))))
    expect(new Set(made.map((key) => key!.id)).size).toBe(1)
    const [late] = await Promise.all([run(first.ensure(alice)), run(second.forget(alice)), run(first.forget(alice))])
    expect([made[0], undefined]).toContainEqual(late)
    expect(await run(first.ensure(alice))).toBeUndefined()
    expect(await run(second.find(made[0]!.id))).toEqual({ _tag: "Forgotten" })
  })

  it("are refused with another ring, when they are opened and when they are used", async () => {
    const { first, openThere } = await elsewhere()
    const other = await openThere(ephemeralKeys())
    await run(first.ensure(alice))
    await expect(run(other.ensure(alice))).rejects.toThrow("which the key ring lacks")
    await expect(openThere(ephemeralKeys())).rejects.toThrow("the subject keys `there` name the key")
  })
})
