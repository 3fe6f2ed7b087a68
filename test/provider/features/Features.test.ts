/** Features of each kind, as anybody would write them: what the server makes of what they read. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { createHandler, ownLogin, type LoginFactory } from "../../../src/http/index.ts"
import {
  ConfigFault,
  OAuthError,
  featuresOf,
  standardFeatures,
  unavailable,
  type Feature,
} from "../../../src/provider/index.ts"
import { startSession, type Session } from "../../support/Session.ts"
import { ACCOUNT, ISSUER, overMemory, overSqlite } from "../../support/TestServer.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const withFeatures = (...features: ReadonlyArray<Feature>): Promise<Session> =>
  startSession(overMemory, { features: [...standardFeatures, ...features] })

const refusal = (error: OAuthError["error"], description: string) => new OAuthError({ error, description })

/** An assertion is `client:number`, and right if it is that. */
const assertion: Feature = {
  kind: "client authentication",
  name: "example_assertion",
  reads: "client_assertion",
  isProof: true,
  read: async (_request, form, { client, now }) => {
    const [clientId = "", number = ""] = form.get("client_assertion")!.split(":")
    if ((await client(clientId)) === undefined || number === "") return refusal("invalid_client", "not an assertion")
    const claim = {
      key: `assertion ${number}`,
      until: now() + 60_000,
      refusal: refusal("invalid_client", "used before"),
    }
    return { clientId, isAuthenticated: true, claims: [claim] }
  },
}

/** A proof is a number in a header, and the key is in the number. */
const boundTo = "k".repeat(43)
const constraint: Feature = {
  kind: "sender constraint",
  name: "example_proof",
  read: ({ headers }, { now }) => {
    const number = headers["x-proof"]
    if (number === undefined) return undefined
    if (number === "bad") return refusal("invalid_request", "a bad proof")
    const claim = { key: `proof ${number}`, until: now() + 60_000, refusal: refusal("invalid_request", "replayed") }
    return { jkt: boundTo, claims: [claim] }
  },
}

describe("a list of features", () => {
  it("has one of a kind by each name, and what nothing works without", () => {
    expect(() => featuresOf([...standardFeatures, assertion, assertion])).toThrow(ConfigFault)
    expect(() => featuresOf([...standardFeatures, assertion, assertion])).toThrow("twice")
    expect(() => featuresOf(standardFeatures.filter(({ kind }) => kind !== "response mode"))).toThrow(
      "lacks the response mode `query`",
    )
  })

  it("is refused with the server that it would be of", async () => {
    await expect(overMemory.start({ features: [] })).rejects.toThrow("begin it with `...standardFeatures`")
  })
})

describe("a client authentication", () => {
  const start = async () => {
    const session = await withFeatures(assertion)
    const app = await session.wire.newApp({ token_endpoint_auth_method: "example_assertion" })
    const show = (path: string, number: string, form: Readonly<Record<string, string>>) =>
      session.wire.post(path, { client_assertion: `${app.clientId}:${number}`, ...form })
    return { ...session, app, show }
  }

  it("is registered for, is in the metadata, and lets in who proves itself by it, once for each proof", async () => {
    const { wire, app, show } = await start()
    const { body } = await wire.get("/.well-known/oauth-authorization-server")
    expect(body["token_endpoint_auth_methods_supported"]).toContain("example_assertion")
    expect(body["introspection_endpoint_auth_methods_supported"]).toContain("example_assertion")
    const { code, verifier } = await wire.approved(app)
    const redeem = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: app.redirectUri }
    const { status, body: tokens } = await show("/token", "1", redeem)
    expect(status).toBe(200)
    const refresh = { grant_type: "refresh_token", refresh_token: tokens.refresh_token! }
    const replayed = await show("/token", "1", refresh)
    expect([replayed.status, replayed.body.error_description]).toEqual([401, "used before"])
    expect((await show("/token", "2", refresh)).status).toBe(200)
  })

  it("is used up by a question and by a refusal, too, and the question is answered once", async () => {
    const { show } = await start()
    const asked = await Promise.all([1, 2, 3, 4].map(() => show("/introspect", "1", { token: "x" })))
    expect(asked.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401])
    expect((await show("/revoke", "2", { token: "x" })).status).toBe(200)
    expect((await show("/revoke", "2", { token: "x" })).body.error_description).toBe("used before")
    const refused = { grant_type: "refresh_token", refresh_token: "x" }
    expect((await show("/token", "3", refused)).body.error).toBe("invalid_grant")
    expect((await show("/token", "3", refused)).body.error_description).toBe("used before")
  })

  it("that cannot ask the server now has the client come again, and one that is broken is reported", async () => {
    const failing = (cause: unknown): Feature => ({ ...assertion, read: () => Promise.reject(cause) }) as Feature
    const ask = async (cause: unknown) => {
      const { wire } = await withFeatures(failing(cause))
      return (await wire.post("/token", { client_assertion: "a", grant_type: "refresh_token" })).status
    }
    expect(await ask(unavailable("the store is busy"))).toBe(503)
    expect(await ask(new Error("broken"))).toBe(500)
  })

  it("that refuses what it reads is what the client is told, and stands beside no other", async () => {
    const { wire, app, show } = await start()
    const bad = await wire.post("/token", { client_assertion: "nobody:1", grant_type: "refresh_token" })
    expect([bad.status, bad.body.error_description]).toEqual([401, "not an assertion"])
    const twice = await show("/token", "1", { client_secret: "s", grant_type: "refresh_token" })
    expect(twice.body.error_description).toBe("the client authenticates by an assertion and in the body")
    const other = await show("/token", "1", { client_id: `${app.clientId}x`, grant_type: "refresh_token" })
    expect(other.body.error_description).toBe("client_id in the body is not the one in the assertion")
  })
})

