/**
 * Who did it? A thing is dead that should be alive, and its owner, or time, may be the reason: so everything is done
 * once more on a fresh provider, without what others did, or without the looking.
 *
 * If it lives then, that is what ended it: whatever the provider's policies are, they were the same both times.
 */
import { isByOwner } from "../../model/About.ts"
import { victimOf, type Victim } from "../../invariants/evidence/Death.ts"
import type { Model } from "../../Model.ts"
import type { Objected } from "../judging/Judge.ts"
import { open, type Made, type Opening, type Stage } from "./Stage.ts"

/** What can be left out without anything else getting another number. */
const isFruitless = ({ step: { reply } }: Made): boolean =>
  reply._tag !== "Tokens" && reply._tag !== "Code" && reply._tag !== "Stored"

const isReading = ({ step: { operation } }: Made): boolean => operation._tag === "Verify"

const isByStranger = (model: Model, { grant }: Victim, { step: { operation } }: Made): boolean => {
  if (operation._tag === "Register") return true
  if (!("by" in operation) || operation.by === model.grants[grant]!.client) return false
  return !isByOwner(model, operation, grant)
}

/** Whether the last of `made` gives something when only what `isLeftIn` is done before it. */
const livesWith = async (
  stage: Opening,
  clientCount: number,
  made: ReadonlyArray<Made>,
  isLeftIn: (one: Made) => boolean,
): Promise<boolean> => {
  const calls = made.map(({ call }) => call)
  const { system } = await open(stage, clientCount, calls)
  const last = made.at(-1)!
  let isAlive = false
  for (const one of made) {
    if (one !== last && !isLeftIn(one)) continue
    if (one.isAfterRestart) await system.restart()
    const { reply } = await system.perform(one.step.operation, one.call.manner)
    stage.onOperation()
    isAlive = reply._tag === "Tokens" || reply._tag === "Active"
  }
  return isAlive
}

/** What ended the thing that the last call shows to be dead, where it was not its owner; `before` is the model at it. */
export const harmBy = async (
  stage: Opening & Pick<Stage, "isOver">,
  clientCount: number,
  made: ReadonlyArray<Made>,
  before: Model,
): Promise<ReadonlyArray<Objected> | undefined> => {
  const victim = victimOf(before, made.at(-1)!.step)
  if (victim === undefined || stage.isOver()) return undefined
  const earlier = made.slice(0, -1).filter(isFruitless)
  const readings = earlier.filter(isReading)
  const strangers = earlier.filter((one) => isByStranger(before, victim, one))
  const dead = `${victim.kind} ${victim.ref} is dead before its time`
  if (readings.length > 0 && (await livesWith(stage, clientCount, made, (one) => !readings.includes(one)))) {
    return [{ promise: "ReadsChangeNothing", objection: `${dead}; where nobody looked at a token, it is alive` }]
  }
  const others = [...readings, ...strangers]
  if (strangers.length > 0 && (await livesWith(stage, clientCount, made, (one) => !others.includes(one)))) {
    return [{ promise: "OnlyTheOwnerCanHarm", objection: `${dead}; without what others did, it is alive` }]
  }
  return undefined
}
