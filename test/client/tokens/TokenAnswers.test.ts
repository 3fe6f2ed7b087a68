/** What token endpoints answer a refresh: tokens in any clothes, and errors in any clothes with the server's own words. */
import { expect, test } from "vitest"
import { TokenError } from "../../../src/client/index.ts"
import { refresh } from "../../../src/client/tokens/TokenRequest.ts"
import { ISSUER, json, makeWorld } from "../support/World.ts"

const REFRESH = "refresh-token-of-the-user"
const SECRET = "secret of the client/1"

const held = { access_token: "access-0", token_type: "Bearer", refresh_token: REFRESH, scope: "read write" }

const ask = (answer: Response) => {
  const world = makeWorld()
  world.servers.set(ISSUER, () => answer)
  const metadata = { issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token` }
  return refresh(
    { fetch: world.fetch, now: () => 1000 },
    {
      server: { issuer: ISSUER, metadata },
      client: { client: { client_id: "app", client_secret: SECRET }, issuer: ISSUER },
      tokens: { tokens: held, issuer: ISSUER },
      resource: "http://localhost:9999/mcp",
    },
  )
}

const faultOf = async (answer: Response): Promise<TokenError> => {
  const fault: unknown = await ask(answer).then(
    ({ tokens }) => tokens,
    (error: unknown) => error,
  )
  expect(fault).toBeInstanceOf(TokenError)
  return fault as TokenError
}

const at = `the token endpoint of \`${ISSUER}\` answered with`
const form = (members: Record<string, string>, status = 200, type = "application/x-www-form-urlencoded") =>
  new Response(new URLSearchParams(members).toString(), { status, headers: { "content-type": type } })
const text = (body: string, status = 200, type = "text/plain") =>
  new Response(body, { status, headers: { "content-type": type } })

const GITHUB = { error: "bad_refresh_token", error_description: "The refresh token passed is incorrect or expired." }

test.each<readonly [string, Response]>([
  ["200 in JSON", json(GITHUB)],
  ["200 as a form", form(GITHUB)],
  ["200 as a form that is called text", form(GITHUB, 200, "text/plain")],
  ["200 as a form that is called JSON", form(GITHUB, 200, "application/json")],
  ["200 in JSON that is called text", text(JSON.stringify(GITHUB))],
  ["200 in JSON that is called HTML", text(`\ufeff ${JSON.stringify(GITHUB)}\n`, 200, "text/html")],
  ["200 beside an access token", json({ ...GITHUB, access_token: "access-1", token_type: "Bearer" })],
  ["200 beside an empty access token", json({ ...GITHUB, access_token: "" })],
  ["201", json(GITHUB, 201)],
])("a refresh that is refused with %s ends the login in the server's own words", async (name, answer) => {
  const { code, error, message, isReplyLost } = await faultOf(answer)
  expect({ code, error, isReplyLost }).toEqual({
    code: "grant_ended",
    error: "bad_refresh_token",
    isReplyLost: undefined,
  })
  const status = name.slice(0, 3)
  expect(message).toBe(`${at} ${status} bad_refresh_token (${GITHUB.error_description}): log in again`)
})

test.each([
  ...["invalid_grant", "INVALID_GRANT", "InvalidGrant", "invalid-grant", "invalid grant", "InvalidGrantError"],
  ...["bad_refresh_token", "invalid_refresh_token", "expired_refresh_token", "refresh_token_expired", "expired_token"],
  ...["refresh_token_not_found", "refresh_token_already_used", "RefreshTokenRevoked", "token_expired", "token_revoked"],
  ...[
    "invalid_token",
    "refresh_expired",
    "token_reused",
    "invalid_token_signature",
    "unknown_token",
    "token_inactive",
    "session_not_found",
    "session_expired",
    "bad_verification_code",
  ],
  ...["interaction_required", "login_required", "consent_required", "mfa_required", "The refresh token is invalid"],
])("`%s` is like invalid_grant, whatever the status", async (error) => {
  for (const status of [200, 400, 401, 403, 404, 429, 500, 503]) {
    expect(await faultOf(json({ error }, status))).toMatchObject({
      code: "grant_ended",
      error,
      message: `${at} ${status} ${error}: log in again`,
    })
  }
})

test.each([
  ["invalid_request", "request_refused"],
  ["invalid_scope", "request_refused"],
  ["invalid_target", "request_refused"],
  ["unsupported_grant_type", "request_refused"],
  ["unsupported_token_type", "request_refused"],
  ["invalid_token_type", "request_refused"],
  ["invalid_token_request", "request_refused"],
  ["invalid_token_scope", "request_refused"],
  ["invalid_token_target", "request_refused"],
  ["invalid_token_response", "request_refused"],
  ["access_denied", "request_refused"],
  ["unknown_error", "request_refused"],
  ["server_policy", "request_refused"],
  ["invalid_dpop_proof", "request_refused"],
  ["use_dpop_nonce", "request_refused"],
  ["something else", "request_refused"],
  ["invalid_client", "client_refused"],
  ["InvalidClient", "client_refused"],
  ["unauthorized_client", "client_refused"],
  ["incorrect_client_credentials", "client_refused"],
  ["invalid_client_token", "client_refused"],
  ["unknown_client", "client_refused"],
  ["client_not_found", "client_refused"],
  ["client_disabled", "client_refused"],
  ["server_error", "server_unavailable"],
  ["temporarily_unavailable", "server_unavailable"],
  ["temporarily_closed", "server_unavailable"],
  ["internal_error", "server_unavailable"],
  ["rate_limit_exceeded", "server_unavailable"],
  ["slow_down", "server_unavailable"],
  ["try_when_not_busy", "server_unavailable"],
  ["overloaded", "server_unavailable"],
  ["gateway_timeout", "server_unavailable"],
  ["too_many_requests", "server_unavailable"],
  ["service_unavailable", "server_unavailable"],
] as const)("`%s` is %s", async (error, code) => {
  const advice = {
    request_refused: "check the scopes and the resource, log in again, or tell whoever runs the server",
    client_refused: "the client has to register anew",
    server_unavailable: "nothing was given up, try again later",
  }
  for (const status of [200, 400, 401]) {
    const message = `${at} ${status} ${error} (why): ${advice[code]}`
    const fault = await faultOf(json({ error, error_description: "why" }, status))
    expect(fault).toMatchObject({ code, error, message })
    expect(fault.isReplyLost).toBe(code === "server_unavailable" ? false : undefined)
  }
  // What an outage says besides is no word about the client or the request.
  const message = `${at} 503 ${error} (why): ${advice.server_unavailable}`
  const outage = await faultOf(json({ error, error_description: "why" }, 503))
  expect(outage).toMatchObject({ code: "server_unavailable", error, message, isReplyLost: true })
})

const words = "The refresh token has expired"
const named = (code: string) => ({ code: "grant_ended", message: `${at} 400 ${code} (${words}): log in again` })
const wordless = { code: "grant_ended", message: `${at} 400 (${words}): log in again` }
const refused = (said: string) => ({
  code: "request_refused",
  message: expect.stringContaining(`${at} 400${said}: check`),
})

test.each<readonly [string, unknown, object]>([
  ["an object with a code", { error: { code: "invalid_grant", message: words } }, named("invalid_grant")],
  [
    "an object with a type",
    { type: "error", error: { type: "invalid_grant", message: words } },
    named("invalid_grant"),
  ],
  [
    "an object with a status",
    { error: { code: 401, status: "EXPIRED_TOKEN", message: words } },
    named("EXPIRED_TOKEN"),
  ],
  ["an error in an error", { error: { error: "invalid_grant", error_description: words } }, named("invalid_grant")],
  ["a detail", { detail: { error: "invalid_grant", error_description: words } }, named("invalid_grant")],
  ["a list of objects", { errors: [{ code: "invalid_grant", message: words }] }, named("invalid_grant")],
  ["a list at the top", [{ errorCode: "invalid_grant", message: words }], named("invalid_grant")],
  [
    "a code of its own name",
    { code: 400, error_code: "refresh_token_not_found", msg: words },
    named("refresh_token_not_found"),
  ],
  [
    "a fault",
    { fault: { faultstring: words, detail: { errorcode: "x", errorCode: "token_expired" } } },
    named("token_expired"),
  ],
  ["a reason", { reason: "token_expired", title: words }, named("token_expired")],
  ["a message alone", { message: words }, wordless],
  ["a description alone", { error_description: words }, wordless],
  ["a list of texts", { errors: [words] }, wordless],
  ["invalid_request and words", { error: "invalid_request", error_description: words }, named("invalid_request")],
  ["an unknown code and words", { error: "E-17", error_description: words }, named("E-17")],
  ["an empty code and words", { error: "", error_description: words }, wordless],
  ["no code and words", { error: null, message: words }, wordless],
  ["a yes and words", { error: true, message: words }, wordless],
  [
    "words that are repeated",
    { error: words, message: words },
    { code: "grant_ended", message: `${at} 400 ${words}: log in again` },
  ],
  ["a number", { error: 17, message: "no" }, refused(" (no)")],
  ["an empty object", { error: {} }, refused("")],
  ["an empty list", { errors: [] }, refused("")],
  ["nothing", {}, refused("")],
  [
    "something four deep",
    { error: { error: { error: { error: "token_expired", message: words } } } },
    named("token_expired"),
  ],
  ["a list in lists", [[[{ error: "token_expired", message: words }]]], named("token_expired")],
  ["a list in too many lists", [[[[{ error: "token_expired", message: words }]]]], refused("")],
  ["a list that says it second", { errors: [{}, { code: "token_expired" }] }, refused("")],
  ["errors that are a sentence", { errors: words }, wordless],
  ["a fault that is a sentence", { fault: words }, wordless],
  ["a description", { error: "E-17", description: words }, named("E-17")],
  ["something deep", { error: { error: { error: { error: { error: "invalid_grant" } } } } }, refused("")],
  [
    "a parameter that is missing",
    { error: "invalid_request", message: "missing parameter: refresh_token is not valid" },
    refused(" invalid_request (missing parameter: refresh_token is not valid)"),
  ],
  [
    "a refresh token that is missing",
    { message: "the refresh token is missing or not valid" },
    refused(" (the refresh token is missing or not valid)"),
  ],
  [
    "a wrong parameter",
    { message: "invalid parameter: refresh token" },
    refused(" (invalid parameter: refresh token)"),
  ],
  [
    "a refresh token that is required",
    { message: "a valid refresh token is required" },
    refused(" (a valid refresh token is required)"),
  ],
  ["a scope that is wrong", { error: "invalid_scope", message: words }, refused(` invalid_scope (${words})`)],
  ["another token", { message: "the access token has expired" }, refused(" (the access token has expired)")],
  ["a refresh token that is well", { message: "the refresh token is fine" }, refused(" (the refresh token is fine)")],
])("an error in clothes of %s is read", async (_, body, expected) => {
  expect(await faultOf(json(body, 400))).toMatchObject(expected)
})

test.each([
  "The refresh token is invalid",
  "Unknown refresh_token",
  "refreshToken was revoked",
  "refresh token already used",
  "Refresh token not found",
  "Refresh token does not exist",
  "the refresh token is no longer valid",
])("words alone say that it is over: %s", async (message) => {
  for (const status of [200, 400, 401, 404]) {
    const error = { code: "grant_ended", message: `${at} ${status} (${message}): log in again` }
    expect(await faultOf(json({ message }, status))).toMatchObject(error)
    expect(await faultOf(text(message, status))).toMatchObject(error)
  }
  // An outage has no word in it about what is stored.
  for (const status of [429, 500, 502]) {
    expect(await faultOf(json({ message }, status))).toMatchObject({ code: "server_unavailable" })
  }
})

test.each<readonly [string, Response, string]>([
  ["a sentence", text("no such luck", 400), " 400 (no such luck)"],
  ["a JSON text", text('"no such luck"', 400), " 400 (no such luck)"],
  ["a sentence with an equals sign", text("a = b", 400), " 400 (a = b)"],
  ["lines and controls", text("no\r\n such\u001b[2J\tluck\u202e", 400), " 400 (no such?[2J luck?)"],
  ["a page", text("<!doctype html><p>error=invalid_grant&error=x</p>", 400, "text/html"), " 400"],
  ["a page after a space", text("\n <html>", 400, "text/html"), " 400"],
  ["an empty body", text("", 400), " 400"],
  ["a number", text("17", 400), " 400"],
  ["a body that is too long", text("a".repeat(600_000), 400), " 400"],
  [
    "a form with an error",
    form({ error: "invalid_request", error_description: "no" }, 400),
    " 400 invalid_request (no)",
  ],
])("a refusal whose body is %s is told", async (_, answer, said) => {
  const { code, message } = await faultOf(answer)
  expect([code, message.startsWith(`${at}${said}: check`) ? said : message]).toEqual(["request_refused", said])
})

test("a body that ends in the middle of a refusal leaves its status", async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) })
  expect((await faultOf(new Response(body, { status: 400 }))).message).toMatch(/answered with 400: /)
})

