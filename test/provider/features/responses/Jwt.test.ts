/** JARM: what a signed answer says, by which key and algorithm, where it travels, and that it passes for nothing else. */
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from "jose"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { jwtResponses } from "../../../../src/provider/features/responses/Jwt.ts"
import { ConfigFault, standardFeatures } from "../../../../src/provider/index.ts"
import { startSession, type Session } from "../../../support/Session.ts"
import { ISSUER, overMemory } from "../../../support/TestServer.ts"
import { ways } from "../../../support/ThroughPages.ts"
import { REDIRECT_URI, type Answer } from "../../../support/WireClient.ts"

const algorithms = ["ES256", "RS256", "EdDSA"] as const
const features = [...standardFeatures, ...jwtResponses({ algorithms })]

const start = (way = overMemory): Promise<Session> => startSession(way, { features })

const responseIn = (answer: Answer): string => {
  const { searchParams } = new URL(answer.headers.get("location")!)
  expect([...searchParams.keys()]).toEqual(["response"])
  return searchParams.get("response")!
}

/** As a client reads it that knows the server by its metadata. */
const read = async ({ url, clock }: Session, response: string, audience: string) => {
  const keys = createRemoteJWKSet(new URL(`${ISSUER}/jwks`), {
    [customFetch]: (at, init) => fetch(url + new URL(at).pathname, init),
  })
  const { payload } = await jwtVerify(response, keys, { issuer: ISSUER, audience, currentDate: new Date(clock.now()) })
  return payload
}

it.each([[[]], [["none"]], [["HS256"]]])("no response is signed by %j", (unknown) => {
  expect(() => jwtResponses({ algorithms: unknown as never })).toThrow(ConfigFault)
})

it("the metadata names the modes, the algorithms and where the keys are", async () => {
  const { wire } = await start()
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body).toMatchObject({
    response_modes_supported: ["query", "jwt", "query.jwt", "form_post.jwt"],
    authorization_signing_alg_values_supported: algorithms,
    jwks_uri: `${ISSUER}/jwks`,
  })
})

describe.each(ways)("$name", (way) => {
  //= JARM-2.1-claims
  //= JARM-2.3-response-parameter
  //= JARM-2.3.4-jwt-is-query
  it.each(["jwt", "query.jwt"])(
    "a code in the mode %s comes signed, for the client, for five minutes",
    async (mode) => {
      const session = await start(way)
      const { wire, app, clock } = session
      const answer = await wire.authorize(app, { response_mode: mode, state: "s" })
      const response = responseIn(answer)
      expect(decodeProtectedHeader(response)).toMatchObject({ alg: "ES256", typ: "authorization-response+jwt" })
      const { code, ...claims } = await read(session, response, app.clientId)
      const iat = Math.floor(clock.now() / 1000)
      expect(claims).toEqual({ iss: ISSUER, aud: app.clientId, iat, exp: iat + 300, state: "s" })
      expect((await wire.redeem(app, { code: code as string, verifier: "v".repeat(43) })).status).toBe(200)
    },
  )

  //= JARM-2.1-claims
  it("an error comes signed as well", async () => {
    const session = await start(way)
    const { wire, app } = session
    const answer = await wire.authorize(app, { response_mode: "jwt", state: "s", scope: "admin" })
    const claims = await read(session, responseIn(answer), app.clientId)
    expect(claims).toMatchObject({ error: "invalid_scope", state: "s", iss: ISSUER, aud: app.clientId })
    expect(claims).not.toHaveProperty("code")
  })

  //= JARM-2.3-response-parameter
  it("in the mode form_post.jwt it is posted", async () => {
    const session = await start(way)
    const { wire, app } = session
    const { status, text } = await wire.authorize(app, { response_mode: "form_post.jwt" })
    expect([status, text.match(/<input type="hidden"/g)]).toEqual([200, ['<input type="hidden"']])
    const response = /name="response" value="([^"]+)"/.exec(text)![1]!
    expect(await read(session, response, app.clientId)).toHaveProperty("code")
  })
})

describe("a client", () => {
  //= JARM-3-client-alg
  it.each(algorithms)("that registered %s gets answers signed by that", async (alg) => {
    const session = await start()
    const { wire } = session
    const app = await wire.newApp({ authorization_signed_response_alg: alg })
    const response = responseIn(await wire.authorize(app, { response_mode: "jwt" }))
    expect(decodeProtectedHeader(response).alg).toBe(alg)
    await read(session, response, app.clientId)
  })

  //= JARM-3-client-alg
  it.each(["none", "HS256", "PS512"])("cannot register %s", async (alg) => {
    const { wire } = await start()
    const asked = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }
    const { status, body } = await wire.register({ ...asked, authorization_signed_response_alg: alg })
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"])
  })

  it("gets its answer as it asked for it, and no other client can read it as its own", async () => {
    const session = await start()
    const { wire, app } = session
    const other = await wire.newApp()
    const response = responseIn(await wire.authorize(app, { response_mode: "jwt" }))
    await expect(read(session, response, other.clientId)).rejects.toMatchObject({ claim: "aud" })
    expect(new URL((await wire.authorize(app)).headers.get("location")!).searchParams.has("code")).toBe(true)
  })
})

it("a signed answer is no token here", async () => {
  const { wire, app, watcher, native } = await start()
  const response = responseIn(await wire.authorize(app, { response_mode: "jwt" }))
  expect((await wire.introspect(watcher, response)).body).toEqual({ active: false })
  expect(await Effect.runPromise(native.verify(response))).toBeUndefined()
})
