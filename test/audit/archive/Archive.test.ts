/** Grants that ended long ago are moved to an archive: what was proven holds, what is dead stays dead, and nothing is lost. */
import { copyFileSync, existsSync, rmSync, statSync, writeFileSync } from "node:fs"
import { Effect, Option } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeArchive } from "../../../src/audit/index.ts"
import { showGrant } from "../../../src/cli/admin/operations/Grants.ts"
import { storePlace, type Workplace } from "../../../src/cli/admin/Place.ts"
import { refusalFor } from "../../../src/cli/admin/Refusals.ts"
import { checkpointsBeside } from "../../../src/embedded/BesideFile.ts"
import {
  NoStream,
  openArchive,
  openNodeSqlite,
  signingKey,
  sqliteArchivist,
  writeArchive,
  type SqliteDriver,
} from "../../../src/log/index.ts"
import { inlineProjection } from "../../../src/projection/index.ts"
import { liveRandomness, sqliteStore, type ServerStore } from "../../../src/provider/index.ts"
import { sideTables } from "../../../src/provider/SideTables.ts"
import { databases, hasPostgres } from "../../live/support/Databases.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { manualClock } from "../../support/ManualClock.ts"
import { ISSUER } from "../../support/TestServer.ts"
import { logins, run, type Logins } from "../Logins.ts"

const DAY = 86_400
const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
const archive = folder.at("old.archive")

/** What a client says that registers itself. */
const itself = {
  redirect_uris: ["http://127.0.0.1:8123/callback"],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
}

type Login = Awaited<ReturnType<Logins["login"]>>
interface Archived {
  readonly archive: number
  readonly grantCount: number
  readonly entryCount: number
  readonly removedGrantCount: number
}

let server: Logins
/** A grant whose spent refresh token was presented again, one that its client ended, and one that lives on. */
let stolen: Login & { readonly next: string }
let revoked: Login
let living: Login & { current: string }
let recent: Login
const before: Record<string, string> = {}

const ran = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await grantlogHere([...args, ...store])
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("grantlog:")])
  return stdout
}

/** What is told of a grant and its tokens. */
const questions = async (...more: ReadonlyArray<string>): Promise<Record<string, unknown>> => {
  const told: Record<string, unknown> = {}
  for (const { grantId, access_token: token } of [stolen, revoked]) {
    const asked = ["--json", ...more, ...store]
    told[`explain ${grantId}`] = JSON.parse((await grantlogHere(["explain", grantId, ...asked])).stdout)
    told[`token ${grantId}`] = JSON.parse((await grantlogHere(["explain", ...asked], { input: token })).stdout)
    told[`history ${grantId}`] = JSON.parse((await grantlogHere(["history", "--grant", grantId, ...asked])).stdout)
  }
  // The moment is that of the asking.
  return JSON.parse(JSON.stringify(told, (name, value: unknown) => (name === "at" ? undefined : value)))
}

const verified = async (...more: ReadonlyArray<string>) =>
  JSON.parse((await grantlogHere(["verify", "--json", ...more, ...store])).stdout) as {
    readonly root: string
    readonly findings: ReadonlyArray<{ readonly message: string }>
    readonly archived: { readonly entryCount: number; readonly readCount: number }
    readonly notCovered: ReadonlyArray<string>
  }

const withFile = <A>(path: string, body: (driver: SqliteDriver) => A): A => {
  const driver = openNodeSqlite(path)
  try {
    return body(driver)
  } finally {
    driver.close()
  }
}

beforeAll(async () => {
  const clock = manualClock(Date.now() - 200 * DAY * 1000)
  server = await logins({ store: sqliteStore(file), clock })
  const { native, login, refresh } = server
  const first = await login()
  const next = await refresh(first.refresh_token)
  const third = await refresh(next.refresh_token)
  clock.pass(60)
  await server.refused(native.refresh({ credentials: { clientId: "app" }, refreshToken: first.refresh_token }))
  stolen = { ...first, next: third.refresh_token }
  revoked = await login()
  await run(native.revokeGrant(revoked.grantId, "operator"))
  for (let count = 0; count < 19; count++) await login()
  // Its registration counts as used by this alone.
  const { client_id: registered } = await run(native.registerClient(itself))
  await login(registered)
  const kept = await login()
  living = { ...kept, current: kept.refresh_token }
  for (let month = 0; month < 9; month++) {
    clock.pass(20 * DAY)
    living.current = (await refresh(living.current)).refresh_token
  }
  recent = await login()
  clock.pass(20 * DAY - 3600)
  living.current = (await refresh(living.current)).refresh_token
  await run(checkpointsBeside(file, []).openKey(ISSUER, liveRandomness))
  before["checkpoint"] = JSON.parse(await ran("checkpoint", "--json")).checkpoint
  writeFileSync(folder.at("kept-checkpoint"), before["checkpoint"]!)
  await ran("prove", "9", "--out", folder.at("9.tlog-proof"))
  before["root"] = (await verified()).root
  before["questions"] = JSON.stringify(await questions())
  withFile(file, (driver) => driver.exec("PRAGMA wal_checkpoint(TRUNCATE)"))
  before["bytes"] = String(statSync(file).size)
})
afterAll(() => folder[Symbol.dispose]())