test("the server's words are cut, and its code as well", async () => {
  const { message, error } = await faultOf(json({ error: "e".repeat(1000), error_description: "d".repeat(1000) }, 400))
  expect(error).toBe(`${"e".repeat(99)}…`)
  expect(message.startsWith(`${at} 400 ${"e".repeat(99)}… (${"d".repeat(499)}…): check`)).toBe(true)
  const pair = await faultOf(json({ message: `${"d".repeat(498)}😀😀` }, 400))
  expect(pair.message.startsWith(`${at} 400 (${"d".repeat(498)}?…): check`)).toBe(true)
})

test("what was sent in confidence, or came beside the error, is in no message, however the server writes it", async () => {
  const encoded = encodeURIComponent(SECRET)
  const spaced = encoded.replaceAll("%20", "+")
  const came = { access_token: "access-beside-it", refresh_token: "refresh-beside-it", id_token: "id-beside-it" }
  const secrets = [REFRESH, SECRET, encoded, spaced, ...Object.values(came)]
  const description = `${"x".repeat(480)} ${secrets.join(" or ")}`
  for (const body of [
    { error: `no_${REFRESH}`, error_description: secrets.join(" or "), ...came },
    { error: "invalid_grant", error_description: description, ...came },
    { error: { message: secrets.join(" or ") }, ...came },
  ]) {
    const { message, error = "" } = await faultOf(json(body, 400))
    for (const secret of secrets) expect(message + error).not.toContain(secret.slice(0, 12))
  }
  expect((await faultOf(text(`not good: ${REFRESH}`, 400))).message).toContain("(not good: …)")
  // What is too short to be a secret is left, or hardly a sentence would be.
  const short = await faultOf(json({ message: "abcdef and bcdef", access_token: "abcdef", id_token: "bcdef" }, 400))
  expect(short.message).toContain("(… and bcdef)")
})

