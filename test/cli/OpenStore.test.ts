/** Opening what `--store` names: whose key ring it is, which issuer it has, and what is said where it is not there. */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect, Option, type Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  existingKeys,
  openExisting,
  openForOperator,
  openKeys,
  openLog,
  openStore,
  serverForOperator,
  type OperatorFlags,
} from "../../src/cli/OpenStore.ts"
import { memoryPlace, retrySecretTable, type Place } from "../../src/log/index.ts"
import { locate } from "../../src/cli/StoreLocation.ts"
import {
  ephemeralKeys,
  liveRandomness,
  memorySubjectKeys,
  readKeyFile,
  type KeyRingFile,
} from "../../src/provider/index.ts"
import { manualClock } from "../support/ManualClock.ts"
import { ISSUER, temporaryFolder } from "../support/TestServer.ts"

const DATABASE = "postgres://u@127.0.0.1:1/log"
const NO_KEYS_FILE = "ConfigFault: --store postgres://… needs --keys-file: the key ring, which every instance is given"
const IN_MEMORY =
  "UsageFault: `memory:` is the store of the process that serves, which no command can see: serve with --store sqlite:FILE, and name that"

const flagsOf = (store: string, keysFile?: string) => ({
  store,
  beside: Option.none<string>(),
  keysFile: Option.fromUndefinedOr(keysFile),
})

const operator = (store: string, issuer?: string, more: Partial<OperatorFlags> = {}): OperatorFlags => ({
  ...flagsOf(store),
  issuer: Option.fromUndefinedOr(issuer),
  ...more,
})

/** How it ends while it is open: what `look` sees, or what is said. */
const ended = <A, B>(
  opened: Effect.Effect<A, unknown, Scope.Scope>,
  look: (value: A) => Effect.Effect<B, unknown> | B,
): Promise<B | string> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.flatMap(opened, (value) => {
        const seen = look(value)
        return Effect.isEffect(seen) ? seen : Effect.succeed(seen)
      }),
    ).pipe(
      Effect.match({
        onSuccess: (seen) => seen as B,
        onFailure: (fault) => `${(fault as { readonly _tag: string })._tag}: ${(fault as Error).message}`,
      }),
    ),
  )

const ringIn = (path: string): KeyRingFile => {
  const ring = ephemeralKeys()
  writeFileSync(path, JSON.stringify(ring), { mode: 0o600 })
  return ring
}

/** Where somebody who starts is waited for, nobody comes. */
const hurried = { ...manualClock().clock, sleep: () => Effect.void }

beforeEach(() => void vi.stubEnv("GRANTLOG_KEYS", undefined))
afterEach(() => void vi.unstubAllEnvs())

describe("the store", () => {
  const located = (store: string) => Effect.runSync(locate(flagsOf(store)))

  it("is in memory, in the file that is named, or in a database elsewhere, and closed in the end", async () => {
    const file = join(temporaryFolder(), "a.db")
    let [last]: Array<{ readonly head: Effect.Effect<unknown, unknown> }> = []
    const seen = (store: string) =>
      ended(openStore(located(store)), (log) => {
        last = log
        return [log.file, log.isElsewhere === true]
      })
    expect(await seen("memory:")).toEqual([undefined, false])
    expect(await seen(`sqlite:${file}`)).toEqual([file, false])
    expect(existsSync(file)).toBe(true)
    expect(await ended(last!.head, () => "open")).toMatch(/^StoreFault: /)
    expect(await seen(DATABASE)).toEqual([undefined, true])
  })

  it("in a database has its retry secrets beside it, where that is named, or says that it has them itself", async () => {
    const noticed = (...more: ReadonlyArray<{ readonly retrySecrets: Place }>) =>
      ended(openStore(located(DATABASE), ...more), ({ notice }) => notice ?? "nothing")
    expect(await noticed()).toContain("keeps the retry secrets as well")
    expect(await noticed({ retrySecrets: memoryPlace(retrySecretTable) })).toBe("nothing")
  })

  it("in a file says how many entries are appended together", async () => {
    const counts: Array<number> = []
    const file = join(temporaryFolder(), "a.db")
    const ring = ringIn(join(file, "..", "k"))
    for (const store of ["memory:", `sqlite:${file}`]) {
      const watched = openStore(located(store), {}, { onCommit: (count) => counts.push(count) })
      const begun = await ended(watched, (log) => {
        const forgettable = { subjectKeys: memorySubjectKeys(ring, liveRandomness) }
        const made = serverForOperator(log, ring, { issuer: ISSUER }, forgettable)
        return Effect.andThen(
          made,
          Effect.map(log.head, ({ size }) => size),
        )
      })
      expect(begun).toBeGreaterThan(0)
      expect(counts.splice(0).length).toBeGreaterThan(0)
    }
  })
})

