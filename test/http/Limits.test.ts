/** The rules of how much, how long and how often: sizes, times, rates. */
import { connect } from "node:net"
import { request } from "node:http"
import { onTestFinished, expect, test } from "vitest"
import { createHandler, httpServer } from "../../src/http/index.ts"
import { defaultLimits, makeLimits } from "../../src/http/Limits.ts"
import { Effect } from "effect"
import { startSession } from "../support/Session.ts"
import { ISSUER, overMemory, serverOver } from "../support/TestServer.ts"
import { ways } from "../support/ThroughPages.ts"
import { REDIRECT_URI, basic, wireClient } from "../support/WireClient.ts"

const MAX_BODY_BYTES = 65_536
const form = { "content-type": "application/x-www-form-urlencoded" }
const open = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }

/** Sends bytes as they are and gives what came back until the connection was closed. */
const exchange = (url: string, ...pieces: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => pieces.forEach((piece) => socket.write(piece)))
    onTestFinished(() => void socket.destroy())
    let text = ""
    socket.setEncoding("utf8")
    socket.on("data", (chunk: string) => (text += chunk))
    socket.on("close", () => resolve(text))
    socket.on("error", reject)
  })

/** A POST in chunks, without a length said beforehand. */
const postChunked = (url: string, chunks: ReadonlyArray<string | Buffer>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const message = request(url, { method: "POST", headers: form }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    message.on("error", reject)
    chunks.forEach((chunk) => message.write(chunk))
    message.end()
  })

const bodyOf = (byteCount: number, filling = "x"): string => {
  const start = "grant_type=refresh_token&client_id=nobody&refresh_token=x&y="
  const rest = byteCount - start.length
  const unit = Buffer.byteLength(filling)
  return start + "x".repeat(rest % unit) + filling.repeat(Math.floor(rest / unit))
}

test("a body of 65 536 bytes is read and one byte more is 413, counted in bytes", async () => {
  const { wire } = await startSession()
  for (const filling of ["x", "€"]) {
    const fits = await wire.send("POST", "/token", form, bodyOf(MAX_BODY_BYTES, filling))
    expect([400, 401]).toContain(fits.status)
    const tooLong = await wire.send("POST", "/token", form, bodyOf(MAX_BODY_BYTES + 1, filling))
    expect(tooLong).toMatchObject({ status: 413, body: { error: "invalid_request" } })
  }
})

test("a body that comes in chunks is counted as it comes", async () => {
  const { url } = await startSession()
  const [head, rest] = [bodyOf(60_000), Buffer.alloc(5537, "€")]
  expect(await postChunked(`${url}/token`, [head, rest.subarray(1)])).toBe(400)
  expect(await postChunked(`${url}/token`, [head, rest])).toBe(413)
})

test("a body of 18 MB is refused on every endpoint, and the server goes on", async () => {
  const { wire } = await startSession()
  const huge = "x".repeat(18 * 1024 * 1024)
  for (const path of ["/token", "/register", "/revoke", "/introspect", "/authorize"]) {
    expect((await wire.send("POST", path, form, huge)).status, path).toBe(413)
  }
  expect((await wire.get("/healthz")).status).toBe(200)
})

test("the fetch handler counts alike", async () => {
  const { native } = await serverOver()
  const handle = createHandler(native)
  const post = (body: string) => handle(new Request(`${ISSUER}/token`, { method: "POST", headers: form, body }))
  expect((await post(bodyOf(MAX_BODY_BYTES))).status).toBe(400)
  expect((await post(bodyOf(MAX_BODY_BYTES + 1, "€"))).status).toBe(413)
})

test("path and query of more than 16 384 characters are 414", async () => {
  const { wire } = await startSession()
  const query = (length: number) => `/authorize?${"x".repeat(length - "/authorize".length)}`
  expect((await wire.get(query(16_384))).status).toBe(400)
  expect((await wire.get(query(16_385))).status).toBe(414)
})

test("headers above 32 KiB are 431", async () => {
  const { url } = await startSession()
  const text = await exchange(url, `GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(33_000)}\r\n\r\n`)
  expect(text).toMatch(/^HTTP\/1.1 431 /)
})

test("headers or a body that do not arrive in time are 408", async () => {
  const timeouts = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }
  const { url } = await overMemory.start({ timeouts })
  const slow = ["GET /healthz HTTP/1.1\r\n", "POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf"]
  for (const text of await Promise.all(slow.map((piece) => exchange(url, piece)))) {
    expect(text).toMatch(/^HTTP\/1.1 408 /)
  }
})

test("a server waits ten seconds for headers and fifteen for a request, looked at each second, and five for the next one", () => {
  expect(httpServer(() => {})).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: 5_000,
  })
})

test("what is not HTTP is 400", async () => {
  const { url } = await startSession()
  expect(await exchange(url, "hello\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /)
})

test("more than 64 parameters, or a value above 8192 characters, are invalid_request", async () => {
  const { wire, app } = await startSession()
  const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`p${index}`, "x"]))
  for (const more of [many, { x: "x".repeat(8193) }]) {
    expect(await wire.refresh(app, "x", more)).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  }
})

test("registrations above the rate are 429 with Retry-After, and nothing else is", async () => {
  const { url, native } = await overMemory.start({ endpoints: { limits: { registrationsPerMinute: 3 } } })
  const wire = wireClient(url)
  for (let count = 0; count < 3; count++) expect((await wire.register(open)).status).toBe(201)
  const refused = await wire.register(open)
  expect(refused).toMatchObject({ status: 429, body: { error: "temporarily_unavailable" } })
  expect(Number(refused.headers.get("retry-after"))).toBe(20)
  // Who is told to come back has got nothing.
  expect(await Effect.runPromise(native.clients())).toHaveLength(3)
  expect((await wire.get("/healthz")).status).toBe(200)
})

