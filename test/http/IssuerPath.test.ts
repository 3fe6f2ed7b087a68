/** An https issuer below a path, with others beside it: pages, forms, cookies and limits of its own. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { createHandler, type EndpointOptions } from "../../src/http/index.ts"
import { wellKnownPaths } from "../../src/http/Metadata.ts"
import { toOAuthProvider } from "../../src/provider/index.ts"
import { PASSWORD, VERIFIER, authorizeUrl } from "../support/FrontDoor.ts"
import { serverOver } from "../support/TestServer.ts"
import { REDIRECT_URI, formOf } from "../support/WireClient.ts"

type Jar = Map<string, string>

const start = async (issuer: string, limits: EndpointOptions["limits"] = {}) => {
  const { native, clock } = await serverOver({ config: { issuer }, isAutoApproving: false })
  await Effect.runPromise(native.accounts.add("alice", PASSWORD, clock.now()))
  const handle = createHandler(native, { limits: { loginsPerMinute: 100_000, ...limits } })
  const base = issuer.replace(/\/$/, "")
  const { origin } = new URL(issuer)

  /** As a browser with these cookies would send it, to the issuer's own host. */
  const send = async (jar: Jar, method: string, address: string, fields?: Record<string, string>) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ")
    const body = fields === undefined ? {} : { body: formOf(fields) }
    const response = await handle(
      new Request(new URL(address, origin), { method, headers: { cookie, origin }, ...body }),
    )
    const lines = response.headers.getSetCookie()
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (line.includes("Max-Age=0")) jar.delete(name!)
      else jar.set(name!, value!)
    }
    const text = await response.text()
    const form = /name="form" value="([^"]+)"/.exec(text)?.[1] ?? ""
    const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1]
    return { status: response.status, location: response.headers.get("location"), text, form, action, lines }
  }
  const get = (jar: Jar, address: string) => send(jar, "GET", address)
  const signIn = async (jar: Jar, password = PASSWORD) => {
    const { form, action } = await get(jar, `${base}/login`)
    return send(jar, "POST", action!, { form, name: "alice", password })
  }
  const isSignedIn = async (jar: Jar) => (await get(jar, `${base}/account`)).text.includes("Sign out")
  const newApp = async () => {
    const { client_id } = await Effect.runPromise(
      native.addClient({ metadata: { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" } }),
    )
    return client_id
  }
  return { native, clock, handle, base, send, get, signIn, isSignedIn, newApp }
}

const ISSUER = "https://id.example/tenant/a"

test("below a path, somebody signs in, allows, and the client gets a code that is good there", async () => {
  const { clock, handle, base, send, get, newApp } = await start(ISSUER)
  const clientId = await newApp()
  const jar: Jar = new Map()
  const begun = await get(jar, base + authorizeUrl(clientId))
  expect(begun.location).toMatch(`${base}/consent?request=`)
  const login = await get(jar, begun.location!)
  expect(login.action).toBe("/tenant/a/login")
  const on = await send(jar, "POST", login.action!, { form: login.form, name: "alice", password: PASSWORD })
  expect(on.location).toMatch(`${base}/consent?request=`)
  const consent = await get(jar, on.location!)
  expect(consent.action).toBe("/tenant/a/consent")
  clock.pass(1)
  const given = await send(jar, "POST", consent.action!, { form: consent.form, decision: "allow" })
  const { searchParams } = new URL(given.location!)
  expect(searchParams.get("iss")).toBe(ISSUER)
  const body = formOf({
    grant_type: "authorization_code",
    client_id: clientId,
    code: searchParams.get("code")!,
    code_verifier: VERIFIER,
    redirect_uri: REDIRECT_URI,
  })
  expect((await handle(new Request(`${base}/token`, { method: "POST", body }))).status).toBe(200)
  expect((await get(jar, "https://id.example/consent")).status).toBe(404)
})

test("below a path, guesses are slowed as they are anywhere, and the form that is shown again still works", async () => {
  const { base, send, get, signIn } = await start(ISSUER, { loginsPerMinute: 2 })
  const jar: Jar = new Map()
  for (let count = 0; count < 2; count++) expect((await signIn(jar, "a wrong password")).status).toBe(403)
  const slowed = await signIn(jar)
  expect([slowed.status, slowed.action]).toEqual([429, "/tenant/a/login"])
  const other = await get(jar, `${base}/login`)
  expect((await send(jar, "POST", slowed.action!, { form: other.form, name: "bob", password: "x" })).status).toBe(403)
})

test("cookies are kept from every other site, and from other issuers on the same host", async () => {
  const issuers = [
    "https://id.example",
    "https://id.example/tenant/a",
    "https://id.example/tenant/b",
    "https://id.example:8443",
    "https://id.example:8443/tenant/a",
  ]
  const jar: Jar = new Map()
  const doors = await Promise.all(issuers.map((issuer) => start(issuer)))
  for (const { signIn } of doors) {
    const { status, lines } = await signIn(jar)
    expect(status).toBe(303)
    for (const line of lines)
      expect(line).toMatch(/^__Host-grantlog-[\w-]+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure/)
  }
  expect(jar.size).toBe(2 * issuers.length)
  for (const { isSignedIn } of doors) expect(await isSignedIn(jar)).toBe(true)
})

test.each(["https://id.example/", "https://id.example/tenant/"])(
  "an issuer that ends in a slash is spelled so in every answer, and no address has two: %s",
  async (issuer) => {
    const { native, clock, handle, base, send, get, newApp } = await start(issuer)
    const path = new URL(issuer).pathname.replace(/\/$/, "")
    for (const wellKnown of wellKnownPaths(issuer)) {
      const answer = await handle(new Request(`https://id.example${wellKnown}`))
      const text = await answer.text()
      expect(JSON.parse(text)).toMatchObject({ issuer, authorization_endpoint: `${base}/authorize` })
      expect(text).not.toMatch(/[^:]\/\//)
    }
    expect((await get(new Map(), issuer)).text).toContain(`<code>${issuer}</code>`)

    const clientId = await newApp()
    const jar: Jar = new Map()
    const consentFor = async (state: string) => {
      const begun = await get(jar, base + authorizeUrl(clientId, { state }))
      const next = await get(jar, begun.location!)
      if (next.action === `${path}/consent`) return next
      const fields = { form: next.form, name: "alice", password: PASSWORD }
      return get(jar, (await send(jar, "POST", next.action!, fields)).location!)
    }
    for (const decision of ["allow", "deny"]) {
      const page = await consentFor(decision)
      clock.pass(1)
      const { location } = await send(jar, "POST", page.action!, { form: page.form, decision })
      expect(new URL(location!).searchParams.get("iss")).toBe(issuer)
    }
    const wrong = await get(jar, base + authorizeUrl(clientId, { scope: "openid" }))
    expect(new URL(wrong.location!).searchParams.get("iss")).toBe(issuer)

    const client = (await Effect.runPromise(native.findClient(clientId)))!
    const params = { codeChallenge: "c".repeat(43), redirectUri: REDIRECT_URI, redirectUriProvidedExplicitly: true }
    const address = await toOAuthProvider(native).authorize(client, params)
    expect(address.startsWith(`${base}/authorize?`)).toBe(true)
    for (const account of ["alice", undefined]) {
      const location = await toOAuthProvider(native, { approve: () => account }).authorize(client, params)
      expect(new URL(location).searchParams.get("iss")).toBe(issuer)
    }
  },
)

test.each(["https://id.example", "https://id.example/", "https://id.example/a", "https://id.example/a/"])(
  "whoever opens the issuer itself is led to their account: %s",
  async (issuer) => {
    const { get, base } = await start(issuer)
    const home = await get(new Map(), issuer)
    expect(home.status).toBe(200)
    expect(home.text).toContain(`href="${base}/account"`)
    expect((await get(new Map(), `${base}/account`)).status).toBe(200)
  },
)
