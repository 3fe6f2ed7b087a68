/** What the kit says of providers that are written for the MCP TypeScript SDK: they are taken as they are. */
import { describe, expect, it } from "vitest"
import { checkProvider, renderStories, type Checkable, type KitReport } from "../../properties/index.ts"
import { oauthServerProvider } from "../../src/mcp/index.ts"
import mcpSdkDemo from "../examples/providers/mcpSdkDemo.ts"
import { serverBy } from "./OurServer.ts"
import { byItself, neighbours, SdkProviderClass, sound, type Browser } from "./SdkProviders.ts"
import { someOf } from "../support/Breadth.ts"
import { inStillTime } from "./StillTime.ts"

/** What chance finds beside is tried on the examples in `Providers.test.ts`. */
const quick = { seedCount: 0 }

inStillTime()

const namesOf = ({ results }: KitReport, verdict: string) =>
  results.filter((result) => result.verdict === verdict).map(({ promise }) => promise)
const reasonOf = ({ results }: KitReport, name: string) => results.find(({ promise }) => promise === name)?.reason

const BY_HANDLER = "relies on its handler: the secret of the client and the code verifier"

describe("a sound provider of the SDK is acquitted that", () => {
  it.each(someOf(Object.entries(sound)))("%s", async (name, factory) => {
    const report = await checkProvider(factory, quick)
    expect(renderStories(report)).toEqual([])
    const isJudge = name === "judges the verifier itself"
    const secret = "relies on its handler: the secret of the client"
    expect(reasonOf(report, "BoundMeansBound")).toBe(isJudge ? secret : BY_HANDLER)
    expect(reasonOf(report, "ClientIdIsCreatedOnce")).toBe("client ids are minted by its handler")
  })

  it.each<readonly [string, Checkable]>([
    ["is a class", SdkProviderClass],
    ["is one for everything, and goes by `Date`", byItself],
  ])("%s", async (_, given) => {
    const report = await checkProvider(given, quick)
    expect(renderStories(report)).toEqual([])
    expect(namesOf(report, "kept")).toContain("ExpiryIsExact")
  })
})

describe("our server as a provider of the SDK", () => {
  it("is acquitted, for its one resource and public clients alone", async () => {
    const config = { issuer: "http://localhost:4000/", scopes: ["read", "write", "admin"], resources: "any" } as const
    const report = await checkProvider(
      async (world) =>
        oauthServerProvider(await serverBy(world, config), {
          resource: "https://one.example/",
          approve: () => "alice",
        }),
      quick,
    )
    expect(renderStories(report)).toEqual([])
    expect(report.capabilities).toMatchObject({ clients: "only public ones", resource: "one, as a string" })
    expect(reasonOf(report, "AudienceNeverGrows")).toMatch(/^tokens for another resource are not seen here/)
  })
})

describe("a broken provider of the SDK is not acquitted that", () => {
  it.each(someOf(Object.entries(neighbours)))("%s", async (_, [factory, broken]) => {
    expect(namesOf(await checkProvider(factory, quick), "broken").toSorted()).toEqual(broken.toSorted())
  })
})

describe("the SDK's demo provider", () => {
  it("earns its report: a replay ends nothing, the redirect URI is not compared, a token is good at its end", async () => {
    const report = await checkProvider(mcpSdkDemo, quick)
    expect(namesOf(report, "broken")).toEqual(["ReplayKillsGrant", "ExpiryIsExact", "BoundMeansBound"])
    expect(reasonOf(report, "RevocationIsFinal")).toBe("it has no `revokeToken`")
    expect(report.capabilities).toMatchObject({
      handler: "has to judge the secret of the client and the code verifier",
      refresh: "no refresh tokens",
    })
  })
})

describe("what lacks a method of the SDK's contract", () => {
  it.each<readonly [string, object, RegExp]>([
    [
      "that can verify only",
      { verifyAccessToken: async () => {} },
      /it has no clientsStore.getClient, no clientsStore.r/,
    ],
    [
      "at which nobody can register",
      { ...byItself, clientsStore: { getClient: async () => undefined } },
      /it has no clientsStore.registerClient$/,
    ],
  ])("is said to be no provider: one %s", async (_, provider, expected) => {
    await expect(checkProvider(() => provider as never)).rejects.toThrow(expected)
  })

  it("or shows a page instead of a redirect, is not tried, in a sentence", async () => {
    const authorize: typeof byItself.authorize = async (_client, _params, response) => {
      const browser = response as unknown as Browser
      browser.status(200).send("<form>")
    }
    await expect(checkProvider(() => ({ ...byItself, authorize }))).rejects.toThrow(/authorize answers with a page/)
  })
})
