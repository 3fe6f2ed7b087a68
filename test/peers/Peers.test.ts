/** The rules of the peers that a tester of any issuer is tried on: each can be tried without a person in front of it. */
import { hash, randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { follow } from "./Follow.ts"
import { startFastmcp, startOidcProvider, type Peer } from "./Peer.ts"

const REDIRECT_URI = "http://127.0.0.1:8123/callback"

interface Metadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly registration_endpoint: string
  readonly revocation_endpoint: string
  readonly code_challenge_methods_supported: ReadonlyArray<string>
}

const metadataOf = async ({ issuer }: Peer): Promise<Metadata> => {
  const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`)
  expect(response.status).toBe(200)
  return (await response.json()) as Metadata
}

const register = async ({ registration_endpoint }: Metadata): Promise<string> => {
  const response = await fetch(registration_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      application_type: "native",
      scope: "read write",
    }),
  })
  expect(response.status).toBe(201)
  const body = (await response.json()) as { readonly client_id: string; readonly client_secret?: string }
  expect(body.client_secret ?? null).toBeNull()
  return body.client_id
}

const login = async (peer: Peer): Promise<{ readonly location: URL; readonly answer: unknown }> => {
  const metadata = await metadataOf(peer)
  const clientId = await register(metadata)
  const verifier = randomBytes(32).toString("base64url")
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    code_challenge: hash("sha256", verifier, "base64url"),
    code_challenge_method: "S256",
    scope: "read",
    state: "s t",
    resource: "http://127.0.0.1:9999/mcp",
  })
  const { location } = await follow(`${metadata.authorization_endpoint}?${query}`, REDIRECT_URI)
  const response = await fetch(metadata.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      code: location.searchParams.get("code") ?? "",
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
    }),
  })
  return { location, answer: await response.json() }
}

describe.each([
  ["FastMCP", startFastmcp],
  ["oidc-provider", startOidcProvider],
  ["oidc-provider, awaited storage", () => startOidcProvider({ storage: "awaited" })],
])("%s", (name, start) => {
  let peer: Peer
  beforeAll(async () => {
    peer = await start()
  })
  afterAll(() => peer?.stop())

  test("it tells where everything is, on this machine", async () => {
    const metadata = await metadataOf(peer)
    expect(peer.name).toBe(name)
    expect(new URL(peer.issuer).hostname).toBe("127.0.0.1")
    expect(new URL(metadata.issuer).origin).toBe(peer.issuer)
    expect(metadata.code_challenge_methods_supported).toContain("S256")
    for (const endpoint of ["authorization", "token", "registration", "revocation"] as const) {
      expect(new URL(metadata[`${endpoint}_endpoint`]).origin).toBe(peer.issuer)
    }
  })

  test("a public client registers, is approved by following redirects, and gets both tokens for its code", async () => {
    const { location, answer } = await login(peer)
    expect(location.searchParams.get("state")).toBe("s t")
    expect(answer).toMatchObject({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: expect.stringMatching(/^bearer$/i),
      expires_in: 3600,
      scope: "read",
    })
  })

  test("two of it run beside each other, and one that was stopped is gone", async () => {
    const second = await start()
    expect(second.issuer).not.toBe(peer.issuer)
    await second.stop()
    await expect(fetch(second.issuer)).rejects.toThrow()
    expect((await metadataOf(peer)).issuer).toBeDefined()
  })
})

test("FastMCP's access tokens live as long as it is told", async () => {
  const peer = await startFastmcp({ accessTokenSeconds: 2 })
  try {
    expect((await login(peer)).answer).toMatchObject({ expires_in: 2 })
  } finally {
    await peer.stop()
  }
})
