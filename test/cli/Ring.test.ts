/** `grantlog ring` without a server: what each step does to the file, what it says, and what it refuses. */
import { readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it, onTestFinished } from "vitest"
import { sqliteStore } from "../../src/provider/index.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { logins, run } from "../audit/Logins.ts"
import { manualClock } from "../support/ManualClock.ts"

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
  await world.refresh((await world.login()).refresh_token)
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
    held: () => readFileSync(`${file}.keys.json`, "utf8"),
    said: (...args: ReadonlyArray<string>) => grantlogHere(["ring", ...args, ...store]),
  }
}

describe("ring", () => {
  it("adds a key that is kept, has it used, and retires the one before, of which the id alone stays", async () => {
    const { ring, keys, first, held } = await setting()
    const { secret } = (JSON.parse(held()) as { keys: ReadonlyArray<{ secret: string }> }).keys[0]!
    const added = await ring("add")
    expect(added).toEqual({ id: expect.stringMatching(/^k_\w+$/), state: "kept" })
    expect(await keys()).toEqual([{ id: first, state: "in use" }, added])
    expect(await ring("use", added.id)).toEqual({ id: added.id, state: "in use" })
    const before = held()
    // Who says it again changes nothing.
    expect(await ring("use", added.id)).toEqual({ id: added.id, state: "in use" })
    expect(held()).toBe(before)
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