describe("archiving", () => {
  it("loses nothing when it is stopped before anything is taken out, or in the middle, and goes on with the same file", async () => {
    const archivist = sqliteArchivist(file, inlineProjection, sideTables)
    const writer = writeArchive(archive)
    const key = await run(checkpointsBeside(file, []).readKey)
    const options = { before: Date.now() - 90 * DAY * 1000 }
    await run(makeArchive(server.store, archivist, writer, key, options))
    expect(await verified()).toMatchObject({ root: before["root"], findings: [], archived: { entryCount: 0 } })

    const opened = openArchive(archive)
    const [one] = opened.streams("", 1)
    const number = await run(archivist.begin(opened.statement, "old.archive"))
    expect(await run(archivist.remove(number, [{ ...one!, indexedDigests: [] }]))).toBe(1)
    const half = await verified()
    expect(half).toMatchObject({ root: before["root"], findings: [], archived: { entryCount: one!.version } })
    expect(half.notCovered[0]).toContain("which was not finished")
    // What is gone already is read in the archive.
    expect(await verified("--archive", archive)).toMatchObject({
      root: before["root"],
      findings: [],
      archived: { entryCount: one!.version, readCount: one!.version },
    })
    withFile(file, (driver) => driver.exec("PRAGMA wal_checkpoint(TRUNCATE)"))
    for (const end of ["", ".checkpoint", ".checkpoint-key.json"]) copyFileSync(file + end, folder.at(`half.db${end}`))
    opened.close()
    // Of what lives a row is left.
    const stream = `grant-${living.grantId}`
    const version = await run(server.store.streamVersion(stream))
    const alive = { stream, version, diedAt: Date.now(), clientId: "app", keyIds: [], indexedDigests: [] }
    const refusal = await run(Effect.flip(archivist.remove(number, [alive])))
    expect(refusal.message).toContain("is not as it was archived, or not dead: nothing of it was taken out")
    await run(archivist.close)

    const archived = await grantlogJsonHere<Archived>(["archive", "--before", "90d", "--to", archive, ...store])
    expect(archived).toMatchObject({ archive: 1, grantCount: 22, removedGrantCount: 21 })
    const again = await grantlogJsonHere<Archived>([
      "archive",
      "--before",
      "90d",
      "--to",
      archive,
      "--shrink",
      ...store,
    ])
    expect(again).toMatchObject({ archive: 1, grantCount: 22, removedGrantCount: 0 })
    expect(statSync(file).size).toBeLessThan(Number(before["bytes"]))
  })

  it("keeps roots, checkpoints and proofs, and rows as they are folded", async () => {
    const alone = await verified("--from", folder.at("kept-checkpoint"))
    expect(alone).toMatchObject({ root: before["root"], findings: [], archived: { readCount: 0 } })
    expect(alone.notCovered[0]).toBe(`${alone.archived.entryCount} entries of archive 1 (old.archive)`)
    const whole = await verified("--archive", archive)
    expect(whole).toMatchObject({ root: before["root"], findings: [] })
    expect(whole.archived.readCount).toBe(alone.archived.entryCount)
    expect(JSON.parse(await ran("rebuild", "--json"))).toMatchObject({ differingRowCount: 0, faults: [] })
    const { verifierKey } = JSON.parse(await ran("checkpoint", "--json")) as { readonly verifierKey: string }
    expect((await grantlogHere(["verify-proof", folder.at("9.tlog-proof"), "--key", verifierKey])).code).toBe(0)
  })

  it("is refused by the admin API for the history of a grant that is in an archive, with where it is", async () => {
    const none = Option.none()
    const refusal = Effect.flatMap(storePlace({ store: `sqlite:${file}`, beside: none, keysFile: none }), (place) =>
      Effect.flip(showGrant.carryOut({ ...place, workplace: atHand }, { grant_id: stolen.grantId })),
    )
    const atHand = Effect.succeed({ log: server.store } as unknown as Workplace)
    const { status, body } = refusalFor(await run(Effect.scoped(refusal)))
    expect([status, JSON.parse(body)]).toEqual([
      409,
      { error: "refused", error_description: expect.stringContaining("its 11 entries are in archive 1, made as") },
    ])
  })

  it("tells where the rest is, and with the archive the same as before", async () => {
    const known = await grantlogHere(["explain", stolen.grantId, ...store])
    expect(known.code).toBe(1)
    expect(known.stderr).toBe(
      `grantlog: grant ${stolen.grantId} has ended, and its 11 entries are in archive 1, made as old.archive: name that file with --archive\n`,
    )
    const token = await grantlogHere(["explain", "--json", ...store], { input: revoked.access_token })
    expect(JSON.parse(token.stdout)).toMatchObject({ archived: { grantId: revoked.grantId, archive: 1 } })
    const history = await grantlogHere(["history", "--grant", stolen.grantId, ...store])
    expect(history).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("11 more of these are in archives"),
    })
    expect(await questions("--archive", archive)).toEqual(JSON.parse(before["questions"]!))
    // The same with an index that was made when they were gone already.
    rmSync(`${file}.audit`)
    expect(await grantlogHere(["history", "--grant", stolen.grantId, ...store])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: known.stderr,
    })
    expect(await questions("--archive", archive)).toEqual(JSON.parse(before["questions"]!))
  })

  it("proves what is in the archive, and exports the whole with it", async () => {
    const position = openArchiveFirst(archive)
    const refused = await grantlogHere(["prove", String(position), ...store])
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("is in archive 1: name its file") })
    const { proof, verifierKey } = JSON.parse(
      await ran("prove", String(position), "--archive", archive, "--json"),
    ) as Record<string, string>
    writeFileSync(folder.at("archived.tlog-proof"), proof!)
    expect((await grantlogHere(["verify-proof", folder.at("archived.tlog-proof"), "--key", verifierKey!])).code).toBe(0)
    expect((await grantlogHere(["export", ...store])).stderr).toContain("is in archive 1: give its file with --archive")
    await ran("export", "--archive", archive, "--out", folder.at("all.jsonl"))
    expect((await grantlogHere(["verify-export", folder.at("all.jsonl"), "--key", verifierKey!])).code).toBe(0)
  })

  it("leaves dead tokens dead for the server that runs, and the living alive", async () => {
    const { native, store: log } = server
    const size = async () => (await run(log.head)).size
    const sizeBefore = await size()
    const credentials = { clientId: "app" }
    for (const token of [stolen.refresh_token, stolen.next, revoked.refresh_token]) {
      const refusal = await server.refused(native.refresh({ credentials, refreshToken: token }))
      expect(refusal).toMatchObject({ error: "invalid_grant" })
    }
    for (const token of [stolen.access_token, revoked.access_token]) {
      expect(await run(native.verify(token))).toBeUndefined()
    }
    expect(await run(log.streamVersion(`grant-${stolen.grantId}`))).toBe(11)
    const reopened = {
      stream: `grant-${stolen.grantId}`,
      expectedVersion: NoStream,
      events: [],
      checks: [],
      claims: [],
    }
    const outcome = await run(
      log.append({ ...reopened, rows: [], projection: inlineProjection.description, at: server.clock.now() }),
    )
    expect(outcome).toMatchObject({ _tag: "WrongExpectedVersion", actual: 11 })
    expect(await size()).toBe(sizeBefore)
    living.current = (await server.refresh(living.current)).refresh_token
    expect(await run(native.verify(recent.access_token))).toBeUndefined()
    expect((await verified()).findings).toEqual([])
  })

  it("takes the next ones to an archive of their own, and has nothing to do when nothing has ended", async () => {
    const second = folder.at("second.archive")
    const none = await grantlogHere(["archive", "--before", "90d", "--to", second, ...store])
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("no grant had ended before") })
    expect(existsSync(second) || existsSync(`${second}.partial`)).toBe(false)
    const late = await grantlogHere(["archive", "--before", "1m", "--to", second, ...store])
    expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining("--before is too late") })
    const foreign = await grantlogHere(["verify", "--archive", folder.at("kept-checkpoint"), ...store])
    expect(foreign).toMatchObject({ code: 1, stderr: expect.stringMatching(/no archive|not a database/) })
  })
})

