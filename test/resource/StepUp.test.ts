/** Tokens of a login that is too weak or too long ago, at a protected resource (RFC 9470 3). */
import { createServer } from "node:http"
import { requireBearerAuth as requireBearerAuthV1 } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js"
import { requireBearerAuth } from "@modelcontextprotocol/server"
import express from "express"
import { describe, expect, it, test } from "vitest"
import { oauthTokenVerifier, oauthTokenVerifierV1 } from "../../src/mcp/index.ts"
import { bearerChallenge, dpopChallenge, readIntrospection } from "../../src/protocol/index.ts"
import { ResourceFault, type StepUpDemand, type VerifiedAccess } from "../../src/resource/index.ts"
import { newDpopKey } from "../support/DpopKey.ts"
import { manualClock } from "../support/ManualClock.ts"
import { doors, METADATA_URL, protectedNotes, RESOURCE } from "./Protected.ts"

const key = await newDpopKey()
const clock = manualClock()
const now = Math.floor(clock.now() / 1000)

/** Tokens by what they say of the login. */
const logins: Readonly<Record<string, Partial<VerifiedAccess>>> = {
  gold: { acr: "gold", authTime: now - 60 },
  bronze: { acr: "bronze", authTime: now - 60 },
  old: { acr: "gold", authTime: now - 301 },
  "to-the-second": { acr: "gold", authTime: now - 300 },
  silent: {},
  undated: { acr: "gold" },
  weak: { acr: "bronze", authTime: now - 60, scopes: ["read"] },
}
const verifier = {
  verify: async (token: string, jkt?: string): Promise<VerifiedAccess | undefined> => {
    const said = logins[token]
    const bound = jkt === undefined ? {} : { jkt }
    return said && { token, scopes: ["read", "write"], resource: [RESOURCE], subject: "sub_1", ...bound, ...said }
  },
}
const demand: StepUpDemand = { acrValues: ["gold", "platinum"], maxAgeSeconds: 300 }
const both = { acrValues: ["gold", "platinum"], maxAgeSeconds: 300 }

/** The token, what is demanded, and whether it is let in. */
const cases: ReadonlyArray<readonly [string, StepUpDemand, boolean]> = [
  ["gold", both, true],
  ["to-the-second", both, true],
  ["old", both, false],
  ["bronze", both, false],
  ["silent", both, false],
  ["undated", both, false],
  ["bronze", { maxAgeSeconds: 300 }, true],
  ["undated", { maxAgeSeconds: 300 }, false],
  ["old", { acrValues: ["gold"] }, true],
  ["silent", { acrValues: ["gold"] }, false],
]

describe.each(doors)("through $name", ({ open }) => {
  const opened = (stepUp: StepUpDemand) => open(protectedNotes({ verifier, stepUp, now: clock.now }).resource)

  //= RFC9470-3-challenge
  it.each(cases)("a token of the login `%s`, where %j is demanded, is let in: %s", async (token, stepUp, isLetIn) => {
    const ask = await opened(stepUp)
    const bearer = await ask({ authorization: [`Bearer ${token}`] })
    const dpop = [await key.proof("GET", RESOURCE, { token, now: clock.now() })]
    const proven = await ask({ authorization: [`DPoP ${token}`], dpop })
    for (const [{ status, challenge }, read] of [
      [bearer, bearerChallenge],
      [proven, dpopChallenge],
    ] as const) {
      expect(status).toBe(isLetIn ? 200 : 401)
      if (isLetIn) continue
      const told = { error: "insufficient_user_authentication", ...stepUp }
      expect(read(challenge)).toEqual({ ...told, scopes: ["read", "write"], resourceMetadata: METADATA_URL })
    }
  })

  it("says all that is missing at once, and nothing of it to who has no token that is good", async () => {
    const ask = await opened(demand)
    const { status, challenge, body } = await ask({ authorization: ["Bearer weak"] })
    expect([status, bearerChallenge(challenge)?.scopes]).toEqual([401, ["read", "write"]])
    expect(challenge).toContain('acr_values="gold platinum", max_age="300"')
    expect(JSON.parse(body)).toMatchObject({ error: "insufficient_user_authentication" })
    for (const authorization of [[], ["Bearer unknown"]]) {
      expect((await ask({ authorization })).challenge).not.toMatch(/acr_values|max_age/)
    }
  })
})

