/** Clients that a document at their id describes: over the wire, from the first request to a token that is introspected. */
import { Effect } from "effect"
import { join } from "node:path"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import {
  clientIdMetadataDocuments,
  deviceGrant,
  ephemeralKeys,
  memoryStore,
  privateKeyJwt,
  pushedRequests,
  signedRequests,
  sqliteStore,
  standardFeatures,
  type ClientIdMetadataDocumentsOptions,
  type Feature,
  type ServerStore,
} from "../../../../src/entry/grantlog.ts"
import { assertionForm, assertionOf, newSigningKey, type SigningKey } from "../../../support/Assertions.ts"
import { documentHost } from "../../../support/DocumentHost.ts"
import { START_MILLIS } from "../../../support/ManualClock.ts"
import { push } from "../../../support/Pushing.ts"
import { startSession } from "../../../support/Session.ts"
import { overMemory, overSqlite, serve, serverOver, temporaryFolder } from "../../../support/TestServer.ts"
import {
  REDIRECT_URI,
  RESOURCE,
  newVerifier,
  challengeOf,
  formOf,
  wireClient,
  type App,
  type WireClient,
} from "../../../support/WireClient.ts"

const featuresOf = (options: ClientIdMetadataDocumentsOptions = {}): ReadonlyArray<Feature> => [
  ...standardFeatures,
  clientIdMetadataDocuments({ allowsLoopback: true, ...options }),
]

const start = async (options: ClientIdMetadataDocumentsOptions = {}, factory = overMemory) => {
  const session = await startSession(factory, { features: featuresOf(options) })
  const entryCount = async () => (await Effect.runPromise(session.store.head)).size
  return { ...session, entryCount }
}

const appAt = (clientId: string): App => ({ clientId, method: "none", redirectUri: REDIRECT_URI })

/** What a person is told who follows a link of a client that cannot be known. */
const toldOf = (text: string): string => (/role="alert">([^<]*)</.exec(text)?.[1] ?? "").replaceAll("&#39;", "'")

//= MCP-AUTHZ-as-cimd
describe.each([overMemory, overSqlite])("a client that a document describes, $name", (factory) => {
  it("needs no registration: it asks, redeems, refreshes and revokes, and its tokens are introspected", async () => {
    const host = await documentHost()
    const { wire, native, watcher } = await start({}, factory)
    const app = appAt(host.publish({ scope: "read" }))
    const tokens = await wire.login(app, { resource: RESOURCE })
    const { body } = await wire.introspect(watcher, tokens.access)
    expect(body).toMatchObject({ active: true, client_id: app.clientId, aud: RESOURCE, scope: "read" })
    const fresh = await wire.refreshed(app, tokens.refresh)
    expect((await wire.revoke(app, fresh.refresh)).status).toBe(200)
    expect(await wire.isActive(watcher, fresh.access)).toBe(false)
    const [kept] = await Effect.runPromise(native.clients())
    expect(kept).toMatchObject({ clientId: app.clientId, origin: "document", secret: null })
  })

  it("is known by nothing before somebody approves, whatever it asks", async () => {
    const host = await documentHost()
    const { wire, entryCount } = await start({}, factory)
    const app = appAt(host.publish())
    const before = await entryCount()
    for (const form of [{ scope: "unknown" }, { resource: "nothing" }, { response_type: "token" }]) {
      await wire.authorize(app, form)
    }
    await wire.token(app, { grant_type: "authorization_code", code: "x", code_verifier: newVerifier() })
    await wire.token(app, { grant_type: "refresh_token", refresh_token: "x" })
    await wire.revoke(app, "x")
    expect(await entryCount()).toBe(before)
    await wire.approved(app)
    expect(await entryCount()).toBeGreaterThan(before)
  })
})

