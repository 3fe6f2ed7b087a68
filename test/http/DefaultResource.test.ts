/** What a token is for when the request does not say, or says it by the origin alone. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { toOAuthProvider, type Config } from "../../src/provider/index.ts"
import { addResourceServer, addService, startSession, type Session } from "../support/Session.ts"
import { factories, overMemory, serverOver } from "../support/TestServer.ts"
import { ways } from "../support/ThroughPages.ts"
import { REDIRECT_URI, RESOURCE, challengeOf, newVerifier, type Approval } from "../support/WireClient.ts"

const NOTES = "https://notes.example/mcp"
const FILES = "https://files.example/mcp"
const missing = {
  error: "invalid_target",
  error_description: "resource is missing, and more than one is known here: name the one that the token is for",
}

const confidential = async ({ wire }: Session) => wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })

/** What the tokens of a confidential client's login are for, as it is told itself. */
const loginOf = async (
  session: Session,
  form: Record<string, string | ReadonlyArray<string>> = {},
  redeemForm = {},
) => {
  const app = await confidential(session)
  const { access, refresh, body } = await session.wire.login(app, form, redeemForm)
  const { aud } = (await session.wire.introspect(app, access)).body
  return { app, access, refresh, body, aud }
}

const refusalOf = async ({ wire, app }: Session, form: Record<string, string | ReadonlyArray<string>> = {}) => {
  const { headers } = await wire.authorize(app, form)
  const { searchParams } = new URL(headers.get("location") ?? "about:blank")
  return { error: searchParams.get("error"), error_description: searchParams.get("error_description") }
}

describe.each(ways)("$name", (way) => {
  test.each<readonly [string, Partial<Config>, unknown]>([
    ["the one of the configuration", { resources: [RESOURCE] }, RESOURCE],
    ["the one that a resource server was added for", { resources: [] }, RESOURCE],
    ["the one that a resource server was added for, where any may be named", { resources: "any" }, RESOURCE],
    ["the default of several", { resources: [NOTES, FILES], defaultResource: FILES }, FILES],
    ["the default, where any may be named", { resources: "any", defaultResource: NOTES }, NOTES],
    ["the default that nothing else knows of", { resources: [], defaultResource: NOTES }, NOTES],
  ])("a request without resource is for %s", async (_, config, expected) => {
    const session = await startSession(way, { config })
    const { aud, app, refresh, body } = await loginOf(session)
    expect([aud, body.scope]).toEqual([expected, "read"])
    const next = await session.wire.refreshed(app, refresh)
    expect((await session.wire.introspect(app, next.access)).body["aud"]).toBe(expected)
  })

  test("so that its resource server can use the token", async () => {
    const { wire, app, watcher } = await startSession(way, { config: { resources: [] } })
    const { access } = await wire.login(app)
    expect((await wire.introspect(watcher, access)).body).toMatchObject({ active: true, aud: RESOURCE })
  })

  test("a resource server in another spelling is the same one", async () => {
    const session = await startSession(way, { config: { resources: ["http://LOCALHOST:9999/mcp"] } })
    expect((await loginOf(session)).aud).toBe("http://LOCALHOST:9999/mcp")
  })

  test("a request without resource is invalid_target where several are known", async () => {
    for (const resources of [[NOTES], "any"] as const) {
      const session = await startSession(way, { config: { resources } })
      if (resources === "any") await addResourceServer(session, NOTES)
      expect(await refusalOf(session)).toEqual(missing)
      expect((await loginOf(session, { resource: NOTES })).aud).toBe(NOTES)
    }
  })

  test.each([
    ["https://notes.example", NOTES],
    ["https://notes.example/", NOTES],
    ["HTTPS://Notes.example", NOTES],
    ["https://notes.example:443", NOTES],
    ["http://localhost:9999", RESOURCE],
  ])("the origin %s stands for the one resource known there, as it is spelled here", async (resource, expected) => {
    const session = await startSession(way, { config: { resources: [NOTES, FILES] } })
    const { aud, app, refresh } = await loginOf(session, { resource }, { resource })
    expect(aud).toBe(expected)
    const next = await session.wire.refreshed(app, refresh, { resource })
    expect((await session.wire.introspect(app, next.access)).body["aud"]).toBe(expected)
  })

  test("the origin stands for it as well where any may be named", async () => {
    const session = await startSession(way, { config: { resources: "any" } })
    expect((await loginOf(session, { resource: "http://localhost:9999" })).aud).toBe(RESOURCE)
    expect((await loginOf(session, { resource: "http://localhost:9998" })).aud).toBe("http://localhost:9998")
  })

  test("the origin stands for none where two are known there, nor does a path", async () => {
    const config = { resources: [NOTES, "https://notes.example/other", FILES] }
    const session = await startSession(way, { config })
    for (const resource of [
      "https://notes.example",
      "https://notes.example/",
      "https://files.example/other",
      "https://files.example/?",
      "https://files.example?x",
      "http://files.example",
      "https://files.example:444",
    ]) {
      expect((await refusalOf(session, { resource })).error).toBe("invalid_target")
    }
  })

  test("an origin that is a resource itself is that one", async () => {
    const session = await startSession(way, { config: { resources: ["https://notes.example", NOTES] } })
    expect((await loginOf(session, { resource: "https://notes.example/" })).aud).toBe("https://notes.example/")
  })

  test("a resource and its origin are one", async () => {
    const session = await startSession(way, { config: { resources: [NOTES] } })
    expect((await loginOf(session, { resource: [NOTES, "https://notes.example"] })).aud).toBe(NOTES)
  })
})

