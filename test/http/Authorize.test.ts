/** The rules of `GET /authorize`: who is sent where, with what, and who is shown a page instead. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { createHandler } from "../../src/http/index.ts"
import { fromOAuthProvider } from "../../src/provider/index.ts"
import { javascriptRedirects } from "../examples/providers/javascriptRedirects.ts"
import { startSession } from "../support/Session.ts"
import { ISSUER, configOf, overMemory, serve } from "../support/TestServer.ts"
import { ways } from "../support/ThroughPages.ts"
import { REDIRECT_URI, RESOURCE, challengeOf, wireClient, type Answer } from "../support/WireClient.ts"

const nobodySignedIn = { isAutoApproving: false }

const locationOf = ({ headers }: Answer): URL => new URL(headers.get("location") ?? "about:blank")

const isPage = ({ status, headers }: Answer, expected: number): void => {
  expect(status).toBe(expected)
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8")
  expect(headers.has("location")).toBe(false)
}

const refusals: ReadonlyArray<readonly [string, Readonly<Record<string, string | ReadonlyArray<string>>>]> = [
  ["invalid_request", { response_type: "" }],
  ["unsupported_response_type", { response_type: "token" }],
  ["unsupported_response_type", { response_type: "code token" }],
  ["invalid_request", { response_mode: "fragment" }],
  ["invalid_request", { request: "a.b.c" }],
  ["invalid_request", { request_uri: "https://app.example/request" }],
  ["invalid_request", { code_challenge: "" }],
  ["invalid_request", { code_challenge: "short" }],
  ["invalid_request", { code_challenge: "=".repeat(43) }],
  ["invalid_request", { code_challenge: "c".repeat(42) }],
  ["invalid_request", { code_challenge: "c".repeat(44) }],
  ["invalid_request", { code_challenge: `=${"c".repeat(43)}` }],
  ["invalid_request", { code_challenge: `${"c".repeat(43)}=` }],
  ["invalid_request", { code_challenge_method: "" }],
  ["invalid_request", { code_challenge_method: "plain" }],
  ["invalid_request", { code_challenge_method: ["S256", "S256"] }],
  ["invalid_request", { scope: ["read", "read"] }],
  ["invalid_request", Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, "x"]))],
  ["invalid_scope", { scope: "admin" }],
  ["invalid_scope", { scope: 'r"ead' }],
  ["invalid_target", { resource: "no uri" }],
  ["invalid_target", { resource: `${RESOURCE}#fragment` }],
  ["invalid_target", { resource: Array.from({ length: 17 }, (_, index) => `${RESOURCE}/${index}`) }],
]

test.each(ways)("whether the request named its redirect URI is written down, $name", async (way) => {
  const { wire, app, native } = await startSession(way)
  const explicit = async () =>
    (await Effect.runPromise(native.grants({}))).map(
      (grant) => grant._tag === "Open" && grant.request?.redirectUriProvidedExplicitly,
    )
  expect((await wire.authorize(app, { redirect_uri: undefined })).status).toBe(303)
  expect(await explicit()).toEqual([false])
  expect((await wire.authorize(app, { redirect_uri: app.redirectUri })).status).toBe(303)
  expect((await explicit()).toSorted()).toEqual([false, true])
})

describe.each(ways)("$name", (way) => {
  //= OAUTH21-4.1.2-state-echo
  //= OAUTH21-4.1.2-challenge-not-leaked
  //= RFC9207-2-iss-in-all-responses
  //= MCP-AUTHZ-as-iss
  //= OAUTH21-7.5.3-no-307
  test("an approved request goes back with code, state and issuer by 303, and is not kept", async () => {
    const { wire, app } = await startSession(way)
    const answer = await wire.authorize(app, { state: "a b&c=d" })
    expect(answer.status).toBe(303)
    const { origin, pathname, searchParams } = locationOf(answer)
    expect(origin + pathname).toBe(REDIRECT_URI)
    expect([...searchParams.keys()]).toEqual(["code", "state", "iss"])
    expect(searchParams.get("code")).toMatch(/^glc_/)
    expect(searchParams.get("state")).toBe("a b&c=d")
    expect(searchParams.get("iss")).toBe(ISSUER)
    expect(answer.headers.get("cache-control")).toBe("no-store")
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer")
  })

  test("without state there is none in the answer", async () => {
    const { wire, app } = await startSession(way)
    expect(locationOf(await wire.authorize(app)).searchParams.has("state")).toBe(false)
  })

  //= OAUTH21-4.1.1-missing-response-type
  //= OAUTH21-4.1.2.1-reject-no-challenge
  //= OAUTH21-4.1.2.1-unsupported-method
  //= RFC9700-2.1.1-pkce-downgrade
  //= RFC9700-2.1.2-no-implicit
  //= RFC8707-2-absolute-no-fragment
  //= A10
  //= A11
  test.each(refusals)("%s goes back to the client if somebody is signed in: %j", async (error, form) => {
    const { wire, app } = await startSession(way)
    const answer = await wire.authorize(app, { state: "s", ...form })
    expect(answer.status).toBe(303)
    const { searchParams } = locationOf(answer)
    expect(Object.fromEntries(searchParams)).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
      state: "s",
      iss: ISSUER,
    })
  })

  //= OAUTH21-2.3.5-no-redirect-on-bad-uri
  test.each([
    ["no client", { client_id: "" }, "client_id is missing"],
    ["an unknown client", { client_id: "nobody" }, "not known"],
    ["two clients", { client_id: ["a", "b"] }, "more than one"],
    ["another redirect URI", { redirect_uri: "https://evil.example/" }, "not one that the client has registered"],
    ["two redirect URIs", { redirect_uri: [REDIRECT_URI, REDIRECT_URI] }, "more than one"],
  ] as const)("%s: a page with exactly 400, and nobody is sent anywhere", async (_, form, sentence) => {
    for (const setting of [{}, nobodySignedIn]) {
      const { wire, app } = await startSession(way, setting)
      const answer = await wire.authorize(app, { state: "s", ...form })
      isPage(answer, 400)
      expect(answer.text).toContain(sentence)
      expect(answer.text).not.toContain("evil.example")
    }
  })

  test("a client with one redirect URI may leave it out, one with two may not", async () => {
    const { wire, app } = await startSession(way)
    const two = await wire.newApp({ redirect_uris: [REDIRECT_URI, `${REDIRECT_URI}2`] })
    const alone = await wire.authorize(app, { redirect_uri: "" })
    expect(locationOf(alone).href.startsWith(`${REDIRECT_URI}?code=`)).toBe(true)
    const unnamed = await wire.authorize(two, { redirect_uri: "" })
    isPage(unnamed, 400)
    expect(unnamed.text).toContain("names no redirect URI, and the client has not registered exactly one")
  })

  //= OAUTH21-8.4.2-loopback-any-port
  //= OAUTH21-2.3.1-exact-redirect-match
  test("a loopback redirect URI may have any port, and nothing else may differ", async () => {
    const { wire } = await startSession(way)
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const app = await wire.newApp({ redirect_uris: [`http://${host}:1234/callback?x=1`] })
      const other = await wire.authorize({ ...app, redirectUri: `http://${host}:54321/callback?x=1` })
      expect(other.headers.get("location")).toMatch(`http://${host}:54321/callback?x=1&code=`)
      for (const uri of [
        `http://${host}:1234/callback`,
        `http://${host}:1234/callback?x=2`,
        `https://${host}:1/callback?x=1`,
      ]) {
        isPage(await wire.authorize({ ...app, redirectUri: uri }), 400)
      }
    }
  })

  //= OAUTH21-2.3-redirect-keep-query
  test.each([
    "http://127.0.0.1/callback?",
    "http://127.0.0.1/callback?a=&b=%20+c&a=1",
    "http://127.0.0.1/call%2Fback?x=%7e",
    "http://127.0.0.1/callback?x&",
  ])("the registered redirect URI is kept byte for byte: %s", async (uri) => {
    const { wire } = await startSession(way)
    const app = await wire.newApp({ redirect_uris: [uri] })
    const location = (await wire.authorize(app)).headers.get("location")!
    expect(location.startsWith(uri)).toBe(true)
    expect(location.slice(uri.length)).toMatch(/^[&?]?code=glc_\w+&iss=/)
  })

  //= OAUTH21-3.1-get-supported
  test("two GETs are two codes, and each of them is good", async () => {
    const { wire, app } = await startSession(way)
    const [first, second] = [await wire.approved(app), await wire.approved(app)]
    expect(first.code).not.toBe(second.code)
    for (const approval of [second, first]) expect((await wire.redeem(app, approval)).status).toBe(200)
  })

  //= OAUTH21-1.4.1-scope-default-or-fail
  //= OAUTH21-3.1-empty-is-absent
  test("a request without scope gets the default, whatever is empty", async () => {
    const { wire, app } = await startSession(way, {
      config: { scopes: ["read", "write", "admin"], defaultScopes: ["read", "write"] },
    })
    for (const scope of [undefined, "", " "]) expect((await wire.login(app, { scope })).body.scope).toBe("read write")
    const narrow = await wire.newApp({ scope: "admin" })
    expect((await wire.login(narrow)).body.scope).toBe("admin")
  })

  test("who approved is the basis of the grant, in the log", async () => {
    const { wire, app, native, visit } = await startSession(way)
    await wire.login(app)
    const [grant] = await Effect.runPromise(native.grants({ clientId: app.clientId }))
    const basis = { _tag: visit === undefined ? "Auto" : "User", subjectId: expect.stringMatching(/^sub_/) }
    expect(grant).toMatchObject({ _tag: "Open", basis })
  })

  test("a disabled client gets unauthorized_client and no code", async () => {
    const { wire, app, native } = await startSession(way)
    await Effect.runPromise(native.disableClient(app.clientId))
    expect(locationOf(await wire.authorize(app)).searchParams.get("error")).toBe("unauthorized_client")
  })

  test("a client that may not use codes gets none", async () => {
    const { wire, native } = await startSession(way)
    const { client_id: clientId } = await Effect.runPromise(
      native.addClient({ metadata: { redirect_uris: [REDIRECT_URI], grant_types: ["client_credentials"] } }),
    )
    const answer = await wire.authorize({ clientId, redirectUri: REDIRECT_URI })
    expect(locationOf(answer).searchParams.get("error")).toBe("unauthorized_client")
  })

  //= OAUTH21-4.1.2-state-echo
  test("state is handed back however it looks, up to 4096 characters", async () => {
    const { wire, app } = await startSession(way)
    const odd = "ä\r\nSet-Cookie: x=1 %00 \u{1F511} +&=#"
    expect(locationOf(await wire.authorize(app, { state: odd })).searchParams.get("state")).toBe(odd)
    const longest = "x".repeat(4096)
    expect(locationOf(await wire.authorize(app, { state: longest })).searchParams.get("state")).toBe(longest)
    const long = await wire.authorize(app, { state: "x".repeat(4097) })
    const { searchParams } = locationOf(long)
    expect(searchParams.get("error")).toBe("invalid_request")
    expect(searchParams.get("error_description")).toBe("state is longer than 4096 characters")
  })

  test("of two states none is handed back, nor is an empty one", async () => {
    const { wire, app } = await startSession(way)
    const { searchParams: twice } = locationOf(await wire.authorize(app, { state: ["one", "two"] }))
    expect([twice.get("error"), twice.has("state")]).toEqual(["invalid_request", false])
    const { searchParams: empty } = locationOf(await wire.authorize(app, { state: "" }))
    expect([empty.has("code"), empty.has("state")]).toEqual([true, false])
  })

  //= OAUTH21-4.1.2-challenge-bound-to-code
  test("the challenge of the request is the one that the code is bound to", async () => {
    const { wire, app } = await startSession(way)
    const verifier = "a-verifier-that-is-long-enough-to-be-well-formed"
    const { code } = await wire.approved(app, { code_challenge: challengeOf(verifier) })
    expect((await wire.redeem(app, { code, verifier: `${verifier}x` })).status).toBe(400)
    expect((await wire.redeem(app, { code, verifier })).status).toBe(200)
  })

  test("a redirect URI that its port makes longer than any may be is not registered", async () => {
    const { wire } = await startSession(way)
    const longest = `http://127.0.0.1/${"a".repeat(2031)}`
    const app = await wire.newApp({ redirect_uris: [longest] })
    expect((await wire.authorize({ ...app, redirectUri: longest })).status).toBe(303)
    isPage(await wire.authorize({ ...app, redirectUri: longest.replace("127.0.0.1", "127.0.0.1:7777") }), 400)
  })
})

test.each(refusals)("%s is shown with a link if nobody is signed in: %j", async (error, form) => {
  const { wire, app } = await startSession(overMemory, nobodySignedIn)
  const answer = await wire.authorize(app, { state: "s", ...form })
  isPage(answer, 400)
  const link = new URL(/href="([^"]+)"/.exec(answer.text)![1]!.replaceAll("&amp;", "&"))
  expect(link.href.startsWith(`${REDIRECT_URI}?`)).toBe(true)
  expect(link.searchParams.get("error")).toBe(error)
  expect(link.searchParams.get("iss")).toBe(ISSUER)
})

//= OAUTH21-3.1-auth-user-first
//= A02
test("no browser is sent anywhere as long as nobody is signed in, whatever is asked", async () => {
  const { wire, app } = await startSession(overMemory, nobodySignedIn)
  for (const [, form] of [...refusals, ["", { prompt: "none" }] as const, ["", {}] as const]) {
    const { status, headers } = await wire.authorize(app, form)
    expect([400, 421]).toContain(status)
    expect(headers.has("location")).toBe(false)
  }
})

test("by another name than the issuer's there is a page that says where to go, and no code", async () => {
  const { wire, app } = await startSession(overMemory, nobodySignedIn)
  const answer = await wire.authorize(app)
  isPage(answer, 421)
  expect(answer.text).toContain(ISSUER)
})

test("auto-approval stops at the machine's own door", async () => {
  const { wire } = await startSession()
  const app = await wire.newApp({ redirect_uris: ["https://app.example/callback"] })
  isPage(await wire.authorize(app), 421)
  isPage(await wire.authorize(app, { scope: "admin", response_type: "token" }), 400)
})

//= A38
test("on a page, what came from outside is text and not markup", async () => {
  const { wire } = await startSession(overMemory, nobodySignedIn)
  const nasty = `"><script>alert(1)</script>'`
  const app = await wire.newApp()
  const answer = await wire.authorize(app, { [nasty]: ["1", "2"], state: nasty })
  isPage(answer, 400)
  expect(answer.text).not.toContain("<script")
  expect(answer.text).toContain("&lt;script&gt;")
})

//= OAUTH21-7.11-clickjacking
//= A42
test("a page cannot be framed, runs nothing, and its style is the one that its policy names", async () => {
  const { wire } = await startSession()
  const { headers, text } = await wire.get("/authorize")
  const style = /<style>(.*)<\/style>/s.exec(text)![1]!
  const policy = headers.get("content-security-policy")!.split("; ")
  expect(policy).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${hash("sha256", style, "base64")}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ])
  expect(headers.get("x-content-type-options")).toBe("nosniff")
  expect(headers.get("referrer-policy")).toBe("no-referrer")
  expect(headers.get("cache-control")).toBe("no-store")
  expect(text).not.toMatch(/<script|\bon[a-z]+=|style=|src=/)
})

test("an error of an approval by itself goes to the client also where nobody can sign in", async () => {
  const { app, native } = await startSession()
  const { openGrant: _, ...withoutDoor } = native
  const answer = await wireClient(await serve(withoutDoor)).authorize(app, { scope: "admin" })
  expect([answer.status, locationOf(answer).searchParams.get("error")]).toEqual([303, "invalid_scope"])
})

test("where nobody can sign in and nothing is approved by itself, a page says so, and no code is given", async () => {
  const { wire: whole, app, native } = await startSession(overMemory, nobodySignedIn)
  const { openGrant: _, ...withoutDoor } = native
  const wire = wireClient(await serve(withoutDoor))
  isPage(await wire.authorize(app), 501)
  expect((await whole.authorize(app)).status).toBe(421)
})

//= OAUTH21-2.3-redirect-no-fragment
test("a redirect URI that could not be registered is not used either, whoever has stored it", async () => {
  const wire = wireClient(await serve(fromOAuthProvider(javascriptRedirects, configOf())))
  for (const uri of ["javascript:alert(1)//", "data:text/html,x", "https://app.example/#fragment"]) {
    isPage(await wire.authorize({ clientId: "app", redirectUri: uri }), 400)
  }
  const fine = await wire.authorize({ clientId: "app", redirectUri: "https://app.example/callback" })
  expect(fine.status).toBe(303)
})

test("nothing is approved without asking for who comes from another machine, or asks for this one by another name", async () => {
  const { native, app } = await startSession()
  const query = `response_type=code&client_id=${app.clientId}&redirect_uri=${REDIRECT_URI}&code_challenge=${challengeOf("v")}&code_challenge_method=S256`
  const statusFrom = async (source: string, host: string) => {
    const handle = createHandler(native, { sourceOf: () => source })
    return (await handle(new Request(`http://${host}/authorize?${query}`, { redirect: "manual" }))).status
  }
  expect(await statusFrom("127.0.0.1", "localhost:4000")).toBe(303)
  expect(await statusFrom("::1", "[::1]:4000")).toBe(303)
  expect(await statusFrom("::ffff:127.0.0.1", "127.0.0.1")).toBe(303)
  expect(await statusFrom("192.0.2.7", "localhost:4000")).toBe(303)
  expect(await statusFrom("127.0.0.1", "rebound.example")).toBe(421)
})

test("asking for the headers alone opens no grant", async () => {
  const { wire, url } = await startSession()
  const { status, headers } = await fetch(`${url}/authorize`, { method: "HEAD" })
  expect([status, headers.get("allow")]).toEqual([405, "GET"])
  expect((await wire.get("/")).status).toBe(200)
})