//= CIMD-5-advertise
it("is advertised as long as it is switched on", async () => {
  const supported = async ({ wire }: Awaited<ReturnType<typeof startSession>>) =>
    (await wire.get("/.well-known/oauth-authorization-server")).body["client_id_metadata_document_supported"]
  expect(await supported(await start())).toBe(true)
  expect(await supported(await startSession())).toBeUndefined()
})

it("a server that does not have it asks nobody and knows no such client", async () => {
  const host = await documentHost()
  const { wire } = await startSession()
  expect(toldOf((await wire.authorize(appAt(host.publish()))).text)).toContain("not known here")
  expect(host.asked).toEqual([])
})

describe("a document is taken for what it says at its own address alone", () => {
  const refusalOf = async (members: Readonly<Record<string, unknown>>) => {
    const host = await documentHost()
    const { wire, entryCount } = await start()
    const before = await entryCount()
    const answer = await wire.authorize(appAt(host.publish(members)))
    expect(answer.status).toBe(400)
    expect(await entryCount()).toBe(before)
    return toldOf(answer.text)
  }

  //= A37
  //= CIMD-4.1-client-id-equals-url
  it.each([
    ["of another", "https://app.example/client.json"],
    ["in another spelling", "HTTP://127.0.0.1/client.json"],
    ["of no text", 5],
    ["that is missing", undefined],
  ])("one with a client_id %s is none", async (_, clientId) => {
    expect(await refusalOf({ client_id: clientId })).toContain("its client_id is not the address that it is at")
  })

  it("an address that differs in its spelling is another client", async () => {
    const host = await documentHost()
    const { wire } = await start()
    const clientId = host.publish()
    expect((await wire.authorize(appAt(clientId))).status).toBe(303)
    for (const other of [`${clientId}?`, `${clientId}/`, clientId.replace("127.0.0.1", "localhost")]) {
      expect((await wire.authorize(appAt(other))).status).toBe(400)
    }
  })

  //= CIMD-4.1-no-shared-secret
  it.each([
    [{ token_endpoint_auth_method: "client_secret_basic" }, "use none"],
    [{ token_endpoint_auth_method: "client_secret_post" }, "use none"],
    [{ token_endpoint_auth_method: "client_secret_jwt" }, "use none"],
    [{ client_secret: "a-secret-of-more-than-22-characters" }, "client_secret: what everybody can read is no secret"],
    [{ client_secret_expires_at: 0 }, "client_secret_expires_at: what everybody can read is no secret"],
  ])("one that has a shared secret is none: %j", async (members, sentence) => {
    expect(await refusalOf(members)).toContain(sentence)
  })

  //= CIMD-4.1-no-private-key
  it("one that publishes a private key is none, and the key is repeated nowhere", async () => {
    for (const key of [
      { kty: "EC", d: "private" },
      { kty: "oct", k: "private" },
      { kty: "RSA", p: "private" },
    ]) {
      const said = await refusalOf({ jwks: { keys: [key] } })
      expect(said).toContain("private key in jwks")
      expect(said).not.toContain('"private"')
    }
  })

  it("one that could not be registered is none", async () => {
    expect(await refusalOf({ redirect_uris: ["http://app.example/callback"] })).toContain("uses http off loopback")
    expect(await refusalOf({ redirect_uris: ["javascript:alert(1)"] })).toContain("uses the scheme javascript")
    expect(await refusalOf({ redirect_uris: [] })).toContain("needs a redirect URI")
    expect(await refusalOf({ redirect_uris: "x" })).toContain("send a list of strings")
    expect(await refusalOf({ grant_types: ["client_credentials"] })).toContain("ask the operator")
  })

  //= CIMD-4.3-abort
  it("a request goes no further where there is none, and a person is told why", async () => {
    const host = await documentHost()
    const { wire } = await start()
    const at = async (clientId: string) => toldOf((await wire.authorize(appAt(clientId))).text)
    expect(await at(host.at())).toContain("was answered 404, and has to be answered 200")
    host.answer((response) => response.writeHead(200, host.headers).end("[1]"))
    expect(await at(host.at())).toContain("it is no JSON object")
    host.answer((response) => response.writeHead(200, host.headers).end("<html>"))
    expect(await at(host.at())).toContain("it is no JSON object")
    expect(await at("https://10.0.0.1/client.json")).toContain("has to be at a public address")
    expect(await at("https://app.example/../x")).toContain("has dot segments")
    expect(await at(`https://app.example/${"x".repeat(600)}`)).toContain("not known")
  })
})

