/** The model beside real systems: the server in process and over HTTP, on every store, and behind the ten methods. */
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { judgeStore } from "../../properties/invariants/Judge.ts"
import { recordRun } from "../../properties/Run.ts"
import { engineRunOf, trySystem, type RandomRun } from "../../properties/random/Random.ts"
import { tellFinding } from "../../properties/random/Story.ts"
import type { SystemFactory } from "../../properties/System.ts"
import { memoryStore } from "../../src/provider/index.ts"
import { isLong } from "../support/Breadth.ts"
import { httpSystem, WATCHED } from "../support/systems/Http.ts"
import { nativeSystem } from "../support/systems/Native.ts"
import {
  configFor,
  modelFeatures,
  running,
  signingFeatures,
  wireFeatures,
  type Running,
} from "../support/systems/Running.ts"
import { overPostgres, postgresStores } from "../support/OverPostgres.ts"
import {
  openSqlite,
  overAdapter,
  overMemory,
  overSqlite,
  serverOver,
  signingKeysIn,
  temporaryFolder,
} from "../support/TestServer.ts"
import { overPages } from "../support/ThroughPages.ts"

const SEED = 20_300_101

const anywhere = "registrations with a flaw, and calls at the same time"
const overAnyWire = [
  "a second answer to one request, a request that has lain too long, denying a request, and cascading revocation",
  "forgetting a subject, for whoever signs in by that name again is another one",
  "registering an id that is taken, for ids are minted",
  anywhere,
]
const notTried = {
  operations: [anywhere, "what only a wire has: pushed requests, invitations, assertions, and tokens that are JWTs"],
  http: [
    ...overAnyWire,
    "approval by a person and redirect URIs off this machine, but in the few sequences that go through login and consent",
  ],
  "ten-methods": [
    ...overAnyWire,
    "devices, clients that sign, and what else the contract does not have",
    "approval by a person (every request is approved without asking), and redirect URIs off this machine",
    "client credentials, disabled clients and proofs of keys, which the contract does not have",
  ],
}

/** Where the server is met: what is reported of each is kept apart. */
type Surface = keyof typeof notTried

interface Subject {
  readonly name: string
  readonly surface: Surface
  readonly sequenceCount: number
  readonly start: () => Promise<{ readonly factory: SystemFactory; readonly running: Running }>
}

const native = (name: string, sequenceCount: number, open: typeof memoryStore): Subject => ({
  name,
  surface: "operations",
  sequenceCount,
  start: async () => {
    const up = running(await serverOver({ store: open(), config: configFor(), features: signingFeatures }))
    return { factory: nativeSystem(name, up), running: up }
  },
})

const http = (name: string, over: typeof overMemory, sequenceCount: number): Subject => ({
  name,
  surface: over.isNative ? "http" : "ten-methods",
  sequenceCount,
  start: async () => {
    const features = over.isNative ? wireFeatures(WATCHED) : modelFeatures
    const registration = over.isNative ? { registration: "invited" as const } : {}
    const isSeveral = overPostgres.includes(over)
    const signing = isSeveral ? { signingKeys: signingKeysIn(join(temporaryFolder(), "signing-keys")) } : {}
    const server = await over.start({ config: { ...configFor(WATCHED), ...registration }, features, ...signing })
    const up = running(server)
    const system = { name, isTenMethods: !over.isNative, isSeveral }
    return { factory: await httpSystem(system, server, up), running: up }
  },
})

/** Where there are many sequences, the short form has half of them. */
const many = (count: number): number => (isLong ? count : count / 2)

const subjects: ReadonlyArray<Subject> = [
  native("the server over memory", many(240), memoryStore),
  native("the server over SQLite", many(100), openSqlite),
  ...postgresStores.map(([name, open]) => native(`the server over ${name}`, 16, open)),
  http("HTTP over memory", overMemory, many(60)),
  http("HTTP over SQLite", overSqlite, many(30)),
  ...overPostgres.map((over) => http("HTTP over four instances on PostgreSQL", over, 12)),
  http("HTTP through login and consent", overPages, 20),
  http("HTTP over the ten methods", overAdapter, many(60)),
]

describe("model and system agree, and every promise is kept, by", () => {
  const runs: Array<RandomRun & Pick<Subject, "surface">> = []
  afterAll(() => {
    for (const [surface, own] of Map.groupBy(runs, (run) => run.surface)) {
      const engine = `random-${surface}`
      recordRun(engine, engineRunOf(engine, own, ["onStep", "onStore"], notTried[surface]))
    }
  })

  it.each(subjects)("$name", async ({ name, surface, sequenceCount, start }) => {
    const { factory, running: up } = await start()
    const run = await trySystem(factory, { seed: SEED, sequenceCount })
    const stored = judgeStore(await up.contents())
    runs.push({ ...run, surface, stored })
    if (run.finding !== undefined) expect.fail(tellFinding(name, run.finding).join("\n"))
    expect(stored?.objection).toBeUndefined()
    for (const reply of ["Tokens", "Active", "Inactive", "invalid_grant", "invalid_client"]) {
      expect(run.replies.get(reply) ?? 0, reply).toBeGreaterThan(0)
    }
  })
})
