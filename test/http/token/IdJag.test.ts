/** The rules of identity assertions over HTTP: each claim judged, each assertion used once, and nothing to refresh. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { dpop, idJag, standardFeatures, type IdJagOptions } from "../../../src/entry/grantlog.ts"
import { newDpopKey, type DpopKey } from "../../support/DpopKey.ts"
import { documents, identityProvider, type IdentityProvider } from "../../support/IdentityProvider.ts"
import { addService, startSession, type Session } from "../../support/Session.ts"
import { ISSUER, overMemory, overSqlite, serve, serverOver, type Factory } from "../../support/TestServer.ts"
import { RESOURCE, wireClient, type App, type WireClient } from "../../support/WireClient.ts"

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
const TYP = "oauth-id-jag+jwt"
const run = Effect.runPromise

interface Scene extends Session {
  readonly idp: IdentityProvider
  readonly client: App
  /** An assertion that is good, but for what is said otherwise. */
  readonly assertion: (over?: object, header?: { readonly typ?: string; readonly kid?: string }) => Promise<string>
}

const featuresFor = (idp: Pick<IdentityProvider, "issuer" | "jwks">, options: Partial<IdJagOptions> = {}) => [
  ...standardFeatures,
  idJag({ issuers: [{ issuer: idp.issuer, jwks: idp.jwks }], ...options }),
]

let serial = 0

const scene = async (factory: Factory = overMemory, options: Partial<IdJagOptions> = {}): Promise<Scene> => {
  const idp = await identityProvider()
  const session = await startSession(factory, { features: featuresFor(idp, options) })
  const client = await addService(session, { grant_types: [GRANT] })
  const assertion: Scene["assertion"] = (over = {}, header = {}) => {
    const seconds = Math.floor(session.native.now() / 1000)
    const claims = {
      sub: "U019488227",
      aud: ISSUER,
      client_id: client.clientId,
      resource: RESOURCE,
      scope: "read",
      jti: `jti-${serial++}`,
      iat: seconds,
      exp: seconds + 300,
    }
    return idp.sign({ ...claims, ...over }, { typ: TYP, ...header })
  }
  return { ...session, idp, client, assertion }
}

const bring = (wire: WireClient, app: App, assertion: string | undefined, form: Record<string, string> = {}) =>
  wire.token(app, { grant_type: GRANT, assertion, ...form })

const errorOf = async (answer: ReturnType<typeof bring>) => {
  const { status, body } = await answer
  return [status, body.error]
}
const notTaken = [400, "invalid_grant"]

describe.each([overMemory, overSqlite])("an identity assertion, $name", (factory) => {
  it("leads to an access token for the person that it is about, and to no refresh token", async () => {
    const at = await scene(factory)
    const { status, body } = await bring(at.wire, at.client, await at.assertion())
    expect([status, Object.keys(body).toSorted()]).toEqual([200, ["access_token", "expires_in", "scope", "token_type"]])
    const { body: seen } = await at.wire.introspect(at.watcher, body.access_token!)
    expect(seen).toMatchObject({ active: true, client_id: at.client.clientId, aud: RESOURCE, scope: "read" })
    expect(seen["sub"]).toMatch(/^sub_/)
    const [grant] = await run(at.native.grants({ clientId: at.client.clientId }))
    expect(grant).toMatchObject({ basis: { _tag: "Policy", policy: `identity assertion of ${at.idp.issuer}` } })
    await run(at.native.disableSubject(String(seen["sub"])))
    expect(await at.wire.isActive(at.watcher, body.access_token!)).toBe(false)
    expect((await bring(at.wire, at.client, await at.assertion())).status).toBe(400)
  })

  //= A51
  it("is used once: of eight who bring it at once one gets a token", async () => {
    const at = await scene(factory)
    const assertion = await at.assertion()
    const answers = await Promise.all(Array.from({ length: 8 }, () => bring(at.wire, at.client, assertion)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(400)])
    expect(new Set(answers.flatMap(({ body }) => body.error ?? []))).toEqual(new Set(["invalid_grant"]))
    expect(await run(at.native.grants({ clientId: at.client.clientId }))).toHaveLength(1)
  })
})