describe("who may be asked about", () => {
  it("a server whose issuer is elsewhere asks nobody on this machine, whatever it is told", async () => {
    const host = await documentHost()
    const made = await serverOver({
      features: featuresOf(),
      config: { issuer: "https://id.example" },
      isAutoApproving: false,
    })
    const found = Effect.runPromise(Effect.result(made.native.findClient(host.publish())))
    expect(await found).toMatchObject({ failure: { error: "invalid_client" } })
    expect(host.asked).toEqual([])
  })

  it("a program's own rule is asked before anybody else is", async () => {
    const fetch = vi.fn()
    const asked: Array<string> = []
    const isAllowed = (url: URL) => {
      asked.push(url.host)
      return false
    }
    const { wire } = await start({ isAllowed, fetch })
    const { text } = await wire.authorize(appAt("https://app.example/client.json"))
    expect(toldOf(text)).toContain("is not one that this server takes")
    expect(asked).toEqual(["app.example"])
    expect(fetch).not.toHaveBeenCalled()
  })

  //= CIMD-7-own-ids
  it("no client that is registered here gets an id that is an address", async () => {
    const { native } = await start()
    const metadata = { redirect_uris: [REDIRECT_URI] }
    const added = native.addClient({ metadata, clientId: "https://app.example/client.json" })
    expect(await Effect.runPromise(Effect.result(added))).toMatchObject({
      failure: { error: "invalid_client_metadata" },
    })
  })
})

//= A36
it("a source that names documents which are none has to wait; another one has not, nor has a registered client", async () => {
  const host = await documentHost()
  const made = await serverOver({ features: featuresOf() })
  const endpoints = { limits: { failedDocumentsPerMinute: 3 }, trustedProxies: ["127.0.0.1"] }
  const url = await serve(made.native, { endpoints })
  const [one, other] = ["192.0.2.1", "192.0.2.2"].map((source) => wireClient(url, { "x-forwarded-for": source }))
  const statusOf = async (wire: typeof one, app: App) => (await wire!.authorize(app)).status
  for (let count = 0; count < 3; count++) expect(await statusOf(one, appAt(host.at(`/${count}`)))).toBe(400)
  expect(await statusOf(one, appAt(host.at("/3")))).toBe(429)
  expect(host.asked).toHaveLength(3)
  expect(await statusOf(other, appAt(host.at("/4")))).toBe(400)
  expect(await statusOf(one, await one!.newApp())).not.toBe(429)
  expect(await statusOf(other, appAt(host.publish()))).not.toBe(400)
})

