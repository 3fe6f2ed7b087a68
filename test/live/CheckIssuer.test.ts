/**
 * The black-box check, run for real: a server of ours keeps everything that can be tried from outside, a server of
 * somebody who trusts his arguments does not, and what cannot be seen is not called kept.
 */
import { createServer, type RequestListener } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkIssuer } from "../../properties/kit/issuer/checkIssuer.ts"
import { MAX_ASKED_LOGINS } from "../../properties/kit/issuer/Login.ts"
import { judged } from "../../properties/kit/judging/Judge.ts"
import { isSurprise } from "../../properties/kit/render/Story.ts"
import type { PromiseResult } from "../../properties/kit/Report.ts"
import { nodeListener } from "../../src/http/index.ts"
import { fromOAuthProvider, type OAuthProvider } from "../../src/provider/index.ts"
import { naiveMemory } from "../examples/providers/naiveMemory.ts"
import { issuerRules, named, resources, resultOf } from "./IssuerRules.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

describe.each<readonly [string, string, ReadonlyArray<string>]>([
  ["a running `grantlog serve --auto-approve`", "any.db", []],
  ["one that wants to be told which of two resources is meant", "two.db", ["--resource", resources.join(" ")]],
])("%s", (_, file, flags) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await serve(folder.at(file), "--dpop", "on", ...flags)
  })
  afterAll(async () => void (await server.stop()))

  issuerRules(() => server.url)
})

it("a server that wants to be told which resource is meant cannot be checked without one, and that is said", async () => {
  await using server = await serve(folder.at("unnamed.db"), "--resource", resources.join(" "))
  await expect(checkIssuer(server.url, {})).rejects.toThrow(
    "no login: an error for the client: invalid_target; name a resource of the server with --resource",
  )
  await expect
    .poll(server.complaints)
    .toBe(
      "grantlog: note: a request named no `resource`, and more than one is known here: such requests are refused unless `--default-resource` (`defaultResource` in the configuration) says which one they are for\n",
    )
})

describe("a server over a provider that trusts its arguments", () => {
  const LATENCY_MILLIS = 5

  /** As it is behind a database: what was looked up may be old news by the time that it arrives. */
  const behindDatabase = (provider: OAuthProvider): OAuthProvider => ({
    ...provider,
    loadAuthorizationCode: async (...asked) => {
      const record = await provider.loadAuthorizationCode(...asked)
      return delay(LATENCY_MILLIS, record)
    },
    loadRefreshToken: async (...asked) => {
      const record = await provider.loadRefreshToken(...asked)
      return delay(LATENCY_MILLIS, record)
    },
  })

  /** Listens on a port that was free; the issuer has it in its name. */
  const serveNaive = async () => {
    let listener: RequestListener = (_, response) => void response.writeHead(503).end()
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => listener(request, response))
    await once(server.listen(0, "127.0.0.1"), "listening")
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const provider = behindDatabase(naiveMemory(() => Math.floor(Date.now() / 1000)))
    listener = nodeListener(fromOAuthProvider(provider, { issuer, scopes: ["read", "write"] }))
    const stop = async () => {
      server.close()
      server.closeAllConnections()
    }
    return { issuer, [Symbol.asyncDispose]: stop }
  }

  const isPromise = ({ promise }: PromiseResult) => judged.some(({ name }) => name === promise)

  it("leaves alive what a replay, a reuse or a revocation should have ended, spends codes twice, forks, and narrows for ever", async () => {
    await using server = await serveNaive()
    const report = await checkIssuer(server.issuer)
    const broken = report.results.filter((result) => isPromise(result) && result.verdict === "broken")
    expect(broken.map(({ promise, counterexample }) => [promise, counterexample?.path])).toEqual([
      ["CodeIsSingleUse", "redeem-8-at-once"],
      ["ReplayKillsGrant", "code-replay"],
      ["RotationIsLinear", "redeem-8-at-once"],
      ["RetryIsIdempotent", "refresh-4-at-once"],
      ["ReuseKillsGrant", "reuse"],
      ["RevocationIsFinal", "revoked-by-refresh-token"],
      ["RefreshKeepsTheGrant", "narrowing"],
    ])
    for (const { counterexample } of broken) {
      const last = counterexample!.steps.at(-1)!
      expect(isSurprise(last) || last.burst !== null, JSON.stringify(last)).toBe(true)
    }
  })

  it("is seen to break a promise again, by that promise and the path of its story alone", async () => {
    await using server = await serveNaive()
    const path = "code-replay-after-refresh"
    const report = await checkIssuer(server.issuer, { only: ["ReplayKillsGrant"], path })
    expect(report.results).toEqual([
      expect.objectContaining({
        promise: "ReplayKillsGrant",
        verdict: "broken",
        counterexample: expect.objectContaining({ path }),
      }),
    ])
    const other = await checkIssuer(server.issuer, { only: ["RFC6749-5.2-error-codes"] })
    expect(other.results).toEqual([expect.objectContaining({ promise: "RFC6749-5.2-error-codes", verdict: "kept" })])
  })
})