it("an assertion is used once by two servers on one store, and by one that was restarted since", async () => {
  const at = await scene(overSqlite)
  const { store, keys, clock, idp } = at
  const wireOf = async () =>
    wireClient(await serve((await serverOver({ store, keys, clock, features: featuresFor(idp) })).native))
  const other = await wireOf()
  const assertion = await at.assertion()
  const answers = await Promise.all(
    [at.wire, other, at.wire, other, at.wire, other, at.wire, other].map((wire) => bring(wire, at.client, assertion)),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(await errorOf(bring(await wireOf(), at.client, assertion))).toEqual(notTaken)
})

it("an assertion that a client could not prove itself with is not used up", async () => {
  const at = await scene()
  const assertion = await at.assertion()
  expect(await errorOf(bring(at.wire, { ...at.client, clientSecret: "wrong" }, assertion))).toEqual([
    401,
    "invalid_client",
  ])
  expect((await bring(at.wire, at.client, assertion)).status).toBe(200)
})

//= A51
describe("with anything about it changed it is refused as invalid_grant", () => {
  it("MCP-EMA-5.1-idjag-checks: its type, and the client that it names", async () => {
    const at = await scene()
    const other = await addService(at, { grant_types: [GRANT] })
    for (const typ of ["JWT", "at+jwt", "client-authentication+jwt", "dpop+jwt", "logout+jwt", "id-jag+jwt"]) {
      expect(await errorOf(bring(at.wire, at.client, await at.assertion({}, { typ }))), typ).toEqual(notTaken)
    }
    expect(await errorOf(bring(at.wire, other, await at.assertion()))).toEqual(notTaken)
    expect(await errorOf(bring(at.wire, at.client, await at.assertion({ client_id: undefined })))).toEqual(notTaken)
    expect((await bring(at.wire, at.client, await at.assertion({}, { typ: `application/${TYP}` }))).status).toBe(200)
  })

  it("IDJAG-4.4.1-aud-single: whom it is for", async () => {
    const at = await scene()
    for (const aud of [
      undefined,
      "https://other.example",
      `${ISSUER}/`,
      `${ISSUER}/token`,
      [ISSUER, ISSUER],
      [ISSUER, "x"],
      [],
    ]) {
      expect(await errorOf(bring(at.wire, at.client, await at.assertion({ aud }))), String(aud)).toEqual(notTaken)
    }
    expect((await bring(at.wire, at.client, await at.assertion({ aud: [ISSUER] }))).status).toBe(200)
  })

  it("IDJAG-8.3-no-self-issued: whose it is: nobody's, a stranger's, its own", async () => {
    const at = await scene()
    for (const iss of [undefined, "https://stranger.example", `${at.idp.issuer}/`]) {
      expect(await errorOf(bring(at.wire, at.client, await at.assertion({ iss }))), iss).toEqual(notTaken)
    }
    const self = await identityProvider(ISSUER)
    const own = await startSession(overMemory, { features: featuresFor(self) })
    const client = await addService(own, { grant_types: [GRANT] })
    const seconds = Math.floor(own.native.now() / 1000)
    const claims = { sub: "u", aud: ISSUER, client_id: client.clientId, jti: "1", iat: seconds, exp: seconds + 60 }
    expect(await errorOf(bring(own.wire, client, await self.sign(claims, { typ: TYP })))).toEqual(notTaken)
  })

  it("IDJAG-8.6-dpop-cnf: the key that it is bound to, which nobody proves here", async () => {
    const at = await scene()
    for (const cnf of [{ jkt: "A".repeat(43) }, {}, "key"]) {
      expect(await errorOf(bring(at.wire, at.client, await at.assertion({ cnf })))).toEqual(notTaken)
    }
  })

  it("IDJAG-8.6-dpop-cnf: the key that it is bound to, to which the token that comes of it is bound as well", async () => {
    const idp = await identityProvider()
    const session = await startSession(overMemory, { features: [...featuresFor(idp), dpop()] })
    const client = await addService(session, { grant_types: [GRANT] })
    const [own, other] = [await newDpopKey(), await newDpopKey()]
    const bringBound = async (key: DpopKey | undefined, cnf: object | undefined) => {
      const seconds = Math.floor(session.native.now() / 1000)
      const claims = { sub: "u", aud: ISSUER, client_id: client.clientId, jti: `${serial++}`, resource: RESOURCE }
      const bound = cnf === undefined ? {} : { cnf }
      const assertion = await idp.sign({ ...claims, ...bound, iat: seconds, exp: seconds + 60 }, { typ: TYP })
      const headers = key === undefined ? {} : { dpop: await key.proof("POST", `${ISSUER}/token`) }
      return session.wire.token(client, { grant_type: GRANT, assertion }, headers)
    }
    for (const cnf of [{ jkt: own.jkt }, undefined]) {
      const { status, body } = await bringBound(own, cnf)
      expect([status, body.token_type]).toEqual([200, "DPoP"])
      const seen = await session.wire.introspect(session.watcher, body.access_token!)
      expect(seen.body).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt: own.jkt } })
    }
    for (const key of [other, undefined]) {
      const { status, body } = await bringBound(key, { jkt: own.jkt })
      expect([status, body.error]).toEqual(notTaken)
    }
  })

  it("its time, its number, its person, its shape", async () => {
    const at = await scene()
    const seconds = Math.floor(at.native.now() / 1000)
    for (const over of [
      { exp: seconds - 60 },
      { exp: undefined },
      { exp: seconds + 7200 },
      { iat: seconds + 60 },
      { iat: undefined },
      { nbf: seconds + 60 },
      { jti: undefined },
      { jti: "" },
      { jti: 7 },
      { sub: undefined },
      { sub: "" },
      { sub: "x".repeat(400) },
      { sub: "\u202e" },
      { scope: 7 },
      { scope: "" },
      { resource: 7 },
      { resource: [] },
      { act: 7 },
    ]) {
      expect(await errorOf(bring(at.wire, at.client, await at.assertion(over))), JSON.stringify(over)).toEqual(notTaken)
    }
    expect(await errorOf(bring(at.wire, at.client, "a.b.c"))).toEqual(notTaken)
    expect(await errorOf(bring(at.wire, at.client, undefined))).toEqual([400, "invalid_request"])
    const forger = await identityProvider(at.idp.issuer)
    const forged = await forger.sign(
      { sub: "u", aud: ISSUER, client_id: at.client.clientId, jti: "f", iat: seconds, exp: seconds + 60 },
      { typ: TYP },
    )
    expect(await errorOf(bring(at.wire, at.client, forged))).toEqual(notTaken)
    expect(await errorOf(bring(at.wire, at.client, await at.assertion({}, { kid: "unknown" })))).toEqual(notTaken)
    expect(await run(at.native.grants({ clientId: at.client.clientId }))).toEqual([])
  })
})

