/** The rules of asking an introspection endpoint: what is sent, what is kept for how long, and what an answer can mean. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { decodeJwt, exportJWK, generateKeyPair, jwtVerify } from "jose"
import { expect, onTestFinished, test } from "vitest"
import {
  introspectionVerifier,
  protectResource,
  ResourceFault,
  VerifierUnavailable,
  type ClientKey,
  type IntrospectionOptions,
  type PrivateJwk,
} from "../../src/resource/index.ts"
import { startSession } from "../support/Session.ts"
import { RESOURCE } from "../support/WireClient.ts"

const ENDPOINT = "https://id.example.com/introspect"
/** In seconds. */
const NOW = 1_800_000_000
const END = NOW + 600

const alive = {
  active: true,
  client_id: "an-app",
  sub: "sub_1",
  scope: "read write",
  exp: END,
  iat: NOW,
  aud: RESOURCE,
}

/** An endpoint that answers what the test says, a clock that only the test moves, and what was asked so far. */
const endpoint = (options: Partial<IntrospectionOptions> = {}) => {
  const asked: Array<{ readonly url: string; readonly init: RequestInit }> = []
  const state = { answer: (): Response | Promise<Response> => Response.json(alive), now: NOW * 1000 }
  const verifier = introspectionVerifier({
    introspectionEndpoint: ENDPOINT,
    clientId: "notes",
    clientSecret: "the-secret-of-the-notes",
    fetch: async (url, init) => {
      asked.push({ url, init })
      return state.answer()
    },
    now: () => state.now,
    ...options,
  })
  return { verifier, asked, state }
}

/** Serves `listener` on a free port of this machine; gives its address. */
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`
}

const overNetwork = (introspectionEndpoint: string, timeoutMillis = 5000) =>
  introspectionVerifier({ introspectionEndpoint, clientId: "notes", clientSecret: "a-secret", timeoutMillis })

test("the question goes to the endpoint as a form, with plain Basic credentials", async () => {
  const { verifier, asked } = endpoint()
  await verifier.verify("a+token=")
  const [{ url, init } = { url: "", init: {} }] = asked
  expect([url, init.method, init.body]).toEqual([ENDPOINT, "POST", "token=a%2Btoken%3D&token_type_hint=access_token"])
  expect(init.headers).toMatchObject({
    accept: "application/json",
    authorization: `Basic ${Buffer.from("notes:the-secret-of-the-notes").toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  })
})

const newKey = async (alg: string) => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { jwk: { ...(await exportJWK(privateKey)), kid: "k1" } as PrivateJwk, publicKey }
}

const byKey = (clientKey: ClientKey, more: Partial<IntrospectionOptions> = {}) => {
  const issuer = "https://id.example.com"
  return introspectionVerifier({ introspectionEndpoint: ENDPOINT, clientId: "notes", issuer, clientKey, ...more })
}

test("RFC10070-4-client-aud, STU-2.1-distinct-aud: with a key each question has an assertion of its own, for the issuer, and no secret", async () => {
  const { jwk, publicKey } = await newKey("PS256")
  const asked: Array<RequestInit> = []
  const answer = async (_: string, init: RequestInit) => {
    asked.push(init)
    return Response.json(alive)
  }
  const verifier = byKey(jwk, { fetch: answer, now: () => NOW * 1000 })
  await verifier.verify("t")
  await verifier.verify("t")
  const forms = asked.map(({ body }) => Object.fromEntries(new URLSearchParams(String(body))))
  const jwts = forms.map(({ client_assertion }) => client_assertion!)
  expect(forms[0]).toEqual({
    token: "t",
    token_type_hint: "access_token",
    client_id: "notes",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: jwts[0],
  })
  const { payload } = await jwtVerify(jwts[0]!, publicKey, { currentDate: new Date(NOW * 1000) })
  expect(payload).toMatchObject({ iss: "notes", sub: "notes", aud: "https://id.example.com", exp: NOW + 60 })
  expect(jwts.map((jwt) => decodeJwt(jwt).jti)).not.toContain(undefined)
  expect(decodeJwt(jwts[0]!).jti).not.toBe(decodeJwt(jwts[1]!).jti)
  for (const { headers } of asked) expect(headers).not.toHaveProperty("authorization")
})

