/** The rules of the provider for `mcpAuthRouter` of SDK 1.x: whom it serves, and which of the SDK's errors it throws. */
import { createHash } from "node:crypto"
import {
  CustomOAuthError,
  InvalidClientError,
  InvalidClientMetadataError,
  InvalidGrantError,
  InvalidScopeError,
  InvalidTargetError,
  InvalidTokenError,
  ServerError,
  TooManyRequestsError,
} from "@modelcontextprotocol/sdk/server/auth/errors.js"
import type { OAuthServerProvider as SdkProvider } from "@modelcontextprotocol/sdk/server/auth/provider.js"
import { Effect } from "effect"
import { describe, expect, it, test } from "vitest"
import {
  authorizationServer,
  ephemeralKeys,
  memoryStore,
  toOAuthProvider,
  type Config,
  type EmbeddedServer,
} from "../../src/entry/grantlog.ts"
import { McpFault, oauthServerProvider, type ServerProviderOptions } from "../../src/mcp/index.ts"

const ISSUER = "http://localhost:3000/"
const RESOURCE = "http://localhost:3000/mcp"
const REDIRECT_URI = "http://127.0.0.1/callback"
const VERIFIER = "v".repeat(43)
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url")

const publicMetadata = {
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
}

const approve = () => "alice"

const start = async (options: Partial<ServerProviderOptions> = { approve }, config: Partial<Config> = {}) => {
  const store = memoryStore()
  const server = await authorizationServer({
    store,
    keys: ephemeralKeys(),
    config: { issuer: ISSUER, ...config },
  })
  const told: Array<string> = []
  const provider = await oauthServerProvider(server, {
    resource: RESOURCE,
    onUnavailable: (sentence) => void told.push(sentence),
    ...options,
  })
  /** Where the browser is sent. */
  const authorize = async (client: { client_id: string }, more: object = {}) => {
    let location: URL | undefined
    const response = { redirect: (_: number, url: string) => void (location = new URL(url)) }
    const params = { codeChallenge: CHALLENGE, redirectUri: REDIRECT_URI, resource: new URL(RESOURCE), ...more }
    await provider.authorize(client, params, response)
    return location!
  }
  const codeOf = async (client: { client_id: string }) => (await authorize(client)).searchParams.get("code")!
  const login = async (client: { client_id: string }) =>
    provider.exchangeAuthorizationCode(client, await codeOf(client), VERIFIER, REDIRECT_URI, new URL(RESOURCE))
  return { store, server, provider, told, authorize, codeOf, login }
}

const started = async (...options: Parameters<typeof start>) => {
  const running = await start(...options)
  const client = await running.provider.clientsStore.registerClient!(publicMetadata)
  return { ...running, client }
}

test("it is what the SDK calls an OAuthServerProvider", async () => {
  const { provider } = await start()
  const asSdkHasIt: SdkProvider = provider
  expect(asSdkHasIt.skipLocalPkceValidation).toBe(true)
})

test("a public client registers, gets a code, tokens for it, others for those, and ends them", async () => {
  const { provider, client, authorize } = await started()
  expect(client.client_secret).toBeUndefined()
  expect(await provider.clientsStore.getClient(client.client_id)).toMatchObject({ client_id: client.client_id })
  const location = await authorize(client, { state: "s", scopes: ["read"] })
  expect([location.searchParams.get("state"), location.searchParams.get("iss")]).toEqual(["s", ISSUER])
  const code = location.searchParams.get("code")!
  expect(await provider.challengeForAuthorizationCode(client, code)).toBe(CHALLENGE)
  const first = await provider.exchangeAuthorizationCode(client, code, VERIFIER, REDIRECT_URI, new URL(RESOURCE))
  const next = await provider.exchangeRefreshToken(client, first.refresh_token!)
  expect(await provider.verifyAccessToken(next.access_token)).toMatchObject({
    clientId: client.client_id,
    scopes: ["read"],
    resource: new URL(RESOURCE),
    expiresAt: expect.any(Number),
    extra: { sub: expect.stringMatching(/^sub_/) },
  })
  await provider.revokeToken(client, { token: next.refresh_token! })
  await expect(provider.verifyAccessToken(next.access_token)).rejects.toBeInstanceOf(InvalidTokenError)
})