describe("what it is for", () => {
  it("is what it says, less if less is asked for, and never more", async () => {
    const at = await scene()
    const both = [RESOURCE, "http://localhost:9998/mail"]
    const ask = async (over: object, form: Record<string, string>) =>
      bring(at.wire, at.client, await at.assertion(over), form)
    expect((await ask({ scope: "read write" }, { scope: "write" })).body.scope).toBe("write")
    expect(await errorOf(ask({}, { scope: "write" }))).toEqual([400, "invalid_scope"])
    expect(await errorOf(ask({}, { resource: both[1]! }))).toEqual([400, "invalid_target"])
    const { body } = await ask({ resource: both }, { resource: both[0]! })
    expect((await run(at.native.verify(body.access_token!)))?.resource).toEqual([both[0]])
  })

  it("is left to a policy, which can give less or nothing", async () => {
    const at = await scene(overMemory, {
      policy: ({ sub, claims }) =>
        sub === "nobody" ? undefined : claims["acr"] === "strong" ? {} : { scopes: ["read"] },
    })
    const scopeOf = async (over: object) =>
      (await bring(at.wire, at.client, await at.assertion({ scope: "read write", ...over }))).body.scope
    expect([await scopeOf({}), await scopeOf({ acr: "strong" })]).toEqual(["read", "read write"])
    expect(await errorOf(bring(at.wire, at.client, await at.assertion({ sub: "nobody" })))).toEqual([
      400,
      "access_denied",
    ])
  })

  //= RFC9470-6-token-says
  //= RFC9470-6.2-introspection
  it("says of the login what the provider says, by the provider's clock, and nothing that it does not say", async () => {
    const at = await scene()
    const seconds = Math.floor(at.native.now() / 1000)
    const saidOf = async (over: object) => {
      const { body } = await bring(at.wire, at.client, await at.assertion(over))
      const { acr, auth_time } = (await at.wire.introspect(at.watcher, body.access_token!)).body
      const grants = await run(at.native.grants({ clientId: at.client.clientId }))
      const basis = grants.map((grant) => (grant._tag === "Open" ? grant.basis : undefined)).at(0)
      expect(basis).toMatchObject({ _tag: "Policy" })
      return [acr, auth_time]
    }
    const strong = { acr: "phr", amr: ["hwk"], auth_time: seconds - 600 }
    expect(await saidOf(strong)).toEqual(["phr", seconds - 600])
    // A provider whose clock is five seconds behind says so much ago all the same.
    expect(await saidOf({ ...strong, iat: seconds - 5, auth_time: seconds - 605 })).toEqual(["phr", seconds - 600])
    // Nobody signs in after the assertion of it.
    expect(await saidOf({ ...strong, auth_time: seconds + 3600 })).toEqual(["phr", seconds])
    expect(await saidOf({ auth_time: seconds - 600 })).toEqual([undefined, seconds - 600])
    expect(await saidOf({ auth_time: seconds - 600, acr: "two words" })).toEqual([undefined, seconds - 600])
    for (const unsaid of [{ acr: "phr" }, { acr: "phr", auth_time: "now" }, { acr: "phr", auth_time: -1 }, {}]) {
      expect(await saidOf(unsaid)).toEqual([undefined, undefined])
    }
  })

  it("tells who acts, where the provider does", async () => {
    const at = await scene()
    const { body } = await bring(at.wire, at.client, await at.assertion({ act: { sub: "robot" } }))
    expect((await run(at.native.verify(body.access_token!)))?.actors).toEqual([expect.stringMatching(/^sub_/)])
  })
})