test("a key that does not sign, or that the server does not know, is the operator's to hear", async () => {
  const broken = byKey(
    { alg: "ES256", sign: () => Promise.reject(new Error("no card")) },
    { fetch: () => expect.fail() },
  )
  await expect(broken.verify("t")).rejects.toMatchObject({
    code: "credentials_refused",
    message: "the key of `notes` does not sign: check clientKey",
  })
  const { jwk } = await newKey("ES256")
  const unknown = byKey(jwk, { fetch: async () => new Response(null, { status: 401 }) })
  await expect(unknown.verify("t")).rejects.toMatchObject({
    code: "credentials_refused",
    message: `\`${ENDPOINT}\` refuses the credentials of \`notes\`: check clientId and clientKey`,
  })
})

test("a secret and a key together, neither, an issuer without a key, or a key that signs nothing is refused at once", async () => {
  const { jwk } = await newKey("ES256")
  const { d: _, ...shown } = jwk
  const given = { introspectionEndpoint: ENDPOINT, clientId: "notes" }
  for (const [more, sentence] of [
    [{}, "give one of clientSecret and clientKey"],
    [{ clientSecret: "s", clientKey: jwk, issuer: "https://id" }, "give one of clientSecret and clientKey"],
    [{ clientKey: jwk }, "give the issuer with clientKey"],
    [{ clientSecret: "s", issuer: "https://id" }, "give the issuer with clientKey, and only with it"],
    [{ clientKey: shown as PrivateJwk, issuer: "https://id" }, "clientKey is no private key that signs"],
  ] as const) {
    expect(() => introspectionVerifier({ ...given, ...more })).toThrow(`introspectionVerifier: ${sentence}`)
  }
})

test("the answer is the access, with the token that was asked about", async () => {
  const { verifier } = endpoint()
  expect(await verifier.verify("t")).toEqual({
    token: "t",
    clientId: "an-app",
    subject: "sub_1",
    scopes: ["read", "write"],
    issuedAt: NOW,
    expiresAt: END,
    resource: [RESOURCE],
    claims: alive,
  })
})

test("an answer may say no more than that the token is alive", async () => {
  const { verifier, state } = endpoint()
  state.answer = () => Response.json({ active: true, client_id: "an-app", aud: ["a", "b"] })
  expect(await verifier.verify("t")).toMatchObject({ scopes: [], resource: ["a", "b"] })
  const nothing = { token: "t", scopes: [], resource: [], claims: { active: true } }
  state.answer = () => Response.json({ active: true })
  expect(await verifier.verify("t")).toEqual(nothing)
  const empty = Object.fromEntries(Object.keys(alive).map((name) => [name, name === "active" || ""]))
  state.answer = () => Response.json({ ...empty, token_type: "" })
  expect(await verifier.verify("t")).toEqual({ ...nothing, claims: expect.objectContaining({ active: true }) })
})

test.each([
  ["no `client_id`", { client_id: undefined }, { clientId: undefined, subject: "sub_1" }],
  ["`client_id` as null", { client_id: null }, { clientId: undefined, subject: "sub_1" }],
  ["`client_id` as a number", { client_id: 17 }, { clientId: "17" }],
  ["`sub` as null", { sub: null }, { subject: undefined, clientId: "an-app" }],
  ["neither `sub` nor `client_id`", { sub: null, client_id: null }, { subject: undefined, clientId: undefined }],
  ["`sub` as a number", { sub: 42 }, { subject: "42", claims: expect.objectContaining({ sub: "42" }) }],
  ["`sub` and `client_id` as one number", { sub: 42, client_id: "42" }, { subject: undefined, clientId: "42" }],
  ["`token_type` as null", { token_type: null }, { subject: "sub_1" }],
  ["`token_type` in lower case", { token_type: "bearer" }, { subject: "sub_1" }],
  ["`cnf` as null", { cnf: null }, { subject: "sub_1" }],
  ["`scope` as null", { scope: null }, { scopes: [] }],
  ["`scope` with more spaces than one", { scope: " read  write " }, { scopes: ["read", "write"] }],
  ["`scope` as a list", { scope: ["read", "write all", ""] }, { scopes: ["read", "write", "all"] }],
  ["`exp` as a text", { exp: String(END) }, { expiresAt: END }],
  ["`exp` as a text with a fraction", { exp: `${END}.5` }, { expiresAt: END + 0.5 }],
  ["`exp` as a text with a finer fraction", { exp: `${END}.123456789` }, { expiresAt: END + 0.123456789 }],
  ["`exp` as null", { exp: null }, { expiresAt: undefined }],
  ["`iat` as a text", { iat: String(NOW) }, { issuedAt: NOW }],
  ["`iat` that nobody can read", { iat: "yesterday" }, { issuedAt: undefined }],
  ["`iat` as null", { iat: null }, { issuedAt: undefined }],
  ["`aud` as null", { aud: null }, { resource: [] }],
  ["`aud` with an empty name", { aud: ["", RESOURCE] }, { resource: [RESOURCE] }],
  ["members of other servers", { username: 5, iss: null, nbf: "then" }, { subject: "sub_1" }],
] as const)("RFC 7662 asks for `active` alone: an answer with %s is understood", async (_, changes, understood) => {
  const { verifier, state } = endpoint()
  state.answer = () => Response.json({ ...alive, ...changes })
  const access = await verifier.verify("t")
  expect(access).toBeDefined()
  for (const [name, value] of Object.entries(understood)) {
    expect(access![name as keyof typeof access]).toEqual(value)
    if (value === undefined) expect(access).not.toHaveProperty(name)
  }
})

