/** Pushed authorization requests (RFC 9126): what is taken, for whom it is opened, how long, and how often it is answered. */
import { Effect } from "effect"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { pushedRequests, type PushedRequestOptions } from "../../../../src/provider/features/requests/Pushed.ts"
import { ConfigFault, ephemeralKeys, sqliteStore, standardFeatures } from "../../../../src/provider/index.ts"
import { newBrowser, startFrontDoor } from "../../../support/FrontDoor.ts"
import { PUSHED_VERIFIER, openUrl, push, pushed } from "../../../support/Pushing.ts"
import { addService, startSession, type Session } from "../../../support/Session.ts"
import {
  ISSUER,
  generousLimits,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  temporaryFolder,
} from "../../../support/TestServer.ts"
import { ways } from "../../../support/ThroughPages.ts"
import {
  REDIRECT_URI,
  RESOURCE,
  basic,
  challengeOf,
  wireClient,
  type Answer,
  type App,
  type WireClient,
} from "../../../support/WireClient.ts"

const featuresWith = (options: PushedRequestOptions = {}) => [...standardFeatures, ...pushedRequests(options)]

const start = (factory = overMemory, options: PushedRequestOptions = {}): Promise<Session> =>
  startSession(factory, { features: featuresWith(options) })

const confidential = (wire: WireClient): Promise<App> =>
  wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })

const locationOf = ({ headers }: Answer) => new URL(headers.get("location") ?? "about:blank")
const codeIn = (answer: Answer) => locationOf(answer).searchParams.get("code")
const errorIn = (answer: Answer) => locationOf(answer).searchParams.get("error")
const errorOf = ({ status, body }: Answer) => [status, body.error]

const opened = ({ wire, visit }: Session, path: string) => (visit ?? wire.get)(path)

describe("the metadata", () => {
  it("names the endpoint, and that requests must be pushed only where they must", async () => {
    const metadata = async (session: Session) =>
      (await session.wire.get("/.well-known/oauth-authorization-server")).body
    const member = "require_pushed_authorization_requests"
    const on = await metadata(await start())
    expect([on["pushed_authorization_request_endpoint"], on[member]]).toEqual([`${ISSUER}/par`, undefined])
    expect((await metadata(await start(overMemory, { isRequired: true })))[member]).toBe(true)
    const off = await startSession()
    expect(await metadata(off)).not.toHaveProperty("pushed_authorization_request_endpoint")
    expect((await push(off.wire, off.app)).status).toBe(404)
  })
})

it.each([0, 601, 1.5, Number.NaN])("references do not live for %s seconds", (lifetime) => {
  expect(() => pushedRequests({ lifetime })).toThrow(ConfigFault)
})

