/** Signed authorization requests (RFC 9101): which JWTs are one, that nothing beside them counts, and who must sign. */
import { createServer } from "node:http"
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { pushedRequests } from "../../../../src/provider/features/requests/Pushed.ts"
import { signedRequests, type SignedRequestOptions } from "../../../../src/provider/features/requests/Signed.ts"
import { ConfigFault, standardFeatures } from "../../../../src/provider/index.ts"
import { newSigningClient, signedBy, type SigningClient } from "../../../support/ClientSigning.ts"
import { openUrl, push, pushed, rightRequest } from "../../../support/Pushing.ts"
import { startSession, type Session } from "../../../support/Session.ts"
import { ISSUER, overMemory } from "../../../support/TestServer.ts"
import { ways } from "../../../support/ThroughPages.ts"
import { REDIRECT_URI, formOf, type Answer } from "../../../support/WireClient.ts"

const featuresWith = (options: SignedRequestOptions = {}) => [
  ...standardFeatures,
  signedRequests(options),
  ...pushedRequests(),
]
const start = (way = overMemory, options: SignedRequestOptions = {}): Promise<Session> =>
  startSession(way, { features: featuresWith(options) })

const claimsOf = (app: SigningClient, more: Readonly<Record<string, unknown>> = {}) => ({
  ...rightRequest(app),
  client_id: app.clientId,
  iss: app.clientId,
  aud: ISSUER,
  ...more,
})

const url = (clientId: string, request: string, beside: Readonly<Record<string, string>> = {}) =>
  `/authorize?${formOf({ client_id: clientId, request, ...beside })}`

const opened = ({ wire, visit }: Session, path: string) => (visit ?? wire.get)(path)
const locationOf = ({ headers }: Answer) => new URL(headers.get("location") ?? "about:blank")
const codeIn = (answer: Answer) => locationOf(answer).searchParams.get("code")
const isRefused = (answer: Answer, sentence: string) => {
  expect([answer.status, answer.headers.get("location")]).toEqual([400, null])
  expect(answer.text).toContain(sentence)
}

it.each([[[]], [["none"]], [["HS256"]]])("no request is signed by %j", (algorithms) => {
  expect(() => signedRequests({ algorithms })).toThrow(ConfigFault)
})

it("the metadata says what is taken, and what must be", async () => {
  const metadata = async (session: Session) => (await session.wire.get("/.well-known/oauth-authorization-server")).body
  expect(await metadata(await start())).toMatchObject({
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    request_object_signing_alg_values_supported: ["ES256", "PS256", "EdDSA", "RS256"],
  })
  expect(await metadata(await start(overMemory, { isRequired: true }))).toMatchObject({
    require_signed_request_object: true,
  })
})

describe.each(ways)("a request that was signed, $name", (way) => {
  //= RFC9101-6.3-only-object-params
  it("is what was signed, whatever stands beside it", async () => {
    const session = await start(way)
    const { wire } = session
    const app = await newSigningClient(wire)
    const request = await signedBy(app, claimsOf(app, { state: "signed", scope: "read" }))
    const beside = { state: "beside", scope: "read write", redirect_uri: "https://evil.example/", nonsense: "x" }
    const answer = await opened(session, url(app.clientId, request, beside))
    const location = locationOf(answer)
    expect([location.origin + location.pathname, location.searchParams.get("state")]).toEqual([REDIRECT_URI, "signed"])
    const tokens = await wire.redeem(app, { code: location.searchParams.get("code")!, verifier: "v".repeat(43) })
    expect(tokens.body.scope).toBe("read")
  })

  it("takes nothing from beside it that it leaves out", async () => {
    const session = await start(way)
    const app = await newSigningClient(session.wire)
    const answer = await opened(
      session,
      url(app.clientId, await signedBy(app, claimsOf(app, { code_challenge: undefined })), {
        code_challenge: "c".repeat(43),
      }),
    )
    expect(locationOf(answer).searchParams.get("error")).toBe("invalid_request")
  })
})

