/** The rules of asking somebody else's server: bounded, only where it is allowed, and as a browser would. */
import { describe, expect, it } from "vitest"
import { emptyModel, expect as expected, type Model } from "../../Model.ts"
import { opening, policy } from "../../Opening.ts"
import type { Operation, Reply, Step } from "../../Operation.ts"
import { approving, looking, redeeming, revoking } from "../../Asking.ts"
import { makeBrowser } from "./Browser.ts"
import { makeCookies } from "./Cookies.ts"
import { BURST, unhurried } from "./Pace.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { judge, ordered } from "./TrialJudge.ts"
import { checkIssuer } from "./checkIssuer.ts"
import { makeWire, MAX_REQUESTS } from "./Wire.ts"

describe("the wire", () => {
  const answering = (): Promise<Response> => Promise.resolve(new Response("{}"))
  const options = { mayTestHost: false, ratePerSecond: 5, fetch: answering }

  it("asks this machine of a server on it, another host only by leave, and of that one nothing but its own host", () => {
    const here = makeWire({ ...options, issuer: "http://localhost:4000" })
    const there = makeWire({ ...options, issuer: "https://id.example/tenant", mayTestHost: true })
    for (const url of ["http://127.0.0.1:9/", "http://[::1]/x", "https://localhost/"]) {
      expect([here.isAllowed(url), there.isAllowed(url)]).toEqual([true, false])
    }
    expect([here.isAllowed("https://id.example/"), there.isAllowed("https://id.example/")]).toEqual([false, true])
    for (const url of ["https://id.example.evil.example/", "https://id.example@evil.example/", "file:///etc/passwd"]) {
      expect(there.isAllowed(url)).toBe(false)
    }
  })

  it("sends nothing without TLS on behalf of a server that has it", () => {
    const secured = makeWire({ ...options, issuer: "https://id.example", mayTestHost: true })
    const open = makeWire({ ...options, issuer: "http://id.example", mayTestHost: true })
    expect(secured.isAllowed("http://id.example/token")).toBe(false)
    expect([open.isAllowed("http://id.example/token"), open.isAllowed("https://id.example/token")]).toEqual([
      true,
      true,
    ])
  })

  it("a redirect to what is no URL leads nowhere, although it begins like one that is waited for", async () => {
    const location = "http://[:7654/callback?code=x"
    const redirecting = () => Promise.resolve(new Response(null, { status: 302, headers: { location } }))
    const wire = makeWire({ ...options, issuer: "http://localhost:4000", fetch: redirecting })
    const walk = await makeBrowser(wire).walk("http://localhost:4000/authorize", () => true)
    expect(walk).toEqual({ _tag: "Away", location })
  })

  it("asks the resource that was given, and leads nowhere that a server elsewhere names", async () => {
    const resourceUrl = "http://127.0.0.1:3000/mcp"
    const wire = makeWire({ ...options, issuer: "https://id.example", mayTestHost: true, resourceUrl })
    expect((await wire.send({ method: "GET", url: resourceUrl })).status).toBe(200)
    expect(wire.isAllowed(resourceUrl)).toBe(false)
    for (const url of [`${resourceUrl}/other`, "http://127.0.0.1:3000/", "http://127.0.0.1:3001/mcp"]) {
      await expect(wire.send({ method: "GET", url })).rejects.toThrow(CannotCheck)
    }
  })

  it.each(["token_endpoint", "authorization_endpoint", "registration_endpoint", "introspection_endpoint"])(
    "sends nothing to this machine where a server elsewhere names it as %s",
    async (name) => {
      const issuer = "https://id.example"
      const asked: Array<string> = []
      const endpoints = ["authorization", "token", "registration"].map((one) => [`${one}_endpoint`, `${issuer}/${one}`])
      const metadata = { issuer, ...Object.fromEntries(endpoints), [name]: "http://127.0.0.1:6379/" }
      const fetch = (input: string | URL | Request): Promise<Response> => {
        asked.push(String(input))
        const isRegistration = String(input).endsWith("/registration")
        return Promise.resolve(
          isRegistration ? Response.json({ client_id: "one" }, { status: 201 }) : Response.json(metadata),
        )
      }
      await expect(checkIssuer(issuer, { mayTestHost: true, ratePerSecond: 1000, fetch })).rejects.toThrow(CannotCheck)
      expect(asked.filter((url) => new URL(url).origin !== issuer)).toEqual([])
    },
  )

  it(`makes no more than ${MAX_REQUESTS} requests`, async () => {
    const wire = makeWire({ ...options, issuer: "http://localhost:4000" })
    const request = { method: "GET", url: "http://localhost:4000/" } as const
    for (let count = 0; count < MAX_REQUESTS; count += 1) await wire.send(request)
    await expect(wire.send(request)).rejects.toThrow(`the bound of ${MAX_REQUESTS} requests was reached`)
    expect(wire.requestCount()).toBe(MAX_REQUESTS)
  })

  it("gives redirects back instead of following them", async () => {
    const wire = makeWire({
      ...options,
      issuer: "http://localhost:4000",
      fetch: (_, init) => Promise.resolve(new Response(init?.redirect === "manual" ? "kept" : "followed")),
    })
    expect((await wire.send({ method: "GET", url: "http://localhost:4000/" })).text).toBe("kept")
  })
})

