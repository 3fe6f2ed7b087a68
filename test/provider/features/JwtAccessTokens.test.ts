/** JWT access tokens: readable by anybody who has the published keys, and judged by the log like every other token. */
import { hash } from "node:crypto"
import { join } from "node:path"
import { Effect } from "effect"
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose"
import type { JSONWebKeySet } from "jose"
import { describe, expect, it, onTestFinished } from "vitest"
import { memoryPlace, StoreFault } from "../../../src/log/index.ts"
import {
  ephemeralKeys,
  jwtAccessTokens,
  liveRandomness,
  memorySigningKeys,
  openSigningKeys,
  parseToken,
  signingKeyTable,
  signingKeysIn,
  sqliteStore,
  standardFeatures,
  tokenExchange,
  type JwtAccessTokenOptions,
} from "../../../src/provider/index.ts"
import { manualClock } from "../../support/ManualClock.ts"
import { addService, startSession, type Session } from "../../support/Session.ts"
import {
  ISSUER,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  temporaryFolder,
  type Setting,
} from "../../support/TestServer.ts"
import { RESOURCE, wireClient } from "../../support/WireClient.ts"

const run = Effect.runPromise
const OTHER = "http://localhost:9998/mcp"

const withJwts = (options: Partial<JwtAccessTokenOptions> = {}): Pick<Setting, "features"> => ({
  features: [...standardFeatures, jwtAccessTokens({ resources: [RESOURCE], ...options })],
})

const start = (options: Partial<JwtAccessTokenOptions> = {}, setting: Setting = {}, factory = overMemory) =>
  startSession(factory, { ...withJwts(options), ...setting })

/** The published keys, by way of the metadata. */
const keySetOf = async ({ wire }: Pick<Session, "wire">): Promise<JSONWebKeySet> => {
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  const { headers, text } = await wire.get(String(body["jwks_uri"]).slice(ISSUER.length))
  expect(headers.get("content-type")).toBe("application/jwk-set+json")
  return JSON.parse(text) as JSONWebKeySet
}

/** What a resource server does that has nothing but the published keys. */
const verified = async (session: Pick<Session, "wire" | "clock">, token: string, audience = RESOURCE) =>
  jwtVerify(token, createLocalJWKSet(await keySetOf(session)), {
    issuer: ISSUER,
    audience,
    typ: "at+jwt",
    algorithms: ["ES256", "RS256", "EdDSA"],
    currentDate: new Date(session.clock.now()),
  })

