/** Before a run: instances, clients, and the model of what there is; nothing goes wrong meanwhile. */
import { Effect } from "effect"
import { opening, policy, profiles } from "../Opening.ts"
import { emptyModel, expect, type Model } from "../Model.ts"
import { tellOperation, tellReply } from "../linearize/Telling.ts"
import type { Reply } from "../Operation.ts"
import { perform } from "../Perform.ts"
import type { Stage } from "./Cast.ts"
import { makeCluster, type Wiring } from "./Cluster.ts"
import { makeNetwork } from "./Network.ts"
import { START_MILLIS } from "./Time.ts"
import type { World } from "./World.ts"

export const setUp = (
  world: World,
  wiring: Wiring,
  names: ReadonlyArray<string>,
): { readonly stage: Stage; readonly initial: Model } => {
  const { bag, holder } = world
  const cluster = makeCluster(world, wiring)
  cluster.start(names)
  bag.empty()
  const [first] = cluster.live()
  if (first === undefined) throw new Error("no instance starts, although nothing goes wrong")
  for (const operation of opening) {
    let reply: Reply | undefined
    const performed = Effect.map(perform(first.server, holder, operation), (answer) => {
      reply = answer
    })
    Effect.runFork(performed, { scheduler: bag.scheduler })
    bag.empty()
    if (reply?._tag !== "Done" && reply?._tag !== "Stored") {
      throw new Error(`${tellOperation(operation)}: ${reply === undefined ? "no answer" : tellReply(reply)}`)
    }
  }
  const empty = emptyModel({ ...policy, device: wiring.requestMillis }, START_MILLIS)
  const initial = opening.reduce((model, operation) => expect(model, operation).model, empty)
  const network = makeNetwork(world, cluster)
  const isPublic = (client: number) => profiles[client]?.isPublic === true
  return { stage: { world, cluster, network, isPublic, sessions: [] }, initial }
}
