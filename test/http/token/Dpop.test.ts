/** DPoP at the authorization server over HTTP (RFC 9449 5, 6, 8, 10): A30, A31. */
import { Effect } from "effect"
import { join } from "node:path"
import { decodeJwt } from "jose"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  ConfigFault,
  dpop,
  ephemeralKeys,
  jwtAccessTokens,
  sqliteStore,
  standardFeatures,
} from "../../../src/provider/index.ts"
import type { DpopOptions, Feature } from "../../../src/provider/index.ts"
import { newDpopKey, type DpopKey, type Oddity } from "../../support/DpopKey.ts"
import { addService, startSession, type Session } from "../../support/Session.ts"
import {
  generousLimits,
  ISSUER,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  temporaryFolder,
} from "../../support/TestServer.ts"
import { RESOURCE, wireClient, type Answer, type WireClient } from "../../support/WireClient.ts"

const stores = [overMemory, overSqlite]
const TOKEN_URL = `${ISSUER}/token`

const key = await newDpopKey()
const otherKey = await newDpopKey()

const start = (options: DpopOptions = {}, factory = overMemory, ...more: ReadonlyArray<Feature>): Promise<Session> =>
  startSession(factory, { features: [...standardFeatures, dpop(options), ...more] })

const proofOf = async (session: Pick<Session, "clock">, by: DpopKey = key, more: Oddity & { nonce?: string } = {}) => ({
  dpop: await by.proof("POST", TOKEN_URL, { now: session.clock.now(), ...more }),
})

/** A code as a form that redeems it. */
const newCode = async ({ wire, app }: Session, asked: Readonly<Record<string, string>> = {}) => {
  const { code, verifier } = await wire.approved(app, { resource: RESOURCE, ...asked })
  return { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: app.redirectUri }
}

const redeemed = async (session: Session, by: DpopKey = key) =>
  session.wire.token(session.app, await newCode(session), await proofOf(session, by))

const refreshForm = ({ body }: Answer) => ({ grant_type: "refresh_token", refresh_token: body.refresh_token! })

const told = ({ status, body }: Answer) => [status, body.error]

describe.each(stores)("tokens of a request with a proof, $name", (factory) => {
  //= RFC9449-5-token-type
  it("are bound to its key: RFC9449-5-token-type", async () => {
    const session = await start({}, factory)
    const { wire, watcher } = session
    const answer = await redeemed(session)
    expect([answer.status, answer.body.token_type]).toEqual([200, "DPoP"])
    const { body } = await wire.introspect(watcher, answer.body.access_token!)
    expect(body).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt: key.jkt } })
  })

  //= A31
  it("are refreshed with that key alone by a public client, and a lost reply is repeated to it alone", async () => {
    const session = await start({}, factory)
    const { wire, app } = session
    const first = await redeemed(session)
    const form = refreshForm(first)
    expect(told(await wire.token(app, form))).toEqual([400, "invalid_grant"])
    expect(told(await wire.token(app, form, await proofOf(session, otherKey)))).toEqual([400, "invalid_grant"])
    const second = await wire.token(app, form, await proofOf(session))
    expect([second.status, second.body.token_type]).toEqual([200, "DPoP"])
    expect(told(await wire.token(app, form, await proofOf(session, otherKey)))).toEqual([400, "invalid_grant"])
    const again = await wire.token(app, form, await proofOf(session))
    expect([again.body.access_token, again.body.refresh_token]).toEqual([
      second.body.access_token,
      second.body.refresh_token,
    ])
    expect((await wire.token(app, refreshForm(second), await proofOf(session))).status).toBe(200)
  })

  //= A30
  it("of a proof that eight requests show at once go to one of them", async () => {
    const session = await start({}, factory)
    const { wire, app } = session
    const proof = await proofOf(session)
    const codes = await Promise.all(Array.from({ length: 8 }, () => newCode(session)))
    const answers = await Promise.all(codes.map((code) => wire.token(app, code, proof)))
    expect(answers.map(told).toSorted()).toEqual([[200, undefined], ...Array(7).fill([400, "invalid_dpop_proof"])])
    // Who was refused for the proof alone has lost nothing.
    const left = codes.filter((_, index) => answers[index]!.status !== 200)
    expect((await wire.token(app, left[0]!, await proofOf(session))).status).toBe(200)
  })
})