describe.each([overMemory, overSqlite])("an access token for a resource that gets JWTs, $name", (factory) => {
  //= RFC9068-2.1-typ-at-jwt
  //= RFC9068-2.2-required-claims
  it("is typed at+jwt, signed by a published key, and says what introspection says", async () => {
    const session = await start({}, {}, factory)
    const { wire, app, watcher } = session
    const { access, body } = await wire.login(app, { resource: RESOURCE, scope: "read" })
    const { protectedHeader, payload } = await verified(session, access)
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "at+jwt", kid: expect.stringMatching(/^[\w-]{43}$/) })
    const { body: answer } = await wire.introspect(watcher, access)
    const { jti, ...claims } = payload
    const { active, token_type, ...told } = answer
    expect(claims).toEqual(told)
    expect([active, token_type, jti]).toEqual([true, "Bearer", expect.stringMatching(/^\w{22}\.[\w-]{43}$/)])
    for (const name of ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]) expect(payload).toHaveProperty(name)
    expect([body.expires_in, payload.exp! - payload.iat!]).toEqual([300, 300])
  })

  it("ends when it is revoked, and when it expires, whatever its signature says", async () => {
    const { wire, app, watcher, native, clock } = await start({}, {}, factory)
    const [first, second] = [
      await wire.login(app, { resource: RESOURCE }),
      await wire.login(app, { resource: RESOURCE }),
    ]
    await wire.revoke(app, first.access)
    expect(await wire.isActive(watcher, first.access)).toBe(false)
    expect(await run(native.verify(first.access))).toBeUndefined()
    expect(await run(native.verify(second.access))).toMatchObject({ token: second.access, resource: [RESOURCE] })
    expect((await wire.refresh(app, first.refresh)).status).toBe(200)
    clock.pass(299)
    expect(await wire.isActive(watcher, second.access)).toBe(true)
    clock.pass(1)
    expect(await wire.isActive(watcher, second.access)).toBe(false)
  })

  it("tells who acts and who alone may, as introspection does, where it was given for another token", async () => {
    const features = [...withJwts().features!, tokenExchange({ policy: () => ({ policy: "any", mayAct: agent }) })]
    const session = await startSession(factory, { features })
    const grant_types = ["urn:ietf:params:oauth:grant-type:token-exchange"]
    const [one, other] = [await addService(session, { grant_types }), await addService(session, { grant_types })]
    const agent = other.clientId
    const form = { grant_type: grant_types[0]!, subject_token_type: "urn:ietf:params:oauth:token-type:access_token" }
    const { access } = await session.wire.login(session.app, { resource: RESOURCE })
    const second = await session.wire.token(one, { ...form, subject_token: access })
    const third = await session.wire.token(other, { ...form, subject_token: second.body.access_token! })
    const { payload } = await verified(session, third.body.access_token!)
    const told = (await session.wire.introspect(session.watcher, third.body.access_token!)).body
    expect(payload["act"]).toEqual({ sub: other.clientId, act: { sub: one.clientId } })
    expect([payload["act"], payload["may_act"]]).toEqual([told["act"], told["may_act"]])
    expect(decodeJwt(access)).not.toHaveProperty("act")
  })

  it("is repeated for a lost reply with the same claims, and ends with its grant", async () => {
    const { wire, app, watcher } = await start({}, {}, factory)
    const { refresh } = await wire.login(app, { resource: RESOURCE })
    const [once, again] = [await wire.refreshed(app, refresh), await wire.refreshed(app, refresh)]
    expect(decodeJwt(again.access)).toEqual(decodeJwt(once.access))
    expect(again.refresh).toBe(once.refresh)
    await wire.revoke(app, once.refresh)
    for (const { access } of [once, again]) expect(await wire.isActive(watcher, access)).toBe(false)
  })

  it("that was signed with a key which is compromised ends at once, and its client goes on under another key", async () => {
    const signingKeys = memorySigningKeys(ephemeralKeys(), liveRandomness)
    const session = await start({}, { signingKeys }, factory)
    const { wire, app, watcher, native } = session
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    const kid = decodeProtectedHeader(access).kid!
    await run(signingKeys.retire(kid, { now: native.now(), isCompromised: true }))
    expect(await wire.isActive(watcher, access)).toBe(false)
    expect(await run(native.verify(access))).toBeUndefined()
    expect((await keySetOf(session)).keys.map((key) => key.kid)).not.toContain(kid)
    const next = await wire.refreshed(app, refresh)
    expect(decodeProtectedHeader(next.access).kid).not.toBe(kid)
    expect(await wire.isActive(watcher, next.access)).toBe(true)
  })

  it("that was signed with a key which is retired lives on", async () => {
    const signingKeys = memorySigningKeys(ephemeralKeys(), liveRandomness)
    const session = await start({}, { signingKeys }, factory)
    const { wire, app, watcher, native } = session
    const { access } = await wire.login(app, { resource: RESOURCE })
    await run(signingKeys.rotate("ES256", { now: native.now(), overlapMillis: 0 }))
    expect(await wire.isActive(watcher, access)).toBe(true)
    await verified(session, access)
    const later = await wire.login(app, { resource: RESOURCE })
    expect(decodeProtectedHeader(later.access).kid).not.toBe(decodeProtectedHeader(access).kid)
  })
})

