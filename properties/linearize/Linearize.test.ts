/** Hand-made histories: those that an order explains are explained, those that none explains are told as a story. */
import { describe, expect, it } from "vitest"
import { approving, looking, redeeming, refreshing, revoking } from "../Asking.ts"
import { opening, policy } from "../Opening.ts"
import { emptyModel, expect as expected, type Model } from "../Model.ts"
import type { Operation, Ref, Reply } from "../Operation.ts"
import { byGrant } from "./ByGrant.ts"
import type { Called, History, Verdict } from "./History.ts"
import type { ModelCall } from "./ModelCall.ts"
import { modelSpec } from "./ModelSpec.ts"
import { linearize } from "./Search.ts"
import { tellVerdict } from "./Story.ts"
import { tellOperation } from "./Telling.ts"
import { checkWitness } from "./Witness.ts"

const AT = 1_893_456_000_000

const opened = (...operations: ReadonlyArray<Operation>): Model =>
  [...opening, ...operations].reduce((model, operation) => expected(model, operation).model, emptyModel(policy, AT))

const approve = (grant: Ref, subject: Ref = 0) => approving(grant, { subject, scopes: ["read", "write"] })

type ReplyOf<Tag extends Reply["_tag"]> = Extract<Reply, { readonly _tag: Tag }>

const tokens = (access: Ref, refreshToken: Ref): ReplyOf<"Tokens"> => ({
  _tag: "Tokens",
  access,
  refresh: refreshToken,
  scopes: ["read", "write"],
  expiresAt: AT + policy.public.accessToken,
})
const refused: Reply = { _tag: "Refused", error: "invalid_grant" }
const done: Reply = { _tag: "Done" }
const inactive: Reply = { _tag: "Inactive" }
const active: ReplyOf<"Active"> = {
  _tag: "Active",
  client: 0,
  subject: 0,
  scopes: ["read", "write"],
  resources: [policy.defaultResource!],
  expiresAt: AT + policy.public.accessToken,
}

type Line = readonly [from: number, to: number, operation: Operation, answer?: Reply]

const historyOf = (...lines: ReadonlyArray<Line>): History<ModelCall, Reply> =>
  lines.map(([invokedAt, returnedAt, operation, answer], index): Called<ModelCall, Reply> => ({
    process: `p${index}`,
    call: { operation, times: [AT], answeredAt: AT },
    answer,
    invokedAt,
    returnedAt,
  }))

const withCode = modelSpec(opened(approve(0)))
const withTokens = modelSpec(opened(approve(0), redeeming(0)))
const isExplained = (verdict: Verdict<unknown>) => expect(verdict._tag).toBe("Explained")

describe("a history is explained", () => {
  it("of three parallel redemptions of which one gets tokens", () => {
    const history = historyOf(
      [0, 5, redeeming(0), refused],
      [1, 4, redeeming(0), tokens(0, 0)],
      [2, 3, redeeming(0), refused],
      [6, 7, looking(0), inactive],
    )
    isExplained(linearize(withCode, history))
  })

  it("whose order is not the one in which the calls were made", () => {
    isExplained(linearize(withCode, historyOf([0, 3, looking(0), inactive], [1, 2, redeeming(0), tokens(0, 0)])))
    isExplained(linearize(withTokens, historyOf([0, 3, looking(0), inactive], [1, 2, revoking("refresh", 0), done])))
  })

  it("whatever numbers the observer gave to what was handed out", () => {
    const history = historyOf(
      [0, 10, refreshing(0), { ...tokens(9, 4) }],
      [1, 9, approve(7, 1), { _tag: "Code", grant: 7 }],
      [11, 12, redeeming(7), tokens(3, 2)],
      [13, 14, refreshing(4), tokens(1, 1)],
      [15, 16, looking(3), { ...active, subject: 1 }],
    )
    isExplained(linearize(withTokens, history))
  })

  it("when a call without answer took effect, and when it did not", () => {
    isExplained(linearize(withCode, historyOf([0, Infinity, redeeming(0)], [1, 2, redeeming(0), refused])))
    isExplained(linearize(withCode, historyOf([0, Infinity, redeeming(0)], [1, 2, redeeming(0), tokens(0, 0)])))
  })

  it("when a lost refresh is answered to the retry, by whichever of the two it was done", () => {
    const history = historyOf(
      [0, Infinity, refreshing(0)],
      [1, 2, refreshing(0), tokens(1, 1)],
      [3, 4, refreshing(0), tokens(1, 1)],
      [5, 6, refreshing(1), tokens(2, 2)],
    )
    isExplained(linearize(withTokens, history))
  })

  it("when a call that was told to come again was carried out all the same", () => {
    const again: Reply = { _tag: "Unavailable" }
    isExplained(linearize(withCode, historyOf([0, 1, redeeming(0), again], [2, 3, redeeming(0), refused])))
    isExplained(linearize(withCode, historyOf([0, 1, redeeming(0), again], [2, 3, redeeming(0), tokens(0, 0)])))
  })

  it("when a call took effect at one of the times that the clock showed", () => {
    const late = AT + policy.public.code
    const [called] = historyOf([0, 1, redeeming(0), refused])
    const during = (...times: ReadonlyArray<number>) =>
      linearize(withCode, [{ ...called!, call: { operation: redeeming(0), times, answeredAt: late } }])
    expect(during(AT, late - 1)._tag).toBe("Unexplained")
    isExplained(during(AT, late))
  })
})

