/** Opening a log to ask it something: its index, the archives that were named beside it, and how long it takes. */
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect, Exit, Scope } from "effect"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { openArchives, requireAtHand } from "../../../src/cli/audit/Archives.ts"
import { openAudit, openIndexed, present } from "../../../src/cli/audit/OpenAudit.ts"
import { readMoment } from "../../../src/cli/audit/ReadMoment.ts"
import { writeArchive } from "../../../src/log/index.ts"
import type { ServerStore } from "../../../src/provider/index.ts"
import { auditOf, logins, run } from "../../audit/Logins.ts"
import { temporaryFolder } from "../../support/TestServer.ts"

/** What is opened, and a way to end the scope that it lives in. */
const within = async <A, E>(opening: Effect.Effect<A, E, Scope.Scope>) => {
  const scope = await run(Scope.make())
  const close = () => run(Scope.close(scope, Exit.void))
  onTestFinished(close)
  return { opened: await run(Effect.provideService(opening, Scope.Scope, scope)), close }
}

const refused = async (asked: Effect.Effect<unknown, { readonly message: string }>) => {
  const fault = await run(Effect.flip(asked))
  return [fault.constructor.name, fault.message]
}

describe("a log that is opened to be asked", () => {
  it("has an index that knows all of it, until it is closed", async () => {
    const { store } = await logins()
    onTestFinished(() => rmSync("undefined.audit", { force: true }))
    const { opened, close } = await within(openAudit(store, undefined))
    expect(opened.log).toBe(store)
    const { size } = await run(store.head)
    expect(size).toBeGreaterThan(1)
    expect(await run(opened.index.size)).toBe(size)
    expect(existsSync("undefined.audit")).toBe(false)
    await close()
    await expect(run(opened.index.size)).rejects.toThrow()
  })

  it("has its index beside its file, as it was left there", async () => {
    const { store } = await logins()
    const file = join(temporaryFolder(), "grantlog.db")
    const { opened } = await within(openIndexed(store, file))
    expect(existsSync(`${file}.audit`)).toBe(true)
    expect([opened.log, await run(opened.index.size)]).toEqual([store, 0])
  })

  it("says so where the index cannot be opened", async () => {
    const { store } = await logins()
    const file = join(temporaryFolder(), "no folder", "grantlog.db")
    const fault = await run(Effect.flip(Effect.scoped(openIndexed(store, file))))
    expect(fault._tag).toBe("StoreFault")
  })

  it.each([
    [999, []],
    [1000, ["2 of 2 entries indexed\n"]],
  ])("says how far it is where that takes long: after %i ms", async (takesMillis, expected) => {
    const { store } = await logins()
    let now = 5000
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now)
    const told: Array<string> = []
    const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0)
    const slow: ServerStore = {
      ...store,
      readStored: (...page) => {
        now = 5000 + takesMillis
        return store.readStored(...page)
      },
    }
    try {
      await within(openAudit(slow, undefined))
    } finally {
      clock.mockRestore()
      stderr.mockRestore()
    }
    expect(told).toEqual(expected)
  })
})

describe("archives of a log", () => {
  const logOf = (...statements: ReadonlyArray<string>) => ({
    dump: () => Effect.succeed(statements.map((statement) => ({ statement }))),
  })

  const written = (statement: string): string => {
    const path = join(temporaryFolder(), "old.archive")
    writeArchive(path).finish(statement)
    return path
  }

  it("are opened as they are named, and closed when nobody asks any more", async () => {
    const paths = ["one", "two"].map(written)
    const { opened, close } = await within(openArchives(logOf("one", "two"), paths))
    expect(opened.map(({ path }) => path)).toEqual(paths)
    expect(opened[0]!.stored(0, 1)).toEqual([])
    await close()
    for (const archive of opened) expect(() => archive.stored(0, 1)).toThrow()
  })

  it("are refused where they are of another log, or not there", async () => {
    const path = written("one")
    expect(await refused(Effect.scoped(openArchives(logOf("another"), [path])))).toEqual([
      "StoreFault",
      `\`${path}\` is no archive of this log`,
    ])
    expect(await refused(Effect.scoped(openArchives(logOf("one"), [`${path}.gone`])))).toEqual([
      "StoreFault",
      `there is no archive \`${path}.gone\``,
    ])
  })

  it("have to be named for a grant whose entries are in one", async () => {
    const archived = { archive: 2, file: "old.archive", version: 11, diedAt: 1, clientId: null, keyIds: [] }
    const archivedStream = (stream: string) =>
      Effect.succeed(stream === "grant-g1" ? { stream, ...archived } : undefined)
    expect(await refused(requireAtHand({ archivedStream }, "g1"))).toEqual([
      "CommandFault",
      "grant g1 has ended, and its 11 entries are in archive 2, made as old.archive: name that file with --archive",
    ])
    expect(await run(requireAtHand({ archivedStream }, "g2"))).toBeUndefined()
  })
})

describe("a moment of a log", () => {
  it("that is not named is now", async () => {
    const { store, clock } = await logins()
    clock.pass(5)
    const now = present(await auditOf({ store }))
    const { size } = await run(store.head)
    expect(await run(Effect.provideService(now, Clock.Clock, clock.clock))).toEqual({ size, at: clock.now() })
  })

  it("is a position, or else a time", async () => {
    const { store, clock } = await logins()
    const { size } = await run(store.head)
    const start = clock.now()
    expect(await run(readMoment(store, "0"))).toEqual({ size: 1, at: start })
    expect(await run(readMoment(store, "2030-01-01"))).toEqual({ size, at: Date.UTC(2030, 0, 1) })
    expect(await run(readMoment(store, "1999-12-31"))).toEqual({ size: 0, at: Date.UTC(1999, 11, 31) })
    expect(await refused(readMoment(store, "999"))).toEqual([
      "CommandFault",
      `the log has ${size} entries, and none at position 999`,
    ])
    expect((await refused(readMoment(store, "007")))[0]).toBe("UsageFault")
  })
})