test("what an outage says is told, and when to come back", async () => {
  const answer = json({ error: "temporarily_unavailable", error_description: "back at noon" }, 503, {
    "retry-after": "60",
  })
  expect(await faultOf(answer)).toMatchObject({
    code: "server_unavailable",
    message: `${at} 503 temporarily_unavailable (back at noon): nothing was given up, try again later`,
    isReplyLost: true,
    retryAfterSeconds: 60,
  })
  const busy = await faultOf(json({ error: "slow_down" }, 400, { "retry-after": "7" }))
  expect(busy).toMatchObject({ code: "server_unavailable", isReplyLost: false, retryAfterSeconds: 7 })
  const limited = await faultOf(new Response("busy", { status: 429 }))
  expect(limited.message).toBe(`${at} 429 (busy): nothing was given up, try again later`)
  expect([limited.isReplyLost, limited.retryAfterSeconds]).toEqual([false, undefined])
})

test.each<readonly [string, Response]>([
  ["JSON", json({ access_token: "access-1", token_type: "bearer" })],
  ["JSON with 201", json({ access_token: "access-1", token_type: "bearer" }, 201)],
  ["JSON that is called text", text('{"access_token":"access-1","token_type":"bearer"}')],
  ["a form", form({ access_token: "access-1", token_type: "bearer", scope: "" })],
  ["a form that is called text", form({ access_token: "access-1", token_type: "bearer" }, 200, "text/plain")],
])("tokens come as %s, and what is not said stays", async (_, answer) => {
  expect(await ask(answer)).toEqual({
    tokens: { ...held, access_token: "access-1", token_type: "bearer" },
    issuer: ISSUER,
  })
})

