/** Moving a store to another file: all that belongs to it is there, and nothing is done where that cannot be. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, type Scope } from "effect"
import { describe, expect, it, vi } from "vitest"
import { checkpointNow } from "../../src/audit/index.ts"
import { openBeside } from "../../src/cli/Beside.ts"
import { importerInto } from "../../src/cli/Importing.ts"
import { moveStore } from "../../src/cli/Migration.ts"
import type { MovedStore } from "../../src/cli/Moving.ts"
import { openForOperator, openStore } from "../../src/cli/OpenStore.ts"
import { locate, type StoreLocation } from "../../src/cli/StoreLocation.ts"
import { claimTable, type Place, type Row, type Table } from "../../src/log/index.ts"
import { accountTable, liveRandomness, passkeyTable, sessionTable } from "../../src/provider/index.ts"
import { ISSUER, temporaryFolder } from "../support/TestServer.ts"

const nothing = { beside: Option.none<string>(), keysFile: Option.none<string>() }

interface Opened extends MovedStore {
  readonly location: StoreLocation
}

const opened = Effect.fnUntraced(function* (file: string) {
  const location = yield* locate({ store: `sqlite:${file}`, ...nothing })
  const beside = yield* openBeside(location, Option.none())
  const log = yield* openStore(location, beside)
  yield* log.head
  return { log, beside, location }
})

/** A store that was served, with a client and a checkpoint. */
const served = Effect.fnUntraced(function* (file: string) {
  const issuer = Option.some(ISSUER)
  const { server, log, beside, location } = yield* openForOperator({ store: `sqlite:${file}`, ...nothing, issuer })
  const client = (clientId: string) =>
    server.addClient({
      clientId,
      metadata: { client_name: clientId, redirect_uris: [], grant_types: ["client_credentials"], response_types: [] },
    })
  yield* client("app")
  const key = yield* beside.checkpoints.openKey(ISSUER, liveRandomness)
  yield* checkpointNow(log, key, beside.checkpoints)
  return { log, beside, location, client, key }
})

const rootIn = (checkpoint: string): string => Buffer.from(checkpoint.split("\n")[2]!, "base64").toString("base64url")

const put = (place: Place, ...rows: ReadonlyArray<Row>) => place.exchange(rows.map((after) => ({ after })))

const inScope = <A>(body: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(body))

/** Moves it; what is told on the way is kept. */
const moved = Effect.fnUntraced(function* (from: MovedStore, to: Opened) {
  const told: Array<string> = []
  const importer = yield* importerInto(to.location)
  const result = yield* moveStore(from, to, importer, (count, size) => told.push(`${count} of ${size}`))
  return { result, told }
})

const filled = (table: Table, count: number, values: Row): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, index) => ({ ...values, [table.key[0]!]: `${table.name}-${index}` }))

/** Rows of each table beside the log, another number of each. */
const sideRows: ReadonlyArray<readonly [Table, ReadonlyArray<Row>]> = [
  [accountTable, filled(accountTable, 1, { subject_id: "s", password_hash: "h", created_at: 1, display_name: null })],
  [
    passkeyTable,
    filled(passkeyTable, 2, {
      subject_id: "s",
      name: "n",
      public_key: "p",
      sign_count: 0,
      transports: "",
      is_synced: 0,
      created_at: 1,
      used_at: null,
      went_back_at: null,
    }),
  ],
  [
    sessionTable,
    filled(sessionTable, 3, {
      subject_id: "s",
      authenticated_at: 1,
      seen_at: 1,
      expires_at: Number.MAX_SAFE_INTEGER,
      login: null,
    }),
  ],
  [claimTable, filled(claimTable, 4, { until: Number.MAX_SAFE_INTEGER })],
]

