/**
 * What the kit says of a provider with one fault that a client who does nothing wrong never meets, nor a handler that
 * keeps to its part.
 *
 * One fault of a kind is checked for every promise, so that nothing else is said of it; its neighbours for those it breaks.
 */
import { describe, expect, it } from "vitest"
import { checkProvider, type KitReport } from "../../properties/index.ts"
import { faultsOf, soundMemory, withFault, type Fault } from "../examples/providers/oneFault.ts"
import { someOf } from "../support/Breadth.ts"
import { inStillTime } from "./StillTime.ts"

/** What chance finds beside is tried on the examples in `Providers.test.ts`. */
const quick = { seedCount: 0 }

inStillTime()

const brokenIn = ({ results }: KitReport) =>
  results.filter(({ verdict }) => verdict === "broken").map(({ promise }) => promise)

/** The calls of a story, without registrations. */
const told = ({ results }: KitReport, promise: string) =>
  results
    .find((result) => result.promise === promise)!
    .counterexample!.steps.filter(({ operation }) => operation?._tag !== "Register")
    .map(({ text }) => text)

const ended = ["ReplayKillsGrant", "ReuseKillsGrant", "RevocationIsFinal"]
const longer = ["ExpiryIsExact", "LifetimeNeverGrows"]

/** What each breaks that is checked for everything. */
const whole: Partial<Record<Fault, ReadonlyArray<string>>> = {
  "a refresh token is exchanged for any client": ["BoundMeansBound"],
  "a reuse is taken for one whoever comes with it": ["OnlyTheOwnerCanHarm"],
  "a code's record is given to anybody": ["BoundMeansBound"],
  "whether a grant has ended is read in the record": ended,
  "when a code has ended is judged where it is loaded": ["ExpiryIsExact"],
  "the end in a refresh token's record is believed": ["ExpiryIsExact"],
  "a redirect URI matches by its origin": ["ConsentComesFirst"],
  "the redirect URI of a code matches by its beginning": ["BoundMeansBound"],
  "a verifier may be the challenge": ["BoundMeansBound"],
  "the state is dropped": ["EveryCallIsAnswered"],
  "less scope once is less for ever": ["RefreshKeepsTheGrant"],
  "the resource is lost at a refresh": ["AudienceNeverGrows"],
  "a code never ends": ["ExpiryIsExact"],
  "what was revoked comes back as the clock steps back": ended,
  "loadAccessToken knows what was revoked": ended,
  "a code's end is in milliseconds": ["ExpiryIsExact"],
  "an access token lives longer by being looked at": longer,
}

/** What each breaks that is checked for that. */
const neighbours: Partial<Record<Fault, ReadonlyArray<string>>> = {
  "a code is exchanged for any client": ["BoundMeansBound"],
  "a code is used up before its client is looked at": ["OnlyTheOwnerCanHarm"],
  "a refresh token is used up before its client is looked at": ["OnlyTheOwnerCanHarm"],
  "a replay is taken for one whoever comes with it": ["OnlyTheOwnerCanHarm"],
  "a refresh token's record is given to anybody": ["BoundMeansBound"],
  "whether a code is spent is read in the record": ["CodeIsSingleUse", "RotationIsLinear"],
  "whether a refresh token is spent is read in the record": ["ReuseKillsGrant", "RotationIsLinear"],
  "when a refresh token has ended is judged where it is loaded": ["ExpiryIsExact"],
  "the end in a code's record is believed": ["ExpiryIsExact"],
  "the scopes in a refresh token's record are believed": ["ScopeNeverGrows"],
  "the client in a refresh token's record is believed": ["BoundMeansBound"],
  "a redirect URI matches by its beginning": ["ConsentComesFirst"],
  "a redirect URI matches by the end of its host": ["ConsentComesFirst"],
  "a redirect URI matches in any case": ["ConsentComesFirst"],
  "a redirect URI matches with a slash behind it": ["ConsentComesFirst"],
  "a redirect URI matches without its query": ["ConsentComesFirst"],
  "the redirect URI of a code matches in any case": ["BoundMeansBound"],
  "the redirect URI of a code matches with a slash behind it": ["BoundMeansBound"],
  "the redirect URI of a code matches by its origin": ["BoundMeansBound"],
  "a verifier is trimmed": ["BoundMeansBound"],
  "a challenge is compared by its beginning": ["BoundMeansBound"],
  "a challenge is compared in any case": ["BoundMeansBound"],
  "a challenge is compared as far as it is long": ["BoundMeansBound"],
  "an empty challenge asks for nothing": ["BoundMeansBound"],
  "a verifier may be that of another code": ["BoundMeansBound"],
  "the state is cut short": ["EveryCallIsAnswered"],
  "the state is not encoded": ["EveryCallIsAnswered"],
  "a state is made up": ["EveryCallIsAnswered"],
  "less scope once is less for ever, without a word": ["RefreshKeepsTheGrant"],
  "the resource is lost where none is named": ["AudienceNeverGrows"],
  "every resource is given at a refresh": ["AudienceNeverGrows"],
  "a code never ends, and says so": ["ExpiryIsExact"],
  "a code ends in years": ["ExpiryIsExact"],
  "a refresh for less scope spends nothing": ["RotationIsLinear"],
  "a refresh token never ends": ["ExpiryIsExact"],
  "a code ends a second late": ["ExpiryIsExact"],
  "a refresh token ends a second late": ["ExpiryIsExact"],
  "what was spent comes back as the clock steps back": ["CodeIsSingleUse", "ReuseKillsGrant"],
  "loadAccessToken knows what has ended": ["ExpiryIsExact"],
  "loadAccessToken knows nothing that came of a refresh": ["ExpiryIsExact"],
  "a code's end is text": ["ExpiryIsExact"],
  "a refresh token's end is text": ["ExpiryIsExact"],
  "an access token's end is text": ["ExpiryIsExact"],
  "a refresh token's end is in milliseconds": ["ExpiryIsExact"],
  "an access token's end is in milliseconds": ["ExpiryIsExact"],
  "expires_in is text": ["ExpiryIsExact"],
  "expires_in is below zero": longer,
  "expires_in is of another life": ["ExpiryIsExact"],
  "an access token lives longer by being looked at, and says so": longer,
  "an access token lives longer by a refresh": longer,
}

