/** Restoring that is interrupted goes on as it began, and leaves nothing that looks finished. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { Effect, Option, Result } from "effect"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { restoreBackup } from "../../../src/cli/backup/Restore.ts"
import { openBeside } from "../../../src/cli/Beside.ts"
import { importerInto } from "../../../src/cli/Importing.ts"
import type { StoreLocation } from "../../../src/cli/StoreLocation.ts"
import { claimTable, StoreFault, type Importer } from "../../../src/log/index.ts"
import { grantlogHere } from "../../live/support/InProcess.ts"
import { addClient, at, backedUp, claimsIn, inScope, JTI, putClaims, sqlite } from "./BackedUp.ts"

let of: Awaited<ReturnType<typeof backedUp>>

beforeAll(async () => {
  of = await backedUp()
})
afterAll(() => of.folder[Symbol.dispose]())

const ROLLBACK = { acceptRollback: true, nothingSince: false }
const NOTHING_SINCE = { acceptRollback: false, nothingSince: true }
const UNSAID = { acceptRollback: false, nothingSince: false }
const POWER = "the power went"
const stopped = new StoreFault({ reason: "other", message: POWER })

/** Restores by another importer, or one that cannot be opened; says how that ends. */
const ending = (
  location: StoreLocation,
  importer: (own: Importer) => Importer | undefined,
  options: typeof ROLLBACK = ROLLBACK,
): Promise<string> =>
  inScope(
    Effect.gen(function* () {
      const { file = of.folder.at("beside.db") } = location
      const beside = yield* openBeside({ ...location, file }, Option.none())
      const open = Effect.flatMap(importerInto({ ...location, file }), (own) => {
        const other = importer(own)
        return other === undefined ? Effect.fail(stopped) : Effect.succeed(other)
      })
      const restoring = restoreBackup(of.monday, location, beside, open, { ...options, onProgress: () => {} })
      const ended = yield* Effect.result(Effect.scoped(restoring))
      return of.shown(Result.isFailure(ended) ? (ended.failure as Error).message : "it was restored")
    }),
  )

describe("what was interrupted", () => {
  /** The claims of the backup are put, then those with the mark; the third time they are put without it. */
  const marked = (own: Importer): Importer => {
    let putCount = 0
    const isLast = (name: string) => name === claimTable.name && ++putCount === 3
    return { ...own, side: (table, rows) => (isLast(table.name) ? Effect.fail(stopped) : own.side(table, rows)) }
  }
  const noEntries = (own: Importer): Importer => ({ ...own, entries: () => Effect.fail(stopped) })
  const half = (own: Importer): Importer => ({
    ...own,
    entries: (stored) => Effect.andThen(own.entries(stored.slice(0, 2)), Effect.fail(stopped)),
  })

  it.each([
    ["as an older state", ROLLBACK, true],
    ["as it is", NOTHING_SINCE, false],
  ])("before there was an entry, or with half of them, goes on as it began: %s", async (how, options, hasEnded) => {
    for (const [importer, presentCount] of [
      [noEntries, 0],
      [half, 2],
    ] as const) {
      const path = of.emptyPlace()
      expect(await ending(await at(path), importer, options)).toBe(POWER)
      expect(await claimsIn(path)).toEqual([
        JTI,
        { key: `restoring ${of.root} ${how}`, until: Number.MAX_SAFE_INTEGER },
      ])
      // Whoever serves the half is refused by the checkpoint that came with it.
      for (const end of [".checkpoint", ".checkpoint-key.json"])
        expect(readFileSync(`${path}${end}`, "utf8")).toBe(readFileSync(`${of.monday}/grantlog.db${end}`, "utf8"))
      const put: Array<string> = []
      const seen = (own: Importer): Importer => ({
        ...own,
        side: (table, rows) => own.side(table, rows).pipe(Effect.tap(Effect.sync(() => put.push(table.name)))),
      })
      expect(await ending(await at(path), seen, UNSAID)).toBe("it was restored")
      if (presentCount > 0) expect(put).toEqual([claimTable.name])
      const verified = await grantlogHere(["verify", ...sqlite(path)])
      expect([verified.code, (await claimsIn(path)).length]).toEqual([0, 1])
      const { stdout } = await grantlogHere(["history", "--type", "IssuerEpochRaised", ...sqlite(path)])
      expect(stdout.includes("was restored")).toBe(hasEnded)
    }
  })

  it("at its very end goes on without ending every grant twice", async () => {
    const path = of.emptyPlace()
    const location = await at(path)
    expect(await ending(location, marked)).toBe(POWER)
    expect(await ending(location, (own) => own)).toBe("it was restored")
    const { stdout } = await grantlogHere(["history", "--type", "IssuerEpochRaised", ...sqlite(path)])
    expect(stdout.match(/was restored/g)).toHaveLength(1)
  })

  it("is no place for another log, whatever is marked in it", async () => {
    const path = of.emptyPlace()
    expect(await ending(await at(path), half)).toBe(POWER)
    const [mark] = (await claimsIn(path)).filter(({ key }) => String(key).startsWith("restoring"))
    const other = of.emptyPlace()
    await addClient(other)
    await putClaims(other, [mark!])
    expect(await of.refused(of.monday, other, "--accept-rollback")).toMatch(
      /^grantlog: the store of --store holds a log of \d+ entries: name an empty place, or move it away\n$/,
    )
  })
})

describe("what is read of a backup meanwhile", () => {
  it("is a copy beside the place, for its owner alone, made anew and gone afterwards", async () => {
    const path = of.emptyPlace()
    mkdirSync(`${path}.restoring/left`, { recursive: true })
    let found: ReadonlyArray<string> = []
    const look = () => {
      found = readdirSync(`${path}.restoring`)
      expect((statSync(`${path}.restoring`).mode & 0o777).toString(8)).toBe("700")
      // Whoever tidies up on the way does not disturb it.
      rmSync(`${path}.restoring`, { recursive: true })
      return undefined
    }
    expect(await ending(await at(path), look)).toBe(POWER)
    expect(found).not.toContain("left")
    expect(found).toEqual(expect.arrayContaining(["grantlog.db", "grantlog.db.keys.json"]))
    const again = of.emptyPlace()
    expect(await ending(await at(again), () => undefined)).toBe(POWER)
    expect(existsSync(`${again}.restoring`)).toBe(false)
    expect(await ending(await at(of.folder.at("no", "place.db")), () => undefined)).toBe(
      "`FOLDER/no/place.db.restoring` cannot be written (ENOENT): make its folder writable",
    )
  })

  it("is a temporary folder where the place is a database, whose key ring has to be named", async () => {
    const before = process.env["TMPDIR"]
    onTestFinished(() => {
      if (before === undefined) delete process.env["TMPDIR"]
      else process.env["TMPDIR"] = before
    })
    process.env["TMPDIR"] = of.folder.at("tmp")
    mkdirSync(of.folder.at("tmp"))
    let found: ReadonlyArray<string> = []
    const look = () => {
      found = readdirSync(of.folder.at("tmp"))
      return undefined
    }
    const location = { ...(await at(of.file)), file: undefined }
    expect(await ending(location, look)).toBe(POWER)
    expect(found).toEqual([expect.stringMatching(/^grantlog-restoring-\w{6}$/)])
    expect(readdirSync(of.folder.at("tmp"))).toEqual([])
    expect(await ending({ ...location, keyFile: undefined }, look)).toBe(
      "--store postgres://… needs --keys-file: the key ring, which every instance is given",
    )
  })
})
