/** The rules of verifying JWT access tokens offline: what is taken, when keys are fetched, and what an outage is. */
import { Effect } from "effect"
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { oauthTokenVerifier, oauthTokenVerifierV1 } from "../../src/mcp/index.ts"
import { jwtAccessTokens, jwtResponses, standardFeatures } from "../../src/provider/index.ts"
import {
  jwtVerifier,
  protectResource,
  VerifierUnavailable,
  type JwtVerifierOptions,
  type TokenAlgorithm,
} from "../../src/resource/index.ts"
import { addService, startSession } from "../support/Session.ts"
import { ISSUER as OURS, overMemory } from "../support/TestServer.ts"
import { RESOURCE } from "../support/WireClient.ts"

const ISSUER = "https://id.example.com"
const JWKS = "https://id.example.com/jwks"
/** In seconds. */
const NOW = 1_800_000_000

const claims: JWTPayload = {
  iss: ISSUER,
  aud: RESOURCE,
  sub: "sub_1",
  client_id: "an-app",
  scope: "read write",
  iat: NOW,
  exp: NOW + 300,
  jti: "a-token",
}

const keyOf = async (kid: string, alg: TokenAlgorithm = "ES256") => {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" }
  const sign = (payload: JWTPayload = claims, header: object = {}) =>
    new SignJWT(payload).setProtectedHeader({ alg, typ: "at+jwt", kid, ...header }).sign(privateKey)
  return { jwk, sign }
}

/** An issuer that publishes what the test says, a clock that only the test moves, and how often it was asked. */
const issuerWith = async (options: Partial<JwtVerifierOptions> = {}) => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 })
  onTestFinished(() => void vi.useRealTimers())
  const key = await keyOf("one")
  const state = {
    keys: [key.jwk] as ReadonlyArray<object>,
    answer: undefined as (() => Response) | undefined,
    asked: 0,
  }
  const verifier = jwtVerifier({
    issuer: ISSUER,
    jwksUri: JWKS,
    now: () => Date.now(),
    fetch: async () => {
      state.asked++
      return state.answer?.() ?? Response.json({ keys: state.keys })
    },
    ...options,
  })
  return { key, state, verifier, pass: (seconds: number) => void vi.setSystemTime(Date.now() + seconds * 1000) }
}

