/** A served store that is moved to PostgreSQL and back: who is logged in stays so, and history proves what it proved. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { endOf, grantlog, grantlogJson, runnable, startProgram } from "./support/Command.ts"
import { databases, hasPostgres, PASSWORD } from "./support/Databases.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, serveAs } from "./support/ServeProcess.ts"
import { introspect, login, refresh, register, revoke, type Client, type Tokens } from "./support/Wire.ts"

interface Moved {
  readonly entryCount: number
  readonly copiedEntryCount: number
  readonly root: string
  readonly accountCount: number
  readonly passkeyCount: number
  readonly subjectKeyCount: number
  readonly forgottenCount: number
}

const RESOURCE = "http://localhost:9999/mcp"
/** However long it takes to move it, a lost reply can be asked for again. */
const window = ["--refresh-retry-window", "3000"]

describe.runIf(hasPostgres)("migrate", () => {
  const folder = temporaryFolder()
  const { make, run, drop } = databases()
  const file = folder.at("grantlog.db")
  const from = ["--from", `sqlite:${file}`]
  const others = ["--keys-file", `${file}.keys.json`]
  let issuer: string
  let client: Client
  let resourceServer: Client
  let tokens: Tokens
  let spent: string
  let verifierKey: string
  let proof: string

  beforeAll(async () => {
    await using server = await serve(file, ...window)
    issuer = server.issuer
    const store = ["--store", `sqlite:${file}`]
    client = await register(server.url)
    resourceServer = await grantlogJson<Client>(["client", "add", "--name", "rs", "--audience", RESOURCE, ...store])
    await grantlog(["user", "add", "bob", "--password-stdin", ...store], { input: "correct horse battery\n" })
    for (let count = 0; count < 3; count++) await login(server.url, client)
    const first = await login(server.url, client, { resource: RESOURCE })
    spent = first.refresh_token
    tokens = (await refresh(server.url, client, spent)).body
    await grantlog(["forget", "bob", "--yes", ...store])
    expect(await server.stop()).toBe(0)
    using database = new DatabaseSync(file)
    database.exec(
      `INSERT INTO passkeys VALUES ('id', 'sub_${"A".repeat(22)}', 'key', 'pk', 7, 'usb nfc', 1, 1, NULL, 2)`,
    )
    const signed = await grantlogJson<{ readonly verifierKey: string }>(["checkpoint", ...store])
    verifierKey = signed.verifierKey
    proof = folder.at("entry.tlog-proof")
    await grantlogHere(["prove", "3", "--out", proof, ...store])
  })

  afterAll(async () => {
    await drop()
    folder[Symbol.dispose]()
  })

  const entriesIn = async (...store: ReadonlyArray<string>) =>
    (await grantlog(["export", "--with-digests", ...store])).stdout.split("\n").slice(1)

  it("takes a store to PostgreSQL, to another one and back, byte for byte, with a client that stays logged in", async () => {
    const [url, beside] = [await make(), await make()]
    const database = ["--store", url, "--beside", beside, ...others]
    const config = folder.at("grantlog.json")
    writeFileSync(config, JSON.stringify({ beside, issuer }))
    const moved = await grantlogJsonHere<Moved>(["migrate", ...from, "--to", url, "--config", config])
    expect(moved).toMatchObject({ accountCount: 1, passkeyCount: 1, subjectKeyCount: 2, forgottenCount: 1 })
    expect(moved.copiedEntryCount).toBe(moved.entryCount)
    expect(JSON.stringify(moved)).not.toContain(PASSWORD)
    expect(await entriesIn(...database)).toEqual(await entriesIn("--store", `sqlite:${file}`))

    const served = await serveAs(...database, "--issuer", issuer, ...window)
    expect((await introspect(served.url, resourceServer, tokens.access_token)).body.active).toBe(true)
    // A reply that was lost before is repeated behind it.
    expect((await refresh(served.url, client, spent)).body).toMatchObject({ refresh_token: tokens.refresh_token })
    const next = await refresh(served.url, client, tokens.refresh_token)
    expect(next.status).toBe(200)
    expect((await grantlog(["verify", ...database])).stdout).not.toContain("WRONG")
    expect(await served.stop()).toBe(0)
    expect(served.complaints()).toBe("")

    const [other, otherBeside] = [await make(), await make()]
    const between = ["--from", url, "--from-beside", beside, "--to", other, "--beside", otherBeside]
    expect((await grantlogHere(["migrate", ...between])).code).toBe(0)
    const back = folder.at("back.db")
    const there = ["--from", other, "--beside", otherBeside]
    const returned = await grantlogJsonHere<Moved>(["migrate", ...there, "--to", `sqlite:${back}`])
    expect(returned.entryCount).toBeGreaterThan(moved.entryCount)
    const passkeysIn = (path: string) => {
      using database = new DatabaseSync(path)
      return database.prepare("SELECT * FROM passkeys").all()
    }
    expect(passkeysIn(back)).toEqual(passkeysIn(file))
    copyFileSync(`${file}.keys.json`, `${back}.keys.json`)
    await using again = await serve(back, "--issuer", issuer)
    expect((await introspect(again.url, resourceServer, next.body.access_token)).body.active).toBe(true)
    expect((await refresh(again.url, client, next.body.refresh_token)).status).toBe(200)
    expect((await revoke(again.url, client, next.body.refresh_token)).status).toBe(200)
    expect(await again.stop()).toBe(0)
    const verified = await grantlogHere(["verify", "--store", `sqlite:${back}`, "--key", verifierKey])
    expect(verified).toMatchObject({ code: 0, stdout: expect.not.stringContaining("WRONG") })
    expect((await grantlogHere(["verify-proof", proof, "--key", verifierKey])).code).toBe(0)
  })

  it("goes on where it was killed, and does nothing more once all is there", async () => {
    const [url, beside] = [await make(), await make()]
    const to = ["--to", url, "--beside", beside]
    const program = runnable(new URL("support/migrating.ts", import.meta.url))
    expect(await endOf(startProgram([program, file, url, beside, "7"]))).toBe("SIGKILL")
    expect(await run(url, "SELECT size FROM grantlog.head")).toEqual([{ size: 7 }])
    const moved = await grantlogJsonHere<Moved>(["migrate", ...from, ...to])
    expect(moved.copiedEntryCount).toBe(moved.entryCount - 7)
    const again = await grantlogJsonHere<Moved>(["migrate", ...from, ...to])
    expect(again).toEqual({ ...moved, copiedEntryCount: 0 })
    expect(await run(beside, "SELECT count(*) AS n FROM grantlog_beside.forgotten")).toEqual([{ n: 1 }])
  })

  it("refuses what holds another log, a file that is served, and what cannot be meant, with a sentence", async () => {
    const [url, beside] = [await make(), await make()]
    const other = folder.at("other.db")
    await grantlogJson([
      "client",
      "add",
      "--name",
      "other",
      "--issuer",
      "http://localhost:1",
      "--store",
      `sqlite:${other}`,
    ])
    const refusal = async (code: number, ...args: ReadonlyArray<string>) => {
      const ran = await grantlogHere(["migrate", ...args])
      expect([ran.code, ran.stdout]).toEqual([code, ""])
      return ran.stderr
    }
    expect(await refusal(1, ...from, "--to", `sqlite:${other}`)).toMatch(
      /^grantlog: the store of --to holds \d+ entries that are not how this log begins: name an empty one, or the one in which this was begun\n$/,
    )
    await using served = await serve(file, "--issuer", issuer)
    expect(await refusal(1, ...from, "--to", url, "--beside", beside)).toContain("another grantlog serves")
    expect(await served.stop()).toBe(0)
    expect(await refusal(1, "--from", `sqlite:${folder.at("none.db")}`, "--to", url, "--beside", beside)).toContain(
      "there is no store `sqlite:",
    )
    expect(await refusal(2, ...from, "--to", "memory:")).toContain("seen by no other process")
    expect(await refusal(2, ...from, "--to", "here")).toContain("--to `here` is neither sqlite:FILE")
    expect(await refusal(2, ...from, "--to", url)).toContain("needs --beside")
    expect(await refusal(2, "--from", url, "--to", url, "--beside", beside)).toContain("--from-beside is needed")
    expect(existsSync(folder.at("none.db"))).toBe(false)
    expect(readFileSync(`${file}.keys.json`, "utf8")).toContain("keys")
  })
})