it("a proof that was used is used after a restart too, and for another instance on the same file", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const keys = ephemeralKeys()
  const features = [...standardFeatures, dpop({ nonce: "required" })]
  const open = async () => {
    const store = sqliteStore(file)
    onTestFinished(() => Effect.runPromise(store.close))
    const made = await serverOver({ store, keys, features })
    return { ...made, wire: wireClient(await serve(made.native, { endpoints: { limits: generousLimits } })) }
  }
  const [one, other] = [await open(), await open()]
  const app = await one.wire.newApp()
  const codeAt = async (wire: WireClient) => {
    const { code, verifier } = await wire.approved(app, { resource: RESOURCE })
    return { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: app.redirectUri }
  }
  const asked = await one.wire.token(app, await codeAt(one.wire), await proofOf(one))
  expect(told(asked)).toEqual([400, "use_dpop_nonce"])
  // The nonce of one instance is good at the other.
  const proof = await proofOf(one, key, { nonce: asked.headers.get("dpop-nonce")! })
  expect((await other.wire.token(app, await codeAt(one.wire), proof)).status).toBe(200)
  expect(told(await one.wire.token(app, await codeAt(one.wire), proof))).toEqual([400, "invalid_dpop_proof"])
  await Effect.runPromise(one.store.close)
  await Effect.runPromise(other.store.close)
  const third = await open()
  const late = await third.wire.token(app, await codeAt(third.wire), proof)
  expect([...told(late), late.body.error_description]).toEqual([
    400,
    "invalid_dpop_proof",
    "the proof was used before: make one for each request",
  ])
})

describe("a proof", () => {
  const oddities: Readonly<Record<string, Oddity>> = {
    "of another method": { claims: { htm: "GET" } },
    "for another address": { claims: { htu: `${ISSUER}/introspect` } },
    "for the address that the server listens at": { claims: { htu: "http://127.0.0.1:4000/token" } },
    "with its private key": { header: { jwk: key.privateJwk } },
    "by another key": { signer: otherKey },
    "of another type": { header: { typ: "jwt" } },
  }

  //= RFC9449-4.3-proof-checks
  //= A30
  it("that is not of this very request is refused, and nothing is spent: RFC9449-4.3-proof-checks", async () => {
    const session = await start()
    const { wire, app } = session
    const form = await newCode(session)
    for (const [what, oddity] of Object.entries(oddities)) {
      const answer = await wire.token(app, form, await proofOf(session, key, oddity))
      expect(told(answer), what).toEqual([400, "invalid_dpop_proof"])
    }
    expect((await wire.token(app, form, await proofOf(session))).status).toBe(200)
  })

  //= RFC9449-11.1-replay-window
  //= A30
  it("is good for five minutes, or for as long as is configured: RFC9449-11.1-replay-window", async () => {
    for (const [options, seconds] of [
      [{}, 300],
      [{ maxAgeSeconds: 20 }, 20],
    ] as const) {
      const session = await start(options)
      const [early, late] = [await proofOf(session), await proofOf(session)]
      session.clock.pass(seconds - 1)
      expect((await session.wire.token(session.app, await newCode(session), early)).status).toBe(200)
      session.clock.pass(1)
      expect(told(await session.wire.token(session.app, await newCode(session), late))).toEqual([
        400,
        "invalid_dpop_proof",
      ])
    }
  })

  it("is one header, however many a client sends", async () => {
    const session = await start()
    const proofs = [await proofOf(session), await proofOf(session)].map(({ dpop: proof }) => proof).join(", ")
    const answer = await session.wire.token(session.app, await newCode(session), { dpop: proofs })
    expect(told(answer)).toEqual([400, "invalid_dpop_proof"])
  })

  it("may be by another key each time where the client proves itself by a secret", async () => {
    const session = await start()
    const { wire } = session
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const first = await redeemed({ ...session, app })
    const second = await wire.token(app, refreshForm(first), await proofOf(session, otherKey))
    expect(second.body.token_type).toBe("DPoP")
    const third = await wire.token(app, refreshForm(second))
    expect(third.body.token_type).toBe("Bearer")
  })

  it("binds what a client gets for itself, too", async () => {
    const session = await start()
    const service = await addService(session)
    const form = { grant_type: "client_credentials", resource: RESOURCE }
    const { body } = await session.wire.token(service, form, await proofOf(session))
    expect(body.token_type).toBe("DPoP")
    expect((await session.wire.introspect(session.watcher, body.access_token!)).body["cnf"]).toEqual({ jkt: key.jkt })
  })

  it("is not looked at where nothing is issued, and not at all where the feature is off", async () => {
    const session = await start({ isRequired: true })
    const { body } = await redeemed(session)
    const nonsense = { dpop: "nonsense" }
    const asked = await session.wire.post(
      "/introspect",
      { client_id: session.watcher.clientId, client_secret: session.watcher.clientSecret!, token: body.access_token! },
      nonsense,
    )
    expect(asked.body.active).toBe(true)
    const form = { client_id: session.app.clientId, token: body.access_token! }
    expect((await session.wire.post("/revoke", form, nonsense)).status).toBe(200)
    const plain = await startSession(overMemory)
    const answer = await plain.wire.token(plain.app, await newCode(plain, { dpop_jkt: "x" }), nonsense)
    expect([answer.status, answer.body.token_type]).toEqual([200, "Bearer"])
  })

  it("of a stranger leaves nothing behind where it is refused without effect", async () => {
    const session = await start()
    const { wire, app } = session
    const proof = await proofOf(session)
    const guess = { grant_type: "refresh_token", refresh_token: "guess" }
    expect(told(await wire.token(app, guess, proof))).toEqual([400, "invalid_grant"])
    expect((await wire.token(app, await newCode(session), proof)).status).toBe(200)
  })
})

