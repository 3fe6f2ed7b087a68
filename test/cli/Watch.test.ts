/** `grantlog watch` until Ctrl-C: that it watches and from where, a line for each alarm, and JSON alone for programs. */
import { DatabaseSync } from "node:sqlite"
import { beforeAll, describe, expect, it } from "vitest"
import { readKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { logins, run } from "../audit/Logins.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { manualClock, START_MILLIS } from "../support/ManualClock.ts"
import { VERIFIER } from "../support/TenMethods.ts"
import { serveHere } from "./ServeHere.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const place = `sqlite:${file}`
const at = new Date(START_MILLIS).toISOString()
/** What goes on by itself says nothing more when something is wrong. */
const HANGING_MILLIS = 5000

/** A grant whose code was presented again, the entry that says so, and how many entries there are. */
let replayed: { readonly grantId: string; readonly position: number; readonly size: number }

beforeAll(async () => {
  const server = await serveHere(file)
  const config = { issuer: server.url }
  await server[Symbol.asyncDispose]()
  const store = sqliteStore(file)
  const keys = readKeyFile(`${file}.keys.json`)
  const { native, login, refused } = await logins({ store, keys, config, clock: manualClock() })
  const { code, grantId } = await login()
  await refused(native.redeemCode({ credentials: { clientId: "app" }, code, codeVerifier: VERIFIER }))
  const { size } = await run(store.head)
  const entries = await run(store.readAll(0, size))
  const { position } = entries.find(({ event }) => event._tag === "AuthorizationCodeReplayed") ?? expect.fail()
  replayed = { grantId, position, size }
  await run(store.close)
  return () => folder[Symbol.dispose]()
})

/** Watches until that is said. */
const watched = (until: RegExp, ...args: ReadonlyArray<string>) =>
  grantlogHere(["watch", ...args, "--store", place], { onSaid: (said, end) => void (until.test(said) && end()) })

const watching = (from: number) =>
  `watching ${place} from entry ${from} on: a line is printed when something is wrong; Ctrl-C ends it\n`

const sentence = "the code was redeemed a second time, with everything right: a replay"
const advice = () =>
  `somebody else had the code and its verifier; the grant is dead: grantlog explain ${replayed.grantId} --store ${place}`

describe("watch", { timeout: HANGING_MILLIS }, () => {
  it("has a line for what is wrong, with who did it and what to ask next, in UTC or the time of this machine", async () => {
    const line = (time: string) =>
      `REPLAY  ${time}  #${replayed.position}  grant ${replayed.grantId}, by app: ${sentence}; ${advice()}\n`
    const alarm = /REPLAY.*\n/
    expect(await watched(alarm, "--after", "-1")).toEqual({ code: 0, stdout: line(at), stderr: watching(0) })
    const { stdout } = await watched(alarm, "--after", "-1", "--local")
    const [time] = /\d{4}-\S+[+-]\d\d:\d\d(?= )/.exec(stdout) ?? expect.fail()
    expect([Date.parse(time), stdout]).toEqual([START_MILLIS, line(time)])
  })

  it("has a line of JSON for programs", async () => {
    const { stdout, stderr } = await watched(/replay.*\n/, "--after", "-1", "--json")
    expect(stderr).toBe(watching(0))
    expect(stdout).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(stdout)).toEqual({
      alarm: "replay",
      type: "AuthorizationCodeReplayed",
      at: START_MILLIS,
      position: replayed.position,
      grantId: replayed.grantId,
      ...{ actor: "app", actorName: "app", clientName: null },
      ...{ correlationId: expect.any(String), causationId: null, isRequestOriginSealed: false },
      ...{ sentence, advice: advice() },
    })
  })

  it("begins at the end, or behind a position", async () => {
    expect(await watched(/watching.*\n/)).toEqual({ code: 0, stdout: "", stderr: watching(replayed.size) })
    const behind = await watched(/watching.*\n/, "--after", String(replayed.position))
    expect(behind).toEqual({ code: 0, stdout: "", stderr: watching(replayed.position + 1) })
    expect(await watched(/watching.*\n/, "--after", "-2")).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: --after is `-2`: give a value greater than or equal to -1 (try grantlog watch --help)\n",
    })
  })

  it("tells of a kept checkpoint that the log contradicts", async () => {
    await grantlogJsonHere(["checkpoint", "--store", place])
    using database = new DatabaseSync(file)
    database.exec("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)")
    const { size } = replayed
    const missing = `the log has ${size - 1} entries, the last checkpoint ${size}: it was cut or restored; run grantlog verify`
    const { stdout } = await watched(/CHECKPOINT.*\n/)
    expect(stdout).toMatch(new RegExp(`^CHECKPOINT  \\d{4}-[\\d:.T-]+Z  ${missing}\\n$`))
    const told = await watched(/"checkpoint".*\n/, "--json")
    expect(JSON.parse(told.stdout)).toEqual({
      alarm: "checkpoint",
      at: expect.any(Number),
      reason: "inconsistent",
      sentence: missing,
    })
  })
})
