/** Clients that prove themselves by assertions: at every endpoint, once each, and told nothing when they do not. */
import { Effect, Result } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  ConfigFault,
  ephemeralKeys,
  privateKeyJwt,
  sqliteStore,
  standardFeatures,
} from "../../../../src/entry/grantlog.ts"
import { featureContextOf } from "../../../../src/http/FeatureContext.ts"
import { parseParameters } from "../../../../src/provider/features/Form.ts"
import type { Credentials } from "../../../../src/provider/index.ts"
import { assertionForm, assertionOf, newSigningKey, type Signed } from "../../../support/Assertions.ts"
import { startSession, type Session } from "../../../support/Session.ts"
import {
  ISSUER,
  generousLimits,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  temporaryFolder,
} from "../../../support/TestServer.ts"
import {
  REDIRECT_URI,
  RESOURCE,
  newVerifier,
  wireClient,
  challengeOf,
  type WireClient,
} from "../../../support/WireClient.ts"

const features = [...standardFeatures, privateKeyJwt()]
const start = (factory = overMemory): Promise<Session> => startSession(factory, { features })

const noRequest = { method: "POST", path: "/introspect", query: "", headers: {}, body: "", source: "" }

type Native = Pick<Session, "native" | "clock">

/** A client of the operator's with one key, and what it signs. */
const newSigner = async (
  { native, clock }: Native,
  metadata: Readonly<Record<string, unknown>> = {},
  { alg = "ES256", audience }: { readonly alg?: string; readonly audience?: string } = {},
) => {
  const key = await newSigningKey(alg)
  const information = await Effect.runPromise(
    native.addClient({
      metadata: {
        redirect_uris: [],
        grant_types: ["client_credentials"],
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [key.jwk] },
        ...metadata,
      },
      ...(audience === undefined ? {} : { audience }),
    }),
  )
  const clientId = information.client_id
  const signed = (over: Partial<Signed> = {}) => assertionOf({ clientId, key, now: clock.now(), ...over })
  return {
    key,
    information,
    clientId,
    signed,
    proof: async (over: Partial<Signed> = {}) => assertionForm(await signed(over)),
  }
}
type Signer = Awaited<ReturnType<typeof newSigner>>

const askForToken = async (wire: WireClient, signer: Signer, over: Partial<Signed> = {}) =>
  wire.post("/token", { grant_type: "client_credentials", resource: RESOURCE, ...(await signer.proof(over)) })

const refusalOf = ({ status, body }: { readonly status: number; readonly body: Record<string, unknown> }) =>
  `${status} ${String(body["error"])}: ${String(body["error_description"])}`

const UNPROVEN = "401 invalid_client: the client did not prove itself; check client id, secret and method"