test("a form says a lifetime, scopes and the next refresh token as JSON does", async () => {
  const more = { expires_in: "28800", refresh_token: "refresh-2", scope: "repo,gist" }
  expect(await ask(form({ access_token: "access-1", token_type: "bearer", ...more }))).toEqual({
    tokens: { access_token: "access-1", token_type: "bearer", ...more, expires_in: 28_800 },
    expiresAt: 1000 + 28_800_000,
    issuer: ISSUER,
  })
})

const nothings: ReadonlyArray<unknown> = ["", " ", null, false, 0, 7, [], {}, [""], [1]]

test.each(nothings)("a refresh answer whose optional members are %j leaves the old ones in place", async (nothing) => {
  for (const name of ["refresh_token", "scope", "id_token", "error", "error_description", "error_uri", "errors"]) {
    // Anything but nothing under this name is an error.
    if (name.startsWith("error") && (nothing === 7 || (Array.isArray(nothing) && nothing.length > 0))) continue
    const { tokens } = await ask(json({ access_token: "access-1", token_type: "Bearer", [name]: nothing }))
    expect(tokens).toEqual({ ...held, access_token: "access-1" })
  }
  const all = { refresh_token: nothing, scope: nothing, expires_in: nothing === 7 ? "" : nothing, id_token: nothing }
  const { tokens, expiresAt } = await ask(json({ access_token: "access-1", token_type: "Bearer", ...all }))
  expect({ ...tokens, expires_in: 0 }).toEqual({ ...held, access_token: "access-1", expires_in: 0 })
  expect(expiresAt).toBeUndefined()
})

