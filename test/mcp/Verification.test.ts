/** The rules of verifying for an MCP server, in both generations of the SDK: what is let in, and what is thrown else. */
import { InvalidTokenError, ServerError } from "@modelcontextprotocol/sdk/server/auth/errors.js"
import { OAuthError } from "@modelcontextprotocol/server"
import { describe, expect, it, test } from "vitest"
import { authInfoOf, McpFault, oauthTokenVerifier, oauthTokenVerifierV1 } from "../../src/mcp/index.ts"
import { loaded } from "../../src/mcp/McpFault.ts"
import { VerifierUnavailable, type VerifiedAccess, type Verifier } from "../../src/resource/index.ts"

const RESOURCE = "https://api.example.com/mcp"

const access = (more: Partial<VerifiedAccess> = {}): VerifiedAccess => ({
  token: "good",
  clientId: "an-app",
  scopes: ["read"],
  expiresAt: 1_800_000_000,
  resource: ["https://other.example.com/", RESOURCE],
  subject: "sub_1",
  ...more,
})

const verifier: Verifier = {
  verify: async (token) => {
    if (token === "down") {
      throw new VerifierUnavailable({ code: "unreachable", message: "see the server", retryAfterSeconds: 7 })
    }
    if (token === "broken") throw new TypeError("a defect")
    if (token === "for-nothing") return access({ resource: [] })
    if (token === "nothing") return null
    if (token === "bound") return access({ jkt: "the thumbprint of a key" })
    if (token === "elsewhere") return access({ resource: ["https://other.example.com/"] })
    return token === "good" ? access() : undefined
  },
}

const generations = [
  {
    name: "1.x",
    make: oauthTokenVerifierV1,
    isInvalidToken: (error: unknown) => error instanceof InvalidTokenError,
    isServerError: (error: unknown) => error instanceof ServerError,
  },
  {
    name: "2.x",
    make: oauthTokenVerifier,
    isInvalidToken: (error: unknown) => error instanceof OAuthError && error.code === "invalid_token",
    isServerError: (error: unknown) => error instanceof OAuthError && error.code === "server_error",
  },
]

describe.each(generations)("for SDK $name", ({ make, isInvalidToken, isServerError }) => {
  const verify = async (token: string, told: Array<string> = []) => {
    const options = { verifier, resource: RESOURCE, onUnavailable: (sentence: string) => void told.push(sentence) }
    return (await make(options)).verifyAccessToken(token)
  }

  it("a good token is who it is for, with the resource that it was let in for", async () => {
    expect(await verify("good")).toEqual({
      token: "good",
      clientId: "an-app",
      scopes: ["read"],
      expiresAt: 1_800_000_000,
      resource: new URL(RESOURCE),
      extra: { sub: "sub_1" },
    })
  })

  it("a live token that names no resource is let in only where that is accepted", async () => {
    const told: Array<string> = []
    const onUnavailable = (sentence: string) => void told.push(sentence)
    const strict = await make({ verifier, resource: RESOURCE, onUnavailable })
    for (const _ of [1, 2]) expect(await strict.verifyAccessToken("for-nothing").catch(isInvalidToken)).toBe(true)
    expect(told).toEqual([expect.stringMatching(/^tokens come that name no resource .* `acceptsMissingAudience`/)])
    const { verifyAccessToken } = await make({ verifier, resource: RESOURCE, acceptsMissingAudience: true })
    expect(await verifyAccessToken("for-nothing")).toMatchObject({ token: "good", resource: new URL(RESOURCE) })
    expect(await verifyAccessToken("elsewhere").catch(isInvalidToken)).toBe(true)
  })

  //= MCP-AUTHZ-rs-audience
  //= RFC9449-7.2-no-bearer-downgrade
  it.each(["unknown", "nothing", "elsewhere", "bound", "no token at all"])(
    "`%s` is an invalid token, as the SDK has it",
    async (token) => {
      const error: unknown = await verify(token).catch((thrown: unknown) => thrown)
      expect(isInvalidToken(error)).toBe(true)
      expect(error).toHaveProperty("message", "the access token is unknown, expired, revoked or for another resource")
    },
  )

  it("what cannot be a token is refused without asking anybody", async () => {
    const nobody: Verifier = { verify: () => Promise.reject(new Error("was asked")) }
    const { verifyAccessToken } = await make({ verifier: nobody, resource: RESOURCE, onUnavailable: () => {} })
    for (const token of ["", '"good"', "a".repeat(8193)]) {
      expect(await verifyAccessToken(token).catch(isInvalidToken)).toBe(true)
    }
  })

  it("an outage is a server error, as the SDK has it, and its reason stays with the operator", async () => {
    const told: Array<string> = []
    for (const token of ["down", "broken"]) {
      const error: unknown = await verify(token, told).catch((thrown: unknown) => thrown)
      expect(isServerError(error)).toBe(true)
      expect(error).toHaveProperty("message", "access tokens cannot be checked at the moment: try again")
    }
    expect(told).toEqual(["see the server", expect.stringMatching(/^the verifier failed/)])
  })

  it.each([
    [{ resource: "/mcp" }, "resource_invalid", "resource `/mcp` is not a URL"],
    [{ resource: "http://api.example.com/mcp" }, "resource_invalid", "is not https"],
    [{ verifier: undefined as unknown as Verifier }, "verifier_invalid", "verifier has no method `verify`"],
    [{ verifier: {} as Verifier }, "verifier_invalid", "give it one of `inProcessVerifier`"],
  ])("the options %j are refused when the verifier is made", async (options, code, sentence) => {
    const attempt = make({ verifier, resource: RESOURCE, ...options })
    await expect(attempt).rejects.toBeInstanceOf(McpFault)
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) })
  })
})

test("an access has its first resource by default, and says nothing that it does not know", () => {
  expect(authInfoOf(access()).resource).toEqual(new URL("https://other.example.com/"))
  expect(authInfoOf({ token: "t", scopes: [], resource: ["my-api"] })).toStrictEqual({
    token: "t",
    clientId: "",
    scopes: [],
    extra: {},
  })
})

test("claims come along, and none of them can pass for the subject", () => {
  const { extra } = authInfoOf(access({ claims: { sub: "somebody else", org: "o" } }))
  expect(extra).toEqual({ sub: "sub_1", org: "o" })
})

test("an SDK that is not there is named, and the reason kept", async () => {
  const cause = new Error("Cannot find package")
  await expect(loaded("an-sdk", () => Promise.reject(cause))).rejects.toMatchObject({
    _tag: "McpFault",
    code: "sdk_missing",
    message: "install `an-sdk`, which this adapter is for",
    cause,
  })
})