describe("a request object", () => {
  //= RFC9101-6.2-signature
  it.each(["ES256", "PS256", "RS256", "EdDSA"])("is taken when a key of the client signed it by %s", async (alg) => {
    const { wire } = await start()
    const app = await newSigningClient(wire, {}, alg)
    expect(codeIn(await wire.get(url(app.clientId, await signedBy(app, claimsOf(app)))))).not.toBeNull()
  })

  it("may be of no type, of JWT, or of its own, whose letters may be large", async () => {
    const { wire } = await start()
    const app = await newSigningClient(wire)
    for (const typ of ["", "JWT", "OAuth-AuthZ-Req+JWT", "application/oauth-authz-req+jwt"]) {
      const request = await signedBy(app, claimsOf(app), typ === "" ? undefined : typ)
      expect(codeIn(await wire.get(url(app.clientId, request)))).not.toBeNull()
    }
  })

  it("may name several resources, and numbers", async () => {
    const { wire } = await start()
    const app = await newSigningClient(wire)
    const resource = ["http://localhost:9999/mcp", "http://localhost:9998"]
    const request = await signedBy(
      app,
      claimsOf(app, { resource, max_age: 60, aud: [ISSUER, "https://other.example"] }),
    )
    expect(codeIn(await wire.get(url(app.clientId, request)))).not.toBeNull()
  })

  //= RFC9101-6.2-signature
  //= RFC9101-4-no-nested
  //= RFC9101-10.8-cross-jwt
  it("is refused with a page where anything about it is not right", async () => {
    const { wire, clock } = await start()
    const [app, other] = [await newSigningClient(wire), await newSigningClient(wire)]
    const right = claimsOf(app)
    const now = Math.floor(clock.now() / 1000)
    const faults: ReadonlyArray<readonly [string, string | Promise<string>]> = [
      ["no signed JWT", "a.b.c"],
      ["no signed JWT", "{}"],
      ["no signed JWT", "a.b.c.d.e"],
      ["not signed by ES256, PS256", new UnsecuredJWT({ ...right }).encode()],
      ["not signed by a key of the client", signedBy(other, right)],
      ["client_id in the request object", signedBy(app, { ...right, client_id: other.clientId })],
      ["client_id in the request object", signedBy(app, { ...right, client_id: undefined })],
      ["iss of the request object", signedBy(app, { ...right, iss: other.clientId })],
      ["aud of the request object", signedBy(app, { ...right, aud: "https://other.example" })],
      ["aud of the request object", signedBy(app, { ...right, aud: `${ISSUER}/token` })],
      ["aud of the request object", signedBy(app, { ...right, aud: undefined })],
      ["sub of the request object", signedBy(app, { ...right, sub: app.clientId })],
      ["another request in it", signedBy(app, { ...right, request: "x" })],
      ["another request in it", signedBy(app, { ...right, request_uri: "https://app.example/request" })],
      ["has expired", signedBy(app, { ...right, exp: now })],
      ["does not hold yet", signedBy(app, { ...right, nbf: now + 11 })],
      ["is no number", signedBy(app, { ...right, exp: "tomorrow" })],
      ["not of the type", signedBy(app, right, "at+jwt")],
      ["not of the type", signedBy(app, right, "client-authentication+jwt")],
      ["not of the type", signedBy(app, right, "dpop+jwt")],
      ["not of the type", signedBy(app, right, "authorization-response+jwt")],
    ]
    for (const [sentence, request] of faults) {
      isRefused(await wire.get(url(app.clientId, await request)), sentence)
      const atPar = await push(wire, app, { request: await request })
      expect([atPar.status, atPar.body.error, atPar.body.error_description]).toEqual([
        400,
        "invalid_request_object",
        expect.stringContaining(sentence),
      ])
    }
    const skewed = await signedBy(app, { ...right, nbf: now + 10, exp: now + 1 })
    expect(codeIn(await wire.get(url(app.clientId, skewed)))).not.toBeNull()
  })

  //= RFC9101-10.4-never-fetched
  it("comes once, with one client, and not beside a reference", async () => {
    const { wire } = await start()
    const app = await newSigningClient(wire)
    const request = await signedBy(app, claimsOf(app))
    isRefused(await wire.get(`${url(app.clientId, request)}&request=${request}`), "more than once")
    isRefused(await wire.get(`${url(app.clientId, request)}&client_id=x`), "more than once")
    const reference = await pushed(wire, app)
    isRefused(await wire.get(url(app.clientId, request, { request_uri: reference })), "use one of them")
    isRefused(await wire.get(url("nobody", request)), "client_id in the request object")
  })

  //= RFC9101-10.4-never-fetched
  //= A36
  it("is not fetched from where a request says it is", async () => {
    let askedCount = 0
    const site = createServer((_, response) => {
      askedCount++
      response.end("a.b.c")
    })
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => new Promise((resolve) => site.close(() => resolve())))
    const { port } = site.address() as { port: number }
    const remote = `http://127.0.0.1:${port}/request`
    for (const features of [featuresWith(), [...standardFeatures, signedRequests()], standardFeatures]) {
      const { wire, app } = await startSession(overMemory, { features })
      expect(codeIn(await wire.authorize(app, { request_uri: remote }))).toBeNull()
      expect(codeIn(await wire.authorize(app, { request_uri: remote, request: "a.b.c" }))).toBeNull()
    }
    expect(askedCount).toBe(0)
  })
})

