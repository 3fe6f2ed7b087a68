/** What a provider takes for the time: `now`, `Date`, or `now` in another unit; each is tried, and what it did is told. */
import { describe, expect, it } from "vitest"
import { checkProvider, type KitReport, type ProviderFactory } from "../../properties/index.ts"
import correctSql from "../examples/providers/correctSql.ts"
import { soundMemory } from "../examples/providers/oneFault.ts"
import { sound } from "./SoundKinds.ts"
import { inStillTime } from "./StillTime.ts"

const aboutTime = { only: ["ExpiryIsExact"], seedCount: 0 }
const aware = { ExpiryIsExact: "kept" }

inStillTime()

const verdictsIn = ({ results }: KitReport) =>
  Object.fromEntries(results.map(({ promise, verdict }) => [promise, verdict]))

const withoutEnd = <A extends object | null | undefined>(record: A): A =>
  (record ? { ...record, expiresAt: undefined } : record) as A

/** The same without a word of when anything ends, but for what an exchange answers. */
const silent =
  (factory: ProviderFactory): ProviderFactory =>
  async (world) => {
    const provider = await factory(world)
    return {
      ...provider,
      loadAuthorizationCode: async (...input) => withoutEnd(await provider.loadAuthorizationCode(...input)),
      verifyToken: async (...input) => withoutEnd(await provider.verifyToken(...input)),
    }
  }

const byDate: ProviderFactory = () => correctSql({ now: () => Date.now() })
const byNewDate: ProviderFactory = () => correctSql({ now: () => new Date().getTime() })
const bySeconds: ProviderFactory = ({ now }) => correctSql({ now: () => now() * 1000 })

describe("a provider that goes by", () => {
  it.each<readonly [string, ProviderFactory, RegExp]>([
    ["`now`, in milliseconds", correctSql, /^turned: by `now` or by `Date`$/],
    ["`Date.now`", byDate, /^turned: by `now` or by `Date`$/],
    ["`new Date`", byNewDate, /^turned: by `now` or by `Date`$/],
    [
      "`now`, taken for seconds",
      bySeconds,
      /^turned: by `now`, taken for seconds and given in them; `now` gives milli/,
    ],
    ["`now`, without saying when anything ends", silent(correctSql), /^turned: by `now` or by `Date`$/],
    ["`now`, taken for seconds, saying nothing of ends", silent(bySeconds), /^turned: by `now`, taken for seconds/],
  ])("%s is tried about time, and found without fault", async (_, factory, told) => {
    const report = await checkProvider(factory, aboutTime)
    expect(report.capabilities["clock"]).toMatch(told)
    expect(verdictsIn(report)).toEqual(aware)
  })

  it("a clock that steps back with `now`, in everything, is sound and told as a limit", async () => {
    const report = await checkProvider(soundMemory, aboutTime)
    expect(report.capabilities["clock stepping back"]).toMatch(/^what had ended may live again/)
    expect(verdictsIn(report)).toEqual(aware)
    expect((await checkProvider(correctSql, aboutTime)).capabilities).not.toHaveProperty("clock stepping back")
  })

  it("a clock of its own is told so, and not tried about time", async () => {
    const started = Date.now()
    const report = await checkProvider(() => correctSql({ now: () => started }), aboutTime)
    expect(report.capabilities["clock"]).toBe("its own: what takes time is not tried")
    expect(verdictsIn(report)).toEqual({ ExpiryIsExact: "not tried" })
  })
})

it("a check begins at a whole second, whatever the one before waited for", async () => {
  await checkProvider(sound["has times with fractions"]!, { seedCount: 0 })
  const begun: Array<number> = []
  const watched: ProviderFactory = (world) => {
    begun.push(world.now())
    return soundMemory(world)
  }
  await checkProvider(watched, aboutTime)
  expect(begun[0]! % 1000).toBe(0)
})
