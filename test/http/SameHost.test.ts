/** One host by all the ways to write it: the default port, letter case, a root dot, an address (RFC 9110 4.2.3). */
import { describe, expect, test } from "vitest"
import { browserOf } from "../../src/http/Browser.ts"
import type { WireRequest } from "../../src/http/index.ts"
import { isLoopbackIssuer, settingsOf } from "../../src/provider/index.ts"
import { consoleUnderTest } from "../cli/console/ConsoleUnderTest.ts"
import { authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { keepTime } from "../support/Moment.ts"
import { REDIRECT_URI, wireClient } from "../support/WireClient.ts"

const request = (headers: WireRequest["headers"]): WireRequest => ({
  method: "GET",
  path: "/",
  query: "",
  headers,
  body: "",
  source: "",
})

/** Each issuer with hosts that are its own, and such as are somebody else's. */
const spellings: ReadonlyArray<readonly [issuer: string, own: ReadonlyArray<string>, foreign: ReadonlyArray<string>]> =
  [
    [
      "https://id.example.com",
      [
        "id.example.com",
        "id.example.com:443",
        "ID.Example.COM",
        "id.example.com.",
        "ID.example.com.:443",
        "id.example.com:",
      ],
      [
        "id.example.com:80",
        "id.example.com:4433",
        "example.com",
        "xid.example.com",
        "id.example.com..",
        ".id.example.com",
      ],
    ],
    [
      "https://ID.example.com:443/auth/",
      ["id.example.com", "id.example.com:443", "id.example.com:0443"],
      ["id.example.com:80"],
    ],
    [
      "https://id.example.com.",
      ["id.example.com.", "id.example.com", "id.example.com:443"],
      ["id.example.com.evil.example"],
    ],
    [
      "https://id.example.com:8443",
      ["id.example.com:8443", "ID.example.com.:8443"],
      ["id.example.com", "id.example.com:443"],
    ],
    ["http://localhost", ["localhost", "localhost:80", "LOCALHOST:80", "localhost."], ["localhost:443", "127.0.0.1"]],
    ["http://localhost:4000", ["localhost:4000", "localhost.:4000"], ["localhost", "localhost:80", "127.0.0.1:4000"]],
    [
      "http://[::1]:4000",
      ["[::1]:4000", "[0:0:0:0:0:0:0:1]:4000", "[::0001]:4000", "[0::1]:4000"],
      ["[::1]", "[::2]:4000", "::1:4000", "[::1]:4000:4000", "localhost:4000"],
    ],
    ["http://[::1]", ["[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]:"], ["[::1]:443"]],
    ["https://[2001:DB8::a]", ["[2001:db8::a]", "[2001:db8:0:0::A]:443"], ["[2001:db8::b]", "2001:db8::a"]],
    ["http://127.0.0.1:4000", ["127.0.0.1:4000"], ["127.0.0.2:4000", "localhost:4000"]],
  ]

/** What no reader may take for a host: each would be read into one by somebody lenient. */
const noHosts = (host: string) => [
  "",
  `user@${host}`,
  `${host}/`,
  `${host}?`,
  `${host}#`,
  `${host}\\`,
  `${host}, ${host}`,
  `${host} ${host}`,
  `evil.example@${host}`,
  `${host}/evil.example`,
  `https://${host}`,
  `%${host.charCodeAt(0).toString(16)}${host.slice(1)}`,
  `${host}:443:443`,
  `${host}:99999`,
  `${host}:-443`,
  `${host}:44 3`,
]

describe.each(spellings)("the host of %s", (issuer, own, foreign) => {
  const { isAtHome, isOwnForm, homeOf } = browserOf(issuer)
  const { protocol, origin } = new URL(issuer)

  test.each(own)(
    "is the same as %s: pages are served there, and forms that say they come from there are ours",
    (host) => {
      expect(isAtHome(request({ host }))).toBe(true)
      expect(isOwnForm(request({ origin: `${protocol}//${host}` }))).toBe(true)
      expect(isOwnForm(request({ origin: `${protocol.toUpperCase()}//${host}` }))).toBe(true)
    },
  )

  test.each(foreign)("is another than %s", (host) => {
    expect(isAtHome(request({ host }))).toBe(false)
    expect(isOwnForm(request({ origin: `${protocol}//${host}` }))).toBe(false)
    expect(homeOf(request({ host }))).toBe(origin)
  })

  test("is of its own scheme: an origin with another is somebody else's", () => {
    const other = protocol === "https:" ? "http:" : "https:"
    for (const host of own) expect(isOwnForm(request({ origin: `${other}//${host}` })), host).toBe(false)
  })

  test("is a host and a port, and nothing that has to be interpreted", () => {
    for (const host of noHosts(new URL(issuer).host)) {
      expect(isAtHome(request({ host })), host).toBe(false)
      expect(isOwnForm(request({ origin: `${protocol}//${host}` })), host).toBe(false)
      expect(homeOf(request({ host })), host).toBe(origin)
    }
    expect([isAtHome(request({})), isOwnForm(request({})), homeOf(request({}))]).toEqual([false, false, origin])
  })
})

/** A server with that issuer, and what somebody's browser sends who calls it by that host. */
const visited = async (issuer: string, host: string) => {
  const { clock, carry, url } = await startFrontDoor({ config: { issuer } })
  const { protocol } = new URL(issuer)
  // A browser keeps the root dot of a name, and with it another jar of cookies; all else it spells as URLs do.
  const asked = new URL(`${protocol}//${host}`).origin
  keepTime(asked, clock)
  const browser = newBrowser(asked, (to, sent) => {
    const headers = { ...(sent.headers as Record<string, string>), host }
    return carry(to, {
      ...sent,
      headers: "origin" in headers ? { ...headers, origin: `${protocol}//${host}` } : headers,
    })
  })
  const app = await wireClient(url).newApp({ client_name: "Notes" })
  return { browser, app, asked }
}

describe.each([
  ["https://id.example.com", "id.example.com:443"],
  ["https://id.example.com", "ID.EXAMPLE.COM:443"],
  ["https://id.example.com", "id.example.com."],
  ["https://id.example.com", "id.example.com.:443"],
  ["http://localhost", "localhost:80"],
  ["http://[::1]:4000", "[0:0:0:0:0:0:0:1]:4000"],
] as const)("whoever asks for %s at `Host: %s`", (issuer, host) => {
  test("is asked to sign in and for consent, and sent to the app with a code of the issuer's", async () => {
    const { browser, app } = await visited(issuer, host)
    const page = await browser.walk(authorizeUrl(app.clientId))
    expect(page.text).toContain('value="allow"')
    const { location } = await browser.submit(page, "/consent", { decision: "allow" })
    const answer = new URL(location!)
    expect(location!.startsWith(REDIRECT_URI)).toBe(true)
    expect([answer.searchParams.get("iss"), answer.searchParams.has("code")]).toEqual([issuer, true])
  })

  test("finds the account there, and stays there with what they do", async () => {
    const { browser, asked } = await visited(issuer, host)
    const signedIn = await browser.signIn(await browser.get("/account"))
    expect(signedIn.location).toBe(`${asked}/account`)
    const account = await browser.get("/account")
    expect(account.text).toContain("Signed in as")
    const out = await browser.submit(account, "/account", { action: "sign-out" })
    expect(out.location).toBe(`${asked}/account`)
  })
})

test.each(["id.example:443", "ID.example", "id.example.", "id.example.:443"])(
  "the console of https://id.example is open at `Host: %s`, and leads on there",
  async (host) => {
    const { signIn, get } = await consoleUnderTest({ issuer: "https://id.example" })
    const headers = { host, origin: `https://${host}` }
    const { status, headers: sent } = await signIn(undefined, { headers })
    expect([status, sent["location"]]).toEqual([303, `${new URL(`https://${host}`).origin}/console`])
    expect((await get("/console", { headers: { host } })).status).toBe(200)
  },
)

describe("an issuer on this machine", () => {
  const loopback = [
    "http://localhost:4000",
    "http://LocalHost:4000/auth",
    "HTTP://localhost",
    "http://localhost.:4000/",
    "http://127.0.0.1",
    "http://[::1]:4000",
    "http://[0:0:0:0:0:0:0:1]:4000",
  ]
  const others = [
    "http://localhost.evil.example",
    "http://evil.example/localhost",
    "http://localhost@evil.example",
    "http://user@localhost",
    "http:\\\\localhost",
    "http://localhost\\@evil.example",
    "http:localhost",
    " http://localhost",
    "xhttp://localhost",
    "http://127.0.0.2",
    "http://[::2]",
    "https://localhost",
    "http://local\thost",
    "http://",
    "localhost",
  ]

  test.each(loopback)("is plain http by any spelling of its host: %s", (issuer) => {
    expect(isLoopbackIssuer(issuer)).toBe(true)
    expect(settingsOf({ issuer }).issuer).toBe(issuer)
  })

  test.each(others)("is nothing that only looks like it: %s", (issuer) => {
    expect(isLoopbackIssuer(issuer)).toBe(false)
  })
})