describe("the form of an access token", () => {
  it("is that of its resources: opaque where one of them has none or another algorithm", async () => {
    const algorithms = { [RESOURCE]: "ES256", [OTHER]: "RS256" } as const
    const { wire, app } = await start({ resources: algorithms })
    const third = "http://localhost:9997/mcp"
    const headerOf = async (resource: ReadonlyArray<string>) => {
      const { access } = await wire.login(app, { resource })
      return access.startsWith("gla_") ? "opaque" : decodeProtectedHeader(access).alg
    }
    expect(await headerOf([RESOURCE])).toBe("ES256")
    expect(await headerOf([OTHER])).toBe("RS256")
    expect(await headerOf([third])).toBe("opaque")
    expect(await headerOf([RESOURCE, third])).toBe("opaque")
    expect(await headerOf([RESOURCE, OTHER])).toBe("opaque")
    expect(await headerOf([`${RESOURCE.replace("localhost", "LOCALHOST")}`])).toBe("ES256")
  })

  it("is a JWT for every resource where that is said, with all of them in `aud`", async () => {
    const session = await start({ resources: "all" })
    const { access } = await session.wire.login(session.app, { resource: [RESOURCE, OTHER] })
    expect((await verified(session, access, OTHER)).payload.aud).toEqual([RESOURCE, OTHER])
  })

  it("leaves opaque tokens their lifetime, and gives a JWT no longer one than is configured", async () => {
    const { wire, app } = await start({ lifetimeSeconds: 600 }, { config: { lifetimes: { accessToken: 400 } } })
    expect((await wire.login(app, { resource: RESOURCE })).body.expires_in).toBe(400)
    const usual = await start()
    expect((await usual.wire.login(usual.app, { resource: OTHER })).body.expires_in).toBe(3600)
    const narrowed = await usual.wire.login(usual.app, { resource: [RESOURCE, OTHER] }, { resource: RESOURCE })
    expect(narrowed.body.expires_in).toBe(300)
    const both = await usual.wire.refreshed(usual.app, narrowed.refresh)
    expect([both.body.expires_in, both.access.slice(0, 4)]).toEqual([3600, "gla_"])
  })

  //= RFC9068-2.1-rs256-support
  it.each(["ES256", "RS256", "EdDSA"] as const)("may be signed by %s", async (algorithm) => {
    const session = await start({ algorithm })
    const { access } = await session.wire.login(session.app, { resource: RESOURCE })
    expect((await verified(session, access)).protectedHeader.alg).toBe(algorithm)
    expect(await session.wire.isActive(session.watcher, access)).toBe(true)
  })

  it.each([
    [{ resources: [] }, "resources names none"],
    [{ resources: ["mcp"] }, "the resource `mcp` is not a URI"],
    [{ algorithm: "none" as "ES256" }, "`none` is not one of ES256, RS256, EdDSA"],
    [{ resources: { [RESOURCE]: "HS256" as "ES256" } }, "`HS256` is not one of"],
    [{ lifetimeSeconds: 0 }, "lifetimeSeconds is no whole number"],
    [{ lifetimeSeconds: 86_401 }, "lifetimeSeconds is no whole number"],
  ])("is refused when it is made of %j", (options, sentence) => {
    expect(() => jwtAccessTokens({ resources: [RESOURCE], ...options })).toThrow(sentence)
  })

  it("that would have expired when it is repeated is refused with the server", async () => {
    await expect(start({ lifetimeSeconds: 30 })).rejects.toThrow("retryWindow must be shorter")
  })
})

//= RFC9068-3-default-aud
it("a token that was asked for without a resource names the one that is known, and none where several are", async () => {
  const config = { resources: [RESOURCE] }
  const session = await start({}, { config })
  const { access } = await session.wire.login(session.app)
  expect((await verified(session, access)).payload.aud).toBe(RESOURCE)
  const several = await start({}, { config: { resources: [RESOURCE, OTHER] } })
  const answer = await several.wire.authorize(several.app)
  expect(new URL(answer.headers.get("location")!).searchParams.get("error")).toBe("invalid_target")
})

//= OAUTH21-7.4-sub-namespace
it("a client's own token has the client as its subject, which is nobody's name, and introspection names no subject", async () => {
  const session = await start()
  const service = await addService(session)
  const { body } = await session.wire.token(service, { grant_type: "client_credentials", resource: RESOURCE })
  const { payload } = await verified(session, body.access_token!)
  expect(payload).toMatchObject({ sub: service.clientId, client_id: service.clientId })
  expect([payload.sub!.startsWith("sub_"), body.expires_in]).toEqual([false, 300])
  expect((await session.wire.introspect(session.watcher, body.access_token!)).body).not.toHaveProperty("sub")
})

