/** The key ring is rotated while servers run: those that hold the old ring and those that hold the new one serve together. */
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { liveRandomness, openSubjectKeys, readKeyFile } from "../../src/provider/index.ts"
import { grantlogJson } from "./support/Command.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, serveProgram, type RunningServer } from "./support/ServeProcess.ts"
import { grantOf, introspect, login, refresh, register, type Client } from "./support/Wire.ts"

interface RingKey {
  readonly id: string
  readonly state: string
}

const MCP = "http://localhost:9999/mcp"
const library = new URL("support/library.ts", import.meta.url)

const setting = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = folder.at("grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  const ring = <A = RingKey>(...args: ReadonlyArray<string>) => grantlogJsonHere<A>(["ring", ...args, ...store])
  return {
    folder,
    file,
    store,
    ring,
    keys: async () => (await ring<{ readonly keys: ReadonlyArray<RingKey> }>("list")).keys,
    refused: async (...args: ReadonlyArray<string>) => {
      const { code, stdout, stderr } = await grantlogHere(["ring", ...args, ...store])
      expect([code, stdout]).toEqual([1, ""])
      return stderr
    },
  }
}

const started = async (server: Promise<RunningServer>): Promise<RunningServer> => {
  const running = await server
  onTestFinished(async () => void (await running.stop()))
  return running
}

/** As one who has the old ring and wraps a key by it when it was just wrapped by the new one. */
const wrapOnceMoreByOldRing = (path: string): void => {
  using database = new DatabaseSync(path)
  database.exec(`
    CREATE TABLE wrapped_again (subject_id TEXT);
    CREATE TRIGGER wraps_again AFTER UPDATE ON subject_keys WHEN NOT EXISTS (SELECT 1 FROM wrapped_again) BEGIN
      INSERT INTO wrapped_again VALUES (NEW.subject_id);
      UPDATE subject_keys SET wrapped = OLD.wrapped WHERE subject_id = NEW.subject_id;
    END`)
}

describe("rotating the ring", () => {
  it("loses no session: what one derives under a key that another lacks is asked for again, and never taken for theft", async () => {
    const { file, ring, keys, refused } = setting()
    const old = await started(serve(file, "--refresh-retry-window", "600"))
    const client = await register(old.url)
    const first = await login(old.url, client)
    const second = (await refresh(old.url, client, first.refresh_token)).body
    const [{ id: before }] = (await keys()) as [RingKey]

    const { id: next } = await ring("add")
    expect(await keys()).toEqual([
      { id: before, state: "in use" },
      { id: next, state: "kept" },
    ])
    expect(await ring("use", next)).toEqual({ id: next, state: "in use" })
    const anew = await started(serveProgram(library, file, old.issuer))

    const third = (await refresh(anew.url, client, second.refresh_token)).body
    // It was started before the key was there.
    expect((await refresh(old.url, client, second.refresh_token)).status).toBe(503)
    expect((await refresh(anew.url, client, second.refresh_token)).body.refresh_token).toBe(third.refresh_token)
    const fourth = (await refresh(old.url, client, third.refresh_token)).body
    expect((await refresh(anew.url, client, third.refresh_token)).body.refresh_token).toBe(fourth.refresh_token)

    expect(await refused("retire", before)).toMatch(
      /was derived under the key `k_\w+` within the last minute: start every/,
    )
    expect(await refused("retire", next)).toContain("is in use: `grantlog ring add` makes another")
    expect(await old.stop()).toBe(0)
    const again = await started(serve(file, "--issuer", old.issuer))
    expect(again.complaints()).toBe("")
    expect((await refresh(again.url, client, fourth.refresh_token)).status).toBe(200)
  })

  it("loses no key where several are added at once", async () => {
    const { file, store, keys } = setting()
    await (await serve(file)).stop()
    const added = await Promise.all(Array.from({ length: 6 }, () => grantlogJson<RingKey>(["ring", "add", ...store])))
    expect((await keys()).map(({ id }) => id)).toEqual(expect.arrayContaining(added.map(({ id }) => id)))
    expect(await keys()).toHaveLength(7)
  })

  it("moves what lies under the old key before that is destroyed, and the log is known to be that of the ring", async () => {
    const { folder, file, store, ring, keys, refused } = setting()
    const flags = ["--jwt-access-tokens", MCP] as const
    const server = await started(serve(file, ...flags))
    const client = await register(server.url)
    const rs = await grantlogJsonHere<Client>(["client", "add", "--name", "rs", "--audience", MCP, ...store])
    const tokens = await login(server.url, client, { resource: MCP })
    expect(await server.stop()).toBe(0)
    const [{ id: before }] = (await keys()) as [RingKey]
    const kept = readFileSync(`${file}.keys.json`, "utf8")
    const { id: next } = await ring("add")
    await ring("use", next)
    wrapOnceMoreByOldRing(`${file}.subject-keys`)

    expect(await ring("retire", before)).toEqual({
      id: before,
      state: "retired",
      // The one that there is, twice.
      subjectKeyCount: 2,
      signingKeyCount: 1,
    })
    expect(await keys()).toEqual([
      { id: next, state: "in use" },
      { id: before, state: "retired" },
    ])
    expect(readFileSync(`${file}.keys.json`, "utf8")).not.toContain(JSON.parse(kept).keys[0].secret)
    expect(await refused("retire", before)).toContain("is retired already")
    expect(await refused("use", before)).toContain("is retired already")
    expect(await refused("use", "k_nobody")).toContain("there is no key `k_nobody` in the ring")

    const after = await started(serve(file, "--issuer", server.issuer, ...flags))
    expect((await introspect(after.url, rs, tokens.access_token)).body.active).toBe(true)
    expect((await refresh(after.url, client, tokens.refresh_token)).status).toBe(200)
    const asked = ["explain", grantOf(tokens.refresh_token), "--request-origin", "--json", ...store]
    const explained = await grantlogHere(asked)
    expect(JSON.parse(explained.stdout)).toMatchObject({ standing: { status: "alive" } })
    expect(explained.stdout).toMatch(/"address": ?"[^"]*(?:127\.0\.0\.1|::1)"/)
    // The new key alone opens what the old one had closed.
    const { keys: left } = readKeyFile(`${file}.keys.json`)
    await Effect.runPromise(
      Effect.flatMap(openSubjectKeys(`${file}.subject-keys`, { keys: left }, liveRandomness), ({ close }) => close),
    )
    expect(await after.stop()).toBe(0)
    expect(after.complaints()).toBe("")

    // Another ring is another ring, whatever it says about itself.
    renameSync(`${file}.keys.json`, folder.at("away"))
    writeFileSync(`${file}.keys.json`, kept)
    const foreign = await grantlogHere(["serve", "--port", "0", "--issuer", server.issuer, ...store])
    expect(foreign).toMatchObject({ code: 1, stderr: expect.stringContaining("which the key ring lacks") })
  })
})