describe("a sender constraint", () => {
  it("binds what is issued to the key of the proof, and uses each proof up", async () => {
    const { wire, app, watcher } = await withFeatures(constraint)
    const approval = await wire.approved(app, { resource: RESOURCE })
    const form = {
      grant_type: "authorization_code",
      code: approval.code,
      code_verifier: approval.verifier,
      redirect_uri: app.redirectUri,
    }
    const bad = await wire.token(app, form, { "x-proof": "bad" })
    expect([bad.status, bad.body.error_description]).toEqual([400, "a bad proof"])
    const { body } = await wire.token(app, form, { "x-proof": "1" })
    expect(body.token_type).toBe("DPoP")
    const { body: seen } = await wire.introspect(watcher, body.access_token!)
    expect(seen["cnf"]).toEqual({ jkt: boundTo })
    const refresh = { grant_type: "refresh_token", refresh_token: body.refresh_token! }
    expect((await wire.token(app, refresh)).body.error).toBe("invalid_grant")
    expect((await wire.token(app, refresh, { "x-proof": "1" })).body.error_description).toBe("replayed")
    expect((await wire.token(app, refresh, { "x-proof": "2" })).status).toBe(200)
  })
})

describe("an access token format", () => {
  const reversed: Feature = {
    kind: "access token format",
    name: "example_wrapped",
    isFor: ({ resources }) => resources.some((one) => one === RESOURCE),
    write: (handle, { issuer }) => Promise.resolve(`${issuer}#${handle}`),
    handleOf: (token) => (token.startsWith(`${ISSUER}#`) ? token.slice(ISSUER.length + 1) : undefined),
  }

  it("is that of the tokens that it is for, which are verified, introspected, revoked and repeated like any other", async () => {
    const { wire, app, watcher, native } = await withFeatures(reversed)
    const plain = await wire.login(app, { resource: "http://localhost:9998/mcp" })
    expect(plain.access).toMatch(/^gla_/)
    const first = await wire.login(app, { resource: RESOURCE })
    expect(first.access).toMatch(/^http:.*#gla_/)
    const second = await wire.refreshed(app, first.refresh)
    expect((await wire.refreshed(app, first.refresh)).access).toBe(second.access)
    for (const { access } of [first, second]) {
      expect(await wire.isActive(watcher, access)).toBe(true)
      expect(native.verifySync(access)?.token).toBe(access)
    }
    await wire.revoke(app, first.access)
    expect(await wire.isActive(watcher, first.access)).toBe(false)
    expect(await wire.isActive(watcher, second.access)).toBe(true)
  })
})

it("a member of the token response stands beside the others, and replaces none", async () => {
  const { wire, app, native } = await withFeatures(
    { kind: "token response member", name: "example_for", of: ({ subjectId }) => Promise.resolve(subjectId) },
    { kind: "token response member", name: "example_none", of: () => undefined },
    { kind: "token response member", name: "token_type", of: () => "mine" },
  )
  const { body } = await wire.login(app)
  const { subjectId } = await Effect.runPromise(native.accounts.ensure(ACCOUNT, native.now()))
  expect(body["example_for"]).toBe(subjectId)
  expect(body).not.toHaveProperty("example_none")
  expect(body.token_type).toBe("Bearer")
})

describe("a source of authorization requests", () => {
  const kept: Feature = {
    kind: "authorization request source",
    name: "example_kept",
    parameter: "request_uri",
    read: (query) =>
      query.get("request_uri") === "kept:1"
        ? Promise.resolve({
            parameters: new URLSearchParams({
              client_id: query.get("client_id")!,
              redirect_uri: "http://127.0.0.1/callback",
              response_type: "code",
              code_challenge: "c".repeat(43),
              code_challenge_method: "S256",
              state: "of the kept one",
            }),
          })
        : refusal("invalid_request", "no such request is kept"),
  }

  it("gives the parameters of a request that it knows by its own, and of no other", async () => {
    const { wire, app } = await withFeatures(kept)
    const at = (uri: string) => wire.get(`/authorize?client_id=${app.clientId}&request_uri=${uri}&state=mine`)
    const location = new URL((await at("kept:1")).headers.get("location")!)
    expect(location.searchParams.get("state")).toBe("of the kept one")
    expect(location.searchParams.has("code")).toBe(true)
    const unknown = await at("kept:2")
    expect([unknown.status, unknown.text.includes("no such request is kept")]).toEqual([400, true])
    expect((await wire.authorize(app)).status).toBe(303)
  })
})

it("a source of clients is asked for those that are its own", async () => {
  const { native, app } = await withFeatures({
    kind: "client source",
    name: "example_documents",
    isOf: (clientId) => clientId.startsWith("https://"),
    read: () => ({ metadata: { redirect_uris: ["https://app.example/cb"] }, digest: "d".repeat(43) }),
  })
  const found = await Effect.runPromise(native.findClient("https://app.example/me"))
  expect(found?.redirect_uris).toEqual(["https://app.example/cb"])
  expect((await Effect.runPromise(native.findClient(app.clientId)))?.client_id).toBe(app.clientId)
})

it("an endpoint for clients answers who authenticates, with what it says", async () => {
  const { wire, app } = await withFeatures({
    kind: "client endpoint",
    name: "example_echo",
    path: "/echo",
    metadata: ({ issuer }) => ({ echo_endpoint: `${issuer}/echo` }),
    answer: (_request, form, { clientId }) =>
      form.get("word") === undefined ? refusal("invalid_request", "word is missing") : { clientId },
  })
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body["echo_endpoint"]).toBe(`${ISSUER}/echo`)
  const answer = await wire.post("/echo", { client_id: app.clientId, word: "a" })
  expect([answer.status, answer.body["clientId"]]).toEqual([200, app.clientId])
  expect((await wire.post("/echo", { client_id: app.clientId })).body.error_description).toBe("word is missing")
  expect((await wire.post("/echo", { word: "a" })).body.error).toBe("invalid_request")
})

