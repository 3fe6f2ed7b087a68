/** Scopes as clients send them: fixed ones of their own, `offline_access`, and more than there is here. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { toOAuthProvider } from "../../src/provider/index.ts"
import { addService, startSession, type Session } from "../support/Session.ts"
import { factories, overAdapter, overMemory } from "../support/TestServer.ts"
import { ways } from "../support/ThroughPages.ts"
import { REDIRECT_URI, type App } from "../support/WireClient.ts"

const minimal = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }
const refreshing = { grant_types: ["authorization_code", "refresh_token"] }
const onlyCodes = { grant_types: ["authorization_code"] }

/** The scope that a request gets, or its error with the sentence. */
const outcomeOf = async ({ wire }: Pick<Session, "wire">, app: App, scope: string | undefined) => {
  const { headers } = await wire.authorize(app, { scope })
  const { searchParams } = new URL(headers.get("location") ?? "about:blank")
  const error = searchParams.get("error")
  if (error !== null) return [error, searchParams.get("error_description")]
  return (await wire.login(app, { scope })).body.scope
}

describe("a registration with scopes that this server does not have", () => {
  //= RFC7591-3.2.1-return-all-metadata
  test.each([
    ["openid email profile", "read"],
    ["claudeai", "read"],
    ["mcp:tools", "read"],
    ["offline_access", "read"],
    ["read openid", "read"],
    ["openid write offline_access", "write"],
    ["write read", "write read"],
  ])("%s is answered with %s", async (scope, kept) => {
    for (const factory of factories) {
      const { wire, native } = await startSession(factory)
      const { status, body } = await wire.register({ ...minimal, scope })
      expect([status, body.scope]).toEqual([201, kept])
      const found = await toOAuthProvider(native).getClient(body.client_id!)
      expect(found?.scope).toBe(kept)
    }
  })

  test("behind the ten methods the answer is what the provider kept, and the client gets that", async () => {
    const session = await startSession(overAdapter)
    const app = await session.wire.newApp({ scope: "openid email" })
    for (const asked of ["openid email", "read", "read offline_access", undefined]) {
      expect((await session.wire.login(app, { scope: asked })).body.scope).toBe("read")
    }
  })

  test("no scope stays none: such a client may ask for any", async () => {
    const session = await startSession()
    const app = await session.wire.newApp({})
    expect((await session.wire.register(minimal)).body).not.toHaveProperty("scope")
    expect(await outcomeOf(session, app, "write read")).toBe("write read")
  })

  test("is answered without a scope by a server that has none, and gets tokens without one", async () => {
    const session = await startSession(overMemory, { config: { scopes: [] } })
    expect((await session.wire.register({ ...minimal, scope: "openid" })).body).not.toHaveProperty("scope")
    const app = await session.wire.newApp({ scope: "openid" })
    expect((await session.wire.login(app, { scope: "openid" })).body).not.toHaveProperty("scope")
    expect((await outcomeOf(session, app, "email"))?.[0]).toBe("invalid_scope")
  })

  test("and the default is all of the configured one", async () => {
    const config = { scopes: ["read", "write", "admin"], defaultScopes: ["write", "read"] }
    const { wire } = await startSession(overMemory, { config })
    expect((await wire.register({ ...minimal, scope: "openid" })).body.scope).toBe("write read")
  })

  test("by the operator's hand too, and by a change of what there is", async () => {
    const { wire, native, store, keys, clock } = await startSession()
    const added = await Effect.runPromise(native.addClient({ metadata: { ...minimal, scope: "openid" } }))
    expect(added.scope).toBe("read")
    const app = await wire.newApp({ scope: "read" })
    const session = await startSession(overMemory, { store, keys, clock, config: { scopes: ["notes"] } })
    expect(await outcomeOf(session, app, "read")).toBe("notes")
    expect(await outcomeOf(session, { ...app, clientId: added.client_id }, "openid")).toBe("notes")
  })
})

