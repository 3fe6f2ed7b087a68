/** Which redirect URIs can be registered, and which one a request may use. */
import { describe, expect, it } from "vitest"
import {
  dangerousSchemes,
  isLoopbackUri,
  knownAppSchemes,
  MAX_URI_CHARACTERS,
  redirectUriFault,
  redirectUriMatches,
  redirectUriRemedy,
} from "../../src/protocol/index.ts"

const accepted = [
  "https://app.example/callback",
  "https://app.example",
  "https://app.example/",
  "https://app.example:8443/callback?keep=&this",
  "https://app.example/a%20b",
  "https://app.example/code?codes=1&x=state",
  "https://[2001:db8::1]/callback",
  "https://localhost/callback",
  "http://127.0.0.1/callback",
  "http://127.0.0.1:1/callback",
  "http://127.0.0.1:65535/callback",
  "http://127.0.0.1:8080",
  "http://127.0.0.1:8080?x=1",
  "http://[::1]:8080/callback",
  "http://localhost:8080/callback",
  "com.example.app:/callback",
  "com.example.app://callback",
  "com.example.app:/callback:",
  "com.example.app:/callback?x:/",
  "com.example.app:/callback?x=y://alice@example",
]

const refused: Readonly<Record<string, ReadonlyArray<string>>> = {
  "has a character that a URI cannot have": [
    "",
    "https://app.example/a b",
    "https://app.example/a\nb",
    "https://app.example/a\r\nLocation:x",
    "https://app.example/\u0000",
    "https://app.example\\@evil.example/",
    'https://app.example/"',
    "https://app.example/<script>",
    "https://äpp.example/",
    "https://app.example/%",
    "https://app.example/%2",
    "https://app.example/%zz",
    " https://app.example/",
  ],
  "has a fragment": ["https://app.example/#", "https://app.example/callback#x", "com.example.app:/#x"],
  "has a wildcard": ["https://*.example/callback", "https://app.example/*", "https://app.example/?*"],
  "has no lower-case scheme": ["app.example/callback", "//app.example/callback", "/callback", "HTTPS://app.example/"],
  "is not a URI": ["https://app.example:99999/", "http://127.0.0.1:65536/", "https://[::1/", "https://a%00b.example/"],
  "has user information": [
    "https://user@app.example/",
    "https://:@app.example/",
    "https:user@app.example/",
    "https:/:word@app.example/",
    "https://user:word@app.example/",
    "https://@app.example/",
    "http://127.0.0.1:80@evil.example/",
    "http://localhost@evil.example/",
    "com.example.app://user@callback",
  ],
  ...Object.fromEntries(
    ["code", "state", "iss", "error", "error_description", "error_uri", "response"].map((name) => [
      `has the query parameter ${name}, which belongs to the answer`,
      [
        `https://app.example/?${name}=1`,
        `http://127.0.0.1/?x&${name}`,
        `com.example.app:/callback?${name}=1`,
        `https://app.example/?%${name.charCodeAt(0).toString(16)}${name.slice(1)}=`,
      ],
    ]),
  ),
  "has no host": ["https:app.example", "https:/app.example", "https:///app.example/"],
  "uses http off loopback": [
    "http://app.example/callback",
    "http://127.0.0.1.example/callback",
    "http://127.0.0.2/callback",
    "http://127.1/callback",
    "http://0.0.0.0/callback",
    "http://localhost.example/callback",
    "http://localhost./callback",
    "http://LOCALHOST/callback",
    "http://[::]/callback",
    "http:/127.0.0.1/callback",
    "http:127.0.0.1/callback",
  ],
  "names nothing behind its scheme": [
    ...["com.example.app:", "com.example.app:/", "com.example.app://", "com.example.app:/?", "com.example.app:?xyz"],
    "spotify:",
  ],
  "uses the scheme spotify, which has no dot and is not on the list of known apps": ["spotify:callback"],
}

/** A scheme that is dangerous once is so for good: the list may grow, and not shrink. */
const foreverRefused = [
  ..."about blob chrome data file filesystem ftp ftps hcp intent jar javascript ldap mailto mhtml mk".split(" "),
  ..."ms-appinstaller ms-msdt ms-officecmd res resource search search-ms shell smb sms ssh tel telnet".split(" "),
  ..."urn vbscript view-source ws wss".split(" "),
]