describe.each([overMemory, overSqlite])("a client that signs, $name", (factory) => {
  it("has no secret, and keeps and shows its keys and algorithm", async () => {
    const { native, clock, wire } = await start(factory)
    const { key, information, clientId } = await newSigner(
      { native, clock },
      { token_endpoint_auth_signing_alg: "ES256" },
    )
    expect(information).toMatchObject({
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      jwks: { keys: [key.jwk] },
    })
    expect(information).not.toHaveProperty("client_secret")
    expect(information).not.toHaveProperty("client_secret_expires_at")
    expect(await Effect.runPromise(native.client(clientId))).toMatchObject({
      secret: null,
      metadata: { jwks: { keys: [key.jwk] } },
    })
    const itself = await wire.register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      jwks_uri: "https://client.example/jwks.json",
    })
    expect(itself.status).toBe(201)
    expect(itself.body).toMatchObject({ jwks_uri: "https://client.example/jwks.json" })
    expect(itself.body).not.toHaveProperty("client_secret")
  })

  it("logs in, refreshes, introspects and revokes, each time by another assertion", async () => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner(
      { native, clock },
      { redirect_uris: [REDIRECT_URI], grant_types: ["authorization_code", "refresh_token"] },
    )
    const verifier = newVerifier()
    const app = { clientId: signer.clientId, redirectUri: REDIRECT_URI }
    const approved = await wire.authorize(app, { code_challenge: challengeOf(verifier), resource: RESOURCE })
    const code = new URL(approved.headers.get("location")!).searchParams.get("code")!
    const redeemed = await wire.post("/token", {
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
      ...(await signer.proof()),
    })
    expect(redeemed.status).toBe(200)
    const refreshed = await wire.post("/token", {
      grant_type: "refresh_token",
      refresh_token: redeemed.body.refresh_token,
      ...(await signer.proof()),
    })
    expect(refreshed.status).toBe(200)
    const token = refreshed.body.access_token
    const seen = await wire.post("/introspect", { token, ...(await signer.proof()) })
    expect(seen.body).toMatchObject({ active: true, client_id: signer.clientId })
    expect((await wire.post("/revoke", { token, ...(await signer.proof()) })).status).toBe(200)
    const later = await wire.post("/introspect", { token, ...(await signer.proof()) })
    expect(later.body).toEqual({ active: false })
  })

  it.each(["PS256", "ES256", "EdDSA", "Ed25519"])("signs by %s", async (alg) => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner({ native, clock }, {}, { alg })
    expect((await askForToken(wire, signer)).status).toBe(200)
  })

  //= RFC7523-3-jwt-claims
  //= A27
  it("uses an assertion once, at whichever endpoint: of eight at the same time one is answered", async () => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner({ native, clock })
    const proof = await signer.proof()
    const ask = () => wire.post("/token", { grant_type: "client_credentials", ...proof })
    const answers = await Promise.all(Array.from({ length: 8 }, ask))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)])
    const refusals = answers.filter(({ status }) => status === 401).map(refusalOf)
    expect(new Set(refusals)).toEqual(
      new Set(["401 invalid_client: the client assertion was used before: make a new one for every request"]),
    )
    expect(await Effect.runPromise(native.grants({ clientId: signer.clientId }))).toHaveLength(1)
    expect((await wire.post("/introspect", { token: "x", ...proof })).status).toBe(401)
    expect((await wire.post("/revoke", { token: "x", ...proof })).status).toBe(401)

    const asked = await signer.proof()
    const seen = await Promise.all(Array.from({ length: 8 }, () => wire.post("/introspect", { token: "x", ...asked })))
    expect(seen.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)])
    const ended = await signer.proof()
    const ends = await Promise.all(Array.from({ length: 8 }, () => wire.post("/revoke", { token: "x", ...ended })))
    expect(ends.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)])
  })

  it("uses up what its own name was in: the same jti of another client is another", async () => {
    const { native, clock, wire } = await start(factory)
    const [one, other] = [await newSigner({ native, clock }), await newSigner({ native, clock })]
    const claims = { jti: "the same" }
    expect((await askForToken(wire, one, { claims })).status).toBe(200)
    expect((await askForToken(wire, other, { claims })).status).toBe(200)
    expect((await askForToken(wire, one, { claims })).status).toBe(401)
  })

  //= RFC8725-3.8-keys-belong-to-iss
  //= A29
  it("uses up no assertion that was not its own: who cannot sign spends nothing", async () => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner({ native, clock })
    const claims = { jti: "guessed" }
    const forged = await askForToken(wire, signer, { claims, key: await newSigningKey() })
    expect(refusalOf(forged)).toBe(UNPROVEN)
    expect((await askForToken(wire, signer, { claims })).status).toBe(200)
  })

  it("is shown what is wrong with an assertion as far as that is its own, and nothing of whose it is", async () => {
    const { native, clock, wire, app } = await start(factory)
    const signer = await newSigner({ native, clock }, { token_endpoint_auth_signing_alg: "ES256" })
    const key = await newSigningKey()
    const { client_id: withSecret } = await Effect.runPromise(
      native.addClient({
        metadata: { redirect_uris: [], grant_types: ["client_credentials"], jwks: { keys: [key.jwk] } },
      }),
    )
    const unlike = [
      // Another key; another algorithm than the one that it is registered for; a client with keys and a secret; a public one.
      await askForToken(wire, signer, { key }),
      await askForToken(wire, signer, { key: await newSigningKey("PS256") }),
      await askForToken(wire, signer, { key, clientId: withSecret }),
      await askForToken(wire, signer, { key, clientId: app.clientId }),
    ]
    expect(unlike.map(refusalOf)).toEqual(Array(4).fill(UNPROVEN))
    for (const clientId of ["nobody", "n".repeat(600), "\u0000", "\ud800"]) {
      expect(refusalOf(await askForToken(wire, signer, { key, clientId }))).toMatch(
        /^401 invalid_client: the client is not known/,
      )
    }
    expect(refusalOf(await askForToken(wire, signer, { claims: { aud: `${ISSUER}/token` } }))).toBe(
      `401 invalid_client: the client assertion does not have the issuer \`${ISSUER}\` alone as aud`,
    )
  })

  it("signs by the one algorithm that it is registered for, whatever keys it has besides", async () => {
    const { native, clock, wire } = await start(factory)
    const [ec, rsa] = [await newSigningKey("ES256"), await newSigningKey("PS256")]
    const jwks = { keys: [ec.jwk, rsa.jwk] }
    const signer = await newSigner({ native, clock }, { jwks, token_endpoint_auth_signing_alg: "ES256" })
    expect(refusalOf(await askForToken(wire, signer, { key: rsa }))).toBe(UNPROVEN)
    expect((await askForToken(wire, signer, { key: ec })).status).toBe(200)
  })

  //= RFC8725-3.1-alg-allowlist
  it("is known by each of several keys that have no name, and by no algorithm that is not taken", async () => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner({ native, clock })
    const [one, other, stranger, rsa] = await Promise.all([
      newSigningKey(),
      newSigningKey(),
      newSigningKey(),
      newSigningKey("RS256"),
    ])
    await Effect.runPromise(
      native.updateClient(signer.clientId, {
        redirect_uris: [],
        grant_types: ["client_credentials"],
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [one.jwk, other.jwk, rsa.jwk] },
      }),
    )
    for (const key of [one, other]) expect((await askForToken(wire, signer, { key })).status).toBe(200)
    expect(refusalOf(await askForToken(wire, signer, { key: stranger }))).toBe(UNPROVEN)
    expect(refusalOf(await askForToken(wire, signer, { key: rsa }))).toMatch(/^401 invalid_client: .* another alg than/)
  })

  it("is no longer believed for the key that the operator took away, and for the one that was put in its place", async () => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner({ native, clock })
    const next = await newSigningKey()
    await Effect.runPromise(
      native.updateClient(signer.clientId, {
        redirect_uris: [],
        grant_types: ["client_credentials"],
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [next.jwk] },
      }),
    )
    expect(refusalOf(await askForToken(wire, signer))).toBe(UNPROVEN)
    expect((await askForToken(wire, signer, { key: next })).status).toBe(200)
  })

  it("that is disabled gets nothing, and used its assertion up", async () => {
    const { native, clock, wire } = await start(factory)
    const signer = await newSigner({ native, clock })
    await Effect.runPromise(native.disableClient(signer.clientId))
    const claims = { jti: "while disabled" }
    expect(refusalOf(await askForToken(wire, signer, { claims }))).toMatch(/unauthorized_client/)
    await Effect.runPromise(native.enableClient(signer.clientId))
    expect(refusalOf(await askForToken(wire, signer, { claims }))).toMatch(/used before/)
  })
})

