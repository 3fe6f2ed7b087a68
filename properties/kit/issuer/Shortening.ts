/**
 * A shorter story of what broke a promise: calls that it does not take are left out, one after the other, as long as the
 * promises object to the rest in the same way.
 *
 * What is left is an excerpt of what happened, numbered anew. Whether it happens by itself is for whoever tries it.
 */
import type { Operation, Presented, Ref, Reply, Step } from "../../Operation.ts"
import type { Turn } from "./Actor.ts"

/** A number that nothing left gives out. */
class Missing extends Error {}

/** Numbers in the order in which what is left gives them out. */
const newNumbers = () => {
  const numbers = { access: new Map<Ref, Ref>(), refresh: new Map<Ref, Ref>(), code: new Map<Ref, Ref>() }
  type Kind = keyof typeof numbers
  return {
    given: (kind: Kind, ref: Ref): Ref => {
      const known = numbers[kind].get(ref)
      if (known !== undefined) return known
      numbers[kind].set(ref, numbers[kind].size)
      return numbers[kind].size - 1
    },
    shown: <Shown extends Presented>(kind: Kind, ref: Shown): Shown => {
      if (ref === "made up") return ref
      const known = numbers[kind].get(ref as Ref)
      if (known === undefined) throw new Missing()
      return known as Shown
    },
  }
}

type Numbers = ReturnType<typeof newNumbers>

const operationIn = ({ given, shown }: Numbers, operation: Operation): Operation => {
  switch (operation._tag) {
    case "Approve":
      return { ...operation, grant: given("code", operation.grant) }
    case "Redeem":
      return { ...operation, code: shown("code", operation.code) }
    case "Refresh":
      return { ...operation, token: shown("refresh", operation.token) }
    case "Verify":
      return { ...operation, token: shown("access", operation.token) }
    case "Revoke":
      return { ...operation, token: shown(operation.kind, operation.token) }
    default:
      return operation
  }
}

const replyIn = ({ given }: Numbers, reply: Reply): Reply => {
  if (reply._tag === "Code") return { ...reply, grant: given("code", reply.grant) }
  if (reply._tag !== "Tokens") return reply
  const refresh = reply.refresh === null ? null : given("refresh", reply.refresh)
  return { ...reply, access: given("access", reply.access), refresh }
}

/** By number, as the model counts: calls of a burst may have been answered in another order than they are written down. */
const accessOf = ({ reply }: Step): number => (reply._tag === "Tokens" ? reply.access : -1)

export interface Renumbered {
  readonly turns: ReadonlyArray<Turn>
  /** The step that each was. */
  readonly originals: ReadonlyMap<Step, Step>
}

/** `undefined` where something is left that is about what was left out. */
const renumbered = (turns: ReadonlyArray<Turn>, before: ReadonlyMap<Step, Step>): Renumbered | undefined => {
  const numbers = newNumbers()
  const originals = new Map<Step, Step>()
  try {
    const told = turns.map((turn) => {
      const operations = new Map(turn.map((step) => [step, operationIn(numbers, step.operation)]))
      const replies = new Map(
        turn
          .toSorted((left, right) => accessOf(left) - accessOf(right))
          .map((step) => [step, replyIn(numbers, step.reply)]),
      )
      return turn.map((step): Step => {
        const anew = { ...step, operation: operations.get(step)!, reply: replies.get(step)! }
        originals.set(anew, before.get(step) ?? step)
        return anew
      })
    })
    return { turns: told, originals }
  } catch (cause) {
    if (cause instanceof Missing) return undefined
    throw cause
  }
}

/** Every way to leave one turn out, or one call of a burst; the last turn stays. */
const shorter = (turns: ReadonlyArray<Turn>): ReadonlyArray<ReadonlyArray<Turn>> =>
  turns.flatMap((turn, index) => {
    const isLast = index === turns.length - 1
    const without = isLast ? [] : [turns.toSpliced(index, 1)]
    const partly = turn.length < 2 ? [] : turn.map((_, at) => turns.with(index, turn.toSpliced(at, 1)))
    return [...without, ...partly]
  })

/** `holds`: whether the promise is broken by the last turn still. */
export const shortened = (turns: ReadonlyArray<Turn>, holds: (turns: ReadonlyArray<Turn>) => boolean): Renumbered => {
  const start: Renumbered = { turns, originals: new Map() }
  const better = ({ turns: told, originals }: Renumbered): Renumbered | undefined => {
    for (const candidate of shorter(told)) {
      const short = renumbered(candidate, originals)
      if (short !== undefined && holds(short.turns)) return short
    }
    return undefined
  }
  let best = start
  for (let next = better(best); next !== undefined; next = better(best)) best = next
  return best
}
