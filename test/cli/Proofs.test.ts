/**
 * Proofs word by word: what `prove`, `verify-proof`, `verify`, `export`, `verify-export` and `history` say of a log of
 * which a part is in an archive.
 */
import { hash } from "node:crypto"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { auditIndexFileOf, checkpointsBeside } from "../../src/embedded/BesideFile.ts"
import { liveRandomness, sqliteStore } from "../../src/provider/index.ts"
import { logins, run } from "../audit/Logins.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { manualClock } from "../support/ManualClock.ts"
import { ISSUER } from "../support/TestServer.ts"

const DAY_SECONDS = 86_400
const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
const archive = folder.at("old.archive")
const ORIGIN = "localhost:4000"

/** The head of the log after archiving. */
let head: { readonly size: number; readonly root: string; readonly checkpoint: string; readonly verifierKey: string }
/** A grant that is in the archive, and one of the log with its token. */
let old: { readonly grantId: string; readonly position: number }
let token: string
let archivedCount: number

const ask = (...args: ReadonlyArray<string>) => grantlogHere([...args, ...store])
const json = <A>(...args: ReadonlyArray<string>) => grantlogJsonHere<A>([...args, ...store])

beforeAll(async () => {
  const log = sqliteStore(file)
  const { native, login, keys, clock } = await logins({
    store: log,
    clock: manualClock(Date.now() - 200 * DAY_SECONDS * 1000),
  })
  const { grantId } = await login()
  await run(native.revokeGrant(grantId, "operator"))
  const entries = await run(log.readAll(0))
  const { position } = entries.find(({ event }) => event._tag === "GrantOpened")!
  old = { grantId, position }
  clock.pass(200 * DAY_SECONDS - 60)
  token = (await login()).access_token
  await run(log.close)
  writeFileSync(`${file}.keys.json`, JSON.stringify(keys), { mode: 0o600 })
  await run(checkpointsBeside(file, []).openKey(ISSUER, liveRandomness))
  await json("checkpoint")
  // The index of those who ask knows what is there now.
  await json("history")
  const archived = await json<{ readonly entryCount: number }>("archive", "--before", "90d", "--to", archive)
  archivedCount = archived.entryCount
  head = await json("checkpoint")
  return () => folder[Symbol.dispose]()
})

