/** A resource that demands a newer or stronger login (RFC 9470), and the client that follows it: once, and never round. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { AuthorizationError, OAuth } from "../../src/client/index.ts"
import { createHandler, ownLogin, type OwnSession } from "../../src/http/index.ts"
import { dpop, jwtAccessTokens, pushedRequests, standardFeatures, stepUp } from "../../src/provider/index.ts"
import {
  introspectionVerifier,
  jwtVerifier,
  protectResource,
  type StepUpDemand,
  type Verifier,
} from "../../src/resource/index.ts"
import { newBrowser } from "../support/FrontDoor.ts"
import { keepTime } from "../support/Moment.ts"
import { serverOver } from "../support/TestServer.ts"
import { makeWorld } from "./support/World.ts"

const ISSUER = "https://id.example"
const MCP_URL = "https://api.example/mcp"

interface Scene {
  readonly demand?: StepUpDemand
  readonly by?: "introspection" | "JWT"
  readonly isBound?: boolean
  /** What signing in makes of the session that there is. */
  readonly signIn?: (now: number) => OwnSession
  readonly verifier?: (real: Verifier) => Verifier
}

const start = async ({ demand = {}, by = "introspection", isBound = false, ...scene }: Scene) => {
  const { signIn = (now) => ({ user: "maria", since: now, acr: "gold" }), verifier = (real) => real } = scene
  const world = makeWorld()
  const jwts = by === "JWT" ? [jwtAccessTokens({ resources: [MCP_URL] })] : []
  const made = await serverOver({
    isAutoApproving: false,
    config: { issuer: ISSUER, resources: [MCP_URL] },
    features: [...standardFeatures, stepUp({ acrValues: ["bronze", "gold"] }), dpop(), ...pushedRequests(), ...jwts],
  })
  const { native, clock } = made
  keepTime(ISSUER, clock)
  const session: { now: OwnSession } = { now: { user: "maria", since: clock.now(), acr: "bronze" } }
  const handler = createHandler(native, {
    sourceOf: () => "127.0.0.1",
    login: ownLogin({
      sessionOf: () => session.now,
      signInAt: (returnTo) => {
        session.now = signIn(clock.now())
        return ISSUER + returnTo
      },
    }),
  })
  world.servers.set(ISSUER, handler)
  const rs = await Effect.runPromise(
    native.addClient({ metadata: { redirect_uris: [], grant_types: ["client_credentials"] }, audience: MCP_URL }),
  )
  const { fetch } = world
  const asks =
    by === "JWT"
      ? jwtVerifier({ issuer: ISSUER, jwksUri: `${ISSUER}/jwks`, fetch, now: clock.now })
      : introspectionVerifier({
          introspectionEndpoint: `${ISSUER}/introspect`,
          clientId: rs.client_id,
          clientSecret: rs.client_secret!,
          fetch,
          now: clock.now,
        })
  const api = protectResource({
    resource: MCP_URL,
    authorizationServers: [ISSUER],
    verifier: verifier(asks),
    stepUp: demand,
    now: clock.now,
  })
  world.servers.set(
    new URL(MCP_URL).origin,
    api.fetch((_, { acr, authTime }) => Response.json({ acr, authTime })),
  )

  /** The links that the person was sent to, who allows what is asked there. */
  const links: Array<URL> = []
  const browser = newBrowser(ISSUER, (url, request) => Promise.resolve(handler(new Request(url, request))))
  const openBrowser = async (url: string) => {
    links.push(new URL(url))
    const page = await browser.follow(await browser.get(url))
    const answer = page.location === undefined ? await browser.submit(page, "/consent", { decision: "allow" }) : page
    // The callback page says how the login ended, and comes no sooner.
    const shown = globalThis.fetch(answer.location!)
    world.pages.push(shown.then(async (response) => ({ status: response.status, text: await response.text() })))
    return true
  }
  const oauth = OAuth({ mcpUrl: MCP_URL, fetch, openBrowser, now: clock.now, ...(isBound ? { dpop: true } : {}) })
  const wishes = () =>
    links.map(({ searchParams }) => [searchParams.get("acr_values"), searchParams.get("max_age")] as const)
  return { ...made, world, session, oauth, links, wishes }
}