describe("a JWT access token", () => {
  it("is the access that it says, and the keys are fetched once", async () => {
    const { key, verifier, state } = await issuerWith()
    const token = await key.sign()
    const [access] = await Promise.all([verifier.verify(token), verifier.verify(token)])
    expect(access).toEqual({
      token,
      clientId: "an-app",
      subject: "sub_1",
      scopes: ["read", "write"],
      issuedAt: NOW,
      expiresAt: NOW + 300,
      resource: [RESOURCE],
      claims: { ...claims, active: true },
    })
    expect(state.asked).toBe(1)
  })

  it.each(["ES256", "RS256", "EdDSA", "Ed25519", "PS256"] as const)("may be signed by %s", async (alg) => {
    const { state, verifier } = await issuerWith()
    const key = await keyOf("other", alg)
    state.keys = [key.jwk]
    expect(await verifier.verify(await key.sign())).toMatchObject({ subject: "sub_1" })
  })

  it("of a client for itself has no subject", async () => {
    const { key, verifier } = await issuerWith()
    expect(await verifier.verify(await key.sign({ ...claims, sub: "an-app" }))).not.toHaveProperty("subject")
  })

  //= RFC9449-7.2-no-bearer-downgrade
  it("that is bound to a key is worth something with that key alone", async () => {
    const { key, verifier } = await issuerWith()
    const token = await key.sign({ ...claims, cnf: { jkt: "k".repeat(43) } })
    expect(await verifier.verify(token)).toBeUndefined()
    expect(await verifier.verify(token, "x".repeat(43))).toBeUndefined()
    expect(await verifier.verify(token, "k".repeat(43))).toMatchObject({ jkt: "k".repeat(43) })
    expect(await verifier.verify(await key.sign(), "k".repeat(43))).toBeUndefined()
  })

  //= RFC9068-4-rs-typ
  it.each(["JWT", "jwt", "dpop+jwt", "token-introspection+jwt", "logout+jwt", "at+jwt+x", "application/jwt", ""])(
    "is none where it is typed %j",
    async (typ) => {
      const { key, verifier } = await issuerWith()
      expect(await verifier.verify(await key.sign(claims, { typ }))).toBeUndefined()
      expect(await verifier.verify(await key.sign(claims, { typ: undefined }))).toBeUndefined()
      expect(await verifier.verify(await key.sign(claims, { typ: "application/at+jwt" }))).toBeDefined()
    },
  )

  //= RFC9068-4-rs-iss-aud-sig-exp
  it.each([
    ["another issuer", { iss: "https://id.example.org" }],
    ["the issuer with a slash", { iss: `${ISSUER}/` }],
    ["no issuer", { iss: undefined }],
    ["an end that has come", { exp: NOW }],
    ["no end", { exp: undefined }],
    ["a beginning to come", { nbf: NOW + 60 }],
    ["no audience", { aud: undefined }],
    ["no subject", { sub: undefined }],
    ["no client", { client_id: undefined }],
    ["no id", { jti: undefined }],
    ["no moment of issue", { iat: undefined }],
    ["an audience that is none", { aud: 7 as unknown as string }],
    ["scopes that are none", { scope: 7 }],
  ] as const)("is none with %s", async (_, changed) => {
    const { key, verifier } = await issuerWith()
    expect(await verifier.verify(await key.sign({ ...claims, ...changed } as JWTPayload))).toBeUndefined()
  })

  //= RFC8725-3.1-alg-allowlist
  //= RFC8725-3.8-keys-belong-to-iss
  //= A29
  it("is none that is signed by another key or algorithm than the issuer's, whatever its header says", async () => {
    const { key, verifier, state } = await issuerWith({ algorithms: ["ES256"] })
    const [stranger, rsa] = [await keyOf("one"), await keyOf("rsa", "RS256")]
    state.keys = [key.jwk, rsa.jwk]
    const good = await key.sign()
    const [, payload, signature] = good.split(".")
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url")
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk))
    const forged = {
      "another key": await stranger.sign(),
      "a key that it brings": await stranger.sign(claims, { jwk: stranger.jwk, kid: undefined }),
      "keys that it points at": await stranger.sign(claims, { jku: "https://evil.example/jwks" }),
      "an algorithm that is not taken": await rsa.sign(),
      "a MAC under the public key": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "one" })
        .sign(secret),
      "no algorithm": `${none}.${payload}.${signature}`,
      "no signature": `${none}.${payload}.`,
      "an extension that is critical": `${Buffer.from(JSON.stringify({ alg: "ES256", typ: "at+jwt", kid: "one", crit: ["x"], x: 1 })).toString("base64url")}.${payload}.${signature}`,
    }
    for (const [name, token] of Object.entries(forged))
      expect([name, await verifier.verify(token)]).toEqual([name, undefined])
    expect(await verifier.verify(good)).toBeDefined()
  })

  it("is none where it is no JWT at all, for which no keys are fetched", async () => {
    const { verifier, state } = await issuerWith()
    for (const text of ["gla_opaque", "a.b", "a.b.c.d", "", "a..c"]) expect(await verifier.verify(text)).toBeUndefined()
    expect(state.asked).toBe(0)
  })

  it("may be as late as the clocks may differ", async () => {
    const { key, verifier, pass } = await issuerWith({ clockToleranceSeconds: 10 })
    const token = await key.sign()
    pass(309)
    expect(await verifier.verify(token)).toBeDefined()
    pass(1)
    expect(await verifier.verify(token)).toBeUndefined()
  })
})

describe("the keys", () => {
  it("are fetched anew for a token under an unknown key, but not before the cooldown is over", async () => {
    const { key, verifier, state, pass } = await issuerWith()
    await verifier.verify(await key.sign())
    const next = await keyOf("two")
    state.keys = [key.jwk, next.jwk]
    const token = await next.sign()
    for (let tries = 0; tries < 20; tries++) expect(await verifier.verify(token)).toBeUndefined()
    expect(state.asked).toBe(1)
    pass(30)
    expect(await verifier.verify(token)).toBeDefined()
    expect(state.asked).toBe(2)
  })

  it("are fetched anew when they are too old, so that one that is no longer published is taken no longer", async () => {
    const { key, verifier, state, pass } = await issuerWith()
    const token = await key.sign({ ...claims, exp: NOW + 3600 })
    expect(await verifier.verify(token)).toBeDefined()
    state.keys = [(await keyOf("two")).jwk]
    pass(299)
    expect(await verifier.verify(token)).toBeDefined()
    pass(1)
    expect(await verifier.verify(token)).toBeUndefined()
  })

  it.each([
    ["an error", () => new Response("", { status: 500 })],
    ["a redirect", () => Response.redirect("https://elsewhere.example/jwks")],
    ["no JSON", () => new Response("<html>")],
    ["no keys", () => Response.json({})],
    ["more than any key set", () => new Response("x".repeat(262_145))],
  ])("that come as %s are an outage, which says nothing of the token", async (_, answer) => {
    const { key, verifier, state, pass } = await issuerWith()
    state.answer = answer
    const token = await key.sign()
    await expect(verifier.verify(token)).rejects.toBeInstanceOf(VerifierUnavailable)
    state.answer = undefined
    pass(1)
    expect(await verifier.verify(token)).toBeDefined()
  })

  it("that cannot be fetched are not asked for by every token that comes", async () => {
    const { key, verifier, state } = await issuerWith()
    state.answer = () => new Response("", { status: 503 })
    for (let tries = 0; tries < 20; tries++) {
      await expect(verifier.verify(await key.sign())).rejects.toBeInstanceOf(VerifierUnavailable)
    }
    expect(state.asked).toBe(1)
  })
})