describe("a confidential client", () => {
  const confidential = { ...publicMetadata, token_endpoint_auth_method: "client_secret_post" }

  it.each([confidential, { redirect_uris: [REDIRECT_URI] }])("cannot register: %j", async (metadata) => {
    const { provider } = await start()
    const attempt = provider.clientsStore.registerClient!(metadata)
    await expect(attempt).rejects.toBeInstanceOf(InvalidClientMetadataError)
    await expect(attempt).rejects.toThrow(
      "mcpAuthRouter compares client secrets in clear, so that only public clients are served: set token_endpoint_auth_method to none",
    )
  })

  it("that an operator added is refused wherever it comes, however it got there", async () => {
    const { provider, server, authorize } = await start()
    const client = await server.addClient({ metadata: confidential })
    const { code } = await codeFor(server, client.client_id)
    const attempts = [
      () => provider.clientsStore.getClient(client.client_id),
      () => authorize(client),
      () => provider.exchangeAuthorizationCode(client, code, VERIFIER, REDIRECT_URI),
      () => provider.revokeToken(client, { token: code }),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toBeInstanceOf(InvalidClientError)
    const credentials = { clientId: client.client_id, clientSecret: client.client_secret! }
    const tokens = await server.redeemCode({ credentials, code, codeVerifier: VERIFIER, redirectUri: REDIRECT_URI })
    await expect(provider.exchangeRefreshToken(client, tokens.refresh_token!)).rejects.toBeInstanceOf(
      InvalidClientError,
    )
  })
})

describe("what is refused", () => {
  it("a code that was redeemed, and what came of it, is an invalid grant", async () => {
    const { provider, client, codeOf } = await started()
    const code = await codeOf(client)
    const tokens = await provider.exchangeAuthorizationCode(client, code, VERIFIER, REDIRECT_URI)
    const again = provider.exchangeAuthorizationCode(client, code, VERIFIER, REDIRECT_URI)
    await expect(again).rejects.toBeInstanceOf(InvalidGrantError)
    await expect(provider.exchangeRefreshToken(client, tokens.refresh_token!)).rejects.toBeInstanceOf(InvalidGrantError)
    await expect(provider.verifyAccessToken(tokens.access_token)).rejects.toBeInstanceOf(InvalidTokenError)
  })

  it("another client's code is an invalid grant, and so is its challenge", async () => {
    const { provider, client, codeOf } = await started()
    const other = await provider.clientsStore.registerClient!(publicMetadata)
    const code = await codeOf(client)
    await expect(provider.challengeForAuthorizationCode(other, code)).rejects.toThrow(
      new InvalidGrantError("the code is not one of this client"),
    )
    const stolen = provider.exchangeAuthorizationCode(other, code, VERIFIER, REDIRECT_URI)
    await expect(stolen).rejects.toBeInstanceOf(InvalidGrantError)
    expect(await provider.exchangeAuthorizationCode(client, code, VERIFIER, REDIRECT_URI)).toHaveProperty(
      "access_token",
    )
  })

  it("a code without its verifier is refused, for the router does not look", async () => {
    const { provider, client, codeOf } = await started()
    const attempt = provider.exchangeAuthorizationCode(client, await codeOf(client), undefined, REDIRECT_URI)
    await expect(attempt).rejects.toBeInstanceOf(InvalidGrantError)
  })

  it("a code with another redirect URI is an invalid grant", async () => {
    const { provider, client, codeOf } = await started()
    const elsewhere = "http://127.0.0.1/elsewhere"
    const attempt = provider.exchangeAuthorizationCode(client, await codeOf(client), VERIFIER, elsewhere)
    await expect(attempt).rejects.toBeInstanceOf(InvalidGrantError)
  })

  it("a code or a refresh token gives nothing for a resource that was not granted", async () => {
    const { provider, client, codeOf, login } = await started()
    const other = new URL("http://localhost:9/other")
    const redeemed = provider.exchangeAuthorizationCode(client, await codeOf(client), VERIFIER, REDIRECT_URI, other)
    await expect(redeemed).rejects.toBeInstanceOf(InvalidTargetError)
    const { refresh_token: refreshToken } = await login(client)
    const refreshed = provider.exchangeRefreshToken(client, refreshToken!, undefined, other)
    await expect(refreshed).rejects.toBeInstanceOf(InvalidTargetError)
  })

  it("a scope or target that is not offered has the SDK's class of that name", async () => {
    const { client, authorize } = await started({ approve }, { resources: [RESOURCE] })
    await expect(authorize(client, { scopes: ["everything"] })).rejects.toBeInstanceOf(InvalidScopeError)
    const elsewhere = authorize(client, { resource: new URL("http://localhost:9/other") })
    await expect(elsewhere).rejects.toBeInstanceOf(InvalidTargetError)
  })

  it("a client that nobody knows is unknown", async () => {
    const { provider, authorize } = await start()
    expect(await provider.clientsStore.getClient("nobody")).toBeUndefined()
    await expect(authorize({ client_id: "nobody" })).rejects.toThrow(new InvalidClientError("the client is unknown"))
  })

  it("a token for another resource is no token here", async () => {
    const { provider, client, login } = await started({ approve, resource: "http://localhost:3000/other" })
    await expect(provider.verifyAccessToken((await login(client)).access_token)).rejects.toBeInstanceOf(
      InvalidTokenError,
    )
  })

  it("what cannot be decided is a server error, and only the operator hears why", async () => {
    const broken = () => Promise.reject(new Error("the directory is down"))
    const { client, authorize, told } = await started({ approve: broken })
    const attempt = authorize(client)
    await expect(attempt).rejects.toThrow(new ServerError("nothing was decided: try again"))
    expect(told).toEqual(["the directory is down"])
  })

  it("what was thrown and says nothing is told as a failure of the server", async () => {
    // eslint-disable-next-line prefer-promise-reject-errors -- hosts throw what they like
    const { client, authorize, told } = await started({ approve: () => Promise.reject({ status: 500 }) })
    await expect(authorize(client)).rejects.toBeInstanceOf(ServerError)
    expect(told).toEqual(["the server failed: see the cause"])
  })

  it("a code of ours that the SDK has no class for keeps its name", async () => {
    const { provider } = await start()
    const attempt = provider.clientsStore.registerClient!({ ...publicMetadata, redirect_uris: ["http://a.example/"] })
    await expect(attempt).rejects.toBeInstanceOf(CustomOAuthError)
    await expect(attempt).rejects.toMatchObject({ errorCode: "invalid_redirect_uri", message: /https/ })
  })

  it("whoever is limited is told so, and not that the server failed", async () => {
    const { provider, client, login, told } = await started({ approve }, { tokenRate: 1 })
    const refreshOften = async () => {
      let { refresh_token: token } = await login(client)
      for (let times = 0; times < 50; times++) {
        token = (await provider.exchangeRefreshToken(client, token!)).refresh_token
      }
    }
    await expect(refreshOften()).rejects.toBeInstanceOf(TooManyRequestsError)
    expect(told).toEqual([])
  })
})

test("an empty scope, as the router splits it, is none, and the redirect URI need not be said twice", async () => {
  const { provider, client, authorize } = await started()
  for (const [scopes, granted] of [
    [[""], "read"],
    [["", "write"], "write"],
  ] as const) {
    const code = (await authorize(client, { scopes })).searchParams.get("code")!
    const tokens = await provider.exchangeAuthorizationCode(client, code, VERIFIER)
    expect(tokens.scope).toBe(granted)
    expect((await provider.exchangeRefreshToken(client, tokens.refresh_token!, [""])).scope).toBe(granted)
  }
})

test("a refresh that asks for fewer scopes gets those alone", async () => {
  const { provider, client, authorize } = await started()
  const code = (await authorize(client, { scopes: ["read", "write"] })).searchParams.get("code")!
  const tokens = await provider.exchangeAuthorizationCode(client, code, VERIFIER)
  expect((await provider.exchangeRefreshToken(client, tokens.refresh_token!, ["read"])).scope).toBe("read")
})

test("whom the policy does not name is sent back without a code", async () => {
  const { client, authorize } = await started({ approve: () => undefined })
  const { searchParams } = await authorize(client)
  expect([searchParams.get("error"), searchParams.get("code")]).toEqual(["access_denied", null])
})

test("without a policy people are sent to our own pages, below the issuer's path", async () => {
  const { client, authorize } = await started({}, { issuer: "http://localhost:3000/id" })
  const { origin, pathname, searchParams } = await authorize(client)
  expect(origin + pathname).toBe("http://localhost:3000/id/authorize")
  expect(Object.fromEntries(searchParams)).toEqual({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    resource: RESOURCE,
  })
})

test.each([
  [{}, "approve"],
  [{ policyName: "the staff directory" }, "the staff directory"],
])("with %j the log names the policy that approved: %s", async (options, policy) => {
  const { store, client, codeOf } = await started({ approve, ...options })
  await codeOf(client)
  const entries = await Effect.runPromise(store.readAll(0))
  const opened = entries.map(({ event }) => event).find(({ _tag }) => _tag === "GrantOpened")
  expect(opened).toMatchObject({ basis: { _tag: "Policy", policy } })
})

test("where registration is off the router offers none", async () => {
  const { provider } = await start({ approve }, { registration: "off" })
  expect(provider.clientsStore).not.toHaveProperty("registerClient")
})

test.each([
  [
    { approve },
    { issuer: "http://localhost:3000" },
    "issuer_mismatch",
    "writes the issuer as `http://localhost:3000/`",
  ],
  [{}, {}, "sign_in_missing", "give `approve`, or an issuer with a path"],
  [{ approve }, { resources: ["http://localhost:9/other"] }, "resource_unknown", "add it to `resources`"],
  [{ approve }, { issuer: "https://id.example.com/" }, "resource_unknown", `no tokens for \`${RESOURCE}\``],
  [{ approve, resource: "mcp" }, {}, "resource_invalid", "resource `mcp` is not a URL"],
])("the options %j with the configuration %j are refused when the provider is made", async (...row) => {
  const [options, config, code, sentence] = row
  const attempt = start(options, config)
  await expect(attempt).rejects.toBeInstanceOf(McpFault)
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) })
})

/** A code of a client that asked for one where its secret is compared: at our own `/authorize`. */
const codeFor = async (server: EmbeddedServer, clientId: string) => {
  const client = (await server.findClient(clientId))!
  const params = { codeChallenge: CHALLENGE, redirectUri: REDIRECT_URI, redirectUriProvidedExplicitly: true }
  const location = await toOAuthProvider(server, { approve }).authorize(client, params)
  return { code: new URL(location).searchParams.get("code")! }
}
