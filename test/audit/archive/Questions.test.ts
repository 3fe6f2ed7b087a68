/** A question reads of an archive what its answer is made of, and believes none of it that the log does not vouch for. */
import { copyFileSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import {
  explain,
  makeArchive,
  momentNow,
  openAuditIndex,
  pastedQuestion,
  removeArchived,
  secretDigest,
  withArchives,
  type Audit,
} from "../../../src/audit/index.ts"
import {
  openArchive,
  openNodeSqlite,
  signingKey,
  sqliteArchivist,
  writeArchive,
  type ArchiveFile,
} from "../../../src/log/index.ts"
import { inlineProjection } from "../../../src/projection/index.ts"
import { sqliteStore, type ServerStore } from "../../../src/provider/index.ts"
import { sideTables } from "../../../src/provider/SideTables.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { manualClock } from "../../support/ManualClock.ts"
import { explained, logins, run, type Logins } from "../Logins.ts"

const DAY = 86_400
const GRANTS = 60
const folder = temporaryFolder()
const archive = folder.at("old.archive")
let server: Logins
let log: ServerStore
let stolen: Awaited<ReturnType<Logins["login"]>>
let another: Awaited<ReturnType<Logins["login"]>>
/** What is told of the stolen token before anything is archived. */
let told: string

/** The answer to who asks with a token, without the moment, which is that of the asking. */
const answerOf = async (audit: Audit, token: string): Promise<string> => {
  const moment = await run(momentNow(audit.log, server.clock.now()))
  return JSON.stringify(await run(explain(audit, pastedQuestion(token), moment)))
}

const auditWith = async (files: ReadonlyArray<ArchiveFile>, indexFile?: string): Promise<Audit> => {
  const archived = withArchives(log, files)
  const index = openAuditIndex(archived, indexFile)
  onTestFinished(() => run(index.close))
  await run(index.catchUp())
  return { log: archived, index }
}

/** A copy of the archive, after what was done to it. */
const changed = (sql: string): ArchiveFile => {
  const own = temporaryFolder()
  onTestFinished(() => own[Symbol.dispose]())
  const path = own.at("changed.archive")
  copyFileSync(archive, path)
  const driver = openNodeSqlite(path)
  driver.exec(sql)
  driver.close()
  return opened(path)
}

const opened = (path: string): ArchiveFile => {
  const file = openArchive(path)
  onTestFinished(() => file.close())
  return file
}

/** The archive, and how many entries were read of it. */
const counting = () => {
  const file = opened(archive)
  let count = 0
  const counted =
    <Input extends ReadonlyArray<unknown>, A>(read: (...input: Input) => ReadonlyArray<A>) =>
    (...input: Input): ReadonlyArray<A> => {
      const found = read(...input)
      count += found.length
      return found
    }
  const { stored, between, ofStream, byStream } = file
  const watched = {
    ...file,
    stored: counted(stored),
    between: counted(between),
    ofStream: counted(ofStream),
    byStream: counted(byStream),
  }
  return { file: watched, count: () => count }
}

beforeAll(async () => {
  const clock = manualClock(Date.now() - 200 * DAY * 1000)
  const file = folder.at("grantlog.db")
  server = await logins({ store: sqliteStore(file), clock })
  log = server.store as ServerStore
  stolen = await server.login()
  const next = await server.refresh(stolen.refresh_token)
  await server.refresh(next.refresh_token)
  clock.pass(60)
  await server.refused(server.native.refresh({ credentials: { clientId: "app" }, refreshToken: stolen.refresh_token }))
  another = await server.login()
  for (let count = 0; count < GRANTS; count++) await server.login()
  clock.pass(150 * DAY)
  await server.login()
  told = JSON.stringify(await explained(server, { pasted: stolen.access_token }))
  const archivist = sqliteArchivist(file, inlineProjection, sideTables)
  const key = signingKey("localhost:4000", Buffer.alloc(32, 7))
  const before = clock.now() - 90 * DAY * 1000
  await run(makeArchive(log, archivist, writeArchive(archive), key, { before }))
  const made = openArchive(archive)
  await run(removeArchived(archivist, made, "old.archive"))
  made.close()
  await run(archivist.close)
})
afterAll(async () => {
  await run(server.store.close)
  folder[Symbol.dispose]()
})

it("is answered as before, with an index that was made before, with the archive, or without it", async () => {
  const at = folder.at("without.audit")
  const without = await auditWith([], at)
  expect(await run(without.index.grantIdOf(secretDigest(another.access_token)))).toBeUndefined()
  for (const [indexFile, count] of [
    [at, 2],
    [undefined, 1],
  ] as const) {
    for (let asked = 0; asked < count; asked++) {
      const audit = await auditWith([opened(archive)], indexFile)
      expect(await answerOf(audit, stolen.access_token)).toBe(told)
      expect(await run(audit.index.grantIdOf(secretDigest(another.access_token)))).toBe(another.grantId)
    }
  }
})

it("reads the whole archive once, for the index, and then as many entries as the grant has", async () => {
  const at = folder.at("again.audit")
  const first = counting()
  await auditWith([first.file], at)
  expect(first.count()).toBeGreaterThan(4 * GRANTS)
  const again = counting()
  expect(await answerOf(await auditWith([again.file], at), stolen.access_token)).toBe(told)
  expect(again.count()).toBeLessThan(100)
})

it("is refused where the archive lacks an entry, or has another one, whatever the index knows", async () => {
  const at = folder.at("known.audit")
  await auditWith([opened(archive)], at)
  const place = `WHERE stream = 'grant-${stolen.grantId}' AND version = 11`
  const lacking = changed(`DELETE FROM entries ${place}`)
  const edited = changed(`UPDATE entries SET bytes = replace(bytes, 'refresh_token_reused', 'operator') ${place}`)
  const shorter = changed(`DELETE FROM entries ${place}; UPDATE archived_streams SET version = 10`)
  for (const [file, sentence] of [
    [lacking, "lacks an entry of the stream"],
    [shorter, "lacks an entry of the stream"],
    [edited, "is not what was recorded"],
  ] as const) {
    const audit = await auditWith([file], at)
    await expect(answerOf(audit, stolen.access_token)).rejects.toThrow(sentence)
    // What is right in it is told.
    expect(await answerOf(audit, another.access_token)).toContain(another.grantId)
  }
})

it("has no index made of an archive that lacks an entry, or has another one, even with a hash that fits", async () => {
  const place = `WHERE stream = 'grant-${stolen.grantId}' AND version = 11`
  const fitting = `leaf = (SELECT leaf FROM entries WHERE stream = 'grant-${stolen.grantId}' AND version = 10)`
  const other = `UPDATE entries SET bytes = (SELECT bytes FROM entries WHERE stream = 'grant-${stolen.grantId}' AND version = 10), ${fitting} ${place}`
  for (const [sql, sentence] of [
    [`DELETE FROM entries ${place}`, "as it should be"],
    [other, "is not what was recorded"],
  ] as const) {
    for (const indexFile of [undefined, folder.at("filled.audit")]) {
      // The one is made with the archive, the other filled from it.
      if (indexFile !== undefined) await auditWith([], indexFile)
      await expect(auditWith([changed(sql)], indexFile)).rejects.toThrow(sentence)
    }
  }
  // What was refused is taken in from the right one.
  const audit = await auditWith([opened(archive)], folder.at("filled.audit"))
  expect(await run(audit.index.grantIdOf(secretDigest(another.access_token)))).toBe(another.grantId)
})

it("gives the places of entries whose archive is not at hand, and nothing of an archive of another log", async () => {
  const other = writeArchive(folder.at("foreign.archive"))
  other.finish("a statement that this log does not know")
  const archived = withArchives(log, [opened(folder.at("foreign.archive"))])
  const { position } = opened(archive).stored(0, 1)[0]!
  expect(await run(archived.readStored(position, 1))).toMatchObject([{ position, bytes: "" }])
  expect(await run(archived.archivedStream(`grant-${stolen.grantId}`))).toMatchObject({ archive: 1, version: 11 })
  expect(await run(Effect.flip(archived.readStream("grant-nobody").pipe(Effect.flip)))).toEqual([])
})