describe.each([...ways, overSqlite])("a request that was pushed, $name", (way) => {
  //= RFC9126-2.2-created
  //= RFC9126-2.2-request-uri-bound
  it("is opened by its reference alone, and the code is the client's as ever", async () => {
    const session = await start(way)
    const { wire, watcher } = session
    const app = await confidential(wire)
    const { status, headers, body } = await push(wire, app, { state: "s", scope: "write", resource: RESOURCE })
    expect([status, body["expires_in"], headers.get("cache-control")]).toEqual([201, 90, "no-store"])
    expect(body["request_uri"]).toMatch(/^urn:ietf:params:oauth:request_uri:[A-Za-z0-9._-]{43,}$/)
    const answer = await opened(session, openUrl(app.clientId, body["request_uri"] as string))
    const { searchParams } = locationOf(answer)
    expect([searchParams.get("state"), searchParams.get("iss")]).toEqual(["s", ISSUER])
    const tokens = await wire.redeem(app, { code: searchParams.get("code")!, verifier: PUSHED_VERIFIER })
    expect(tokens.body.scope).toBe("write")
    expect((await wire.introspect(watcher, tokens.body.access_token!)).body["aud"]).toBe(RESOURCE)
  })

  it("is what was pushed, whatever stands beside the reference", async () => {
    const session = await start(way)
    const { app, wire } = session
    const reference = await pushed(wire, app, { state: "pushed", scope: "read" })
    const beside = { state: "beside", scope: "read write", redirect_uri: "https://evil.example/", prompt: "none" }
    const answer = await opened(session, openUrl(app.clientId, reference, { ...beside, response_type: "token" }))
    const location = locationOf(answer)
    expect([location.origin + location.pathname, location.searchParams.get("state")]).toEqual([REDIRECT_URI, "pushed"])
    const code = location.searchParams.get("code")!
    expect((await wire.redeem(app, { code, verifier: PUSHED_VERIFIER })).body.scope).toBe("read")
  })

  //= RFC9126-4-one-time
  //= A35
  it("is answered once: opened again it gives no second code, and the first is as it was", async () => {
    const session = await start(way)
    const { app, wire, native } = session
    const url = openUrl(app.clientId, await pushed(wire, app))
    const code = codeIn(await opened(session, url))!
    for (const again of [await opened(session, url), await opened(session, url)]) expect(codeIn(again)).toBeNull()
    expect(await Effect.runPromise(native.grants({ clientId: app.clientId }))).toHaveLength(1)
    expect((await wire.redeem(app, { code, verifier: PUSHED_VERIFIER })).status).toBe(200)
  })

  //= RFC9126-4-one-time
  it("is answered once though eight open it at the same time", async () => {
    const session = await start(way)
    const { app, wire, native } = session
    const url = openUrl(app.clientId, await pushed(wire, app))
    const answers = await Promise.all(Array.from({ length: 8 }, () => opened(session, url)))
    expect(answers.filter((answer) => codeIn(answer) !== null)).toHaveLength(1)
    expect(await Effect.runPromise(native.grants({ clientId: app.clientId }))).toHaveLength(1)
  })

  //= RFC9126-4-expired-rejected
  it("can be opened until its time is over, and not at that moment", async () => {
    const session = await start(way, { lifetime: 60 })
    const { app, wire, clock } = session
    const [one, other] = [await pushed(wire, app), await pushed(wire, app)]
    clock.pass(59.999)
    expect(codeIn(await opened(session, openUrl(app.clientId, one)))).not.toBeNull()
    clock.pass(0.001)
    expect(errorIn(await opened(session, openUrl(app.clientId, other)))).toBe("invalid_request_uri")
  })
})

const wrong: ReadonlyArray<readonly [string, Readonly<Record<string, string | ReadonlyArray<string> | undefined>>]> = [
  ["invalid_request", { response_type: undefined }],
  ["unsupported_response_type", { response_type: "token" }],
  ["invalid_request", { response_mode: "fragment" }],
  ["invalid_request", { redirect_uri: "https://evil.example/" }],
  ["invalid_request", { redirect_uri: `${REDIRECT_URI}/` }],
  ["invalid_request", { code_challenge: undefined }],
  ["invalid_request", { code_challenge: "c".repeat(42) }],
  ["invalid_request", { code_challenge_method: "plain" }],
  ["invalid_request", { code_challenge_method: undefined }],
  ["invalid_request", { state: "x".repeat(4097) }],
  ["invalid_request", { state: ["one", "two"] }],
  ["invalid_request", { request: "a.b.c" }],
  ["invalid_request", { prompt: "sometimes" }],
  ["invalid_request", { prompt: "none login" }],
  ["invalid_request", { max_age: "soon" }],
  ["invalid_scope", { scope: "admin" }],
  ["invalid_target", { resource: "no uri" }],
  ["invalid_target", { resource: `${RESOURCE}#fragment` }],
]

