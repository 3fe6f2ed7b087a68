/**
 * A soak: several instances as processes over one PostgreSQL, raced, killed and held to every answer, then to the log.
 *
 * Decides nothing by time but when to stop. The seed chooses who asks whom and who is killed; who wins a race stays the
 * machine's affair.
 */
import { Effect } from "effect"
import type { EngineRun } from "../../properties/Run.ts"
import { rootOf, type TreeHead } from "../../src/log/index.ts"
import { authorizationServer } from "../../src/embedded/index.ts"
import { ephemeralKeys, postgresStore } from "../../src/provider/index.ts"
import { seeded } from "../live/support/Random.ts"
import { REDIRECT_URI } from "../live/support/Wire.ts"
import { judgeLog } from "./Afterwards.ts"
import { startInstances } from "./Instances.ts"
import { config, RESOURCE, type Setting } from "./Setting.ts"
import { newTally, violationCountOf, type Tally } from "./Tally.ts"
import { trialsOver, type Held, type Scene } from "./Trials.ts"

export interface SoakOptions {
  readonly url: string
  /** A schema that is not there yet. */
  readonly schema: string
  readonly instanceCount: number
  readonly workerCount: number
  readonly seed: number
  /** Whether it is over, asked before each round. */
  readonly isOver: (roundCount: number) => boolean
  /** They are disturbed once in so many rounds. */
  readonly roundsADisturbance: number
  /** What is done then; by default its argument, by which an instance is killed, or its clock set wrong. */
  readonly disturb?: (instances: () => Promise<void>) => Promise<void>
  readonly onRound?: (soaked: Soaked) => void
}

export interface Soaked extends Pick<Tally, "trials" | "violations" | "stories" | "requestCount" | "unansweredCount"> {
  readonly roundCount: number
  readonly killCount: number
  readonly jumpCount: number
  /** Roots that were read on the way. */
  readonly rootCount: number
  readonly entryCount: number
}

const metadata = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }
const grant_types = ["authorization_code", "refresh_token"]

export const soak = async (options: SoakOptions): Promise<Soaked> => {
  const { url, schema, instanceCount, workerCount, seed, isOver, roundsADisturbance, onRound = () => {} } = options
  const { disturb = (own) => own() } = options
  const setting: Setting = { url, schema, keys: ephemeralKeys() }
  const random = seeded(seed)
  const store = postgresStore(url, { schema, readerCount: 1 })
  const operator = await authorizationServer({ store, keys: setting.keys, config, onNotice: () => {} })
  const client = await operator.addClient({ metadata: { ...metadata, grant_types } })
  const resourceServer = await operator.addClient({
    metadata: { redirect_uris: [], grant_types: [] },
    audience: RESOURCE,
  })
  const instances = await startInstances(setting, instanceCount, random)
  const tally = newTally()
  const scene: Scene = { instances, random, client, resourceServer, tally, alive: [], ended: [] }
  const trials = trialsOver(scene)
  const heads: Array<TreeHead> = []
  let [startedCount, roundCount, entryCount] = [0, 0, 0]
  const soaked = (): Soaked => {
    const { acknowledged: _, violate: __, ...counted } = tally
    return { ...counted, ...instances.disturbed, roundCount, rootCount: heads.length, entryCount }
  }
  const keepHead = async () => {
    heads.push(
      await Effect.runPromise(
        store.readTree(({ size, hashOf }) => ({ origin: config.issuer, size, root: rootOf(hashOf, size) })),
      ),
    )
  }
  const work = async (): Promise<void> => {
    let held: Held | undefined
    while (!isOver(startedCount)) {
      startedCount++
      held = await trials.round(held)
      roundCount++
      if (roundCount % roundsADisturbance === 0) {
        await keepHead()
        await disturb(instances.disturb)
      }
      onRound(soaked())
    }
    if (held !== undefined) scene.alive.push(held)
  }
  try {
    await Promise.all(Array.from({ length: workerCount }, work))
    await trials.judgeOld()
    await keepHead()
    await instances.stop()
    entryCount = await Effect.runPromise(judgeLog(store, heads, tally))
    return soaked()
  } finally {
    await instances.stop()
    await operator.close()
  }
}

/** What a soak says of the promises, for the page that lists them. */
export const engineRunOf = (run: Soaked): EngineRun => {
  const { trials, violations } = run
  const [codes, refreshes, revocations] = Object.values(trials) as [number, number, number, number]
  const promise = (tries: number, ...kinds: ReadonlyArray<keyof typeof violations>) =>
    ({ tries, verdict: kinds.some((kind) => violations[kind] > 0) ? "broken" : "kept" }) as const
  return {
    engine: "soak",
    promises: {
      CodeIsSingleUse: promise(codes, "codes redeemed twice"),
      RetryIsIdempotent: promise(refreshes, "sessions lost", "answers that are wrong"),
      RevocationIsFinal: promise(revocations, "active after an acknowledged revocation"),
      RebuiltEqualsServed: promise(1, "rows that differ from what the log folds to"),
    },
    numbers: { rounds: run.roundCount, trials: codes + refreshes + revocations, violations: violationCountOf(run) },
    notTried: ["what a person decides on a page: every request is approved by itself"],
  }
}
