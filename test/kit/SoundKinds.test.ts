/** What the kit says of sound providers of many kinds, and of the broken ones that look like them. */
import { describe, expect, it } from "vitest"
import { checkProvider, renderStories, type KitReport } from "../../properties/index.ts"
import { neighbours, sound } from "./SoundKinds.ts"
import { someOf } from "../support/Breadth.ts"
import { inStillTime, UNHURRIED_MILLIS } from "./StillTime.ts"

/** What chance finds beside is tried on the examples in `Providers.test.ts`. */
const quick = { seedCount: 0, budgetMillis: UNHURRIED_MILLIS }

/** Who is slow meets as many others as there is time for. */
inStillTime((name) => !/^takes its time|^is tried with many trials/.test(name))

const namesOf = ({ results }: KitReport, verdict: string) =>
  results.filter((result) => result.verdict === verdict).map(({ promise }) => promise)
const isCutShort = ({ results }: KitReport, name: string) =>
  results.some(({ promise, isCutShort }) => promise === name && isCutShort === true)
const limitsIn = ({ results }: KitReport) =>
  Object.fromEntries(
    results.filter(({ verdict }) => verdict === "limited").map(({ promise, reason }) => [promise, reason]),
  )

const BOTH = "the code verifier and the redirect URI of the token request"
const ONE = "tokens for another resource are not seen here: it verifies for one"
const ENDS = "stated limit: access tokens live until they expire"

/** What is told of those that are kept with somebody's help, or within a limit. */
const limited: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "writes its proof into a log and judges nothing of it": { BoundMeansBound: `relies on its handler: ${BOTH}` },
  "leaves verifier and redirect URI to its handler": { BoundMeansBound: `relies on its handler: ${BOTH}` },
  "leaves the redirect URI to its handler": {
    BoundMeansBound: "relies on its handler: the redirect URI of the token request",
  },
  "leaves the verifier to its handler": { BoundMeansBound: "relies on its handler: the code verifier" },
  "verifies for one resource": { AudienceNeverGrows: ONE },
  "verifies for one resource, and takes that as a string": { AudienceNeverGrows: ONE },
  "leaves verifier, redirect URI and expiry to its handler": {
    BoundMeansBound: `relies on its handler: ${BOTH}`,
    ExpiryIsExact: "relies on its handler: the expiry of codes and the expiry of refresh tokens",
  },
  "says that its access tokens live until they expire": {
    ReplayKillsGrant: ENDS,
    ReuseKillsGrant: ENDS,
    RevocationIsFinal: ENDS,
  },
}

describe("a sound provider is acquitted that", () => {
  it.each(someOf(Object.entries(sound)))("%s", async (name, factory) => {
    const report = await checkProvider(factory, quick)
    expect(namesOf(report, "not tried").filter((one) => isCutShort(report, one))).toEqual([])
    expect(renderStories(report)).toEqual([])
    expect(limitsIn(report)).toEqual(limited[name] ?? {})
  })
})

describe("a broken provider is not acquitted because it looks like a sound one: it", () => {
  it.each(someOf(Object.entries(neighbours)))("%s", async (name, [factory, broken]) => {
    const report = await checkProvider(factory, quick)
    expect(namesOf(report, "broken").toSorted()).toEqual(broken.toSorted())
  })
})

describe("a provider that takes its time", () => {
  it("is tried with many trials at once, and is told what is tried less", async () => {
    const { capabilities } = await checkProvider(sound["takes its time for every call"]!, quick)
    expect(capabilities["pace"]).toMatch(
      /^an exchange takes \d+ ms: races are tried with a quarter of the leads, \d+ tr/,
    )
    const quickly = await checkProvider(sound["is as it is"]!, quick)
    expect(quickly.capabilities).not.toHaveProperty("pace")
  })
})

describe("a limit", () => {
  it("that is no such word is refused in a sentence", async () => {
    const limits = ["no-revocation"] as never
    await expect(checkProvider(sound["is as it is"]!, { limits })).rejects.toThrow(
      "`no-revocation` is no limit that a provider can state: there is `stateless-access-tokens`",
    )
  })
})