it("a page is shown by the issuer's own name, asks to sign in where it wants to, and takes no form from elsewhere", async () => {
  const page = (method: "GET" | "POST"): Feature => ({
    kind: "page",
    name: `example_${method}`,
    method,
    path: "/device",
    answer: ({ query }, visitor) =>
      visitor === undefined && query !== "open" ? "sign in" : { status: 200, headers: {}, body: `a page by ${method}` },
  })
  const { native } = await withFeatures(page("GET"), page("POST"))
  const handle = createHandler(native)
  const get = (path: string, issuer = ISSUER) => handle(new Request(issuer + path))
  expect(await (await get("/device?open")).text()).toBe("a page by GET")
  expect((await get("/device?open", "http://127.0.0.1:4000")).status).toBe(421)
  const asked = await get("/device?code=A")
  expect(`${asked.headers.get("location")} ${await asked.text()}`).toContain("login")
  const post = (origin: string) =>
    handle(new Request(`${ISSUER}/device?open`, { method: "POST", headers: { origin }, body: "a=b" }))
  expect((await post("https://evil.example")).status).toBe(403)
  expect(await (await post(ISSUER)).text()).toBe("a page by POST")
})

it("a page, or a login of one's own, that cannot know for now asks to come again", async () => {
  const away = () => Promise.reject(unavailable("the store is away"))
  const page: Feature = { kind: "page", name: "example", method: "GET", path: "/device", answer: away }
  const { native } = await withFeatures(page)
  const statusOf = async (login: LoginFactory, path: string) => {
    const { status, headers } = await createHandler(native, { login })(new Request(ISSUER + path))
    return [status, headers.get("retry-after")]
  }
  const signedIn = { user: "alice", since: 1 }
  expect(await statusOf(ownLogin({ sessionOf: () => signedIn, signInAt: away }), "/device")).toEqual([503, "1"])
  expect(await statusOf(ownLogin({ sessionOf: away, signInAt: away }), "/account")).toEqual([503, "1"])
  expect(await statusOf(ownLogin({ sessionOf: () => undefined, signInAt: away }), "/account")).toEqual([503, "1"])
})

it("features that are of no use to a request cost it no line of the log", async () => {
  const { wire, app, store } = await startSession(overSqlite, {
    features: [...standardFeatures, assertion, constraint],
  })
  const before = (await Effect.runPromise(store.head)).size
  await wire.login(app)
  const plain = await startSession(overSqlite)
  const plainBefore = (await Effect.runPromise(plain.store.head)).size
  await plain.wire.login(plain.app)
  expect((await Effect.runPromise(store.head)).size - before).toBe(
    (await Effect.runPromise(plain.store.head)).size - plainBefore,
  )
})
