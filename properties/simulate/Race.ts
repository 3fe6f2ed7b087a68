/**
 * Races: one code, redeemed by everybody at once, on as many instances; of N redemptions one gets tokens.
 *
 * The smallest thing that goes wrong in servers that check and then set, so it is tried by the thousand.
 */
import { Effect } from "effect"
import { redeeming } from "../Asking.ts"
import { byGrant } from "../linearize/ByGrant.ts"
import { modelSpec } from "../linearize/ModelSpec.ts"
import { linearize } from "../linearize/Search.ts"
import { tellVerdict } from "../linearize/Story.ts"
import { approval, type Owner, type Stage } from "./Cast.ts"
import type { Wiring } from "./Cluster.ts"
import { setUp } from "./SetUp.ts"
import { makeWorld } from "./World.ts"

const RUNNERS = ["A", "B", "C"]
const OWNER: Owner = { name: "app", client: 0, subject: 0 }

export interface Races {
  readonly raceCount: number
  readonly callCount: number
  /** What happened in races that no order of the calls explains, or in which somebody was not answered. */
  readonly stories: ReadonlyArray<ReadonlyArray<string>>
}

/** `raceCount` races on one set of instances. */
export const race = (seed: number, raceCount: number, wiring: Wiring): Races => {
  const world = makeWorld(seed, wiring, [])
  const { stage, initial } = setUp(world, wiring, RUNNERS)
  const spec = modelSpec(initial)
  const stories: Array<ReadonlyArray<string>> = []
  let callCount = 0
  for (let run = 0; run < raceCount; run++) {
    Effect.runFork(oneRace(stage), { scheduler: world.bag.scheduler })
    world.bag.empty()
    const history = stage.network.sent().slice(callCount)
    callCount += history.length
    const verdict = linearize(spec, history, { partition: byGrant })
    if (verdict._tag !== "Explained") stories.push(tellVerdict(spec, history, verdict))
    const unanswered = history.find(({ answer }) => answer === undefined)
    if (unanswered !== undefined) {
      stories.push([`${spec.telling.call(unanswered.call)}: told to come again, although nothing went wrong`])
    }
  }
  return { raceCount, callCount, stories }
}

const oneRace = Effect.fnUntraced(function* ({ network, world }: Stage) {
  const grant = world.newRequest()
  yield* network.send(OWNER.name, approval(OWNER, grant))
  for (const name of RUNNERS) {
    const redeemed = network.send(name, redeeming(grant, { by: OWNER.client }))
    Effect.runFork(redeemed, { scheduler: world.bag.scheduler })
  }
})
