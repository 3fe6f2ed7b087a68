/** A mistake in the options is told before anything is sent, in a sentence that says what to change; the ends of ranges count. */
import { expect, onTestFinished, test, vi } from "vitest"
import { OAuth, OptionFault, type OAuthOptions } from "../../src/client/index.ts"
import { checkedOptions } from "../../src/client/Options.ts"

const MCP_URL = "https://mcp.example.com/mcp"
const checked = (more: Partial<OAuthOptions> = {}) => checkedOptions({ mcpUrl: MCP_URL, ...more })

test.each<readonly [object, string]>([
  [{ scope: "read" }, "there is no option `scope`"],
  [
    { mcpUrl: "http://mcp.example.com/mcp" },
    "mcpUrl `http://mcp.example.com/mcp` is no https address (http is for loopback alone) without user and fragment",
  ],
  [
    { mcpUrl: `${MCP_URL}#a` },
    `mcpUrl \`${MCP_URL}#a\` is no https address (http is for loopback alone) without user and fragment`,
  ],
  ...["0.0.0.0", "example.com", "127.0.0.1:80", "localhost/a", "a b", ""].map(
    (callbackHost) =>
      [
        { callbackHost },
        `callbackHost \`${callbackHost}\` is not loopback: take 127.0.0.1, [::1] or localhost`,
      ] as const,
  ),
  ...[0, -1, 1.5, 65_536, Number.NaN].map(
    (callbackPort) =>
      [{ callbackPort }, `callbackPort \`${callbackPort}\` is no port: leave it out for a free one`] as const,
  ),
  ...[0, -1, Number.NaN].map(
    (callbackTimeout) =>
      [{ callbackTimeout }, `callbackTimeout \`${callbackTimeout}\` is no number of seconds`] as const,
  ),
  [{ clientSecret: "s" }, "clientSecret is given without clientId"],
  ...["http://localhost/client.json", "https://app.example.com/", "https://App.example.com/a", "nonsense"].map(
    (clientMetadataUrl) =>
      [{ clientMetadataUrl }, `clientMetadataUrl \`${clientMetadataUrl}\` is no https address with a path`] as const,
  ),
  [
    { endpointOrigins: ["https://a.example", "http://id.example.com"] },
    "endpointOrigins has `http://id.example.com`, which is no https address",
  ],
])("%j is refused", (mistake, sentence) => {
  const attempt = () => OAuth({ mcpUrl: MCP_URL, ...mistake })
  expect(attempt).toThrow(OptionFault)
  expect(attempt).toThrow(
    expect.objectContaining({ _tag: "OptionFault", code: "option_invalid", message: `OAuth: ${sentence}` }),
  )
})

test("what is left out has its default", () => {
  expect(checked()).toMatchObject({
    mcpUrl: MCP_URL,
    scopes: [],
    callback: { host: "127.0.0.1", port: undefined, timeoutMillis: 300_000 },
    endpointOrigins: [],
  })
  expect(checked().description).toStrictEqual({ clientName: "MCP client" })
})

test("what is given is taken as it is, and names of origins as origins", () => {
  const credentials = { clientId: "c", clientSecret: "s", clientIssuer: "https://id.example.com" }
  const more = { clientMetadataUrl: "https://app.example.com/client.json", additionalClientMetadata: { a: 1 } }
  const settings = checked({
    ...credentials,
    ...more,
    clientName: "Tester",
    scopes: " read  write ",
    callbackHost: "[::1]",
    callbackTimeout: 0.5,
    endpointOrigins: ["https://a.example/path"],
  })
  expect(settings.description).toStrictEqual({ clientName: "Tester", ...credentials, ...more })
  expect(settings).toMatchObject({
    scopes: ["read", "write"],
    callback: { host: "[::1]", timeoutMillis: 500 },
    endpointOrigins: ["https://a.example"],
  })
  expect(checked({ scopes: ["a b", "c"] }).scopes).toEqual(["a b", "c"])
})

test.each([1, 65_535])("%i is a port", (callbackPort) => {
  expect(checked({ callbackPort }).callback.port).toBe(callbackPort)
})

test("time is the machine's, or the program's", () => {
  expect(checked({ now: () => 5 }).outbound.now()).toBe(5)
  expect(Math.abs(checked().outbound.now() - Date.now())).toBeLessThan(60_000)
})

test("what the program named may be asked, also where a server elsewhere must not send a client", async () => {
  const named = { endpointOrigins: ["https://10.0.0.5"], clientIssuer: "https://10.0.0.6" }
  const asked: Array<string> = []
  const fetch = async (input: string | URL | Request) => {
    asked.push(String(input instanceof Request ? input.url : input))
    return new Response("hello")
  }
  const places = ["https://10.0.0.5/a", "https://10.0.0.6/b"]
  for (const place of places) await checked({ ...named, fetch }).outbound.fetch(place)
  expect(asked).toEqual(places)
  for (const place of places) await expect(checked({ fetch }).outbound.fetch(place)).rejects.toThrow()
  expect(asked).toEqual(places)
})

test("what is none of this client's affair goes out as it would without it", async () => {
  const answer = new Response("hello")
  const fetch = vi.spyOn(globalThis, "fetch").mockResolvedValue(answer)
  onTestFinished(() => fetch.mockRestore())
  const init = { method: "POST" }
  expect(await checked().passThrough("https://elsewhere.example/", init)).toBe(answer)
  expect(fetch.mock.calls).toEqual([["https://elsewhere.example/", init]])
})