describe.each([overMemory, overSqlite])("the endpoint, $name", (factory) => {
  //= RFC9126-2.3-judged-when-pushed
  it.each(wrong)("refuses with %s what the authorization endpoint refuses: %j", async (error, asked) => {
    const { wire, app } = await start(factory)
    expect(errorOf(await push(wire, app, asked))).toEqual([400, error])
  })

  //= RFC9126-2.1-no-request-uri-in-par
  it("takes no request_uri, neither a remote one nor one of its own, nor an empty one", async () => {
    const { wire, app } = await start(factory)
    const own = await pushed(wire, app)
    for (const request_uri of ["https://app.example/request", own, ""]) {
      expect(errorOf(await push(wire, app, { request_uri }))).toEqual([400, "invalid_request"])
    }
  })

  //= RFC9126-2-client-auth
  it("knows a confidential client by its proof alone, and takes nothing in another's name", async () => {
    const { wire, app, native } = await start(factory)
    const secret = await confidential(wire)
    const { clientSecret = "" } = secret
    expect(errorOf(await push(wire, { ...secret, clientSecret: "wrong-wrong-wrong-wrong" }))).toEqual([
      401,
      "invalid_client",
    ])
    expect(errorOf(await push(wire, { ...secret, method: "none" }))).toEqual([401, "invalid_client"])
    expect(errorOf(await push(wire, { ...app, clientId: "nobody" }))).toEqual([401, "invalid_client"])
    const other = await push(
      wire,
      { ...secret, method: "none" },
      { client_id: app.clientId },
      basic(secret.clientId, clientSecret),
    )
    expect(errorOf(other)).toEqual([400, "invalid_request"])
    const byPost = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
    expect((await push(wire, byPost)).status).toBe(201)
    await Effect.runPromise(native.disableClient(secret.clientId))
    expect(errorOf(await push(wire, secret))).toEqual([400, "unauthorized_client"])
  })

  it("refuses a client that may not use codes", async () => {
    const session = await start(factory)
    const service = await addService(session, { redirect_uris: [REDIRECT_URI] })
    const refused = await push(session.wire, { ...service, redirectUri: REDIRECT_URI })
    expect(errorOf(refused)).toEqual([400, "unauthorized_client"])
  })

  it("wants a form, and answers no other method", async () => {
    const { wire, app } = await start(factory)
    const json = await wire.send(
      "POST",
      "/par",
      { "content-type": "application/json" },
      JSON.stringify({ client_id: app.clientId }),
    )
    expect(errorOf(json)).toEqual([400, "invalid_request"])
    expect((await wire.get("/par")).status).toBe(405)
  })

  it("carries no secret along, and refuses what is too long to be carried", async () => {
    const { wire, native } = await start(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
    const reference = await pushed(wire, app)
    const content = await native.carried.decrypt("pushed request", reference.split(":").at(-1)!)
    expect(JSON.stringify(content)).toContain(REDIRECT_URI)
    expect(JSON.stringify(content)).not.toContain(app.clientSecret)
    const long = Array.from({ length: 8 }, (_, index) => `${RESOURCE}/${index}${"x".repeat(1500)}`)
    const refused = await push(wire, app, { resource: long })
    expect(errorOf(refused)).toEqual([400, "invalid_request"])
    expect(refused.body.error_description).toContain("too long")
  })

  it("adds nothing to the log and keeps nothing, however much is pushed", async () => {
    const { wire, app, store } = await start(factory)
    const { size } = await Effect.runPromise(store.head)
    const references = await Promise.all(Array.from({ length: 100 }, () => pushed(wire, app)))
    expect(new Set(references).size).toBe(100)
    expect((await Effect.runPromise(store.head)).size).toBe(size)
  })
})

describe("a reference", () => {
  //= RFC9126-2.2-request-uri-bound
  //= A12
  //= A35
  it("is nothing to another client, without a client, guessed, damaged or made for another purpose", async () => {
    const session = await start()
    const { wire, app, native } = session
    const other = await wire.newApp()
    const reference = await pushed(wire, app)
    const damaged = reference.slice(0, -2) + (reference.endsWith("AA") ? "BB" : "AA")
    const foreign = await native.carried.encrypt("form", { clientId: app.clientId, parameters: [] })
    const urn = reference.slice(0, reference.lastIndexOf(":") + 1)
    const paths = [
      openUrl(other.clientId, reference),
      openUrl("", reference),
      openUrl(app.clientId, damaged),
      openUrl(app.clientId, urn + foreign),
      openUrl(app.clientId, `${urn}guess`),
      openUrl(app.clientId, urn),
      openUrl(app.clientId, "https://app.example/request"),
      openUrl(app.clientId, reference, { client_id: [app.clientId, app.clientId] }),
      `${openUrl(app.clientId, reference)}&request_uri=${encodeURIComponent(reference)}`,
    ]
    for (const path of paths) {
      const answer = await wire.get(path)
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null])
    }
    expect(codeIn(await wire.get(openUrl(app.clientId, reference)))).not.toBeNull()
  })

  //= RFC9126-4-expired-rejected
  it("is judged again when it is opened: the client may have changed since", async () => {
    const { wire, native, app } = await start()
    const reference = await pushed(wire, app)
    await Effect.runPromise(
      native.updateClient(app.clientId, {
        redirect_uris: ["http://127.0.0.1/elsewhere"],
        token_endpoint_auth_method: "none",
      }),
    )
    const answer = await wire.get(openUrl(app.clientId, reference))
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null])
  })

  //= RFC9126-4-one-time
  it("is answered once by two instances on one file, and after both were restarted", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const keys = ephemeralKeys()
    const open = async () => {
      const store = sqliteStore(file)
      onTestFinished(() => Effect.runPromise(store.close))
      const server = await serverOver({ store, keys, features: featuresWith() })
      return { ...server, wire: wireClient(await serve(server.native, { endpoints: { limits: generousLimits } })) }
    }
    const [first, second] = [await open(), await open()]
    const app = await first.wire.newApp()
    const [reference, later] = [await pushed(first.wire, app), await pushed(first.wire, app)]
    const url = openUrl(app.clientId, reference)
    const answers = await Promise.all([second, first, second, first].map(({ wire }) => wire.get(url)))
    expect(answers.filter((answer) => codeIn(answer) !== null)).toHaveLength(1)
    await Effect.runPromise(first.store.close)
    await Effect.runPromise(second.store.close)
    const third = await open()
    expect(codeIn(await third.wire.get(url))).toBeNull()
    expect(codeIn(await third.wire.get(openUrl(app.clientId, later)))).not.toBeNull()
  })
})

