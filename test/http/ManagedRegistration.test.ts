/** A client manages its registration by its token, and whom an operator invited registers once. */
import { Effect } from "effect"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  ephemeralKeys,
  privateKeyJwt,
  registrationManagement,
  sqliteStore,
  standardFeatures,
} from "../../src/entry/grantlog.ts"
import { startSession, type Session } from "../support/Session.ts"
import {
  ISSUER,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  temporaryFolder,
  type Factory,
} from "../support/TestServer.ts"
import { REDIRECT_URI, wireClient, type Answer, type AnswerBody, type WireClient } from "../support/WireClient.ts"

const features = [...standardFeatures, registrationManagement, privateKeyJwt()]
const metadata = {
  redirect_uris: [REDIRECT_URI],
  client_name: "one",
  token_endpoint_auth_method: "client_secret_basic",
}

const start = (factory: Factory = overMemory, config = {}): Promise<Session> =>
  startSession(factory, { features, config })

const register = async ({ wire }: Pick<Session, "wire">, more = {}): Promise<AnswerBody> => {
  const { status, body } = await wire.register({ ...metadata, ...more })
  expect(status).toBe(201)
  return body
}

const pathOf = (registered: AnswerBody): string => {
  const address = new URL(String(registered["registration_client_uri"]))
  expect(address.origin).toBe(ISSUER)
  return address.pathname + address.search
}

const manage = (
  wire: WireClient,
  method: string,
  registered: AnswerBody,
  body?: object,
  token?: string,
): Promise<Answer> =>
  wire.send(
    method,
    pathOf(registered),
    {
      authorization: `Bearer ${token ?? String(registered["registration_access_token"])}`,
      "content-type": "application/json",
    },
    body === undefined ? undefined : JSON.stringify(body),
  )

const refusalOf = ({ status, body }: Answer) => `${status} ${body.error}`

