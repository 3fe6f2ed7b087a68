/**
 * Forgetting somebody, for real: files searched byte by byte, a server that goes on serving, kills, a restored backup.
 *
 * What is planted is looked for in every file of the store's folder, whatever its name.
 */
import { hash } from "node:crypto"
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { openAuditIndex, type Explained } from "../../src/audit/index.ts"
import type { SubjectId } from "../../src/core/index.ts"
import {
  liveRandomness,
  openRequestOrigin,
  openSubjectKeys,
  readKeyFile,
  sqliteStore,
  type SubjectKeys,
} from "../../src/provider/index.ts"
import { endOf, grantlog, grantlogJson, runnable, startProgram, type Ran } from "./support/Command.ts"
import { temporaryFolder, type Folder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { steps } from "./support/Steps.ts"
import { readLog } from "./support/LogAudit.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { REDIRECT_URI, authorize, introspect, refresh, register, type Client, type Tokens } from "./support/Wire.ts"

/** Longer than what may stand in random bytes by chance. */
const ACCOUNT = "alice-planted-account"
const DISPLAY_NAME = "Alice Planted-Lovelace"
const ADDRESS = "203.0.113.77"
const USER_AGENT = "PlantedAgent/7.1 (a browser that only she has)"
const RESOURCE = "http://localhost:9999/mcp"
const PROGRAM = runnable(new URL("./support/forgetting.ts", import.meta.url))

interface World {
  readonly folder: Folder
  readonly file: string
  readonly store: ReadonlyArray<string>
  readonly server: RunningServer
  readonly client: Client
  readonly watcher: Client
  readonly tokens: Tokens
  readonly subjectId: SubjectId
  /** What must be found nowhere afterwards. */
  readonly planted: ReadonlyArray<string | Buffer>
}

const withKeys = async <A>(file: string, body: (keys: SubjectKeys) => Promise<A>) => {
  const ring = readKeyFile(`${file}.keys.json`)
  const keys = await Effect.runPromise(openSubjectKeys(`${file}.subject-keys`, ring, liveRandomness))
  try {
    return await body(keys)
  } finally {
    await Effect.runPromise(keys.close)
  }
}

/** The key of a subject, as it is and as it lies in the file. */
const keyTextsOf = (file: string, subjectId: SubjectId): Promise<ReadonlyArray<string | Buffer>> =>
  withKeys(file, async (keys) => {
    const { secret } = (await Effect.runPromise(keys.ensure(subjectId)))!
    const raw = Buffer.from(secret)
    const database = new DatabaseSync(`${file}.subject-keys`, { readOnly: true })
    const row = database.prepare("SELECT wrapped FROM subject_keys WHERE subject_id = ?").get(subjectId)
    database.close()
    const wrapped = String(row!["wrapped"]).split(".")[2]!
    return [raw, raw.toString("base64url"), raw.toString("hex"), wrapped]
  })

/** Alice, signed in by a browser of her own, with a name that an upstream provider gave; tokens that her app got. */
const world = async (...flags: ReadonlyArray<string>): Promise<World> => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = folder.at("grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  const server = await serve(file, "--trusted-proxy", "127.0.0.1 ::1", "--auto-approve", ACCOUNT, ...flags)
  onTestFinished(() => server.kill())
  const client = await register(server.url)
  const watcher = await grantlogJsonHere<Client>(["client", "add", "--name", "rs", "--audience", RESOURCE, ...store])
  const { code, verifier } = await authorize(server.url, client, { resource: RESOURCE })
  const response = await fetch(`${server.url}/token`, {
    method: "POST",
    headers: { "user-agent": USER_AGENT, "x-forwarded-for": ADDRESS },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: client.client_id,
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
    }),
  })
  const tokens = (await response.json()) as Tokens
  const database = new DatabaseSync(file)
  database.prepare("UPDATE accounts SET display_name = ? WHERE name = ?").run(DISPLAY_NAME, ACCOUNT)
  const { subject_id: subjectId } = database.prepare("SELECT subject_id FROM accounts").get() as {
    readonly subject_id: SubjectId
  }
  database.close()
  const planted = [ACCOUNT, DISPLAY_NAME, ADDRESS, USER_AGENT, ...(await keyTextsOf(file, subjectId))]
  return { folder, file, store, server, client, watcher, tokens, subjectId, planted }
}

/** The file that auditing commands keep beside the store. */
const indexForAudit = async (file: string): Promise<void> => {
  const log = sqliteStore(file)
  const index = openAuditIndex(log, `${file}.audit`)
  await Effect.runPromise(index.catchUp())
  await Effect.runPromise(Effect.andThen(index.close, log.close))
}

/** What is in a file; nothing in one that is gone since it was listed, as what is written to take another's place. */
const bytesOf = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0)
    throw cause
  }
}