describe("a JWT access token", () => {
  it("names its key itself, is told of with it, and is refreshed into another of that key", async () => {
    const session = await start({}, overMemory, jwtAccessTokens({ resources: [RESOURCE] }))
    const { wire, watcher, app } = session
    const first = await redeemed(session)
    const second = await wire.token(app, refreshForm(first), await proofOf(session))
    for (const { body } of [first, second]) {
      expect(body.token_type).toBe("DPoP")
      expect(decodeJwt(body.access_token!)["cnf"]).toEqual({ jkt: key.jkt })
      expect((await wire.introspect(watcher, body.access_token!)).body).toMatchObject({ cnf: { jkt: key.jkt } })
    }
    const form = await newCode(session)
    expect(decodeJwt((await wire.token(app, form)).body.access_token!)).not.toHaveProperty("cnf")
  })
})

describe("a code", () => {
  //= RFC9449-10-code-binding
  it("that was asked for with a key is redeemed with that key alone: RFC9449-10-code-binding", async () => {
    const session = await start()
    const { wire, app } = session
    const form = await newCode(session, { dpop_jkt: key.jkt })
    expect(told(await wire.token(app, form))).toEqual([400, "invalid_grant"])
    expect(told(await wire.token(app, form, await proofOf(session, otherKey)))).toEqual([400, "invalid_grant"])
    expect((await wire.token(app, form, await proofOf(session))).body.token_type).toBe("DPoP")
  })

  it("is not to be had for what is no thumbprint", async () => {
    const { wire, app } = await start()
    const { headers } = await wire.authorize(app, { dpop_jkt: "short" })
    const { searchParams } = new URL(headers.get("location")!)
    expect([searchParams.get("error"), searchParams.get("error_description")]).toEqual([
      "invalid_request",
      "dpop_jkt is not the SHA-256 thumbprint of a key in base64url",
    ])
  })
})

describe("a server nonce", () => {
  //= RFC9449-8-nonce
  //= A31
  it("is given to who has none, wanted from then on, and renewed beside tokens: RFC9449-8-nonce", async () => {
    const session = await start({ nonce: "required" })
    const { wire, app, clock } = session
    const form = await newCode(session)
    const refused = await wire.token(app, form, await proofOf(session))
    expect(told(refused)).toEqual([400, "use_dpop_nonce"])
    const nonce = refused.headers.get("dpop-nonce")!
    expect(refused.headers.get("access-control-expose-headers")).toContain("DPoP-Nonce")
    const first = await wire.token(app, form, await proofOf(session, key, { nonce }))
    expect([first.status, first.headers.get("dpop-nonce")]).toEqual([200, null])
    clock.pass(300)
    const second = await wire.token(app, refreshForm(first), await proofOf(session, key, { nonce }))
    const next = second.headers.get("dpop-nonce")
    expect([second.status, next === nonce]).toEqual([200, false])
    clock.pass(300)
    const stale = await wire.token(app, refreshForm(second), await proofOf(session, key, { nonce }))
    expect(told(stale)).toEqual([400, "use_dpop_nonce"])
    expect((await wire.token(app, refreshForm(second), await proofOf(session, key, { nonce: next! }))).status).toBe(200)
  })

  it("that is optional is offered, and judged where a proof has one", async () => {
    const session = await start({ nonce: "optional" })
    const first = await redeemed(session)
    expect(first.status).toBe(200)
    expect(first.headers.get("dpop-nonce")).not.toBeNull()
    const wrong = await proofOf(session, key, { nonce: "wrong" })
    expect(told(await session.wire.token(session.app, refreshForm(first), wrong))).toEqual([400, "use_dpop_nonce"])
  })

  it("is neither given nor judged where it is off", async () => {
    const session = await start()
    const proof = await proofOf(session, key, { nonce: "of another server" })
    const answer = await session.wire.token(session.app, await newCode(session), proof)
    expect([answer.status, answer.headers.get("dpop-nonce")]).toEqual([200, null])
  })
})