describe("where requests must be pushed", () => {
  //= RFC9126-5-required
  it("no other is granted anything, for every client or for one that registered so", async () => {
    for (const [options, metadata] of [
      [{ isRequired: true }, {}],
      [{}, { require_pushed_authorization_requests: true }],
    ] as const) {
      const { wire } = await start(overMemory, options)
      const app = await wire.newApp(metadata)
      expect(errorIn(await wire.authorize(app))).toBe("invalid_request")
      expect(codeIn(await wire.get(openUrl(app.clientId, await pushed(wire, app))))).not.toBeNull()
    }
    const { wire, app } = await start()
    expect(codeIn(await wire.authorize(app))).not.toBeNull()
  })

  it("a request has to name its redirect URI, which it may leave out elsewhere", async () => {
    const asked = { redirect_uri: undefined }
    const required = await start(overMemory, { isRequired: true })
    expect(errorOf(await push(required.wire, required.app, asked))).toEqual([400, "invalid_request"])
    const optional = await start()
    expect((await push(optional.wire, optional.app, asked)).status).toBe(201)
  })
})

describe("through login and consent", () => {
  const allow = { decision: "allow" }
  const begin = async () => {
    const door = await startFrontDoor({ features: featuresWith() })
    const wire = wireClient(door.issuer)
    const app = await wire.newApp()
    return { ...door, wire, app, url: openUrl(app.clientId, await pushed(wire, app)) }
  }

  //= RFC9126-4-one-time
  //= A33
  it("a request may be opened often before it is answered, and is answered in one browser only", async () => {
    const { issuer, url } = await begin()
    const [alice, bob] = [newBrowser(issuer), newBrowser(issuer)]
    await alice.get(url)
    const page = await alice.walk(url)
    const other = await bob.walk(url, "bob")
    expect([page.text.includes("Allow access?"), other.text.includes("Allow access?")]).toEqual([true, true])
    const answer = await alice.submit(page, "/consent", allow)
    expect(new URL(answer.location!).searchParams.has("code")).toBe(true)
    const late = await bob.submit(other, "/consent", allow)
    expect([late.status, late.location]).toEqual([400, undefined])
    expect(late.text).toContain("answered already")
    expect((await newBrowser(issuer).walk(url)).text).toContain("answered already")
  })

  it("a request that was denied is answered as well", async () => {
    const { issuer, url, native, app } = await begin()
    const alice = newBrowser(issuer)
    const denied = await alice.submit(await alice.walk(url), "/consent", { decision: "deny" })
    expect(new URL(denied.location!).searchParams.get("error")).toBe("access_denied")
    expect((await alice.walk(url)).text).toContain("answered already")
    expect(await Effect.runPromise(native.grants({ clientId: app.clientId }))).toMatchObject([{ _tag: "Denied" }])
  })

  it("whoever takes longer to sign in than the reference lives may still answer", async () => {
    const { issuer, url, clock } = await begin()
    const alice = newBrowser(issuer)
    const login = await alice.follow(await alice.get(url))
    clock.pass(120)
    const page = await alice.follow(await alice.signIn(login))
    const answer = await alice.submit(page, "/consent", allow)
    expect(new URL(answer.location!).searchParams.has("code")).toBe(true)
    const late = await newBrowser(issuer).get(url)
    expect([late.status, late.text.includes("has expired")]).toEqual([400, true])
  })
})