/** The first position in an archive. */
const openArchiveFirst = (path: string): number => {
  const opened = openArchive(path)
  const [first] = opened.stored(0, 1)
  opened.close()
  return first!.position
}

describe("a log with archives", () => {
  it("is moved, backed up and restored like any other", async () => {
    const [copy, made] = [folder.at("moved.db"), folder.at("backup")]
    withFile(file, (driver) => driver.exec("PRAGMA wal_checkpoint(TRUNCATE)"))
    copyFileSync(file, folder.at("source.db"))
    for (const end of [".checkpoint", ".checkpoint-key.json"]) copyFileSync(file + end, folder.at(`source.db${end}`))
    expect(
      (await grantlogHere(["migrate", "--from", `sqlite:${folder.at("source.db")}`, "--to", `sqlite:${copy}`])).code,
    ).toBe(0)
    const moved = ["--store", `sqlite:${copy}`]
    expect((await grantlogHere(["verify", "--archive", archive, ...moved])).stdout).not.toContain("WRONG")
    writeFileSync(`${copy}.keys.json`, JSON.stringify(server.keys))
    expect((await grantlogHere(["backup", made, ...moved])).code).toBe(0)
    const restored = ["--store", `sqlite:${folder.at("restored.db")}`]
    expect((await grantlogHere(["restore", made, "--nothing-since", ...restored])).code).toBe(0)
    const whole = await grantlogHere(["verify", "--archive", archive, ...restored])
    expect(whole).toMatchObject({ code: 0, stdout: expect.not.stringContaining("WRONG") })
  })

  describe.runIf(hasPostgres)("in PostgreSQL", () => {
    const { make, drop } = databases()
    afterAll(drop)

    it("is archived, verified and explained likewise", async () => {
      const source = folder.at("for-postgres.db")
      const clock = manualClock(Date.now() - 200 * DAY * 1000)
      const own = await logins({ store: sqliteStore(source), clock })
      const dead = await own.login()
      clock.pass(150 * DAY)
      const alive = await own.login()
      await run(own.store.close)
      await run(checkpointsBeside(source, []).openKey(ISSUER, liveRandomness))
      const there = ["--store", await make(), "--beside", await make()]
      const [, url, , beside] = there as [string, string, string, string]
      expect(
        (await grantlogHere(["migrate", "--from", `sqlite:${source}`, "--to", url, "--beside", beside])).code,
      ).toBe(0)
      const path = folder.at("postgres.archive")
      const archived = await grantlogJsonHere<Archived>(["archive", "--before", "90d", "--to", path, ...there])
      expect(archived).toMatchObject({ grantCount: 1, removedGrantCount: 1 })
      const seen = await grantlogHere(["verify", "--archive", path, ...there])
      expect(seen).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`of which ${archived.entryCount} were read`),
      })
      const told = await grantlogHere(["explain", dead.grantId, "--archive", path, ...there])
      expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining(dead.grantId) })
      expect((await grantlogHere(["explain", alive.grantId, ...there])).code).toBe(0)
      expect(JSON.parse((await grantlogHere(["rebuild", "--json", ...there])).stdout)).toMatchObject({
        differingRowCount: 0,
        faults: [],
      })
    })
  })
})

