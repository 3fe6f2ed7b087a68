/** Where plans are played: what makes providers, what they can do, what is looked for, and when to stop. */
import { registering } from "../../Asking.ts"
import type { Tally } from "../../invariants/Judge.ts"
import { tellReply } from "../../linearize/Telling.ts"
import { emptyModel, type Model } from "../../Model.ts"
import type { Reply, Step } from "../../Operation.ts"
import { followedBy, type Objected } from "../judging/Judge.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Abilities } from "./Abilities.ts"
import type { Connection } from "./Connection.ts"
import { isWithKept } from "./Manner.ts"
import { profilesOf, type PlannedCall } from "./Plan.ts"
import type { AnyFactory } from "./Factory.ts"
import { makeProviderSystem, type ProviderSystem } from "./ProviderSystem.ts"

export interface Stage {
  readonly factory: AnyFactory
  readonly connection: Connection
  readonly abilities: Abilities
  readonly isWanted: (promise: string) => boolean
  readonly tally: Tally
  /** Called for each operation. */
  readonly onOperation: () => void
  /** Whether there is no time left. */
  readonly isOver: () => boolean
}

/** What it takes to get a provider ready. */
export type Opening = Pick<Stage, "factory" | "connection" | "abilities" | "onOperation">

/** A call that was made; `step` has its things by the numbers in which they came to light. */
export interface Made {
  readonly call: PlannedCall
  readonly step: Step
  readonly phase: number
  readonly isAfterRestart: boolean
  /** Where invocation and return stand among all of them. */
  readonly invokedAt: number
  readonly returnedAt: number
}

export interface Found extends Objected {
  /** The calls of its story in the order in which they explain it, the last being the one that cannot be. */
  readonly order: ReadonlyArray<number>
  /** Promises that it takes to see it, where it is only that no order keeps all of them. */
  readonly beside?: ReadonlyArray<string>
}

/** Somebody who does nothing wrong was not registered. */
export class Unregistered extends CannotCheck {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(`an honest client cannot be registered: ${tellReply(reply)}`)
    this.reply = reply
  }
}

/**
 * A fresh provider with the first clients registered, all of them by default, and its model. Where somebody will come with
 * what was loaded before, records are kept from the beginning.
 */
export const open = async (
  { factory, connection, abilities, onOperation }: Opening,
  clientCount = Infinity,
  calls: ReadonlyArray<PlannedCall> = [],
): Promise<{ readonly system: ProviderSystem; readonly model: Model }> => {
  const isKeeping = calls.some(({ manner }) => isWithKept(manner))
  const system = await makeProviderSystem(factory, connection, abilities, isKeeping)
  let model: Model = { ...emptyModel(abilities.policy, system.now()), isInitialized: true }
  for (const [client, profile] of profilesOf(abilities.terms).slice(0, clientCount).entries()) {
    const operation = registering(client, profile)
    const reply = await system.run(operation)
    onOperation()
    if (reply._tag !== "Stored") throw new Unregistered(reply)
    model = followedBy(abilities.habits, model, { operation, reply, at: system.now() })
  }
  return { system, model }
}