//= RFC9449-7.2-no-bearer-downgrade
test.each([
  ["inactive", { active: false }],
  ["inactive, with members of the living", { ...alive, active: false }],
  ["past its end", { ...alive, exp: NOW - 1 }],
  ["at its very end", { ...alive, exp: NOW }],
  ["at its very end, which is a text", { ...alive, exp: String(NOW) }],
  ["past its end since ever", { ...alive, exp: "-1" }],
  ["inactive, with members that nobody can read", { active: false, exp: "soon", sub: {} }],
  ["a refresh token", { ...alive, token_type: "refresh_token" }],
  ["bound to a key", { ...alive, cnf: { jkt: "x" } }],
  ["of another type", { ...alive, token_type: "DPoP" }],
])("a token that is %s is worth nothing", async (_, answer) => {
  const { verifier, state } = endpoint()
  state.answer = () => Response.json(answer)
  expect(await verifier.verify("t")).toBeUndefined()
})

test.each([
  ["no JSON", () => new Response("<html>"), "answer_malformed", 1],
  ["no object", () => Response.json([]), "answer_malformed", 1],
  ["`active` as a text", () => Response.json({ ...alive, active: "true" }), "answer_malformed", 1],
  ["no `active`", () => Response.json({ ...alive, active: undefined }), "answer_malformed", 1],
  ["`active` as a number", () => Response.json({ ...alive, active: 1 }), "answer_malformed", 1],
  ["an `exp` that is no number", () => Response.json({ ...alive, exp: "soon" }), "answer_malformed", 1],
  ["an `exp` that is true", () => Response.json({ ...alive, exp: true }), "answer_malformed", 1],
  ["an endless `exp`", () => Response.json({ ...alive, exp: "9".repeat(400) }), "answer_malformed", 1],
  ["a `sub` that is no name", () => Response.json({ ...alive, sub: { id: 1 } }), "answer_malformed", 1],
  ["a `sub` that two persons share", () => Response.json({ ...alive, sub: 2 ** 53 }), "answer_malformed", 1],
  ["a `client_id` that is no name", () => Response.json({ ...alive, client_id: ["a"] }), "answer_malformed", 1],
  ["a `scope` of numbers", () => Response.json({ ...alive, scope: [1] }), "answer_malformed", 1],
  ["an `aud` that is none", () => Response.json({ ...alive, aud: {} }), "answer_malformed", 1],
  ["a `token_type` that is none", () => Response.json({ ...alive, token_type: ["Bearer"] }), "answer_malformed", 1],
  ["more than anybody reads", () => new Response("x".repeat(70_000)), "answer_malformed", 1],
  ["401", () => new Response("", { status: 401 }), "credentials_refused", 60],
  ["403", () => new Response("", { status: 403 }), "credentials_refused", 60],
  ["a redirect", () => new Response("", { status: 307, headers: { location: "/" } }), "redirected", 60],
  ["500", () => new Response("", { status: 500 }), "answered_with_error", 1],
  ["503", () => new Response("", { status: 503, headers: { "retry-after": "9" } }), "answered_with_error", 9],
  ["429", () => new Response("", { status: 429, headers: { "retry-after": "86400" } }), "answered_with_error", 300],
  [
    "a date",
    () => new Response("", { status: 503, headers: { "retry-after": "Fri, 1 Jan" } }),
    "answered_with_error",
    1,
  ],
  ["nothing", () => Promise.reject(new TypeError("fetch failed")), "unreachable", 1],
] as const)(
  "%s in answer is an outage, never an opinion about the token",
  async (_, answer, code, retryAfterSeconds) => {
    const { verifier, state, asked } = endpoint({ cacheSeconds: 60 })
    state.answer = answer
    const failure = await verifier.verify("t").catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(VerifierUnavailable)
    expect(failure).toMatchObject({ _tag: "VerifierUnavailable", code, retryAfterSeconds })
    expect(String(failure)).not.toContain("the-secret-of-the-notes")
    state.answer = () => Response.json(alive)
    expect(await verifier.verify("t")).toMatchObject({ clientId: "an-app" })
    expect(asked).toHaveLength(2)
  },
)