//= A36
it("a document that is none counts against its source wherever a client is named", async () => {
  const host = await documentHost()
  const [key, now] = [await newSigningKey(), START_MILLIS]
  const features = [...featuresOf(), privateKeyJwt(), ...pushedRequests(), ...deviceGrant(), signedRequests()]
  const asked: ReadonlyArray<readonly [string, (wire: WireClient, clientId: string) => Promise<{ status: number }>]> = [
    ["/authorize", (wire, clientId) => wire.authorize(appAt(clientId))],
    [
      "a signed request",
      async (wire, clientId) => {
        const request = await assertionOf({
          clientId,
          key,
          now,
          claims: { client_id: clientId, sub: undefined },
          header: { typ: "JWT" },
        })
        return wire.get(`/authorize?${formOf({ client_id: clientId, request })}`)
      },
    ],
    ["/par", (wire, clientId) => push(wire, appAt(clientId))],
    ["/device_authorization", (wire, clientId) => wire.asApp("/device_authorization")(appAt(clientId), {})],
    [
      "an assertion",
      async (wire, clientId) =>
        wire.post("/token", {
          grant_type: "refresh_token",
          refresh_token: "x",
          ...assertionForm(await assertionOf({ clientId, key, now })),
        }),
    ],
    [
      "an assertion at /revoke",
      async (wire, clientId) =>
        wire.post("/revoke", { token: "x", ...assertionForm(await assertionOf({ clientId, key, now })) }),
    ],
  ]
  for (const [name, ask] of asked) {
    const { native } = await serverOver({ features })
    const url = await serve(native, { endpoints: { limits: { failedDocumentsPerMinute: 3 } } })
    const wire = wireClient(url)
    const before = host.asked.length
    for (let count = 0; count < 3; count++) {
      expect([name, (await ask(wire, host.at(`/${name.length}/${count}`))).status]).not.toEqual([name, 429])
    }
    expect([name, (await ask(wire, host.at("/more"))).status, host.asked.length - before]).toEqual([name, 429, 3])
    expect([name, (await wire.authorize(await wire.newApp())).status]).not.toEqual([name, 429])
  }
})

it("documents of origins that the operator blocks are not asked for, nor those below a host that is blocked as a whole", async () => {
  const host = await documentHost()
  const { wire } = await start({ blockedOrigins: [host.origin, "https://*.evil.example"] })
  const refused = await wire.authorize(appAt(host.publish()))
  expect([refused.status, toldOf(refused.text)]).toEqual([
    400,
    expect.stringContaining("is not one that this server takes"),
  ])
  expect((await wire.authorize(appAt("https://a.b.evil.example/c"))).text).toContain(
    "is not one that this server takes",
  )
  expect((await wire.authorize(appAt("https://evil.example/c"))).text).not.toContain(
    "is not one that this server takes",
  )
  expect(host.asked).toEqual([])
  for (const origin of ["evil.example", "https://evil.example/path", "https://a.*.example", "ftp://evil.example", ""]) {
    expect(() => clientIdMetadataDocuments({ blockedOrigins: [origin] })).toThrow(
      "is not one like https://evil.example",
    )
  }
})

describe("a document that changes", () => {
  it("is asked about anew: what was shown of it is not granted by what it says now", async () => {
    const host = await documentHost()
    const { native, entryCount, clock } = await start()
    const clientId = host.publish()
    const shown = (await Effect.runPromise(native.askingClient(clientId)))!
    const request = {
      clientId,
      approval: { _tag: "User" as const, subjectId: "sub_alice", approvedAt: native.now() },
      request: {
        redirectUri: REDIRECT_URI,
        redirectUriProvidedExplicitly: true,
        codeChallenge: challengeOf(newVerifier()),
        jkt: null,
      },
      scopes: null,
      resources: [],
      metadataDigest: shown.metadataDigest!,
    }
    host.publish({ redirect_uris: [REDIRECT_URI, "https://evil.example/callback"] })
    clock.pass(301)
    const before = await entryCount()
    const refused = await Effect.runPromise(Effect.result(native.openGrant(request)))
    expect(refused).toMatchObject({ failure: { error: "invalid_request", description: /has changed since/ } })
    expect(await Effect.runPromise(Effect.result(native.preview(request)))).toMatchObject(refused)
    expect(await entryCount()).toBe(before)
    const now = (await Effect.runPromise(native.askingClient(clientId)))!
    const { grantId } = await Effect.runPromise(native.openGrant({ ...request, metadataDigest: now.metadataDigest! }))
    const [, opened] = await Effect.runPromise(
      Effect.map(
        native.clients(),
        (clients) => [clients, clients.find((one) => one._tag === "Registered" && one.clientId === clientId)] as const,
      ),
    )
    expect(opened).toMatchObject({ metadataDigest: now.metadataDigest })
    expect(grantId).toHaveLength(22)
  })

  it("ends no session, and takes no redirect URI of what it does not say any more", async () => {
    const host = await documentHost()
    const { wire, clock } = await start()
    const app = appAt(host.publish())
    const tokens = await wire.login(app)
    host.publish({ redirect_uris: ["https://app.example/callback"] })
    clock.pass(301)
    expect((await wire.authorize(app)).status).toBe(400)
    const other = { ...app, redirectUri: "https://app.example/callback" }
    expect((await wire.authorize(other)).status).not.toBe(400)
    await wire.refreshed(app, tokens.refresh)
  })

  //= A37
  it("a code that was asked for by one is redeemed by what was approved, whatever it says now", async () => {
    const host = await documentHost()
    const { wire } = await start()
    const app = appAt(host.publish())
    const approval = await wire.approved(app)
    host.publish({ redirect_uris: ["https://evil.example/callback"] })
    const swapped = await wire.redeem(app, approval, { redirect_uri: "https://evil.example/callback" })
    expect([swapped.status, swapped.body.error]).toEqual([400, "invalid_grant"])
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })
})