describe("an assertion that was used", () => {
  //= A27
  it("is used after a restart too, and for another instance on the same file", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const keys = ephemeralKeys()
    const open = async () => {
      const store = sqliteStore(file)
      onTestFinished(() => Effect.runPromise(store.close))
      const made = await serverOver({ store, keys, features })
      return { ...made, wire: wireClient(await serve(made.native, { endpoints: { limits: generousLimits } })) }
    }
    const [first, second] = [await open(), await open()]
    const signer = await newSigner(first)
    const proof = await signer.proof()
    const ask = ({ wire }: { readonly wire: WireClient }) =>
      wire.post("/token", { grant_type: "client_credentials", ...proof })
    const both = await Promise.all([first, second, first, second, first, second, first, second].map(ask))
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)])
    await Effect.runPromise(first.store.close)
    await Effect.runPromise(second.store.close)
    expect(refusalOf(await ask(await open()))).toMatch(/used before/)
  })

  it("leaves no event: ten thousand add nothing to the log, and are forgotten when they have expired", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const store = sqliteStore(file)
    onTestFinished(() => Effect.runPromise(store.close))
    const { native, clock } = await serverOver({ store, features })
    const signer = await newSigner({ native, clock }, {}, { alg: "Ed25519" })
    const context = featureContextOf(native)
    const introspect = async () => {
      const form = Result.getOrThrow(parseParameters(new URLSearchParams(await signer.proof())))
      const credentials = await privateKeyJwt().read(noRequest, form, context)
      return Effect.runPromise(native.introspect(credentials as Credentials, "no token"))
    }
    const claimCount = () => {
      using database = new DatabaseSync(file, { readOnly: true })
      return Number(database.prepare("SELECT count(*) AS claims FROM claims").get()!["claims"])
    }
    const before = await Effect.runPromise(store.head)
    for (let count = 0; count < 10_000; count += 250) {
      await Promise.all(Array.from({ length: 250 }, introspect))
    }
    expect(claimCount()).toBe(10_000)
    expect(await Effect.runPromise(store.head)).toEqual(before)
    clock.pass(24 * 3600)
    for (let count = 0; count < 500; count += 250) await Promise.all(Array.from({ length: 250 }, introspect))
    expect(claimCount()).toBe(500)
  })
})

