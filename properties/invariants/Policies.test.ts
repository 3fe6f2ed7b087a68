/** Somebody else's server, followed tolerantly: what is a policy is no fault, and what is a fault is no policy. */
import { describe, expect, it } from "vitest"
import { opening, policy } from "../Opening.ts"
import { remembering } from "../Model.ts"
import type { Operation, Reply } from "../Operation.ts"
import { follow } from "../Tolerance.ts"
import { ask, newProduct, type Product } from "../explore/Product.ts"
import { approving, looking, passing, redeeming, refreshing } from "../Asking.ts"
import { START_MILLIS, login, tokens, active, refused, inactive, stepOf } from "./examples/Operations.ts"
import { judgeStep, newTally } from "./Judge.ts"

describe("a policy is not a fault", () => {
  const foreign = { ...policy, isGuessed: true }
  /** Follows a foreign server; what is not answered here is answered as the model would. */
  const followed = (steps: ReadonlyArray<readonly [Operation, Reply?]>) => {
    let { model, machine }: Product = newProduct(foreign, START_MILLIS)
    const objections: Array<string> = []
    for (const [operation, reply] of [...opening.map((one) => [one] as const), ...steps]) {
      const edge = ask({ model, machine }, operation)
      const step = stepOf(model, operation, reply ?? edge.expected.reply)
      const breach = judgeStep(model, step, newTally())
      if (breach !== undefined) objections.push(`${breach.promise.name}: ${breach.objection}`)
      const after = follow(model, step)
      model = remembering(operation._tag === "Pass" ? { ...after, at: model.at + operation.millis } : after, step)
      machine = edge.move.machine
    }
    return objections
  }
  const begun = login.map((operation) => [operation] as const)

  it.each<readonly [string, ReadonlyArray<readonly [Operation, Reply?]>]>([
    ["strict rotation without a retry window", [[refreshing(0)], [refreshing(0), refused], [looking(1), inactive]]],
    [
      "a retry window of its own length",
      [
        [refreshing(0)],
        [passing(31_000)],
        [refreshing(0), tokens({ access: 2, refresh: 1, expiresAt: START_MILLIS + 631_000 })],
      ],
    ],
    [
      "no rotation",
      [
        [refreshing(0), tokens({ access: 1, refresh: 0 })],
        [refreshing(0), tokens({ access: 2, refresh: 0 })],
      ],
    ],
    [
      "no new refresh token",
      [
        [refreshing(0), tokens({ access: 1, refresh: null })],
        [refreshing(0), tokens({ access: 2, refresh: null })],
      ],
    ],
    ["old access tokens that end with a refresh", [[refreshing(0)], [looking(0), inactive]]],
    ["a refresh token that lives for less than ours", [[passing(1_800_000)], [refreshing(0), refused]]],
    ["a session that a newer login takes the place of", [[approving(1)], [looking(0), inactive]]],
    [
      "a scope that is left out, not refused",
      [[refreshing(0, { scopes: ["read", "admin"] }), tokens({ access: 1, refresh: 1 })]],
    ],
    ["expiry rounded to the second", [[looking(), active({ expiresAt: START_MILLIS + 601_000 })]]],
  ])("%s", (_, steps) => {
    expect(followed([...begun, ...steps])).toEqual([])
  })

  it.each<readonly [string, string, ReadonlyArray<readonly [Operation, Reply?]>]>([
    ["a second successor", "RotationIsLinear", [[refreshing(0)], [refreshing(0), tokens({ access: 2, refresh: 2 })]]],
    [
      "a session that another client's attempt ends",
      "OnlyTheOwnerCanHarm",
      [[refreshing(0, { by: 1 })], [refreshing(0), refused]],
    ],
    [
      "a session that a wrong replay ends",
      "OnlyTheOwnerCanHarm",
      [[redeeming(0, { verifier: "wrong" })], [looking(), inactive]],
    ],
    ["a token that a look at another one ends", "ReadsChangeNothing", [[looking("made up")], [looking(), inactive]]],
    [
      "a replay that ends nothing",
      "ReplayKillsGrant",
      [
        [redeeming(), refused],
        [looking(), active()],
      ],
    ],
    [
      "a grant that is alive after reuse",
      "ReuseKillsGrant",
      [[refreshing(0)], [refreshing(1)], [refreshing(0), refused], [refreshing(2), tokens({ access: 3, refresh: 3 })]],
    ],
    [
      "a scope that was not granted",
      "ScopeNeverGrows",
      [[refreshing(0, { scopes: ["admin"] }), tokens({ access: 1, refresh: 1, scopes: ["admin"] })]],
    ],
  ])("but %s is", (_, name, steps) => {
    expect(followed([...begun, ...steps])).toEqual([expect.stringMatching(new RegExp(`^${name}: `))])
  })
})
