/**
 * What the kit says of how providers make their codes and tokens: what can be guessed, what is taken though nobody was given
 * it, and that neither is said of opaque, signed and sealed ones that are sound.
 */
import { describe, expect, it } from "vitest"
import { checkProvider, renderStories, type KitReport } from "../../properties/index.ts"
import { forgeable, guessable, soundMints } from "./Mints.ts"
import { ledgerProvider } from "./LedgerProvider.ts"
import { someOf } from "../support/Breadth.ts"
import { inStillTime } from "./StillTime.ts"

/** What chance finds beside is tried on the examples in `Providers.test.ts`. */
const quick = { seedCount: 0 }

inStillTime()

const brokenIn = ({ results }: KitReport) =>
  results.filter(({ verdict }) => verdict === "broken").map(({ promise }) => promise)
const storyOf = ({ results }: KitReport, promise: string) =>
  results
    .find((result) => result.promise === promise)!
    .counterexample!.steps.filter(({ operation }) => operation?._tag !== "Register")
    .map(({ text }) => text)

describe("a sound provider is acquitted that hands out", () => {
  it.each(someOf(Object.entries(soundMints)))("%s", async (_, mint) => {
    expect(renderStories(await checkProvider(ledgerProvider({ mint }), quick))).toEqual([])
  })
})

describe("a provider is caught, and for nothing else, that hands out", () => {
  it.each(someOf(Object.entries(guessable)))("%s", async (_, mint) => {
    const only = ["NothingCanBeGuessed", "ConsentComesFirst", "ClientIdIsCreatedOnce"]
    const report = await checkProvider(ledgerProvider({ mint }), { ...quick, only })
    expect(brokenIn(report)).toEqual(["NothingCanBeGuessed"])
  })
})

describe("a provider is caught, and for nothing else, that takes", () => {
  it.each(someOf(Object.entries(forgeable)))("%s", async (_, [mint, broken]) => {
    const report = await checkProvider(ledgerProvider({ mint }), quick)
    expect(brokenIn(report).toSorted()).toEqual(broken.split(" ").toSorted())
  })
})

describe("a forgery is told in words", () => {
  it.each([
    [
      "JWTs that may be unsigned",
      "a resource server is shown a made-up access token, namely the latest one without its signature",
    ],
    [
      "sealed contents of any kind",
      "a resource server is shown a made-up access token, namely the latest refresh token",
    ],
    [
      "letters with blanks around them",
      "a resource server is shown a made-up access token, namely the latest one with blanks around it",
    ],
  ])("%s", async (name, last) => {
    const [mint] = forgeable[name]!
    const report = await checkProvider(ledgerProvider({ mint }), { ...quick, only: ["ConsentComesFirst"] })
    expect(storyOf(report, "ConsentComesFirst")).toEqual([
      "subject 0 approves request 0 of client 0, scopes read",
      "client 0 redeems code 0",
      last,
    ])
  })

  it("and one that can be guessed with what is left of it", async () => {
    const mint = guessable["six random bytes"]!
    const report = await checkProvider(ledgerProvider({ mint }), { ...quick, only: ["NothingCanBeGuessed"] })
    const { reason } = report.results.find(({ verdict }) => verdict === "broken")!
    expect(reason).toMatch(/^codes can be guessed: of their 12 characters, 4[78] bits are all that cannot be foretold/)
    expect(storyOf(report, "NothingCanBeGuessed")).toEqual([
      "subject 0 approves request 0 of client 2, scopes read, while hundreds of others come and go",
    ])
  })
})