describe.each(factories.slice(0, 2))("at the token endpoint, $name", (factory) => {
  const issue = async (session: Session, form: Record<string, string> = {}) => {
    const app = await addService(session)
    const { status, body } = await session.wire.token(app, { grant_type: "client_credentials", ...form })
    return status === 200 ? (await session.wire.introspect(app, body.access_token!)).body["aud"] : body
  }

  test("a client's own token is for the one known resource, for the default, or for none of several", async () => {
    expect(await issue(await startSession(factory, { config: { resources: [] } }))).toBe(RESOURCE)
    const several = { resources: [NOTES, FILES] }
    expect(await issue(await startSession(factory, { config: { ...several, defaultResource: NOTES } }))).toBe(NOTES)
    const session = await startSession(factory, { config: several })
    expect(await issue(session)).toEqual(missing)
    expect(await issue(session, { resource: "https://files.example/" })).toBe(FILES)
  })

  test("a code is for what was granted, whether its redemption names it, its origin or nothing", async () => {
    const session = await startSession(factory, { config: { resources: [] } })
    for (const form of [{}, { resource: RESOURCE }, { resource: "http://localhost:9999" }]) {
      expect((await loginOf(session, {}, form)).aud).toBe(RESOURCE)
    }
    const app = await confidential(session)
    const approval: Approval = await session.wire.approved(app)
    const other = await session.wire.redeem(app, approval, { resource: "http://localhost:9998" })
    expect(other.body.error).toBe("invalid_target")
  })

  test("an origin stands for no part of a grant that has two resources there", async () => {
    const two = [NOTES, "https://notes.example/other"]
    const session = await startSession(factory, { config: { resources: two } })
    const app = await confidential(session)
    const approval = await session.wire.approved(app, { resource: two })
    const answer = await session.wire.redeem(app, approval, { resource: "https://notes.example" })
    expect(answer.body.error).toBe("invalid_target")
  })
})

describe("without any known resource", () => {
  test("a token is for nobody in particular", async () => {
    const { native } = await overMemory.start()
    const policy = toOAuthProvider(native, { approve: () => "alice" })
    const metadata = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }
    const { client_id } = await Effect.runPromise(native.addClient({ metadata }))
    const verifier = newVerifier()
    const client = (await policy.getClient(client_id))!
    const location = await policy.authorize(client, {
      codeChallenge: challengeOf(verifier),
      redirectUri: REDIRECT_URI,
      redirectUriProvidedExplicitly: true,
    })
    const code = (await policy.loadAuthorizationCode(client, new URL(location).searchParams.get("code")!))!
    const { access_token } = await policy.exchangeAuthorizationCode(client, code, { codeVerifier: verifier })
    expect((await policy.verifyToken(access_token))?.resource).toEqual([])
  })
})

describe("through the ten methods", () => {
  test("a policy is asked about the resource that would be granted, and the record has it", async () => {
    const { native, app } = await startSession(overMemory, { config: { resources: [] } })
    const asked: Array<unknown> = []
    const approve = (_: unknown, { resource }: { readonly resource?: ReadonlyArray<string> }) => {
      asked.push(resource)
      return "alice"
    }
    const provider = toOAuthProvider(native, { approve })
    const client = (await provider.getClient(app.clientId))!
    const params = {
      codeChallenge: challengeOf(newVerifier()),
      redirectUri: REDIRECT_URI,
      redirectUriProvidedExplicitly: true,
    }
    for (const resource of [undefined, [], ["http://localhost:9999/"]]) {
      const location = await provider.authorize(client, { ...params, ...(resource === undefined ? {} : { resource }) })
      const code = new URL(location).searchParams.get("code")!
      expect((await provider.loadAuthorizationCode(client, code))?.resource).toEqual([RESOURCE])
    }
    expect(asked).toEqual([[RESOURCE], [RESOURCE], [RESOURCE]])
  })
})

describe("the operator is told", () => {
  const said = async (config: Partial<Config>) => {
    const sentences: Array<string> = []
    const { native } = await serverOver({ config, onNotice: (sentence) => sentences.push(sentence) })
    return { native, sentences }
  }
  const metadata = { redirect_uris: [], grant_types: ["client_credentials"] }

  test("once, that requests name no resource, with the flag that sets a default", async () => {
    const { native, sentences } = await said({ resources: [NOTES, FILES] })
    const { client_id, client_secret } = await Effect.runPromise(native.addClient({ metadata }))
    const credentials = { clientId: client_id, clientSecret: client_secret! }
    for (const resource of [undefined, [], [NOTES]]) {
      await Effect.runPromise(
        Effect.result(native.issueToken({ credentials, ...(resource === undefined ? {} : { resource }) })),
      )
    }
    expect(sentences).toEqual([
      "a request named no `resource`, and more than one is known here: such requests are refused unless `--default-resource` (`defaultResource` in the configuration) says which one they are for",
    ])
  })
})
