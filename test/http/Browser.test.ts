/** Which cookies are believed, what they are called, and which posts are our own pages'. */
import { describe, expect, test } from "vitest"
import { browserOf, type CookieName } from "../../src/http/Browser.ts"
import type { WireRequest } from "../../src/http/index.ts"
import { digestOf } from "../../src/provider/index.ts"

const [VALUE, PLANTED] = ["A".repeat(42) + "-", "B".repeat(43)]
const HTTPS = "https://id.example.com"

const request = (headers: WireRequest["headers"]): WireRequest => ({
  method: "GET",
  path: "/",
  query: "",
  headers,
  body: "",
  source: "",
})
const nameOf = (issuer: string, name: CookieName) => browserOf(issuer).cookie(name, VALUE).split("=")[0]!

describe("a cookie", () => {
  test("has a name that no other site, port, path or use of the host shares", () => {
    const issuers = [
      HTTPS,
      "https://id.example.com:8443",
      "https://id.example.com/a",
      "https://id.example.com/b",
      "http://localhost:4000",
      "http://localhost:4001",
      "http://localhost:4000/a",
      "http://localhost",
    ]
    const names = issuers.flatMap((issuer) =>
      (["browser", "session", "console"] as const).map((name) => nameOf(issuer, name)),
    )
    expect(new Set(names).size).toBe(names.length)
    expect(nameOf(HTTPS, "session")).toBe("__Host-grantlog-session")
    expect(nameOf("https://id.example.com:8443", "session")).toBe("__Host-grantlog-session-8443")
    expect(nameOf("http://localhost:4000", "session")).toBe("grantlog-session-4000")
    expect(nameOf("http://localhost", "browser")).toBe("grantlog-browser-80")
    expect(nameOf("https://id.example.com/a", "browser")).toMatch(/^__Host-grantlog-browser-[0-9a-f]{8}$/)
  })

  test("is for the server alone, sent over TLS where there is TLS, and kept as long as it is told to be", () => {
    const { cookie } = browserOf(HTTPS)
    const name = "__Host-grantlog-session"
    expect(cookie("session", VALUE)).toBe(`${name}=${VALUE}; Path=/; HttpOnly; SameSite=Lax; Secure`)
    expect(cookie("session", VALUE, 60)).toBe(`${name}=${VALUE}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60`)
    expect(cookie("session", undefined, 60)).toBe(`${name}=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0`)
    expect(browserOf("http://localhost:4000").cookie("session", VALUE)).not.toContain("Secure")
  })

  test("is read by its whole name, wherever it stands", () => {
    const { read } = browserOf("http://localhost:4000")
    const name = "grantlog-session-4000"
    for (const cookie of [
      `${name}=${VALUE}`,
      `a=b; ${name}=${VALUE}`,
      `${name}=${VALUE};a=b`,
      `a=b, ${name}=${VALUE}`,
    ]) {
      expect(read(request({ cookie }), "session"), cookie).toBe(VALUE)
    }
    for (const cookie of ["", `x${name}=${VALUE}`, `${name}0=${VALUE}`, `grantlog-browser-4000=${VALUE}`, name]) {
      expect(read(request({ cookie }), "session"), cookie).toBeUndefined()
    }
    expect(read(request({}), "session")).toBeUndefined()
  })

  test.each(["browser", "session", "console"] as const)(
    "that somebody planted beside ours is not believed, nor is ours then: %s",
    (kind) => {
      const { read } = browserOf("http://localhost:4000")
      const name = `grantlog-${kind}-4000`
      for (const [first, second] of [
        [VALUE, PLANTED],
        [PLANTED, VALUE],
        [VALUE, VALUE],
        [VALUE, ""],
        ["", VALUE],
      ]) {
        const cookie = `${name}=${first}; a=b; ${name}=${second}`
        expect(read(request({ cookie }), kind), cookie).toBeUndefined()
        expect(read(request({ cookie: `${name}=${first},${name}=${second}` }), kind), cookie).toBeUndefined()
      }
    },
  )

  test("is 43 characters of base64url, or none of ours", () => {
    const { read } = browserOf("http://localhost:4000")
    for (const value of ["", VALUE.slice(1), `${VALUE}A`, `${VALUE.slice(1)}=`, `${VALUE.slice(1)} `, `"${VALUE}"`]) {
      expect(read(request({ cookie: `grantlog-session-4000=${value}` }), "session"), value).toBeUndefined()
    }
  })
})

describe("a browser", () => {
  const browser = browserOf("http://localhost:4000", {
    bytes: (size) => new Uint8Array(size).fill(7),
    upMillis: () => 0,
  })
  const reply = { status: 200, headers: {}, body: "" }

  test("that is known is recognised by a digest of its cookie, and gets no other", () => {
    const seen = browser.identify(request({ cookie: `grantlog-browser-4000=${VALUE}` }))
    expect(seen.browser).toBe(digestOf(VALUE))
    expect(seen.recognised(reply)).toEqual(reply)
  })

  test("that is new, or brings what cannot be ours, gets a random one for a year, beside what else it gets", () => {
    const given = Buffer.alloc(32, 7).toString("base64url")
    for (const cookie of ["", "grantlog-browser-4000=x"]) {
      const seen = browser.identify(request({ cookie }))
      expect(seen.browser).toBe(digestOf(given))
      expect(seen.recognised({ ...reply, cookies: ["a=b"] }).cookies).toEqual([
        "a=b",
        `grantlog-browser-4000=${given}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000`,
      ])
    }
  })
})

describe("a request", () => {
  const { isAtHome, isOwnForm } = browserOf("http://localhost:4000")

  test("is at home under the issuer's own name and port, in any case, and no other", () => {
    expect(isAtHome(request({ host: "LocalHost:4000" }))).toBe(true)
    for (const host of ["localhost", "localhost:4001", "127.0.0.1:4000", "evil.example", "", "localhost:4000.evil"]) {
      expect(isAtHome(request({ host })), host).toBe(false)
    }
    expect(isAtHome(request({}))).toBe(false)
  })

  test("is a form of ours when the browser says so, or says nothing and the origin is ours", () => {
    const origin = "http://localhost:4000"
    expect(isOwnForm(request({ origin }))).toBe(true)
    expect(isOwnForm(request({ "sec-fetch-site": "same-origin" }))).toBe(true)
    expect(isOwnForm(request({ origin: "http://evil.example", "sec-fetch-site": "same-origin" }))).toBe(true)
    for (const headers of [{}, { origin: "null" }, { origin: "http://localhost:4001" }, { origin: `${origin}/` }]) {
      expect(isOwnForm(request(headers)), JSON.stringify(headers)).toBe(false)
    }
    for (const site of ["cross-site", "same-site", "none", ""]) {
      expect(isOwnForm(request({ origin, "sec-fetch-site": site })), site).toBe(false)
    }
  })
})