describe("a trusted issuer", () => {
  //= A51
  it("may be bound to a tenant, to clients and to algorithms", async () => {
    const idp = await identityProvider()
    const trusted = { issuer: idp.issuer, jwks: idp.jwks }
    const withOwn =
      (extra: object, over: object = {}) =>
      async () => {
        const session = await startSession(overMemory, {
          features: featuresFor(idp, { issuers: [{ ...trusted, ...extra }] }),
        })
        const client = await addService(session, { grant_types: [GRANT] })
        const seconds = Math.floor(session.native.now() / 1000)
        const claims = {
          sub: "u",
          aud: ISSUER,
          client_id: client.clientId,
          jti: "1",
          iat: seconds,
          exp: seconds + 60,
          resource: RESOURCE,
          ...over,
        }
        return (await bring(session.wire, client, await idp.sign(claims, { typ: TYP }))).status
      }
    expect(await withOwn({ tenant: "acme" }, { tenant: "acme" })()).toBe(200)
    expect(await withOwn({ tenant: "acme" }, { tenant: "other" })()).toBe(400)
    expect(await withOwn({ tenant: "acme" })()).toBe(400)
    expect(await withOwn({ clients: ["somebody"] })()).toBe(400)
    expect(await withOwn({ algorithms: ["PS256"] })()).toBe(400)
  })

  it("publishes its keys where its metadata says; while they cannot be had nobody is told anything about an assertion", async () => {
    const published = new Map<string, unknown>()
    const site = await documents((path) => published.get(path))
    const idp = await identityProvider(site.url)
    const session = await startSession(overMemory, {
      features: [...standardFeatures, idJag({ issuers: [{ issuer: site.url }] })],
    })
    const client = await addService(session, { grant_types: [GRANT] })
    const seconds = Math.floor(session.native.now() / 1000)
    const claims = {
      sub: "u",
      aud: ISSUER,
      client_id: client.clientId,
      jti: "1",
      iat: seconds,
      exp: seconds + 60,
      resource: RESOURCE,
    }
    const assertion = await idp.sign(claims, { typ: TYP })
    expect((await bring(session.wire, client, assertion)).status).toBe(503)
    published.set("/keys", idp.jwks)
    published.set("/.well-known/openid-configuration", { issuer: site.url, jwks_uri: `${site.url}/keys` })
    expect((await bring(session.wire, client, assertion)).status).toBe(200)
    const before = site.asked.length
    for (const jti of ["2", "3", "4"]) {
      const made = await idp.sign({ ...claims, jti }, { typ: TYP, kid: `made-up-${jti}` })
      expect((await bring(session.wire, client, made)).status).toBe(400)
    }
    expect(site.asked.length - before).toBeLessThanOrEqual(1)
  })

  it("has its keys read again for one that is not among them, half a minute after they were read, as a document alone", async () => {
    const published = new Map<string, unknown>()
    const site = await documents((path) => published.get(path))
    const [first, next] = [await identityProvider(site.url), await identityProvider(site.url)]
    const jwksUri = `${site.url}/keys`
    const session = await startSession(overMemory, {
      features: [...standardFeatures, idJag({ issuers: [{ issuer: site.url, jwksUri }] })],
    })
    const client = await addService(session, { grant_types: [GRANT] })
    const bringBy = async (idp: IdentityProvider, kid: string) => {
      const seconds = Math.floor(session.native.now() / 1000)
      const claims = {
        sub: "u",
        aud: ISSUER,
        client_id: client.clientId,
        jti: `${kid} ${serial++}`,
        resource: RESOURCE,
      }
      const assertion = await idp.sign({ ...claims, iat: seconds, exp: seconds + 60 }, { typ: TYP, kid })
      return (await bring(session.wire, client, assertion)).status
    }
    const second = { keys: [{ ...next.jwks.keys[0]!, kid: "second" }] }
    published.set("/keys", first.jwks)
    expect(await bringBy(first, "first")).toBe(200)
    published.set("/keys", second)
    expect(await bringBy(next, "second")).toBe(400)
    session.clock.pass(30)
    expect(await bringBy(next, "second")).toBe(200)
    expect(await bringBy(first, "first")).toBe(400)
    // What no reader of documents takes is no set of keys either.
    published.set("/keys", { keys: [{ ...first.jwks.keys[0]!, padding: "x".repeat(300_000) }] })
    session.clock.pass(601)
    expect(await bringBy(first, "first")).toBe(503)
    published.delete("/keys")
    expect(await bringBy(first, "first")).toBe(503)
    published.set("/keys", first.jwks)
    expect(await bringBy(first, "first")).toBe(200)
  })

  it.each([
    [{ issuer: "http://idp.example" }, "is not https"],
    [
      { issuer: "https://idp.example", jwks: { keys: [] }, jwksUri: "https://idp.example/keys" },
      "both keys and an address",
    ],
    [{ issuer: "https://idp.example", algorithms: ["HS256"] }, "may not sign with `HS256`"],
    [{ issuer: "https://idp.example", jwksUri: "ftp://idp.example" }, "is not https"],
  ])("that cannot be one is refused when the server is made: %j", (trusted, sentence) => {
    expect(() => idJag({ issuers: [trusted] })).toThrow(sentence)
    expect(() => idJag({ issuers: [] })).toThrow("need an issuer that is trusted")
  })
})