describe("a redirect URI", () => {
  //= RFC7591-5-redirect-restrictions
  it.each(accepted)("can be registered: %s", (uri) => {
    expect(redirectUriFault(uri, [])).toBeUndefined()
  })

  //= A41
  //= RFC9700-2.6-http-redirect-forbidden
  //= OAUTH21-2.3.1-private-scheme-period
  //= OAUTH21-2.3-redirect-no-fragment
  //= MCP-AUTHZ-as-https
  it.each(Object.entries(refused).flatMap(([fault, uris]) => uris.map((uri) => [fault, uri] as const)))(
    "that %s cannot: %j",
    (fault, uri) => {
      expect(redirectUriFault(uri, [])).toBe(fault)
    },
  )

  it.each(foreverRefused)("with the scheme %s is dangerous", (scheme) => {
    expect(dangerousSchemes).toContain(scheme)
  })

  it.each(knownAppSchemes)("of a known app names something behind its scheme: %s", (scheme) => {
    expect(redirectUriFault(`${scheme}://`, knownAppSchemes)).toBe("names nothing behind its scheme")
  })

  it.each(dangerousSchemes)("with the scheme %s cannot, though it be on the list", (scheme) => {
    expect(redirectUriFault(`${scheme}:x`, [scheme])).toBe(`uses the scheme ${scheme}`)
    expect(redirectUriFault(`${scheme}://app.example/`, [scheme])).toBe(`uses the scheme ${scheme}`)
  })

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "blob:https://app.example/1",
  ])("that a browser would run or read cannot: %s", (uri) => {
    expect(redirectUriFault(uri, ["javascript", "data", "file", "vbscript", "blob"])).toMatch(/^uses the scheme /)
  })

  it.each(["JavaScript:alert(1)", "jAvAsCrIpT:alert(1)", "DATA:x"])("gains nothing by upper case: %s", (uri) => {
    expect(redirectUriFault(uri, ["javascript", "data"])).toBe("has no lower-case scheme")
  })

  it.each(knownAppSchemes)("of a known app can when its scheme is allowed: %s", (scheme) => {
    expect(redirectUriFault(`${scheme}://callback`, knownAppSchemes)).toBeUndefined()
    expect(redirectUriFault(`${scheme}://callback`, [])).toContain("not on the list of known apps")
  })

  it("is not http off loopback by way of the list", () => {
    expect(redirectUriFault("http://app.example/", ["http"])).toBe("uses http off loopback")
  })

  it("has at most 2048 characters", () => {
    const long = (length: number) => "https://app.example/".padEnd(length, "a")
    expect(redirectUriFault(long(MAX_URI_CHARACTERS), [])).toBeUndefined()
    expect(redirectUriFault(long(MAX_URI_CHARACTERS + 1), [])).toBe("is longer than 2048 characters")
  })
})

describe("a request", () => {
  it.each([
    ["https://app.example/callback", "https://app.example/callback"],
    ["http://127.0.0.1:8080/callback", "http://127.0.0.1:9090/callback"],
    ["http://127.0.0.1/callback", "http://127.0.0.1:49152/callback"],
    ["http://127.0.0.1:8080/callback", "http://127.0.0.1/callback"],
    ["http://[::1]:8080/callback", "http://[::1]:9090/callback"],
    ["http://localhost:8080/callback?x=1", "http://localhost:9090/callback?x=1"],
    ["http://localhost", "http://localhost:9090"],
    ["http://127.0.0.1/callback", "http://127.0.0.1:65535/callback"],
    ["com.example.app:/callback", "com.example.app:/callback"],
  ])("with %s on record may use %s", (registered, presented) => {
    expect(redirectUriMatches(registered, presented)).toBe(true)
  })

  it.each([
    ["https://app.example/callback", "https://app.example/callback/"],
    ["https://app.example/callback", "https://APP.example/callback"],
    ["https://app.example/callback", "https://app.example:443/callback"],
    ["https://app.example/callback", "https://app.example/%63allback"],
    ["https://app.example/callback", "https://app.example/x/../callback"],
    ["https://app.example/callback", "https://app.example/callback?x=1"],
    ["https://app.example/callback?x=1", "https://app.example/callback"],
    ["https://app.example/callback", "https://app.example/callback/evil"],
    ["https://app.example", "https://app.example/"],
    ["https://localhost:8080/callback", "https://localhost:9090/callback"],
    ["https://127.0.0.1:8080/callback", "https://127.0.0.1:9090/callback"],
    ["http://127.0.0.1:8080/callback", "http://localhost:8080/callback"],
    ["http://localhost:8080/callback", "http://127.0.0.1:8080/callback"],
    ["http://127.0.0.1:8080/callback", "http://[::1]:8080/callback"],
    ["http://127.0.0.1:8080/callback", "https://127.0.0.1:8080/callback"],
    ["http://127.0.0.1:8080/callback", "http://127.0.0.1:8080/other"],
    ["http://127.0.0.1:8080/callback", "http://127.0.0.1:8080/callback?x=1"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"],
    ["http://127.0.0.1/callback", "http://127.0.0.1:65536/callback"],
    ["http://127.0.0.1/callback", "http://127.0.0.1:/callback"],
    ["http://127.0.0.1/callback", "http://127.0.0.1:80@evil.example/callback"],
    ["http://127.0.0.1/callback", "http://127.0.0.1.example:80/callback"],
    ["http://127.0.0.1/callback", "http://LOCALHOST/callback"],
    ["com.example.app:/callback", "com.example.app:/callback/"],
  ])("with %s on record may not use %s", (registered, presented) => {
    expect(redirectUriMatches(registered, presented)).toBe(false)
  })

  it("uses nothing that is longer than what can be registered", () => {
    const long = (length: number) => "https://app.example/".padEnd(length, "a")
    const used = [MAX_URI_CHARACTERS, MAX_URI_CHARACTERS + 1].map(long).map((uri) => redirectUriMatches(uri, uri))
    expect(used).toEqual([true, false])
  })

  //= OAUTH21-8.4.2-loopback-any-port
  it("has a free port only on loopback and http", () => {
    expect(["http://127.0.0.1/", "http://[::1]:1/", "http://localhost"].filter(isLoopbackUri)).toHaveLength(3)
    expect(["https://127.0.0.1/", "http://127.0.0.2/", "http://localhost.example/"].filter(isLoopbackUri)).toEqual([])
    expect(["https://evil.example/?x=http://127.0.0.1/", "com.example.app:http://localhost"].some(isLoopbackUri)).toBe(
      false,
    )
  })
})

it("what can be registered instead is said in words", () => {
  expect(redirectUriRemedy).toBe(
    "use https, http on localhost, 127.0.0.1 or [::1], or a scheme of the app's own with a dot in its name",
  )
})