const status = (code: number) => () => new Response(null, { status: code })

/** As browsers have it: a redirect of which nothing can be seen. */
const opaque = () =>
  Object.defineProperties(new Response(""), { type: { value: "opaqueredirect" }, status: { value: 0 } })

test.each([
  ["no JSON", () => new Response("<html>"), `the answer of \`${ENDPOINT}\` is no JSON`],
  ["no object", () => Response.json([]), `the answer of \`${ENDPOINT}\` is not one of RFC 7662: Expected object`],
  ["a time that is none", () => Response.json({ active: true, exp: "soon" }), /a number[^]*\["exp"\]/],
  ["a broken member", () => Response.json({ active: true, aud: 5 }), /is not one of RFC 7662: .*\["aud"\]/s],
  ["too much", () => new Response("x".repeat(65_537)), "the introspection answer is larger than 65536 bytes"],
  ["just not too much", () => new Response("x".repeat(65_536)), `the answer of \`${ENDPOINT}\` is no JSON`],
  ["299", status(299), `\`${ENDPOINT}\` answered with 299`],
  ["300", status(300), `\`${ENDPOINT}\` redirects, which is not followed: configure where it leads`],
  ["399", status(399), `\`${ENDPOINT}\` redirects, which is not followed: configure where it leads`],
  ["400", status(400), `\`${ENDPOINT}\` answered with 400`],
  [
    "what browsers show of a redirect",
    opaque,
    `\`${ENDPOINT}\` redirects, which is not followed: configure where it leads`,
  ],
  [
    "nothing",
    () => Promise.reject(new TypeError("fetch failed")),
    `\`${ENDPOINT}\` cannot be reached: see whether the server runs`,
  ],
] as const)("the operator hears in a sentence that %s came", async (_, answer, sentence) => {
  const { verifier, state } = endpoint()
  state.answer = answer
  const message = typeof sentence === "string" ? sentence : expect.stringMatching(sentence)
  await expect(verifier.verify("t")).rejects.toMatchObject({ message })
})

test("why an endpoint cannot be reached is kept, and where nothing failed there is no cause", async () => {
  const { verifier, state } = endpoint()
  const cause = new TypeError("fetch failed")
  state.answer = () => Promise.reject(cause)
  await expect(verifier.verify("t")).rejects.toHaveProperty("cause", cause)
  state.answer = status(500)
  await expect(verifier.verify("t")).rejects.not.toHaveProperty("cause")
})

test("refused credentials are the operator's to hear, and nobody else's", async () => {
  const { verifier, state } = endpoint()
  state.answer = () => new Response("", { status: 401 })
  const told: Array<string> = []
  const resource = protectResource({
    verifier,
    resource: RESOURCE,
    authorizationServers: ["https://id.example.com"],
    onUnavailable: (sentence) => told.push(sentence),
  })
  const handle = resource.fetch(() => new Response())
  const response = await handle(new Request(RESOURCE, { headers: { authorization: "Bearer t" } }))
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"])
  expect(await response.text()).not.toMatch(/notes|credentials/)
  expect(told).toEqual([`\`${ENDPOINT}\` refuses the credentials of \`notes\`: check clientId and clientSecret`])
})

test("without a cache every request asks, so that a revocation counts at once", async () => {
  const { verifier, state, asked } = endpoint()
  await verifier.verify("t")
  state.answer = () => Response.json({ active: false })
  expect(await verifier.verify("t")).toBeUndefined()
  expect(asked).toHaveLength(2)
})