//= RFC9700-4.13-proxy-headers
//= A52
test("headers that a proxy would set make nobody another source, and change no address that is given out", async () => {
  const { url } = await overMemory.start({ endpoints: { limits: { registrationsPerMinute: 1 } } })
  const wire = wireClient(url)
  const from = (address: string) => ({
    "content-type": "application/json",
    forwarded: `for=${address};host=evil.example;proto=https`,
    "x-forwarded-for": address,
    "x-real-ip": address,
    "x-forwarded-host": "evil.example",
  })
  expect((await wire.send("POST", "/register", from("192.0.2.1"), JSON.stringify(open))).status).toBe(201)
  expect((await wire.send("POST", "/register", from("192.0.2.2"), JSON.stringify(open))).status).toBe(429)
  const { text } = await wire.send("GET", "/.well-known/oauth-authorization-server", from("192.0.2.3"))
  expect(text).not.toContain("evil.example")
  expect(text).toContain(`"issuer":"${ISSUER}"`)
})

//= OAUTH21-2.4.1-bruteforce
test.each(ways)(
  "failed authentications above the rate are 429 for that client, and never in the way of its right secret, $name",
  async (way) => {
    const { wire, app, watcher } = await startSession(way, {
      endpoints: { limits: { failedAuthenticationsPerMinute: 5 } },
    })
    const victim = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const { refresh } = await wire.login(victim)
    for (let count = 0; count < 5; count++) {
      expect((await wire.refresh({ ...victim, clientSecret: `guess-${count}` }, refresh)).status).toBe(401)
    }
    const wrong = basic(victim.clientId, "another-guess")
    for (const [path, form] of [
      ["/token", { grant_type: "refresh_token", refresh_token: refresh }],
      ["/revoke", { token: "x" }],
      ["/introspect", { token: "x" }],
    ] as const) {
      const refused = await wire.post(path, form, wrong)
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "12"])
    }
    expect((await wire.refresh(victim, refresh)).status).toBe(200)
    expect((await wire.login(app)).refresh).toMatch(/^glr_/)
    expect(await wire.isActive(watcher, "x")).toBe(false)
  },
)

test("right authentications are not counted", async () => {
  const { wire } = await startSession(overMemory, { endpoints: { limits: { failedAuthenticationsPerMinute: 2 } } })
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
  for (let count = 0; count < 5; count++) expect((await wire.refresh(app, "x")).body.error).toBe("invalid_grant")
})

test("another source is not affected by what one source does, neither at registration nor at authentication", async () => {
  const { native } = await serverOver()
  const handle = createHandler(native, {
    sourceOf: (from) => from.headers.get("x-source") ?? "",
    limits: { registrationsPerMinute: 1, failedAuthenticationsPerMinute: 1, loginsPerMinute: 1 },
  })
  const post = async (source: string, path: string, type: string, body: string) => {
    const headers = { "content-type": type, "x-source": source }
    return (await handle(new Request(ISSUER + path, { method: "POST", headers, body }))).status
  }
  const register = (source: string) => post(source, "/register", "application/json", JSON.stringify(open))
  const fail = (source: string) =>
    post(
      source,
      "/token",
      "application/x-www-form-urlencoded",
      "grant_type=refresh_token&refresh_token=x&client_id=nobody",
    )
  expect([await register("a"), await register("a"), await register("b")]).toEqual([201, 429, 201])
  expect([await fail("a"), await fail("a"), await fail("b")]).toEqual([401, 429, 401])
})

test("which names share a bucket is another matter on every server: nobody can make one up to lock out another", async () => {
  /** A server whose limits `victim` has used up. */
  const limitsUnder = (secret: number) => {
    const limits = makeLimits(
      { ...defaultLimits, failedAuthenticationsPerMinute: 1 },
      { bytes: (size) => new Uint8Array(size).fill(secret), upMillis: () => 0 },
    )
    const isSlowed = (...who: readonly [string, string]) => Effect.runSync(limits.failedAuthentication(...who)) > 0
    isSlowed("victim", "app")
    return isSlowed
  }
  /** Names that find their bucket used up, by the victim or by a name before them. */
  const slowed = (secret: number) => {
    const isSlowed = limitsUnder(secret)
    return Array.from({ length: 2000 }, (_, index) => `name-${index}`).filter((name) => isSlowed("attacker", name))
  }
  // Of 65 536 buckets two thousand names share some thirty.
  expect(Math.round(slowed(1).length / 30)).toBe(1)
  expect(slowed(1)).toEqual(slowed(1))
  expect(slowed(1)).not.toEqual(slowed(2))
})

test("what a web page registers is counted by itself: it takes nothing from its visitor's programs, nor they from it", async () => {
  const { url } = await overMemory.start({ endpoints: { limits: { registrationsPerMinute: 2 } } })
  const register = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${url}/register`, { method: "POST", headers, body: "not JSON" })).status
  const page = (origin: string) => register({ origin })
  // However many names the page has, and also where the browser does not say which.
  const byPages = [await page("https://a.example"), await page("https://b.example"), await page("null")]
  expect(byPages).toEqual([400, 400, 429])
  expect([await register({}), await register({}), await register({})]).toEqual([400, 400, 429])
})