describe("a document that cannot be read any more", () => {
  it("ends no session, after a restart and in another instance too, and nobody is asked for it", async () => {
    const host = await documentHost()
    const [file, keys] = [join(temporaryFolder(), "grantlog.db"), ephemeralKeys()]
    const open = async () => {
      const store = sqliteStore(file)
      onTestFinished(() => Effect.runPromise(store.close))
      const made = await serverOver({ store, keys, features: featuresOf() })
      return wireClient(await serve(made.native))
    }
    const app = appAt(host.publish())
    const tokens = await (await open()).login(app)
    host.answer((response) => response.writeHead(404).end())
    const asked = host.asked.length
    const fresh = await (await open()).refreshed(app, tokens.refresh)
    const one = await open()
    expect((await one.revoke(app, fresh.refresh)).status).toBe(200)
    expect(host.asked).toHaveLength(asked)
    expect((await one.authorize(app)).status).toBe(400)
  })

  it("is what was approved of it to whoever has to prove to be the client", async () => {
    const host = await documentHost()
    const { native, wire, clock } = await start()
    const clientId = host.publish()
    const known = () => Effect.runPromise(native.knownClient(clientId))
    host.answer((response) => response.writeHead(404).end())
    expect(await known()).toBeUndefined()
    host.publish()
    await wire.approved(appAt(clientId))
    host.answer((response) => response.writeHead(404).end())
    clock.pass(301)
    expect(await known()).toMatchObject({ client_id: clientId, redirect_uris: [REDIRECT_URI] })
  })
})

it("a crash between the client and its grant leaves a client that somebody approved, and the next request goes on", async () => {
  const host = await documentHost()
  const store = memoryStore()
  let isCut = true
  const cut: ServerStore = {
    ...store,
    append: (one) =>
      isCut && one.stream.startsWith("grant-")
        ? Effect.succeed({ _tag: "Unknown", message: "the power is gone" })
        : store.append(one),
  }
  const made = await serverOver({ store: cut, features: featuresOf() })
  const wire = wireClient(await serve(made.native))
  const app = appAt(host.publish())
  expect((await wire.authorize(app)).status).toBe(503)
  expect(await Effect.runPromise(made.native.clients())).toMatchObject([{ clientId: app.clientId, origin: "document" }])
  expect(await Effect.runPromise(made.native.grants({}))).toEqual([])
  isCut = false
  await wire.login(app)
  expect(await Effect.runPromise(made.native.clients())).toHaveLength(1)
})