/** Ways to archive wrongly, done to a copy of log and archive; `verify` with the archive is what sees them. */
const mutants: Readonly<Record<string, (log: SqliteDriver, archived: SqliteDriver) => void>> = {
  "drops an entry from the archive": (_, archived) =>
    archived.exec("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)"),
  "drops a whole stream from the archive": (_, archived) =>
    archived.exec(
      "DELETE FROM entries WHERE stream = (SELECT min(stream) FROM archived_streams); DELETE FROM archived_streams WHERE stream = (SELECT min(stream) FROM archived_streams)",
    ),
  "changes what an entry says": (_, archived) =>
    archived.exec(
      "UPDATE entries SET bytes = replace(bytes, 'read', 'rule') WHERE position = (SELECT min(position) FROM entries)",
    ),
  "removes a live grant": (log) =>
    log.exec(
      `UPDATE entries SET stream = 'archive-1', version = position, bytes = '' WHERE stream = 'grant-${living.grantId}'`,
    ),
  "removes a client": (log) =>
    log.exec("UPDATE entries SET stream = 'archive-1', version = position, bytes = '' WHERE stream = 'client-app'"),
  "keeps another hash": (log) =>
    log.exec(
      "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE position = 0) WHERE position = (SELECT max(position) FROM entries WHERE bytes = '')",
    ),
  "keeps nothing of a stream": (log) =>
    log.exec("DELETE FROM archived_streams WHERE stream = (SELECT min(stream) FROM archived_streams)"),
  "forgets an archive": (log) => log.exec("DELETE FROM archives"),
  "says that a stream was shorter": (log) =>
    log.exec(
      "UPDATE archived_streams SET version = version - 1 WHERE stream = (SELECT min(stream) FROM archived_streams)",
    ),
}