describe.each([overMemory, overSqlite])("a registration, $name", (factory) => {
  it("is shown to its client with the token, and without its secret", async () => {
    const session = await start(factory)
    const registered = await register(session)
    const { status, body } = await manage(session.wire, "GET", registered)
    expect(status).toBe(200)
    const { client_secret, ...shown } = registered
    expect(client_secret).toBeDefined()
    expect(body).toEqual(shown)
  })

  //= RFC7592-2.2-replace-not-merge
  it("is replaced as a whole: what is left out is gone, and the secret stays", async () => {
    const session = await start(factory)
    const { wire } = session
    const registered = await register(session, { client_uri: "https://app.example", scope: "read" })
    const next = {
      client_id: registered.client_id,
      client_secret: registered.client_secret,
      ...metadata,
      client_name: "two",
    }
    const { status, body } = await manage(wire, "PUT", registered, next)
    expect(status).toBe(200)
    expect(body).toMatchObject({ client_id: registered.client_id, client_name: "two" })
    for (const name of ["client_uri", "scope", "client_secret"]) expect(body).not.toHaveProperty(name)
    expect((await manage(wire, "GET", registered)).body).toEqual(body)
    const app = {
      clientId: registered.client_id!,
      clientSecret: registered.client_secret!,
      method: "client_secret_basic",
      redirectUri: REDIRECT_URI,
    } as const
    expect((await wire.login(app)).access).toBeDefined()
  })

  //= RFC7592-2.2-replace-not-merge
  it.each([
    ["another id", { client_id: "another" }],
    ["no id", { client_id: undefined }],
    ["a secret of its own choice", { client_secret: "chosen-chosen-chosen-chosen" }],
    ["a secret that is none", { client_secret: 1 }],
    ["a token", { registration_access_token: "chosen" }],
    ["an address", { registration_client_uri: "https://elsewhere.example" }],
    ["the end of its secret", { client_secret_expires_at: 0 }],
    ["the time that it registered", { client_id_issued_at: 0 }],
    ["a bad redirect URI", { redirect_uris: ["javascript:alert(1)"] }],
    ["a grant type that is not for who registers itself", { grant_types: ["client_credentials"], redirect_uris: [] }],
    ["another kind of client", { token_endpoint_auth_method: "none" }],
  ])("is not replaced with %s, and stays as it was", async (_what, over) => {
    const session = await start(factory)
    const registered = await register(session)
    const answer = await manage(session.wire, "PUT", registered, {
      client_id: registered.client_id,
      ...metadata,
      ...over,
    })
    expect(refusalOf(answer)).toMatch(/^400 invalid_(client_metadata|redirect_uri)$/)
    expect((await manage(session.wire, "GET", registered)).body.client_id).toBe(registered.client_id)
    const [, version] = [0, (await Effect.runPromise(session.store.rows.client(registered.client_id!))).version]
    expect(version).toBe(1)
  })

  //= RFC7592-2-unknown-client-401
  it("is gone for good when its client deletes it: then its token is worth nothing", async () => {
    const session = await start(factory)
    const { wire } = session
    const registered = await register(session)
    const deleted = await manage(wire, "DELETE", registered)
    expect([deleted.status, deleted.text]).toEqual([204, ""])
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await manage(wire, method, registered, method === "PUT" ? metadata : undefined)
      expect(refusalOf(answer)).toBe("401 invalid_token")
      expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"')
    }
  })

  it("is nobody else's: an unknown client and a wrong token get the same answer", async () => {
    const session = await start(factory)
    const { wire } = session
    const [mine, other] = [await register(session), await register(session)]
    const answers = [
      await manage(wire, "DELETE", mine, undefined, String(other["registration_access_token"])),
      await manage(wire, "DELETE", mine, undefined, mine.client_secret),
      await manage(wire, "DELETE", { ...mine, registration_client_uri: `${ISSUER}/register/client?client_id=nobody` }),
    ]
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(refusalOf(answers[0]!)).toBe("401 invalid_token")
    expect(refusalOf(await wire.send("GET", pathOf(mine)))).toBe("401 invalid_token")
    expect((await manage(wire, "GET", mine)).status).toBe(200)
  })

  it("of a client that is disabled waits for the operator", async () => {
    const session = await start(factory)
    const registered = await register(session)
    await Effect.runPromise(session.native.disableClient(registered.client_id!))
    expect(refusalOf(await manage(session.wire, "DELETE", registered))).toBe("403 access_denied")
  })
})

