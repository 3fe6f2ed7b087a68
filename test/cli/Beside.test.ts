/** What lies beside a store, and where: in files of its name, or in tables of another database. */
import { existsSync } from "node:fs"
import { Effect, Exit, Option, Scope } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { besideMemory, openBeside, openForgettable, type Beside } from "../../src/cli/Beside.ts"
import { locate } from "../../src/cli/StoreLocation.ts"
import type { EpochMillis, SubjectId } from "../../src/core/index.ts"
import { signCheckpoint } from "../../src/log/index.ts"
import { ephemeralKeys, liveRandomness } from "../../src/provider/index.ts"
import { temporaryFolder } from "../live/support/Folder.ts"

const run = Effect.runPromise
const ring = ephemeralKeys()
const SUBJECT = "sub_alice" as SubjectId
const AT = 1_700_000_000_000 as EpochMillis
const ALL = { where: {}, order: [], limit: 9 } as const

const folderHere = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  return folder
}

/** A scope until `close`, and at the latest until the test has finished. */
const scopeHere = () => {
  const scope = Scope.makeUnsafe()
  const close = () => run(Scope.close(scope, Exit.void))
  onTestFinished(close)
  return { close, within: <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => run(Scope.provide(effect, scope)) }
}

/** What lies beside the store that is named. */
const besideOf = async (flags: { readonly store: string; readonly beside?: string; readonly copy?: string }) => {
  const { close, within } = scopeHere()
  const place = { store: flags.store, beside: Option.fromUndefinedOr(flags.beside), keysFile: Option.none() }
  const opening = Effect.flatMap(locate(place), (location) => openBeside(location, Option.fromUndefinedOr(flags.copy)))
  return { beside: await within(opening), within, close }
}

/** Does all that keys are for. */
const useKeys = async (
  { openSubjectKeys, openSigningKeys }: Beside,
  within: <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Promise<A>,
) => {
  const subjectKeys = await within(openSubjectKeys(ring))
  const signingKeys = await within(openSigningKeys(ring))
  expect(await run(subjectKeys.ensure(SUBJECT))).toBeDefined()
  expect(await run(signingKeys.active("ES256", AT))).toMatchObject({ alg: "ES256" })
  return { subjectKeys, signingKeys }
}

describe("beside a store in memory", () => {
  it("are keys in memory, and nothing is missed or kept", async () => {
    expect([besideMemory.missingSubjectKeys(), besideMemory.mayHaveSigningKeys()]).toEqual([undefined, false])
    const { within } = scopeHere()
    await useKeys(besideMemory, within)
    expect(Object.keys(await within(openForgettable(besideMemory, ring)))).toEqual(["subjectKeys"])
  })
})

describe("beside a store in a file", () => {
  it("are keys in files of its name, missed until they were opened once, and closed behind it", async () => {
    const file = folderHere().at("grantlog.db")
    const { beside, within, close } = await besideOf({ store: `sqlite:${file}` })
    expect([beside.missingSubjectKeys(), beside.mayHaveSigningKeys()]).toEqual([`${file}.subject-keys`, false])
    const { subjectKeys, signingKeys } = await useKeys(beside, within)
    expect([beside.missingSubjectKeys(), beside.mayHaveSigningKeys()]).toEqual([undefined, true])
    expect(existsSync(`${file}.signing-keys`)).toBe(true)
    const places = [await within(beside.subjectKeyPlace), await within(beside.signingKeyPlace), beside.retrySecrets]
    const rowCounts = () => Promise.all(places.map(async (place) => (await run(place.list(ALL))).length))
    expect(await rowCounts()).toEqual([1, 1, 0])
    await close()
    const closed = { reason: "closed" }
    for (const place of places) expect(await run(Effect.flip(place.list(ALL)))).toMatchObject(closed)
    expect(await run(Effect.flip(subjectKeys.ensure("sub_bob" as SubjectId)))).toMatchObject(closed)
    expect(await run(Effect.flip(signingKeys.rotate("ES256", { now: AT, overlapMillis: 0 })))).toMatchObject(closed)
  })

  it("are the ledger and the checkpoints, and where that is told a copy of both", async () => {
    const folder = folderHere()
    const [file, copy] = [folder.at("grantlog.db"), folder.at("copy")]
    const { beside, within } = await besideOf({ store: `sqlite:${file}`, copy })
    const { forgetLedger, subjectKeys } = await within(openForgettable(beside, ring))
    expect(await run(subjectKeys.isForgotten(SUBJECT))).toBe(false)
    await run(forgetLedger!.intend(SUBJECT, AT))
    const key = await run(beside.checkpoints.openKey("http://localhost:4000", liveRandomness))
    await run(beside.checkpoints.replace([], signCheckpoint(1, "A".repeat(43), key), key))
    for (const name of [file, copy]) expect(existsSync(`${name}.forgotten`), name).toBe(true)
    for (const name of [`${file}.checkpoint`, copy]) expect(existsSync(name), name).toBe(true)
    const alone = await besideOf({ store: `sqlite:${file}` })
    expect(await run(alone.beside.forgetLedger.read)).toMatchObject([{ subjectId: SUBJECT }])
    expect(await run(alone.beside.checkpoints.read)).toHaveLength(1)
  })
})

describe("beside a store in a database", () => {
  const store = "postgres://grantlog:secret@localhost:1/grantlog"

  it("has to be another database, which is named", async () => {
    await expect(besideOf({ store })).rejects.toThrow(
      "--store postgres://… needs --beside: the address of another database, for what must not come back with a backup of the first",
    )
  })

  it("is asked for everything, of which nothing is known without asking, and is closed behind it", async () => {
    const { beside, within, close } = await besideOf({ store, beside: "postgres://grantlog:secret@localhost:1/beside" })
    expect([beside.missingSubjectKeys(), beside.mayHaveSigningKeys()]).toEqual([undefined, true])
    const signingKeys = await within(beside.openSigningKeys(ring))
    const places = [await within(beside.subjectKeyPlace), await within(beside.signingKeyPlace), beside.retrySecrets]
    await close()
    const asked: ReadonlyArray<Effect.Effect<unknown, { readonly message: string }, Scope.Scope>> = [
      ...places.map((place) => place.list(ALL)),
      beside.openSubjectKeys(ring),
      signingKeys.list,
      beside.forgetLedger.read,
      beside.checkpoints.read,
    ]
    for (const ask of asked) {
      expect((await run(Effect.scoped(Effect.flip(ask)))).message).toContain("the log is closed: open it again")
    }
  })
})