describe("a server whose clients may sign", () => {
  //= RFC8414-2-alg-list-not-none
  it("says so in its metadata with the algorithms, and does not offer secrets as keys", async () => {
    const document = async (session: Session) =>
      (await session.wire.get("/.well-known/oauth-authorization-server")).body
    const [on, off] = [await document(await start()), await document(await startSession(overMemory))]
    for (const endpoint of ["token", "revocation", "introspection"]) {
      expect(on[`${endpoint}_endpoint_auth_methods_supported`]).toContain("private_key_jwt")
      expect(on[`${endpoint}_endpoint_auth_methods_supported`]).not.toContain("client_secret_jwt")
      expect(on[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual([
        "PS256",
        "ES256",
        "EdDSA",
        "Ed25519",
      ])
      expect(off[`${endpoint}_endpoint_auth_methods_supported`]).not.toContain("private_key_jwt")
      expect(off).not.toHaveProperty(`${endpoint}_endpoint_auth_signing_alg_values_supported`)
    }
  })

  it("takes RS256 where it is configured, and is not made with an algorithm of which anybody could have the key", async () => {
    const session = await startSession(overMemory, {
      features: [...standardFeatures, privateKeyJwt({ algorithms: ["RS256"] })],
    })
    const signer = await newSigner(session, {}, { alg: "RS256" })
    expect((await askForToken(session.wire, signer)).status).toBe(200)
    const usual = await start()
    expect(refusalOf(await askForToken(usual.wire, await newSigner(usual, {}, { alg: "RS256" })))).toMatch(
      /another alg/,
    )
    for (const algorithms of [["none"], ["HS256"], ["ES256", "HS512"], []]) {
      expect(() => privateKeyJwt({ algorithms })).toThrow(ConfigFault)
    }
  })

  it("takes the issuer as a text alone where it is strict", async () => {
    const strict = [...standardFeatures, privateKeyJwt({ isAudienceString: true })]
    for (const [list, status] of [
      [features, 200],
      [strict, 401],
    ] as const) {
      const session = await startSession(overMemory, { features: list })
      const signer = await newSigner(session)
      expect((await askForToken(session.wire, signer, { claims: { aud: [ISSUER] } })).status).toBe(status)
      expect((await askForToken(session.wire, signer)).status).toBe(200)
    }
  })

  //= RFC7523-3.2-error
  it("refuses what is sent with an assertion and does not go with it", async () => {
    const { native, clock, wire } = await start()
    const signer = await newSigner({ native, clock })
    const ask = async (form: Readonly<Record<string, string>>, headers = {}) =>
      refusalOf(
        await wire.post("/token", { grant_type: "client_credentials", ...(await signer.proof()), ...form }, headers),
      )
    expect(await ask({ client_assertion_type: "" })).toBe("400 invalid_request: client_assertion_type is missing")
    expect(await ask({ client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer" })).toMatch(
      /^401 invalid_client: client_assertion_type is not/,
    )
    expect(await ask({ client_id: "another" })).toBe(
      "400 invalid_request: client_id in the body is not the one in the assertion",
    )
    expect(await ask({ client_secret: "s" })).toMatch(/^400 invalid_request: the client authenticates/)
    expect(await ask({}, { authorization: "Basic YTpi" })).toMatch(/^400 invalid_request: the client authenticates/)
    expect(await ask({ client_assertion: "no JWT" })).toBe("401 invalid_client: the client assertion is no signed JWT")
  })

  it.each([
    ["neither jwks nor jwks_uri", {}, /needs jwks or jwks_uri/],
    ["keys that are none", { jwks: { keys: [] } }, /^jwks cannot be kept: no key in it/],
    ["a private key", { jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }, /private or symmetric/],
    ["an address in clear", { jwks_uri: "http://client.example/jwks" }, /is not https/],
    ["no address", { jwks_uri: "javascript:alert(1)" }, /send an address/],
    [
      "an algorithm that is not taken",
      { jwks_uri: "https://c.example/k", token_endpoint_auth_signing_alg: "HS256" },
      /not one of/,
    ],
    [
      "an algorithm that is none",
      { jwks_uri: "https://c.example/k", token_endpoint_auth_signing_alg: 1 },
      /name of an algorithm/,
    ],
  ])("does not register a client with %s", async (_what, metadata, sentence) => {
    const { wire } = await start()
    const { status, body } = await wire.register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      ...metadata,
    })
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"])
    expect(body.error_description).toMatch(sentence)
    expect(body.error_description).not.toContain("c2VjcmV0")
  })

  //= RFC7591-2-jwks-exclusive
  it("does not register a client with jwks and jwks_uri", async () => {
    for (const session of [await start(), await startSession(overMemory)]) {
      const { status, body } = await session.wire.register({
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "none",
        jwks: { keys: [(await newSigningKey()).jwk] },
        jwks_uri: "https://client.example/jwks.json",
      })
      expect(status).toBe(400)
      expect(body.error_description).toBe("jwks and jwks_uri exclude one another: send one of them")
    }
  })

  it("gives a client a secret that goes over to one, and takes it away again", async () => {
    const { native, clock, wire } = await start()
    const signer = await newSigner({ native, clock })
    const change = (metadata: Readonly<Record<string, unknown>>) =>
      Effect.runPromise(
        native.updateClient(signer.clientId, { redirect_uris: [], grant_types: ["client_credentials"], ...metadata }),
      )
    const { client_secret: clientSecret } = await change({ token_endpoint_auth_method: "client_secret_basic" })
    const app = {
      clientId: signer.clientId,
      clientSecret: clientSecret!,
      method: "client_secret_basic",
      redirectUri: "",
    } as const
    const bySecret = () => wire.token(app, { grant_type: "client_credentials" })
    expect((await bySecret()).status).toBe(200)
    expect(refusalOf(await askForToken(wire, signer))).toBe(UNPROVEN)
    const again = await change({ token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [signer.key.jwk] } })
    expect(again).not.toHaveProperty("client_secret")
    expect(refusalOf(await bySecret())).toBe(UNPROVEN)
    expect((await askForToken(wire, signer)).status).toBe(200)
    const refused = await Effect.runPromise(Effect.flip(native.rotateClientSecret(signer.clientId)))
    expect(refused.message).toMatch(/proves itself by its keys/)
  })

  it("keeps no member that no feature of it goes by", async () => {
    const { wire } = await startSession(overMemory)
    const { body } = await wire.register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none",
      jwks: { keys: [(await newSigningKey()).jwk] },
      dpop_bound_access_tokens: true,
      token_endpoint_auth_signing_alg: "ES256",
    })
    for (const name of ["jwks", "dpop_bound_access_tokens", "token_endpoint_auth_signing_alg"]) {
      expect(body).not.toHaveProperty(name)
    }
  })
})