describe("what a client gets with its registration", () => {
  it("is a token where that is switched on, for who registers itself, and a digest in the log", async () => {
    const session = await start()
    const registered = await register(session)
    const token = String(registered["registration_access_token"])
    const { state } = await Effect.runPromise(session.store.rows.client(registered.client_id!))
    expect(JSON.stringify(state)).not.toContain(token)
    const added = await Effect.runPromise(session.native.addClient({ metadata }))
    expect(added).not.toHaveProperty("registration_access_token")
    const plain = await startSession(overMemory)
    expect(await register(plain)).not.toHaveProperty("registration_access_token")
    expect((await plain.wire.get("/register/client?client_id=x")).status).toBe(404)
  })

  it("is another secret when the first is halfway to its end, which is good until then", async () => {
    const session = await start(overMemory, { clientSecretLifetime: 1000 })
    const { wire, clock } = session
    const registered = await register(session)
    const replace = () => manage(wire, "PUT", registered, { client_id: registered.client_id, ...metadata })
    expect((await replace()).body).not.toHaveProperty("client_secret")
    clock.pass(501)
    const { body } = await replace()
    expect(body.client_secret).toBeDefined()
    expect(Number(body["client_secret_expires_at"])).toBe(Number(registered["client_secret_expires_at"]) + 501)
    const appWith = (clientSecret: string) =>
      ({
        clientId: registered.client_id!,
        clientSecret,
        method: "client_secret_basic",
        redirectUri: REDIRECT_URI,
      }) as const
    const isKnown = async (secret: string) => (await wire.revoke(appWith(secret), "no token")).status === 200
    expect([await isKnown(registered.client_secret!), await isKnown(body.client_secret!)]).toEqual([true, true])
    clock.pass(499)
    expect([await isKnown(registered.client_secret!), await isKnown(body.client_secret!)]).toEqual([false, true])
  })

  it("lets nobody grow the log without end: changes count like registrations", async () => {
    const session = await start(overMemory, { registrationRate: 3 })
    const registered = await register(session)
    const statuses = []
    for (let index = 0; index < 4; index++) {
      const next = { client_id: registered.client_id, ...metadata, client_name: `name ${index}` }
      statuses.push((await manage(session.wire, "PUT", registered, next)).status)
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(2)
  })
})

describe("a server where clients are invited", () => {
  const invited = { registration: "invited" }
  const registerWith = (wire: WireClient, token?: string) =>
    wire.send(
      "POST",
      "/register",
      { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      JSON.stringify(metadata),
    )
  const invite = async ({ native }: Pick<Session, "native">, lifetimeSeconds = 60) =>
    (await Effect.runPromise(native.newInitialAccessToken({ lifetimeSeconds }))).token

  const open = async (
    factory = overMemory,
  ): Promise<Pick<Session, "native" | "clock" | "store"> & { readonly wire: WireClient }> => {
    const server = await factory.start({ features, config: { registration: "invited" } })
    return { ...server, wire: wireClient(server.url) }
  }

  it.each([overMemory, overSqlite])(
    "registers who brings a token, once: of eight at the same time one ($name)",
    async (factory) => {
      const session = await open(factory)
      const token = await invite(session)
      const answers = await Promise.all(Array.from({ length: 8 }, () => registerWith(session.wire, token)))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(401)])
      expect(refusalOf(await registerWith(session.wire, token))).toBe("401 invalid_token")
      expect(await Effect.runPromise(session.store.rows.dynamicClientCount())).toBe(1)
      expect((await session.wire.get("/.well-known/oauth-authorization-server")).body["registration_endpoint"]).toBe(
        `${ISSUER}/register`,
      )
    },
  )

  it("registers nobody without one, with one that has ended, or with one that was made elsewhere", async () => {
    const session = await open()
    const ended = await invite(session, 60)
    session.clock.pass(60)
    const elsewhere = await invite(await open())
    for (const token of [undefined, ended, elsewhere, "x", `${ended}x`]) {
      const answer = await registerWith(session.wire, token)
      expect(refusalOf(answer)).toBe("401 invalid_token")
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/)
    }
    expect(await Effect.runPromise(session.store.rows.dynamicClientCount())).toBe(0)
  })

  it("does not use up a token for a registration that is refused for what it says", async () => {
    const session = await open()
    const token = await invite(session)
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
    const refused = await session.wire.send("POST", "/register", headers, JSON.stringify({ redirect_uris: ["x"] }))
    expect(refused.status).toBe(400)
    expect((await registerWith(session.wire, token)).status).toBe(201)
  })

  it("remembers over a restart, and for another instance, that a token was used", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const keys = ephemeralKeys()
    const instance = async () => {
      const store = sqliteStore(file)
      onTestFinished(() => Effect.runPromise(store.close))
      const made = await serverOver({ store, keys, features, config: { registration: "invited" } })
      return { ...made, wire: wireClient(await serve(made.native)) }
    }
    const [first, second] = [await instance(), await instance()]
    const token = await invite(first)
    const both = await Promise.all([first, second, first, second].map(({ wire }) => registerWith(wire, token)))
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 401, 401, 401])
    await Effect.runPromise(first.store.close)
    await Effect.runPromise(second.store.close)
    expect(refusalOf(await registerWith((await instance()).wire, token))).toBe("401 invalid_token")
  })

  it.each([0, -1, 0.5, 366 * 86_400])("makes no token for %s seconds", async (seconds) => {
    const { native } = await serverOver({ features, config: { ...invited, registration: "invited" } })
    const refused = await Effect.runPromise(Effect.flip(native.newInitialAccessToken({ lifetimeSeconds: seconds })))
    expect(refused).toMatchObject({ error: "invalid_request" })
  })
})
