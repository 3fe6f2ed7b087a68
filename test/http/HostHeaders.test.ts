/** What a request says about where it went: believed for nothing, and by another name than the issuer's nobody is served. */
import { request } from "node:http"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { formOf, wireClient } from "../support/WireClient.ts"

interface Raw {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

/** A request whose every header is the test's own, `Host` included. */
const raw = (url: string, method: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode!, location: response.headers.location, text }))
    })
    sent.on("error", reject)
    sent.end(body)
  })

const start = async () => {
  const door = await startFrontDoor()
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const browser = newBrowser(door.issuer)
  const page = await browser.walk(authorizeUrl(app.clientId))
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ")
  return { ...door, app, browser, page, cookie }
}

const spoofed = {
  forwarded: "host=evil.example;proto=https",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-forwarded-port": "8443",
  "x-forwarded-prefix": "/evil",
  "x-forwarded-server": "evil.example",
  "x-original-url": "/evil",
  "x-rewrite-url": "/evil",
  "x-host": "evil.example",
}

test("A52: the issuer, its endpoints and every redirect come from the configuration, whatever headers say", async () => {
  const { issuer, app, cookie, page, browser, clock } = await start()
  const host = new URL(issuer).host
  const well = `${issuer}/.well-known/oauth-authorization-server`
  const honest = await raw(well, "GET", { host })
  for (const headers of [spoofed, { host: "evil.example" }, { ...spoofed, host: "evil.example" }]) {
    expect((await raw(well, "GET", { host, ...headers })).text).toBe(honest.text)
    const home = await raw(issuer, "GET", { host, ...headers })
    expect(home.text).toContain(issuer)
    expect(home.text).not.toMatch(/\bevil\b/)
  }
  const asked = await raw(issuer + authorizeUrl(app.clientId), "GET", { host, cookie, ...spoofed })
  expect(asked.location).toMatch(new RegExp(`^${issuer}/consent\\?`))
  const shown = await raw(asked.location!, "GET", { host, cookie, ...spoofed })
  expect(shown.text).not.toMatch(/\bevil\b/)
  const body = formOf({ form: browser.hidden(page)["form"]!, decision: "allow" }).toString()
  clock.pass(1)
  const given = await raw(`${issuer}/consent`, "POST", { host, cookie, origin: issuer, ...spoofed }, body)
  expect(new URL(given.location!).searchParams.get("iss")).toBe(issuer)
})

test("A53: a name that was made to point here is answered with no page, redirect, form or code, cookies or not", async () => {
  const { issuer, app, cookie, page, browser, native } = await start()
  const { port } = new URL(issuer)
  const form = browser.hidden(page)["form"]!
  const rebound = [
    `evil.example:${port}`,
    "evil.example",
    `localhost.evil.example:${port}`,
    `127.0.0.1:${port}`,
    "localhost",
  ]
  for (const host of rebound) {
    const headers = { host, cookie, origin: `http://${host}`, "sec-fetch-site": "same-origin" }
    const answers = [
      await raw(issuer + authorizeUrl(app.clientId), "GET", headers),
      await raw(`${issuer}/login`, "GET", headers),
      await raw(`${issuer}/account`, "GET", headers),
      await raw(`${issuer}/consent?request=x`, "GET", headers),
      await raw(`${issuer}/consent`, "POST", headers, formOf({ form, decision: "allow" }).toString()),
      await raw(`${issuer}/login`, "POST", headers, formOf({ form, name: "alice" }).toString()),
      await raw(`${issuer}/account`, "POST", headers, formOf({ form, action: "sign-out" }).toString()),
    ]
    for (const { status, location, text } of answers) {
      expect([host, status, location]).toEqual([host, 421, undefined])
      expect(text).not.toMatch(/<form|<input/)
    }
  }
  expect(await Effect.runPromise(native.grants({}))).toEqual([])
  expect((await browser.get("/account")).text).toContain("Sign out")
})