const rows = (table: Partial<Record<Fault, ReadonlyArray<string>>>) =>
  Object.entries(table) as ReadonlyArray<[Fault, ReadonlyArray<string>]>

describe("a provider is broken, for what it is at fault for and nothing else, in which", () => {
  it.each(someOf(rows(whole)))("%s", async (fault, broken) => {
    expect(brokenIn(await checkProvider(withFault(fault), quick)).toSorted()).toEqual(broken.toSorted())
  })
})

describe("a provider is broken in which", () => {
  it.each(someOf(rows(neighbours)))("%s", async (fault, broken) => {
    const report = await checkProvider(withFault(fault), { ...quick, only: broken })
    expect(brokenIn(report).toSorted()).toEqual(broken.toSorted())
  })

  it("every fault is one of these", () => {
    expect([...Object.keys(whole), ...Object.keys(neighbours)].toSorted()).toEqual(
      Object.values(faultsOf).flat().toSorted(),
    )
  })
})

it("the same provider without a fault keeps everything", async () => {
  expect(brokenIn(await checkProvider(soundMemory, quick))).toEqual([])
})

describe("a story says in which manner something was asked for", () => {
  it.each<readonly [Fault, string, ReadonlyArray<string>]>([
    [
      "a code is exchanged for any client",
      "BoundMeansBound",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 2 redeems code 0, with the record that its owner loaded",
      ],
    ],
    [
      "whether a grant has ended is read in the record",
      "RevocationIsFinal",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "client 0 revokes refresh token 0, cascading",
        "client 0 refreshes with refresh token 0, with a copy of a record that was loaded before",
      ],
    ],
    [
      "a redirect URI matches by the end of its host",
      "ConsentComesFirst",
      [
        "subject 0 approves request 0 of client 0, redirect URI unregistered, scopes read, namely the right one and a query",
      ],
    ],
    [
      "loadAccessToken knows what was revoked",
      "RevocationIsFinal",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "client 0 revokes refresh token 0, cascading",
        "a resource server is shown access token 0, through loadAccessToken",
      ],
    ],
    [
      "what was revoked comes back as the clock steps back",
      "RevocationIsFinal",
      [
        "subject 0 approves request 0 of client 0, scopes read",
        "client 0 redeems code 0",
        "client 0 revokes refresh token 0, cascading",
        "the clock steps back by 1800 s",
        "a resource server is shown access token 0",
      ],
    ],
  ])("%s", async (fault, promise, expected) => {
    const report = await checkProvider(withFault(fault), { ...quick, only: [promise] })
    expect(told(report, promise)).toEqual(expected)
  })
})
