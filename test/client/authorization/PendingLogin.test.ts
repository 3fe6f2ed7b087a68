/** What goes to the authorization endpoint, and which answers belong to it; each refusal says what to do. */
import { expect, test } from "vitest"
import {
  beginLogin,
  validateResponse,
  type PendingLoginRequest,
} from "../../../src/client/authorization/PendingLogin.ts"

const ISSUER = "https://id.example.com"

const pendingLoginOf = async (more: { readonly scopes?: ReadonlyArray<string>; readonly metadata?: object } = {}) => {
  const request: PendingLoginRequest = {
    discovered: {
      server: {
        issuer: ISSUER,
        metadata: {
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize?tenant=a`,
          token_endpoint: `${ISSUER}/token`,
          ...more.metadata,
        },
      },
      resource: "https://mcp.example.com/mcp",
      issuers: [ISSUER],
      isFromResource: true,
    },
    registered: { client: { client_id: "a-client" }, issuer: ISSUER, source: "registered" },
    redirectUri: "http://127.0.0.1:5000/callback",
    scopes: more.scopes ?? [],
  }
  return beginLogin({ fetch: () => expect.fail("nothing is sent"), now: () => 0 }, request)
}

test("the link names everything that the code is bound to, and nothing that is empty", async () => {
  const { authorizationUrl, state, codeVerifier } = await pendingLoginOf()
  const url = new URL(authorizationUrl)
  expect(url.origin + url.pathname).toBe(`${ISSUER}/authorize`)
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: "a",
    response_type: "code",
    client_id: "a-client",
    redirect_uri: "http://127.0.0.1:5000/callback",
    state,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: "S256",
    resource: "https://mcp.example.com/mcp",
  })
  expect(authorizationUrl).not.toContain(codeVerifier)
})

test("scopes are asked for with spaces between them, and offline access with consent", async () => {
  const paramsOf = async (scopes: ReadonlyArray<string>) => {
    const { searchParams } = new URL((await pendingLoginOf({ scopes })).authorizationUrl)
    return [searchParams.get("scope"), searchParams.get("prompt")]
  }
  expect(await paramsOf(["a", "b"])).toEqual(["a b", null])
  expect(await paramsOf(["a", "offline_access"])).toEqual(["a offline_access", "consent"])
})

const supporting = { authorization_response_iss_parameter_supported: true }
const theirs = `the answer is not from \`${ISSUER}\``
const careful = "its code was not used; do not try again unless you know why"

test.each<readonly [string, object, string, string]>([
  [
    "code=c",
    {},
    "state_mismatch",
    "the answer belongs to another login, or to none: start again and use the newest link",
  ],
  [
    "code=c&state=other",
    {},
    "state_mismatch",
    "the answer belongs to another login, or to none: start again and use the newest link",
  ],
  ["code=c&state=STATE", supporting, "issuer_mismatch", `${theirs}: ${careful}`],
  [
    "code=c&state=STATE&iss=https://evil.example",
    {},
    "issuer_mismatch",
    `${theirs} but names \`https://evil.example\`: ${careful}`,
  ],
  [
    `code=c&state=STATE&iss=${ISSUER}&iss=${ISSUER}`,
    {},
    "issuer_mismatch",
    `${theirs} but names \`${ISSUER}\`: ${careful}`,
  ],
  [
    "error=access_denied&state=STATE",
    {},
    "refused",
    "the server said no (access_denied); to go on, log in and allow it",
  ],
  [
    "error=invalid_scope&error_description=no+such+scope&state=STATE",
    {},
    "refused",
    "the server said no (invalid_scope: no such scope); start again",
  ],
  ["state=STATE", {}, "response_malformed", "the answer has no single code and no error: start again"],
  ["code=&state=STATE", {}, "response_malformed", "the answer has no single code and no error: start again"],
  ["code=a&code=b&state=STATE", {}, "response_malformed", "the answer has no single code and no error: start again"],
  [
    "code=a&state=STATE&state=STATE",
    {},
    "response_malformed",
    "the answer has no single code and no error: start again",
  ],
])("the answer %s is refused (%j): %s", async (query, metadata, code, message) => {
  const pending = await pendingLoginOf({ metadata })
  const answer = new URLSearchParams(query.replaceAll("STATE", pending.state))
  expect(() => validateResponse(pending, answer)).toThrow(
    expect.objectContaining({ _tag: "AuthorizationError", code, message }),
  )
})

test.each([
  ["", {}],
  [`&iss=${ISSUER}`, {}],
  [`&iss=${ISSUER}`, supporting],
])("a code with its state is taken: %s %j", async (more, metadata) => {
  const pending = await pendingLoginOf({ metadata })
  const answer = validateResponse(pending, new URLSearchParams(`code=c&state=${pending.state}${more}`))
  expect(answer.get("code")).toBe("c")
})