it.each([
  [{ issuer: "http://id.example.com" }, "issuer `http://id.example.com`"],
  [{ jwksUri: "http://id.example.com/jwks" }, "jwksUri `http://id.example.com/jwks`"],
  [{ algorithms: [] }, "at least one"],
  [{ algorithms: ["HS256" as "ES256"] }, "one of ES256"],
  [{ algorithms: ["none" as "ES256"] }, "one of ES256"],
  [{ cooldownSeconds: 0 }, "cooldownSeconds"],
  [{ fetch: 1 as unknown as typeof fetch }, "fetch is not a function"],
])("options like %j are refused with a sentence", (wrong, sentence) => {
  expect(() => jwtVerifier({ issuer: ISSUER, jwksUri: JWKS, ...wrong })).toThrow(sentence)
})

/** A server whose tokens for the resource are JWTs, and a verifier that has nothing but its published keys. */
const ours = async () => {
  const features = [...standardFeatures, jwtAccessTokens({ resources: [RESOURCE] }), ...jwtResponses()]
  const session = await startSession(overMemory, { features })
  const verifier = jwtVerifier({
    issuer: OURS,
    jwksUri: `${OURS}/jwks`,
    now: session.clock.now,
    fetch: (url, init) => fetch(session.url + new URL(url).pathname, init),
  })
  return { ...session, verifier }
}

describe("a token of this server", () => {
  it("is taken by a protected resource and by both generations of the MCP SDK, without a question for it", async () => {
    const { wire, app, verifier } = await ours()
    const { access } = await wire.login(app, { resource: RESOURCE, scope: "read" })
    const api = protectResource({ verifier, resource: RESOURCE, authorizationServers: [OURS], scopes: ["read"] })
    const handle = api.fetch((_, { subject, clientId }) => Response.json({ subject, clientId }))
    const ask = (token: string) => handle(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }))
    expect(await (await ask(access)).json()).toEqual({
      subject: expect.stringMatching(/^sub_/),
      clientId: app.clientId,
    })
    for (const make of [oauthTokenVerifierV1, oauthTokenVerifier]) {
      const { verifyAccessToken } = await make({ verifier, resource: RESOURCE })
      expect(await verifyAccessToken(access)).toMatchObject({ clientId: app.clientId, scopes: ["read"] })
    }
    const writing = await wire.login(app, { resource: RESOURCE, scope: "write" })
    expect((await ask(writing.access)).status).toBe(403)
  })

  it("for another resource is refused, and so is one after its end, and a revoked one no sooner than that", async () => {
    const { wire, app, verifier, clock, native } = await ours()
    const other = "http://localhost:9998/mcp"
    const { access } = await wire.login(app, { resource: RESOURCE })
    const elsewhere = protectResource({ verifier, resource: other, authorizationServers: [OURS] })
    await expect(elsewhere.authenticate(`Bearer ${access}`)).rejects.toMatchObject({ code: "invalid_token" })
    await wire.revoke(app, access)
    expect(await Effect.runPromise(native.verify(access))).toBeUndefined()
    expect(await verifier.verify(access)).toMatchObject({ resource: [RESOURCE] })
    clock.pass(300)
    expect(await verifier.verify(access)).toBeUndefined()
  })

  it("that a client has for itself names no person", async () => {
    const session = await ours()
    const service = await addService(session)
    const { body } = await session.wire.token(service, { grant_type: "client_credentials", resource: RESOURCE })
    const access = await session.verifier.verify(body.access_token!)
    expect(access).toMatchObject({ clientId: service.clientId })
    expect(access).not.toHaveProperty("subject")
  })

  //= RFC8725-3.12-exclusive-validation
  //= A28
  it("is the only kind of JWT that passes for one: the cross product of kinds and verifiers has nothing but its diagonal", async () => {
    const { wire, app, verifier, native } = await ours()
    const { access } = await wire.login(app, { resource: RESOURCE })
    const { sign, verify } = native.serverContext
    const issued = JSON.parse(Buffer.from(access.split(".")[1]!, "base64url").toString()) as JWTPayload
    const kinds = ["token-introspection+jwt", "JWT", "oauth-authz-resp+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt"]
    const jwts = new Map([["at+jwt", access]])
    for (const typ of kinds) jwts.set(typ, await sign(issued, { typ }))
    const accepted: Array<string> = []
    for (const [kind, jwt] of jwts) {
      if ((await verifier.verify(jwt)) !== undefined) accepted.push(`${kind} by the resource`)
      if ((await Effect.runPromise(native.verify(jwt))) !== undefined) accepted.push(`${kind} by the server`)
      for (const typ of jwts.keys()) if ((await verify(jwt, typ)) !== undefined) accepted.push(`${kind} as ${typ}`)
    }
    expect(accepted).toEqual([
      "at+jwt by the resource",
      "at+jwt by the server",
      ...[...jwts.keys()].map((kind) => `${kind} as ${kind}`),
    ])
  })
})
