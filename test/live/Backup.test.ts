/** A backup that is made while a server writes, and what becomes of its tokens, and of who was forgotten, when it is restored. */
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { endOf, runnable, startProgram } from "./support/Command.ts"
import { databases, hasPostgres } from "./support/Databases.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, serveAs } from "./support/ServeProcess.ts"
import { introspect, login, refresh, register, revoke, type Client, type Tokens } from "./support/Wire.ts"

interface Made {
  readonly entryCount: number
  readonly root: string
  readonly files: ReadonlyArray<string>
}

interface Restored extends Made {
  readonly accountCount: number
  readonly forgottenCount: number
  readonly hasEndedEveryGrant: boolean
  readonly verifierKey: string
}

const RESOURCE = "http://localhost:9999/mcp"
const program = runnable(new URL("support/restoring.ts", import.meta.url))

const refusal = async (code: number, ...args: ReadonlyArray<string>): Promise<string> => {
  const ran = await grantlogHere(args)
  expect([ran.code, ran.stdout]).toEqual([code, ""])
  return ran.stderr
}

/** Removes the log and its journal, and leaves what lies beside it. */
const loseLog = (file: string): void => ["", "-wal", "-shm"].forEach((end) => rmSync(file + end, { force: true }))

describe("a store that is backed up while it is served", () => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  const [made, withKeys] = [folder.at("monday"), folder.at("with-keys")]
  let issuer: string
  let client: Client
  let resourceServer: Client
  let old: Tokens
  let rotated: Tokens
  let revoked: Tokens
  let backup: Made
  let verifierKey: string

  beforeAll(async () => {
    await using server = await serve(file)
    issuer = server.issuer
    client = await register(server.url)
    resourceServer = await grantlogJsonHere<Client>(["client", "add", "--name", "rs", "--audience", RESOURCE, ...store])
    await grantlogHere(["user", "add", "carol", "--password-stdin", ...store], { input: "correct horse battery\n" })
    old = await login(server.url, client, { resource: RESOURCE })
    revoked = await login(server.url, client)
    // Others write for as long as it is made.
    let isMade = false
    const writing = (async () => {
      while (!isMade) await login(server.url, client)
    })()
    backup = await grantlogJsonHere<Made>(["backup", made, ...store])
    isMade = true
    await writing
    rotated = (await refresh(server.url, client, old.refresh_token)).body
    expect((await revoke(server.url, client, revoked.refresh_token)).status).toBe(200)
    await grantlogJsonHere(["backup", withKeys, "--with-subject-keys", "--no-key-ring", ...store])
    expect((await grantlogHere(["forget", "carol", "--yes", ...store])).code).toBe(0)
    expect(await server.stop()).toBe(0)
    verifierKey = (await grantlogJsonHere<{ readonly verifierKey: string }>(["checkpoint", ...store])).verifierKey
  })
  afterAll(() => folder[Symbol.dispose]())

  it("is copied as a store that verifies by itself, without secrets that must not come back", async () => {
    const own = ["", ".checkpoint", ".checkpoint-key.json", ".keys.json"].map((end) => `grantlog.db${end}`)
    expect(backup.files).toEqual(own)
    expect(readdirSync(made).toSorted()).toEqual(["backup.json", ...own])
    expect(readdirSync(withKeys)).toContain("grantlog.db.subject-keys")
    expect(readdirSync(withKeys)).not.toContain("grantlog.db.keys.json")
    const copy = folder.at("copy.db")
    for (const name of own) copyFileSync(`${made}/${name}`, name.replace("grantlog.db", copy))
    const verified = await grantlogHere(["verify", "--store", `sqlite:${copy}`, "--key", verifierKey])
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining(`${backup.entryCount} entries`) })
    expect(verified.stdout).toContain(`root ${backup.root}`)
  })

  it("is not restored as if nothing had happened since: what came after has ended, and who was forgotten stays so", async () => {
    expect(await refusal(1, "restore", made, ...store)).toMatch(
      /^grantlog: the store of --store holds a log of \d+ entries: name an empty place, or move it away\n$/,
    )
    loseLog(file)
    expect(await refusal(1, "restore", made, ...store)).toMatch(
      /^grantlog: the backup has \d+ entries, the last checkpoint \d+: it is an older state than the one that was served, or of another log; to restore it as it is, and to end every grant that was opened in it, give --accept-rollback\n$/,
    )
    expect(existsSync(file)).toBe(false)
    const ledger = readFileSync(`${file}.forgotten`, "utf8")

    const restored = await grantlogJsonHere<Restored>(["restore", made, "--accept-rollback", ...store])
    expect(restored).toMatchObject({ root: backup.root, hasEndedEveryGrant: true, forgottenCount: 1 })
    expect(restored.verifierKey).not.toBe(verifierKey)
    expect(readFileSync(`${file}.forgotten`, "utf8").startsWith(ledger)).toBe(true)
    const users = await grantlogHere(["user", "list", "--json", ...store])
    expect(users.stdout).not.toContain("carol")

    await using server = await serve(file, "--issuer", issuer)
    expect(server.complaints()).toBe("")
    for (const token of [old, rotated, revoked]) {
      expect((await refresh(server.url, client, token.refresh_token)).body.error).toBe("invalid_grant")
    }
    expect((await introspect(server.url, resourceServer, old.access_token)).body).toEqual({ active: false })
    const anew = await login(server.url, client)
    expect((await refresh(server.url, client, anew.refresh_token)).status).toBe(200)
    expect(await server.stop()).toBe(0)

    const verified = await grantlogHere(["verify", ...store])
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("covered to the end by a checkpoint") })
    const explained = await grantlogHere(["explain", ...store], { input: old.refresh_token })
    expect(explained.stdout).toMatch(
      /every grant that was opened before ended: a backup of \S+Z, with \d+ entries, was restored/,
    )
  })

  it("goes on where restoring was killed, with what was decided then, and once it is done is no empty place", async () => {
    const there = folder.at("again.db")
    const place = ["--store", `sqlite:${there}`]
    expect(await endOf(startProgram([program, "restore", there, made, "7"]))).toBe("SIGKILL")
    // The log is shorter than the checkpoint that came with it: nobody serves the half.
    const served = await grantlogHere(["serve", "--port", "0", "--issuer", issuer, ...place])
    expect(served).toMatchObject({ code: 1, stderr: expect.stringContaining("start with --accept-rollback") })
    const restored = await grantlogJsonHere<Restored>(["restore", made, ...place])
    expect(restored).toMatchObject({ root: backup.root, hasEndedEveryGrant: true })
    expect((await grantlogHere(["verify", ...place])).code).toBe(0)
    expect(existsSync(`${there}.restoring`)).toBe(false)
    expect(await refusal(1, "restore", made, "--accept-rollback", ...place)).toContain("name an empty place")
  })

  it("leaves nothing that looks finished when it is killed, and is made when it is run again", async () => {
    const there = folder.at("killed")
    expect(await endOf(startProgram([program, "backup", folder.at("again.db"), there]))).toBe("SIGKILL")
    expect(existsSync(there)).toBe(false)
    const partial = `${there}.partial`
    expect(await refusal(1, "restore", partial, "--store", `sqlite:${folder.at("none.db")}`)).toContain(
      "is no backup, or one that was not finished",
    )
    writeFileSync(`${partial}/grantlog.db.keys.json`, "left behind")
    await grantlogJsonHere(["backup", there, "--store", `sqlite:${folder.at("again.db")}`])
    expect(existsSync(partial)).toBe(false)
    expect(readFileSync(`${there}/grantlog.db.keys.json`, "utf8")).toContain("secret")
  })

  it("asks who moves it to another machine whether it was served since, and then everything lives on", async () => {
    const there = folder.at("moved.db")
    const place = ["--store", `sqlite:${there}`]
    expect(await refusal(1, "restore", made, ...place)).toMatch(
      /^grantlog: nothing beside the store says whether it was served after \S+Z, when this backup was made: give --accept-rollback, which ends every grant that was opened in it, or --nothing-since if nobody served it\n$/,
    )
    const restored = await grantlogJsonHere<Restored>(["restore", made, "--nothing-since", ...place])
    expect(restored).toMatchObject({ hasEndedEveryGrant: false, accountCount: 2, verifierKey })
    await using server = await serve(there, "--issuer", issuer)
    expect((await introspect(server.url, resourceServer, old.access_token)).body.active).toBe(true)
    expect((await refresh(server.url, client, old.refresh_token)).status).toBe(200)
    expect(await server.stop()).toBe(0)
    expect((await grantlogHere(["verify", "--key", verifierKey, ...place])).code).toBe(0)
  })

  it("brings back no key of who was forgotten, and none over a newer one", async () => {
    const there = folder.at("keys.db")
    const place = ["--store", `sqlite:${there}`]
    copyFileSync(`${file}.forgotten`, `${there}.forgotten`)
    expect(await refusal(1, "restore", withKeys, "--nothing-since", ...place)).toContain(
      "was forgotten after this backup",
    )
    expect(await refusal(1, "restore", withKeys, "--accept-rollback", ...place)).toContain("the key ring")
    copyFileSync(`${file}.keys.json`, `${there}.keys.json`)
    const restored = await grantlogJsonHere<Restored>(["restore", withKeys, "--accept-rollback", ...place])
    expect(restored).toMatchObject({ accountCount: 1, forgottenCount: 1 })
    const events = await grantlogHere(["history", "--type", "SubjectForgotten", ...place])
    expect(events.stdout).toContain("forgotten")
  })

  it("refuses what was damaged, what is there, and what cannot be meant, with a sentence", async () => {
    const damaged = folder.at("damaged")
    expect((await grantlogHere(["backup", damaged, ...store])).code).toBe(0)
    const log = readFileSync(`${damaged}/grantlog.db`)
    log[log.length - 1]! ^= 1
    writeFileSync(`${damaged}/grantlog.db`, log)
    const empty = ["--store", `sqlite:${folder.at("empty.db")}`]
    expect(await refusal(1, "restore", damaged, "--nothing-since", ...empty)).toContain("is not as it was backed up")
    expect(await refusal(2, "backup", damaged, ...store)).toContain("is there already: name a new folder")
    expect(await refusal(2, "backup", folder.at("none", "deeper"), ...store)).toContain("there is no folder")
    expect(await refusal(2, "restore", made, "--store", "memory:")).toContain("seen by no other process")
    expect(await refusal(2, "restore", made, "--nothing-since", "--accept-rollback", ...empty)).toContain("give one")
    renameSync(`${damaged}/backup.json`, `${damaged}/else.json`)
    expect(await refusal(1, "restore", damaged, ...empty)).toContain("is no backup")
    expect(existsSync(folder.at("empty.db"))).toBe(false)
    await using server = await serve(file, "--issuer", issuer)
    expect(await refusal(1, "restore", made, "--accept-rollback", ...store)).toContain("another grantlog serves")
    expect(await server.stop()).toBe(0)
  })

  describe.runIf(hasPostgres)("of a database", () => {
    const { make, drop } = databases()
    afterAll(drop)

    it("goes from PostgreSQL to a folder, and from there to PostgreSQL or to a file", async () => {
      const keys = ["--keys-file", folder.at("ring.json")]
      const place = async () => ["--store", await make(), "--beside", await make(), ...keys]
      const [first, second] = [await place(), await place()]
      const restored = await grantlogJsonHere<Restored>(["restore", made, "--nothing-since", ...first])
      expect(restored).toMatchObject({ root: backup.root, accountCount: 2 })
      const served = await serveAs(...first, "--issuer", issuer)
      const tokens = (await refresh(served.url, client, old.refresh_token)).body
      const again = folder.at("of-database")
      const { root } = await grantlogJsonHere<Made>(["backup", again, "--with-subject-keys", ...first])
      expect(await served.stop()).toBe(0)

      expect(await grantlogJsonHere<Restored>(["restore", again, "--nothing-since", ...second])).toMatchObject({ root })
      const other = await serveAs(...second, "--issuer", issuer)
      expect((await refresh(other.url, client, tokens.refresh_token)).status).toBe(200)
      expect(await other.stop()).toBe(0)
      const back = ["--store", `sqlite:${folder.at("back.db")}`]
      expect(await grantlogJsonHere<Restored>(["restore", again, "--accept-rollback", ...back])).toMatchObject({ root })
      expect((await grantlogHere(["verify", ...back])).code).toBe(0)
    })
  })
})
