/**
 * Upgrading: what an earlier version left is opened and served, and what a later one has changed is refused by this one,
 * or goes on, as the later one says.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { VERSION } from "../../src/log/postgres/Migrations.ts"
import { freePort } from "../support/FreePort.ts"
import { restoreStore, storeFolder, type StoreVector } from "../support/StoreVector.ts"
import { databases, hasPostgres } from "./support/Databases.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, serveAs, type RunningServer } from "./support/ServeProcess.ts"
import { introspect, login, refresh, register, type Client } from "./support/Wire.ts"

const MCP = "http://localhost:9999/mcp"
const vector = JSON.parse(readFileSync(join(storeFolder, "schema-5.json"), "utf8")) as StoreVector

const newFolder = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  return folder
}

const started = async (server: Promise<RunningServer>): Promise<RunningServer> => {
  const running = await server
  onTestFinished(async () => void (await running.stop()))
  return running
}

const versionOf = (file: string, next?: number): unknown => {
  const driver = new DatabaseSync(file)
  try {
    if (next !== undefined) driver.exec(`PRAGMA user_version = ${next}`)
    return driver.prepare("PRAGMA user_version").get()?.["user_version"]
  } finally {
    driver.close()
  }
}

describe("a file that schema 5 left", () => {
  it("is served, verified, explained, and restored from a backup of this version", async () => {
    const folder = newFolder()
    const file = folder.at("grantlog.db")
    restoreStore(vector, file)
    writeFileSync(`${file}.keys.json`, JSON.stringify(vector.keys), { mode: 0o600 })
    expect(versionOf(file)).toBe(5)
    const server = await started(serve(file, "--issuer", vector.issuer))
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
    expect(versionOf(file)).toBeGreaterThan(5)

    const store = ["--store", `sqlite:${file}`]
    expect(await grantlogJsonHere(["verify", ...store])).toMatchObject({ findings: [] })
    expect(await grantlogJsonHere(["rebuild", ...store])).toMatchObject({ differingRowCount: 0 })
    const explained = await grantlogHere(["explain", "--json", ...store], { input: vector.active[0]! })
    expect(JSON.parse(explained.stdout)).toMatchObject({ isOurs: true, standing: { status: "alive" } })
    const ended = await grantlogHere(["explain", "--json", ...store], { input: vector.ended[0]!.token })
    expect(JSON.parse(ended.stdout)).toMatchObject({
      isOurs: true,
      standing: { status: expect.not.stringContaining("alive") },
    })

    const [made, place] = [folder.at("backup"), ["--store", `sqlite:${folder.at("again.db")}`]]
    await grantlogJsonHere(["backup", made, ...store])
    await grantlogJsonHere(["restore", made, "--nothing-since", ...place])
    expect(await grantlogJsonHere(["verify", ...place])).toMatchObject({ findings: [] })
  })
})

describe("a file that a later version has opened", () => {
  it("is refused by every command with a sentence, and left as it is", async () => {
    const folder = newFolder()
    const file = folder.at("grantlog.db")
    const store = ["--store", `sqlite:${file}`]
    await grantlogJsonHere(["client", "add", "--name", "job", "--issuer", "http://localhost:4000", ...store])
    const later = Number(versionOf(file)) + 1
    versionOf(file, later)
    const before = readFileSync(file)
    for (const command of [["serve", "--port", "0"], ["client", "list"], ["verify"], ["backup", folder.at("backup")]]) {
      const ran = await grantlogHere([...command, ...store])
      expect(ran, command[0]).toEqual({
        code: 1,
        stdout: "",
        stderr: `grantlog: the file has schema ${later}, this grantlog knows ${later - 1}: upgrade grantlog\n`,
      })
    }
    expect(readFileSync(file).equals(before)).toBe(true)
  })
})

describe.runIf(hasPostgres)("two instances on a database, of which one is upgraded", () => {
  const { make, drop, run } = databases()
  afterAll(drop)

  const setting = async () => {
    const folder = newFolder()
    const [url, beside] = [await make(), await make()]
    const port = await freePort()
    const store = ["--store", url, "--beside", beside, "--keys-file", folder.at("keys.json")]
    const issuer = ["--issuer", `http://localhost:${port}`]
    const start = () => serveAs(...store, ...issuer)
    const old = await started(start())
    const client = await register(old.url)
    const rs = await grantlogJsonHere<Client>(["client", "add", "--name", "rs", "--audience", MCP, ...store])
    const tokens = await login(old.url, client, { resource: MCP })
    return { url, store, issuer, start, old, client, rs, tokens }
  }

  it("the other goes on with what was only added to, and starts again", async () => {
    const { url, start, old, client, tokens } = await setting()
    await run(url, `UPDATE grantlog.head SET schema = ${VERSION + 1}`)
    const next = await refresh(old.url, client, tokens.refresh_token)
    expect(next.status).toBe(200)
    expect(await old.stop()).toBe(0)
    const again = await started(start())
    expect((await refresh(again.url, client, next.body.refresh_token)).status).toBe(200)
  })

  it("the other writes nothing that it does not understand: it answers 503, reads on, and is not started again", async () => {
    const { url, store, issuer, old, client, rs, tokens } = await setting()
    await run(url, `UPDATE grantlog.head SET schema = ${VERSION + 1}, needs = ${VERSION + 1}`)
    expect((await refresh(old.url, client, tokens.refresh_token)).status).toBe(503)
    expect((await introspect(old.url, rs, tokens.access_token)).body.active).toBe(true)
    const refused = await grantlogHere(["serve", "--port", "0", ...store, ...issuer])
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/this grantlog knows \d+: upgrade grantlog/),
    })
    // Nothing came of it that would be a replay, once it is upgraded.
    await run(url, `UPDATE grantlog.head SET schema = ${VERSION}, needs = ${VERSION}`)
    expect((await refresh(old.url, client, tokens.refresh_token)).status).toBe(200)
  })
})