describe("the key ring", () => {
  it("is the file that is named, else what is in the environment, else the file beside the store", async () => {
    const folder = temporaryFolder()
    const store = `sqlite:${join(folder, "a.db")}`
    const [beside, named, inEnvironment] = [
      ringIn(join(folder, "a.db.keys.json")),
      ringIn(join(folder, "named")),
      ephemeralKeys(),
    ]
    const ring = (keysFile?: string, from = store) =>
      ended(Effect.flatMap(locate(flagsOf(from, keysFile)), existingKeys), (keys) => keys)
    expect(await ring()).toEqual(beside)
    expect(await ring(join(folder, "named"))).toEqual(named)
    vi.stubEnv("GRANTLOG_KEYS", JSON.stringify(inEnvironment))
    expect(await ring()).toEqual(inEnvironment)
    expect(await ring(join(folder, "named"))).toEqual(named)
    expect(await ring(undefined, DATABASE)).toEqual(inEnvironment)
    vi.stubEnv("GRANTLOG_KEYS", "no ring")
    expect(await ring()).toBe(
      'ConfigFault: GRANTLOG_KEYS is not a key ring: expected {"keys":[{"id":"…","secret":"…"}]}',
    )
  })

  it("that is not there is not made, and one that cannot be read is told", async () => {
    const folder = temporaryFolder()
    const ring = (store: string, keysFile?: string) =>
      ended(Effect.flatMap(locate(flagsOf(store, keysFile)), existingKeys), (keys) => keys)
    const path = join(folder, "k")
    expect(await ring("sqlite:a.db", path)).toBe(
      `ConfigFault: the key ring \`${path}\` is missing: put it back, or name it with --keys-file; a new one cannot take its place`,
    )
    expect(await ring(DATABASE)).toBe(NO_KEYS_FILE)
    writeFileSync(path, "no ring", { mode: 0o600 })
    expect(await ring("sqlite:a.db", path)).toMatch(/^ConfigFault: /)
  })

  it("is made together with a new log, once the configuration is sound", async () => {
    const folder = temporaryFolder()
    const at = (name: string) => join(folder, name)
    const ring = (store: string, keysFile?: string, issuer: string = ISSUER) =>
      ended(
        Effect.gen(function* () {
          const location = yield* locate(flagsOf(store, keysFile))
          const log = yield* openStore(isElsewhere(store) ? yield* locate(flagsOf("memory:")) : location)
          return yield* openKeys(log, location, { issuer })
        }).pipe(Effect.provideService(Clock.Clock, hurried)),
        (keys) => keys,
      )
    const isElsewhere = (store: string) => store === DATABASE
    expect(await ring(`sqlite:${at("a.db")}`, undefined, "no issuer")).toMatch(/^ConfigFault: .*issuer/)
    expect(existsSync(at("a.db.keys.json"))).toBe(false)
    const made = await ring(`sqlite:${at("a.db")}`)
    expect(readKeyFile(at("a.db.keys.json"))).toEqual(made)
    expect(await ring(`sqlite:${at("a.db")}`)).toBe(
      `ConfigFault: the database \`${at("a.db")}\` is empty, but its key ring \`${at("a.db.keys.json")}\` is there: restore the database, or, if this store was never used, remove the ring and start again`,
    )
    expect(await ring("memory:")).toMatchObject({ keys: [{ id: expect.any(String) }] })
    expect(await ring(DATABASE)).toBe(NO_KEYS_FILE)
    ringIn(at("k"))
    expect(await ring(DATABASE, at("k"))).toContain("the database `postgres://u@127.0.0.1:1/log` is empty")
    const inEnvironment = ephemeralKeys()
    vi.stubEnv("GRANTLOG_KEYS", JSON.stringify(inEnvironment))
    expect(await ring(`sqlite:${at("b.db")}`)).toEqual(inEnvironment)
    expect(existsSync(at("b.db.keys.json"))).toBe(false)
  })
})