describe.each(ways)("a request of a client, $name,", (way) => {
  test.each([
    ["all of which were dropped at registration", "openid email profile", "openid email profile", "read"],
    ["some of which were dropped at registration", "openid email profile", "openid", "read"],
    ["of the default that it was told", "openid email profile", "read", "read"],
    ["without scope", "openid email profile", undefined, "read"],
    ["of a known scope and one dropped at registration", "write claudeai", "write claudeai", "write"],
    ["of scopes dropped at registration alone, where others were kept", "write claudeai", "claudeai", "write"],
    ["of scopes dropped at registration and offline_access", "mcp:tools", "mcp:tools offline_access", "read"],
  ])("for scopes %s is granted what there is", async (_, registered, asked, granted) => {
    const session = await startSession(way)
    const app = await session.wire.newApp({ scope: registered })
    expect(await outcomeOf(session, app, asked)).toBe(granted)
  })

  //= OAUTH21-3.2.3-scope-if-different
  test.each([
    ["read offline_access", "read"],
    ["read openid", "read"],
    ["openid write read email", "write read"],
    ["offline_access", "read"],
  ])("for %s gets the known part, %s", async (asked, granted) => {
    const session = await startSession(way)
    expect(await outcomeOf(session, session.app, asked)).toBe(granted)
    const narrow = await session.wire.newApp({ scope: "read write" })
    expect(await outcomeOf(session, narrow, asked)).toBe(granted)
  })

  test("for unknown scopes alone is invalid_scope, and the sentence names what there is", async () => {
    const session = await startSession(way)
    const named = await session.wire.newApp({ scope: "read openid" })
    const unknown = ["invalid_scope", "none of the scopes is known here: ask for some of `read write`, or for none"]
    expect(await outcomeOf(session, session.app, "openid")).toEqual(unknown)
    expect(await outcomeOf(session, session.app, "openid offline_access")).toEqual(unknown)
    expect(await outcomeOf(session, named, "email")).toEqual(unknown)
    expect(await outcomeOf(session, named, "openid email")).toEqual(unknown)
  })

  test("for a known scope that it did not register is invalid_scope, never less in silence", async () => {
    const session = await startSession(way)
    const sentence =
      "the client is not registered for a scope that is known here: it may ask for `read`; register a new client for `write`"
    for (const scope of ["read", "openid", "read offline_access"]) {
      const app = await session.wire.newApp({ scope })
      for (const asked of ["write", "read write", "openid write", "write offline_access"]) {
        expect(await outcomeOf(session, app, asked)).toEqual(["invalid_scope", sentence])
      }
    }
  })

  test("for offline_access alone is invalid_scope where it may not refresh", async () => {
    const session = await startSession(way)
    const app = await session.wire.newApp(onlyCodes)
    expect((await outcomeOf(session, app, "offline_access"))?.[0]).toBe("invalid_scope")
    expect(await outcomeOf(session, app, "read offline_access")).toBe("read")
    const noRefresh = await startSession(way, { config: { registrationGrants: ["authorization_code"] } })
    const all = await noRefresh.wire.newApp(refreshing)
    expect((await outcomeOf(noRefresh, all, "offline_access"))?.[0]).toBe("invalid_scope")
  })

  test("for offline_access gets it where the operator has it as a scope", async () => {
    const session = await startSession(way, { config: { scopes: ["read", "offline_access"] } })
    expect(await outcomeOf(session, session.app, "read offline_access")).toBe("read offline_access")
    const app = await session.wire.newApp({ scope: "read" })
    expect((await outcomeOf(session, app, "read offline_access"))?.[0]).toBe("invalid_scope")
  })
})

test("offline_access is advertised only where the operator has it as a scope", async () => {
  const path = "/.well-known/oauth-authorization-server"
  const { wire } = await startSession()
  expect((await wire.get(path)).body["scopes_supported"]).toEqual(["read", "write"])
  const { wire: other } = await startSession(overMemory, { config: { scopes: ["read", "offline_access"] } })
  expect((await other.get(path)).body["scopes_supported"]).toEqual(["read", "offline_access"])
})

test("a client that acts for itself gets the known part likewise", async () => {
  const { wire, native } = await startSession()
  const service = await addService({ native })
  const scopeOf = async (scope: string) => {
    const { body } = await wire.token(service, { grant_type: "client_credentials", scope })
    return body.error ?? body.scope
  }
  expect(await scopeOf("write openid")).toBe("write")
  expect(await scopeOf("openid")).toBe("invalid_scope")
})

describe("a policy that approves for somebody", () => {
  const params = {
    codeChallenge: "c".repeat(43),
    redirectUri: REDIRECT_URI,
    redirectUriProvidedExplicitly: true,
  }

  test("is asked about what would be granted, not about what was said", async () => {
    const { native, app } = await startSession()
    const asked: Array<unknown> = []
    const provider = toOAuthProvider(native, { approve: (_, { scopes }) => void asked.push(scopes) })
    const client = (await provider.getClient(app.clientId))!
    for (const scopes of [undefined, ["read", "openid"], ["offline_access"]]) {
      await provider.authorize(client, { ...params, ...(scopes === undefined ? {} : { scopes }) })
    }
    expect(asked).toEqual([["read"], ["read"], ["read"]])
    await expect(provider.authorize(client, { ...params, scopes: ["openid"] })).rejects.toMatchObject({
      error: "invalid_scope",
    })
    expect(asked).toHaveLength(3)
  })
})
