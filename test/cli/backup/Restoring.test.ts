/** Restoring: what decides whether a backup is older than what was served, and what is taken over from it. */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { EpochMillis } from "../../../src/core/index.ts"
import { checkpointsBeside, ledgersBeside } from "../../../src/embedded/BesideFile.ts"
import { liveRandomness } from "../../../src/provider/index.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { addClient, backedUp, claimsIn, JTI, sqlite, subjectKeys, type Manifest } from "./BackedUp.ts"

let of: Awaited<ReturnType<typeof backedUp>>

beforeAll(async () => {
  of = await backedUp()
})
afterAll(() => of.folder[Symbol.dispose]())

/** The backup as if it had been made without these files. */
const without = (...ends: ReadonlyArray<string>): string =>
  of.changed(({ files, ...manifest }) => ({
    ...manifest,
    hasKeyRing: !ends.includes(".keys.json"),
    files: Object.fromEntries(
      Object.entries(files as object).filter(([name]) => !ends.some((end) => name === `grantlog.db${end}`)),
    ),
  }))

describe("whether a backup is older than what was served", () => {
  it("is told by a checkpoint beside the place that agrees with it: nothing is asked, and all goes on under its key", async () => {
    const path = of.emptyPlace(".checkpoint", ".checkpoint-key.json")
    const told = await of.restored(of.monday, path)
    expect(told).toEqual({
      ...{ from: of.monday, to: `sqlite:${path}`, madeAt: expect.any(Number), root: of.root },
      ...{
        entryCount: of.entryCount,
        accountCount: 1,
        forgottenCount: 1,
        hasEndedEveryGrant: false,
        verifierKey: of.verifierKey,
      },
    })
    expect(await claimsIn(path)).toEqual([JTI])
  })

  it("is not told by who was forgotten in it already", async () => {
    const path = of.emptyPlace(".forgotten")
    expect(await of.refused(of.monday, path)).toMatch(
      /^grantlog: nothing beside the store says whether it was served after /,
    )
    expect(await of.restored(of.monday, path, "--nothing-since")).toMatchObject({
      hasEndedEveryGrant: false,
      verifierKey: of.verifierKey,
    })
  })

  it("is told by who was forgotten since, whose key is not brought back, nor one over another", async () => {
    const path = of.emptyPlace(".keys.json")
    await Effect.runPromise(ledgersBeside([path]).intend(of.ann, Date.now() as EpochMillis))
    writeFileSync(path, "")
    const [[, there] = []] = await subjectKeys(path, "sub_there")
    rmSync(path)
    expect(await of.refused(of.monday, path, "--nothing-since")).toBe(
      `grantlog: subject ${of.ann} was forgotten after this backup was made; to restore it as it is, and to end every grant that was opened in it, give --accept-rollback\n`,
    )
    expect(await of.restored(of.monday, path, "--accept-rollback")).toMatchObject({
      ...{ accountCount: 0, forgottenCount: 2, hasEndedEveryGrant: true },
    })
    const { stdout } = await grantlogHere(["history", "--type", "IssuerEpochRaised", ...sqlite(path)])
    expect(stdout).toContain("was restored")
    const backedUp = await subjectKeys(of.file)
    const after = await subjectKeys(path)
    expect(after.get("sub_there")).toBe(there)
    expect(after.get("sub_new")).toBe(backedUp.get("sub_new"))
    expect(after.get(of.ann)).toBeNull()
  })

  it("is told by a checkpoint of a longer log, or of another, also where its key is gone", async () => {
    const longer = of.emptyPlace()
    for (const end of ["", ".keys.json", ".checkpoint", ".checkpoint-key.json"])
      copyFileSync(`${of.monday}/grantlog.db${end}`, `${longer}${end}`)
    await addClient(longer)
    const { size } = await grantlogJsonHere<{ readonly size: number }>(["checkpoint", ...sqlite(longer)])
    const path = of.emptyPlace()
    copyFileSync(`${longer}.checkpoint`, `${path}.checkpoint`)
    const end =
      "or of another log; to restore it as it is, and to end every grant that was opened in it, give --accept-rollback\n"
    expect(await of.refused(of.monday, path, "--nothing-since")).toBe(
      `grantlog: the backup has ${of.entryCount} entries, the last checkpoint ${size}: it is an older state than the one that was served, ${end}`,
    )
    const other = of.emptyPlace()
    await addClient(other)
    copyFileSync(`${of.monday}/grantlog.db.checkpoint-key.json`, `${other}.checkpoint-key.json`)
    await grantlogJsonHere(["checkpoint", ...sqlite(other)])
    rmSync(other)
    expect(await of.refused(of.monday, other)).toMatch(
      /^grantlog: the first \d entries are not those of the last checkpoint: it is an older state than the one that was served, or of another log;/,
    )
  })

  it("is told by a checkpoint whose key the backup has; another key is not replaced", async () => {
    expect((await of.restored(of.monday, of.emptyPlace(".checkpoint"))).verifierKey).toBe(of.verifierKey)
    const other = of.emptyPlace()
    const place = checkpointsBeside(other, [])
    await Effect.runPromise(place.openKey("http://localhost:4000", liveRandomness))
    expect(await of.refused(of.monday, other, "--nothing-since")).toMatch(/^grantlog: .*another/)
  })

  it("is told by nothing that cannot be read", async () => {
    const path = of.emptyPlace(".checkpoint-key.json")
    writeFileSync(`${path}.checkpoint`, "no checkpoint\n")
    expect(await of.refused(of.monday, path, "--accept-rollback")).toMatch(/^grantlog: the checkpoint kept: /)
    expect(existsSync(path)).toBe(false)
  })
})

