/** The authorization request in between, from /authorize through login to consent: whole, however long, and nothing else. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { makeEndpoints } from "../../src/http/index.ts"
import { PASSWORD, authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { formOf, wireClient } from "../support/WireClient.ts"

const start = async () => {
  const door = await startFrontDoor()
  const app = await wireClient(door.issuer).newApp()
  return { ...door, app, browser: newBrowser(door.issuer) }
}

const allow = (browser: ReturnType<typeof newBrowser>, page: Sight) =>
  browser.submit(page, "/consent", { decision: "allow" })

const long = { state: "x".repeat(4096), resource: `https://notes.example/${"p".repeat(1500)}` }

test("the request is handed back however long it was allowed to be", async () => {
  const { browser, app } = await start()
  const login = await browser.follow(await browser.get(authorizeUrl(app.clientId, long)))
  const page = await browser.follow(await browser.signIn(login))
  const again = await browser.submit(page, "/consent", { decision: "switch" })
  const given = await allow(browser, await browser.follow(await browser.signIn(again)))
  expect(new URL(given.location!).searchParams.get("state")).toBe(long.state)
})

test("the request may be for many resources, which the form names twice", async () => {
  const { app, browser } = await start()
  const resources = Array.from({ length: 5 }, (_, index) => `https://notes.example/${index}${"p".repeat(1400)}`)
  const url = `${authorizeUrl(app.clientId)}&${formOf({ resource: resources })}`
  const page = await browser.follow(await browser.signIn(await browser.follow(await browser.get(url))))
  for (const resource of resources) expect(page.text).toContain(resource)
  expect((await allow(browser, page)).status).toBe(303)
})

test("the request is refused at once when it is more than can be carried", async () => {
  const { browser, app } = await start()
  const longer = authorizeUrl(app.clientId, { ...long, login_hint: "x".repeat(128), scope: "read ".repeat(600) })
  const told = await browser.get(longer)
  expect([told.status, told.location]).toEqual([400, undefined])
  expect(told.text).toContain("too long to be carried")
  await browser.signIn(await browser.get("/login"))
  expect(new URL((await browser.get(longer)).location!).searchParams.get("error")).toBe("invalid_request")
})

test("the request is nothing that somebody wrote beside it", async () => {
  const { browser, app, native, issuer } = await start()
  const begun = await browser.get(authorizeUrl(app.clientId))
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ")
  const { host, search } = new URL(begun.location!)
  const wire = { path: "/consent", headers: { host, cookie, origin: issuer }, body: "", source: "" }
  const ask = makeEndpoints(native)
  // As it is on the wire, where nothing keeps a sender from bytes that no address may have.
  const sent = { ...wire, method: "GET", query: `${search.slice(1)}&beside=\u00e9 \u{1F511}` }
  const login = await Effect.runPromise(ask(sent, "test"))
  const form = /name="form" value="([^"]+)"/.exec(login.body)![1]!
  const body = formOf({ form, name: "alice", password: PASSWORD }).toString()
  const on = await Effect.runPromise(ask({ ...wire, method: "POST", path: "/login", query: "", body }, "test"))
  expect(on.status).toBe(303)
  expect([...new URL(on.headers["location"]!).searchParams.keys()]).toEqual(["request", "signed-in"])
})