describe("the pace", () => {
  it("lets a burst go at once, and then no more than a second allows", async () => {
    let millis = 0
    const pace = unhurried(1000, () => millis)
    await Promise.all(Array.from({ length: BURST }, () => pace.turn()))
    let isOut = false
    const next = pace.turn().then(() => (isOut = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOut).toBe(false)
    millis = 10
    await next
    expect(isOut).toBe(true)
  })
})

describe("the cookies", () => {
  const setting = (...lines: ReadonlyArray<string>) => new Headers(lines.map((line) => ["set-cookie", line]))

  it("go back to where they came from, by host and path, until they are taken away", () => {
    const cookies = makeCookies()
    cookies.take("http://localhost:4000/login/form", setting("a=1; Path=/", "b=2", "c=3; Path=/other"))
    expect(cookies.headerFor("http://localhost:4000/login/next")).toBe("b=2; a=1")
    expect(cookies.headerFor("http://localhost:4000/loginx")).toBe("a=1")
    expect(cookies.headerFor("http://localhost:4001/login/next")).toBeUndefined()
    cookies.take("http://localhost:4000/", setting("a=; Path=/; Max-Age=0"))
    expect(cookies.headerFor("http://localhost:4000/")).toBeUndefined()
  })
})

describe("the browser", () => {
  it("walks through the server with its cookies, and never asks where nobody listens", async () => {
    const asked: Array<string> = []
    const pages: Readonly<Record<string, Response>> = {
      "/authorize": new Response(null, { status: 302, headers: { location: "/login", "set-cookie": "s=1" } }),
      "/login": new Response(null, { status: 303, headers: { location: "http://127.0.0.1:7655/elsewhere?code=c" } }),
    }
    const wire = makeWire({
      issuer: "http://localhost:4000",
      mayTestHost: false,
      ratePerSecond: 5,
      fetch: (url, init) => {
        asked.push(`${new URL(String(url)).pathname} ${new Headers(init?.headers).get("cookie")}`)
        return Promise.resolve(pages[new URL(String(url)).pathname]!)
      },
    })
    const walk = await makeBrowser(wire).walk("http://localhost:4000/authorize", (to) => to.startsWith("http://app/"))
    expect(walk).toEqual({ _tag: "Away", location: "http://127.0.0.1:7655/elsewhere?code=c" })
    expect(asked).toEqual(["/authorize null", "/login s=1"])
  })
})

describe("calls at the same time", () => {
  const AT = 1_893_456_000_000
  const model: Model = [...opening, approving(0)].reduce<Model>(
    (before, operation: Operation) => expected(before, operation).model,
    emptyModel({ ...policy, isGuessed: true }, AT),
  )
  const tokens = (access: number): Reply => ({
    _tag: "Tokens",
    access,
    refresh: access,
    scopes: ["read"],
    expiresAt: AT + 600_000,
  })
  const refused: Reply = { _tag: "Refused", error: "invalid_grant" }
  const step = (operation: Operation, reply: Reply): Step => ({ operation, reply, at: AT })
  const active = { client: 0, subject: 0, scopes: ["read"], resources: [], expiresAt: AT + 600_000 }

  it("are judged in an order that breaks nothing, where there is one", () => {
    const before = judge(model, [[step(redeeming(0), tokens(0))]])
    expect(before.found.size).toBe(0)
    const after = expected(model, redeeming(0)).model
    // The answer to the revocation came first; looked at in that order, a revoked token would be alive.
    const turn = [step(revoking("refresh", 0), { _tag: "Done" }), step(looking(), { _tag: "Active", ...active })]
    expect(ordered(after, turn).map(({ operation }) => operation._tag)).toEqual(["Verify", "Revoke"])
    expect(
      judge(
        after,
        turn.map((one) => [one]),
      ).found.has("RevocationIsFinal"),
    ).toBe(true)
  })

  it("break a promise when every order does", () => {
    const turn = [step(redeeming(0), tokens(0)), step(redeeming(0), refused), step(redeeming(0), tokens(1))]
    const { found, tries } = judge(model, [turn])
    expect(found.get("CodeIsSingleUse")).toMatchObject({ objection: "code 0 yields tokens a second time" })
    expect(tries.get("CodeIsSingleUse")).toBeGreaterThan(0)
    expect(found.get("CodeIsSingleUse")!.steps.map(({ burst }) => burst)).toEqual([null, 0, 0, 0])
  })
})
