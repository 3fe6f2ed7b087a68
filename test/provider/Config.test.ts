/** The rules of configuration: every mistake is refused with a sentence, before anything is served. */
import { expect, test } from "vitest"
import { ConfigFault, memoryStore, settingsOf, type Config } from "../../src/provider/index.ts"
import { serverOver } from "../support/TestServer.ts"

const issuer = "https://id.example"

const refused: ReadonlyArray<readonly [string, Readonly<Record<string, unknown>>]> = [
  ["is not a URL", { issuer: "id.example" }],
  ["is not https", { issuer: "http://id.example" }],
  ["is not https", { issuer: "http://localhost.example" }],
  ["is not https", { issuer: "ftp://localhost" }],
  ["has a query or fragment", { issuer: "https://id.example/?a=1" }],
  ["has a query or fragment", { issuer: "https://id.example/#a" }],
  ["has a query or fragment", { issuer: "https://id.example/?" }],
  ["has user information", { issuer: "https://user@id.example" }],
  ["config:", { issuer: undefined }],
  ["config:", { isuer: issuer }],
  ["config:", { scopes: ["two words"] }],
  ["config:", { registration: "maybe" }],
  ["config:", { maxDynamicClients: -1 }],
  ["config:", { lifetimes: { code: 0 } }],
  ["config:", { lifetimes: { code: 1.5 } }],
  ["config:", { lifetimes: { accessToken: Number.POSITIVE_INFINITY } }],
  ["config:", { lifetimes: { code: "60" } }],
  ["config:", { clientSecretLifetime: 0 }],
  ["config:", { retryWindow: { public: -1, confidential: 30 } }],
  ["config:", { resources: ["not a uri"] }],
  ["config:", { defaultResource: "not a uri" }],
  ["config:", { appSchemes: ["Upper"] }],
  ["defaultScopes has a scope that scopes has not", { scopes: ["read"], defaultScopes: ["write"] }],
  ["defaultScopes is empty", { defaultScopes: [] }],
  ["appSchemes has `javascript`", { appSchemes: ["javascript"] }],
  ["logo `https://[` has no plain host name", { logo: "https://[" }],
  ["has no plain host name", { logo: "https://a.example;script-src" }],
  ["has no plain host name", { logo: "https://a'b.example/logo.png" }],
  ["has no plain host name", { logo: "https://a.example:99999/logo.png" }],
  ["config:", { logo: "http://a.example/logo.png" }],
  ["config:", { logo: "data:text/html;base64,AAAA" }],
  ["autoApprove is for development", { autoApprove: "alice" }],
  ["lifetimes.code is longer than 600 seconds", { lifetimes: { code: 601 } }],
  ["retryWindow must be shorter", { lifetimes: { accessToken: 30 } }],
  ["retryWindow must be shorter", { retryWindow: { public: 30, confidential: 3600 } }],
]

//= RFC8414-2-issuer-form
//= MCP-AUTHZ-as-https
//= OAUTH21-4.1.2-code-short-life
test.each(refused)("refused, for it %s: %j", (sentence, config) => {
  const input = { issuer, ...config }
  expect(() => settingsOf(input)).toThrow(ConfigFault)
  expect(() => settingsOf(input)).toThrow(sentence)
})

test("the default resource is known besides the others, and in one spelling", () => {
  const [one, two] = ["https://one.example/mcp", "https://two.example/mcp"]
  expect(settingsOf({ issuer })).toMatchObject({ resources: [], defaultResource: undefined })
  expect(settingsOf({ issuer, defaultResource: two })).toMatchObject({ resources: [two], defaultResource: two })
  expect(settingsOf({ issuer, resources: [one], defaultResource: two }).resources).toEqual([one, two])
  expect(settingsOf({ issuer, resources: [one], defaultResource: "https://ONE.example/mcp" }).resources).toEqual([one])
  expect(settingsOf({ issuer, resources: "any", defaultResource: two }).resources).toBe("any")
})

test("only the issuer has to be said; everything else is finite and safe by itself", () => {
  expect(settingsOf({ issuer })).toMatchObject({
    issuer,
    scopes: ["read", "write"],
    defaultScopes: ["read"],
    resources: [],
    registration: "open",
    maxDynamicClients: 10_000,
    autoApprove: undefined,
    lifetimes: {
      public: {
        request: 600_000,
        code: 60_000,
        accessToken: 3_600_000,
        refreshIdle: 30 * 86_400_000,
        grant: 365 * 86_400_000,
        retryWindow: 30_000,
      },
    },
  })
})

test.each(["http://localhost:4000", "http://127.0.0.1", "http://[::1]:8080/tenant", "http://localhost/"])(
  "a loopback issuer may be http, approve by itself, and knows any resource: %s",
  (loopback) => {
    expect(settingsOf({ issuer: loopback, autoApprove: "alice" })).toMatchObject({ issuer: loopback, resources: "any" })
  },
)

test.each([
  "https://a.example/logo.png",
  "https://a_b.example:8443/l.svg?x=1",
  "https://[::1]/l.png",
  "data:image/png;base64,AAAA",
])("a picture of the host's own may come from there: %s", (logo) =>
  expect(settingsOf({ issuer, logo }).logo).toBe(logo),
)

test("the window may differ by type of client, and be 0", () => {
  const { lifetimes } = settingsOf({ issuer, retryWindow: { public: 0, confidential: 60 } })
  expect([lifetimes.public.retryWindow, lifetimes.confidential.retryWindow]).toEqual([0, 60_000])
})

test("a log belongs to one issuer, and serves no other, a slash more included", async () => {
  const store = memoryStore()
  const { keys } = await serverOver({ store })
  for (const other of ["http://localhost:4000/", "http://localhost:5000"]) {
    const config: Partial<Config> = { issuer: other }
    await expect(serverOver({ store, keys, config })).rejects.toThrow(
      `this log belongs to the issuer \`http://localhost:4000\`, not \`${other}\``,
    )
  }
})
