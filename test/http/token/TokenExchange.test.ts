/** The rules of token exchange over HTTP (RFC 8693): what is asked, who may, what is answered, and what ends with what. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  exchangeRules,
  standardFeatures,
  tokenExchange,
  type ExchangeRule,
  type TokenExchangeOptions,
} from "../../../src/entry/grantlog.ts"
import { identityProvider } from "../../support/IdentityProvider.ts"
import { addService, startSession, type Session } from "../../support/Session.ts"
import { overMemory, overSqlite, serve, serverOver, type Factory } from "../../support/TestServer.ts"
import { RESOURCE, wireClient, type App } from "../../support/WireClient.ts"

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
const TYPE = "urn:ietf:params:oauth:token-type:"
const ACCESS = `${TYPE}access_token`
const MAIL = "http://localhost:9998/mail"
const run = Effect.runPromise

const withExchange = (options?: TokenExchangeOptions) => [...standardFeatures, tokenExchange(options)]

interface Scene extends Session {
  /** The resource server of {@link RESOURCE}, which exchanges tokens that it was shown. */
  readonly agent: App
  /** Resource server of {@link MAIL}, next in the chain. */
  readonly mail: App
  /** A person's token for both resources. */
  readonly first: string
}

const exchanging = async (native: Session["native"], audience?: string): Promise<App> => {
  const { client_id, client_secret } = await run(
    native.addClient({
      metadata: { redirect_uris: [], grant_types: [GRANT, "client_credentials"] },
      ...(audience === undefined ? {} : { audience }),
    }),
  )
  return { clientId: client_id, clientSecret: client_secret!, method: "client_secret_basic", redirectUri: "" }
}

const scene = async (factory: Factory = overMemory, options?: TokenExchangeOptions): Promise<Scene> => {
  const session = await startSession(factory, { features: withExchange(options) })
  const agent = await exchanging(session.native, RESOURCE)
  const mail = await exchanging(session.native, MAIL)
  const { access } = await session.wire.login(session.app, { resource: [RESOURCE, MAIL], scope: "read write" })
  return { ...session, agent, mail, first: access }
}

const ask = ({ wire }: Pick<Scene, "wire">, app: App, token: string, form: Record<string, string | undefined> = {}) =>
  wire.token(app, { grant_type: GRANT, subject_token: token, subject_token_type: ACCESS, ...form })

const exchanged = async (at: Pick<Scene, "wire">, app: App, token: string, form?: Record<string, string>) => {
  const { status, body, text } = await ask(at, app, token, form)
  if (status !== 200) throw new Error(text)
  return body.access_token!
}

const errorOf = async (answer: ReturnType<typeof ask>) => {
  const { status, body } = await answer
  return [status, body.error]
}

describe.each([overMemory, overSqlite])("a token that is exchanged, $name", (factory) => {
  it("is another one of the person, for less, which tells who acts", async () => {
    const at = await scene(factory)
    const { status, body } = await ask(at, at.agent, at.first, { scope: "read", resource: MAIL })
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^gla_/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "read",
      issued_token_type: ACCESS,
    })
    const { body: seen } = await at.wire.introspect(at.mail, body.access_token!)
    const { body: before } = await at.wire.introspect(at.mail, at.first)
    expect(seen).toMatchObject({
      active: true,
      client_id: at.agent.clientId,
      sub: before["sub"],
      scope: "read",
      aud: MAIL,
      act: { sub: at.agent.clientId },
    })
    expect(before).not.toHaveProperty("act")
  })

  it("leads to a chain in which the current actor stands outermost", async () => {
    const at = await scene(factory)
    const second = await exchanged(at, at.agent, at.first)
    const third = await exchanged(at, at.mail, second, { resource: MAIL })
    const { body } = await at.wire.introspect(at.mail, third)
    expect(body["act"]).toEqual({ sub: at.mail.clientId, act: { sub: at.agent.clientId } })
  })

  it.each<readonly [string, (at: Scene) => Promise<unknown>]>([
    ["the first token is revoked", (at) => at.wire.revoke(at.app, at.first)],
    ["its client is deleted", (at) => run(at.native.deleteClient(at.app.clientId))],
    ["its client is disabled", (at) => run(at.native.disableClient(at.app.clientId))],
    ["a link's client is disabled", (at) => run(at.native.disableClient(at.agent.clientId))],
    ["the subject is signed out", async (at) => run(at.native.revokeSubjectSessions(await subjectOf(at)))],
    ["the subject is disabled", async (at) => run(at.native.disableSubject(await subjectOf(at)))],
    ["the issuer's epoch is raised", (at) => run(at.native.raiseIssuerEpoch("a restored backup"))],
    ["time passes its end", (at) => Promise.resolve(at.clock.pass(3600))],
  ])("ends, with all that came of it, when %s", async (_, end) => {
    const at = await scene(factory)
    const second = await exchanged(at, at.agent, at.first)
    const third = await exchanged(at, at.mail, second)
    expect(await run(at.native.verify(third))).toMatchObject({ actors: [at.mail.clientId, at.agent.clientId] })
    await end(at)
    expect(await run(at.native.verify(second))).toBeUndefined()
    expect(await run(at.native.verify(third))).toBeUndefined()
  })

  it("that ended is exchanged by nobody, and what ends behind it ends nothing before", async () => {
    const at = await scene(factory)
    const second = await exchanged(at, at.agent, at.first)
    expect((await at.wire.revoke(at.agent, second)).status).toBe(200)
    expect(await errorOf(ask(at, at.mail, second))).toEqual([400, "invalid_request"])
    expect(await run(at.native.verify(at.first))).toBeDefined()
  })
})

