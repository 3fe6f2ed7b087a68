/** What the kit says of sound providers of many kinds, and of the broken ones that look like them. */
import { describe, expect, it } from "vitest"
import { checkProvider, renderStories, type KitReport } from "../../properties/index.ts"
import { neighbours, sound } from "./SoundKinds.ts"

const TIMEOUT_MILLIS = 60_000
const quick = { budgetMillis: TIMEOUT_MILLIS }

const namesOf = ({ results }: KitReport, verdict: string) =>
  results.filter((result) => result.verdict === verdict).map(({ promise }) => promise)
const limitsIn = ({ results }: KitReport) =>
  Object.fromEntries(
    results.filter(({ verdict }) => verdict === "limited").map(({ promise, reason }) => [promise, reason]),
  )

const BOTH = "the code verifier and the redirect URI of the token request"
const ENDS = "stated limit: access tokens live until they expire"

/** What is told of those that are kept with somebody's help, or within a limit. */
const limited: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "writes its proof into a log and judges nothing of it": { BoundMeansBound: `relies on its handler: ${BOTH}` },
  "leaves verifier and redirect URI to its handler": { BoundMeansBound: `relies on its handler: ${BOTH}` },
  "leaves the redirect URI to its handler": {
    BoundMeansBound: "relies on its handler: the redirect URI of the token request",
  },
  "leaves the verifier to its handler": { BoundMeansBound: "relies on its handler: the code verifier" },
  "leaves expiry to its handler": {
    ExpiryIsExact: "relies on its handler: the expiry of codes and the expiry of refresh tokens",
  },
  "says that its access tokens live until they expire": {
    ReplayKillsGrant: ENDS,
    ReuseKillsGrant: ENDS,
    RevocationIsFinal: ENDS,
  },
}

describe("a sound provider is acquitted that", () => {
  it.each(Object.entries(sound))("%s", { timeout: TIMEOUT_MILLIS }, async (name, factory) => {
    const report = await checkProvider(factory, quick)
    expect(renderStories(report)).toEqual([])
    expect(limitsIn(report)).toEqual(limited[name] ?? {})
  })
})

describe("a broken provider is not acquitted because it looks like a sound one: it", () => {
  it.each(Object.entries(neighbours))("%s", { timeout: TIMEOUT_MILLIS }, async (_, [factory, broken]) => {
    const report = await checkProvider(factory, quick)
    expect(namesOf(report, "broken").toSorted()).toEqual(broken.toSorted())
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