describe("a login that takes a person", () => {
  it("is asked for with the authorization URL, and never for what has to be refused", async () => {
    await using server = await serve(folder.at("asked.db"))
    const urls: Array<string> = []
    const locations: Array<string | undefined> = []
    const askForLogin = async (url: string) => {
      urls.push(url)
      const { headers } = await fetch(url, { redirect: "manual" })
      locations.push(headers.get("location") ?? undefined)
      return locations.at(-1)
    }
    const report = await checkIssuer(server.url, { askForLogin })
    expect(named(report, "broken")).toEqual([])
    expect(resultOf(report, "ReplayKillsGrant").verdict).toBe("kept")
    expect(urls.length).toBeLessThanOrEqual(MAX_ASKED_LOGINS)
    expect(new Set(urls).size).toBe(urls.length)
    expect(locations.every((location) => location?.includes("code=") === true)).toBe(true)
  })

  it("ends the check with what was tried so far when nobody signs in any more", async () => {
    await using server = await serve(folder.at("tired.db"))
    let askedCount = 0
    const askForLogin = async (url: string) => {
      askedCount += 1
      if (askedCount > 2) return undefined
      return (await fetch(url, { redirect: "manual" })).headers.get("location") ?? undefined
    }
    const report = await checkIssuer(server.url, { askForLogin })
    expect(named(report, "broken")).toEqual([])
    expect(resultOf(report, "CodeIsSingleUse").verdict).toBe("kept")
    expect(resultOf(report, "ReuseKillsGrant")).toMatchObject({ verdict: "not tried", reason: "nobody signed in" })
    expect(resultOf(report, "RFC6749-5.2-error-codes").verdict).toBe("kept")
  })
})

describe("what cannot be checked", () => {
  it("is a host that may not be asked", async () => {
    const sentence = /`https:\/\/id.example\/[^`]*` is on a host that may not be asked/
    await expect(checkIssuer("https://id.example")).rejects.toThrow(sentence)
  })

  it("is a port where nobody listens", async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await new Promise((resolve) => server.close(resolve))
    await expect(checkIssuer(url)).rejects.toThrow(`\`${url}\` cannot be reached: ECONNREFUSED`)
  })

  it("is a server whose metadata leads to another host", async () => {
    const asked: Array<string> = []
    const ask: typeof fetch = async (url) => {
      asked.push(String(url))
      return Response.json({
        issuer: "http://127.0.0.1:4000",
        authorization_endpoint: "https://somebody.example/authorize",
        token_endpoint: "http://127.0.0.1:4000/token",
      })
    }
    const checking = checkIssuer("http://127.0.0.1:4000", { fetch: ask })
    await expect(checking).rejects.toThrow(/names `https:\/\/somebody.example\/authorize` as authorization_endpoint/)
    expect(asked).toEqual(["http://127.0.0.1:4000/.well-known/oauth-authorization-server"])
  })
})