test("with a cache an answer is good for as long as was said, counted from its question", async () => {
  const { verifier, state, asked } = endpoint({ cacheSeconds: 30 })
  state.answer = () => {
    state.now += 10_000
    return Response.json(alive)
  }
  await verifier.verify("t")
  state.answer = () => Response.json({ active: false })
  state.now = NOW * 1000 + 29_999
  expect(await verifier.verify("t")).toMatchObject({ token: "t", clientId: "an-app" })
  expect(asked).toHaveLength(1)
  state.now = NOW * 1000 + 30_000
  expect(await verifier.verify("t")).toBeUndefined()
})

test("no answer is kept beyond the token's own end", async () => {
  const { verifier, state } = endpoint({ cacheSeconds: 3600 })
  await verifier.verify("t")
  state.answer = () => Response.json({ active: false })
  state.now = END * 1000 - 1
  expect(await verifier.verify("t")).toBeDefined()
  state.now = END * 1000
  expect(await verifier.verify("t")).toBeUndefined()
})

test("an answer from before the clock was set back is not believed", async () => {
  const { verifier, state } = endpoint({ cacheSeconds: 30 })
  await verifier.verify("t")
  state.now -= 1
  state.answer = () => Response.json({ active: false })
  expect(await verifier.verify("t")).toBeUndefined()
})

test("that a token is worth nothing is never kept", async () => {
  const { verifier, state } = endpoint({ cacheSeconds: 30 })
  state.answer = () => Response.json({ active: false })
  expect(await verifier.verify("t")).toBeUndefined()
  state.answer = () => Response.json(alive)
  expect(await verifier.verify("t")).toBeDefined()
})

test("the cache keeps the tokens used last, and tokens that are made up drive none of them out", async () => {
  const { verifier, state, asked } = endpoint({ cacheSeconds: 30, maxEntries: 2 })
  await verifier.verify("a")
  await verifier.verify("b")
  state.answer = () => Response.json({ active: false })
  for (const made of ["x", "y", "z"]) await verifier.verify(made)
  await verifier.verify("a")
  expect(asked).toHaveLength(5)
  state.answer = () => Response.json(alive)
  await verifier.verify("c")
  await verifier.verify("a")
  expect(asked).toHaveLength(6)
  await verifier.verify("b")
  expect(asked).toHaveLength(7)
})