describe("prove and verify-proof", () => {
  const prove = (...args: ReadonlyArray<string>) => ask("prove", ...args)

  it("prints the proof, or writes it and says how it is verified, or gives all of it as JSON", async () => {
    const path = folder.at("0.tlog-proof")
    const printed = await prove("0")
    expect([printed.code, printed.stderr]).toEqual([0, ""])
    expect(await prove("0", "--out", path)).toEqual({
      code: 0,
      stdout: `entry 0 is under the checkpoint of ${head.size} entries; to verify it, offline:\n  grantlog verify-proof ${path} --key '${head.verifierKey}'\n`,
      stderr: "",
    })
    const proof = readFileSync(path, "utf8")
    expect(printed.stdout).toBe(proof)
    const told = await json("prove", "0")
    const { checkpoint, verifierKey } = head
    expect(told).toEqual({
      position: 0,
      entry: expect.any(String),
      hashes: expect.any(Array),
      checkpoint,
      verifierKey,
      proof,
    })
    expect(await grantlogHere(["verify-proof", path, "--key", head.verifierKey])).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(`^the proof holds: entry 0 of the first ${head.size} of ${ORIGIN} is\n\\{\n  "[^]*\\}\n$`),
      ),
      stderr: "",
    })
    expect(await grantlogJsonHere(["verify-proof", path, "--key", head.verifierKey])).toEqual({
      holds: true,
      origin: ORIGIN,
      size: head.size,
      position: 0,
      witnessedBy: [],
      event: expect.objectContaining({ type: "IssuerInitialized" }),
    })
  })

  it("proves the issue of a token by its digest", async () => {
    const { entry } = await json<{ readonly entry: string }>("prove", hash("sha256", token, "base64url"))
    expect(JSON.parse(entry)).toMatchObject({
      type: "AccessTokenIssued",
      stream: expect.not.stringContaining(old.grantId),
    })
  })

  it.each([["01"], ["1x"], ["x1"], ["9".repeat(17)], ["A".repeat(42)], [`${"A".repeat(43)}=`], [`=${"A".repeat(43)}`]])(
    "takes no position or digest such as %s",
    async (entry) => {
      expect(await prove(entry)).toEqual({
        code: 2,
        stdout: "",
        stderr:
          "grantlog: name a position, or a token's SHA-256 in base64url; a token itself belongs on no command line\n",
      })
    },
  )

  it("signs a checkpoint where the entry is newer than any that was kept", async () => {
    await json("client", "add", "--name", "newer", "--redirect-uri", "http://127.0.0.1/")
    const { checkpoint } = await json<{ readonly checkpoint: string }>("prove", String(head.size))
    expect(checkpoint.split("\n").slice(0, 2)).toEqual([ORIGIN, String(head.size + 1)])
    head = await json("checkpoint")
    expect((await prove(String(head.size))).stderr).toBe(
      `grantlog: the log has ${head.size} entries, and none at position ${head.size}\n`,
    )
  })

  it("names the archive that an entry is in, and proves it with that", async () => {
    const { position } = old
    expect(await prove(String(position))).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: entry ${position} is in archive 1: name its file with --archive\n`,
    })
    const { entry } = await json<{ readonly entry: string }>("prove", String(position), "--archive", archive)
    expect(JSON.parse(entry)).toMatchObject({ type: "GrantOpened", stream: `grant-${old.grantId}` })
  })

  it.each<readonly [string, (path: string) => void, number, string | RegExp]>([
    ["is not there", () => {}, 1, /^grantlog: `.*` cannot be read\n$/],
    [
      "is too long",
      (path) => writeFileSync(path, "x".repeat(1_000_001)),
      1,
      "grantlog: the file is too long for a proof\n",
    ],
    ["is no proof", (path) => writeFileSync(path, "no proof\n"), 1, /^grantlog: (?!the proof does not hold)[^\n]+\n$/],
  ])("verify-proof says that a file %s", async (name, write, code, sentence) => {
    const path = folder.at(`${name}.tlog-proof`)
    write(path)
    const ran = await grantlogHere(["verify-proof", path, "--key", head.verifierKey])
    expect([ran.code, ran.stdout]).toEqual([code, ""])
    expect(ran.stderr).toMatch(sentence)
  })

  it.each(["verify-proof", "verify-export"])("%s needs a verifier key", async (command) => {
    expect(await grantlogHere([command, "x", "--key", "nonsense"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: --key is no verifier key: NAME+ID+KEY\n",
    })
  })
})

describe("verify", () => {
  const NOT_COVERED = /^not covered, for it is beside the log: [^,\n]+(?:, [^,\n]+)+$/

  it("says how much there is, how far checkpoints reach, and what archives have of it", async () => {
    const lines = async (...args: ReadonlyArray<string>) => {
      const { code, stdout, stderr } = await ask("verify", ...args)
      expect([code, stderr]).toEqual([0, ""])
      return stdout.trimEnd().split("\n")
    }
    const count = expect.stringMatching(
      new RegExp(`^${head.size} entries in \\d+ streams, \\d+ rows, \\d checkpoints$`),
    )
    expect(await lines()).toEqual([
      count,
      `${archivedCount} entries are in archives, of which 0 were read`,
      `root ${head.root}`,
      "covered to the end by a checkpoint",
      expect.stringMatching(NOT_COVERED),
    ])
    expect(await lines("--archive", archive, "--key", head.verifierKey)).toEqual([
      count,
      `${archivedCount} entries are in archives, of which ${archivedCount} were read`,
      `root ${head.root}`,
      "covered to the end by a checkpoint",
      expect.stringMatching(NOT_COVERED),
    ])
    await json("client", "add", "--name", "uncovered", "--redirect-uri", "http://127.0.0.1/")
    expect(await lines()).toContain(
      `uncovered: positions ${head.size} to ${head.size}; no checkpoint that was kept says what they were`,
    )
    expect(await json("verify")).toMatchObject({ findings: [], size: head.size + 1, uncoveredFrom: head.size })
  })

  it("says that a verifier key is none", async () => {
    expect(await ask("verify", "--key", "nonsense")).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: --key is no verifier key: NAME+ID+KEY\n",
    })
  })
})

describe("verify-export", () => {
  const exported = async (...args: ReadonlyArray<string>) => {
    await json("checkpoint")
    const { stdout, code } = await ask("export", "--archive", archive, ...args)
    expect(code).toBe(0)
    return stdout
  }
  const verified = (input: string, ...args: ReadonlyArray<string>) =>
    grantlogHere(["verify-export", "-", "--key", head.verifierKey, ...args], { input })

  it("says of standard input or a file what holds, as lines and as JSON", async () => {
    const text = await exported()
    const path = folder.at("all.jsonl")
    writeFileSync(path, text)
    const { size, root } = await json<typeof head>("checkpoint")
    const readable = new RegExp(
      `^the export holds: entries 0 to ${size - 1}, of the first ${size} of ${ORIGIN}\n(\\d+) readable, as they were recorded\n\\d+ only hashed: that they stand there is proven, what their lines say is not\nroot ${root}\n$`,
    )
    const piped = await verified(text)
    expect([piped.code, piped.stderr]).toEqual([0, ""])
    expect(piped.stdout).toMatch(readable)
    expect(await grantlogHere(["verify-export", path, "--key", head.verifierKey])).toEqual(piped)
    const told = JSON.parse((await verified(text, "--json")).stdout) as Readonly<Record<string, unknown>>
    const [, readableCount] = readable.exec(piped.stdout)!
    expect(told).toMatchObject({
      holds: true,
      origin: ORIGIN,
      from: 0,
      size,
      root,
      readableCount: Number(readableCount),
    })
  })

  it("says where there is nothing in it", async () => {
    const { size, root } = await json<typeof head>("checkpoint")
    expect((await verified(await exported("--from", String(size)))).stdout).toBe(
      `the export holds: no entries, of the first ${size} of ${ORIGIN}\n0 readable, as they were recorded\nroot ${root}\n`,
    )
  })

  it("says of what it is that it does not hold, and that there is no such file", async () => {
    const text = await exported()
    const broken = await verified(text.split("\n").toSpliced(3, 1).join("\n"))
    expect([broken.code, broken.stdout]).toEqual([1, ""])
    expect(broken.stderr).toMatch(/^grantlog: the export does not hold: [^\n]+\n$/)
    const path = folder.at("nowhere.jsonl")
    expect(await grantlogHere(["verify-export", path, "--key", head.verifierKey])).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: \`${path}\` cannot be read\n`,
    })
  })
})