const subjectOf = async ({ native, first }: Pick<Scene, "native" | "first">): Promise<string> =>
  (await run(native.verify(first)))!.subject!

it("an exchange that runs while the token is revoked leaves nothing alive", async () => {
  const at = await scene(overSqlite)
  const answers = Array.from({ length: 4 }, () => ask(at, at.agent, at.first))
  const [revoked, ...given] = await Promise.all([at.wire.revoke(at.app, at.first), ...answers])
  expect(revoked.status).toBe(200)
  expect(given.every(({ status, body }) => status === 200 || body.error === "invalid_request")).toBe(true)
  for (const { body } of given) {
    if (body.access_token !== undefined) expect(await run(at.native.verify(body.access_token))).toBeUndefined()
  }
})

it("a chain holds over two servers on one store, and after a restart", async () => {
  const at = await scene(overSqlite)
  const second = await exchanged(at, at.agent, at.first)
  const { store, keys, clock } = at
  const other = await serverOver({ store, keys, clock, features: withExchange() })
  const elsewhere = { wire: wireClient(await serve(other.native)) }
  const third = await exchanged(elsewhere, at.mail, second)
  expect(await run(at.native.verify(third))).toBeDefined()
  await elsewhere.wire.revoke(at.app, at.first)
  expect(await run(at.native.verify(third))).toBeUndefined()
})

describe("what is asked", () => {
  //= RFC8693-2.2.2-errors
  it("RFC8693-2.2.2-errors: is refused as invalid_request where a token is missing, unreadable, dead or of no known type", async () => {
    const at = await scene()
    const bad = [400, "invalid_request"]
    const { refresh } = await at.wire.login(at.app, { resource: RESOURCE })
    expect(await errorOf(at.wire.token(at.agent, { grant_type: GRANT }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { subject_token_type: undefined }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { subject_token_type: `${TYPE}saml2` }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { requested_token_type: `${TYPE}jwt` }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { actor_token: at.first }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { actor_token_type: ACCESS }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { actor_token: "no", actor_token_type: ACCESS }))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, "no token"))).toEqual(bad)
    const mistyped = at.first.slice(0, -1) + (at.first.endsWith("0") ? "1" : "0")
    expect(await errorOf(ask(at, at.agent, mistyped))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, refresh))).toEqual(bad)
    expect(await errorOf(ask(at, at.agent, at.first, { subject_token_type: `${TYPE}jwt` }))).toEqual(bad)
    at.clock.pass(3600)
    expect(await errorOf(ask(at, at.agent, at.first))).toEqual(bad)
  })

  it("RFC8693-2.2.2-errors: never grows: a resource is invalid_target and a scope invalid_scope beyond the token", async () => {
    const at = await scene()
    const less = await exchanged(at, at.agent, at.first, { scope: "read", resource: MAIL })
    expect(await errorOf(ask(at, at.agent, less, { scope: "write" }))).toEqual([400, "invalid_scope"])
    expect(await errorOf(ask(at, at.agent, less, { resource: RESOURCE }))).toEqual([400, "invalid_target"])
    expect(await errorOf(ask(at, at.agent, less, { audience: RESOURCE }))).toEqual([400, "invalid_target"])
    expect(await errorOf(ask(at, at.agent, less, { audience: "mail" }))).toEqual([400, "invalid_target"])
    expect((await ask(at, at.agent, less, { audience: MAIL })).status).toBe(200)
    at.clock.pass(1800)
    expect((await ask(at, at.agent, less)).body.expires_in).toBe(1800)
  })

  it("comes to an end after eight exchanges", async () => {
    const at = await scene()
    let token = at.first
    for (let count = 0; count < 8; count++) token = await exchanged(at, at.agent, token)
    expect(await errorOf(ask(at, at.agent, token))).toEqual([400, "invalid_request"])
    await at.wire.revoke(at.app, at.first)
    expect(await run(at.native.verify(token))).toBeUndefined()
  })
})