/** Which of the planted stand in any file of the folder, by the file that they stand in. */
const found = ({ folder, planted }: Pick<World, "folder" | "planted">): ReadonlyArray<string> =>
  readdirSync(folder.at()).flatMap((name) => {
    const bytes = bytesOf(folder.at(name))
    return planted.filter((one) => bytes.includes(one)).map((one) => `${name}: ${one.toString()}`)
  })

const isActive = async ({ server, watcher, tokens }: World, url = server.url): Promise<boolean> =>
  (await introspect(url, watcher, tokens.access_token)).body.active

describe("while a server serves, forget", () => {
  it("leaves nothing that identifies them in any file; tokens are dead at once, and old proofs hold", async () => {
    const elsewhere = temporaryFolder()
    onTestFinished(() => elsewhere[Symbol.dispose]())
    const copy = elsewhere.at("checkpoint")
    const alice = await world("--checkpoint-copy", copy)
    const { file, store, server, client, tokens, subjectId } = alice

    const { checkpoint } = await grantlogJson<{ readonly checkpoint: string }>(["checkpoint", ...store])
    const kept = elsewhere.at("kept-checkpoint")
    writeFileSync(kept, checkpoint)
    const proof = elsewhere.at("issued.tlog-proof")
    const digest = hash("sha256", tokens.access_token, "base64url")
    const proven = await grantlog(["prove", digest, "--out", proof, ...store])
    const key = /--key '([^']+)'/.exec(proven.stdout)![1]!

    await indexForAudit(file)
    const dry = await grantlog(["forget", "--user", ACCOUNT, ...store])
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining(subjectId) })
    expect(dry.stderr).toContain("nothing was done")
    expect(await isActive(alice)).toBe(true)
    expect(found(alice).length).toBeGreaterThan(2)

    const ran = await grantlog(["forget", "--user", ACCOUNT, "--yes", "--checkpoint-copy", copy, ...store])
    expect(ran).toMatchObject({ code: 0, stderr: "" })
    expect(await isActive(alice)).toBe(false)
    expect((await refresh(server.url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
    expect(found(alice)).toEqual([])
    expect(found({ folder: elsewhere, planted: alice.planted })).toEqual([])

    expect((await grantlog(["verify-proof", proof, "--key", key])).code).toBe(0)
    const verified = await grantlog(["verify", "--from", kept, ...store])
    expect(verified).toMatchObject({ code: 0, stdout: expect.not.stringContaining("WRONG") })

    const sealed = (await readLog(file)).filter((entry) => entry.sealed !== null)
    const origins = await withKeys(file, (keys) =>
      Effect.runPromise(Effect.forEach(sealed, (entry) => openRequestOrigin(keys, entry))),
    )
    // Of the approval, and of the redemption.
    expect(origins).toHaveLength(2)
    expect(new Set(origins.map(({ _tag }) => _tag))).toEqual(new Set(["Forgotten"]))

    expect(statSync(`${file}.subject-keys`).mode & 0o777).toBe(0o600)
    expect(readFileSync(`${copy}.forgotten`, "utf8")).toBe(readFileSync(`${file}.forgotten`, "utf8"))
    expect(await server.stop()).toBe(0)
    expect(server.complaints()).toBe("")
    expect(found(alice)).toEqual([])
  })

  it.each([
    [["--user", "nobody"], 1, /there is no account `nobody`/],
    [["sub_nobody", "--yes"], 1, /there is nothing of a subject `sub_nobody`/],
    [["nobody", "--yes"], 1, /there is no account `nobody`, and no subject of that id/],
    [[], 2, /name whom to forget/],
    [["sub_x", "--user", "alice"], 2, /name whom to forget/],
  ])("%j ends with %i and a line", async (args, code, line) => {
    using folder = temporaryFolder()
    const store = ["--store", `sqlite:${folder.at("grantlog.db")}`]
    await grantlogHere(["user", "add", "alice", "--issuer", "http://localhost:4000", ...store])
    const ran = await grantlogHere(["forget", ...args, ...store])
    expect(ran.stderr).toMatch(/^grantlog: [^\n]+\n$/)
    expect(ran.stderr).toMatch(line)
    expect(ran.code).toBe(code)
    expect(existsSync(folder.at("grantlog.db.forgotten"))).toBe(false)
  })
})

