/** `grantlog archive`: what it tells of what it moved, and what it refuses before anything is moved. */
import { existsSync, statSync } from "node:fs"
import { afterAll, beforeAll, expect, it } from "vitest"
import { checkpointsBeside } from "../../../src/embedded/BesideFile.ts"
import { liveRandomness, sqliteStore } from "../../../src/provider/index.ts"
import { logins, run } from "../../audit/Logins.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { manualClock } from "../../support/ManualClock.ts"
import { ISSUER } from "../../support/TestServer.ts"

const DAY_SECONDS = 86_400
const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const path = folder.at("old.archive")
const store = ["--store", `sqlite:${file}`]
/** A grant that ended long ago. */
let ended: string
let keys: string
const archive = (...args: ReadonlyArray<string>) => grantlogHere(["archive", ...args, ...store])

const before = new Date(Date.now() - 100 * DAY_SECONDS * 1000).toISOString()
let moving: ReturnType<typeof archive> | undefined
/** The archive is made once, whichever test is the first. */
const moved = () => (moving ??= archive("--before", before, "--to", path))

beforeAll(async () => {
  const clock = manualClock(Date.now() - 200 * DAY_SECONDS * 1000)
  const log = sqliteStore(file)
  const { native, login, keys: ring } = await logins({ store: log, clock })
  for (let count = 0; count < 2; count++) {
    ended = (await login()).grantId
    await run(native.revokeGrant(ended, "operator"))
  }
  clock.pass(199 * DAY_SECONDS)
  await login()
  keys = JSON.stringify(ring)
  await run(log.close)
  await run(checkpointsBeside(file, []).openKey(ISSUER, liveRandomness))
  await archive("--before")
})
afterAll(() => folder[Symbol.dispose]())

it("moves nothing that ended lately, or into a folder that is not there", async () => {
  const none = folder.at("none.archive")
  expect(await archive("--before", "9m", "--to", none)).toEqual({
    code: 2,
    stdout: "",
    stderr: "grantlog: --before is too late: what ended in the last ten minutes stays\n",
  })
  for (const time of ["10m", "90d"])
    expect(await archive("--before", time, "--to", folder.at("no", "where"))).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: there is no folder \`${folder.at("no")}\`: make it, or name another\n`,
    })
  expect(await archive("--before", "300d", "--to", none)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^grantlog: no grant had ended before \d{4}-\S+Z\n$/),
  })
  expect(existsSync(none)).toBe(false)
})

it("tells what it moved and how long both files are, in lines for people", async () => {
  const { code, stdout, stderr } = await moved()
  expect([code, stderr]).toEqual([0, ""])
  const entryCount = /^entryCount +(\d+)$/m.exec(stdout)![1]!
  expect(Number(entryCount)).toBeGreaterThan(4)
  expect(stdout).toBe(
    [
      "archive            1",
      `file               ${path}`,
      `before             ${before}`,
      "grantCount         2",
      `entryCount         ${entryCount}`,
      "removedGrantCount  2",
      `archiveBytes       ${statSync(path).size}`,
      `storeBytes         ${statSync(file).size}`,
      "",
    ].join("\n"),
  )
})

it("done again moves nothing more; with --shrink it gives the room back, and JSON has times as numbers", async () => {
  await moved()
  const bytes = statSync(file).size
  const told = await grantlogJsonHere<Readonly<Record<string, number>>>([
    ...["archive", "--before", "90d", "--to", path, "--shrink", ...store],
  ])
  expect(told).toEqual({
    archive: 1,
    file: path,
    before: expect.any(Number),
    grantCount: 2,
    entryCount: expect.any(Number),
    removedGrantCount: 0,
    archiveBytes: statSync(path).size,
    storeBytes: statSync(file).size,
  })
  expect(told["storeBytes"]).toBeLessThan(bytes)
})

it("what it moved is read with the archive, and without it the command says where it is", async () => {
  await moved()
  const show = (...args: ReadonlyArray<string>) =>
    grantlogHere(["grant", "show", ended, ...args, ...store], { env: { GRANTLOG_KEYS: keys } })
  const { code, stdout } = await show("--archive", path)
  expect([code, stdout.split("\n").filter((line) => / Grant(?:Opened|Revoked) /.test(line)).length]).toEqual([0, 2])
  expect(await show()).toEqual({
    code: 1,
    stdout: "",
    stderr: `grantlog: grant ${ended} has ended, and its 6 entries are in archive 1, made as old.archive: name that file with --archive\n`,
  })
})