describe("history", () => {
  it("counts what is in archives, and tells it with them", async () => {
    const { stdout, stderr } = await ask("history", "--type", "GrantRevoked")
    expect([stdout, stderr]).toEqual(["", "1 more of these are in archives: name their files with --archive\n"])
    expect(await json("history", "--type", "GrantRevoked")).toMatchObject({ entries: [], archivedCount: 1 })
    const found = await ask("history", "--type", "GrantRevoked", "--archive", archive)
    expect(found).toMatchObject({ stdout: expect.stringMatching(/^#\d+ /), stderr: "" })
    // As many in the log as in archives.
    expect((await ask("history", "--type", "GrantOpened")).stdout).toMatch(/^#\d+ [^\n]*\n$/)
    const ofGrant = await ask("history", "--grant", old.grantId)
    expect(ofGrant).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/^\d+ more of these are in archives/),
    })
  })

  it("says where a grant is of which the index knows nothing", async () => {
    rmSync(auditIndexFileOf(file))
    expect(await ask("history", "--type", "GrantRevoked")).toEqual({
      code: 0,
      stdout: "nothing happened\n",
      stderr: "",
    })
    const { code, stdout, stderr } = await ask("history", "--grant", old.grantId)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^grantlog: [^\n]+ archive 1[^\n]+\n$/)
  })
})
