/** `grantlog archive`, killed while it collects and while it takes out, then run again: nothing is lost, nothing is there twice. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { checkpointsBeside } from "../../../src/embedded/BesideFile.ts"
import { openNodeSqlite } from "../../../src/log/index.ts"
import { liveRandomness, sqliteStore } from "../../../src/provider/index.ts"
import { logins, run } from "../Logins.ts"
import { manualClock } from "../../support/ManualClock.ts"
import { ISSUER } from "../../support/TestServer.ts"
import { endOf, runnable, startProgram } from "../../live/support/Command.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { serve } from "../../live/support/ServeProcess.ts"
import { refresh } from "../../live/support/Wire.ts"

const DAY_MILLIS = 86_400_000
const YEAR_SECONDS = 31_536_000
/** More than are taken out in two transactions. */
const ENDED_GRANTS = 150
const COLLECTED = 40
const REMOVED = 64

const program = runnable(new URL("../../live/support/archiving.ts", import.meta.url))
const folder = temporaryFolder()
const ended: Array<string> = []
let alive: string
let root: string

interface Verified {
  readonly root: string
  readonly findings: ReadonlyArray<unknown>
  readonly archived: { readonly entryCount: number; readonly readCount: number }
  readonly notCovered: ReadonlyArray<string>
}

/** A copy of the store of {@link ENDED_GRANTS} and two that live, one of them unheard of for as long, with what is done to it. */
const copied = () => {
  const own = temporaryFolder()
  onTestFinished(() => own[Symbol.dispose]())
  cpSync(folder.at("."), own.at("."), { recursive: true })
  const [file, archive] = [own.at("grantlog.db"), own.at("old.archive")]
  const store = ["--store", `sqlite:${file}`]
  return {
    file,
    archive,
    store,
    verified: (...more: ReadonlyArray<string>) => grantlogJsonHere<Verified>(["verify", ...more, ...store]),
    killed: (what: string, count: number) => endOf(startProgram([program, what, file, archive, String(count)])),
    archived: () => grantlogJsonHere<Record<string, number>>(["archive", "--before", "90d", "--to", archive, ...store]),
    explained: (grantId: string, ...more: ReadonlyArray<string>) =>
      grantlogHere(["explain", grantId, ...more, ...store]),
  }
}

beforeAll(async () => {
  const file = folder.at("grantlog.db")
  const clock = manualClock(Date.now() - 200 * DAY_MILLIS)
  // Nobody is signed out for staying away.
  const lifetimes = { refreshIdle: YEAR_SECONDS, grant: YEAR_SECONDS }
  const system = await logins({ store: sqliteStore(file), clock, config: { lifetimes } })
  for (let count = 0; count < ENDED_GRANTS; count++) {
    const { grantId } = await system.login()
    ended.push(grantId)
    await run(system.native.revokeGrant(grantId, "operator"))
  }
  alive = (await system.login()).refresh_token
  clock.pass((200 * DAY_MILLIS) / 1000 - 3600)
  await system.login()
  await run(checkpointsBeside(file, []).openKey(ISSUER, liveRandomness))
  writeFileSync(`${file}.keys.json`, JSON.stringify(system.keys))
  await run(system.store.close)
  root = (await grantlogJsonHere<Verified>(["verify", "--store", `sqlite:${file}`])).root
})
afterAll(() => folder[Symbol.dispose]())

it("takes out what has ended, and never what has only been quiet for as long", async () => {
  const { file, archived, verified, archive } = copied()
  expect(await archived()).toMatchObject({ grantCount: ENDED_GRANTS, removedGrantCount: ENDED_GRANTS })
  expect(await verified("--archive", archive)).toMatchObject({ root, findings: [] })
  await using server = await serve(file, "--issuer", ISSUER)
  expect((await refresh(server.url, { client_id: "app" }, alive)).status).toBe(200)
  expect(await server.stop()).toBe(0)
})

it("leaves the log as it was, and no archive, when it is killed while it collects", async () => {
  const { archive, store, verified, killed, archived } = copied()
  expect(await killed("collect", COLLECTED)).toBe("SIGKILL")
  expect([existsSync(archive), existsSync(`${archive}.partial`)]).toEqual([false, true])
  expect(await verified()).toMatchObject({ root, findings: [], archived: { entryCount: 0 } })
  const partial = await grantlogHere(["verify", "--archive", `${archive}.partial`, ...store])
  expect(partial).toMatchObject({ code: 1, stderr: expect.stringContaining("is no archive, or one that was not") })
  expect(await archived()).toMatchObject({ archive: 1, grantCount: ENDED_GRANTS, removedGrantCount: ENDED_GRANTS })
  expect(existsSync(`${archive}.partial`)).toBe(false)
})

it("has every entry in the log or in the archive when it is killed while it takes out, and what lives goes on", async () => {
  const { file, archive, verified, killed, explained } = copied()
  expect(await killed("remove", REMOVED)).toBe("SIGKILL")
  expect([existsSync(archive), existsSync(`${archive}.partial`)]).toEqual([true, false])
  for (const archives of [[], ["--archive", archive]]) {
    const half = await verified(...archives)
    expect(half).toMatchObject({ root, findings: [] })
    expect(half.archived.entryCount).toBeGreaterThan(0)
    expect(half.notCovered[0]).toContain("which was not finished")
  }
  for (const grantId of [ended[0]!, ended.at(-1)!]) {
    const told = { code: 0, stdout: expect.stringContaining(grantId) }
    expect(await explained(grantId, "--archive", archive)).toMatchObject(told)
  }
  await using server = await serve(file, "--issuer", ISSUER)
  expect((await refresh(server.url, { client_id: "app" }, alive)).status).toBe(200)
  expect(await server.stop()).toBe(0)
})

it("goes on with the same file when it is run again, and takes nothing out twice", async () => {
  const { archive, store, verified, killed, archived, explained } = copied()
  expect(await killed("remove", REMOVED)).toBe("SIGKILL")
  const bytes = readFileSync(archive)
  const whole = { archive: 1, grantCount: ENDED_GRANTS }
  expect(await archived()).toMatchObject({ ...whole, removedGrantCount: ENDED_GRANTS - REMOVED })
  expect(await archived()).toMatchObject({ ...whole, removedGrantCount: 0 })
  expect(readFileSync(archive).equals(bytes)).toBe(true)
  const after = await verified("--archive", archive)
  expect(after).toMatchObject({ root, findings: [] })
  expect(after.archived.readCount).toBe(after.archived.entryCount)
  const folded = await grantlogJsonHere<{ readonly differingRowCount: number }>(["rebuild", ...store])
  expect(folded.differingRowCount).toBe(0)
  const gone = await explained(ended[0]!)
  expect(gone.stderr).toContain("are in archive 1, made as old.archive: name that file with --archive")
})

it("is believed by nobody who asks once it was changed", async () => {
  const { archive, archived, explained } = copied()
  await archived()
  const driver = openNodeSqlite(archive)
  driver.exec(`UPDATE entries SET bytes = replace(bytes, '"app"', '"nob"') WHERE stream = 'grant-${ended[0]}'`)
  driver.close()
  const sentence = expect.stringContaining("is not what was recorded: run grantlog verify")
  expect(await explained(ended[0]!, "--archive", archive)).toMatchObject({ code: 1, stderr: sentence })
})