it("a token that names its resources is exchanged without one, of which the operator is told nothing", async () => {
  const notices: Array<string> = []
  const setting = { config: { resources: [RESOURCE, MAIL] }, onNotice: (sentence: string) => notices.push(sentence) }
  const session = await startSession(overMemory, { features: withExchange(), ...setting })
  const agent = await exchanging(session.native, RESOURCE)
  const { access } = await session.wire.login(session.app, { resource: [RESOURCE, MAIL] })
  expect((await ask(session, agent, access)).status).toBe(200)
  expect(notices).toEqual([])
})

describe("who exchanges", () => {
  it("proves itself, is registered for it, and is told nothing about the token before", async () => {
    const at = await scene()
    const service = await addService(at)
    expect(await errorOf(ask(at, { ...at.agent, clientSecret: "wrong" }, "no token"))).toEqual([401, "invalid_client"])
    expect(await errorOf(ask(at, at.app, at.first))).toEqual([400, "unauthorized_client"])
    const own = await at.wire.token(service, { grant_type: "client_credentials", resource: RESOURCE })
    expect(await errorOf(ask(at, service, own.body.access_token!))).toEqual([400, "unauthorized_client"])
    const { status } = await at.wire.register({
      redirect_uris: [],
      grant_types: [GRANT],
      token_endpoint_auth_method: "none",
    })
    expect(status).toBe(400)
  })

  it("may do so by default with its own tokens and those for its resource, and with no others", async () => {
    const at = await scene()
    const stranger = await exchanging(at.native)
    expect(await errorOf(ask(at, stranger, at.first))).toEqual([400, "invalid_request"])
    const own = await at.wire.token(stranger, { grant_type: "client_credentials", resource: MAIL })
    const narrowed = await exchanged(at, stranger, own.body.access_token!)
    expect(await run(at.native.verify(narrowed))).not.toHaveProperty("actors")
  })

  it("acts by an actor token for whoever that is of, and the token hangs on it as well", async () => {
    const at = await scene()
    const { body } = await at.wire.token(at.mail, { grant_type: "client_credentials", resource: MAIL })
    const actor = { actor_token: body.access_token!, actor_token_type: ACCESS }
    const token = await exchanged(at, at.agent, at.first, actor)
    expect(await run(at.native.verify(token))).toMatchObject({
      clientId: at.agent.clientId,
      actors: [at.mail.clientId],
    })
    await at.wire.revoke(at.mail, body.access_token!)
    expect(await run(at.native.verify(token))).toBeUndefined()
    expect(await run(at.native.verify(at.first))).toBeDefined()
  })

  it("is held to rules: less scope, one resource, and who alone may exchange it further", async () => {
    const rules: Array<ExchangeRule> = []
    const at = await scene(overMemory, { policy: (asked) => exchangeRules(rules)(asked) })
    const next = at.mail.clientId
    rules.push(
      { client: at.agent.clientId, scopes: ["read"], resource: [MAIL], mayAct: next, name: "the mail agent" },
      { client: next, of: [at.agent.clientId] },
    )
    expect(await errorOf(ask(at, at.agent, at.first, { scope: "write" }))).toEqual([400, "invalid_scope"])
    expect(await errorOf(ask(at, at.agent, at.first, { resource: RESOURCE }))).toEqual([400, "invalid_target"])
    const second = await exchanged(at, at.agent, at.first)
    expect((await at.wire.introspect(at.mail, second)).body).toMatchObject({
      scope: "read",
      aud: MAIL,
      may_act: { sub: next },
    })
    expect(await errorOf(ask(at, at.agent, second))).toEqual([400, "invalid_request"])
    await exchanged(at, at.mail, second)
    const [grant] = await run(at.native.grants({ clientId: at.agent.clientId }))
    expect(grant).toMatchObject({ basis: { _tag: "Exchange", policy: "the mail agent" } })
  })
})

