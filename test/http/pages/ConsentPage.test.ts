/** The rules of the page that asks for consent: what is shown, and that none of it is markup. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import type { RegisteredClient } from "../../../src/core/index.ts"
import { consentPage, destinationOf, type ConsentView } from "../../../src/http/pages/ConsentPage.ts"
import { settingsOf } from "../../../src/provider/index.ts"

const settings = settingsOf({ issuer: "https://id.example" })

const textOf = async (client_name: string, over: Partial<ConsentView> = {}): Promise<string> => {
  const view = {
    form: "sealed",
    account: "alice",
    client: { clientId: "notes-1", metadata: { client_name } } as RegisteredClient,
    redirectUri: "https://app.example:8443/callback?x=1",
    scopes: ["read"],
    resources: ["https://api.example/mcp"],
    canSwitch: false,
    ...over,
  }
  return (await Effect.runPromise(consentPage(settings, view))).body
}

//= MCP-AUTHZ-as-show-redirect-host
test.each([
  ["https://app.example/callback?x=https://bank.example", "app.example"],
  ["http://127.0.0.1:4100/callback", "127.0.0.1:4100"],
  ["http://localhost/callback", "localhost"],
  ["com.app.notes:/callback", "com.app.notes:"],
])("where the answer goes is named: %s", async (redirectUri, destination) => {
  expect(destinationOf(redirectUri)).toContain(destination)
  expect(destinationOf(redirectUri)).not.toContain("bank.example")
  expect(await textOf("Notes", { redirectUri })).toContain(destination)
})

test("who asks, for whom, for which scopes and resources, is named", async () => {
  const text = await textOf("Notes")
  for (const shown of ["Notes", "notes-1", "alice", "read", "https://api.example/mcp"]) expect(text).toContain(shown)
})

//= OAUTH21-7.9-consent-shows-client
//= RFC7591-5-self-asserted
test.each([
  ["dynamic", "nobody has checked its name"],
  ["operator", "The operator of this server registered it"],
] as const)("who registered the client is said, and what that is worth: %s", async (origin, sentence) => {
  const client = { clientId: "notes-1", metadata: { client_name: "Notes" }, origin } as RegisteredClient
  const text = await textOf("", { client })
  expect(text).toContain(sentence)
  expect(text.includes("nobody has checked")).toBe(origin === "dynamic")
  expect(text).toContain("if you have just started it yourself")
})

//= A38
test("what a client calls itself is text, and brings no picture, link or script", async () => {
  const text = await textOf(`<img src=x onerror=alert(1)><a href="https://evil.example">Bank</a>`)
  expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;")
  expect(text).not.toMatch(/<img|<a |<script/)
})