test("who asks about one token at once shares one question, and a failed one is nobody's afterwards", async () => {
  const { verifier, state, asked } = endpoint()
  const gate = Promise.withResolvers<Response>()
  state.answer = () => gate.promise
  const many = Promise.allSettled([1, 2, 3].map(() => verifier.verify("t")))
  const other = verifier.verify("u").catch(() => "failed")
  expect(asked).toHaveLength(2)
  gate.reject(new TypeError("fetch failed"))
  expect((await many).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"])
  expect(await other).toBe("failed")
  state.answer = () => Response.json(alive)
  expect(await verifier.verify("t")).toBeDefined()
  expect(asked).toHaveLength(3)
})

test("questions under way are bounded: those in excess are told to come again", async () => {
  const { verifier, state, asked } = endpoint()
  const gate = Promise.withResolvers<void>()
  state.answer = async () => {
    await gate.promise
    return Response.json(alive)
  }
  const first = Array.from({ length: 256 }, (_, number) => verifier.verify(`token-${number}`))
  await expect(verifier.verify("one-more")).rejects.toMatchObject({
    code: "busy",
    message: "256 tokens are being introspected at once: the endpoint is slow or somebody tries tokens",
    retryAfterSeconds: 1,
  })
  const joined = verifier.verify("token-7")
  expect(asked).toHaveLength(256)
  gate.resolve()
  expect(await joined).toBeDefined()
  await Promise.all(first)
  expect(await verifier.verify("one-more")).toBeDefined()
})

test("over the network a redirect is not followed", async () => {
  const paths: Array<string> = []
  const url = await serve((request, response) => {
    paths.push(request.url!)
    response.writeHead(307, { location: "/elsewhere" }).end()
  })
  await expect(overNetwork(url).verify("t")).rejects.toMatchObject({ code: "redirected" })
  expect(paths).toEqual(["/introspect"])
})

test("over the network an endpoint that does not answer is given up, and so is one that never ends", async () => {
  const silent = await serve(() => {})
  await expect(overNetwork(silent, 50).verify("t")).rejects.toMatchObject({
    code: "timed_out",
    message: `\`${silent}\` did not answer within 50 ms`,
  })
  const endless = await serve((_, response) => void response.writeHead(200).write("{"))
  await expect(overNetwork(endless, 50).verify("t")).rejects.toMatchObject({ code: "timed_out" })
})

test("over the network an endpoint that is not there is unreachable", async () => {
  // No program has this port, and none is given it.
  const gone = overNetwork("http://127.0.0.1:4/introspect")
  await expect(gone.verify("t")).rejects.toMatchObject({ code: "unreachable" })
})

test("a real server's answers are understood: alive, for somebody else, revoked, with the wrong secret", async () => {
  const { url, wire, app, watcher } = await startSession()
  const ask = (clientSecret: string) =>
    introspectionVerifier({ introspectionEndpoint: `${url}/introspect`, clientId: watcher.clientId, clientSecret })
  const verifier = ask(watcher.clientSecret!)
  const { access, refresh } = await wire.login(app, { resource: RESOURCE, scope: "read" })
  expect(await verifier.verify(access)).toMatchObject({
    clientId: app.clientId,
    scopes: ["read"],
    resource: [RESOURCE],
    subject: expect.stringMatching(/^sub_/),
    expiresAt: expect.any(Number),
  })
  expect(await verifier.verify(refresh)).toBeUndefined()
  expect(await verifier.verify((await wire.login(app, { resource: "http://localhost:9/x" })).access)).toBeUndefined()
  await expect(ask("another-secret-of-22-chars").verify(access)).rejects.toMatchObject({ code: "credentials_refused" })
  await wire.revoke(app, access)
  expect(await verifier.verify(access)).toBeUndefined()
})

test.each([
  [{ introspectionEndpoint: "http://id.example.com/introspect" }, "endpoint_invalid", "is not https"],
  [{ introspectionEndpoint: "https://a:b@id.example.com/" }, "endpoint_invalid", "has user information"],
  [{ introspectionEndpoint: "/introspect" }, "endpoint_invalid", "is not a URL"],
  [{ clientId: "" }, "option_invalid", '["clientId"]'],
  [{ clientSecret: undefined as unknown as string }, "option_invalid", '["clientSecret"]'],
  [{ cacheSeconds: -1 }, "option_invalid", '["cacheSeconds"]'],
  [{ cacheSeconds: Number.NaN }, "option_invalid", '["cacheSeconds"]'],
  [{ maxEntries: 0 }, "option_invalid", '["maxEntries"]'],
  [{ cacheMillis: 5 } as object, "option_invalid", '["cacheMillis"]'],
  [{ cacheSeconds: 3601 }, "option_invalid", '["cacheSeconds"]'],
  [{ timeoutMillis: 0 }, "option_invalid", '["timeoutMillis"]'],
  [{ fetch: "node-fetch" as never }, "option_invalid", "introspectionVerifier: fetch is not a function"],
  [{ now: 1_800_000_000 as never }, "option_invalid", "introspectionVerifier: now is not a function"],
])("the options %j are refused before the first request", (options, code, sentence) => {
  const attempt = () => endpoint(options)
  expect(attempt).toThrow(ResourceFault)
  expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }))
})

test("what somebody was told of a token cannot be changed for whoever asks next", async () => {
  const { verifier } = endpoint()
  const [first, beside] = await Promise.all([verifier.verify("t"), verifier.verify("t")])
  const later = await verifier.verify("t")
  for (const told of [first, beside, later]) {
    expect(() => (told!.scopes as Array<string>).push("admin")).toThrow(TypeError)
    expect(() => (told!.resource as Array<string>).splice(0)).toThrow(TypeError)
    expect(() => Object.assign(told!.claims!, { sub: "sub_2" })).toThrow(TypeError)
    expect(() => Object.assign(told!, { clientId: "another" })).toThrow(TypeError)
  }
  expect(await verifier.verify("t")).toMatchObject({
    clientId: "an-app",
    scopes: ["read", "write"],
    resource: [RESOURCE],
  })
})

test("an answer may be nested as deep as its size allows", async () => {
  const { verifier, state } = endpoint({ cacheSeconds: 60 })
  const deep = `${"[".repeat(25_000)}${"]".repeat(25_000)}`
  state.answer = () => new Response(JSON.stringify({ ...alive, deep: 0 }).replace('"deep":0', `"deep":${deep}`))
  expect(await verifier.verify("a-token")).toMatchObject({ clientId: "an-app" })
})