//= RFC9126-2.3-judged-when-pushed
it("a key that was proven when the request was pushed is the one that the code is for", async () => {
  const jkt = "k".repeat(43)
  const { wire, app } = await startSession(overMemory, {
    features: [
      ...featuresWith(),
      {
        kind: "sender constraint",
        name: "example_proof",
        read: ({ headers }) => (headers["x-proof"] === undefined ? undefined : { jkt, claims: [] }),
      },
    ],
  })
  const proof = { "x-proof": "1" }
  const code = codeIn(await wire.get(openUrl(app.clientId, await pushed(wire, app, {}, proof))))!
  const form = { grant_type: "authorization_code", code, code_verifier: PUSHED_VERIFIER, redirect_uri: app.redirectUri }
  expect(errorOf(await wire.token(app, form))).toEqual([400, "invalid_grant"])
  expect((await wire.token(app, form, proof)).body.token_type).toBe("DPoP")
})

it("a request that names another key than the one that was proven is refused", async () => {
  const [proven, named] = ["k".repeat(43), "n".repeat(43)]
  const { wire, app } = await startSession(overMemory, {
    features: [
      ...featuresWith(),
      {
        kind: "sender constraint",
        name: "example_proof",
        read: ({ headers }) => (headers["x-proof"] === undefined ? undefined : { jkt: proven, claims: [] }),
        requested: (parameters) => parameters.get("example_key"),
      },
    ],
  })
  const proof = { "x-proof": "1" }
  expect(errorOf(await push(wire, app, { example_key: named }, proof))).toEqual([400, "invalid_request"])
  expect((await push(wire, app, { example_key: proven }, proof)).status).toBe(201)
  expect((await push(wire, app, { example_key: named })).status).toBe(201)
})

//= RFC9126-2-client-auth
it("a request that another source reads as some other client's is not pushed in its name", async () => {
  let other = ""
  const { wire, app } = await startSession(overMemory, {
    features: [
      ...featuresWith(),
      {
        kind: "authorization request source",
        name: "example_kept",
        parameter: "kept",
        read: (query) => ({
          parameters: new URLSearchParams(
            [...query].map(([name, value]) => [name, name === "client_id" ? other : value]),
          ),
        }),
      },
    ],
  })
  other = (await wire.newApp()).clientId
  const refused = await push(wire, app, { kept: "1" })
  expect([...errorOf(refused), refused.body.error_description]).toEqual([
    400,
    "invalid_request",
    "the request is another client's than the one that pushes it",
  ])
})

it("the challenge is bound as ever: another verifier gets nothing", async () => {
  const { wire, app } = await start()
  const reference = await pushed(wire, app, { code_challenge: challengeOf("w".repeat(43)) })
  const code = codeIn(await wire.get(openUrl(app.clientId, reference)))!
  expect(errorOf(await wire.redeem(app, { code, verifier: PUSHED_VERIFIER }))).toEqual([400, "invalid_grant"])
})