it("a client of the MCP SDK gets a token by it, with no prompt to anybody", async () => {
  const { CrossAppAccessProvider, auth } = await import("@modelcontextprotocol/client")
  const at = await scene(overMemory, {})
  // The issuer has an address of its own here, which the client is sent from to where the server listens.
  const fetchFn = (url: string | URL, init?: RequestInit) => {
    const path = String(url)
    if (path.startsWith(RESOURCE) || path.includes("/.well-known/oauth-protected-resource")) {
      const document = { resource: RESOURCE, authorization_servers: [ISSUER] }
      return Promise.resolve(Response.json(document))
    }
    return fetch(path.replace(ISSUER, at.url), init)
  }
  const provider = new CrossAppAccessProvider({
    clientId: at.client.clientId,
    clientSecret: at.client.clientSecret!,
    expectedIssuer: ISSUER,
    fetchFn,
    assertion: ({ authorizationServerUrl, resourceUrl }) =>
      at.assertion({ aud: authorizationServerUrl.replace(/\/$/, ""), resource: resourceUrl }),
  })
  expect(await auth(provider, { serverUrl: RESOURCE, fetchFn })).toBe("AUTHORIZED")
  const { access_token, refresh_token } = provider.tokens()!
  expect(refresh_token).toBeUndefined()
  expect(await at.wire.isActive(at.watcher, access_token)).toBe(true)
})

it("the profile is in the metadata with its grant type, and names no issuer", async () => {
  const { wire } = await scene()
  const { body, text } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body["authorization_grant_profiles_supported"]).toEqual(["urn:ietf:params:oauth:grant-profile:id-jag"])
  expect(body["grant_types_supported"]).toContain(GRANT)
  expect(text).not.toContain("idp.example")
})