describe("a history is not explained", () => {
  it("of a server that checks, then sets: two redemptions of one code are answered with tokens", () => {
    const history = historyOf(
      [0, 4, redeeming(0), tokens(0, 0)],
      [1, 3, redeeming(0), tokens(1, 1)],
      [5, 6, looking(0), active],
    )
    const verdict = linearize(withCode, history, { partition: byGrant })
    expect(tellVerdict(withCode, history, verdict)).toEqual([
      "these calls can be ordered, and explain one another:",
      "   1  p0  client 0 redeems code 0",
      "      → access token 0 and refresh token 0, for read write, 600 s",
      "then this answer cannot be explained:",
      "   !  p1  client 0 redeems code 0",
      "        should be: refused, invalid_grant",
      "      ≠ answered:  access token 1 and refresh token 1, for read write, 600 s",
    ])
  })

  it("when an answer is older than a call that had returned before", () => {
    const history = historyOf([0, 1, revoking("refresh", 0), done], [2, 3, looking(0), active])
    expect(linearize(withTokens, history)._tag).toBe("Unexplained")
  })

  it("when a retry gets a successor of its own", () => {
    const history = historyOf([0, 1, refreshing(0), tokens(1, 1)], [2, 3, refreshing(0), tokens(2, 2)])
    const told = tellVerdict(withTokens, history, linearize(withTokens, history))
    expect(told).toContain("        should be: access token 1 and refresh token 1, for read write, 600 s")
  })

  it("when one token is handed out under two grants", () => {
    const both = modelSpec(opened(approve(0), approve(1)))
    const history = historyOf([0, 1, redeeming(0), tokens(0, 0)], [2, 3, redeeming(1), tokens(0, 1)])
    expect(linearize(both, history)._tag).toBe("Unexplained")
  })

  it.each<readonly [string, Operation, Reply, Reply]>([
    ["another error", redeeming(0), refused, { _tag: "Refused", error: "invalid_client" }],
    ["another lifetime", refreshing(0), tokens(1, 1), { ...tokens(1, 1), expiresAt: AT + 1000 }],
    ["other scopes", refreshing(0), tokens(1, 1), { ...tokens(1, 1), scopes: ["read"] }],
    ["no successor", refreshing(0), tokens(1, 1), { ...tokens(1, 1), refresh: null }],
    ["another subject", looking(0), active, { ...active, subject: 1 }],
    ["another client", looking(0), active, { ...active, client: 1 }],
    ["other resources", looking(0), active, { ...active, resources: ["https://two.example/mcp"] }],
  ])("when an answer says the right thing, but %s", (_, operation, right, wrong) => {
    isExplained(linearize(withTokens, historyOf([0, 1, operation, right])))
    expect(linearize(withTokens, historyOf([0, 1, operation, wrong]))._tag).toBe("Unexplained")
  })

  it("when a server answers with a defect", () => {
    const history = historyOf([0, 1, redeeming(0), { _tag: "Fault", message: "undefined is not a function" }])
    expect(linearize(withCode, history)._tag).toBe("Unexplained")
  })
})

describe("a witness", () => {
  const history = historyOf(
    [0, 5, redeeming(0), refused],
    [1, 4, redeeming(0), tokens(0, 0)],
    [6, 7, looking(0), inactive],
    [8, Infinity, redeeming(0)],
  )

  it("is accepted when it explains every answer in time, with or without what nobody saw answered", () => {
    isExplained(checkWitness(withCode, history, [1, 0, 2]))
    isExplained(checkWitness(withCode, history, [1, 0, 2, 3]))
  })

  it.each([
    ["an order that does not explain the answers", [0, 1, 2], "Unexplained"],
    ["an order against time", [2, 1, 0], "OutOfTime"],
    ["an order that leaves out an answer", [1, 2], "Incomplete"],
    ["an order that has a call twice", [1, 0, 0, 2], "Incomplete"],
  ])("is refused when it is %s", (_, order, tag) => {
    expect(checkWitness(withCode, history, order)._tag).toBe(tag)
  })
})

describe("by grant", () => {
  it("a call belongs to the grant that its code or token is of, or to every one", () => {
    const history = historyOf(
      [0, 1, approve(0), { _tag: "Code", grant: 0 }],
      [2, 3, redeeming(0), tokens(0, 0)],
      [4, 5, refreshing(0), tokens(1, 1)],
      [6, Infinity, refreshing(1)],
      [7, 8, looking(1), active],
      [9, 10, { _tag: "DisableClient", client: 0 }, done],
      [11, 12, approve(1), { _tag: "Code", grant: 1 }],
      [13, 14, revoking("refresh", 0), done],
    )
    const [own, every, other] = ["grant 0", undefined, "grant 1"]
    expect(byGrant(history)).toEqual([own, own, own, own, own, every, other, own])
  })
})

describe("a story", () => {
  it("says what is unusual about a call, and nothing of what is usual", () => {
    const plain = refreshing(3, { by: 1 })
    expect(tellOperation(plain)).toBe("client 1 refreshes with refresh token 3")
    expect(tellOperation({ ...plain, token: "made up", authentication: "wrong", scopes: ["read"], key: "k1" })).toBe(
      "client 1 refreshes with a made-up refresh token, secret wrong, scopes read, key k1",
    )
    expect(tellOperation({ ...approve(2, 1), basis: "Auto", isLate: true })).toBe(
      "subject 1 approves request 2 of client 0, basis Auto, late, scopes read write",
    )
  })
})