describe("a command of an operator", () => {
  it("finds the issuer in the log, and needs it said only for a new one", async () => {
    const file = join(temporaryFolder(), "a.db")
    const store = `sqlite:${file}`
    const issuerOf = (flags: OperatorFlags) =>
      ended(openForOperator(flags), ({ server, location }) => [server.settings.issuer, location.name])
    expect(await issuerOf(operator(store))).toBe(
      `CommandFault: the store \`${store}\` does not exist yet: start the server once, or give --issuer URL`,
    )
    expect(existsSync(file)).toBe(false)
    expect(await ended(openLog(flagsOf(store)), () => "open")).toBe(
      `CommandFault: there is no store \`${store}\`: name one with --store sqlite:FILE`,
    )
    expect(await issuerOf(operator(store, ISSUER))).toEqual([ISSUER, store])
    expect(await issuerOf(operator(store))).toEqual([ISSUER, store])
    rmSync(`${file}.keys.json`)
    expect(await issuerOf(operator(store))).toMatch(/^ConfigFault: the key ring .* or name it with --keys-file;/)
  })

  it("is told that a log has no issuer yet", async () => {
    const store = `sqlite:${join(temporaryFolder(), "a.db")}`
    await ended(Effect.flatMap(locate(flagsOf(store)), openStore), ({ head }) => head)
    expect(await ended(openForOperator(operator(store)), () => "open")).toBe(
      "CommandFault: this log has no issuer yet: start the server once, or give --issuer URL",
    )
  })

  it("opens a database, which nobody knows to be there before it is asked", async () => {
    expect(await ended(openLog(flagsOf(DATABASE)), ({ location }) => location.name)).toBe(DATABASE)
  })

  it("sees no store in memory", async () => {
    expect(await ended(openForOperator(operator("memory:", ISSUER)), () => "open")).toBe(IN_MEMORY)
    expect(await ended(openLog(flagsOf("memory:")), () => "open")).toBe(IN_MEMORY)
    expect(await ended(openExisting(flagsOf("memory:")), () => "open")).toBe(IN_MEMORY)
  })

  it("takes clients of every kind, by the schemes that are named", async () => {
    const store = `sqlite:${join(temporaryFolder(), "a.db")}`
    const adding = (appSchemes?: string) =>
      ended(
        openForOperator(
          operator(store, ISSUER, appSchemes === undefined ? {} : { appSchemes: Option.some(appSchemes) }),
        ),
        ({ server }) =>
          Effect.as(
            server.addClient({
              clientId: "app",
              metadata: {
                client_name: "app",
                redirect_uris: ["myapp:/callback"],
                grant_types: ["authorization_code"],
                response_types: ["code"],
                token_endpoint_auth_method: "none",
              },
            }),
            "added",
          ),
      )
    expect(await adding()).toContain("myapp")
    expect(await adding("other myapp")).toBe("added")
  })

  it("has what lies beside the store, with the copies that are named", async () => {
    const folder = temporaryFolder()
    const store = `sqlite:${join(folder, "a.db")}`
    const copy = join(folder, "copy")
    const kept = { checkpointCopy: Option.some(copy) }
    const subject = `sub_${"A".repeat(22)}` as never
    const remembering = (flags: OperatorFlags) =>
      ended(openForOperator(flags), ({ beside, subjectKeys, forgetLedger }) => {
        expect(subjectKeys).toBeDefined()
        expect(forgetLedger).toBe(beside.forgetLedger)
        return Effect.as(beside.forgetLedger.intend(subject, 1 as never), "done")
      })
    expect(await remembering(operator(store, ISSUER))).toBe("done")
    expect(existsSync(`${copy}.forgotten`)).toBe(false)
    expect(await remembering(operator(store, undefined, kept))).toBe("done")
    const known = ({
      beside,
    }: {
      readonly beside: { readonly forgetLedger: { readonly read: Effect.Effect<ReadonlyArray<unknown>, unknown> } }
    }) => Effect.map(beside.forgetLedger.read, (all) => all.length)
    expect(await ended(openExisting(flagsOf(store)), known)).toBe(1)
    expect(await ended(openExisting({ ...flagsOf(store), ...kept }), known)).toBe(1)
    expect(await ended(openLog(flagsOf(store)), ({ log, location }) => [log.file, location.name])).toEqual([
      join(folder, "a.db"),
      store,
    ])
  })
})