test.each([
  ["a text", "read", "read"],
  ["a list", ["read", "write"], "read write"],
  ["a list of one", ["read"], "read"],
])("scopes that are %s are the new ones", async (_, scope, read) => {
  const { tokens } = await ask(json({ access_token: "access-1", token_type: "Bearer", scope }))
  expect(tokens.scope).toBe(read)
})

test.each([undefined, null, "", " "])("a token type that is %j is Bearer", async (token_type) => {
  const { tokens } = await ask(json({ access_token: "access-1", token_type }))
  expect(tokens.token_type).toBe("Bearer")
})

test.each<readonly [string, unknown]>([
  ["another type", { access_token: "access-1", token_type: "DPoP" }],
  ["a type that is no text", { access_token: "access-1", token_type: 7 }],
  ["a type that is a list", { access_token: "access-1", token_type: ["Bearer"] }],
  ["no token", { token_type: "Bearer" }],
  ["an empty token", { access_token: "", token_type: "Bearer" }],
  ["a token that is a number", { access_token: 7, token_type: "Bearer" }],
  ["a token that no header carries, and words", { access_token: "a\nb", token_type: "Bearer", message: "fine" }],
  ["nothing", {}],
  ["a list", []],
  ["a number", 7],
])("a 200 with %s is no answer: what was asked for may have been done", async (_, body) => {
  const message = `the token endpoint of \`${ISSUER}\` answered without a usable bearer token: tell whoever runs the server`
  expect(await faultOf(json(body))).toMatchObject({ code: "response_malformed", message, isReplyLost: true })
})