describe("an operator", () => {
  it("suspends such a client, deletes it for good, and changes nothing that its document says", async () => {
    const host = await documentHost()
    const { wire, native, watcher } = await start()
    const app = appAt(host.publish())
    const tokens = await wire.login(app, { resource: RESOURCE })
    const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.result(effect))
    expect(await run(native.updateClient(app.clientId, { redirect_uris: [REDIRECT_URI] }))).toMatchObject({
      failure: { error: "invalid_client_metadata" },
    })
    await run(native.disableClient(app.clientId))
    expect(await wire.isActive(watcher, tokens.access)).toBe(false)
    expect((await wire.authorize(app)).headers.get("location")).toContain("error=unauthorized_client")
    await run(native.enableClient(app.clientId))
    expect(await wire.isActive(watcher, tokens.access)).toBe(true)
    await run(native.deleteClient(app.clientId))
    expect(await wire.isActive(watcher, tokens.access)).toBe(false)
    expect(toldOf((await wire.authorize(app)).text)).toContain("the client is not known")
  })
})

//= CIMD-6.2-confidential-must-auth
describe("a document with keys", () => {
  const assertion: Feature = {
    kind: "client authentication",
    name: "private_key_jwt",
    reads: "client_assertion",
    isProof: true,
    usesSecret: false,
    clientMembers: ["jwks_uri"],
    read: (_request, form) => ({ clientId: form.get("client_id")!, isAuthenticated: true }),
  }

  it("makes a client that has to prove itself, also where it names no method", async () => {
    const host = await documentHost()
    const { wire } = await startSession(overMemory, { features: [...featuresOf(), assertion] })
    const app = appAt(host.publish({ token_endpoint_auth_method: undefined, jwks_uri: "https://app.example/keys" }))
    const approval = await wire.approved(app)
    const plain = await wire.redeem(app, approval)
    expect([plain.status, plain.body.error]).toEqual([401, "invalid_client"])
    const proven = await wire.redeem(app, approval, { client_assertion: "one" })
    expect(proven.status).toBe(200)
  })

  it("is believed by the keys that it has now, and by those that were approved while it cannot be read", async () => {
    const host = await documentHost()
    const session = await startSession(overMemory, { features: [...featuresOf(), privateKeyJwt()] })
    const { wire, clock } = session
    const [first, second] = [await newSigningKey(), await newSigningKey()]
    const publish = (key: SigningKey) =>
      host.publish({ token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [key.jwk] } })
    const app = appAt(publish(first))
    const proof = async (key: SigningKey) =>
      assertionForm(await assertionOf({ clientId: app.clientId, key, now: session.native.now() }))
    const approval = await wire.approved(app)
    expect((await wire.redeem(app, approval, await proof(second))).body.error).toBe("invalid_client")
    let { refresh } = await wire.redeem(app, approval, await proof(first)).then(({ body }) => ({
      refresh: body.refresh_token!,
    }))
    const refreshedBy = async (key: SigningKey) => {
      const { status, body } = await wire.refresh(app, refresh, await proof(key))
      if (status === 200) refresh = body.refresh_token!
      return status
    }
    publish(second)
    clock.pass(301)
    expect([await refreshedBy(first), await refreshedBy(second)]).toEqual([401, 200])
    host.answer((response) => response.writeHead(404).end())
    clock.pass(301)
    expect([await refreshedBy(second), await refreshedBy(first)]).toEqual([401, 200])
  })

  it("whose grants end when it has none any more", async () => {
    const host = await documentHost()
    const { wire, clock } = await startSession(overMemory, { features: [...featuresOf(), assertion] })
    const keys = { token_endpoint_auth_method: "private_key_jwt", jwks_uri: "https://app.example/keys" }
    const app = appAt(host.publish(keys))
    const tokens = await wire.login(app, {}, { client_assertion: "one" })
    host.publish()
    clock.pass(301)
    await wire.approved(app)
    const refreshed = await wire.refresh(app, tokens.refresh)
    expect([refreshed.status, refreshed.body.error]).toEqual([400, "invalid_grant"])
  })
})
