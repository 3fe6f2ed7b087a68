/**
 * How much a check tries, and what it says where it could not: seeds that are drawn from, and the budget of time.
 *
 * The time is one that only the test turns: every look at it is so much later.
 */
import { describe, expect, it, vi } from "vitest"
import {
  checkProvider,
  isKept,
  renderTable,
  type KitReport,
  type PromiseResult,
  type ProviderFactory,
} from "../../properties/index.ts"
import { soundMemory } from "../examples/providers/oneFault.ts"
import { inStillTime } from "./StillTime.ts"

inStillTime()

/** A code is good for ever. */
const careless: ProviderFactory = async (world) => {
  const provider = await soundMemory(world)
  return {
    ...provider,
    exchangeAuthorizationCode: async (client, code, proof) => {
      const location = new URL(
        await provider.authorize(client, { ...code, redirectUriProvidedExplicitly: true, scopes: code.scopes }),
      )
      const fresh = await provider.loadAuthorizationCode(client, location.searchParams.get("code")!)
      return provider.exchangeAuthorizationCode(client, fresh!, proof)
    },
  }
}

const told = ({ counterexample }: PromiseResult) => counterexample!.steps.map(({ text }) => text)

const resultOf = ({ results }: KitReport, promise: string) => results.find((one) => one.promise === promise)!

describe("random calls", () => {
  it("of one seed after the other find what the first does not", async () => {
    let soundCount = 0
    const counted: ProviderFactory = (world) => {
      soundCount += 1
      return soundMemory(world)
    }
    const only = ["CodeIsSingleUse"]
    const first = await checkProvider(counted, { only })
    expect([resultOf(first, only[0]!).verdict, first.seedCount]).toEqual(["kept", 1])

    let madeCount = 0
    const later: ProviderFactory = (world) => ((madeCount += 1) > soundCount ? careless(world) : soundMemory(world))
    const second = await checkProvider(later, { only, seedCount: 3 })
    const { verdict, counterexample } = resultOf(second, only[0]!)
    expect([verdict, counterexample!.seed]).toEqual(["broken", 2])
    expect(renderTable(second)).toMatch(/, seeds 1 to 2$/)

    const { seed, path } = counterexample!
    const again = await checkProvider(careless, { only, seed, path })
    expect(told(resultOf(again, only[0]!))).toEqual(told(resultOf(second, only[0]!)))
  })
})

describe("a story that is told again", () => {
  it("by a path that there is none of is said to be none", async () => {
    const checking = checkProvider(soundMemory, { path: "trial:of patience" })
    await expect(checking).rejects.toThrow("there is no story `trial:of patience` to tell again")
  })

  it("and took what went before it is looked for in everything", async () => {
    let madeCount = 0
    const slowlyCareless: ProviderFactory = (world) => ((madeCount += 1) > 60 ? careless(world) : soundMemory(world))
    const options = { only: ["CodeIsSingleUse"], path: "trial:code-twice" }
    const report = await checkProvider(slowlyCareless, options)
    expect(resultOf(report, "CodeIsSingleUse").verdict).toBe("broken")
    expect(resultOf(report, "CodeIsSingleUse").counterexample!.path).not.toBe("trial:code-twice")
  })
})

/** Runs `body` in a time that goes on by so much each time that somebody looks, and that it can put forward. */
const inTime = async <A>(stepMillis: number, body: (pass: (millis: number) => void) => Promise<A>): Promise<A> => {
  let now = performance.now()
  const spy = vi.spyOn(performance, "now").mockImplementation(() => (now += stepMillis))
  try {
    return await body((millis) => {
      now += millis
    })
  } finally {
    spy.mockRestore()
  }
}

describe("the budget", () => {
  it("that is over leaves promises untried, with how often each was tried", async () => {
    const budgetMillis = 10_000
    const report = await inTime(0, (pass) =>
      checkProvider(soundMemory, {
        budgetMillis,
        onProgress: (progress) => {
          if (progress.startsWith("trial 2/")) pass(budgetMillis + 1)
        },
      }),
    )
    expect(resultOf(report, "CodeIsSingleUse")).toMatchObject({ verdict: "not tried", tries: 2, isCutShort: true })
    expect(resultOf(report, "CodeIsSingleUse").reason).toMatch(/^the time was up: tried 2 times, \d+ trials left out$/)
    expect(resultOf(report, "RevocationIsFinal").reason).toMatch(
      /^the time was up: tried \d+ times?, \d+ trials left out$/,
    )
    expect(resultOf(report, "EveryCallIsAnswered")).toMatchObject({ verdict: "not tried", isCutShort: true })
    expect(resultOf(report, "RebuiltEqualsServed").reason).toBe("needs a store to look into")
    expect(isKept(report)).toBe(false)
  })

  it("that is over before anything is known is said to be", async () => {
    const checking = inTime(10, () => checkProvider(soundMemory, { budgetMillis: 50 }))
    await expect(checking).rejects.toThrow("the budget was over before anything was known of the provider")
  })

  it("is what was given, however much that is", async () => {
    const report = await inTime(100, () => checkProvider(soundMemory, { budgetMillis: 10_000_000 }))
    expect(report.millis).toBeGreaterThan(60_000)
    expect(report.results.filter(({ isCutShort }) => isCutShort)).toEqual([])
    expect(isKept(report)).toBe(true)
  })
})