describe("a client with dpop_bound_access_tokens", () => {
  //= RFC9449-5.2-bound-required
  it("gets no token without a proof, and loses nothing by asking: RFC9449-5.2-bound-required", async () => {
    const session = await start()
    const app = await session.wire.newApp({ dpop_bound_access_tokens: true })
    const form = await newCode({ ...session, app })
    const refused = await session.wire.token(app, form)
    expect([...told(refused), refused.body.error_description]).toEqual([
      400,
      "invalid_dpop_proof",
      "the client is registered for tokens that are bound to a key: send a proof of one",
    ])
    const tokens = await session.wire.token(app, form, await proofOf(session))
    expect([tokens.status, tokens.body.token_type]).toEqual([200, "DPoP"])
    expect(told(await session.wire.token(app, refreshForm(tokens)))).toEqual([400, "invalid_dpop_proof"])
    expect((await session.wire.token(app, refreshForm(tokens), await proofOf(session))).status).toBe(200)
  })

  it("is told what was kept of it: nothing, where tokens are bound to no key", async () => {
    const asked = { redirect_uris: ["http://127.0.0.1/callback"], dpop_bound_access_tokens: true }
    expect((await (await start()).wire.register(asked)).body["dpop_bound_access_tokens"]).toBe(true)
    const { body } = await (await startSession(overMemory)).wire.register(asked)
    expect(body).not.toHaveProperty("dpop_bound_access_tokens")
    const odd = await (await start()).wire.register({ ...asked, dpop_bound_access_tokens: "yes" })
    expect([odd.status, odd.body.error]).toEqual([400, "invalid_client_metadata"])
  })
})

describe("a server that binds every token", () => {
  it("gives none without a proof, and spends nothing", async () => {
    const session = await start({ isRequired: true })
    const form = await newCode(session)
    const { status, body } = await session.wire.token(session.app, form)
    expect([status, body.error, body.error_description]).toEqual([
      400,
      "invalid_dpop_proof",
      "tokens are bound to a key here: send a proof in the DPoP header",
    ])
    expect((await session.wire.token(session.app, form, await proofOf(session))).status).toBe(200)
  })
})

describe("the metadata", () => {
  const of = async ({ wire }: Session) => (await wire.get("/.well-known/oauth-authorization-server")).body

  it("names the algorithms of proofs, as long as they are taken", async () => {
    expect((await of(await start({ algorithms: ["ES256", "PS256"] })))["dpop_signing_alg_values_supported"]).toEqual([
      "ES256",
      "PS256",
    ])
    expect(await of(await startSession(overMemory))).not.toHaveProperty("dpop_signing_alg_values_supported")
  })
})

describe("the options", () => {
  it.each<[string, object]>([
    ["`HS256`", { algorithms: ["HS256"] }],
    ["none", { algorithms: [] }],
    ["`sometimes`", { nonce: "sometimes" }],
    ["maxAgeSeconds", { maxAgeSeconds: 0 }],
    ["maxAgeSeconds", { maxAgeSeconds: 1.5 }],
    ["maxAgeSeconds", { maxAgeSeconds: 3601 }],
  ])("that cannot be served are refused with a sentence: %s", (word, options) => {
    expect(() => dpop(options)).toThrow(ConfigFault)
    expect(() => dpop(options)).toThrow(word)
  })
})