describe("a client", () => {
  //= RFC9101-10.5-downgrade
  it("that registered an algorithm signs by no other", async () => {
    const { wire } = await start()
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true })
    const rsa = await generateKeyPair("PS256", { extractable: true })
    const keys = [
      { ...(await exportJWK(publicKey)), kid: "1" },
      { ...(await exportJWK(rsa.publicKey)), kid: "2" },
    ]
    const app = await wire.newApp({ jwks: { keys }, request_object_signing_alg: "PS256" })
    const signer = { ...app, privateKey, alg: "ES256" }
    isRefused(await wire.get(url(app.clientId, await signedBy(signer, claimsOf(signer)))), "not signed by PS256")
    const other = new SignJWT({ ...claimsOf(signer) }).setProtectedHeader({ alg: "PS256", kid: "2" })
    expect(codeIn(await wire.get(url(app.clientId, await other.sign(rsa.privateKey))))).not.toBeNull()
  })

  it("registers an algorithm that is taken, and keys if it must sign", async () => {
    const { wire } = await start()
    const asked = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }
    for (const more of [
      { request_object_signing_alg: "none" },
      { request_object_signing_alg: "HS256" },
      { require_signed_request_object: true },
    ]) {
      const { status, body } = await wire.register({ ...asked, ...more })
      expect([status, body.error]).toEqual([400, "invalid_client_metadata"])
    }
  })

  //= RFC9101-10.5-downgrade
  it("that must sign, as all must or by itself, is granted nothing for a request that is not signed, pushed or not", async () => {
    for (const [options, metadata] of [
      [{ isRequired: true }, {}],
      [{}, { require_signed_request_object: true }],
    ] as const) {
      const { wire } = await start(overMemory, options)
      const app = await newSigningClient(wire, metadata)
      expect(locationOf(await wire.authorize(app)).searchParams.get("error")).toBe("invalid_request")
      const plain = await push(wire, app)
      expect([plain.status, plain.body.error]).toEqual([400, "invalid_request"])
      const request = await signedBy(app, claimsOf(app))
      expect(codeIn(await wire.get(url(app.clientId, request)))).not.toBeNull()
      const reference = await pushed(wire, app, { request })
      expect(codeIn(await wire.get(openUrl(app.clientId, reference)))).not.toBeNull()
    }
  })

  it("that must push does not get around it by signing", async () => {
    const { wire } = await start()
    const app = await newSigningClient(wire, { require_pushed_authorization_requests: true })
    const request = await signedBy(app, claimsOf(app))
    expect(locationOf(await wire.get(url(app.clientId, request))).searchParams.get("error")).toBe("invalid_request")
    expect(codeIn(await wire.get(openUrl(app.clientId, await pushed(wire, app, { request }))))).not.toBeNull()
  })
})

describe("a signed request that is pushed", () => {
  //= RFC9101-6.3-only-object-params
  it("is what was signed, and cannot be another client's than the one that pushes it", async () => {
    const session = await start()
    const { wire, native } = session
    const [app, other] = [await newSigningClient(wire), await newSigningClient(wire)]
    const request = await signedBy(app, claimsOf(app, { state: "signed" }))
    const reference = await pushed(wire, app, { request, state: "beside", redirect_uri: "https://evil.example/" })
    const answer = await wire.get(openUrl(app.clientId, reference))
    expect(locationOf(answer).searchParams.get("state")).toBe("signed")
    expect((await push(wire, other, { request })).body.error).toBe("invalid_request_object")
    expect(await Effect.runPromise(native.grants({ clientId: other.clientId }))).toEqual([])
  })
})

describe("where requests are timed", () => {
  it("one says from when and until when it holds, for an hour at most", async () => {
    const { wire, clock } = await start(overMemory, { isTimed: true })
    const app = await newSigningClient(wire)
    const now = Math.floor(clock.now() / 1000)
    const ask = async (times: Readonly<Record<string, number>>) =>
      wire.get(url(app.clientId, await signedBy(app, claimsOf(app, times))))
    isRefused(await ask({}), "lacks nbf or exp")
    isRefused(await ask({ exp: now + 60 }), "lacks nbf or exp")
    isRefused(await ask({ nbf: now }), "lacks nbf or exp")
    isRefused(await ask({ nbf: now - 3601, exp: now + 60 }), "more than an hour")
    isRefused(await ask({ nbf: now, exp: now + 3601 }), "more than an hour")
    expect(codeIn(await ask({ nbf: now, exp: now + 3600 }))).not.toBeNull()
  })
})