const IS_NONE =
  /^grantlog: `FOLDER\/changed-\d+\/backup.json` is not the manifest of a backup that this grantlog knows\n$/

describe("what is restored", () => {
  it("ends every grant once, and says of which backup, where it may be older", async () => {
    const path = of.emptyPlace()
    const told = await of.restored(of.monday, path, "--accept-rollback")
    expect(told.verifierKey).not.toBe(of.verifierKey)
    const { stdout } = await grantlogHere(["history", "--type", "IssuerEpochRaised", ...sqlite(path)])
    expect(stdout.match(/a backup of \S+Z, with \d+ entries, was restored/g)).toEqual([
      expect.stringMatching(new RegExp(`Z, with ${of.entryCount} entries,`)),
    ])
  })

  it.each([
    ["no checkpoint", [".checkpoint"], ["--accept-rollback"], true],
    ["neither checkpoint nor key", [".checkpoint", ".checkpoint-key.json"], ["--nothing-since"], false],
  ])("may have %s in it", async (_, ends, flags, isSameKey) => {
    const path = of.emptyPlace()
    expect((await of.restored(without(...ends), path, ...flags)).verifierKey === of.verifierKey).toBe(isSameKey)
    expect((await grantlogHere(["verify", ...sqlite(path)])).code).toBe(0)
  })

  it("has no key but those that are beside the place, and one that belongs there is not replaced", async () => {
    const path = of.emptyPlace()
    const ring = without(".keys.json")
    expect(await of.refused(ring, path, "--nothing-since")).toBe(
      `grantlog: the key ring \`${of.shown(path)}.keys.json\` is missing: put it back, or name it with --keys-file; a new one cannot take its place\n`,
    )
    const env = { GRANTLOG_KEYS: readFileSync(`${of.file}.keys.json`, "utf8") }
    expect(await grantlogHere(["restore", of.monday, "--nothing-since", ...sqlite(path)], { env })).toMatchObject({
      code: 0,
    })
    expect(existsSync(`${path}.keys.json`)).toBe(false)
    const named = of.emptyPlace()
    const keys = ["--keys-file", of.folder.at("named.json")]
    const ran = await grantlogHere(["restore", of.monday, "--nothing-since", ...keys, ...sqlite(named)], { env })
    expect([ran.code, readFileSync(of.folder.at("named.json"), "utf8")]).toEqual([0, env.GRANTLOG_KEYS])
  })

  it.each<[string, (manifest: Manifest) => Manifest, RegExp]>([
    [
      "of another root",
      (all) => ({ ...all, root: "A".repeat(43) }),
      /^grantlog: the log of this backup is not the one that its manifest names: use another backup\n$/,
    ],
    [
      "that names a file which is not there",
      ({ files, ...all }) => ({ ...all, files: { ...(files as object), "grantlog.db.none": "0".repeat(64) } }),
      /^grantlog: `FOLDER\/changed-\d+\/grantlog.db.none` cannot be read \(ENOENT\)\n$/,
    ],
    [
      "with a hash that begins with more",
      (all) => ({ ...all, files: { "grantlog.db": `x${"0".repeat(64)}` } }),
      IS_NONE,
    ],
    ["with a hash that goes on", (all) => ({ ...all, files: { "grantlog.db": `${"0".repeat(64)}x` } }), IS_NONE],
  ])("is nothing %s", async (_, change, sentence) => {
    expect(await of.refused(of.changed(change), of.emptyPlace(), "--nothing-since")).toMatch(sentence)
  })

  it("is looked for nowhere but in the folder", async () => {
    const odd = ["/etc/grantlog.db", "../grantlog.db", "grantlog.db/../../none"].map((name) => [name, "0".repeat(64)])
    const path = of.changed(({ files, ...all }) => ({
      ...all,
      files: { ...(files as object), ...Object.fromEntries(odd) },
    }))
    expect(await of.restored(path, of.emptyPlace(), "--nothing-since")).toMatchObject({ root: of.root })
  })
})