describe("a store that is moved", () => {
  it("has its log, its tables, its keys and its checkpoint there, and afterwards only what is new is copied", async () => {
    const folder = temporaryFolder()
    await inScope(
      Effect.gen(function* () {
        const from = yield* served(join(folder, "from.db"))
        const to = yield* opened(join(folder, "to.db"))
        const filling = yield* importerInto(from.location)
        for (const [table, rows] of sideRows) yield* filling.side(table, rows)
        const subjectKey = (id: string, wrapped: string | null): Row => ({ subject_id: id, key_id: id, wrapped })
        yield* put(yield* from.beside.subjectKeyPlace, ...["a", "b", "c"].map((id) => subjectKey(id, "here")))
        yield* put(yield* to.beside.subjectKeyPlace, subjectKey("b", null), subjectKey("c", "there"))
        yield* put(yield* from.beside.signingKeyPlace, { name: "signing", keys: "[]" })
        const secret: Row = { period: 1, kind: "k", secret: "s", ends_at: 2 }
        yield* put(from.beside.retrySecrets, secret)
        yield* from.beside.forgetLedger.intend(`sub_${"A".repeat(22)}` as never, 1 as never)

        const keeping = vi.spyOn(to.beside.checkpoints, "replace")
        const { result, told } = yield* moved(from, to)
        expect(keeping).toHaveBeenCalledTimes(2)
        const { size } = yield* from.log.head
        const [checkpoint] = yield* from.beside.checkpoints.read
        expect(result).toEqual({
          entryCount: size,
          copiedEntryCount: size,
          root: rootIn(checkpoint!),
          accountCount: 1,
          passkeyCount: 2,
          sessionCount: 3,
          claimCount: 4,
          subjectKeyCount: 3,
          forgottenCount: 1,
        })
        expect(told).toEqual([`${size} of ${size}`])
        for (const [table, rows] of sideRows) expect(yield* to.log.dump(table)).toEqual(rows)
        expect(yield* to.log.readStored(0)).toEqual(yield* from.log.readStored(0))
        expect(yield* (yield* to.beside.subjectKeyPlace).list({})).toEqual([
          subjectKey("a", "here"),
          subjectKey("b", null),
          subjectKey("c", "here"),
        ])
        expect(yield* (yield* to.beside.signingKeyPlace).list({})).toEqual([{ name: "signing", keys: "[]" }])
        expect(yield* to.beside.retrySecrets.list({})).toEqual([secret])
        expect(yield* to.beside.checkpoints.read).toEqual([checkpoint])
        expect(yield* to.beside.checkpoints.readKeyText).toBe(yield* from.beside.checkpoints.readKeyText)

        const again = yield* moved(from, to)
        expect(again).toEqual({ result: { ...result, copiedEntryCount: 0 }, told: [] })

        expect(keeping).toHaveBeenCalledTimes(3)

        // What was written since goes there too, under a checkpoint that follows on the one that is there.
        yield* from.client("other")
        const { result: later } = yield* moved(from, to)
        expect(later.copiedEntryCount).toBe(later.entryCount - size)
        const [newer] = yield* to.beside.checkpoints.read
        expect([newer!.split("\n")[1], rootIn(newer!)]).toEqual([String(later.entryCount), later.root])
        expect(later.entryCount).toBeGreaterThan(size)
      }),
    )
  })

  it("that has a key and signed nothing signs there", async () => {
    const folder = temporaryFolder()
    await inScope(
      Effect.gen(function* () {
        const from = yield* opened(join(folder, "from.db"))
        const to = yield* opened(join(folder, "to.db"))
        yield* from.beside.checkpoints.openKey(ISSUER, liveRandomness)
        yield* moved(from, to)
        expect(yield* from.beside.checkpoints.read).toEqual([])
        const [checkpoint] = yield* to.beside.checkpoints.read
        expect(checkpoint!.split("\n")[1]).toBe("0")
      }),
    )
  })

  it("that never had a checkpoint or a signing key has none there", async () => {
    const folder = temporaryFolder()
    await inScope(
      Effect.gen(function* () {
        const from = yield* opened(join(folder, "from.db"))
        const to = yield* opened(join(folder, "to.db"))
        const { result } = yield* moved(from, to)
        expect(result).toMatchObject({ entryCount: 0, copiedEntryCount: 0, accountCount: 0, claimCount: 0 })
        expect(yield* to.beside.checkpoints.readKeyText).toBeUndefined()
        expect([from.beside.mayHaveSigningKeys(), to.beside.mayHaveSigningKeys()]).toEqual([false, false])
      }),
    )
  })
})

describe("a store that is not moved", () => {
  it("leads where another log is, or a longer one", async () => {
    const folder = temporaryFolder()
    await inScope(
      Effect.gen(function* () {
        const [from, to] = [yield* served(join(folder, "from.db")), yield* served(join(folder, "to.db"))]
        const refused = (one: Opened, other: Opened) =>
          Effect.map(Effect.flip(moved(one, other)), (fault) => (fault as Error).message)
        const { size } = yield* to.log.head
        const message = `the store of --to holds ${size} entries that are not how this log begins: name an empty one, or the one in which this was begun`
        expect(yield* refused(from, to)).toBe(message)
        const longer = yield* opened(join(folder, "longer.db"))
        yield* moved(from, longer)
        const shorter = { ...from, log: { ...from.log, head: Effect.succeed({ size: size - 1 } as never) } }
        expect(yield* refused(shorter, longer)).toBe(message)
      }),
    )
  })

  it("leads to a file that is something else", async () => {
    const file = join(temporaryFolder(), "to.db")
    writeFileSync(file, "no database ".repeat(99))
    const location = Effect.runSync(locate({ store: `sqlite:${file}`, ...nothing }))
    const fault = await inScope(Effect.flip(importerInto(location)))
    expect([fault._tag, fault.message]).toEqual(["StoreFault", "the file is not a database: check its path"])
  })

  it("grew meanwhile", async () => {
    const folder = temporaryFolder()
    await inScope(
      Effect.gen(function* () {
        const from = yield* served(join(folder, "from.db"))
        const to = yield* opened(join(folder, "to.db"))
        const importer = yield* importerInto(to.location)
        let isWritten = false
        const writing = {
          ...importer,
          side: (table: Table, rows: ReadonlyArray<Row>) =>
            Effect.suspend(() => {
              const written = isWritten ? Effect.void : Effect.orDie(from.client("late"))
              isWritten = true
              return Effect.andThen(written, importer.side(table, rows))
            }),
        }
        const { size } = yield* from.log.head
        const fault = yield* Effect.flip(moveStore(from, to, writing, () => {}))
        const count = (yield* from.log.head).size - size
        expect(fault.message).toBe(
          `${count} entries were written meanwhile: stop whoever serves the store of --from, and run this again`,
        )
        expect(yield* to.beside.checkpoints.read).toEqual([])
      }),
    )
  })
})