it.each(Object.entries(mutants))("an archiving that %s is seen by verify", async (_, mutate) => {
  using own = temporaryFolder()
  const [log, archived] = [own.at("grantlog.db"), own.at("old.archive")]
  withFile(file, (driver) => driver.exec("PRAGMA wal_checkpoint(TRUNCATE)"))
  for (const end of ["", ".checkpoint", ".checkpoint-key.json"]) copyFileSync(file + end, log + end)
  copyFileSync(archive, archived)
  const verify = () => grantlogHere(["verify", "--archive", archived, "--store", `sqlite:${log}`])
  expect((await verify()).code).toBe(0)
  withFile(log, (driver) => withFile(archived, (other) => mutate(driver, other)))
  expect((await verify()).code).toBe(1)
})

it.each<keyof typeof mutants>([
  "drops an entry from the archive",
  "drops a whole stream from the archive",
  "changes what an entry says",
  "removes a live grant",
  "keeps another hash",
  "keeps nothing of a stream",
  "forgets an archive",
  "says that a stream was shorter",
])("one that was not finished, and %s, is seen by verify", async (name) => {
  using own = temporaryFolder()
  const [log, archived] = [own.at("grantlog.db"), own.at("old.archive")]
  for (const end of ["", ".checkpoint", ".checkpoint-key.json"]) copyFileSync(folder.at(`half.db${end}`), log + end)
  copyFileSync(archive, archived)
  const verify = () => grantlogHere(["verify", "--archive", archived, "--store", `sqlite:${log}`])
  expect((await verify()).code).toBe(0)
  withFile(log, (driver) => withFile(archived, (other) => mutants[name]!(driver, other)))
  expect((await verify()).code).toBe(1)
})

it("an archiving that keeps another hash is seen by what was signed, without the archive, a checkpoint, or the tree of before", async () => {
  using own = temporaryFolder()
  const log = own.at("grantlog.db")
  withFile(file, (driver) => driver.exec("PRAGMA wal_checkpoint(TRUNCATE)"))
  for (const end of ["", ".checkpoint-key.json"]) copyFileSync(file + end, log + end)
  const place = ["--store", `sqlite:${log}`]
  expect((await grantlogHere(["verify", ...place])).code).toBe(0)
  withFile(log, (driver) => mutants["keeps another hash"]!(driver, driver))
  await grantlogHere(["rebuild", ...place])
  const seen = await grantlogHere(["verify", ...place])
  expect(seen).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/archive 1 \(old\.archive\): \d+ entries are missing/),
  })
})

it("an archive that somebody else signed is not taken for one of this log", async () => {
  const [own, path] = [folder.at("other.db"), folder.at("foreign.archive")]
  const other = await logins({ store: sqliteStore(own), clock: manualClock(Date.now() - 200 * DAY * 1000) })
  await other.login()
  other.clock.pass(150 * DAY)
  await other.login()
  const archivist = sqliteArchivist(own, inlineProjection, sideTables)
  const key = signingKey("localhost:4000", Buffer.alloc(32, 7))
  const statement = await run(
    makeArchive(other.store as ServerStore, archivist, writeArchive(path), key, {
      before: Date.now() - 90 * DAY * 1000,
    }),
  )
  expect(statement).toContain("localhost:4000 grantlog-archive/v1\n")
  await run(Effect.andThen(archivist.close, other.store.close))
  const taken = await grantlogHere(["archive", "--before", "90d", "--to", path, ...store])
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining("is not right: the note is not signed by") })
  const asked = await grantlogHere(["explain", stolen.grantId, "--archive", path, ...store])
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("is no archive of this log") })
})