describe("explain --request-origin", () => {
  const FLAG = "--request-origin"
  const saidOf = ({ stdout, stderr }: Ran) => [ADDRESS, USER_AGENT].filter((one) => (stdout + stderr).includes(one))

  it("opens from where a token was asked for, in every form, and without it nothing does", async () => {
    const { store, tokens } = await world()
    const digest = hash("sha256", tokens.access_token, "base64url")
    const ask = (...args: ReadonlyArray<string>) =>
      grantlogHere(["explain", `--store=${store[1]}`, ...args, "--", digest])
    for (const form of [[], ["--json"], ["--html"]]) {
      const closed = await ask(...form)
      expect([closed.code, closed.stderr, saidOf(closed)]).toEqual([0, "", []])
      expect(closed.stdout).toContain(FLAG)
    }
    const text = await ask(FLAG)
    expect(text).toMatchObject({ code: 0, stderr: "" })
    expect(text.stdout).toContain(`, from ${ADDRESS}, user agent "${USER_AGENT}")`)
    expect(text.stdout).not.toContain("sealed")
    const page = await ask(FLAG, "--html")
    expect(page.stdout).toContain(`from ${ADDRESS}, user agent &quot;${USER_AGENT}&quot;`)
    const { ancestry } = JSON.parse((await ask(FLAG, "--json")).stdout) as Explained
    expect(ancestry.find(({ type }) => type === "AccessTokenIssued")?.requestOrigin).toEqual({
      _tag: "RequestOrigin",
      address: ADDRESS,
      userAgent: USER_AGENT,
    })
    const then = await grantlogHere(["at", "0s", "explain", FLAG, ...store, "--", digest])
    expect(saidOf(then)).toEqual([ADDRESS, USER_AGENT])
  })

  it("of who was forgotten says that it is unreadable for good, also before a restored backup is served", async () => {
    const { folder, file, server, store, subjectId, tokens } = await world()
    expect(await server.stop()).toBe(0)
    const keys = `${file}.subject-keys`
    copyFileSync(keys, folder.at("copy"))
    expect((await grantlogHere(["forget", subjectId, "--yes", ...store])).code).toBe(0)
    const ask = () => grantlogHere(["explain", FLAG, ...store], { input: tokens.access_token })
    const forgotten = await ask()
    expect([forgotten.code, saidOf(forgotten)]).toEqual([0, []])
    expect(forgotten.stdout).toContain("origin unreadable for good: whom it concerns was forgotten")

    copyFileSync(folder.at("copy"), keys)
    const restored = await ask()
    expect(restored).toMatchObject({ code: 1, stdout: "" })
    expect(restored.stderr).toMatch(
      /^grantlog: subject sub_\S+ has yet to be forgotten[^\n]+start the server once[^\n]+\n$/,
    )
  })

  it.each([
    ["subject-keys", /^grantlog: the subject keys `[^`]+` are missing: put them back[^\n]+\n$/],
    ["keys.json", /^grantlog: the key ring `[^`]+` is missing: put it back[^\n]+\n$/],
  ])("without the file %s ends with a line, and makes none", async (name, line) => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const store = ["--store", `sqlite:${file}`]
    await grantlogHere([
      "client",
      "add",
      "--name",
      "app",
      "--client-id",
      "app",
      "--issuer",
      "http://localhost:4000",
      ...store,
    ])
    expect(await grantlogHere(["explain", "app", FLAG, ...store])).toMatchObject({ code: 0, stderr: "" })
    rmSync(`${file}.${name}`)
    const ran = await grantlogHere(["explain", "app", FLAG, ...store])
    expect(ran).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(line) })
    expect(existsSync(`${file}.${name}`)).toBe(false)
  })
})

describe("a kill right after", () => {
  it.each(steps)("it was %s is made good by the next start, before anybody is served", async (step) => {
    const alice = await world()
    const { file, server, subjectId } = alice
    await server.kill()
    const program = startProgram([PROGRAM, file, subjectId, step])
    program.stdin.end()
    expect(await endOf(program)).toBe("SIGKILL")

    const next = await serve(file, "--issuer", server.issuer)
    onTestFinished(() => next.kill())
    expect(await isActive(alice, next.url)).toBe(false)
    expect(found(alice)).toEqual([])
    const forgotten = (await readLog(file)).filter(({ event }) => event._tag === "SubjectForgotten")
    expect(forgotten).toHaveLength(1)
    expect(await next.stop()).toBe(0)
    expect(next.complaints()).toBe("")
    expect(found(alice)).toEqual([])
  })
})

it("a backup of store and keys that is restored brings nobody back, as long as the ledger is there", async () => {
  const alice = await world()
  const { folder, file, store, server } = alice
  expect(await server.stop()).toBe(0)
  using backup = temporaryFolder()
  const names = ["grantlog.db", "grantlog.db.keys.json", "grantlog.db.subject-keys"]
  for (const name of names) copyFileSync(folder.at(name), backup.at(name))
  expect((await grantlogHere(["forget", "--user", ACCOUNT, "--yes", ...store])).code).toBe(0)
  expect(found(alice)).toEqual([])

  for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true })
  for (const name of names) copyFileSync(backup.at(name), folder.at(name))
  expect(found(alice).length).toBeGreaterThan(2)
  const next = await serve(file, "--issuer", server.issuer)
  onTestFinished(() => next.kill())
  expect(await isActive(alice, next.url)).toBe(false)
  expect(found(alice)).toEqual([])
  expect((await grantlogHere(["verify", ...store])).code).toBe(0)
})

it("with --no-request-origin nothing is kept of where a request came from", async () => {
  const { file } = await world("--no-request-origin")
  const entries = await readLog(file)
  expect(entries.length).toBeGreaterThan(5)
  expect(entries.filter(({ sealed }) => sealed !== null)).toEqual([])
})
