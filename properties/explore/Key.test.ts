/** States that are taken for the same are the same: whatever is tried in them, the same comes of it. */
import { describe, expect, it } from "vitest"
import { isLong } from "../../test/support/Breadth.ts"
import { approving, looking, passing, redeeming } from "../Asking.ts"
import { opening } from "../Opening.ts"
import type { Operation } from "../Operation.ts"
import { operationsOf } from "./Alphabet.ts"
import { START_MILLIS, explore } from "./Explore.ts"
import { keyOf } from "./Key.ts"
import { presentable } from "./Presented.ts"
import { afterwards, ask, isIdle, newProduct, type Edge, type Product } from "./Product.ts"
import { exchangesOf, type Scope } from "./Scope.ts"
import { scopes } from "./Scopes.ts"

const scopeNamed = (name: string) => scopes.find((scope) => scope.name === name)!
const after = (scope: Scope, ...operations: ReadonlyArray<Operation>): Product =>
  [...scope.opening, ...operations].reduce(
    (product, operation) => afterwards(ask(product, operation)),
    newProduct(scope.policy, START_MILLIS),
  )

/** How many states are gone on from, and which of those whose key was met before: what follows from them is checked too. */
const STATES = isLong ? 600 : 400
const EVERY = 2

/** What differs between states that are the same: the numbers of things, and which of two keys it is. */
const NAMES = new Set(["client", "subject", "grant", "code", "token", "by", "key"])

/** What was tried and what came of it, without names. */
const outcome = ({ operation, move: { reply, decided } }: Edge): string => {
  const tried = JSON.stringify(operation, (field, value: unknown) => (NAMES.has(field) ? undefined : value))
  const events = decided?.decision.events.map(({ _tag }) => _tag).join() ?? ""
  const refusal = decided?.decision.reply._tag === "Refused" ? decided.decision.reply.reason : ""
  return `${tried} ${reply._tag} ${refusal} ${events}`
}

/** Everything that can be tried in a state: what comes of it, and the states that it leads to by their keys. */
const future = (scope: Scope, product: Product) => {
  const nameOf = keyOf(exchangesOf(scope))
  const looks = [...product.model.accessTokens.keys()].map(looking)
  const edges = [...operationsOf(scope.alphabet, product, presentable(product)), ...looks].map((operation) =>
    ask(product, operation),
  )
  const next = edges.filter((edge) => !isIdle(edge)).map(afterwards)
  const lines = edges.map((edge) => `${outcome(edge)} to ${isIdle(edge) ? "the same" : nameOf(afterwards(edge))}`)
  return {
    told: [...new Set(lines)].sort().join("\n"),
    next: next.map((reached) => [nameOf(reached), reached] as const),
  }
}

describe("a key", () => {
  it.each(scopes.map(({ name }) => name))(
    "is shared only by states in which the same can happen, and leads to the same keys again: %s",
    (name) => {
      const scope = scopeNamed(name)
      const nameOf = keyOf(exchangesOf(scope))
      const futures = new Map<string, string>()
      const start = after(scope)
      const waiting = [[nameOf(start), start] as const]
      const met = new Set([nameOf(start)])
      let againCount = 0
      for (const [key, product] of waiting) {
        const { told, next } = future(scope, product)
        const known = futures.get(key) ?? told
        if (told !== known) expect(told).toBe(known)
        futures.set(key, known)
        for (const reached of next) {
          const isNew = !met.has(reached[0])
          met.add(reached[0])
          if (waiting.length < STATES && (isNew || againCount++ % EVERY === 0)) waiting.push(reached)
        }
      }
      expect(waiting.length - futures.size).toBeGreaterThan(20)
    },
  )

  it.each([
    { name: "one grant", depth: 5 },
    { name: "proofs", depth: 3 },
    { name: "clients", depth: 3 },
    { name: "subjects", depth: 4 },
  ])("loses nothing that can happen: $name to depth $depth", ({ name, depth }) => {
    const reach = (isReduced: boolean) => {
      const outcomes = new Set<string>()
      const limit = { depth, uniqueStates: Infinity }
      const onEdge = (edge: Edge) => void outcomes.add(outcome(edge))
      const { uniqueStates } = explore(scopeNamed(name), [], { limit, onEdge, isReduced })
      return { outcomes: [...outcomes].sort(), uniqueStates }
    }
    const [reduced, whole] = [reach(true), reach(false)]
    expect(reduced.outcomes).toEqual(whole.outcomes)
    expect(reduced.uniqueStates).toBeLessThan(whole.uniqueStates)
  })

  const approve = (grant: number, client: number, subject = 0) => approving(grant, { client, subject })
  const redeem = (code: number, by: number) => redeeming(code, { by })
  const three = { ...scopeNamed("three grants"), opening: opening.slice(0, 3) }
  const two = scopeNamed("subjects")
  const name = (scope: Scope, ...operations: ReadonlyArray<Operation>) =>
    keyOf(exchangesOf(scope))(after(scope, ...operations))

  it("does not tell in which order grants were opened, nor which of two interchangeable subjects gave them", () => {
    expect(name(three, approve(0, 0), approve(1, 1), redeem(1, 1))).toBe(
      name(three, approve(0, 1), approve(1, 0), redeem(0, 1)),
    )
    expect(name(two, approve(0, 0, 0), approve(1, 0, 1), redeem(0, 0), { _tag: "EndSessions", subject: 0 })).toBe(
      name(two, approve(0, 0, 0), approve(1, 0, 1), redeem(1, 0), { _tag: "EndSessions", subject: 1 }),
    )
  })

  it("tells clients apart that are not the same, and which of two subjects gave what", () => {
    expect(name(three, approve(0, 0))).not.toBe(name(three, approve(0, 1)))
    expect(name(two, approve(0, 0, 0), approve(1, 0, 0))).not.toBe(name(two, approve(0, 0, 0), approve(1, 0, 1)))
  })

  it("tells how far off an end is, but not what time it is", () => {
    expect(name(three, passing(5000), approve(0, 0))).toBe(name(three, approve(0, 0)))
    expect(name(three, approve(0, 0), passing(1000))).not.toBe(name(three, approve(0, 0)))
    expect(name(three, approve(0, 0), passing(6000))).toBe(name(three, approve(0, 0), passing(60_000)))
  })
})