describe("a JWT of a trusted issuer", () => {
  const start = async () => {
    const idp = await identityProvider()
    const at = await scene(overMemory, {
      issuers: [{ issuer: idp.issuer, jwks: idp.jwks }],
      policy: ({ subjectToken }) => ({ policy: subjectToken.issuer }),
    })
    const seconds = Math.floor(at.native.now() / 1000)
    const claims = { sub: "u1", aud: at.native.settings.issuer, exp: seconds + 600, scope: "read" }
    const bring = async (over: object = {}, header: { typ?: string } = {}, form: Record<string, string> = {}) =>
      ask(at, at.agent, await idp.sign({ ...claims, ...over }, header), {
        subject_token_type: `${TYPE}jwt`,
        resource: MAIL,
        ...form,
      })
    return { ...at, idp, claims, seconds, bring }
  }

  it("leads to a token for the person that it is about, which ends with it and tells who acts", async () => {
    const at = await start()
    const { status, body } = await at.bring({ act: { sub: "the-robot-of-the-mail" } })
    expect([status, body.expires_in, body.scope]).toEqual([200, 600, "read"])
    const seen = await run(at.native.verify(body.access_token!))
    expect(seen?.subject).toMatch(/^sub_/)
    expect(seen?.actors).toEqual([at.agent.clientId, expect.stringMatching(/^sub_/)])
    const again = await at.bring()
    expect((await run(at.native.verify(again.body.access_token!)))?.subject).toBe(seen?.subject)
    expect(JSON.stringify(await run(at.store.readAll(0)))).not.toContain("the-robot-of-the-mail")
  })

  it("is refused with anything about it changed, and leaves nothing", async () => {
    const at = await start()
    const other = await identityProvider(at.idp.issuer)
    const bad = [400, "invalid_request"]
    for (const over of [
      { exp: at.seconds - 60 },
      { exp: undefined },
      { sub: undefined },
      { sub: "" },
      { aud: "https://other.example" },
      { aud: undefined },
      { iss: "https://other.example" },
      { nbf: at.seconds + 60 },
      { act: "robot" },
      { may_act: { sub: "somebody" } },
    ]) {
      expect(await errorOf(at.bring(over)), JSON.stringify(over)).toEqual(bad)
    }
    for (const typ of ["at+jwt", "oauth-id-jag+jwt", "client-authentication+jwt", "dpop+jwt", "logout+jwt"]) {
      expect(await errorOf(at.bring({}, { typ })), typ).toEqual(bad)
    }
    expect(await errorOf(at.bring({}, {}, { subject_token_type: ACCESS }))).toEqual(bad)
    expect(await errorOf(at.bring({}, {}, { actor_token: at.first, actor_token_type: ACCESS }))).toEqual(bad)
    const forged = await other.sign(at.claims)
    expect(await errorOf(ask(at, at.agent, forged, { subject_token_type: `${TYPE}jwt` }))).toEqual(bad)
    expect(await errorOf(at.bring({}, {}, { scope: "write" }))).toEqual([400, "invalid_scope"])
    expect(await run(at.native.grants({ clientId: at.agent.clientId }))).toEqual([])
  })

  it("is exchanged by the client that it names, and by nobody where no policy says so", async () => {
    const idp = await identityProvider()
    const at = await scene(overMemory, { issuers: [{ issuer: idp.issuer, jwks: idp.jwks }] })
    const claims = { sub: "u1", aud: at.native.settings.issuer, exp: Math.floor(at.native.now() / 1000) + 60 }
    const form = { subject_token_type: `${TYPE}jwt`, resource: MAIL }
    expect(await errorOf(ask(at, at.agent, await idp.sign(claims), form))).toEqual([400, "invalid_request"])
    const named = await idp.sign({ ...claims, may_act: { sub: at.agent.clientId } })
    expect((await ask(at, at.agent, named, form)).status).toBe(200)
    expect(await errorOf(ask(at, at.mail, named, form))).toEqual([400, "invalid_request"])
  })
})

it("is in the metadata as long as it is in the list", async () => {
  const metadata = async ({ wire }: Session) => (await wire.get("/.well-known/oauth-authorization-server")).body
  expect((await metadata(await scene()))["grant_types_supported"]).toContain(GRANT)
  expect((await metadata(await startSession()))["grant_types_supported"]).not.toContain(GRANT)
})

//= RFC8693-4.1-only-current-actor
it("RFC8693-4.1-only-current-actor: a resource server is told who acts, the current one first, and cannot be told nonsense", async () => {
  const { readIntrospection } = await import("../../../src/protocol/index.ts")
  const read = (act: unknown) => readIntrospection("t", JSON.stringify({ active: true, act }), 0)
  expect(read({ sub: "b", act: { sub: "a" } })).toMatchObject({ access: { actors: ["b", "a"] } })
  expect(read(undefined)).toMatchObject({ access: expect.not.objectContaining({ actors: expect.anything() }) })
  expect(readIntrospection("t", JSON.stringify({ active: true, may_act: { sub: "c" } }), 0)).toMatchObject({
    access: { mayAct: "c" },
  })
  for (const act of ["b", {}, { sub: 1 }, { sub: "b", act: {} }])
    expect(read(act), JSON.stringify(act)).toHaveProperty("fault")
})