//= RFC9470-4-client-asks-anew
test.each([
  ["introspection", false],
  ["introspection", true],
  ["JWT", false],
  ["JWT", true],
] as const)(
  "a login that is too weak is followed by one that is strong enough (%s, bound to a key: %s)",
  async (by, isBound) => {
    const demand = { acrValues: ["gold"] }
    const { oauth, wishes } = await start({ demand, by, isBound })
    expect(await (await oauth.fetch(MCP_URL)).json()).toMatchObject({ acr: "gold" })
    expect(wishes()).toEqual([
      [null, null],
      ["gold", null],
    ])
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    expect(wishes()).toHaveLength(2)
  },
)

//= RFC9470-6-token-says
test("a login that has become too old is followed by a new one, and no refresh is tried in its place", async () => {
  const demand = { maxAgeSeconds: 300 }
  const { oauth, wishes, clock, world } = await start({ demand })
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  clock.pass(600)
  const before = world.to(ISSUER, "/token").length
  const { authTime } = (await (await oauth.fetch(MCP_URL)).json()) as { authTime: number }
  expect(authTime).toBe(Math.floor(clock.now() / 1000) - 1)
  expect(wishes()).toEqual([
    [null, null],
    [null, "300"],
  ])
  const spent = world.to(ISSUER, "/token").slice(before)
  expect(spent.map(({ body }) => new URLSearchParams(body).get("grant_type"))).toEqual(["authorization_code"])
})

//= RFC9470-5-unmet
test("a person whose login gets no stronger is asked once more, and the program is told why that is the end", async () => {
  const demand = { acrValues: ["gold"] }
  const { oauth, links } = await start({ demand, signIn: (now) => ({ user: "maria", since: now, acr: "bronze" }) })
  const refused = await oauth.fetch(MCP_URL).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(AuthorizationError)
  expect(refused).toMatchObject({ error: "unmet_authentication_requirements" })
  expect(links).toHaveLength(2)
})

test("a resource that no login contents is followed once, and its answer is given back", async () => {
  const deaf = (real: Verifier): Verifier => ({
    verify: async (token, jkt) => {
      const access = await real.verify(token, jkt)
      if (!access) return access
      const { acr: _, ...rest } = access
      return rest
    },
  })
  const { oauth, links } = await start({ demand: { acrValues: ["gold"] }, verifier: deaf })
  const answer = await oauth.fetch(MCP_URL)
  expect(answer.status).toBe(401)
  expect(answer.headers.get("www-authenticate")).toContain("insufficient_user_authentication")
  expect(links).toHaveLength(2)
})

test("the steps of a login one by one ask for what the challenge demands, and for nothing where it complains of something else", async () => {
  const demand = { acrValues: ["gold", "silver"], maxAgeSeconds: 30 }
  const { oauth } = await start({ demand })
  const linkFor = async (error: string) => {
    const { authorizationUrl, redirectUri, state } = await oauth.begin({ error, ...demand })
    const answered = expect(oauth.callbackHandler()).rejects.toBeInstanceOf(AuthorizationError)
    const refusal = new URLSearchParams({ error: "access_denied", state, iss: ISSUER })
    await Promise.all([answered, globalThis.fetch(`${redirectUri}?${refusal}`)])
    return new URL(authorizationUrl)
  }
  const { searchParams } = await linkFor("insufficient_user_authentication")
  expect([searchParams.get("acr_values"), searchParams.get("max_age")]).toEqual(["gold silver", "30"])
  expect((await linkFor("insufficient_scope")).href).not.toMatch(/acr_values|max_age/)
})