test.each<readonly [string, Response]>([
  ["a page", text("<html>")],
  ["nothing", new Response(null, { status: 204 })],
])("a success with %s is no answer", async (_, answer) => {
  expect(await faultOf(answer)).toMatchObject({ code: "response_malformed", isReplyLost: true })
})

test.each<readonly [string, unknown]>([
  ["ok: false", { ok: false, error: "" }],
  ["success: false", { success: false }],
  ["words alone", { message: "not today" }],
])("a 200 that says %s is a refusal", async (_, body) => {
  expect(await faultOf(json(body))).toMatchObject({ code: "request_refused" })
})

test.each<readonly [string, unknown]>([
  ["ok: true", { ok: true }],
  ["success: true", { success: true }],
  ["a message", { message: "success" }],
  ["a code", { code: 0, error_code: "0", msg: "ok" }],
])("a 200 with tokens that says %s is none", async (_, more) => {
  const { tokens } = await ask(json({ access_token: "access-1", token_type: "Bearer", ...(more as object) }))
  expect(tokens.access_token).toBe("access-1")
})

test.each<readonly [string, unknown]>([
  ["ok: false", { ok: false }],
  ["success: false", { success: false }],
  ["a list of errors", { errors: ["no"] }],
  ["an object", { error: { message: "no" } }],
  ["a yes", { error: true }],
  ["a number", { error: 17 }],
])("a 200 with tokens beside an error as %s is refused", async (_, more) => {
  const answer = json({ access_token: "access-1", token_type: "Bearer", ...(more as object) })
  expect(await faultOf(answer)).toMatchObject({ code: "request_refused" })
})

test.each<readonly [string, Response, string]>([
  ["no body", new Response(null, { status: 401 }), ""],
  ["a sentence", json({ message: "who are you?" }, 401), " (who are you?)"],
  ["`Unauthorized`", json({ error: "Unauthorized", message: "no" }, 401), " Unauthorized (no)"],
  ["`UNAUTHENTICATED`", json({ error: { status: "UNAUTHENTICATED" } }, 401), " UNAUTHENTICATED"],
])("a 401 with %s is about who asks: the user logs in", async (_, answer, said) => {
  const message = `${at} 401${said}: the client has to register anew`
  expect(await faultOf(answer)).toMatchObject({ code: "client_refused", message })
})

test("`Unauthorized` with another status is no word about who asks", async () => {
  expect(await faultOf(json({ error: "Unauthorized" }, 403))).toMatchObject({ code: "request_refused" })
})

test.each([
  ["a form with space around it", text("\n error=expired_token \n", 400), "grant_ended"],
  ["a page with a form's words in it", text('\n<a href="/login?a=1&error=invalid_grant&b=2">', 400), "request_refused"],
  [
    "a sentence about another refresh",
    json({ message: "refresh the page, the form is not valid" }, 400),
    "request_refused",
  ],
  ["a sentence about the token", json({ message: "the refresh token is not valid" }, 400), "grant_ended"],
])("%s is read as what it says", async (_, answer, code) => {
  expect((await faultOf(answer)).code).toBe(code)
})

test("of several words for people the first that is usual for them is told", async () => {
  const { message } = await faultOf(json({ description: "second", detail: "first" }, 400))
  expect(message).toContain("(first)")
})