test.each<[StepUpDemand, RegExp]>([
  [{}, /`acrValues`, `maxAgeSeconds` or both/],
  [{ acrValues: [] }, /acrValues/],
  [{ acrValues: ["two words"] }, /acrValues/],
  [{ acrValues: Array.from({ length: 17 }, (_, index) => `a${index}`) }, /acrValues/],
  [{ maxAgeSeconds: 0 }, /maxAgeSeconds/],
  [{ maxAgeSeconds: -1 }, /maxAgeSeconds/],
  [{ maxAgeSeconds: 1.5 }, /maxAgeSeconds/],
  [{ maxAge: 5 } as StepUpDemand, /maxAge/],
])("a demand like %j is refused when it is given", (stepUp, sentence) => {
  const make = () => protectedNotes({ verifier, stepUp })
  expect(make).toThrow(ResourceFault)
  expect(make).toThrow(sentence)
})

test.each([
  ["a max_age that is no number of seconds", 'Bearer max_age="-1", acr_values="a b"', { acrValues: ["a", "b"] }],
  ["a max_age beyond all reason", 'Bearer max_age="12345678901"', {}],
  ["too many strengths", `Bearer acr_values="${"a ".repeat(17)}"`, {}],
  ["a strength that is too long", `Bearer acr_values="${"a".repeat(256)}"`, {}],
  ["a max_age without quotes", "Bearer max_age=5", { maxAgeSeconds: 5 }],
])("of a challenge with %s only what can be read is read", (_, header, read) => {
  expect(bearerChallenge(header)).toEqual(read)
})

test.each([
  [
    { auth_time: 17, acr: "gold" },
    { authTime: 17, acr: "gold" },
  ],
  [{ auth_time: "17" }, { authTime: 17 }],
  [{ auth_time: "yesterday", acr: ["gold"] }, {}],
  [{ auth_time: null, acr: "" }, {}],
])("of an answer of introspection with %j what can be read of the login is known", (members, known) => {
  const read = readIntrospection("t", JSON.stringify({ active: true, ...members }), 0)
  const { authTime, acr } = ("access" in read ? read.access : undefined) ?? {}
  expect({ ...(authTime === undefined ? {} : { authTime }), ...(acr === undefined ? {} : { acr }) }).toEqual(known)
})

describe("for the MCP SDKs", () => {
  const recent = { acr: "gold", authTime: Math.floor(Date.now() / 1000) - 60, expiresAt: 9_999_999_999 }
  const options = {
    resource: RESOURCE,
    verifier: {
      verify: async (token: string) => ({
        token,
        clientId: "app",
        scopes: [],
        resource: [RESOURCE],
        ...recent,
        ...(token === "weak" ? { acr: "bronze" } : {}),
      }),
    },
    stepUp: demand,
  }

  it("the verifier of 1.x has the SDK answer 401 with the error of RFC 9470", async () => {
    const app = express()
    app.get("/", requireBearerAuthV1({ verifier: await oauthTokenVerifierV1(options) }), (_, response) => {
      response.end("in")
    })
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as { port: number }
    const ask = (token: string) =>
      fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${token}`, connection: "close" } })
    const refused = await ask("weak")
    expect(refused.status).toBe(401)
    expect(bearerChallenge(refused.headers.get("www-authenticate"))?.error).toBe("insufficient_user_authentication")
    expect((await ask("strong")).status).toBe(200)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it("the verifier of 2.x has the SDK answer 401, for it has no other word for it", async () => {
    const gate = requireBearerAuth({ verifier: await oauthTokenVerifier(options) })
    const ask = (token: string) => gate(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }))
    const refused = await ask("weak")
    expect(refused instanceof Response && refused.status).toBe(401)
    expect(await ask("strong")).toMatchObject({ clientId: "app" })
  })
})
