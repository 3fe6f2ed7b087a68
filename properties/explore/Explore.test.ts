/** The machine, searched breadth-first: nothing that can be tried in a few operations breaks a promise. */
import { describe, expect, it } from "vitest"
import { promises } from "../invariants/index.ts"
import type { Invariant } from "../invariants/Invariant.ts"
import type { Operation } from "../Operation.ts"
import { missing, newCoverage } from "./Coverage.ts"
import { explore } from "./Explore.ts"
import { deviation } from "./Golden.ts"
import { recordSearch } from "./Record.ts"
import { scopes } from "./Scopes.ts"
import { search } from "./Search.ts"
import { tellFailure } from "./Story.ts"

const scopeNamed = (name: string) => scopes.find((scope) => scope.name === name)!
const tagsOf = (operations: ReadonlyArray<Operation>) => operations.map(({ _tag }) => _tag)

const promise = (onStep: NonNullable<Invariant["onStep"]>): Invariant => ({
  name: "NothingOfTheKindHappens",
  sentence: "What the test looks for never happens.",
  requirements: [],
  attacks: [],
  situation: "always",
  isAtStake: () => true,
  onStep,
})

describe("a search of the machine", () => {
  it("finds no broken promise, no disagreement with the model, everything that there is, and the states that there were", () => {
    const result = search(promises, { reach: "quick" })
    recordSearch(promises, result)
    expect(result.story, result.story).toBeUndefined()
    expect(result.complaints).toEqual([])
  })

  it("tells the shortest way to a broken promise, with what was answered", () => {
    const noReplay = promise((before, { operation, reply }) =>
      operation._tag === "Redeem" &&
      operation.code !== "made up" &&
      before.grants[operation.code]?.code === "spent" &&
      reply._tag === "Refused"
        ? "a code was presented twice"
        : undefined,
    )
    const scope = scopeNamed("one grant")
    const exploration = explore(scope, [noReplay], { limit: scope.quick })
    expect(tagsOf(exploration.failure!.operations.slice(scope.opening.length))).toEqual(["Approve", "Redeem", "Redeem"])
    const story = tellFailure(scope, exploration).join("\n")
    expect(story).toContain("NothingOfTheKindHappens is broken: a code was presented twice")
    expect(story).toContain("   3  ")
    expect(story).toContain("→ refused, invalid_grant")
    expect(story).not.toContain("   4  ")
  })

  it("looks at every access token in every state, without being asked to", () => {
    const noneAlive = promise((_, { operation, reply }) =>
      operation._tag === "Verify" && reply._tag === "Active" ? "a token is alive" : undefined,
    )
    const { failure } = explore(scopeNamed("subjects"), [noneAlive], { limit: scopeNamed("subjects").quick })
    expect(tagsOf(failure!.operations.slice(3))).toEqual(["Approve", "Redeem", "Verify"])
  })

  it("stops where it is told to, and says so", () => {
    const stopped = (limit: { readonly depth: number; readonly uniqueStates: number }) => {
      const { stoppedBy, depth, uniqueStates } = explore(scopeNamed("subjects"), [], { limit })
      return { stoppedBy, depth, uniqueStates }
    }
    expect(stopped({ depth: 2, uniqueStates: Infinity })).toMatchObject({ stoppedBy: "depth", depth: 2 })
    expect(stopped({ depth: Infinity, uniqueStates: 100 })).toMatchObject({
      stoppedBy: "uniqueStates",
      uniqueStates: 100,
    })
    expect(stopped({ depth: Infinity, uniqueStates: Infinity })).toMatchObject({ stoppedBy: null })
  })

  it("complains of what was never met", () => {
    const neverAtStake: Invariant = { ...promise(() => undefined), name: "NeverAtStake", isAtStake: () => false }
    const { coverage } = explore(scopeNamed("lost key"), [neverAtStake], { limit: scopeNamed("lost key").quick })
    expect(missing(coverage)).toContain("promise NeverAtStake")
    expect(missing(coverage)).toContain("command RaiseIssuerEpoch")
    expect(missing(coverage)).not.toContain("refusal refresh-key-unavailable")
    expect(missing(newCoverage())).toContain("event GrantOpened")
  })

  it("complains of a machine that has another number of states than it had", () => {
    const exploration = explore(scopeNamed("lost key"), [], { limit: scopeNamed("lost key").quick })
    expect(deviation("quick", exploration)).toBeUndefined()
    expect(deviation("quick", { ...exploration, uniqueStates: exploration.uniqueStates + 1 })).toContain("`lost key`")
  })
})