//= RFC8725-3.1-alg-allowlist
//= RFC8725-3.8-keys-belong-to-iss
describe("what is no token of the server", () => {
  const forgeries = async (session: Session) => {
    const { access } = await session.wire.login(session.app, { resource: RESOURCE })
    const [header, payload, signature] = access.split(".") as [string, string, string]
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    const { kid } = decodeProtectedHeader(access)
    const claims = decodeJwt(access)
    const own = await generateKeyPair("ES256", { extractable: true })
    const { publicKey } = own
    const jwk = await exportJWK(publicKey)
    const byStranger = (more: object = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: kid!, ...more }).sign(own.privateKey)
    const [key] = (await keySetOf(session)).keys
    const macKey = new TextEncoder().encode(JSON.stringify(key))
    const mac = new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: kid! }).sign(macKey)
    const [, , handle = ""] = /^(\w+)\.([\w-]+)$/.exec(claims.jti!) ?? []
    return {
      access,
      forged: {
        "a claim that was changed": `${header}.${encoded({ ...claims, scope: "write" })}.${signature}`,
        "no signature": `${encoded({ alg: "none", typ: "at+jwt", kid })}.${payload}.`,
        "alg none with the signature": `${encoded({ alg: "none", typ: "at+jwt", kid })}.${payload}.${signature}`,
        "a MAC under the public key": await mac,
        "another key under the same kid": await byStranger(),
        "a key that it brings itself": await byStranger({ jwk, kid: undefined }),
        "a key at an address that it names": await byStranger({ jku: "https://evil.example/jwks" }),
        "the jti alone": claims.jti!,
        "the digest alone": handle,
        "another signature": `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
        "a token within it": `${header}.${payload}.${signature}.${signature}`,
      },
    }
  }

  it("is not introspected, verified or revoked, whatever it is", async () => {
    const session = await start()
    const { wire, native, watcher, app } = session
    const { access, forged } = await forgeries(session)
    for (const [name, token] of Object.entries(forged)) {
      expect([name, await wire.isActive(watcher, token)]).toEqual([name, false])
      expect([name, await run(native.verify(token))]).toEqual([name, undefined])
      expect([name, (await wire.revoke(app, token)).status]).toEqual([name, 200])
    }
    expect(await wire.isActive(watcher, access)).toBe(true)
  })

  it("is another JWT that the server signed, though its claims are those of a token", async () => {
    const session = await start()
    const { access } = await session.wire.login(session.app, { resource: RESOURCE })
    for (const typ of ["JWT", "token-introspection+jwt", "logout+jwt", "dpop+jwt"]) {
      const other = await session.native.serverContext.sign(decodeJwt(access), { typ })
      expect([typ, await session.wire.isActive(session.watcher, other)]).toEqual([typ, false])
    }
  })
})

it("the log knows a token by the digest in its jti, and holds nothing that the token could be made of", async () => {
  const { wire, app, store } = await start({}, {}, overSqlite)
  const { access } = await wire.login(app, { resource: RESOURCE })
  const [grantId, digest] = decodeJwt(access).jti!.split(".")
  const entries = await run(store.readStream(`grant-${grantId}`))
  const issued = entries.flatMap(({ event }) => (event._tag === "AccessTokenIssued" ? [event.digest] : []))
  expect(issued).toEqual([digest])
  expect(JSON.stringify(entries)).not.toContain(access.split(".")[2])
  expect(parseToken(access)).toBeUndefined()
  expect(hash("sha256", access, "base64url")).not.toBe(digest)
})

it("a token is not verified at once, and the sentence says how", async () => {
  const { wire, app, native } = await start({}, {}, overSqlite)
  const { access } = await wire.login(app, { resource: RESOURCE })
  expect(() => native.verifySync(access)).toThrow(StoreFault)
  expect(() => native.verifySync(access)).toThrow("use `verify`")
  expect(native.verifySync("gla_nothing")).toBeUndefined()
})

it("nothing is spent while the keys are not to be had", async () => {
  const place = memoryPlace(signingKeyTable)
  let isAway = false
  const fault = Effect.fail(new StoreFault({ reason: "other", message: "the place is away" }))
  const unsteady = {
    ...place,
    get: (key: ReadonlyArray<string>) => (isAway ? fault : place.get(key)),
    mayHaveChanged: Effect.succeed(true),
  }
  const signingKeys = signingKeysIn(unsteady as typeof place, "here", ephemeralKeys(), liveRandomness)
  const { wire, app } = await start({}, { signingKeys })
  const approval = await wire.approved(app, { resource: RESOURCE })
  isAway = true
  const refused = await wire.redeem(app, approval)
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"])
  expect((await wire.get("/jwks")).status).toBe(503)
  isAway = false
  expect((await wire.redeem(app, approval)).status).toBe(200)
})

it("two instances on one store take each other's tokens, and agree on which key signs and which is compromised", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const [keys, clock] = [ephemeralKeys(), manualClock()]
  const open = async () => {
    const store = sqliteStore(file)
    onTestFinished(() => run(store.close))
    const made = await serverOver({ store, keys, clock, ...withJwts() })
    return { ...made, wire: wireClient(await serve(made.native)) }
  }
  const [one, other] = [await open(), await open()]
  const app = await one.wire.newApp()
  const { access } = await one.wire.login(app, { resource: RESOURCE })
  expect(await run(other.native.verify(access))).toBeDefined()
  expect((await other.wire.get("/jwks")).text).toBe((await one.wire.get("/jwks")).text)
  const operator = await run(openSigningKeys(`${file}.signing-keys`, keys, liveRandomness))
  onTestFinished(() => run(operator.close))
  const kid = decodeProtectedHeader(access).kid!
  await run(operator.retire(kid, { now: clock.now(), isCompromised: true }))
  for (const { native } of [one, other]) expect(await run(native.verify(access))).toBeUndefined()
  const kids = await Promise.all(
    [one, other, one, other].map(async ({ wire }) => {
      const tokens = await wire.login(app, { resource: RESOURCE })
      return decodeProtectedHeader(tokens.access).kid
    }),
  )
  expect([new Set(kids).size, kids.includes(kid)]).toEqual([1, false])
})

it("a server where nothing signs has no keys, publishes none, and needs no place for them", async () => {
  const { wire } = await startSession(overSqlite)
  expect((await wire.get("/.well-known/oauth-authorization-server")).body).not.toHaveProperty("jwks_uri")
  expect((await wire.get("/jwks")).status).toBe(404)
})
