/** `grantlog ring` without a server: what each step does to the file, what it says, and what it refuses. */
import fs, { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { liveRandomness, openSubjectKeys, readKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { standIn } from "../client/support/StandIn.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { ALICE, logins, run } from "../audit/Logins.ts"
import { manualClock } from "../support/ManualClock.ts"
import { serverOver } from "../support/TestServer.ts"

interface RingKey {
  readonly id: string
  readonly state: string
}

const MINUTE_MILLIS = 60_000

/** A store whose ring has one key, by which a token was derived some time ago. */
const setting = async (agoMillis = 2 * MINUTE_MILLIS) => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = folder.at("grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  const log = sqliteStore(file)
  const world = await logins({ store: log, clock: manualClock(Date.now() - agoMillis) })
  const derived = await world.refresh((await world.login()).refresh_token)
  await run(log.close)
  writeFileSync(`${file}.keys.json`, JSON.stringify(world.keys), { mode: 0o600 })
  const ring = (...args: ReadonlyArray<string>) => grantlogJsonHere<RingKey>(["ring", ...args, ...store])
  const keys = async () =>
    (await grantlogJsonHere<{ readonly keys: ReadonlyArray<RingKey> }>(["ring", "list", ...store])).keys
  const [{ id: first }] = (await keys()) as [RingKey]
  return {
    folder,
    file,
    store,
    ring,
    keys,
    first,
    derived,
    keyFile: `${file}.keys.json`,
    held: () => readFileSync(`${file}.keys.json`, "utf8"),
    said: (...args: ReadonlyArray<string>) => grantlogHere(["ring", ...args, ...store]),
  }
}

describe("ring", () => {
  it("adds a key that is kept, has it used, and retires the one before, of which the id alone stays", async () => {
    const { ring, keys, first, held, file, keyFile } = await setting()
    const { secret } = (JSON.parse(held()) as { keys: ReadonlyArray<{ secret: string }> }).keys[0]!
    const added = await ring("add")
    expect(added).toEqual({ id: expect.stringMatching(/^k_\w+$/), state: "kept" })
    expect(await keys()).toEqual([{ id: first, state: "in use" }, added])
    expect(await ring("use", added.id)).toEqual({ id: added.id, state: "in use" })
    const before = [held(), statSync(keyFile).ino]
    // Who says it again changes nothing: the file is not even written.
    expect(await ring("use", added.id)).toEqual({ id: added.id, state: "in use" })
    expect([held(), statSync(keyFile).ino]).toEqual(before)
    expect(await keys()).toEqual([
      { id: added.id, state: "in use" },
      { id: first, state: "kept" },
    ])
    expect(await ring("retire", first)).toEqual({
      id: first,
      state: "retired",
      subjectKeyCount: 0,
      signingKeyCount: 0,
    })
    expect(await keys()).toEqual([
      { id: added.id, state: "in use" },
      { id: first, state: "retired" },
    ])
    expect(JSON.parse(held())).toMatchObject({ keys: [{ id: added.id }], retired: [first] })
    expect(held()).not.toContain(secret)
    // Where there are no keys of subjects, none are made.
    expect(existsSync(`${file}.subject-keys`)).toBe(false)
  })

  it("is told in columns and fields, and never with a secret", async () => {
    const { said, first, held } = await setting()
    const { stdout: added } = await said("add")
    expect(added).toMatch(/^id +k_\w+\nstate +kept\n$/)
    const listed = await said("list")
    expect(listed.stdout).toMatch(new RegExp(`^id +state\n${first} +in use\nk_\\w+ +kept\n$`))
    const { keys } = JSON.parse(held()) as { keys: ReadonlyArray<{ secret: string }> }
    for (const { secret } of keys) expect(added + listed.stdout).not.toContain(secret)
  })

  it("refuses keys that it never had, has no more, or that are in use, and changes nothing", async () => {
    const { said, ring, first, held } = await setting()
    const refused = async (sentence: string, ...args: ReadonlyArray<string>) => {
      const before = held()
      expect(await said(...args)).toEqual({ code: 1, stdout: "", stderr: `grantlog: ${sentence}\n` })
      expect(held()).toBe(before)
    }
    for (const step of ["use", "retire"]) await refused("there is no key `k_none` in the ring", step, "k_none")
    await refused(
      `the key \`${first}\` is in use: \`grantlog ring add\` makes another, and \`ring use\` has it used`,
      ...["retire", first],
    )
    const { id } = await ring("add")
    await ring("use", id)
    await ring("retire", first)
    for (const step of ["use", "retire"]) await refused(`the key \`${first}\` is retired already`, step, first)
  })

  it("keeps a key by which a token was derived within the last minute", async () => {
    // However long this takes.
    const { said, ring, first } = await setting(-10 * MINUTE_MILLIS)
    const { id } = await ring("add")
    await ring("use", id)
    expect(await said("retire", first)).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: a token was derived under the key \`${first}\` within the last minute: start every instance again that uses it, and come back in a minute\n`,
    })
  })

  it("names the newest of several that were added, and what is wrong with a file that cannot be written", async () => {
    const { ring, said, keys, held } = await setting()
    const added = [await ring("add"), await ring("add"), await ring("add")]
    expect((await keys()).slice(1)).toEqual(added)
    const before = held()
    standIn(fs, "renameSync", () => () => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" })
    })
    expect(await said("add")).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^grantlog: the key ring `.*` cannot be written: it is as it was \(ENOSPC\)/),
    })
    expect(held()).toBe(before)
  })

  it("is held by whoever changes it, and by nobody who only looks", async () => {
    const { said, keyFile } = await setting()
    await said("list")
    expect(existsSync(`${keyFile}-lock`)).toBe(false)
    for (const step of [["add"], ["use", "k_none"], ["retire", "k_none"]]) {
      await said(...step)
      expect(existsSync(`${keyFile}-lock`), step[0]).toBe(true)
      rmSync(`${keyFile}-lock`)
    }
  })

  it("wraps anew what is under a key before that goes, and counts it", async () => {
    const { file, ring, first, store, keyFile } = await setting()
    const subjectFile = `${file}.subject-keys`
    const open = () => run(openSubjectKeys(subjectFile, readKeyFile(keyFile), liveRandomness))
    const before = await open()
    const key = await run(before.ensure(ALICE))
    await run(before.close)
    await grantlogJsonHere(["key", "rotate", "--overlap", "0", ...store])
    await ring("use", (await ring("add")).id)
    const retired = { id: first, state: "retired", subjectKeyCount: 1, signingKeyCount: 1 }
    expect(await ring("retire", first)).toEqual(retired)
    const after = await open()
    expect(await run(after.ensure(ALICE))).toEqual(key)
    await run(after.close)
    expect((await grantlogHere(["key", "list", ...store])).code).toBe(0)
  })

  describe("retires a key under which nothing was derived for a minute", () => {
    afterEach(() => {
      vi.useRealTimers()
    })

    it("and not a millisecond sooner", async () => {
      const { ring, said, first, store } = await setting()
      await ring("use", (await ring("add")).id)
      const { entries } = await grantlogJsonHere<{ readonly entries: ReadonlyArray<{ readonly at: number }> }>([
        "history",
        "--type",
        "RefreshTokenRotated",
        ...store,
      ])
      const derivedAt = entries[0]!.at
      vi.useFakeTimers({ toFake: ["Date"], now: derivedAt + MINUTE_MILLIS - 1 })
      expect((await said("retire", first)).code).toBe(1)
      vi.setSystemTime(derivedAt + MINUTE_MILLIS)
      expect((await said("retire", first)).code).toBe(0)
    })

    it("whatever happened meanwhile, and whatever was derived under another", async () => {
      const { file, ring, first, derived, keyFile } = await setting()
      await ring("use", (await ring("add")).id)
      const log = sqliteStore(file)
      const { native } = await serverOver({ store: log, keys: readKeyFile(keyFile), clock: manualClock(Date.now()) })
      const presented = { credentials: { clientId: "app" }, refreshToken: derived.refresh_token }
      await run(native.refresh(presented))
      await run(log.close)
      expect((await ring("retire", first)).state).toBe("retired")
    })

    it("though the log itself was begun with it a moment ago", async () => {
      const folder = temporaryFolder()
      onTestFinished(() => folder[Symbol.dispose]())
      const store = ["--store", `sqlite:${folder.at("new.db")}`]
      await grantlogJsonHere(["client", "add", "--name", "x", "--issuer", "http://localhost:4000", ...store])
      const { keys } = await grantlogJsonHere<{ readonly keys: ReadonlyArray<RingKey> }>(["ring", "list", ...store])
      const { id } = await grantlogJsonHere<RingKey>(["ring", "add", ...store])
      await grantlogJsonHere(["ring", "use", id, ...store])
      expect(await grantlogHere(["ring", "retire", keys[0]!.id, ...store])).toMatchObject({ code: 0 })
    })
  })

  it("is not done to a ring that no command can write, or to one of another log", async () => {
    const { folder, said, store, held } = await setting()
    const before = held()
    const env = { GRANTLOG_KEYS: before }
    expect(await grantlogHere(["ring", "add", ...store], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("which no command can change"),
    })
    const foreign = folder.at("foreign.json")
    writeFileSync(foreign, JSON.stringify({ keys: [{ id: "k_another", secret: "A".repeat(43) }] }))
    expect(await said("add", "--keys-file", foreign)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("bring the ring that this log was"),
    })
    expect(held()).toBe(before)
  })
})
