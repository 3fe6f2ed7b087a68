/** Signed introspection answers: the usual answer, in a JWT for who asked, who asked for one. */
import { Effect } from "effect"
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from "jose"
import { describe, expect, it } from "vitest"
import { jwtAccessTokens, signedIntrospection, standardFeatures } from "../../../src/provider/index.ts"
import { jwtVerifier } from "../../../src/resource/index.ts"
import { startSession, type Session } from "../../support/Session.ts"
import { ISSUER, overMemory, overSqlite } from "../../support/TestServer.ts"
import { basic, RESOURCE, type App } from "../../support/WireClient.ts"

const TYPE = "application/token-introspection+jwt"
const run = Effect.runPromise

const start = (factory = overMemory) =>
  startSession(factory, {
    features: [...standardFeatures, signedIntrospection(), jwtAccessTokens({ resources: [RESOURCE] })],
  })

const ask = ({ wire }: Session, { clientId, clientSecret }: App, token: string, accept: string = TYPE) =>
  wire.post("/introspect", { token }, { ...basic(clientId, clientSecret!), accept })

const verified = async ({ wire, clock }: Session, jwt: string, audience: string) => {
  const { text } = await wire.get("/jwks")
  return jwtVerify(jwt, createLocalJWKSet(JSON.parse(text) as JSONWebKeySet), {
    issuer: ISSUER,
    audience,
    typ: "token-introspection+jwt",
    currentDate: new Date(clock.now()),
  })
}

//= RFC9701-5-jwt-shape
describe.each([overMemory, overSqlite])("a signed introspection answer, $name", (factory) => {
  it("is the answer in JSON within a JWT for the caller, which has no subject and no end of its own", async () => {
    const session = await start(factory)
    const { wire, app, watcher, clock } = session
    const { access } = await wire.login(app, { resource: RESOURCE })
    const { body: plain } = await wire.introspect(watcher, access)
    const { status, headers, text } = await ask(session, watcher, access)
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([200, TYPE, "no-store"])
    const { protectedHeader, payload } = await verified(session, text, watcher.clientId)
    expect(protectedHeader).toMatchObject({ alg: "RS256", typ: "token-introspection+jwt" })
    expect(payload).toEqual({
      iss: ISSUER,
      aud: watcher.clientId,
      iat: clock.now() / 1000,
      token_introspection: plain,
    })
  })

  it("says no more than inactive of what is not alive, or not the caller's to ask about", async () => {
    const session = await start(factory)
    const { wire, app, watcher } = session
    const { access } = await wire.login(app, { resource: "http://localhost:9998/mcp" })
    for (const token of [access, "gla_nothing", "a.b.c"]) {
      const { payload } = await verified(session, (await ask(session, watcher, token)).text, watcher.clientId)
      expect(payload["token_introspection"]).toEqual({ active: false })
    }
  })

  it("is signed by the algorithm that the resource server registered for", async () => {
    const session = await start(factory)
    const { watcher, native } = session
    const metadata = { redirect_uris: [], grant_types: [], introspection_signed_response_alg: "ES256" }
    await run(native.updateClient(watcher.clientId, metadata))
    const { text } = await ask(session, watcher, "gla_nothing")
    expect((await verified(session, text, watcher.clientId)).protectedHeader.alg).toBe("ES256")
    const wrong = { ...metadata, introspection_signed_response_alg: "PS512" }
    await expect(run(native.updateClient(watcher.clientId, wrong))).rejects.toMatchObject({
      error: "invalid_client_metadata",
    })
  })
})

it("is given to who proves itself, and to nobody else", async () => {
  const session = await start()
  const wrong = await ask(session, { ...session.watcher, clientSecret: "wrong-wrong-wrong-wrong" }, "gla_nothing")
  expect([wrong.status, wrong.body.error]).toEqual([401, "invalid_client"])
  const nobody = await session.wire.post("/introspect", { token: "gla_nothing" }, { accept: TYPE })
  expect([nobody.status, nobody.body.error]).toEqual([401, "invalid_client"])
})

it.each([
  ["application/json", false],
  ["*/*", false],
  ["", false],
  [`${TYPE};q=0`, false],
  [`application/json, ${TYPE};q=0.5`, false],
  [`${TYPE}, application/json`, true],
  [`APPLICATION/Token-Introspection+JWT`, true],
])("is given where `Accept: %s` asks for it: %s", async (accept, isSigned) => {
  const session = await start()
  const { headers } = await ask(session, session.watcher, "gla_nothing", accept)
  expect(headers.get("content-type")).toBe(isSigned ? TYPE : "application/json")
  expect(headers.get("vary")).toBe("accept")
})

it("stands in the metadata with its algorithms, and is not there where nobody switched it on", async () => {
  const [on, off] = [await start(), await startSession(overMemory)]
  const metadataOf = async ({ wire }: Session) => (await wire.get("/.well-known/oauth-authorization-server")).body
  expect(await metadataOf(on)).toMatchObject({
    introspection_signing_alg_values_supported: ["RS256", "ES256", "EdDSA"],
    jwks_uri: `${ISSUER}/jwks`,
  })
  expect(await metadataOf(off)).not.toHaveProperty("introspection_signing_alg_values_supported")
  expect((await ask(off, off.watcher, "gla_nothing")).body).toEqual({ active: false })
  expect(() => signedIntrospection({ algorithms: [] })).toThrow("algorithms has to name some")
})

//= RFC8725-3.12-exclusive-validation
//= A28
it("passes for no access token, at the server or at a resource", async () => {
  const session = await start()
  const { wire, app, watcher, native, clock, url } = session
  const { access } = await wire.login(app, { resource: RESOURCE })
  const { text } = await ask(session, watcher, access)
  expect(decodeJwt(text)).not.toHaveProperty("sub")
  expect(await run(native.verify(text))).toBeUndefined()
  const verifier = jwtVerifier({
    issuer: ISSUER,
    jwksUri: `${ISSUER}/jwks`,
    now: clock.now,
    fetch: (asked, init) => fetch(url + new URL(asked).pathname, init),
  })
  expect(await verifier.verify(text)).toBeUndefined()
  expect(await verifier.verify(access)).toBeDefined()
})
